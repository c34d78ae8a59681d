//! Cases of revenue_bridge worked by hand, and its identity for any orders.

use arrow::record_batch::RecordBatch;
use proptest::prelude::*;

use super::TABLE;
use crate::history::{Context, Order, PaidRefund};
use crate::input::records::facts::{Facts, Refund};
use crate::spec::{DAY_MICROSECONDS, Day};
use crate::table::request::Request;
use crate::table::testing::{
    Customer, any_customers, assert_row, customer, day, facts, integers, known, made_with, of_periods, of_their_months, paid, text_shops,
    value,
};

/// The row of a refund that was paid out.
fn paid_out(shop: u32, on: Day, amount: i64) -> Refund {
    let completed = i64::from(on) * DAY_MICROSECONDS;
    Refund { shop, created: completed, completed, amount, intervened: None, is_open: false, reason: 0 }
}

/// Customers of one order each with its refunds by day, the facts that go with them, and refunds of orders that are not there.
fn shop(orders: &[(Order, &[(&str, i64)])], unknown: &[(&str, i64)]) -> (Vec<Customer>, Facts) {
    let refund_of = |order: &Order, on: &str, amount| PaidRefund { order_paid_day: order.paid_day, day: day(on), amount };
    let customers: Vec<Customer> = orders
        .iter()
        .map(|(order, refunds)| Customer {
            refunds: refunds.iter().map(|(on, amount)| refund_of(order, on, *amount)).collect(),
            ..customer(0, vec![*order])
        })
        .collect();
    let all = orders.iter().flat_map(|(_, refunds)| refunds.iter()).chain(unknown);
    let mut facts = facts(&["2024-01-01"]);
    facts.refunds = Some(all.map(|(on, amount)| paid_out(0, day(on), *amount)).collect());
    (customers, facts)
}

fn filled(context: &Context, customers: &[Customer], facts: &Facts) -> RecordBatch {
    made_with(&TABLE, context, facts, Request::NOTHING, &[customers])
}

/// A is refunded in part in January and in February, B in full by its status, of which the refunds input knows a quarter. A refund of
/// February is of an order that is not there.
fn two_months() -> (Context, Vec<Customer>, Facts) {
    let a = Order { completed_day: day("2024-02-20"), ..paid("2024-01-10", 10_000).refunding(5_000) };
    let b = paid("2024-02-03", 4_000).refunding(4_000);
    let c = Order { completed_day: day("2024-03-01"), ..paid("2024-02-04", 6_000) };
    let orders = [(a, &[("2024-01-20", 2_000), ("2024-02-05", 3_000)][..]), (b, &[("2024-02-10", 1_000)]), (c, &[])];
    let (customers, facts) = shop(&orders, &[("2024-02-15", 700)]);
    (text_shops(1, "2024-03-10"), customers, facts)
}

#[test]
fn a_fen_that_grew_to_hundreds_of_millions_gives_no_expectation() {
    let week = |number: i32| day("2024-01-01") + 7 * number;
    let (fortune, fen) = (40_000_000_000, 1);
    // Of weeks 0 to 6 one fen came back on the day after the week; of weeks 0 to 5 a fortune two days later. By the factor,
    // (6 × 40,000,000,001 + 1) / 7, the fortune of week 7, of which all came on the first day, would grow.
    let mut customers = Vec::new();
    let mut facts = facts(&["2024-01-01"]);
    let mut refunds = Vec::new();
    let mut sell = |number: i32, amount: i64, age: Option<i32>, back: i64| {
        let order =
            Order { paid_day: week(number), created_day: week(number), ..paid("2024-01-01", amount).refunding(age.map_or(0, |_| back)) };
        let came: Vec<(Day, i64)> = age.map(|age| (week(number) + 6 + age, back)).into_iter().collect();
        refunds.extend(came.iter().map(|(on, amount)| paid_out(0, *on, *amount)));
        let refunds = came.into_iter().map(|(day, amount)| PaidRefund { order_paid_day: order.paid_day, day, amount }).collect();
        customers.push(Customer { refunds, ..customer(0, vec![order]) });
    };
    for number in 0..7 {
        sell(number, 100, Some(1), fen);
        sell(number, fortune, (number < 6).then_some(3), fortune);
    }
    sell(7, fortune, Some(1), fortune);
    facts.refunds = Some(refunds);
    let table = filled(&text_shops(1, "2024-02-26"), &customers, &facts);
    assert_row(
        &table,
        &["a", "week", "2024-02-19"],
        &[("older_cohorts", "7"), ("refunds_of_payments", "40000000000"), ("refunds_expected", "-")],
    );
    assert_row(&table, &["a", "week", "2024-02-12"], &[("refunds_of_payments", "1"), ("refunds_expected", "1")]);
}

