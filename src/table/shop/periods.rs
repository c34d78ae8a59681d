//! shop_periods: the figures of shop_daily by week, month, quarter and year, customers counted once a period.

use std::borrow::Cow;

use arrow::record_batch::RecordBatch;

use super::columns::*;
use super::days::{Figures, Period, ShopDays};
use super::means::*;
use crate::error::Result;
use crate::fold::activity::ACTIVITY;
use crate::fold::activity::ActivityFold;
use crate::history::Context;
use crate::input::facts::Facts;
use crate::metric::ratio::ratio;
use crate::spec::{Card, Column, Grain, Kind, Need};
use crate::table::Frame;
use crate::table::night::Read;
use crate::table::unit::{FrameTable, Witness};

const PEOPLE_DO_NOT_ADD_UP: &str =
    "always, so far: it counts people, who do not add up over days, and traffic rows count the people of one day each";

/// What the table and its columns mean.
pub static CARD: Card = Card {
    name: Cow::Borrowed("shop_periods"),
    chinese: "店铺周期报表",
    question: Cow::Borrowed("What did each shop place, sell, give back and attract in each week, month, quarter and year, and how does that compare with the period before and a year ago?"),
    grain: "one shop, grain and period that has a day between the first day with anything of the shop in any input and the as-of date",
    key: &["shop_id", "grain", "period_start"],
    columns: Cow::Borrowed(&[
        Column::new("shop_id", Kind::ShopId, "id", "店铺", "The shop."),
        Column::new("grain", Kind::Text, "name", "周期", "The length of the period: month, quarter, week (from Monday) or year."),
        Column::new("period_start", Kind::Date, "date", "周期首日", "The first day of the period by the calendar, also where the shop's data begin later."),
        PLACED_ORDERS,
        PLACED_AMOUNT,
        PLACED_CUSTOMERS,
        PAID_ORDERS,
        PAID_AMOUNT,
        PAYING_CUSTOMERS,
        PAID_QUANTITY,
        PURCHASES,
        NEW_CUSTOMERS,
        RETURNING_CUSTOMERS,
        REFUNDS,
        REFUND_AMOUNT,
        NET_REVENUE,
        PV,
        Column::new("uv", Kind::Count, "visitors", "访客数", "Distinct visitors of the shop in the period. See uv_daily_mean for the mean of the daily figures.")
            .null_when(PEOPLE_DO_NOT_ADD_UP),
        IPV,
        Column::new("ipv_uv", Kind::Count, "visitors", "商品访客数", "Distinct visitors of item pages in the period.").null_when(PEOPLE_DO_NOT_ADD_UP),
        VISITS,
        BOUNCES,
        FAVORITES,
        CART_ADDS,
        DWELL_SECONDS,
        Column::new(
            "conversion",
            Kind::Ratio,
            "1",
            "转化率",
            "Paying customers for each distinct visitor of the period. See uv_conversion for the conversion of the daily means.",
        )
        .formula("paying_customers / uv")
        .null_when("uv is null, which it always is so far"),
        PAYMENT_RATE,
        VALUE_PER_CUSTOMER,
        ORDER_VALUE,
        RETURNING_SHARE,
        Column::new("pages_per_visitor", Kind::Ratio, "page views per visitor", "人均浏览量", "Page views for each distinct visitor of the period.")
            .formula("pv / uv")
            .null_when("uv is null, which it always is so far"),
        BOUNCE_RATE,
        DWELL_PER_VISIT,
        DAYS,
        DAYS_WITH_TRAFFIC,
        Column::new(
            "is_complete",
            Kind::Flag,
            "flag",
            "是否完整",
            "Whether the whole period lies between the first day of the shop in any input and the as-of date. Otherwise counts and money are those of some of its days.",
        ),
        UV_SUM,
        UV_DAILY_MEAN,
        PAYING_CUSTOMER_DAYS,
        PAYING_DAILY_MEAN,
        UV_CONVERSION,
        Column::new(
            "placed_paid_orders",
            Kind::Count,
            "orders",
            "拍下且已付订单数",
            "Of the orders placed in the period, those paid by the as-of date, in this period or later. It can still grow.",
        ),
        Column::new(
            "placed_paid_rate",
            Kind::Share,
            "1",
            "拍下支付率",
            "The share of the orders placed in the period that was paid by the as-of date; payment_rate is paid in the period / placed in the period instead.",
        )
        .formula("placed_paid_orders / placed_orders")
        .null_when("no order was placed"),
        Column::new(
            "active_days",
            Kind::Count,
            "days",
            "有成交天数",
            "Days of the period with at least one paid order, those refunded later included.",
        ),
        Column::new(
            "paid_amount_previous",
            Kind::Money,
            "CNY",
            "上期支付宝成交额",
            "paid_amount of the period before, of the same grain.",
        )
        .null_when("the period before is not there or not complete"),
        Column::new(
            "paid_amount_vs_previous",
            Kind::Number,
            "1",
            "成交额环比",
            "Relative change of paid_amount against the period before: 0.1 is 10 % more.",
        )
        .formula("paid_amount / paid_amount_previous - 1")
        .null_when("the period before is not there, not complete or had no paid amount, or the period itself is not complete: part of a period is not to be compared with a whole one"),
        Column::new(
            "paid_amount_year_ago",
            Kind::Money,
            "CNY",
            "去年同期支付宝成交额",
            "paid_amount of the same month, quarter or year a year before; of a week that of the week 52 weeks before.",
        )
        .null_when("that period is not there or not complete"),
        Column::new(
            "paid_amount_vs_year_ago",
            Kind::Number,
            "1",
            "成交额同比",
            "Relative change of paid_amount against the same period a year before: 0.1 is 10 % more.",
        )
        .formula("paid_amount / paid_amount_year_ago - 1")
        .null_when("that period is not there, not complete or had no paid amount, or the period itself is not complete"),
    ]),
    needs: &[Need { input: "orders", column: "" }],
    uses: &["customer_id", "order_amount", "refund_amount", "quantity"],
};

