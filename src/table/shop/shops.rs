//! shops: every shop of the run with its name, and how far its data reach.

use std::sync::OnceLock;

use super::days::of_shop;
use crate::history::Context;
use crate::input::records::facts::{Facts, LastDays, Shop};
use crate::spec::{Day, NO_DAY, Need};
use crate::table::column::Value::{self, Count, Date, Text};
use crate::table::column::column;
use crate::table::unit::{Table, Witness};

/// When nobody knows what people call a shop.
pub const UNNAMED: &str = "the job has no input shops, it maps no name, or it names none for the shop";

const SPECIFICATION: &str = "docs/definitions.md, Freshness";

/// A shop.
pub struct Row {
    shop: u32,
    stated: Option<Shop>,
    first: Day,
    last: Day,
    orders_last: Day,
    as_of: Day,
}

/// What people call a shop; `None` where the shops input does not say it.
pub fn name_of(facts: &Facts, shop: u32) -> Option<&str> {
    stated_of(facts, shop).and_then(|stated| said(&stated.name))
}

/// The row of a shop in the shops input.
fn stated_of(facts: &Facts, shop: u32) -> Option<&Shop> {
    of_shop(facts.shops.as_deref().unwrap_or_default(), shop, |stated| stated.shop).first()
}

/// A text of the shops input, if it says anything.
fn said(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

impl Row {
    fn stated(&self, text: fn(&Shop) -> &Option<String>) -> Option<&str> {
        said(text(self.stated.as_ref()?))
    }

    fn orders_days_behind(&self) -> Option<i64> {
        (self.orders_last != NO_DAY).then(|| i64::from(self.as_of) - i64::from(self.orders_last))
    }
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "shops",
    chinese: "店铺档案",
    question: "Which shops are there, what are they called, and how recent are their data?",
    grain: "one shop of any input",
    key: &["shop_id"],
    needs: &[Need { input: "orders", column: "" }],
    uses: &[],
    reads: &[],
    columns: &[&[
        column("shop_id", Value::Shop(|row| row.shop), "", "店铺", "The shop."),
        column("name", Text(|row: &Row| row.stated(|shop| &shop.name)), "", "店铺名称", "What people call the shop.").null_when(UNNAMED),
        column("category", Text(|row: &Row| row.stated(|shop| &shop.category)), "", "主营类目", "The shop's main category.")
            .null_when("the job has no input shops, it maps no category, or it names none for the shop"),
        column(
            "shop_group",
            Text(|row: &Row| row.stated(|shop| &shop.group)),
            "",
            "店铺分组",
            "The brand, company or agency to which the shop belongs with others.",
        )
        .null_when("the job has no input shops, it maps no shop_group, or it names none for the shop"),
        column(
            "opened_on",
            Date(|row: &Row| row.stated.as_ref().map_or(NO_DAY, |shop| shop.opened)),
            "date",
            "开店日期",
            "The day on which the shop entered the platform.",
        )
        .null_when("the job has no input shops, it maps no opened_at, or it names none for the shop"),
        column(
            "first_day",
            Date(|row: &Row| row.first),
            "date",
            "数据起始日",
            "The first day with anything of the shop in any input: placed, applied for, rated, or the day of the row. Figures of whole \
             months or periods name no day.",
        )
        .null_when("no input has a day of the shop"),
        column(
            "last_day",
            Date(|row: &Row| row.last),
            "date",
            "数据截止日",
            "The day of the shop's newest event in any input that the as-of date knows: placed or paid, applied for or refunded, rated, or \
             the day of the row. Figures of whole months or periods name no day.",
        )
        .null_when("no input has a day of the shop")
        .source(SPECIFICATION),
        column(
            "orders_last_day",
            Date(|row: &Row| row.orders_last),
            "date",
            "订单最新日期",
            "The day on which the shop's newest order was placed or paid, as far as the as-of date knows.",
        )
        .null_when("the shop has no order")
        .source(SPECIFICATION),
        column(
            "orders_days_behind",
            Count(|row: &Row| row.orders_days_behind()),
            "days",
            "订单滞后天数",
            "Days from the newest order to the as-of date. 0 is an order on that very day; more than the shop's usual pauses is a missing \
             export rather than a shop without sales.",
        )
        .formula("as-of date − orders_last_day")
        .null_when("the shop has no order")
        .source(SPECIFICATION),
    ]],
    rows: |night, out| out.all(rows(&night.context, &night.facts)),
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// All shops, ascending by code.
fn rows(context: &Context, facts: &Facts) -> Vec<Row> {
    let row = |shop: u32| {
        let unknown = LastDays { any: NO_DAY, orders: NO_DAY };
        let last = facts.last_days.get(shop as usize).copied().unwrap_or(unknown);
        Row {
            shop,
            stated: stated_of(facts, shop).cloned(),
            first: facts.first_day(shop),
            last: last.any,
            orders_last: last.orders,
            as_of: context.as_of,
        }
    };
    (0..context.shops.len() as u32).map(row).collect()
}

#[cfg(test)]
mod tests {
    use arrow::record_batch::RecordBatch;

    use super::*;
    use crate::table::request::Request;
    use crate::table::testing::{assert_row, day, facts, made, made_with, text_shops};

    fn table() -> RecordBatch {
        let context = text_shops(4, "2024-03-10");
        let mut facts = facts(&["2024-01-05", "2024-02-01", "2024-03-01", "2024-01-01"]);
        facts.first_days[3] = NO_DAY;
        let text = |text: &str| Some(text.to_owned());
        let named = |shop, name| Shop { shop, name: text(name), category: None, group: None, opened: NO_DAY, annual_target: None };
        facts.shops = Some(vec![
            Shop { category: text("tea"), group: text("north"), opened: day("2023-12-24"), ..named(0, "Leaf & Co") },
            Shop { group: text(""), ..named(3, "Closed") },
        ]);
        let last = |any, orders| LastDays { any: day(any), orders };
        facts.last_days = vec![
            last("2024-03-09", day("2024-03-08")),
            last("2024-03-10", day("2024-03-10")),
            last("2024-03-02", NO_DAY),
            LastDays { any: NO_DAY, orders: NO_DAY },
        ];
        made_with(&TABLE, &context, &facts, Request::NOTHING, &[&[]])
    }

    #[test]
    fn four_shops_by_hand() {
        let table = table();
        assert_eq!(table.num_rows(), 4);
        assert_row(
            &table,
            &["a"],
            &[
                ("name", "Leaf & Co"),
                ("category", "tea"),
                ("shop_group", "north"),
                ("opened_on", "2023-12-24"),
                ("first_day", "2024-01-05"),
                ("last_day", "2024-03-09"),
                ("orders_last_day", "2024-03-08"),
                ("orders_days_behind", "2"),
            ],
        );
        // An order on the as-of date itself, and no word of it in the shops input.
        let unnamed = [("name", "-"), ("category", "-"), ("opened_on", "-")];
        assert_row(&table, &["b"], &[unnamed.as_slice(), &[("last_day", "2024-03-10"), ("orders_days_behind", "0")]].concat());
        // Visitors without an order.
        let no_orders = [("orders_last_day", "-"), ("orders_days_behind", "-")];
        assert_row(&table, &["c"], &[no_orders.as_slice(), &[("first_day", "2024-03-01"), ("last_day", "2024-03-02")]].concat());
        // A shop of which only the shops input and a month know.
        assert_row(
            &table,
            &["d"],
            &[no_orders.as_slice(), &[("name", "Closed"), ("shop_group", "-"), ("first_day", "-"), ("last_day", "-")]].concat(),
        );
    }

    #[test]
    fn a_shop_has_a_name_where_the_input_says_one() {
        let mut facts = facts(&["2024-01-05", "2024-02-01"]);
        assert_eq!(name_of(&facts, 0), None);
        let named =
            |shop, name: &str| Shop { shop, name: Some(name.to_owned()), category: None, group: None, opened: NO_DAY, annual_target: None };
        facts.shops = Some(vec![named(0, "Leaf & Co"), named(1, "")]);
        assert_eq!([0, 1, 2].map(|shop| name_of(&facts, shop)), [Some("Leaf & Co"), None, None]);
    }

    #[test]
    fn without_any_input_beside_orders_every_shop_has_its_row() {
        let table = made(&TABLE, &text_shops(2, "2024-03-10"), &[]);
        assert_eq!(table.num_rows(), 2);
        assert_row(&table, &["b"], &[("name", "-"), ("first_day", "-"), ("last_day", "-"), ("orders_days_behind", "-")]);
    }
}
