//! Tests of assessment_quarterly: a scene worked by hand, partial results, and what the card says of metrics.

use arrow::record_batch::RecordBatch;
use proptest::prelude::*;

use super::peers::COMPARED;
use super::quarterly::TABLE;
use crate::history::{Context, Order};
use crate::input::records::facts::{Facts, Refund, ScoreSnapshot, Scores, Shop, TrafficDay};
use crate::metric::assessed::ASSESSED;
use crate::metric::peers::Best;
use crate::spec::{DAY_MICROSECONDS, NO_DAY, NO_TIME};
use crate::table::request::Request;
use crate::table::testing::{
    Customer, HOUR, any_customers, assert_row, customer, day, facts, made_with, paid, paid_later, placed, text_shops, value,
};
use crate::table::unit::AnyTable;

fn tabled(context: &Context, customers: &[Customer], facts: &Facts) -> RecordBatch {
    made_with(&TABLE, context, facts, Request::NOTHING, &[customers])
}

/// Five shops up to the middle of the second quarter of 2024; two peers are enough for a rank.
fn five_shops() -> (Context, Vec<Customer>, Facts) {
    let at = |on: &str, hour: i64| i64::from(day(on)) * DAY_MICROSECONDS + hour * HOUR;
    let shipped = |order: Order, hours: i64| Order { shipping_seconds: hours * 3600, ..order };
    let customers = vec![
        // Shop a: settled in January what was paid in December; 30 of January's 100 went back in April.
        customer(0, vec![Order { completed_day: day("2024-01-05"), ..paid("2023-12-30", 5_000) }]),
        customer(0, vec![shipped(paid("2024-01-10", 10_000).refunding(3_000), 10), placed("2024-01-11", 1_000)]),
        customer(0, vec![paid_later("2024-03-30", "2024-04-02", 7_000)]),
        customer(1, vec![shipped(paid("2024-02-01", 6_000), 4), shipped(paid("2024-02-01", 6_000), 8)]),
        customer(2, vec![paid("2024-02-01", 50_000)]),
        customer(3, vec![paid("2024-02-01", 100)]),
        customer(4, vec![paid("2024-02-01", 100)]),
    ];
    let mut facts = facts(&["2023-11-01", "2024-01-01", "2024-01-01", "2024-01-10", "2024-01-01"]);
    let shop = |shop, category: Option<&str>, opened| {
        let category = category.map(str::to_owned);
        Shop { shop, name: None, category, group: None, opened, annual_target: None }
    };
    facts.shops = Some(vec![
        shop(0, Some("shoes"), day("2023-10-01")),
        shop(1, Some("shoes"), NO_DAY),
        shop(2, Some("shoes"), day("2024-01-02")),
        shop(3, Some("hats"), day("2023-01-01")),
        shop(4, None, day("2023-01-01")),
    ]);
    facts.refunds = Some(vec![
        Refund {
            shop: 0,
            created: at("2024-02-01", 0),
            completed: NO_TIME,
            amount: 500,
            intervened: Some(false),
            is_open: false,
            reason: 0,
        },
        Refund {
            shop: 0,
            created: at("2024-03-31", 12),
            completed: at("2024-04-03", 12),
            amount: 3_000,
            intervened: Some(true),
            is_open: false,
            reason: 0,
        },
    ]);
    let snapshot = |shop, score| ScoreSnapshot { shop, day: day("2024-03-31"), scores: [Some(score); 4] };
    facts.scores = Some(Scores::Snapshots(vec![snapshot(0, 4.8), snapshot(1, 4.9), snapshot(2, 5.0)]));
    let traffic = |shop, on: &str, uv| TrafficDay { shop, day: day(on), uv: Some(uv), ..TrafficDay::default() };
    // One paying customer on 20 and 30 visitors in shop a, and one on 25 in shop b: 1/50 and 1/25.
    facts.traffic = Some(vec![traffic(0, "2024-01-10", 20), traffic(0, "2024-01-11", 30), traffic(1, "2024-02-01", 25)].into());
    (text_shops(5, "2024-05-15"), customers, facts)
}

