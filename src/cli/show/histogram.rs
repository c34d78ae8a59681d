//! The histogram of repurchase intervals: one bar for each class of days.

use std::collections::BTreeSet;
use std::fmt::Write;

use arrow::array::RecordBatch;

use crate::cli::language::{add_line, padded_left, say};
use crate::metric::ratio::ratio;
use crate::table::read_back::{Row, rows};

/// Widths of classes in days. The first one that needs at most [`CLASSES`] classes is used.
const WIDTHS: [i64; 10] = [1, 2, 5, 7, 10, 14, 20, 30, 60, 90];
/// The largest number of classes, not counting the last one, which holds all longer intervals.
const CLASSES: i64 = 26;
/// The share of the intervals that the classes before the last one hold at least.
const SHOWN: f64 = 0.98;
/// Terminal columns of the longest bar, if there are as many, and of the text before it.
const BAR: usize = 50;
const HEAD: usize = 29;

/// The histogram of rows of interval_histogram: of the undivided customers, else of the first dimension value of the rows; of all intervals
/// together (`nth` 0), else of the smallest `nth` of these rows. `width` is the width of the terminal, if there is one.
pub fn histogram(batches: &[RecordBatch], width: Option<usize>) -> String {
    let key = |row: &Row<'_>| ["dimension", "dimension_value"].map(|column| row.text(column).unwrap_or_default());
    let groups: BTreeSet<[String; 2]> = rows(batches).map(|row| key(&row)).collect();
    let preferred = groups.iter().min_by_key(|[dimension, _]| dimension != "all");
    let Some(shown) = preferred else { return say("no interval matches") + "\n" };
    let all: Vec<[i64; 3]> = rows(batches)
        .filter(|row| key(row) == *shown)
        .filter_map(|row| Some([row.number("nth")? as i64, row.number("days")? as i64, row.number("intervals")? as i64]))
        .collect();
    let Some(nth) = all.iter().map(|[nth, ..]| *nth).min() else { return say("no interval matches") + "\n" };
    let own: Vec<(i64, i64)> = all.iter().filter(|[other, ..]| *other == nth).map(|[_, days, intervals]| (*days, *intervals)).collect();
    let longest_bar = width.map_or(BAR, |width| width.saturating_sub(HEAD).clamp(5, BAR));
    let last = last_shown(&own);
    let width = WIDTHS.into_iter().find(|width| (last - 1) / width < CLASSES).unwrap_or((last - 1) / CLASSES + 1);
    let mut classes = vec![0; ((last - 1) / width + 1) as usize];
    let mut longer = 0;
    for (days, intervals) in &own {
        match classes.get_mut(((days - 1) / width).max(0) as usize) {
            Some(class) => *class += intervals,
            None => longer += intervals,
        }
    }
    let total = classes.iter().sum::<i64>() + longer;
    let greatest = classes.iter().copied().fold(longer.max(1), i64::max);
    let [dimension, value] = shown;
    let of = if dimension == "all" { String::new() } else { format!(", {dimension} {value}") };
    let mut text = say(&match nth {
        0 => format!("{total} intervals between purchase days"),
        nth => format!("{total} intervals after purchase day {nth}"),
    });
    let heads = [("days", 9), ("intervals", 10), ("share", 7)].map(|(head, width)| padded_left(&say(head), width));
    let _ = writeln!(text, "{of}\n{}", heads.join(" "));
    let mut line = |label: String, intervals: i64| {
        let share = ratio(intervals, total).unwrap_or(0.0) * 100.0;
        let line = format!("{label:>9} {intervals:>10} {share:>6.1}% {}", bar(intervals, greatest, longest_bar));
        let _ = writeln!(text, "{}", line.trim_end());
    };
    for (number, intervals) in classes.iter().enumerate() {
        let from = number as i64 * width + 1;
        line(if width == 1 { from.to_string() } else { format!("{from}–{}", from + width - 1) }, *intervals);
    }
    if longer > 0 {
        line(format!("{}–", classes.len() as i64 * width + 1), longer);
    }
    if groups.len() > 1 && dimension != "all" {
        add_line(&mut text, &format!("one of {} divisions that match; --where \"dimension_value = '…'\" chooses another", groups.len()));
    }
    text
}

/// The day up to which classes are drawn. Without a limit, a few long intervals would push all others into one bar.
fn last_shown(own: &[(i64, i64)]) -> i64 {
    let total: i64 = own.iter().map(|(_, intervals)| intervals).sum();
    let mut own = own.to_vec();
    own.sort_unstable();
    let mut seen = 0;
    let shown = own.iter().find(|(_, intervals)| {
        seen += intervals;
        seen as f64 >= total as f64 * SHOWN
    });
    shown.map_or(1, |(days, _)| (*days).max(1))
}

/// A bar of blocks, to an eighth of a column. A value above zero has at least an eighth.
fn bar(value: i64, greatest: i64, longest: usize) -> String {
    const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let eighths = (value * longest as i64 * 8 / greatest).max(i64::from(value > 0)) as usize;
    let mut text = "█".repeat(eighths / 8);
    text.extend(EIGHTHS.get(eighths % 8).filter(|block| **block != ' '));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_by_hand() {
        assert_eq!(bar(4, 4, BAR), "█".repeat(50));
        assert_eq!(bar(1, 4, BAR), format!("{}▌", "█".repeat(12)));
        assert_eq!([bar(0, 4, BAR), bar(1, 1_000_000, BAR)], ["", "▏"]);
    }
}
