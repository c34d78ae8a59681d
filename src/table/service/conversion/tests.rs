//! A month of two agents worked by hand.

use proptest::prelude::*;

use super::*;
use crate::history::{Context, Dictionary, Inquiry};
use crate::input::records::facts::{Facts, TrafficDay};
use crate::spec::DAY_MICROSECONDS;
use crate::table::request::Request;
use crate::table::testing::{Customer, any_customers, assert_row, customer, day, facts, known, made_with, paid, shown, text_shops};

fn context(shops: usize, as_of: &str) -> Context {
    Context { agents: Dictionary::new(["11", "小美"].map(str::to_owned).to_vec()), ..text_shops(shops, as_of) }
}

/// A question at noon.
fn asked(on: &str, agent: u32, response: u32) -> Inquiry {
    Inquiry { asked: i64::from(day(on)) * DAY_MICROSECONDS + DAY_MICROSECONDS / 2, agent, response }
}

fn visited(of: &[(&str, Option<i64>)]) -> Facts {
    let traffic = of.iter().map(|(on, uv)| TrafficDay { shop: 0, day: day(on), uv: *uv, ..TrafficDay::default() }).collect();
    Facts { traffic: Some(traffic), ..facts(&["2024-01-01"]) }
}

/// Orders of tests are paid at midnight. Anna asks 11 on the 10th and buys on the 11th; she asks 小美 about the parcel on the 12th.
/// Ben asks both on the 20th and buys nothing. Cleo buys on the 10th and on the 21st without asking.
fn customers() -> Vec<Customer> {
    let mut anna = customer(0, vec![paid("2024-01-11", 5000).refunding(1000)]);
    anna.inquiries = vec![asked("2024-01-10", 1, 20), asked("2024-01-12", 2, 40)];
    let mut ben = customer(0, vec![paid("2023-11-01", 1)]);
    ben.inquiries = vec![asked("2024-01-20", 1, 60), asked("2024-01-20", 2, u32::MAX)];
    let cleo = customer(0, vec![paid("2024-01-10", 1000), paid("2024-01-21", 2000)]);
    vec![anna, ben, cleo]
}

#[test]
fn a_month_by_hand() {
    let facts = visited(&[
        ("2024-01-09", Some(7)),
        ("2024-01-10", Some(10)),
        ("2024-01-11", None),
        ("2024-01-20", Some(4)),
        ("2024-02-01", Some(9)),
    ]);
    let table = made_with(&TABLE, &context(1, "2024-02-01"), &facts, Request::NOTHING, &[&customers()]);
    assert_eq!(shown(&table, &["agent_id", "month"]), ["(all)", "11", "小美"].map(|agent| format!("{agent} 2024-01-01")));
    assert_row(
        &table,
        &["a", "(all)", "2024-01-01"],
        &[
            ("is_complete", "true"),
            ("questions", "4"),
            ("inquirers", "3"),
            ("inquiring_customers", "2"),
            ("paid_same_day", "0"),
            ("inquiry_same_day", "0"),
            ("paid_next_day", "1"),
            ("inquiry_next_day", "0.3333333333333333"),
            // Anna on the 12th had paid the day before.
            ("inquirers_net", "2"),
            ("paid_net", "1"),
            ("inquiry_net", "0.5"),
            ("orders", "1"),
            ("buyers", "1"),
            ("paid_amount", "5000"),
            ("refunded_of_paid", "1000"),
            ("refund_share", "0.2"),
            ("value_per_customer", "50"),
            ("shop_paid_amount", "8000"),
            ("shop_paying_customers", "2"),
            ("shop_value_per_customer", "40"),
            ("answered_questions", "3"),
            ("response_seconds", "40"),
            // The 9th, the 10th and the 20th: 21 visitors, of whom Anna and Ben asked; Cleo bought on the 10th, and on the 21st nobody
            // knows who came.
            ("days_with_traffic", "3"),
            ("uv", "21"),
            ("inquirers_with_traffic", "2"),
            ("inquiry_rate", "0.09523809523809523"),
            ("silent_customers", "1"),
            ("silent_visitors", "19"),
            ("silent_of_silent_visitors", "0.05263157894736842"),
            ("silent_of_all_visitors", "0.047619047619047616"),
        ],
    );
    assert_row(
        &table,
        &["a", "小美", "2024-01-01"],
        &[
            ("inquirers", "2"),
            ("inquiry_next_day", "0"),
            ("inquirers_net", "1"),
            ("orders", "0"),
            ("value_per_customer", "-"),
            ("refund_share", "-"),
            ("response_seconds", "40"),
            ("shop_value_per_customer", "40"),
            ("uv", "-"),
            ("silent_of_silent_visitors", "-"),
        ],
    );
}

#[test]
fn a_month_is_complete_when_its_last_questions_had_their_next_day() {
    let facts = visited(&[("2024-01-10", Some(1))]);
    let of = |as_of| made_with(&TABLE, &context(1, as_of), &facts, Request::NOTHING, &[&customers()]);
    assert_row(&of("2024-01-31"), &["a", "(all)", "2024-01-01"], &[("is_complete", "false")]);
    // One visitor, and Anna asked: nobody is left who could buy silently.
    let silent = [("silent_visitors", "0"), ("silent_of_silent_visitors", "-"), ("silent_of_all_visitors", "1"), ("is_complete", "true")];
    assert_row(&of("2024-02-01"), &["a", "(all)", "2024-01-01"], &silent);
}

proptest! {
    #[test]
    fn orders_of_agents_add_up_and_parts_make_the_same_table(
        customers in any_customers(2), questions in prop::collection::vec((0..730_i32, 1..3_u32), 0..30), cut in 0usize..12,
    ) {
        let mut customers = customers;
        let first = day("2023-01-01");
        let shops = customers.len();
        for (place, (on, agent)) in questions.iter().enumerate() {
            if let Some(customer) = customers.get_mut(place % shops.max(1)) {
                customer.inquiries.push(Inquiry { asked: i64::from(first + on) * DAY_MICROSECONDS, agent: *agent, response: 5 });
                customer.inquiries.sort_unstable();
            }
        }
        let (context, facts) = (context(2, "2024-12-31"), facts(&["2023-01-01", "2023-01-01"]));
        let made = |parts: &[&[Customer]]| made_with(&TABLE, &context, &facts, Request::NOTHING, parts);
        let table = made(&[&customers]);
        let cut = cut.min(customers.len());
        prop_assert_eq!(&made(&[&customers[cut..], &customers[..cut]]), &table);
        let agents = shown(&table, &["agent_id"]);
        let of = |column: &str, all: bool| -> i64 {
            known(&table, column).into_iter().zip(&agents).filter(|(_, agent)| (*agent == "(all)") == all).map(|(value, _)| value).sum()
        };
        for column in ["questions", "orders", "paid_amount", "answered_questions"] {
            prop_assert_eq!(of(column, true), of(column, false), "{}", column);
        }
        for column in ["inquirers", "paid_next_day", "inquirers_net"] {
            prop_assert!(of(column, true) <= of(column, false), "{}", column);
        }
        let [inquirers, same_day, next_day] = ["inquirers", "paid_same_day", "paid_next_day"].map(|column| known(&table, column));
        for row in 0..table.num_rows() {
            prop_assert!(same_day[row] <= next_day[row] && next_day[row] <= inquirers[row]);
        }
    }
}