#[test]
fn five_shops_by_hand() {
    let (context, customers, facts) = five_shops();
    let table = tabled(&context, &customers, &facts);
    let row = |shop: &str, quarter: &str, expected: &[(&str, &str)]| assert_row(&table, &[shop, quarter], expected);
    assert_eq!(table.num_rows(), 3 + 4 * 2);
    row("a", "2023-10-01", &[("days", "61"), ("is_complete", "true"), ("is_eligible", "false"), ("peers", "0"), ("paid_amount_rank", "-")]);
    row(
        "a",
        "2024-01-01",
        &[
            ("category", "shoes"),
            ("opened_at", "2023-10-01"),
            ("is_eligible", "true"), // opened three months before to the day
            ("days", "91"),
            ("peers", "2"),
            ("paid_amount", "10000"),
            ("net_by_payment", "7000"),
            ("net_by_refund", "10000"),
            ("settled", "5000"),
            ("paid_orders", "1"),
            ("placed_orders", "3"),
            ("payment_rate", "0.3333333333333333"),
            ("days_with_traffic", "2"),
            ("uv_conversion", "0.02"),
            ("ratings", "-"),
            ("dsr_logistics", "4.8"),
            ("dsr_mean", "4.8"),
            ("refund_applications", "2"),
            ("intervened_refunds", "1"),
            ("dispute_rate", "0.5"),
            ("refund_rate", "2"),
            ("successful_refunds", "1"),
            ("refund_hours", "72"),
            ("shipped_orders", "1"),
            ("delivery_hours", "10"),
            ("paid_amount_peers", "2"),
            ("paid_amount_peer_mean", "110"),
            ("paid_amount_rank", "2"),
            ("uv_conversion_peer_mean", "0.03"),
            ("uv_conversion_rank", "2"),
            ("dsr_mean_rank", "2"),
            ("refund_rate_peer_mean", "1"),
            ("refund_rate_rank", "2"),
            ("delivery_hours_peer_mean", "8"),
            ("delivery_hours_rank", "2"),
            // Shop b had no application: one peer with a value is not enough.
            ("refund_hours_peers", "1"),
            ("refund_hours_peer_mean", "-"),
            ("refund_hours_rank", "-"),
            ("dispute_rate_rank", "-"),
        ],
    );
    row(
        "a",
        "2024-04-01",
        &[
            ("is_complete", "false"),
            ("days", "45"),
            ("paid_amount", "7000"),
            ("net_by_payment", "7000"),
            ("net_by_refund", "4000"),
            ("placed_orders", "0"),
            ("payment_rate", "-"),
            ("refund_applications", "0"),
            ("intervened_refunds", "0"),
            ("dispute_rate", "-"),
            ("dsr_mean", "-"),
            ("uv_conversion", "-"),
        ],
    );
    // Unknown opening counts as eligible.
    row(
        "b",
        "2024-01-01",
        &[
            ("opened_at", "-"),
            ("is_eligible", "true"),
            ("paid_amount_rank", "1"),
            ("payment_rate_rank", "1"),
            ("refund_rate_rank", "1"),
            ("delivery_hours", "6"),
        ],
    );
    // Entered a day too late for both quarters: it sees how many its peers are, and is compared with nobody.
    row(
        "c",
        "2024-01-01",
        &[("is_eligible", "false"), ("peers", "2"), ("paid_amount_peers", "2"), ("paid_amount_peer_mean", "-"), ("paid_amount_rank", "-")],
    );
    row("c", "2024-04-01", &[("is_eligible", "false")]);
    row("d", "2024-01-01", &[("peers", "1"), ("paid_amount_peers", "1"), ("paid_amount_rank", "-"), ("delivery_hours", "-")]);
    row("e", "2024-01-01", &[("category", "-"), ("peers", "-"), ("paid_amount_peers", "-"), ("paid_amount_rank", "-")]);
}

