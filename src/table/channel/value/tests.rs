//! New customers of four months worked by hand, and the law that each of them, and all their money, is in one row.

use arrow::record_batch::RecordBatch;
use proptest::prelude::*;

use super::*;
use crate::history::Context;
use crate::input::records::channel_days::{ChannelDay, ChannelTraffic};
use crate::input::records::facts::Facts;
use crate::table::request::Request;
use crate::table::testing::{Customer, any_customers, assert_row, customer, day, facts, known, made_with, paid, shown, text_shops};

/// The as-of date is the last day of 2024; money was spent on activity, the first channel of the orders.
fn context() -> Context {
    Context { channels_with_cost: vec![false, true, false], ..text_shops(1, "2024-12-31") }
}

/// 40.00 in January, 90.00 in February, 5.00 in March, nothing in April.
fn with_costs() -> Facts {
    let spent = |on, cost| ChannelDay::new(0, 0, day(on), [None, None, None, None, None, None, Some(cost)]);
    let days = vec![
        spent("2024-01-05", 3000),
        spent("2024-01-06", 1000),
        spent("2024-02-01", 9000),
        spent("2024-03-01", 500),
        spent("2024-04-01", 0),
    ];
    let traffic = ChannelTraffic { channels: vec!["activity".to_owned()], days: days.into() };
    Facts { channel_traffic: Some(traffic), ..facts(&["2023-01-01"]) }
}

fn table(facts: &Facts, customers: &[Customer]) -> RecordBatch {
    made_with(&TABLE, &context(), facts, Request::NOTHING, &[customers])
}

#[test]
fn four_months_by_hand() {
    // Anna comes again after 30 days, by another channel; ben after 180.
    let anna = vec![paid("2024-01-10", 2000).coded(1, 0), paid("2024-02-09", 1500).coded(2, 0)];
    let ben = vec![paid("2024-01-20", 500).coded(1, 0), paid("2024-07-18", 300).coded(1, 0)];
    let cleo = vec![paid("2024-02-01", 8000).refunding(1000).coded(1, 0)];
    let dora = vec![paid("2024-12-20", 100).coded(2, 0)];
    let table = table(&with_costs(), &[anna, ben, cleo, dora].map(|orders| customer(0, orders)));
    let expected = ["activity 2024-01-01 2", "activity 2024-02-01 1", "activity 2024-03-01 0", "natural 2024-12-01 1"];
    assert_eq!(shown(&table, &["channel", "cohort_month", "new_customers"]), expected);
    assert_row(
        &table,
        &["a", "activity", "2024-01-01"],
        &[
            ("is_complete", "true"),
            ("is_left_truncated", "false"),
            ("cost", "4000"),
            ("cost_days", "2"),
            ("cost_per_new_customer", "20"),
            ("net_revenue", "4300"),
            ("paid_back_share", "1.075"),
            ("payback_days", "30"), // 25.00 on day 0, 15.00 more on day 30
            ("customers_30", "2"),
            ("net_revenue_30", "4000"),
            ("net_revenue_per_customer_30", "20"),
            ("return_on_cost_30", "1"),
            ("net_revenue_90", "4000"),
            ("customers_180", "2"),
            ("net_revenue_180", "4300"),
            ("net_revenue_per_customer_180", "21.5"),
            ("return_on_cost_180", "1.075"),
            ("customers_365", "0"), // anna came 356 days ago
            ("net_revenue_365", "-"),
            ("net_revenue_per_customer_365", "-"),
            ("return_on_cost_365", "-"),
            ("repurchased_90", "1"),
            ("repurchase_rate_90", "0.5"),
        ],
    );
    let february = [("net_revenue", "7000"), ("paid_back_share", "0.7777777777777778"), ("payback_days", "-"), ("repurchase_rate_90", "0")];
    assert_row(&table, &["a", "activity", "2024-02-01"], &february);
    // Money was spent on nobody.
    let march = [("cost", "500"), ("cost_per_new_customer", "-"), ("net_revenue", "0"), ("paid_back_share", "0"), ("payback_days", "-")];
    assert_row(&table, &["a", "activity", "2024-03-01"], &march);
    let december = [("cost", "-"), ("cost_days", "0"), ("customers_30", "0"), ("net_revenue_30", "-"), ("repurchase_rate_90", "-")];
    assert_row(&table, &["a", "natural", "2024-12-01"], &december);
}

#[test]
fn a_return_on_cost_waits_for_the_youngest_customer() {
    // 183 and 179 days before the as-of date.
    let customers = [("2024-07-01", 1000), ("2024-07-05", 3000)].map(|(on, amount)| customer(0, vec![paid(on, amount).coded(1, 0)]));
    let spent = ChannelDay::new(0, 0, day("2024-07-02"), [None, None, None, None, None, None, Some(2000)]);
    let traffic = ChannelTraffic { channels: vec!["activity".to_owned()], days: vec![spent].into() };
    let table = table(&Facts { channel_traffic: Some(traffic), ..facts(&["2023-01-01"]) }, &customers);
    let expected = [
        ("return_on_cost_90", "2"),
        ("customers_180", "1"),
        ("net_revenue_180", "1000"),
        ("return_on_cost_180", "-"),
        ("payback_days", "0"),
    ];
    assert_row(&table, &["a", "activity", "2024-07-01"], &expected);
}

#[test]
fn without_traffic_the_customers_are_there_and_their_cost_is_not() {
    let customers = [customer(0, vec![paid("2024-01-10", 2000).coded(1, 0)])];
    let table = table(&facts(&["2023-01-01"]), &customers);
    let expected = [("new_customers", "1"), ("cost", "-"), ("payback_days", "-"), ("return_on_cost_30", "-"), ("net_revenue_30", "2000")];
    assert_row(&table, &["a", "activity", "2024-01-01"], &expected);
}

proptest! {
    #[test]
    fn every_customer_and_all_their_money_is_in_one_row(customers in any_customers(1)) {
        let coded = |mut customer: Customer| {
            customer.orders.iter_mut().for_each(|order| order.channel = (order.placed_amount % 3) as u32);
            customer
        };
        let customers: Vec<Customer> = customers.into_iter().map(coded).collect();
        let table = table(&facts(&["2023-01-01"]), &customers);
        let purchases = customers.iter().flat_map(|customer| &customer.orders).filter(|order| order.is_purchase());
        prop_assert_eq!(known(&table, "net_revenue").iter().sum::<i64>(), purchases.map(|order| order.net_revenue()).sum::<i64>());
        let months = known(&table, "cohort_month");
        let found = |month: i32| known(&table, "new_customers").iter().zip(&months).filter(|(_, start)| Grain::Month.index(**start as i32) == month).map(|(count, _)| count).sum::<i64>();
        for month in Grain::Month.index(day("2023-01-01"))..=Grain::Month.index(day("2024-12-31")) {
            let firsts = customers.iter().filter_map(|customer| customer.days.first());
            prop_assert_eq!(found(month), firsts.filter(|day| Grain::Month.index(**day) == month).count() as i64);
        }
        // Who is old enough for a horizon is old enough for those before it.
        let counts = ["new_customers", "customers_30", "customers_90", "customers_180", "customers_365"].map(|name| known(&table, name));
        for row in 0..table.num_rows() {
            prop_assert!(counts.windows(2).all(|pair| pair[0][row] >= pair[1][row]));
        }
    }
}
