//! Channels of three months worked by hand, and laws: channels add up to the shop, parts to the whole.

use arrow::record_batch::RecordBatch;
use proptest::prelude::*;

use super::*;
use crate::history::Context;
use crate::input::records::channel_days::{ChannelDay, ChannelTraffic};
use crate::input::records::facts::Facts;
use crate::table::request::Request;
use crate::table::shop;
use crate::table::testing::{Customer, any_customers, assert_row, customer, day, facts, known, made_with, paid, shown, text_shops, value};

/// Two channels of traffic, activity and paid. The figures are those of [`ChannelDay::new`]: page views, UV, visits, bounces, new visitors,
/// items added to carts, cost.
fn with_traffic() -> Facts {
    let activity = |on, figures| ChannelDay::new(0, 0, day(on), figures);
    let days = vec![
        activity("2024-01-10", [Some(100), Some(40), Some(50), Some(10), Some(8), Some(4), Some(1000)]),
        activity("2024-01-20", [Some(60), Some(20), Some(30), None, None, Some(1), None]),
        activity("2024-02-05", [None, Some(24), Some(40), Some(10), None, None, Some(500)]),
        activity("2024-03-01", [None, Some(10), None, None, None, None, None]),
        ChannelDay::new(0, 1, day("2024-01-15"), [None, Some(60), None, None, None, None, Some(3000)]),
    ];
    let traffic = ChannelTraffic { channels: ["activity", "paid"].map(str::to_owned).to_vec(), days: days.into() };
    Facts { channel_traffic: Some(traffic), ..facts(&["2024-01-01"]) }
}

/// Orders by activity (1), by natural (2) and by no channel (0).
fn customers() -> Vec<Customer> {
    let anna = vec![paid("2024-01-10", 1000).coded(1, 0), paid("2024-01-10", 500).coded(1, 0), paid("2024-01-20", 300).coded(2, 0)];
    let ben = vec![paid("2024-01-20", 2000).coded(1, 0), paid("2024-02-05", 400), paid("2024-02-06", 700).coded(1, 0)];
    // Refunded in full: it was paid all the same.
    let cleo = vec![paid("2024-02-05", 900).refunding(900).coded(1, 0)];
    [anna, ben, cleo].map(|orders| customer(0, orders)).to_vec()
}

fn table(context: &Context, facts: &Facts, customers: &[Customer]) -> RecordBatch {
    made_with(&TABLE, context, facts, Request::NOTHING, &[customers])
}

#[test]
fn three_months_by_hand() {
    let table = table(&text_shops(1, "2024-03-15"), &with_traffic(), &customers());
    assert_row(
        &table,
        &["a", "month", "2024-01-01", "activity"],
        &[
            ("is_complete", "true"),
            ("pv", "160"),
            ("days_with_traffic", "2"),
            ("uv_sum", "60"),
            ("uv_daily_mean", "30"),
            ("new_visitors", "8"),
            ("visits", "80"),
            ("bounces", "10"),
            ("bounce_rate", "-"), // one day has visits without bounces
            ("cart_adds", "5"),
            ("cost", "1000"),
            ("cost_days", "1"),
            ("orders", "3"),
            ("paid_amount", "3500"),
            ("paying_customers", "2"),
            ("shop_paid_amount", "3800"),
            ("paying_customer_days", "2"), // anna on the 10th, ben on the 20th
            ("conversion", "0.03333333333333333"),
            ("uv_with_cost", "40"), // the 10th; the 20th has no cost
            ("cost_per_visitor", "0.25"),
            ("orders_with_cost", "2"), // anna on the 10th
            ("paid_amount_with_cost", "1500"),
            ("cost_per_order", "5"),
            ("return_on_cost", "1.5"),
            ("channels_uv_sum", "120"),
            ("visitor_share", "0.5"),
            ("uv_daily_mean_previous", "-"),
            ("uv_daily_mean_vs_previous", "-"),
            ("conversion_vs_previous", "-"),
        ],
    );
    assert_row(
        &table,
        &["a", "month", "2024-02-01", "activity"],
        &[
            ("orders", "2"),
            ("paid_amount", "1600"),
            ("paying_customers", "2"),
            ("shop_paid_amount", "2000"),
            ("amount_share", "0.8"),
            ("paying_customer_days", "1"), // cleo: the 6th has no UV
            ("uv_daily_mean", "24"),
            ("uv_daily_mean_previous", "30"),
            ("uv_daily_mean_vs_previous", "-0.2"),
            ("conversion_previous", "0.03333333333333333"),
            ("conversion_vs_previous", "0.25"), // 1/24 against 1/30
            ("bounce_rate", "0.25"),
            ("cost_per_order", "5"), // cleo alone paid on the 5th
            ("return_on_cost", "1.8"),
        ],
    );
    // Half of March: nobody has bought yet, which is a 0.
    assert_row(
        &table,
        &["a", "month", "2024-03-01", "activity"],
        &[
            ("is_complete", "false"),
            ("orders", "0"),
            ("paid_amount", "0"),
            ("paying_customers", "0"),
            ("conversion", "0"),
            ("conversion_vs_previous", "-1"),
            ("uv_daily_mean_vs_previous", "-0.5833333333333334"), // 10 against 24
            ("cost", "-"),
            ("cost_per_visitor", "-"),
            ("shop_paid_amount", "0"),
            ("amount_share", "-"),
        ],
    );
}

