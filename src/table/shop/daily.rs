//! shop_daily: every day of every shop, its orders, money, customers and visitors.

use std::sync::OnceLock;

use super::columns::{
    NO_TRAFFIC, ShopRow, VisitorColumns, conversion, former_net_revenue, order_columns, pages_per_visitor, per_visit_columns, rate_columns,
    view_columns, visit_columns,
};
use super::days::{Figures, ShopDays};
use super::refunded::{OfPaid, RefundedRow, refunded_columns};
use super::returning::{ReturningRow, returning_columns};
use super::viewed::{VIEWED, Viewed, ViewedRow, uv_source_column, viewed_columns};
use crate::fold::activity::ACTIVITY;
use crate::fold::outcomes::OUTCOMES;
use crate::fold::returning::{RETURNING, Returning};
use crate::history::Features;
use crate::spec::{Column, Day, Kind, Need};
use crate::table::column::Value::{Date, Shop};
use crate::table::column::column;
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

/// A day of a shop.
pub struct Row {
    shop: u32,
    date: Day,
    figures: Figures,
    returning: Returning,
    viewed: Option<Viewed>,
    of_paid: Option<OfPaid>,
    features: Features,
}

impl ShopRow for Row {
    fn figures(&self) -> &Figures {
        &self.figures
    }

    fn features(&self) -> &Features {
        &self.features
    }
}

impl ReturningRow for Row {
    fn returning(&self) -> &Returning {
        &self.returning
    }
}

impl ViewedRow for Row {
    fn viewed(&self) -> Option<Viewed> {
        self.viewed
    }
}

impl RefundedRow for Row {
    fn of_paid(&self) -> Option<OfPaid> {
        self.of_paid
    }
}