/// The table.
pub static TABLE: FrameTable = FrameTable {
    card: &CARD,
    reads: &[Read::Fold(&ACTIVITY)],
    write: |night, sink| sink(&CARD, table(&night.context, night.fold(&ACTIVITY)?.as_ref(), &night.facts)?),
    witness: Witness::Sql,
};

/// A row beside its figures.
struct Row {
    shop: u32,
    grain: Grain,
    period: Period,
    previous: Option<i64>,
    year_ago: Option<i64>,
}

/// The table.
///
/// # Errors
/// [`crate::error::Error::Bug`] where columns and card disagree.
pub fn table(context: &Context, fold: &ActivityFold, facts: &Facts) -> Result<RecordBatch> {
    let mut rows: Vec<Row> = Vec::new();
    for days in (0..context.shops.len() as u32).filter_map(|shop| ShopDays::of(context, fold, facts, shop)) {
        for grain in Grain::PERIODS {
            let periods = days.periods(fold, grain);
            let paid_before = |position: usize, periods_before: usize| {
                let before = periods.get(position.checked_sub(periods_before)?)?;
                before.is_complete.then_some(before.figures.activity.paid_amount)
            };
            rows.extend(periods.iter().enumerate().map(|(position, period)| Row {
                shop: days.shop,
                grain,
                period: *period,
                previous: paid_before(position, 1),
                year_ago: paid_before(position, periods_in_year(grain)),
            }));
        }
    }
    let figures: Vec<Figures> = rows.iter().map(|row| row.period.figures).collect();
    let mut frame = Frame::new(&CARD, context);
    frame
        .shops("shop_id", rows.iter().map(|row| row.shop))
        .text("grain", rows.iter().map(|row| Some(row.grain.name())))
        .dates("period_start", rows.iter().map(|row| row.period.start));
    push(&mut frame, &figures, context.features.customers);
    frame
        .counts("days", rows.iter().map(|row| Some(row.period.days)))
        .counts("days_with_traffic", rows.iter().map(|row| Some(row.period.means.days_with_traffic)))
        .flags("is_complete", rows.iter().map(|row| Some(row.period.is_complete)));
    push_means(&mut frame, &rows.iter().map(|row| row.period.means).collect::<Vec<_>>());
    frame
        .counts("placed_paid_orders", figures.iter().map(|row| Some(row.activity.placed_paid_orders)))
        .numbers("placed_paid_rate", figures.iter().map(|row| ratio(row.activity.placed_paid_orders, row.activity.placed_orders)))
        .counts("active_days", rows.iter().map(|row| Some(row.period.active_days)))
        .money("paid_amount_previous", rows.iter().map(|row| row.previous))
        .numbers("paid_amount_vs_previous", rows.iter().map(|row| row.change_from(row.previous)))
        .money("paid_amount_year_ago", rows.iter().map(|row| row.year_ago))
        .numbers("paid_amount_vs_year_ago", rows.iter().map(|row| row.change_from(row.year_ago)))
        .finish()
}

