//! Tests of the periods of shops: cases worked by hand, and laws.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use proptest::prelude::*;

use super::super::daily::tests::four_days;
use super::*;
use crate::history::Context;
use crate::history::views::Viewers;
use crate::history::views::viewers::ViewerWriter;
use crate::input::records::facts::{Facts, TrafficDay};
use crate::input::records::viewer_facts::{ViewedDay, ViewedPeriod, ViewerFacts};
use crate::partition::Budget;
use crate::spec::{Id, MappedInputs, WeekStart};
use crate::table::request::Request;
use crate::table::testing::{
    Customer, any_customers, any_week_start, assert_row, customer, day, facts, made_with, paid, text_shops, value,
};

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

/// The four days with page views of each of them: customers 0 to 2 are Anna, Ben and Cleo.
fn viewed_days() -> (Context, Vec<Customer>, Facts) {
    let (mut context, customers, mut facts) = four_days();
    context.inputs.add("page_views", ["visitor_id", "viewed_at", "customer_id"]);
    let budget = Arc::new(Budget::unlimited());
    let mut writer = ViewerWriter::new(1, &budget);
    for (on, who) in [("2024-01-30", 0), ("2024-01-31", 1), ("2024-02-01", 0), ("2024-02-01", 1)] {
        writer.push(0, day(on), Id::Integer(who));
    }
    context.viewers = Arc::new(Viewers::new(vec![writer]).unwrap().ranked(vec![0]));
    let viewed = [("2024-01-30", 1), ("2024-01-31", 1), ("2024-02-01", 2), ("2024-02-02", 0)];
    let viewed = viewed.map(|(on, customers)| ViewedDay { shop: 0, day: day(on), customers });
    let people = |grain: usize, on: &str, uv| {
        let index = context.params.periods()[grain].index(day(on));
        ViewedPeriod { shop: 0, grain, index, uv, ipv_uv: uv - 3 }
    };
    let periods = [people(0, "2024-01-30", 43), people(0, "2024-02-01", 70), people(2, "2024-01-30", 90), people(3, "2024-01-30", 90)];
    let (days, periods) = (viewed.to_vec(), periods.to_vec());
    facts.viewers = Some(ViewerFacts { days, periods, has_items: true, has_customers: true });
    let first = TrafficDay { day: day("2024-01-30"), pv: Some(20), uv: Some(5), is_counted: true, ..TrafficDay::default() };
    facts.traffic = facts.traffic.map(|traffic| [first].into_iter().chain(traffic.iter()).collect());
    (context, customers, facts)
}

fn with_views(context: &Context, customers: &[Customer], facts: &Facts) -> RecordBatch {
    made_with(&TABLE, context, facts, Request { has_page_views: true, ..Request::NOTHING }, &[customers])
}

#[test]
fn people_of_periods_by_hand() {
    let (context, customers, mut facts) = viewed_days();
    let table = with_views(&context, &customers, &facts);
    // Three customers paid; pv is mostly that of traffic rows, and no part of it is over the 90 visitors. Anna views and pays on two days,
    // Ben views on two days and pays on the second.
    let week = [
        ("uv", "90"),
        ("ipv_uv", "87"),
        ("conversion", "0.03333333333333333"),
        ("pv", "300"),
        ("pages_per_visitor", "-"),
        ("uv_source", "mixed"),
        ("uv_sum", "105"),
        ("days_with_page_views", "4"),
        ("viewing_customer_days", "4"),
        ("viewed_paid_customer_days", "3"),
        ("viewed_paid_rate", "0.75"),
    ];
    assert_row(&table, &["a", "week", "2024-01-29"], &week);
    // The quarter has no people here, though the days reach over it.
    assert_row(&table, &["a", "quarter", "2024-01-01"], &[("uv", "-"), ("conversion", "-"), ("uv_source", "mixed")]);
    assert_row(&table, &["a", "month", "2024-01-01"], &[("uv", "43"), ("days_with_page_views", "2")]);
    assert_row(&table, &["a", "month", "2024-02-01"], &[("uv", "70"), ("uv_source", "traffic"), ("viewed_paid_rate", "1")]);
    // All days counted from page views.
    facts.traffic = facts.traffic.map(|traffic| traffic.iter().map(|day| TrafficDay { is_counted: true, ..day }).collect());
    let table = with_views(&context, &customers, &facts);
    assert_row(&table, &["a", "week", "2024-01-29"], &[("uv_source", "page_views"), ("pages_per_visitor", "3.3333333333333335")]);
    // Page views that begin a day later do not know who came on the first day, and those that end a day earlier not who came on the last.
    let viewers = facts.viewers.as_mut().unwrap();
    let first = viewers.days.remove(0);
    assert_row(&with_views(&context, &customers, &facts), &["a", "week", "2024-01-29"], &[("uv", "-"), ("days_with_page_views", "3")]);
    let viewers = facts.viewers.as_mut().unwrap();
    viewers.days.insert(0, first);
    viewers.days.pop();
    let table = with_views(&context, &customers, &facts);
    assert_row(&table, &["a", "week", "2024-01-29"], &[("uv", "-"), ("conversion", "-"), ("pages_per_visitor", "-")]);
    assert_row(&table, &["a", "month", "2024-01-01"], &[("uv", "43")]);
}

