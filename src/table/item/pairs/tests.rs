//! Pairs of a small shop worked by hand.

use super::*;
use crate::history::Context;
use crate::input::values::codes::OwnedId;
use crate::job::Params;
use crate::table::testing::{Customer, assert_row, column, customer, day, made, paid, text_shops};

/// A shop whose items are milk (1), bread (2) and tea (3).
fn context(least: u32, most: u32) -> Context {
    let context = text_shops(1, "2024-12-31");
    let items = ["bread", "milk", "tea"].map(|name| OwnedId::Text(name.into())).to_vec();
    let params = Params { min_pair_orders: least, max_pairs: most, ..context.params.clone() };
    Context { item_ids: items, params, ..context }
}

const BREAD: u32 = 1;
const MILK: u32 = 2;
const TEA: u32 = 3;

/// A customer with orders of these items on these days.
fn bought(orders: &[(&str, &[u32])]) -> Customer {
    let of = |(on, items): &(&str, &[u32])| paid(day(on), 100 * items.len() as i64);
    let lines = orders.iter().zip(0..).flat_map(|((_, items), order)| items.iter().map(move |item| (order, *item, 1, 100)));
    customer(0, orders.iter().map(of).collect()).with_lines(&lines.collect::<Vec<_>>())
}

/// Ten orders: both bread and milk in 4, bread alone in 1, milk alone in 2, tea with bread in 1, tea alone in 2.
fn shop() -> Vec<Customer> {
    vec![
        bought(&[("2024-01-01", &[BREAD, MILK]), ("2024-01-11", &[MILK]), ("2024-01-12", &[BREAD])]),
        bought(&[("2024-01-01", &[BREAD, MILK]), ("2024-01-31", &[MILK])]),
        bought(&[("2024-01-02", &[BREAD, MILK])]),
        bought(&[("2024-01-03", &[BREAD, MILK])]),
        bought(&[("2024-01-04", &[TEA, BREAD]), ("2024-01-04", &[TEA])]),
        bought(&[("2024-01-05", &[TEA])]),
    ]
}

#[test]
fn bread_and_milk_by_hand() {
    let found = made(&TABLE, &context(1, 10), &shop());
    assert_eq!(column(&found, "item_a"), ["bread", "bread"]);
    // 10 orders, bread in 6, milk in 6, both in 4. By chance 3.6, so lift 4 · 10 / 36 = 1.1111.
    // Fisher: milk's 6 among the 6 with bread and the 4 without: (C(6,4)C(4,2) + C(6,5)C(4,1) + C(6,6)C(4,0)) / C(10,6) = (90 + 24 + 1) / 210.
    assert_row(
        &found,
        &["a", "bread", "milk"],
        &[
            ("orders_both", "4"),
            ("orders_a", "6"),
            ("orders_b", "6"),
            ("orders", "10"),
            ("support", "0.4"),
            ("confidence_a_b", "0.6666666666666666"),
            ("confidence_b_a", "0.6666666666666666"),
            ("lift", "1.1111111111111112"),
            ("p_value", "0.5476190476190477"), // 115 / 210
            ("pairs_tested", "2"),
            ("q_value", "0.9666666666666667"), // 115 / 210 · 2 / 1 is above that of the pair below, which bounds it
            // Five customers of bread; milk later than the first bread: the first after 10 days, the second after 30.
            ("customers_a", "5"),
            ("then_customers", "2"),
            ("then_share", "0.4"),
            ("then_median_days", "20"),
            // Four customers of milk; bread after it: the first, after 11 days.
            ("customers_b", "4"),
            ("then_customers_b_a", "1"),
            ("then_share_b_a", "0.25"),
            ("then_median_days_b_a", "11"),
        ],
    );
    // Tea is in 3 orders, 1 of them with bread: 1 − C(4,3)/C(10,3) = 1 − 4/120. Two orders of a day are not one after the other.
    assert_row(
        &found,
        &["a", "bread", "tea"],
        &[
            ("orders_both", "1"),
            ("orders_b", "3"),
            ("lift", "0.5555555555555556"), // 1 · 10 / 18
            ("p_value", "0.9666666666666667"),
            ("q_value", "0.9666666666666667"),
            ("then_customers", "0"),
            ("then_share", "0"),
            ("then_median_days", "-"),
            ("customers_b", "2"),
            ("then_customers_b_a", "0"),
        ],
    );
}

#[test]
fn rare_pairs_are_no_rows_and_the_best_come_first() {
    assert_eq!(column(&made(&TABLE, &context(2, 10), &shop()), "item_b"), ["milk"]);
    assert_eq!(made(&TABLE, &context(5, 10), &shop()).num_rows(), 0);
    // lift × orders: 1.11 · 4 against 0.56 · 1.
    let best = made(&TABLE, &context(1, 1), &shop());
    assert_eq!((column(&best, "item_b"), column(&best, "pairs_tested")), (vec!["milk".to_owned()], vec!["2".to_owned()]));
    let context = context(1, 10);
    let nobody = Context { features: crate::history::Features { customers: false, ..context.features }, ..context };
    let found = made(&TABLE, &nobody, &shop());
    assert_row(
        &found,
        &["a", "bread", "milk"],
        &[("orders_both", "4"), ("customers_a", "-"), ("then_customers", "-"), ("then_share", "-")],
    );
}

#[test]
fn orders_that_are_left_out_are_told() {
    assert_eq!(LargeBaskets(0).warning(), None);
    assert_eq!(LargeBaskets(3).warning().unwrap(), "item_pairs: 3 orders with more than 100 different items are left out");
}

#[test]
fn parts_folded_apart_make_the_same_table() {
    let (context, customers) = (context(1, 10), shop());
    let facts = crate::input::records::facts::Facts::default();
    let request = crate::table::request::Request::NOTHING;
    let in_parts = crate::table::testing::made_with(&TABLE, &context, &facts, request, &[&customers[3..], &customers[..3]]);
    assert_eq!(in_parts, made(&TABLE, &context, &customers));
}