impl Row {
    fn change_from(&self, before: Option<i64>) -> Option<f64> {
        ratio(self.period.figures.activity.paid_amount - before?, before?).filter(|_| self.period.is_complete)
    }
}

/// How many periods before lies the one of a year ago.
fn periods_in_year(grain: Grain) -> usize {
    match grain {
        Grain::Day => 365,
        Grain::Week => 52,
        Grain::Month => 12,
        Grain::Quarter => 4,
        Grain::Year => 1,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::daily::tests::four_days;
    use super::*;
    use crate::history::Fold;
    use crate::table::shop_case::{Customer, any_customers, assert_row, context, facts, give, paid, value};

    fn tabled(context: &Context, customers: &[Customer], facts: &Facts) -> RecordBatch {
        let mut fold = ActivityFold::new(context);
        give(&mut fold, customers);
        table(context, &fold, facts).unwrap()
    }

    #[test]
    fn four_days_by_hand() {
        let (context, customers, facts) = four_days();
        let table = tabled(&context, &customers, &facts);
        // Two months, and one quarter, week and year each.
        let keys: Vec<_> = (0..table.num_rows()).map(|row| (value(&table, row, "grain"), value(&table, row, "period_start"))).collect();
        let expected =
            [("month", "2024-01-01"), ("month", "2024-02-01"), ("quarter", "2024-01-01"), ("week", "2024-01-29"), ("year", "2024-01-01")];
        assert_eq!(keys, expected.map(|(grain, start)| (grain.to_owned(), start.to_owned())));
        assert_row(
            &table,
            &["a", "month", "2024-01-01"],
            &[
                ("days", "2"),
                ("is_complete", "false"),
                ("placed_orders", "3"),
                ("placed_customers", "2"), // Anna on both days
                ("placed_paid_orders", "3"),
                ("placed_paid_rate", "1"),
                ("payment_rate", "0.3333333333333333"),
                ("active_days", "1"),
                ("bounce_rate", "0.2"),
            ],
        );
        // In February Anna returns, in the year she is new.
        assert_row(
            &table,
            &["a", "month", "2024-02-01"],
            &[
                ("paying_customers", "3"),
                ("new_customers", "1"),
                ("returning_customers", "1"),
                ("placed_paid_orders", "2"),
                ("bounce_rate", "-"),
            ],
        );
        assert_row(
            &table,
            &["a", "year", "2024-01-01"],
            &[
                ("days", "4"),
                ("placed_customers", "3"),
                ("paid_orders", "5"),
                ("paid_amount", "12000"),
                ("paying_customers", "3"),
                ("purchases", "4"),
                ("new_customers", "2"),
                ("returning_customers", "0"),
                ("refunds", "1"),
                ("net_revenue", "7000"),
                ("value_per_customer", "40"),
                ("pv", "280"),
                ("uv", "-"),
                ("conversion", "-"),
                ("visits", "110"),
                ("bounces", "10"),
                ("bounce_rate", "-"), // one day has visits without bounces
            ],
        );
        // Two days have a UV, 40 and 60; on these 0 and 3 customers paid, and one on a day without.
        assert_row(
            &table,
            &["a", "week", "2024-01-29"],
            &[
                ("days_with_traffic", "2"),
                ("uv_sum", "100"),
                ("uv_daily_mean", "50"),
                ("paying_customer_days", "3"),
                ("paying_daily_mean", "1.5"),
                ("uv_conversion", "0.03"),
            ],
        );
    }

    #[test]
    fn changes_compare_whole_periods_only() {
        let context = context(1, "2024-02-15");
        let orders = [("2023-01-04", 10_000), ("2023-12-30", 12_000), ("2024-01-03", 15_000), ("2024-02-01", 1_000)];
        let customers = [(0, orders.map(|(on, amount)| paid(on, on, amount)).to_vec())];
        let table = tabled(&context, &customers, &facts(&["2023-01-01"]));
        let changes = |grain: &str, start: &str, expected: [&str; 4]| {
            let columns = ["paid_amount_previous", "paid_amount_vs_previous", "paid_amount_year_ago", "paid_amount_vs_year_ago"];
            assert_row(&table, &["a", grain, start], &columns.into_iter().zip(expected).collect::<Vec<_>>());
        };
        changes("month", "2023-01-01", ["-", "-", "-", "-"]);
        changes("month", "2023-02-01", ["10000", "-1", "-", "-"]);
        changes("month", "2023-03-01", ["0", "-", "-", "-"]);
        changes("month", "2024-01-01", ["12000", "0.25", "10000", "0.5"]);
        changes("month", "2024-02-01", ["15000", "-", "0", "-"]); // half a month
        changes("week", "2024-01-01", ["12000", "0.25", "10000", "0.5"]); // 52 weeks after 2023-01-02
        changes("week", "2023-01-02", ["-", "-", "-", "-"]); // the week before began in 2022
        changes("year", "2024-01-01", ["22000", "-", "22000", "-"]);
    }

    proptest! {
        #[test]
        fn parts_folded_apart_and_merged_make_the_same_table(customers in any_customers(2), cut in 0usize..12) {
            let (context, facts) = (context(2, "2024-12-31"), facts(&["2023-01-01", "2023-01-01"]));
            let cut = cut.min(customers.len());
            let (mut one, mut other) = (ActivityFold::new(&context), ActivityFold::new(&context));
            give(&mut one, &customers[cut..]);
            give(&mut other, &customers[..cut]);
            one.merge(&other.state().unwrap()).unwrap();
            prop_assert_eq!(table(&context, &one, &facts).unwrap(), tabled(&context, &customers, &facts));
        }

        #[test]
        fn months_add_up_to_quarters_and_years_but_for_people(customers in any_customers(1)) {
            let table = tabled(&context(1, "2024-12-31"), &customers, &facts(&["2023-01-01"]));
            let number = |row, column: &str| value(&table, row, column).parse::<i64>().unwrap();
            for column in ["placed_orders", "placed_amount", "paid_orders", "paid_amount", "purchases", "new_customers", "placed_paid_orders", "active_days", "days", "paying_customers"] {
                let sum = |grain: &str| (0..table.num_rows()).filter(|row| value(&table, *row, "grain") == grain).map(|row| number(row, column)).sum::<i64>();
                if column == "paying_customers" {
                    prop_assert!(sum("month") >= sum("quarter") && sum("quarter") >= sum("year"));
                } else {
                    prop_assert_eq!([sum("month"), sum("week")], [sum("quarter"), sum("year")], "{}", column);
                }
            }
        }
    }
}