#[test]
fn columns_that_need_page_views_are_there_with_them_only() {
    let (mut context, customers, facts) = viewed_days();
    let people = ["uv", "ipv_uv", "conversion", "pages_per_visitor", "uv_source", "days_with_page_views"];
    let viewing = ["viewing_customer_days", "viewed_paid_customer_days", "viewed_paid_rate"];
    let has = |context: &Context, column: &str| tabled(context, &customers, &facts).column_by_name(column).is_some();
    assert!(people.iter().chain(&viewing).all(|column| has(&context, column)));
    context.inputs = MappedInputs::default();
    context.inputs.add("page_views", ["visitor_id"]);
    assert!(people.iter().all(|column| has(&context, column)) && !viewing.iter().any(|column| has(&context, column)));
    context.inputs = MappedInputs::default();
    assert!(!people.iter().chain(&viewing).any(|column| has(&context, column)));
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

/// 27 December 2026 is a Sunday: of a week from Sunday the first day, of one from Monday the last.
#[test]
fn weeks_begin_on_the_day_of_the_job() {
    let mut context = text_shops(1, "2027-01-09");
    let orders = [("2026-12-27", 1_000), ("2026-12-31", 2_000), ("2027-01-01", 3_000), ("2027-01-02", 4_000), ("2027-01-03", 5_000)];
    let customers = [customer(0, orders.map(|(on, amount)| paid(on, amount)).to_vec())];
    let weeks = |context: &Context, expected: &[(&str, [&str; 5])]| {
        let table = tabled(context, &customers, &facts(&["2026-12-27"]));
        let starts: Vec<String> = (0..table.num_rows())
            .filter(|row| value(&table, *row, "grain") == "week")
            .map(|row| value(&table, row, "period_start"))
            .collect();
        assert_eq!(starts, expected.iter().map(|(start, _)| *start).collect::<Vec<_>>());
        let columns = ["days", "is_complete", "paid_amount", "paying_customers", "paid_amount_vs_previous"];
        for (start, expected) in expected {
            assert_row(&table, &["a", "week", start], &columns.into_iter().zip(*expected).collect::<Vec<_>>());
        }
        assert_row(&table, &["a", "year", "2027-01-01"], &[("paid_amount", "12000")]);
    };
    // 1,000 on the Sunday alone; then 2,000 to 5,000; then nothing until the as-of date, a Saturday.
    let from_monday = [
        ("2026-12-21", ["1", "false", "1000", "1", "-"]),
        ("2026-12-28", ["7", "true", "14000", "1", "-"]),
        ("2027-01-04", ["6", "false", "0", "0", "-"]),
    ];
    weeks(&context, &from_monday);
    context.params.week_starts = WeekStart::Sunday;
    weeks(&context, &[("2026-12-27", ["7", "true", "10000", "1", "-"]), ("2027-01-03", ["7", "true", "5000", "1", "-0.5"])]);
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
    fn months_add_up_to_quarters_and_years_but_for_people(customers in any_customers(1), week_starts in any_week_start()) {
        let mut context = text_shops(1, "2024-12-31");
        context.params.week_starts = week_starts;
        let table = tabled(&context, &customers, &facts(&["2023-01-01"]));
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
