//! What the customers of a small shop run out of, and what to offer them, worked by hand.

use std::sync::Arc;

use super::*;
use crate::fold::folds::Folds;
use crate::fold::selection::Selection;
use crate::history::{Context, Fold, Order};
use crate::input::values::codes::OwnedId;
use crate::table::read;
use crate::table::request::Request;
use crate::table::testing::{Customer, buyer, day, give, paid, text_shops};

const OIL: u32 = 1;
const PEPPER: u32 = 2;
const SOAP: u32 = 3;
const VINEGAR: u32 = 4;

/// A customer with orders of these days, each of one piece of these items.
fn bought(id: &'static str, orders: &[(&str, &[u32])]) -> Customer {
    let lines: Vec<_> = (0..).zip(orders).flat_map(|(order, (_, items))| items.iter().map(move |item| (order, *item, 1, 10_00))).collect();
    let order = |(rank, (on, items)): (u32, &(&str, &[u32]))| Order { rank, item: items[0], ..paid(*on, 10_00 * items.len() as i64) };
    buyer(0, Id::Text(id), (0..).zip(orders).map(order).collect()).with_lines(&lines)
}

/// 47 orders: oil in 14, vinegar in 5, pepper in 3, soap in 32. Oil and vinegar are together in 4, oil and pepper in 3.
///
/// Oil and vinegar: lift 4 · 47 / (14 · 5) = 2.7; p = (C(14,4) · 33 + C(14,5)) / C(47,5) = 35,035 / 1,533,939 = 0.0228.
/// Oil and pepper: lift 3 · 47 / (14 · 3) = 3.4; p = C(14,3) / C(47,3) = 364 / 16,215 = 0.0224. Both q-values are 0.0228, of two pairs tested.
/// By lift × orders, 10.7 against 10.1, the best pair of oil is that with vinegar.
fn shop() -> Vec<Customer> {
    let mut two = bought("ben", &[("2024-11-01", &[OIL]), ("2024-12-01", &[OIL])]);
    two.lines[1].quantity = 2;
    let mut sent_back = bought("dora", &[("2024-12-10", &[OIL])]);
    sent_back.orders[0].refunded = 10_00;
    sent_back.lines[0].net_revenue = 0;
    // Only one customer buys soap again: of fewer than two it is not known how long it lasts.
    let days: Vec<String> = (1..=30).map(|on| format!("2024-11-{on:02}")).collect();
    let soap: Vec<(&str, &[u32])> = days.iter().map(|on| (on.as_str(), &[SOAP][..])).collect();
    vec![
        bought("anna", &[("2024-10-01", &[OIL]), ("2024-10-31", &[OIL]), ("2024-11-30", &[OIL])]),
        two,
        bought("cleo", &[("2024-11-20", &[OIL])]),
        sent_back,
        bought("eve", &[("2024-11-24", &[OIL]), ("2024-12-30", &[SOAP])]),
        bought("fay", &[("2024-12-01", &[OIL, VINEGAR])]),
        bought("gus", &[("2024-12-01", &[OIL, VINEGAR]), ("2024-12-05", &[VINEGAR])]),
        bought("hal", &[("2024-12-01", &[OIL, VINEGAR])]),
        bought("ida", &[("2024-12-01", &[OIL, VINEGAR]), ("2024-12-30", &[SOAP])]),
        bought("kim", &[("2024-12-20", &[OIL, PEPPER])]),
        bought("lou", &[("2024-12-20", &[PEPPER, OIL])]),
        bought("mia", &[("2023-11-01", &[OIL, PEPPER])]),
        bought("zoe", &soap),
    ]
}

fn context() -> Context {
    let mut context = text_shops(1, "2024-12-31");
    context.item_ids = ["oil", "pepper", "soap", "vinegar"].map(|text| OwnedId::Text(text.into())).to_vec();
    (context.params.min_customers, context.params.min_pair_orders) = (2, 3);
    context
}