#[test]
fn two_months_by_hand() {
    let (context, customers, facts) = two_months();
    let table = filled(&context, &customers, &facts);
    // 100 paid, 50 of it gone: 20 in January and 30 after it.
    assert_row(
        &table,
        &["a", "month", "2024-01-01"],
        &[
            ("is_complete", "true"),
            ("paid_amount", "10000"),
            ("refunds_of_payments", "5000"),
            ("net_by_payment", "5000"),
            ("refunds_in_period", "2000"),
            ("net_by_refund", "8000"),
            ("refunds_of_earlier_payments", "0"),
            ("refunds_of_unknown_orders", "0"),
            ("refunds_after_period", "3000"),
            ("refunds_without_day", "0"),
            ("settled_amount", "0"),
            ("settled", "0"),
            ("refund_share", "0.5"),
            ("older_cohorts", "0"),
            ("refunds_expected", "-"),
            ("refund_maturity", "-"),
        ],
    );
    // 40 + 60 paid, 40 of it gone, of which 10 has a day. In the month went back 30 of January, 10 and 7 of nobody knows what.
    assert_row(
        &table,
        &["a", "month", "2024-02-01"],
        &[
            ("paid_amount", "10000"),
            ("refunds_of_payments", "4000"),
            ("net_by_payment", "6000"),
            ("refunds_in_period", "4700"),
            ("net_by_refund", "5300"),
            ("refunds_of_earlier_payments", "3700"),
            ("refunds_of_unknown_orders", "700"),
            ("refunds_after_period", "3000"),
            ("refunds_without_day", "3000"),
            ("settled_amount", "10000"),
            ("refunds_of_settled", "5000"),
            ("settled", "5000"),
            ("refund_share", "0.4"),
            ("older_cohorts", "1"),
        ],
    );
    assert_row(
        &table,
        &["a", "month", "2024-03-01"],
        &[("days", "10"), ("is_complete", "false"), ("paid_amount", "0"), ("settled", "6000"), ("refund_share", "-")],
    );
    // Within the quarter only the refund of nobody knows what has another period, and what has no day.
    assert_row(
        &table,
        &["a", "quarter", "2024-01-01"],
        &[
            ("net_by_payment", "11000"),
            ("net_by_refund", "13300"),
            ("refunds_of_earlier_payments", "700"),
            ("refunds_after_period", "3000"),
        ],
    );
}

#[test]
fn what_is_not_mapped_is_null() {
    let (mut context, customers, mut facts) = two_months();
    facts.refunds = None;
    context.features.completed = false;
    let table = filled(&context, &customers, &facts);
    assert_row(
        &table,
        &["a", "month", "2024-01-01"],
        &[("refunds_of_payments", "5000"), ("net_by_payment", "5000"), ("refund_share", "0.5")],
    );
    let by_day = ["refunds_in_period", "net_by_refund", "refunds_of_earlier_payments", "refunds_of_unknown_orders", "refunds_after_period"];
    let others = ["refunds_without_day", "settled_amount", "refunds_of_settled", "settled", "refunds_expected", "refund_maturity"];
    for column in by_day.into_iter().chain(others) {
        assert_eq!(value(&table, 0, column), "-", "{column}");
    }
    context.features.refunded = false;
    let table = filled(&context, &customers, &facts);
    for column in ["refunds_of_payments", "net_by_payment", "refund_share"] {
        assert_eq!(value(&table, 0, column), "-", "{column}");
    }
}

/// Eight whole weeks, the first of them twice as large and with more refunds: 40.00 of it go back in the week and 10.00 three days after;
/// of the others 10.00 and 5.00. The eighth has just ended.
fn eight_weeks(eighth: i64) -> RecordBatch {
    let weeks: Vec<(Order, Vec<(String, i64)>)> = (0..8)
        .map(|week| {
            let monday = day("2024-01-01") + 7 * week;
            let (amount, soon, late) = if week == 0 { (200_00, 40_00, 10_00) } else { (100_00, 10_00, 5_00) };
            let soon = if week == 7 { eighth } else { soon };
            let refunds: Vec<(i32, i64)> =
                [(monday + 1, soon), (monday + 9, late)].into_iter().take(if week == 7 { 1 } else { 2 }).collect();
            let order = paid(monday, amount).refunding(refunds.iter().map(|refund| refund.1).sum());
            (order, refunds.into_iter().map(|(on, amount)| (crate::spec::period::iso(on), amount)).collect())
        })
        .collect();
    let borrowed: Vec<Vec<(&str, i64)>> =
        weeks.iter().map(|(_, refunds)| refunds.iter().map(|(on, amount)| (on.as_str(), *amount)).collect()).collect();
    let orders: Vec<(Order, &[(&str, i64)])> =
        weeks.iter().zip(&borrowed).map(|((order, _), refunds)| (*order, refunds.as_slice())).collect();
    let (customers, facts) = shop(&orders, &[]);
    filled(&text_shops(1, "2024-02-25"), &customers, &facts)
}

