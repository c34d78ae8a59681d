//! shop_events: the days of promotions, holidays and other events of each shop, as the input events names them.

use std::sync::OnceLock;

use super::days::of_shop;
use crate::input::records::events::EventDay;
use crate::input::records::facts::Facts;
use crate::spec::{Day, NO_DAY, Need};
use crate::table::column::Value::{Date, Flag, Shop, Text};
use crate::table::column::column;
use crate::table::unit::{Table, Witness};

const SPECIFICATION: &str = "docs/definitions.md, Alerts";

/// A day of an event of a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    shop: u32,
    day: Day,
    event: String,
    is_of_all_shops: bool,
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "shop_events",
    chinese: "店铺活动日历",
    question: "On which days did a promotion, a holiday or another event change the business of each shop?",
    grain: "one event of a shop on one of its days, from the shop's first day in any input to the as-of date",
    key: &["shop_id", "date", "event"],
    needs: &[Need { input: "orders", column: "" }, Need { input: "events", column: "" }],
    uses: &[],
    reads: &[],
    columns: &[&[
        column("shop_id", Shop(|row: &Row| row.shop), "", "店铺", "The shop."),
        column("date", Date(|row: &Row| row.day), "date", "日期", "The local calendar day in the timezone of the job."),
        column(
            "event",
            Text(|row: &Row| Some(row.event.as_str())),
            "",
            "活动或事件",
            "The name of the event as the input events has it, without blanks around it.",
        )
        .source(SPECIFICATION),
        column(
            "is_of_all_shops",
            Flag(|row: &Row| Some(row.is_of_all_shops)),
            "",
            "是否全部店铺",
            "Whether the input names the event for all shops of the job. Otherwise it names this shop.",
        ),
    ]],
    rows: |night, out| out.all(rows(&night.facts, night.context.shops.len())),
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The rows of all shops, ascending by shop, day and event.
fn rows(facts: &Facts, shops: usize) -> Vec<Row> {
    let events = facts.events.as_deref().unwrap_or_default();
    // Those of all shops come first.
    let (of_all, of_single) = events.split_at(events.partition_point(|event| event.shop.is_none()));
    let mut rows = Vec::new();
    for shop in 0..shops as u32 {
        let first = facts.first_day(shop);
        if first == NO_DAY {
            continue;
        }
        let own = of_shop(of_single, shop, |event| event.shop.unwrap_or(u32::MAX));
        let is_known = |event: &&EventDay| event.day >= first;
        let row = |event: &EventDay| Row { shop, day: event.day, event: event.name.clone(), is_of_all_shops: event.shop.is_none() };
        let mut of_this: Vec<Row> = of_all.iter().chain(own).filter(is_known).map(row).collect();
        // Of an event that is named for all shops and for this one, the row of all shops comes first and stays.
        of_this.sort_by(|one, other| (one.day, &one.event, !one.is_of_all_shops).cmp(&(other.day, &other.event, !other.is_of_all_shops)));
        of_this.dedup_by(|later, earlier| (later.day, &later.event) == (earlier.day, &earlier.event));
        rows.extend(of_this);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::request::Request;
    use crate::table::testing::{assert_row, day, facts, made_with, text_shops};

    #[test]
    fn events_of_all_shops_are_those_of_each_from_its_first_day_on() {
        let context = text_shops(3, "2024-03-10");
        let mut facts = facts(&["2024-01-05", "2024-02-10", "2024-01-01"]);
        facts.first_days[2] = NO_DAY;
        let event = |shop, name: &str, date: &str| EventDay { shop, name: name.to_owned(), day: day(date) };
        facts.events = Some(vec![
            event(None, "fair", "2024-02-09"),
            event(None, "fair", "2024-02-10"),
            event(None, "new year", "2024-02-10"),
            event(Some(0), "fair", "2024-02-10"),
            event(Some(0), "stock-out", "2024-01-04"),
            event(Some(0), "stock-out", "2024-01-05"),
            event(Some(2), "stock-out", "2024-03-01"),
        ]);
        let table = made_with(&TABLE, &context, &facts, Request::NOTHING, &[&[]]);
        // Of shop a: stock-out on its first day and not before it, the fair twice, new year; of b the two of 10 February; of c, which has
        // no day, nothing.
        assert_eq!(table.num_rows(), 6);
        assert_row(&table, &["a", "2024-01-05", "stock-out"], &[("is_of_all_shops", "false")]);
        assert_row(&table, &["a", "2024-02-09", "fair"], &[("is_of_all_shops", "true")]);
        assert_row(&table, &["a", "2024-02-10", "fair"], &[("is_of_all_shops", "true")]);
        assert_row(&table, &["a", "2024-02-10", "new year"], &[("is_of_all_shops", "true")]);
        assert_row(&table, &["b", "2024-02-10", "fair"], &[("is_of_all_shops", "true")]);
        assert_row(&table, &["b", "2024-02-10", "new year"], &[("is_of_all_shops", "true")]);
    }
}
