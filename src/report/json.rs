//! Columns as JSON, in the shortest of four forms.

use std::fmt::Write;

/// `"cells":[…]`, a number or null for each row; `"runs":[cell,count,…]` for columns with repeated cells, such as keys; and for columns
/// without nulls the same two forms of the differences from row to row, the first one from 0: `"steps":[…]` and
/// `"step_runs":[step,count,…]`, for columns that count up, such as days and periods.
pub fn column(cells: &[Option<i64>]) -> String {
    let mut forms = vec![list("cells", cells.iter().copied()), list("runs", runs(cells))];
    if cells.iter().all(Option::is_some) {
        let mut before = 0;
        let steps: Vec<Option<i64>> = cells
            .iter()
            .flatten()
            .map(|cell| {
                let step = cell.wrapping_sub(before);
                before = *cell;
                Some(step)
            })
            .collect();
        forms.push(list("steps", steps.iter().copied()));
        forms.push(list("step_runs", runs(&steps)));
    }
    // The first one of equally short forms, so that the bytes are always the same.
    forms.into_iter().min_by_key(String::len).unwrap_or_default()
}

/// Each cell with the number of its repetitions.
fn runs(cells: &[Option<i64>]) -> impl Iterator<Item = Option<i64>> {
    let mut runs: Vec<(Option<i64>, i64)> = Vec::new();
    for cell in cells {
        match runs.last_mut() {
            Some((last, count)) if last == cell => *count += 1,
            _ => runs.push((*cell, 1)),
        }
    }
    runs.into_iter().flat_map(|(cell, count)| [cell, Some(count)])
}

fn list(name: &str, numbers: impl Iterator<Item = Option<i64>>) -> String {
    let mut text = format!("\"{name}\":[");
    for (place, number) in numbers.enumerate() {
        if place > 0 {
            text.push(',');
        }
        let _ = match number {
            Some(number) => write!(text, "{number}"),
            None => write!(text, "null"),
        };
    }
    text.push(']');
    text
}

/// A JSON document escaped for an HTML element: it contains no `<`, so no text of the data can end the element or begin a comment. In JSON,
/// `<` can only be part of a text, where `\u003c` means the same.
pub fn inside_html(document: &str) -> String {
    document.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_cells_are_counted() {
        assert_eq!(column(&[Some(7), Some(7), Some(7), Some(7), None, None, None]), r#""runs":[7,4,null,3]"#);
        assert_eq!(column(&[Some(1), None, Some(-3)]), r#""cells":[1,null,-3]"#);
        assert_eq!(column(&[]), r#""runs":[]"#);
    }

    #[test]
    fn cells_that_count_up_are_steps() {
        // Six days, then six again: one step from 0 to the first, five of 1, one back, five of 1.
        let days: Vec<Option<i64>> = (20_000..20_006).chain(20_000..20_006).map(Some).collect();
        assert_eq!(column(&days), r#""step_runs":[20000,1,1,5,-5,1,1,5]"#);
        assert_eq!(column(&[Some(100), Some(102), Some(103), Some(107)]), r#""steps":[100,2,1,4]"#);
    }

    #[test]
    fn no_text_ends_the_element() {
        let shop = "</script><b>&<!--";
        let document = serde_json::to_string(shop).unwrap();
        let inside = inside_html(&document);
        assert!(!inside.contains('<'), "{inside}");
        assert_eq!(serde_json::from_str::<String>(&inside).unwrap(), shop);
    }
}
