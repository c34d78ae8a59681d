//! shop_periods: the figures of shop_daily by week, month, quarter and year, customers counted once a period.

use std::sync::OnceLock;

use super::columns::{
    ShopRow, VisitorColumns, conversion, former_net_revenue, order_columns, pages_per_visitor, per_visit_columns, rate_columns,
    view_columns, visit_columns,
};
use super::days::{Figures, ShopDays};
use super::means::*;
use super::period_columns::{ComparedPeriod, PeriodRow, period_columns};
use super::refunded::{OfPaid, RefundedRow, refunded_columns};
use super::returning::{ReturningRow, returning_columns};
use crate::fold::activity::ACTIVITY;
use crate::fold::outcomes::OUTCOMES;
use crate::fold::returning::{RETURNING, Returning};
use crate::metric::uv_conversion::DailyMeans;
use crate::spec::{Column, Grain, Kind, NO_DAY, Need};
use crate::table::column::Value::{Count, Date, Flag, Ratio, Shop, Text};
use crate::table::column::{column, same};
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

const PEOPLE_DO_NOT_ADD_UP: &str =
    "always, so far: it counts people, who do not add up over days, and traffic rows count the people of one day each";

const VISITORS: VisitorColumns = VisitorColumns {
    uv: Column::new(
        "uv",
        Kind::Count,
        "visitors",
        "访客数",
        "Distinct visitors of the shop in the period. See uv_daily_mean for the mean of the daily figures.",
    )
    .null_when(PEOPLE_DO_NOT_ADD_UP),
    ipv_uv: Column::new("ipv_uv", Kind::Count, "visitors", "商品访客数", "Distinct visitors of item pages in the period.")
        .null_when(PEOPLE_DO_NOT_ADD_UP),
    conversion: Column::new(
        "conversion",
        Kind::Ratio,
        "1",
        "转化率",
        "Paying customers for each distinct visitor of the period. See uv_conversion for the conversion of the daily means.",
    )
    .formula("paying_customers / uv")
    .null_when("uv is null, which it always is so far"),
    pages_per_visitor: Column::new(
        "pages_per_visitor",
        Kind::Ratio,
        "page views per visitor",
        "人均浏览量",
        "Page views for each distinct visitor of the period.",
    )
    .formula("pv / uv")
    .null_when("uv is null, which it always is so far"),
};

/// A period of a shop.
pub struct Row {
    shop: u32,
    compared: ComparedPeriod,
    returning: Returning,
    of_paid: Option<OfPaid>,
    knows_customers: bool,
}

impl Row {
    fn means(&self) -> &DailyMeans {
        &self.figures().means
    }
}

impl RefundedRow for Row {
    fn of_paid(&self) -> Option<OfPaid> {
        self.of_paid
    }
}

impl ShopRow for Row {
    fn figures(&self) -> &Figures {
        &self.compared.period.figures
    }

    fn knows_customers(&self) -> bool {
        self.knows_customers
    }
}

impl ReturningRow for Row {
    fn returning(&self) -> &Returning {
        &self.returning
    }
}