#[test]
fn what_the_job_does_not_map_is_null_and_not_zero() {
    let (mut context, customers, mut facts) = five_shops();
    (context.features.shipped, context.features.completed, context.features.customers) = (false, false, false);
    (facts.refunds, facts.scores, facts.shops) = (None, None, None);
    let table = tabled(&context, &customers, &facts);
    let unknown = [
        "category",
        "opened_at",
        "peers",
        "settled",
        "net_by_refund",
        "paying_daily_mean",
        "uv_conversion",
        "ratings",
        "dsr_mean",
        "refund_applications",
        "intervened_refunds",
        "dispute_rate",
        "refund_rate",
        "successful_refunds",
        "refund_hours",
        "shipped_orders",
        "complaints",
        "complaint_rate",
        "new_items",
        "service_score_min",
        "service_score_mean",
        "violation_points",
        "serious_violation_points",
        "red_line_violations",
    ];
    for column in unknown {
        assert_eq!(value(&table, 1, column), "-", "{column}");
    }
    assert_row(&table, &["a", "2024-01-01"], &[("is_eligible", "true"), ("uv_daily_mean", "25"), ("net_by_payment", "7000")]);
}

proptest! {
    #[test]
    fn parts_folded_apart_and_absorbed_make_the_same_table(customers in any_customers(5), cut in 0usize..12) {
        let (context, _, mut facts) = five_shops();
        let context = Context { as_of: day("2024-12-31"), ..context };
        facts.first_days = vec![day("2023-01-01"); 5];
        let cut = cut.min(customers.len());
        let in_parts = made_with(&TABLE, &context, &facts, Request::NOTHING, &[&customers[cut..], &customers[..cut]]);
        let whole = tabled(&context, &customers, &facts);
        prop_assert_eq!(&in_parts, &whole);

        // The bases close: refunds of the payments of all quarters are all refunds, what is settled is what was paid for the completed.
        let sum = |column: &str| (0..whole.num_rows()).map(|row| value(&whole, row, column).parse::<i64>().unwrap()).sum::<i64>();
        let orders = || customers.iter().flat_map(|customer| &customer.orders);
        prop_assert_eq!(sum("paid_amount") - sum("net_by_payment"), orders().map(|order| order.refunded).sum::<i64>());
        prop_assert_eq!(sum("settled"), orders().filter(|order| order.completed_day != NO_DAY).map(|order| order.paid_amount).sum::<i64>());
    }
}

#[test]
fn every_metric_that_is_a_column_is_compared_but_parts_of_rates() {
    let parts = ["intervened_refunds", "refund_applications"];
    let columns: Vec<&str> =
        ASSESSED.iter().map(|metric| metric.name).filter(|name| TABLE.card().column(name).is_some() && !parts.contains(name)).collect();
    assert_eq!(COMPARED.each_ref().map(|metric| metric.name).to_vec(), columns);
    // What a rule has to name a standard or a number of months for is no column.
    let others: Vec<&str> = ASSESSED.iter().map(|metric| metric.name).filter(|name| TABLE.card().column(name).is_none()).collect();
    assert_eq!(others, ["service_score_kth", "service_months_below"]);
}

#[test]
fn the_card_calls_the_end_better_that_ranks_first() {
    for metric in &COMPARED {
        let rank = TABLE.card().column(&format!("{}_rank", metric.name)).unwrap();
        let best = if metric.best == Best::Most { "more" } else { "less" };
        assert!(rank.definition.contains(&format!("{best} is better")), "{}", rank.definition);
    }
}

#[test]
fn a_metric_has_one_unit_in_rules_and_in_both_tables() {
    for metric in ASSESSED.iter().filter(|metric| TABLE.card().column(metric.name).is_some()) {
        assert_eq!(TABLE.card().column(metric.name).unwrap().unit, metric.unit, "{}", metric.name);
    }
    for metric in &COMPARED {
        assert_eq!(TABLE.card().column(&format!("{}_peer_mean", metric.name)).unwrap().unit, metric.unit, "{}", metric.name);
    }
}
