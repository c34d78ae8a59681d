//! The card of a shop's assessment: what a shop manager reads in ten seconds.

use std::fmt::Write;
use std::io::IsTerminal;

use arrow::array::{Array, RecordBatch};
use arrow::util::display::array_value_to_string;

/// The rows of a table as texts; null is `None`.
pub struct Rows(Vec<RecordBatch>);

/// One row.
#[derive(Clone, Copy)]
struct Row<'a>(&'a RecordBatch, usize);

impl Rows {
    /// The rows of those batches.
    pub fn new(batches: Vec<RecordBatch>) -> Self {
        Rows(batches)
    }

    fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.0.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| Row(batch, row)))
    }
}

impl Row<'_> {
    fn text(&self, column: &str) -> Option<String> {
        let array = self.0.column_by_name(column).filter(|array| array.is_valid(self.1))?;
        array_value_to_string(array, self.1).ok()
    }

    fn number(&self, column: &str) -> Option<f64> {
        self.text(column)?.parse().ok()
    }

    fn is_same(&self, other: &Row<'_>, columns: &[&str]) -> bool {
        columns.iter().all(|column| self.text(column) == other.text(column))
    }
}

/// A cell and the colour that it is shown in.
struct Cell {
    text: String,
    colour: Option<&'static str>,
}

const GREEN: &str = "32";
const RED: &str = "31";
const YELLOW: &str = "33";

/// The cards of a shop: for each assessment its latest cycle. Empty where the shop has none.
pub fn cards(summary: &Rows, results: &Rows, shop: &str) -> String {
    let is_coloured = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let own: Vec<Row<'_>> = summary.iter().filter(|row| row.text("shop_id").as_deref() == Some(shop)).collect();
    let mut text = String::new();
    for (number, row) in own.iter().enumerate() {
        // Rows come by assessment and start.
        let is_latest = own.get(number + 1).is_none_or(|next| !next.is_same(row, &["assessment"]));
        if is_latest {
            let requirements: Vec<Row<'_>> =
                results.iter().filter(|result| result.is_same(row, &["assessment", "shop_id", "period_start"])).collect();
            card(row, &requirements, is_coloured, &mut text);
        }
    }
    text
}

fn card(row: &Row<'_>, requirements: &[Row<'_>], is_coloured: bool, text: &mut String) {
    let get = |column: &str| row.text(column).unwrap_or_default();
    let days = match row.number("days_left") {
        Some(left) if left > 0.0 => format!("{left:.0} days left"),
        _ => "over".to_owned(),
    };
    let _ = writeln!(text, "{}  shop {}  {}", get("assessment"), get("shop_id"), get("category"));
    let _ = writeln!(text, "{} to {}, {}, {}", get("period_start"), get("period_end"), days, get("phase"));
    let status = status(&get("status"));
    let projected = row.number("pass_probability").map(|share| format!(", passes with {}", percent(share))).unwrap_or_default();
    let worst = row.text("worst_metric").map(|metric| format!(", weakest: {metric}")).unwrap_or_default();
    let _ = writeln!(text, "{}{projected}{worst}\n", coloured(&status, status.text.len(), is_coloured).trim_end());
    let mut lines: Vec<Vec<Cell>> = vec![["requirement", "", "value", "threshold", "margin", "status", "until the end"].map(plain).into()];
    lines.extend(requirements.iter().map(line));
    let widths: Vec<usize> = (0..lines[0].len())
        .map(|at| lines.iter().filter_map(|line| line.get(at)).map(|cell| cell.text.chars().count()).max().unwrap_or(0))
        .collect();
    for line in lines {
        let cells: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| coloured(cell, *width, is_coloured)).collect();
        let _ = writeln!(text, "  {}", cells.join("  ").trim_end());
    }
    text.push('\n');
}