impl PeriodRow for Row {
    fn compared(&self) -> &ComparedPeriod {
        &self.compared
    }
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "shop_periods",
    chinese: "店铺周期报表",
    question: "What did each shop place, sell, give back and attract in each week, month, quarter and year, and how does that \
         compare with the period before and a year ago?",
    grain: "one shop, grain and period that has a day between the first day with anything of the shop in any input and the as-of \
         date",
    key: &["shop_id", "grain", "period_start"],
    needs: &[Need { input: "orders", column: "" }],
    uses: &[],
    reads: &[Read::Fold(&ACTIVITY), Read::Fold(&RETURNING), Read::Fold(&OUTCOMES)],
    columns: &[
        &[
            column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
            column(
                "grain",
                Text(|row| Some(row.compared.grain.name())),
                "",
                "周期",
                "The length of the period: month, quarter, week (from Monday) or year.",
            ),
            column(
                "period_start",
                Date(|row| row.compared.period.start),
                "date",
                "周期首日",
                "The first day of the period by the calendar, also where the shop's data begin later.",
            ),
        ],
        &order_columns(),
        &[former_net_revenue()],
        &view_columns(&VISITORS),
        &visit_columns(),
        &[conversion(&VISITORS)],
        &rate_columns(),
        &[pages_per_visitor(&VISITORS)],
        &per_visit_columns(),
        &returning_columns(),
        &refunded_columns(),
        &[
            column(
                "is_left_truncated",
                Flag(|row: &Row| Some(row.compared.is_left_truncated)),
                "",
                "左截断",
                "Whether the period starts within `history_warmup` days of the shop's first order: its new customers may have bought \
                 before the data begin.",
            )
            .formula("period_start < first day of data + history_warmup"),
            same(DAYS, Count(|row| Some(row.compared.period.days))),
            same(DAYS_WITH_TRAFFIC, Count(|row| Some(row.means().days_with_traffic))),
            column(
                "is_complete",
                Flag(|row| Some(row.compared.period.is_complete)),
                "",
                "是否完整",
                "Whether the whole period lies between the first day of the shop in any input and the as-of date. Otherwise \
                 counts and money are those of some of its days.",
            ),
            same(UV_SUM, Count(|row| row.means().uv_sum)),
            same(UV_DAILY_MEAN, Ratio(|row| row.means().uv_daily_mean())),
            same(PAYING_CUSTOMER_DAYS, Count(|row| row.means().paying_customer_days)),
            same(PAYING_DAILY_MEAN, Ratio(|row| row.means().paying_daily_mean())),
            same(UV_CONVERSION, Ratio(|row| row.means().uv_conversion())),
        ],
        &period_columns(),
    ],
    rows: |night, out| {
        let (context, activity) = (&night.context, night.fold(&ACTIVITY)?);
        let (returning, outcomes) = (night.fold(&RETURNING)?, night.fold(&OUTCOMES)?);
        for days in (0..context.shops.len() as u32).filter_map(|shop| ShopDays::of(context, &activity, &night.facts, shop)) {
            let first_order = context.first_days.get(days.shop as usize).copied().filter(|day| *day != NO_DAY);
            for grain in Grain::PERIODS {
                out.all(ComparedPeriod::all(context, &days, &activity, grain, first_order).map(|compared| Row {
                    shop: days.shop,
                    compared,
                    returning: returning.period(days.shop, grain, compared.period.index),
                    of_paid: OfPaid::of(context, outcomes.between(days.shop, compared.period.from, compared.period.to)),
                    knows_customers: context.features.customers,
                }))?;
            }
        }
        Ok(())
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

#[cfg(test)]
mod tests {
    use arrow::record_batch::RecordBatch;
    use proptest::prelude::*;

    use super::super::daily::tests::four_days;
    use super::*;
    use crate::history::Context;
    use crate::input::records::facts::Facts;
    use crate::table::request::Request;
    use crate::table::testing::{Customer, any_customers, assert_row, customer, facts, made_with, paid, text_shops, value};

    fn tabled(context: &Context, customers: &[Customer], facts: &Facts) -> RecordBatch {
        made_with(&TABLE, context, facts, Request::NOTHING, &[customers])
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
                ("refunded_of_paid", "5000"),
                ("refunded_orders", "1"),
                ("refund_rate", "0.2"),
                ("refund_share", "0.4166666666666667"),
                ("net_by_payment", "7000"),
                ("net_by_refund", "7000"),
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
        let context = text_shops(1, "2024-02-15");
        let orders = [("2023-01-04", 10_000), ("2023-12-30", 12_000), ("2024-01-03", 15_000), ("2024-02-01", 1_000)];
        let customers = [customer(0, orders.map(|(on, amount)| paid(on, amount)).to_vec())];
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
            let (context, facts) = (text_shops(2, "2024-12-31"), facts(&["2023-01-01", "2023-01-01"]));
            let cut = cut.min(customers.len());
            let in_parts = made_with(&TABLE, &context, &facts, Request::NOTHING, &[&customers[cut..], &customers[..cut]]);
            prop_assert_eq!(in_parts, tabled(&context, &customers, &facts));
        }

        #[test]
        fn months_add_up_to_quarters_and_years_but_for_people(customers in any_customers(1)) {
            let table = tabled(&text_shops(1, "2024-12-31"), &customers, &facts(&["2023-01-01"]));
            let number = |row, column: &str| value(&table, row, column).parse::<i64>().unwrap();
            for column in ["placed_orders", "placed_amount", "paid_orders", "paid_amount", "purchases", "new_customers", "placed_paid_orders", "active_days", "days", "refunded_of_paid", "refunded_orders", "paying_customers"] {
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
