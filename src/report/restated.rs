//! What changed since the snapshot before: which rows of `restatements` stay, and what its metrics are called.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::cells::Texts;
use super::detail::Detail;
use super::restated_columns::TABLE;
use super::source::{PageSource, TablePart};
use crate::metric::assessed::ASSESSED;
use crate::table::catalogue;

/// The figures of a month by which managers know it.
const OF_MONTHS: [&str; 3] = ["paid_amount", "net_by_payment", "paying_customers"];

/// Which rows stay: of every shop in the list the figures by which managers know a month, and why nothing was compared; of shops with details
/// also the others, while there is room. Rows of values of a dimension are in the table alone: there may be thousands.
pub(super) fn kept(part: &TablePart, texts: &Texts, detail: &Detail) -> Vec<bool> {
    let text = |name: &str, row: usize| {
        let code = part.cell(name, row).and_then(|code| usize::try_from(code).ok());
        code.and_then(|code| texts.all().get(code)).map_or("", String::as_str)
    };
    let keep = |row: usize| {
        let shop = part.cell("shop_id", row);
        let is_first = match text("table", row) {
            "shop_periods" => text("grain", row) == "month" && OF_MONTHS.contains(&text("metric", row)),
            table => table.starts_with('('),
        };
        let is_wanted = detail.level.has_optional && !text("dimension", row).contains('=');
        detail.is_listed(shop) && (is_first || detail.is_detailed(shop) && is_wanted)
    };
    (0..part.rows).map(keep).collect()
}

/// What the metrics in the table are called in Chinese, by `table.metric`: the page has other columns of their tables, or none.
pub(super) fn names(source: &PageSource) -> Map<String, Value> {
    let Some(part) = source.part(TABLE) else { return Map::new() };
    let text = |name: &str, row: usize| {
        let code = part.cell(name, row).and_then(|code| usize::try_from(code).ok());
        code.and_then(|code| source.texts.all().get(code)).map(String::as_str)
    };
    let pairs: BTreeSet<(&str, &str)> = (0..part.rows).filter_map(|row| Some((text("table", row)?, text("metric", row)?))).collect();
    let chinese = |table: &str, metric: &str| {
        let of_column = catalogue::card(table).and_then(|card| Some(card.column(metric)?.chinese));
        of_column.or_else(|| ASSESSED.iter().find(|known| known.name == metric).map(|known| known.chinese))
    };
    let named = |(table, metric): (&str, &str)| Some((format!("{table}.{metric}"), json!(chinese(table, metric)?)));
    pairs.into_iter().filter_map(named).collect()
}
