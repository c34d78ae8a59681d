//! The card of a shop's assessment, made to be read in ten seconds.

use std::fmt::Write;

use arrow::array::RecordBatch;
use unicode_width::UnicodeWidthStr;

use super::paint::{Ink, Paint};
use crate::cli::language::{add_line, say};
use crate::metric::assessed::best_of;
use crate::metric::peers::Best;
use crate::spec::currency::{CNY, is_currency};
use crate::spec::period::parse_day;
use crate::table::read_back::{Row, rows};

/// Whether a row is of a cycle that began within the last [`YOUNG_DAYS`] days.
fn is_young(row: &Row<'_>) -> bool {
    let day = |column: &str| row.text(column).and_then(|text| parse_day(&text));
    let days = day("period_start").zip(day("period_end")).map(|(start, end)| f64::from(end - start + 1));
    days.zip(row.number("days_left")).is_some_and(|(days, left)| left > 0.0 && days - left <= YOUNG_DAYS)
}

/// Days for which the previous cycle is shown beside the current one.
const YOUNG_DAYS: f64 = 31.0;

/// A cell and the colour of its letters.
struct Cell {
    text: String,
    ink: Option<Ink>,
}

/// The cards of a shop: the latest cycle of each assessment. Empty if the shop has none.
pub fn cards(summary: &[RecordBatch], results: &[RecordBatch], shop: &str, shop_name: Option<&str>, paint: Paint) -> String {
    let own: Vec<Row<'_>> = rows(summary).filter(|row| row.text("shop_id").as_deref() == Some(shop)).collect();
    let mut text = String::new();
    for (number, row) in own.iter().enumerate() {
        // Rows are sorted by assessment and start. A young cycle is shown with the previous one, which is still being judged.
        let next = own.get(number + 1).filter(|next| next.is_same(row, &["assessment"]));
        let is_last = next.is_none();
        let is_judged_now =
            next.is_some_and(|next| is_young(next) && !own.get(number + 2).is_some_and(|after| after.is_same(row, &["assessment"])));
        if is_last || is_judged_now {
            let requirements: Vec<Row<'_>> =
                rows(results).filter(|result| result.is_same(row, &["assessment", "shop_id", "period_start"])).collect();
            card(row, shop_name, &requirements, paint, &mut text);
        }
    }
    text
}

/// `shop 58501001`, and its name where it is known.
pub fn shop_in_words(shop: &str, name: Option<&str>) -> String {
    let shop = say(&format!("shop {shop}"));
    name.map_or(shop.clone(), |name| format!("{shop} {name}"))
}

fn card(row: &Row<'_>, shop_name: Option<&str>, requirements: &[Row<'_>], paint: Paint, text: &mut String) {
    let get = |column: &str| row.text(column).unwrap_or_default();
    let days = match row.number("days_left") {
        Some(left) if left > 0.0 => say(&format!("{left:.0} days left")),
        _ => say("complete"),
    };
    let shop = shop_in_words(&get("shop_id"), shop_name);
    let title = format!("{}  {shop}  {}", get("assessment"), get("category"));
    let _ = writeln!(text, "{}", title.trim_end());
    let cycle = say(&format!("{} to {}", get("period_start"), get("period_end")));
    let _ = writeln!(text, "{cycle}, {days}, {}", say(&get("phase")));
    let status = status(&get("status"));
    let projected = row.number("pass_probability").map(|share| say(&format!(", passes with {}", percent(share)))).unwrap_or_default();
    let worst = row.text("worst_metric").map(|metric| say(&format!(", weakest: {metric}"))).unwrap_or_default();
    let _ = writeln!(text, "{}{projected}{worst}\n", coloured(&status, 0, paint));
    if requirements.is_empty() {
        add_line(text, "  no details: the snapshot has no assessment_results, because the job's `tables` leaves it out");
        text.push('\n');
        return;
    }
    let mut lines: Vec<Vec<Cell>> = vec![["requirement", "", "value", "threshold", "margin", "status", "until the end"].map(said).into()];
    lines.extend(requirements.iter().map(line));
    let widths: Vec<usize> = (0..lines[0].len())
        .map(|at| lines.iter().filter_map(|line| line.get(at)).map(|cell| cell.text.width()).max().unwrap_or(0))
        .collect();
    for line in lines {
        let cells: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| coloured(cell, *width, paint)).collect();
        let _ = writeln!(text, "  {}", cells.join("  ").trim_end());
    }
    text.push('\n');
}

