//! The heat map of retention: one line for each cohort, one column for each period, coloured by the retention rate.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use arrow::array::RecordBatch;

use super::paint::{Ground, Paint};
use crate::cli::language::{add_line, padded, padded_left, say};
use crate::table::read_back::{Row, rows};

/// Columns that a cell takes.
const CELL: usize = 7;
/// Columns before the first cell.
const HEAD: usize = 23;
/// The number of cohorts shown, the latest ones.
const COHORTS: usize = 36;

/// The cells of a cohort by period.
type Line<'a> = BTreeMap<i64, Row<'a>>;

/// The heat map of rows of cohort_retention: of the undivided cohorts by month, else of the first division and grain of the rows.
/// `width` is the width of the terminal, if there is one.
pub fn heat_map(batches: &[RecordBatch], width: Option<usize>, paint: Paint) -> String {
    let key = |row: &Row<'_>| ["dimension", "dimension_value", "grain"].map(|column| row.text(column).unwrap_or_default());
    let groups: BTreeSet<[String; 3]> = rows(batches).map(|row| key(&row)).collect();
    let preferred = groups.iter().min_by_key(|[dimension, value, grain]| (dimension != "all", value != "all", grain != "month"));
    let Some(shown) = preferred else { return say("no cohort matches") + "\n" };
    let mut cohorts: BTreeMap<String, Line<'_>> = BTreeMap::new();
    for row in rows(batches).filter(|row| key(row) == *shown) {
        if let (Some(cohort), Some(period)) = (row.text("cohort"), row.number("period")) {
            cohorts.entry(cohort).or_default().insert(period as i64, row);
        }
    }
    let left_out = cohorts.len().saturating_sub(COHORTS);
    let lines: Vec<(&String, &Line<'_>)> = cohorts.iter().skip(left_out).collect();
    let last = lines.iter().filter_map(|(_, line)| line.keys().last()).max().copied().unwrap_or(0);
    let periods = width.map_or(last, |width| last.min((width.saturating_sub(HEAD) / CELL).max(1) as i64));
    let greatest = lines.iter().flat_map(|(_, line)| line.range(1..=periods)).filter_map(|(_, row)| row.number("retention_rate"));
    let greatest = greatest.fold(0.0, f64::max);

    let [dimension, value, grain] = shown;
    let mut text = say(&format!("retention_rate in percent, by {grain} since the first purchase"));
    let _ = if dimension == "all" { writeln!(text) } else { writeln!(text, ", {dimension} {value}") };
    let _ = write!(text, "{}{}", padded(&say("cohort"), 12), padded_left(&say("customers"), 11));
    (1..=periods).for_each(|period| {
        let _ = write!(text, "{:>1$} ", period, CELL - 1);
    });
    text.push('\n');
    let (mut has_truncated, mut has_running) = (false, false);
    for (cohort, line) in lines {
        let any = line.values().next();
        let is_truncated = any.is_some_and(|row| row.text("is_left_truncated").as_deref() == Some("true"));
        has_truncated |= is_truncated;
        let size = any.and_then(|row| row.text("cohort_size")).unwrap_or_default();
        let _ = write!(text, "{:<12}{size:>11}", format!("{cohort}{}", if is_truncated { "<" } else { "" }));
        for period in 1..=periods {
            let Some(row) = line.get(&period) else {
                // A period that has not begun, or whose row was not selected.
                if line.range(period..).next().is_none() {
                    break;
                }
                text += &" ".repeat(CELL);
                continue;
            };
            let is_running = row.text("is_complete").as_deref() == Some("false");
            has_running |= is_running;
            let rate = row.number("retention_rate").unwrap_or(0.0);
            let cell = format!("{:.1}{}", rate * 100.0, if is_running { "*" } else { " " });
            text += &paint.ground(&format!("{cell:>CELL$}"), if is_running { Ground::None } else { Ground::of(rate, greatest) });
        }
        text.push('\n');
    }
    if has_truncated {
        add_line(&mut text, "< may hold customers who bought before the data begin (is_left_truncated)");
    }
    if has_running {
        add_line(&mut text, "* the period still runs (is_complete = false)");
    }
    if last > periods {
        add_line(&mut text, &format!("periods {} to {last} do not fit the terminal", periods + 1));
    }
    if groups.len() > 1 && (dimension != "all" || grain != "month") {
        let of = groups.len();
        let hint = format!("one of {of} divisions that match; --where \"dimension_value = '…'\" or \"grain = '…'\" chooses another");
        add_line(&mut text, &hint);
    }
    if left_out > 0 {
        add_line(&mut text, &format!("{left_out} older cohorts are left out"));
    }
    text
}
