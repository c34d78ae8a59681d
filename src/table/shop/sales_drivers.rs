//! sales_drivers: why sales changed (四个公式), by an exact attribution of the change to visitors, conversion, mix, frequency, basket and
//! price.

use std::sync::OnceLock;

use super::driver_columns::*;
use super::driver_spans::{Change, Compared, DriverDays};
use super::period_columns::{GRAIN, PERIOD_START};
use crate::fold::paying_groups::PAYING_GROUPS;
use crate::metric::sales_drivers::Effects;
use crate::spec::{Grain, Need};
use crate::table::column::Value::{self, Count, Date, Flag, Money, Shop, Text};
use crate::table::column::{ValueColumn, column, same};
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

/// A period of a shop.
pub struct Row {
    shop: u32,
    grain: Grain,
    compared: Compared,
    /// The change since the period before.
    change: Option<Change>,
    /// The change since the period a year before.
    change_vs_year_ago: Option<Change>,
}

impl ComparedRow for Row {
    fn compared(&self) -> &Compared {
        &self.compared
    }
}

impl Row {
    fn new(shop: u32, grain: Grain, compared: Compared) -> Row {
        let Compared { now, before, year_ago, .. } = &compared;
        let (change, change_vs_year_ago) = (before.map(|before| now.since(&before)), year_ago.map(|year_ago| now.since(&year_ago)));
        Row { shop, grain, compared, change, change_vs_year_ago }
    }

    fn effect(&self, of: fn(&Effects) -> i64) -> Option<i64> {
        self.change?.effects.as_ref().map(of)
    }

