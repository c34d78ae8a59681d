//! Cases of plan_progress worked by hand; that of a month spread by the year before is tests/cases/plan/spread.md.

use arrow::record_batch::RecordBatch;

use super::TABLE;
use crate::history::Context;
use crate::input::records::facts::{Facts, Listing, MonthPlan};
use crate::spec::period::parse_day;
use crate::spec::{Grain, NO_DAY};
use crate::table::request::Request;
use crate::table::testing::{Customer, assert_close, assert_row, customer, facts, integers, made_with, numbers, paid, text_shops, value};

fn month(first: &str) -> i32 {
    Grain::Month.index(parse_day(first).unwrap())
}

/// A plan of a shop for a month: sales of so many units, and so many new items.
fn plan(shop: u32, first: &str, sales: Option<i64>, new_items: Option<i64>) -> MonthPlan {
    MonthPlan { shop, month: month(first), sales_target: sales.map(|sales| sales * 100), ad_budget: None, new_items }
}

/// Shop a sold for 1,100.00 on 5 February, and 500.00 of it went back; shop b never had an order.
fn shops(as_of: &str) -> (Context, Vec<Customer>) {
    let mut context = text_shops(2, as_of);
    context.first_days[1] = NO_DAY;
    context.features.refunded = true;
    (context, vec![customer(0, vec![paid("2024-02-05", 110_000).refunding(50_000)])])
}

fn table(as_of: &str, plans: Vec<MonthPlan>, listings: Option<Vec<Listing>>) -> RecordBatch {
    let (context, customers) = shops(as_of);
    let facts = Facts { plans: Some(plans), listings, ..facts(&["2023-01-01", "2023-01-01"]) };
    made_with(&TABLE, &context, &facts, Request::NOTHING, &[&customers])
}

#[test]
fn a_month_that_runs_evenly() {
    // February a year before had no orders: 10 of 29 days have passed.
    let listings = vec![Listing { shop: 0, month: month("2024-02-01"), live: Some(90), new: Some(5) }];
    let batch = table("2024-02-10", vec![plan(0, "2024-02-01", Some(2_900), Some(29))], Some(listings));
    let key = |measure| ["a", "2024-02-01", measure, "(all)"];
    assert_eq!(
        (0..4).map(|row| value(&batch, row, "measure")).collect::<Vec<_>>(),
        ["net_sales", "new_items", "sales", "sales_year_to_date"]
    );
    // 1,000 of 2,900 should be there, and 10 of 29 items.
    assert_eq!(integers(&batch, "expected_by_now"), [Some(100_000), Some(1_000), Some(100_000), Some(100_000)]);
    assert_eq!(integers(&batch, "projected"), [Some(60_000 * 29 / 10), Some(1_450), Some(110_000 * 29 / 10), Some(110_000 * 29 / 10)]);
    assert_close(
        &numbers(&batch, "needed_per_day"),
        &[Some(2_300.0 / 19.0), Some(24.0 / 19.0), Some(1_800.0 / 19.0), Some(1_800.0 / 19.0)],
    );
    assert_row(&batch, &key("net_sales"), &[("plan", "290000"), ("actual", "60000"), ("spread_by", "even"), ("status", "behind")]);
    assert_row(&batch, &key("new_items"), &[("unit", "items"), ("actual", "500"), ("status", "behind"), ("projected_by", "spread")]);
    assert_row(&batch, &key("sales"), &[("unit", "CNY"), ("actual", "110000"), ("days_to_come", "19"), ("status", "ahead")]);
}

#[test]
fn what_is_not_known_is_null_and_not_zero() {
    let plans = vec![plan(0, "2022-12-01", Some(100), None), plan(0, "2024-02-01", None, Some(3)), plan(1, "2024-02-01", Some(100), None)];
    let batch = table("2024-02-10", plans, None);
    let unknown = [("actual", "-"), ("share_done", "-"), ("gap_by_now", "-"), ("projected", "-"), ("needed_per_day", "-"), ("status", "-")];
    // December 2022 lies before the first order of the shop, listings are not there, and shop b has no order at all.
    for key in [
        ["a", "2022-12-01", "sales"],
        ["a", "2022-12-01", "sales_year_to_date"],
        ["a", "2024-02-01", "new_items"],
        ["b", "2024-02-01", "net_sales"],
    ] {
        assert_row(&batch, &key, &unknown);
    }
    assert_row(&batch, &["a", "2022-12-01", "sales"], &[("expected_by_now", "10000"), ("spread_by", "-"), ("days_to_come", "0")]);
    assert_eq!(batch.num_rows(), 3 + 1 + 3);
}

#[test]
fn who_planned_nothing_has_reached_nothing() {
    for as_of in ["2024-02-10", "2024-02-29"] {
        let batch = table(as_of, vec![plan(0, "2024-02-01", Some(0), None)], None);
        assert_row(&batch, &["a", "2024-02-01", "sales"], &[("plan", "0"), ("actual", "110000"), ("share_done", "-"), ("status", "-")]);
    }
}

#[test]
fn on_its_last_day_a_month_has_ended() {
    let plans = vec![plan(0, "2024-02-01", Some(1_100), None), plan(0, "2024-03-01", Some(0), None), plan(0, "2025-01-01", Some(10), None)];
    let batch = table("2024-02-29", plans, None);
    let row = |month, measure, expected: &[(&str, &str)]| assert_row(&batch, &["a", month, measure], expected);
    row("2024-02-01", "sales", &[("status", "done"), ("projected", "110000"), ("projected_by", "ended"), ("needed_per_day", "-")]);
    row("2024-02-01", "net_sales", &[("status", "missed"), ("gap_by_now", "50000"), ("projected_gap", "50000")]);
    // Nothing is planned for March, so no part of it can be done; it has not begun.
    row("2024-03-01", "sales", &[("share_done", "-"), ("actual", "0"), ("needed_per_day", "-"), ("projected", "-"), ("status", "-")]);
    row("2024-03-01", "sales_year_to_date", &[("months", "2"), ("plan", "110000"), ("actual", "110000"), ("days_to_come", "31")]);
    // The next year begins anew, with the 31 days of January: those before it bring nothing to it.
    row("2025-01-01", "sales_year_to_date", &[("months", "1"), ("plan", "1000"), ("actual", "0"), ("days_to_come", "31")]);
}