/// A requirement in a line.
fn line(row: &Row<'_>) -> Vec<Cell> {
    let get = |column: &str| row.text(column).unwrap_or_default();
    let unit = get("unit");
    let shown = |column: &str| row.number(column).map_or("-".to_owned(), |value| amount(value, &unit));
    let margin =
        row.number("margin").map_or("-".to_owned(), |margin| format!("{}{}", if margin > 0.0 { "+" } else { "" }, amount(margin, &unit)));
    let needed = row.number("needed").filter(|needed| *needed > 0.0).map(|needed| {
        let distance = row.number("value").zip(row.number("threshold_to_date")).map_or(0.0, |(value, threshold)| value - threshold);
        // Where less is better, a greater value has the smaller margin.
        let word = if row.number("margin").is_some_and(|margin| margin * distance < 0.0) { "at most" } else { "at least" };
        match get("needed_unit").as_str() {
            "CNY a day" => format!("needs {} a day", amount(needed, "CNY")),
            "items a day" => format!("needs {} items a day", amount(needed, "items")),
            "mean of the ratings to come" => format!("ratings to come: {word} {}", amount(needed, &unit)),
            _ => format!("days to come: {word} {}", amount(needed, &unit)),
        }
    });
    // What is missed is no longer at risk.
    let is_missed = get("status").ends_with("fail");
    let risk = row.text("at_risk_from").filter(|_| !is_missed).map(|day| format!("at risk from {day}"));
    let ahead = [row.text("reason"), row.text("consequence"), risk, needed].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let test = match get("test").as_str() {
        "at_least" => "at least",
        "at_most" => "at most",
        "not_bottom" => "not among the worst, from",
        "at_least_peer_mean" => "at least the peers' mean",
        "at_most_peer_mean" => "at most the peers' mean",
        _ => "",
    };
    // Of what accumulates, today's part of the threshold is what the margin is from.
    let threshold = if get("threshold") == get("threshold_to_date") {
        shown("threshold")
    } else {
        format!("{} of {}", shown("threshold_to_date"), shown("threshold"))
    };
    vec![
        plain(&get("metric")),
        plain(test),
        plain(&shown("value")),
        plain(&threshold),
        plain(&margin),
        status(&get("status")),
        plain(&ahead),
    ]
}

fn plain(text: &str) -> Cell {
    Cell { text: text.to_owned(), colour: None }
}

/// A status with a sign, for those who see no colours.
fn status(name: &str) -> Cell {
    let (sign, colour) = match name {
        "pass" | "running_pass" => ("✔", Some(GREEN)),
        "fail" | "running_fail" => ("✘", Some(RED)),
        "unknown" => ("?", Some(YELLOW)),
        _ => ("–", None),
    };
    Cell { text: format!("{sign} {}", name.replace('_', " ")), colour }
}

fn coloured(cell: &Cell, width: usize, is_coloured: bool) -> String {
    let padding = " ".repeat(width.saturating_sub(cell.text.chars().count()));
    match cell.colour.filter(|_| is_coloured) {
        Some(colour) => format!("\u{1b}[{colour}m{}\u{1b}[0m{padding}", cell.text),
        None => format!("{}{padding}", cell.text),
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// A number in its unit: shares in percent, money with thousands apart.
fn amount(value: f64, unit: &str) -> String {
    match unit {
        "1" => format!("{:.2} %", value * 100.0),
        "CNY" => {
            let whole = format!("{:.0}", value.abs());
            let groups: Vec<&str> = whole.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
            format!("{}{}", if value <= -0.5 { "-" } else { "" }, groups.join(" "))
        }
        _ => {
            let text = format!("{value:.2}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_read_them() {
        assert_eq!(amount(1_234_567.4, "CNY"), "1 234 567");
        assert_eq!(amount(-999.6, "CNY"), "-1 000");
        assert_eq!(amount(-0.2, "CNY"), "0");
        assert_eq!(amount(0.0312, "1"), "3.12 %");
        assert_eq!(amount(4.7, "points, 1 to 5"), "4.7");
        assert_eq!(amount(12.0, "points"), "12");
        assert_eq!(coloured(&status("running_fail"), 16, true), "\u{1b}[31m✘ running fail\u{1b}[0m  ");
    }
}
