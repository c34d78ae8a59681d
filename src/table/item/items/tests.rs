//! Items of one shop worked by hand, and states that are merged.

use arrow::record_batch::RecordBatch;

use super::*;
use crate::history::Context;
use crate::input::records::facts::Facts;
use crate::input::records::item_traffic::{ItemDay, ItemTraffic};
use crate::input::values::codes::OwnedId;
use crate::table::request::Request;
use crate::table::testing::{Customer, assert_row, column, customer, day, made_with, paid, shown, text_shops};

const CUP: u32 = 1;
const OIL: u32 = 2;
const SOAP: u32 = 3;

/// Two customers of an item are enough for its rates.
fn context() -> Context {
    let mut context = text_shops(1, "2024-12-31");
    context.item_ids = ["cup", "oil", "soap"].map(|text| OwnedId::Text(text.into())).to_vec();
    context.params.min_customers = 2;
    context
}

/// An order by its id among those of the customer, which stand in the order of time.
fn ranked(mut orders: Vec<crate::history::Order>) -> Vec<crate::history::Order> {
    orders.iter_mut().zip(0..).for_each(|(order, rank)| order.rank = rank);
    orders
}

fn customers() -> Vec<Customer> {
    let anna = customer(0, ranked(vec![paid("2024-03-01", 50_00), paid("2024-04-10", 20_00), paid("2024-05-10", 40_00)]));
    // Two lines of one item in one order.
    let anna = anna.with_lines(&[(0, OIL, 2, 40_00), (0, CUP, 1, 10_00), (1, OIL, 1, 20_00), (2, OIL, 1, 20_00), (2, OIL, 1, 20_00)]);
    let ben = customer(0, ranked(vec![paid("2024-06-01", 5_00), paid("2024-12-20", 60_00), paid("2024-12-30", 40_00)]));
    let mut ben = ben.with_lines(&[(0, SOAP, 1, 5_00), (1, OIL, 3, 60_00), (2, OIL, 2, 40_00)]);
    ben.lines[1].category = 1;
    ben.lines[2].category = 2;
    // Cleo sent everything back, Dora the oil.
    let cleo = customer(0, vec![paid("2024-11-15", 20_00).refunding(20_00)]).with_lines(&[(0, CUP, 2, 20_00)]);
    let mut dora = customer(0, vec![paid("2024-11-20", 30_00).refunding(20_00)]).with_lines(&[(0, CUP, 1, 10_00), (0, OIL, 1, 20_00)]);
    dora.lines[1].net_revenue = 0;
    vec![anna, ben, cleo, dora]
}

fn table(context: &Context, parts: &[&[Customer]]) -> RecordBatch {
    made_with(&TABLE, context, &Facts::default(), Request::NOTHING, parts)
}

#[test]
fn three_items_by_hand() {
    let table = table(&context(), &[&customers()]);
    assert_eq!(column(&table, "item_id"), ["cup", "oil", "soap"]);
    let of = |item: &str, expected: &[(&str, &str)]| assert_row(&table, &["a", item], expected);
    // Paid 40 + 20 + 40 by Anna, 60 + 40 by Ben, 20 by Dora, which went back. Of 225.00 in all.
    of(
        "oil",
        &[
            ("category_id", "tea"),
            ("first_sold", "2024-03-01"),
            ("last_sold", "2024-12-30"),
            ("orders", "6"),
            ("quantity", "11"),
            ("paid_amount", "22000"),
            ("refunded_of_paid", "2000"),
            ("net_revenue", "20000"),
            ("shop_net_revenue", "22500"),
            ("revenue_rank", "1"),
            ("tier", "A"),
            // Since December 2; Dora's of November 20 lies in the 30 days before. (100 - 20) / 20.
            ("amount_30", "10000"),
            ("amount_30_before", "2000"),
            ("trend", "4"),
            // Anna and Ben, who came with soap.
            ("customers", "2"),
            ("new_customers", "1"),
            ("gateway_share", "0.5"),
            // Anna came back after 40 days, and brought 50 + 20 + 40 in 180 days. One customer is too few for a rate.
            ("customers_90", "1"),
            ("repurchased_90", "1"),
            ("repurchase_rate_90", "-"),
            ("customers_180", "1"),
            ("net_revenue_180", "11000"),
            ("net_revenue_per_customer_180", "-"),
            // Anna and Ben are old enough; Ben, who came back after 202 days, brought 5.00. Dora came 41 days ago.
            ("shop_customers_90", "2"),
            ("shop_repurchased_90", "1"),
            ("shop_repurchase_rate_90", "0.5"),
            ("shop_customers_180", "2"),
            ("shop_net_revenue_180", "11500"),
            ("shop_net_revenue_per_customer_180", "57.5"),
            ("rebuyers", "2"),
            ("rebuy_rate", "1"),
            // Anna after 40 and 30 days, Ben after 10; open since 235 and 1 days. Of five the one of 1 day leaves first: after 10 days
            // 3/4 are left, after 30 days 3/4 x 2/3 = 1/2.
            ("rebuy_intervals", "3"),
            ("rebuy_median_days", "30"),
            ("rebuy_km_median_days", "30"),
            // 2, 1, 1 + 1, 3 and 2 pieces.
            ("median_quantity", "2"),
            ("days_per_unit", "15"),
        ],
    );
    // Anna's and Dora's 10.00 are left of 40.00. Both came with a cup; only Anna is old enough.
    of(
        "cup",
        &[
            ("category_id", "-"),
            ("orders", "3"),
            ("quantity", "4"),
            ("refund_share", "0.5"),
            ("net_revenue", "2000"),
            ("revenue_rank", "2"),
            // 200 of 225 are before it: 88.9 %.
            ("tier", "B"),
            ("amount_30", "0"),
            ("amount_30_before", "3000"),
            ("trend", "-1"),
            ("customers", "2"),
            ("new_customers", "2"),
            ("gateway_share", "1"),
            ("customers_90", "1"),
            ("rebuyers", "0"),
            ("rebuy_rate", "0"),
            ("rebuy_intervals", "0"),
            ("rebuy_median_days", "-"),
            ("rebuy_km_median_days", "-"),
            ("median_quantity", "1"),
            ("days_per_unit", "-"),
        ],
    );
    // 220 of 225 are before it: 97.8 %. Nothing was sold before or since.
    of("soap", &[("tier", "C"), ("customers", "1"), ("gateway_share", "-"), ("trend", "-"), ("median_quantity", "-")]);
}