/// The line of a requirement.
fn line(row: &Row<'_>) -> Vec<Cell> {
    let get = |column: &str| row.text(column).unwrap_or_default();
    let unit = get("unit");
    let shown = |column: &str| row.number(column).map_or("-".to_owned(), |value| amount(value, &unit));
    let margin =
        row.number("margin").map_or("-".to_owned(), |margin| format!("{}{}", if margin > 0.0 { "+" } else { "" }, amount(margin, &unit)));
    let is_upper = match get("test").as_str() {
        "at_most" | "at_most_peer_mean" => true,
        "not_bottom" => best_of(&get("metric")) == Best::Least,
        _ => false,
    };
    let is_missed = get("status") == "running_fail";
    let needed = row.number("needed").filter(|needed| is_upper || *needed > 0.0).map(|needed| {
        let word = if is_upper { "at most" } else { "at least" };
        match get("needed_unit").as_str() {
            unit if unit.strip_suffix(" a day").is_some_and(is_currency) => {
                let currency = unit.trim_end_matches(" a day");
                let shown = if currency == CNY { "yuan" } else { currency };
                format!("needs {} {shown} a day", amount(needed, currency))
            }
            "items a day" => format!("needs {} items a day", amount(needed, "items")),
            "mean of the ratings to come" => format!("ratings to come: {word} {}", amount(needed, &unit)),
            _ => format!("days to come: {word} {}", amount(needed, &unit)),
        }
    });
    // A requirement that is missed is no longer at risk.
    let risk = row.text("at_risk_from").filter(|_| !is_missed).map(|day| format!("at risk from {day}"));
    let lost = (is_missed && row.number("pass_probability") == Some(0.0) && needed.is_none()).then(|| "out of reach".to_owned());
    let outlook = [row.text("reason"), row.text("consequence"), risk, lost, needed].into_iter().flatten();
    let outlook = outlook.map(|part| say(&part)).collect::<Vec<_>>().join(", ");
    let test = match get("test").as_str() {
        "at_least" => "at least",
        // A level is reached as soon as its points are.
        "at_most" if row.number("level").is_some() => "below",
        "at_most" => "at most",
        "not_bottom" => "not among the worst, from",
        "at_least_peer_mean" => "at least the peers' mean",
        "at_most_peer_mean" => "at most the peers' mean",
        _ => "",
    };
    // For a measure that accumulates, the margin is the distance to today's part of the threshold.
    let threshold = if get("threshold") == get("threshold_to_date") {
        shown("threshold")
    } else {
        format!("{} of {}", shown("threshold_to_date"), shown("threshold"))
    };
    vec![
        plain(&get("metric")),
        said(test),
        plain(&shown("value")),
        said(&threshold),
        plain(&margin),
        status(&get("status")),
        plain(&outlook),
    ]
}

/// A cell of words of this program.
fn said(text: &str) -> Cell {
    plain(&say(text))
}

fn plain(text: &str) -> Cell {
    Cell { text: text.to_owned(), ink: None }
}

/// A status with a sign, so that it can be read without colours.
fn status(name: &str) -> Cell {
    let (sign, ink) = match name {
        "pass" | "running_pass" => ("✔", Some(Ink::Green)),
        "fail" | "running_fail" => ("✘", Some(Ink::Red)),
        "unknown" => ("?", Some(Ink::Yellow)),
        _ => ("–", None),
    };
    let words = match name {
        "running_pass" => "running pass",
        "running_fail" => "running fail",
        "not_applicable" => "not applicable",
        other => other,
    };
    Cell { text: format!("{sign} {}", say(words)), ink }
}

/// A cell, padded with blanks to a width in terminal columns. A Chinese character takes two.
fn coloured(cell: &Cell, width: usize, paint: Paint) -> String {
    paint.ink(&cell.text, cell.ink) + &" ".repeat(width.saturating_sub(cell.text.width()))
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// A number in its unit: shares in percent, money with separated thousands.
fn amount(value: f64, unit: &str) -> String {
    match unit {
        "1" => format!("{:.2} %", value * 100.0),
        "hours" => format!("{value:.1} h"),
        money if is_currency(money) && value != 0.0 && value.abs() < 100.0 => format!("{value:.2}"),
        money if is_currency(money) => {
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
        assert_eq!([amount(-0.2, "CNY"), amount(0.0, "CNY")], ["-0.20", "0"]);
        assert_eq!(amount(-999.6, "EUR"), "-1 000");
        assert_eq!(amount(0.0312, "1"), "3.12 %");
        assert_eq!(amount(4.7, "points, 1 to 5"), "4.7");
        assert_eq!(amount(12.0, "points"), "12");
        assert_eq!(coloured(&status("running_fail"), 16, Paint::for_output()).trim_end(), "✘ running fail");
        assert_eq!(coloured(&plain("女鞋"), 6, Paint::for_output()), "女鞋  ");
    }
}