const VISITORS: VisitorColumns = VisitorColumns {
    uv: Column::new(
        "uv",
        Kind::Count,
        "visitors",
        "访客数",
        "Distinct visitors of the shop on the day, from the traffic row of the whole shop; where there is none, counted from page_views.",
    )
    .null_when(NO_TRAFFIC),
    ipv_uv: Column::new(
        "ipv_uv",
        Kind::Count,
        "visitors",
        "商品访客数",
        "Distinct visitors of item pages on the day, from the traffic row of the whole shop; where there is none, counted from page_views.",
    )
    .null_when(NO_TRAFFIC),
    conversion: Column::new(
        "conversion",
        Kind::Ratio,
        "1",
        "支付转化率",
        "Paying customers for each distinct visitor of the shop on the day.",
    )
    .formula("paying_customers / uv")
    .null_when("uv is null or 0, or the job maps no customer_id"),
    pages_per_visitor: Column::new(
        "pages_per_visitor",
        Kind::Ratio,
        "page views per visitor",
        "人均浏览量",
        "Page views for each distinct visitor of the day.",
    )
    .formula("pv / uv")
    .null_when("pv is null, or uv is null or 0"),
};

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "shop_daily",
    chinese: "店铺日报",
    question: "What did each shop place, sell, give back and attract, day by day?",
    grain: "one shop and calendar day, from the first day with anything of the shop in any input to the as-of date; days on which \
         nothing happened have a row of zeros",
    key: &["shop_id", "date"],
    needs: &[Need { input: "orders", column: "" }],
    uses: &[],
    reads: &[Read::Fold(&ACTIVITY), Read::Fold(&RETURNING), Read::Fold(&OUTCOMES), Read::IfRequested(&VIEWED)],
    columns: &[
        &[
            column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
            column("date", Date(|row| row.date), "date", "日期", "The local calendar day in the timezone of the job."),
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
        &[uv_source_column()],
        &viewed_columns(),
    ],
    rows: |night, out| {
        let (context, activity) = (&night.context, night.fold(&ACTIVITY)?);
        let (returning, outcomes, viewed) = (night.fold(&RETURNING)?, night.fold(&OUTCOMES)?, night.if_requested(&VIEWED)?);
        let viewed = viewed.as_deref().map(AsRef::as_ref);
        for days in (0..context.shops.len() as u32).filter_map(|shop| ShopDays::of(context, &activity, &night.facts, shop)) {
            let shop = days.shop;
            let of_paid = outcomes.days(shop, days.first, days.last).map(|outcome| OfPaid::of(context, outcome));
            let dated = (days.first..=days.last).zip(days.figures).zip(of_paid);
            out.all(dated.map(|((date, figures), of_paid)| Row {
                shop,
                date,
                figures,
                returning: returning.day(shop, date),
                viewed: Viewed::between(viewed, &night.facts, shop, date, date),
                of_paid,
                features: context.features,
            }))?;
        }
        Ok(())
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

#[cfg(test)]
pub(crate) mod tests {
    use arrow::record_batch::RecordBatch;

    use super::*;
    use crate::history::Context;
    use crate::input::records::facts::{Facts, Refund, TrafficDay};
    use crate::spec::DAY_MICROSECONDS;
    use crate::table::request::Request;
    use crate::table::testing::{Customer, HOUR, assert_row, customer, day, facts, made_with, paid, paid_later, placed, text_shops, value};

    /// Four days of one shop, from Tuesday 2024-01-30 to Friday 2024-02-02, the as-of date.
    pub fn four_days() -> (Context, Vec<Customer>, Facts) {
        let context = text_shops(1, "2024-02-02");
        let anna = vec![paid("2024-01-30", 2000), paid_later("2024-01-31", "2024-02-01", 3000)];
        // Ben's paid order was refunded in full a day later; his other one was never paid.
        let ben = vec![paid_later("2024-01-30", "2024-02-01", 5000).refunding(5000), placed("2024-02-01", 1000)];
        let cleo = vec![paid("2024-02-01", 500), paid("2024-02-01", 1500)];
        let mut facts = facts(&["2024-01-30"]);
        let second = i64::from(day("2024-02-02")) * DAY_MICROSECONDS;
        facts.refunds = Some(vec![
            Refund { shop: 0, created: second - HOUR, completed: second, amount: 5000, intervened: Some(false), is_open: false, reason: 0 },
            Refund {
                shop: 0,
                created: second,
                completed: crate::spec::NO_TIME,
                amount: 100,
                intervened: Some(true),
                is_open: false,
                reason: 0,
            },
        ]);
        let traffic = |on: &str, pv, uv, visits, bounces| TrafficDay { day: day(on), pv, uv, visits, bounces, ..TrafficDay::default() };
        facts.traffic = Some(
            vec![
                traffic("2024-01-31", Some(100), Some(40), Some(50), Some(10)),
                traffic("2024-02-01", Some(150), Some(60), Some(60), None),
                traffic("2024-02-02", Some(30), None, None, None),
            ]
            .into(),
        );
        (context, [anna, ben, cleo].map(|orders| customer(0, orders)).to_vec(), facts)
    }

    fn filled(context: &Context, customers: &[Customer], facts: &Facts) -> RecordBatch {
        made_with(&TABLE, context, facts, Request::NOTHING, &[customers])
    }

    #[test]
    fn four_days_by_hand() {
        let (context, customers, facts) = four_days();
        let table = filled(&context, &customers, &facts);
        assert_eq!(table.num_rows(), 4);
        assert_row(
            &table,
            &["a", "2024-01-30"],
            &[
                ("placed_orders", "2"),
                ("placed_amount", "7000"),
                ("placed_customers", "2"),
                ("paid_orders", "1"),
                ("paid_amount", "2000"),
                ("new_customers", "1"),
                ("returning_customers", "0"),
                ("returning_share", "0"),
                ("refunds", "0"),
                ("net_revenue", "2000"),
                ("pv", "-"),
                ("conversion", "-"),
            ],
        );
        // Somebody placed, nobody paid: the rate is 0, a value per customer there is not.
        assert_row(
            &table,
            &["a", "2024-01-31"],
            &[
                ("placed_orders", "1"),
                ("paid_orders", "0"),
                ("payment_rate", "0"),
                ("value_per_customer", "-"),
                ("order_value", "-"),
                ("returning_share", "-"),
                ("conversion", "0"),
                ("pages_per_visitor", "2.5"),
                ("bounce_rate", "0.2"),
            ],
        );
        // Anna, Ben and Cleo (twice) paid; Ben's order counts as paid and not as a purchase.
        assert_row(
            &table,
            &["a", "2024-02-01"],
            &[
                ("placed_orders", "3"),
                ("placed_amount", "3000"),
                ("placed_customers", "2"),
                ("paid_orders", "4"),
                ("paid_amount", "10000"),
                ("paying_customers", "3"),
                ("paid_quantity", "4"),
                ("purchases", "3"),
                ("new_customers", "1"),
                ("returning_customers", "1"),
                ("returning_share", "0.5"),
                ("refund_amount", "0"),
                // Ben's 50.00 of the 100.00, one of four orders; they came back on the next day.
                ("refunded_of_paid", "5000"),
                ("refunded_orders", "1"),
                ("refund_rate", "0.25"),
                ("refund_share", "0.5"),
                ("net_by_payment", "5000"),
                ("net_by_refund", "10000"),
                ("conversion", "0.05"),
                ("payment_rate", "1.3333333333333333"),
                ("order_value", "25"),
                ("bounce_rate", "-"),
            ],
        );
        assert_row(
            &table,
            &["a", "2024-02-02"],
            &[
                ("placed_orders", "0"),
                ("refunds", "1"),
                ("refund_amount", "5000"),
                ("net_revenue", "-5000"),
                ("net_by_refund", "-5000"),
                ("refunded_of_paid", "0"),
                ("refund_rate", "-"),
                ("refund_share", "-"),
                ("net_by_payment", "0"),
                ("payment_rate", "-"),
                ("uv", "-"),
            ],
        );
    }

    #[test]
    fn what_the_job_does_not_map_is_null_and_not_zero() {
        let (mut context, customers, mut facts) = four_days();
        context.features.customers = false;
        (facts.refunds, facts.traffic) = (None, None);
        let table = filled(&context, &customers, &facts);
        for column in ["placed_customers", "paying_customers", "new_customers", "returning_customers", "returning_share"] {
            assert_eq!(value(&table, 2, column), "-", "{column}");
        }
        for column in ["new_net_revenue", "returning_net_revenue", "returning_customers_365", "returning_share_365"] {
            assert_eq!(value(&table, 2, column), "-", "{column}");
        }
        for column in
            ["refunds", "refund_amount", "net_revenue", "net_by_refund", "pv", "uv", "conversion", "value_per_customer", "dwell_per_visit"]
        {
            assert_eq!(value(&table, 2, column), "-", "{column}");
        }
        assert_row(&table, &["a", "2024-02-01"], &[("paid_orders", "4"), ("purchases", "3"), ("order_value", "25")]);
        // The orders say by themselves what was refunded of them, but not when.
        assert_row(&table, &["a", "2024-02-01"], &[("refunded_of_paid", "5000"), ("net_by_payment", "5000")]);
        context.features.refunded = false;
        let table = filled(&context, &customers, &facts);
        for column in ["refunded_of_paid", "refunded_orders", "refund_rate", "refund_share", "net_by_payment"] {
            assert_eq!(value(&table, 2, column), "-", "{column}");
        }
    }

    #[test]
    fn a_shop_without_anything_has_no_rows_and_the_table_is_there_all_the_same() {
        let (context, _, mut facts) = four_days();
        facts.first_days = vec![crate::spec::NO_DAY];
        assert_eq!(filled(&context, &[], &facts).num_rows(), 0);
    }
}
