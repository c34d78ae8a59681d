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

#[cfg(test)]
mod tests {
    use super::super::tests::{Row, row, snapshot};
    use super::*;
    use crate::table::restatement::restatements;
    use crate::table::shop::periods;
    use crate::table::unit::AnyTable;

    fn figure(shop: &str, table: &str, metric: &str, dimension: &str) -> Row {
        let texts = [
            ("shop_id", shop),
            ("table", table),
            ("metric", metric),
            ("grain", "month"),
            ("period_start", "2026-10-01"),
            ("dimension", dimension),
            ("cause", "other"),
        ];
        row(&texts, &[("old", 1.0), ("new", 2.0)])
    }

    /// Shop 1 has sold more than shop 2.
    #[test]
    fn what_managers_ask_stays_longest_and_values_of_dimensions_are_not_there() {
        let place = tempfile::tempdir().expect("a folder");
        let month = |shop, paid| {
            let texts = [("shop_id", shop), ("grain", "month"), ("period_start", "2026-10-01")];
            row(&texts, &[("paid_amount", paid)])
        };
        let rows = vec![
            figure("2", "(job)", "changed_job", "all"),
            figure("2", "assessment_results", "refund_hours", "tmall_annual"),
            figure("1", "cohort_retention", "active_customers", "channel=paid, period 1"),
            figure("1", "cohort_retention", "active_customers", "period 1"),
            figure("1", "shop_periods", "paid_amount", "all"),
            figure("2", "shop_periods", "paying_customers", "all"),
        ];
        let months = vec![month("1", 900.0), month("2", 100.0)];
        let tables = [(periods::TABLE.card(), months), (restatements::TABLE.card(), rows)];
        let snapshot = snapshot(place.path(), "2026-11-21", &tables);
        let source = PageSource::read(&snapshot).expect("the tables of the snapshot");
        let part = source.part(TABLE).expect("the table");
        let full = Detail::full(&source, snapshot.manifest.as_of);
        let stay = |detail: &Detail| kept(part, &source.texts, detail);
        assert_eq!(stay(&full), [true, true, false, true, true, true]);
        let lower: Vec<Detail> = std::iter::successors(full.less(), Detail::less).collect();
        let first = |holds: &dyn Fn(&Detail) -> bool| lower.iter().find(|detail| holds(detail)).map(stay);
        // Without room there is what managers ask, also of shops without details, and at last the shop that sold most.
        let asked = Some(vec![true, false, false, false, true, true]);
        assert_eq!(first(&|detail| !detail.level.has_optional), asked);
        assert_eq!(first(&|detail| detail.shops == 1), asked);
        assert_eq!(first(&|detail| detail.listed == 1), Some(vec![false, false, false, false, true, false]));
        let names = names(&source);
        assert_eq!(names["shop_periods.paid_amount"], "支付金额");
        // A metric of assessments is no column.
        assert_eq!(names["assessment_results.refund_hours"], "平均退款时长");
        assert!(!names.contains_key("(job).changed_job"));
    }
}