fn night(request: Request, customers: &[Customer]) -> Night {
    let context = context();
    let mut selection = Selection::default();
    read::select(&[Read::Shared(&CUSTOMER_ITEMS)], &request, &mut selection);
    let mut folds = Folds::start(&context, &selection);
    give(&mut folds, customers);
    // Some were counted by another thread.
    let mut merged = Folds::start(&context, &selection);
    merged.merge(&folds.state().unwrap()).unwrap();
    Night::new(Arc::new(context), Arc::default(), request, merged.finish())
}

#[test]
fn what_runs_out_by_hand() {
    let customers = shop();
    assert_eq!(customers.iter().flat_map(|customer| &customer.orders).filter(|order| order.is_purchase()).count(), 47);
    let items = night(Request { has_refills: true, ..Request::NOTHING }, &customers).shared(&CUSTOMER_ITEMS).unwrap();
    let of = |id: &'static str| items.refill(0, Id::Text(id)).map(|refill| (refill.item, refill.ran_out_on, refill.quantity));
    // Oil was bought again after 30, 30 and 30 days, mostly one at a time: a piece lasts 30 days.
    assert_eq!(of("anna"), Some((OIL, day("2024-12-30"), 1)));
    // Two pieces last for 60 days.
    assert_eq!(of("ben"), Some((OIL, day("2025-01-30"), 2)));
    // December 20 is more than a week ago; December 24 is a week ago.
    assert_eq!((of("cleo"), of("eve")), (None, Some((OIL, day("2024-12-24"), 1))));
    // What was bought with the oil is no substitute for it; vinegar four days later is.
    assert_eq!((of("fay"), of("gus")), (Some((OIL, day("2024-12-31"), 1)), None));
    // Soap is no pair of oil.
    assert_eq!(of("ida"), Some((OIL, day("2024-12-31"), 1)));
    // The other pair of oil counts for nothing, and what was bought more than 400 days ago runs out of no list.
    assert_eq!((of("kim"), of("mia")), (Some((OIL, day("2025-01-19"), 1)), None));
    assert_eq!((of("dora"), of("zoe"), of("nobody")), (None, None, None));
    assert_eq!(items.refill(0, Id::Text("fay")).and_then(|refill| refill.pair), Some(VINEGAR));
    // Nothing that is not asked for is made.
    assert_eq!(items.offer(0), NO_VALUE);
}

#[test]
fn what_to_offer_by_hand() {
    let items = night(Request { has_offers: true, ..Request::NOTHING }, &shop()).shared(&CUSTOMER_ITEMS).unwrap();
    // Customers with a purchase, in the order of their ids: dora is none of them.
    let names = ["anna", "ben", "cleo", "eve", "fay", "gus", "hal", "ida", "kim", "lou", "mia", "zoe"];
    let of = |name: &str| items.offer(names.iter().position(|other| *other == name).unwrap());
    assert_eq!([of("anna"), of("kim")], [VINEGAR; 2]);
    // They have the vinegar: the next best is pepper.
    assert_eq!([of("fay"), of("hal")], [PEPPER; 2]);
    // The only partner of vinegar and of pepper is oil, which they have; soap has none.
    assert_eq!([of("gus"), of("lou"), of("eve"), of("ida"), of("zoe")], [NO_VALUE; 5]);
    // What was bought more than 400 days ago is used up: vinegar is the best all the same.
    assert_eq!(of("mia"), VINEGAR);
    assert_eq!(items.refill(0, Id::Text("anna")), None);
}

#[test]
fn who_bought_all_partners_is_offered_nothing() {
    let mut customers = shop();
    customers.push(bought("nat", &[("2024-12-20", &[OIL, PEPPER, VINEGAR])]));
    let items = night(Request { has_offers: true, ..Request::NOTHING }, &customers).shared(&CUSTOMER_ITEMS).unwrap();
    // After mia, the eleventh.
    assert_eq!([items.offer(10), items.offer(11)], [VINEGAR, NO_VALUE]);
}