#[test]
fn parts_folded_apart_and_merged_are_the_whole() {
    let customers = customers();
    let whole = table(&context(), &[&customers]);
    assert_eq!(table(&context(), &[&customers[2..], &customers[..1], &customers[1..2]]), whole);
}

#[test]
fn a_young_shop_has_no_trend_and_a_job_without_customers_no_people() {
    let mut context = context();
    context.first_days = vec![context.as_of - 58];
    let young = table(&context, &[&customers()]);
    assert_row(&young, &["a", "oil"], &[("amount_30", "10000"), ("amount_30_before", "-"), ("trend", "-")]);
    context.features.customers = false;
    let nobody = table(&context, &[&customers()]);
    let unknown =
        ["customers", "rebuyers", "rebuy_intervals", "gateway_share", "shop_customers_90", "net_revenue_180", "rebuy_median_days"];
    assert_row(&nobody, &["a", "oil"], &unknown.map(|name| (name, "-")));
}

/// Traffic of oil and soap around the last days.
fn traffic() -> Facts {
    let of = |item, on, figures| ItemDay::new(0, item, day(on), figures);
    let days = vec![
        of(CUP, "2024-11-20", [Some(9), None, Some(1), Some(2)]),
        of(OIL, "2024-11-20", [Some(80), Some(50), Some(5), Some(6)]),
        of(OIL, "2024-12-20", [Some(20), Some(10), Some(1), Some(2)]),
        of(OIL, "2024-12-29", [Some(7), Some(6), Some(1), None]),
        of(OIL, "2024-12-30", [Some(5), Some(4), Some(0), Some(1)]),
        of(SOAP, "2024-12-30", [Some(5), None, None, None]),
    ];
    Facts { item_traffic: Some(ItemTraffic { days, first_days: Vec::new() }), ..Facts::default() }
}

#[test]
fn visitors_of_the_last_30_days_by_hand() {
    let request = Request { has_item_traffic: true, ..Request::NOTHING };
    let table = made_with(&TABLE, &context(), &traffic(), request, &[&customers()]);
    // Of oil on December 20, 29 and 30: 10 + 6 + 4 visitors, Ben twice, 2 + 1 cart adds; November 20 is too long ago.
    assert_row(
        &table,
        &["a", "oil"],
        &[
            ("days_with_visitors_30", "3"),
            ("visitors_30", "20"),
            ("buyers_30", "2"),
            ("item_conversion", "0.1"),
            ("cart_adds_30", "3"),
            ("cart_rate", "0.15"),
            ("favorites_30", "2"),
            ("favorite_rate", "0.1"),
        ],
    );
    // Nobody knows how many looked at the others.
    for item in ["cup", "soap"] {
        assert_row(&table, &["a", item], &[("days_with_visitors_30", "0"), ("visitors_30", "-"), ("buyers_30", "-"), ("cart_rate", "-")]);
    }
}

#[test]
fn days_of_items_of_tier_a_by_hand() {
    let request = Request { has_item_traffic: true, ..Request::NOTHING };
    let table = made_with(&crate::table::item::days::TABLE, &context(), &traffic(), request, &[&customers()[..1], &customers()[1..]]);
    // Oil alone is of tier A. October 3 is the first of the 90 days: Anna's last purchase lies before it.
    assert_eq!(
        shown(&table, &["item_id", "date", "orders", "buyers", "quantity", "paid_amount", "ipv_uv", "item_conversion", "cart_rate"]),
        [
            "oil 2024-11-20 1 1 1 20.00 50 0.02 0.12",
            "oil 2024-12-20 1 1 3 60.00 10 0.1 0.2",
            "oil 2024-12-29 0 0 0 0.00 6 0.0 ",
            "oil 2024-12-30 1 1 2 40.00 4 0.25 0.25",
        ]
    );
}