    fn effect_vs_year_ago(&self, of: fn(&Effects) -> i64) -> Option<i64> {
        self.change_vs_year_ago?.effects.as_ref().map(of)
    }
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "sales_drivers",
    chinese: "支付金额变动归因",
    question: "Why did sales change: visitors, conversion, new and returning customers, or what a customer buys?",
    grain: "one shop, grain and period that has a day between the first day with anything of the shop in any input and the as-of \
         date",
    key: &["shop_id", "grain", "period_start"],
    needs: &[Need { input: "orders", column: "customer_id" }, Need { input: "traffic", column: "uv" }],
    uses: &[],
    reads: &[Read::Fold(&PAYING_GROUPS)],
    columns: &[
        &PERIOD,
        &shop_columns::<Now, Row>(&SHOP),
        &group_columns::<Now, New, Row>(&NEW_CUSTOMERS),
        &group_columns::<Now, Returning, Row>(&RETURNING_CUSTOMERS),
        &shop_columns::<Before, Row>(&SHOP_BEFORE),
        &group_columns::<Before, New, Row>(&NEW_CUSTOMERS_BEFORE),
        &group_columns::<Before, Returning, Row>(&RETURNING_CUSTOMERS_BEFORE),
        &EFFECTS,
        &EFFECTS_VS_YEAR_AGO,
    ],
    rows: |night, out| {
        let (context, groups) = (&night.context, night.fold(&PAYING_GROUPS)?);
        for shop in 0..context.shops.len() as u32 {
            let Some(days) = DriverDays::of(context, &groups, &night.facts, shop) else { continue };
            for grain in context.params.periods() {
                out.all(days.periods(grain).map(|compared| Row::new(shop, grain, compared)))?;
            }
        }
        Ok(())
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The period and its days.
static PERIOD: [ValueColumn<Row>; 5] = [
    column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
    same(GRAIN, Text(|row| Some(row.grain.name()))),
    same(PERIOD_START, Date(|row| row.compared.start)),
    column(
        "is_complete",
        Flag(|row| Some(row.compared.is_complete)),
        "",
        "是否完整",
        "Whether the whole period lies between the first day of the shop in any input and the as-of date.",
    ),
    column(
        "compared_days",
        Count(|row| Some(row.compared.days)),
        "days",
        "对比天数",
        "The days of the period that the row is about: of a complete period all; of one that runs those up to the as-of date, but no \
         more than the period before has; of the shop's first one those from the shop's first day on. A complete period is compared \
         with the whole period before, one that runs with the same number of days of it.",
    ),
];

const SOURCE: &str = "docs/definitions.md, Sales drivers";
const NO_EFFECT: &str =
    "the period before is not there or not complete, or one of both has no day with a UV, or was paid an amount without any visitor";
const NO_YEAR_AGO: &str = "the period a year before is not there or not complete";
const NO_EFFECT_VS_YEAR_AGO: &str =
    "the period a year before is not there or not complete, or one of both has no day with a UV, or was paid an amount without any visitor";

const fn effect(name: &'static str, value: Value<Row>, chinese: &'static str, definition: &'static str) -> ValueColumn<Row> {
    column(name, value, "CNY", chinese, definition).source(SOURCE).null_when(NO_EFFECT)
}

/// The change since the period before, and what made it.
static EFFECTS: [ValueColumn<Row>; 8] = [
    column(
        "change",
        Money(|row: &Row| Some(row.change?.amount)),
        "CNY",
        "支付金额变动",
        "By how much more was paid than in the period before. The effects that follow add up to it to the fen.",
    )
    .formula("paid_amount - paid_amount_before")
    .null_when(NO_PERIOD_BEFORE),
    effect(
        "traffic_effect",
        Money(|row: &Row| row.effect(|effects| effects.traffic)),
        "流量影响",
        "The part of change that comes from more or fewer visitors. Where visitors came in one of both periods only, it is all that the \
         factors explain.",
    )
    .formula("Σ L(amount, amount_before) × ln(visitors / visitors_before)"),
    effect(
        "conversion_effect",
        Money(|row: &Row| row.effect(|effects| effects.conversion)),
        "转化率影响",
        "The part of change that comes from a higher or lower conversion. Where visitors came in both periods and somebody paid in one \
         of them only, it is all that the factors explain.",
    )
    .formula("Σ L(amount, amount_before) × ln(conversion / conversion_before)"),
    effect(
        "mix_effect",
        Money(|row: &Row| row.effect(|effects| effects.mix)),
        "新老客结构影响",
        "The part of change that comes from other shares of new and returning customers. A group that paid in one of both periods only, \
         while somebody paid in both, has its whole change here.",
    )
    .formula("Σ L(amount, amount_before) × ln(paying_share / paying_share_before)"),
    effect(
        "frequency_effect",
        Money(|row: &Row| row.effect(|effects| effects.frequency)),
        "人均笔数影响",
        "The part of change that comes from more or fewer orders for each paying customer.",
    )
    .formula("Σ L(amount, amount_before) × ln(orders_per_customer / orders_per_customer_before)"),
    effect(
        "basket_effect",
        Money(|row: &Row| row.effect(|effects| effects.basket)),
        "笔均件数影响",
        "The part of change that comes from more or fewer items for each order.",
    )
    .formula("Σ L(amount, amount_before) × ln(items_per_order / items_per_order_before)"),
    effect(
        "price_effect",
        Money(|row: &Row| row.effect(|effects| effects.price)),
        "件单价影响",
        "The part of change that comes from a higher or lower price of an item. Where a group has an amount without items in one of \
         both periods, it is the price of an order.",
    )
    .formula("Σ L(amount, amount_before) × ln(price_per_item / price_per_item_before)"),
    column(
        "untracked_effect",
        Money(|row: &Row| Some(row.change?.untracked())),
        "CNY",
        "无流量部分影响",
        "The part of change that no factor explains: the change of untracked_amount, on days without a UV and of orders that name no \
         customer. All of change where the effects are null.",
    )
    .formula("change - the effects of the six factors, as far as they are not null")
    .source(SOURCE)
    .null_when(NO_PERIOD_BEFORE),
];

const YEAR_AGO: &str = "What the column of this name without `_year_ago` says, of the same month, quarter or year a year before, of a \
                        week of the week 52 weeks before: all of it where the period is complete, else its first compared_days days.";
const VS_YEAR_AGO: &str = "What the column of this name without `_vs_year_ago` says, against the same month, quarter or year a year \
                           before, of a week against the week 52 weeks before: all of it where the period is complete, else its first \
                           compared_days days.";

const fn effect_vs_year_ago(name: &'static str, value: Value<Row>, chinese: &'static str) -> ValueColumn<Row> {
    column(name, value, "CNY", chinese, VS_YEAR_AGO).source(SOURCE).null_when(NO_EFFECT_VS_YEAR_AGO)
}

/// The change since the period a year before, and what made it.
static EFFECTS_VS_YEAR_AGO: [ValueColumn<Row>; 10] = [
    column("paid_amount_year_ago", Money(|row: &Row| Some(row.compared.year_ago?.paid_amount)), "CNY", "去年同期支付金额", YEAR_AGO)
        .null_when(NO_YEAR_AGO),
    column(
        "days_with_traffic_year_ago",
        Count(|row: &Row| Some(row.compared.year_ago?.days_with_traffic)),
        "days",
        "去年同期有流量数据天数",
        YEAR_AGO,
    )
    .null_when(NO_YEAR_AGO),
    column("change_vs_year_ago", Money(|row: &Row| Some(row.change_vs_year_ago?.amount)), "CNY", "支付金额同比变动", VS_YEAR_AGO)
        .formula("paid_amount - paid_amount_year_ago")
        .null_when(NO_YEAR_AGO),
    effect_vs_year_ago("traffic_effect_vs_year_ago", Money(|row: &Row| row.effect_vs_year_ago(|effects| effects.traffic)), "流量同比影响"),
    effect_vs_year_ago(
        "conversion_effect_vs_year_ago",
        Money(|row: &Row| row.effect_vs_year_ago(|effects| effects.conversion)),
        "转化率同比影响",
    ),
    effect_vs_year_ago("mix_effect_vs_year_ago", Money(|row: &Row| row.effect_vs_year_ago(|effects| effects.mix)), "新老客结构同比影响"),
    effect_vs_year_ago(
        "frequency_effect_vs_year_ago",
        Money(|row: &Row| row.effect_vs_year_ago(|effects| effects.frequency)),
        "人均笔数同比影响",
    ),
    effect_vs_year_ago(
        "basket_effect_vs_year_ago",
        Money(|row: &Row| row.effect_vs_year_ago(|effects| effects.basket)),
        "笔均件数同比影响",
    ),
    effect_vs_year_ago("price_effect_vs_year_ago", Money(|row: &Row| row.effect_vs_year_ago(|effects| effects.price)), "件单价同比影响"),
    column(
        "untracked_effect_vs_year_ago",
        Money(|row: &Row| Some(row.change_vs_year_ago?.untracked())),
        "CNY",
        "无流量部分同比影响",
        VS_YEAR_AGO,
    )
    .source(SOURCE)
    .null_when(NO_YEAR_AGO),
];

#[cfg(test)]
mod tests {
    use arrow::record_batch::RecordBatch;
    use proptest::prelude::*;

    use super::*;
    use crate::input::records::facts::{Facts, TrafficDay};
    use crate::spec::Day;
    use crate::table::request::Request;
    use crate::table::testing::{Customer, any_customers, assert_row, customer, day, facts, integers, made_with, paid, text_shops};

    /// Facts of shops known from 2024-01-01 on, with these daily visitors: shop, day, UV.
    fn visited(shops: usize, days: impl IntoIterator<Item = (u32, Day, Option<i64>)>) -> Facts {
        let traffic = days.into_iter().map(|(shop, day, uv)| TrafficDay { shop, day, uv, ..TrafficDay::default() }).collect();
        Facts { traffic: Some(traffic), ..facts(&vec!["2024-01-01"; shops]) }
    }

    fn tabled(as_of: &str, shops: usize, customers: &[Customer], facts: &Facts) -> RecordBatch {
        made_with(&TABLE, &text_shops(shops, as_of), facts, Request::NOTHING, &[customers])
    }

    /// Two weeks of three shops, 1 to 14 January 2024: the same purchases, and other traffic.
    #[test]
    fn what_has_no_visitors_is_untracked() {
        let buys = |shop| {
            let anna = vec![paid("2024-01-02", 10_000), paid("2024-01-09", 20_000)];
            [customer(shop, anna), customer(shop, vec![paid("2024-01-03", 1_000), paid("2024-01-11", 4_000)])]
        };
        let customers: Vec<Customer> = (0..3).flat_map(buys).collect();
        let day_of = |date: &str, shop, uv| (shop, day(date), uv);
        let traffic = [
            // Shop a: the 2nd and the 9th are known, and the 11th without a figure.
            day_of("2024-01-02", 0, Some(10)),
            day_of("2024-01-09", 0, Some(20)),
            day_of("2024-01-11", 0, None),
            // Shop b: nothing in the second week. Shop c: nobody came, so they say.
            day_of("2024-01-02", 1, Some(10)),
            day_of("2024-01-02", 2, Some(10)),
            day_of("2024-01-09", 2, Some(0)),
        ];
        let table = tabled("2024-01-14", 3, &customers, &visited(3, traffic));
        // A new customer of 100.00 becomes a returning one of 200.00 among twice the visitors: both groups are there once only, so all of
        // the change of amount is mix. The 40.00 of the 11th less the 10.00 of the 3rd are untracked.
        assert_row(
            &table,
            &["a", "week", "2024-01-08"],
            &[
                ("compared_days", "7"),
                ("days_with_traffic", "1"),
                ("visitors", "20"),
                ("paying", "1"),
                ("conversion", "0.05"),
                ("new_paying", "0"),
                ("new_orders_per_customer", "-"),
                ("returning_amount", "20000"),
                ("returning_price_per_item", "200"),
                ("untracked_amount", "4000"),
                ("untracked_amount_before", "1000"),
                ("change", "13000"),
                ("traffic_effect", "0"),
                ("mix_effect", "10000"),
                ("untracked_effect", "3000"),
                ("change_vs_year_ago", "-"),
                ("untracked_effect_vs_year_ago", "-"),
            ],
        );
        let unknown =
            [("change", "13000"), ("traffic_effect", "-"), ("mix_effect", "-"), ("price_effect", "-"), ("untracked_effect", "13000")];
        let key = |shop| [shop, "week", "2024-01-08"];
        assert_row(&table, &key("b"), &unknown);
        assert_row(&table, &key("b"), &[("visitors", "-"), ("amount", "-"), ("untracked_amount", "24000"), ("days_with_traffic", "0")]);
        assert_row(&table, &key("c"), &unknown);
        assert_row(&table, &key("c"), &[("visitors", "0"), ("amount", "20000"), ("conversion", "-"), ("untracked_amount", "4000")]);
        assert_row(&table, &["a", "week", "2024-01-01"], &[("change", "-"), ("amount_before", "-"), ("untracked_effect", "-")]);
    }

    proptest! {
        #[test]
        fn effects_and_what_is_untracked_add_up_in_every_row(
            customers in any_customers(2),
            uv in prop::collection::vec(prop::option::weighted(0.7, 0..20i64), 800),
        ) {
            let days = uv.iter().zip(day("2024-01-01") - 366..).map(|(uv, day)| (1, day, *uv));
            let facts = Facts { traffic: visited(2, days).traffic, ..facts(&["2023-01-01", "2023-01-01"]) };
            let table = tabled("2024-12-20", 2, &customers, &facts);
            for ending in ["", "_vs_year_ago"] {
                let column = |name: &str| integers(&table, &format!("{name}{ending}"));
                let effects = ["traffic", "conversion", "mix", "frequency", "basket", "price", "untracked"];
                let effects = effects.map(|name| column(&format!("{name}_effect")));
                for (row, change) in column("change").into_iter().enumerate() {
                    let known: Vec<i64> = effects.iter().filter_map(|effect| effect[row]).collect();
                    prop_assert!([0, 1, 7].contains(&known.len()) && known.is_empty() == change.is_none());
                    prop_assert_eq!(known.iter().sum::<i64>(), change.unwrap_or(0));
                }
            }
        }
    }
}