#[test]
fn a_channel_on_one_side_has_nulls_on_the_other() {
    let table = table(&text_shops(1, "2024-03-15"), &with_traffic(), &customers());
    let of_month: Vec<String> =
        shown(&table, &["grain", "period_start", "channel"]).into_iter().filter(|row| row.starts_with("month")).collect();
    let expected = ["01-01 activity", "01-01 natural", "01-01 paid", "02-01 (none)", "02-01 activity", "03-01 activity"];
    assert_eq!(of_month, expected.map(|row| format!("month 2024-{row}")));
    assert_row(
        &table,
        &["a", "month", "2024-01-01", "natural"],
        &[
            ("orders", "1"),
            ("paid_amount", "300"),
            ("paying_customers", "1"),
            ("days_with_traffic", "0"),
            ("uv_sum", "-"),
            ("pv", "-"),
            ("cost", "-"),
            ("cost_days", "0"),
            ("paying_customer_days", "-"),
            ("conversion", "-"),
            ("visitor_share", "-"),
            ("return_on_cost", "-"),
        ],
    );
    assert_row(
        &table,
        &["a", "month", "2024-01-01", "paid"],
        &[
            ("orders", "-"),
            ("paid_amount", "-"),
            ("paying_customers", "-"),
            ("amount_share", "-"),
            ("paying_customer_days", "-"),
            ("conversion", "-"),
            ("uv_sum", "60"),
            ("visitor_share", "0.5"),
            ("cost", "3000"),
            ("cost_per_visitor", "0.5"),
            ("cost_per_order", "-"),
            ("return_on_cost", "-"),
        ],
    );
    assert_row(&table, &["a", "month", "2024-02-01", "(none)"], &[("orders", "1"), ("paid_amount", "400"), ("amount_share", "0.2")]);
}

#[test]
fn after_an_incomplete_period_and_after_a_gap_there_is_no_change() {
    let activity = |on, uv| ChannelDay::new(0, 0, day(on), [None, Some(uv), None, None, None, None, None]);
    let days = vec![activity("2024-01-10", 40), activity("2024-02-10", 50), activity("2024-04-10", 60)];
    let traffic = ChannelTraffic { channels: vec!["activity".to_owned()], days: days.into() };
    // The shop's data begin within January.
    let facts = Facts { channel_traffic: Some(traffic), ..facts(&["2024-01-02"]) };
    let table = table(&text_shops(1, "2024-04-30"), &facts, &[]);
    for month in ["2024-01-01", "2024-02-01", "2024-04-01"] {
        assert_row(&table, &["a", "month", month, "activity"], &[("uv_daily_mean_vs_previous", "-"), ("uv_daily_mean_previous", "-")]);
    }
}

#[test]
fn without_customers_people_are_unknown() {
    let mut context = text_shops(1, "2024-03-15");
    context.features.customers = false;
    let table = table(&context, &with_traffic(), &customers());
    let unknown =
        [("paying_customers", "-"), ("paying_customer_days", "-"), ("conversion", "-"), ("orders", "3"), ("return_on_cost", "1.5")];
    assert_row(&table, &["a", "month", "2024-01-01", "activity"], &unknown);
}

/// The customers with a channel for each order: activity, natural or none.
fn by_channels(customers: Vec<Customer>) -> Vec<Customer> {
    let coded = |mut customer: Customer| {
        customer.orders.iter_mut().for_each(|order| order.channel = (order.placed_amount % 3) as u32);
        customer
    };
    customers.into_iter().map(coded).collect()
}

proptest! {
    #[test]
    fn channels_add_up_to_the_shop(customers in any_customers(2)) {
        let (context, facts, customers) = (text_shops(2, "2024-12-31"), facts(&["2023-01-01", "2023-01-01"]), by_channels(customers));
        let periods = made_with(&shop::periods::TABLE, &context, &facts, Request::NOTHING, &[&customers]);
        let table = table(&context, &facts, &customers);
        let key = |batch: &RecordBatch, row| ["shop_id", "grain", "period_start"].map(|column| value(batch, row, column));
        let keys: Vec<[String; 3]> = (0..table.num_rows()).map(|row| key(&table, row)).collect();
        for column in ["paid_amount", "paid_orders", "paying_customers"] {
            let parts = known(&table, if column == "paid_orders" { "orders" } else { column });
            let totals = known(&table, "shop_paid_amount");
            for (row, whole) in known(&periods, column).into_iter().enumerate() {
                let of_period: Vec<usize> = (0..keys.len()).filter(|place| keys[*place] == key(&periods, row)).collect();
                let sum: i64 = of_period.iter().map(|place| parts[*place]).sum();
                match column {
                    // Who paid by two channels is in both.
                    "paying_customers" => prop_assert!(sum >= whole),
                    _ => prop_assert_eq!(sum, whole),
                }
                if column == "paid_amount" {
                    prop_assert!(of_period.iter().all(|place| totals[*place] == whole));
                }
            }
        }
    }

    #[test]
    fn parts_folded_apart_and_merged_make_the_same_table(customers in any_customers(2), cut in 0usize..12) {
        let (context, facts, customers) = (text_shops(2, "2024-12-31"), facts(&["2023-01-01", "2023-01-01"]), by_channels(customers));
        let cut = cut.min(customers.len());
        let in_parts = made_with(&TABLE, &context, &facts, Request::NOTHING, &[&customers[cut..], &customers[..cut]]);
        prop_assert_eq!(in_parts, table(&context, &facts, &customers));
    }
}