#[test]
fn the_refunds_to_come_of_eight_weeks_by_hand() {
    let table = eight_weeks(10_00);
    // From two to three days after the end of a week (50 + 6 × 15) / (40 + 6 × 10) = 1.4, at all other ages 1.
    let expected = |start: &str, older: &str, values: [&str; 3]| {
        let columns = ["refunds_expected", "refund_share_expected", "refund_maturity"];
        let columns = columns.into_iter().zip(values).chain([("older_cohorts", older)]);
        assert_row(&table, &["a", "week", start], &columns.collect::<Vec<_>>());
    };
    expected("2024-02-19", "7", ["1400", "0.14", "0.7142857142857143"]);
    expected("2024-02-12", "6", ["1500", "0.15", "1"]);
    // Five are too few.
    expected("2024-02-05", "5", ["-", "-", "-"]);
    // Months are two, and the second still runs.
    assert!(integers(&table, "refunds_expected")[..2].iter().all(Option::is_none));
}

#[test]
fn what_has_not_begun_to_come_back_is_not_expected_to_be_nothing() {
    assert_row(&eight_weeks(0), &["a", "week", "2024-02-19"], &[("refunds_of_payments", "0"), ("refunds_expected", "-")]);
}

/// Refunds of each order in two parts, 20 and 75 days after its payment as far as that is past; an odd fen has no day.
fn refunded(customers: Vec<Customer>, as_of: Day) -> (Vec<Customer>, Vec<Refund>) {
    let parts = |order: &Order| {
        let half = order.refunded / 2;
        [(20, half), (75, half)].map(|(days, amount)| PaidRefund { order_paid_day: order.paid_day, day: order.paid_day + days, amount })
    };
    let with = |customer: Customer| {
        let refunds = customer.orders.iter().filter(|order| order.is_paid()).flat_map(parts);
        let refunds = refunds.filter(|refund| refund.day <= as_of && refund.amount > 0).collect();
        Customer { refunds, ..customer }
    };
    let customers: Vec<Customer> = customers.into_iter().map(with).collect();
    let mut rows: Vec<Refund> = customers
        .iter()
        .flat_map(|customer| customer.refunds.iter().map(|refund| paid_out(customer.shop, refund.day, refund.amount)))
        .collect();
    rows.sort_by_key(|row| row.shop);
    (customers, rows)
}

proptest! {
    #[test]
    fn every_row_closes_and_months_add_up(customers in any_customers(1), unknown in prop::option::of((0..700i32, 1..900i64)), cut in 0usize..12) {
        let context = text_shops(1, "2024-12-31");
        let (customers, mut rows) = refunded(customers, context.as_of);
        rows.extend(unknown.map(|(after, amount)| paid_out(0, day("2023-01-01") + after, amount)));
        let mut facts = facts(&["2023-01-01"]);
        facts.refunds = Some(rows);
        let cut = cut.min(customers.len());
        let table = made_with(&TABLE, &context, &facts, Request::NOTHING, &[&customers[cut..], &customers[..cut]]);
        prop_assert_eq!(&table, &filled(&context, &customers, &facts));
        let [by_payment, by_refund] = ["net_by_payment", "net_by_refund"].map(|column| known(&table, column));
        let [earlier, after] = ["refunds_of_earlier_payments", "refunds_after_period"].map(|column| known(&table, column));
        for row in 0..table.num_rows() {
            prop_assert_eq!(by_payment[row], by_refund[row] + earlier[row] - after[row]);
        }
        for column in ["refunds_of_unknown_orders", "refunds_without_day"] {
            let (parts, whole) = (known(&table, column), if column == "refunds_without_day" { &after } else { &earlier });
            let is_part = parts.iter().zip(whole).all(|(part, whole)| (0..=*whole).contains(part));
            prop_assert!(is_part, "{}", column);
        }
        // What is not between periods adds up.
        for column in ["paid_amount", "refunds_of_payments", "refunds_in_period", "refunds_of_unknown_orders", "refunds_without_day"] {
            let amounts = known(&table, column);
            let sum = |grain: &str| (0..table.num_rows()).filter(|row| value(&table, *row, "grain") == grain).map(|row| amounts[row]).sum::<i64>();
            prop_assert_eq!([sum("month"), sum("week")], [sum("quarter"), sum("year")], "{}", column);
        }
        prop_assert_eq!(of_periods(&table, "settled"), of_their_months(&table, "settled"));
        let all: i64 = unknown.map_or(0, |(_, amount)| amount);
        prop_assert_eq!(known(&table, "refunds_of_unknown_orders").iter().sum::<i64>(), 4 * all);
    }
}
