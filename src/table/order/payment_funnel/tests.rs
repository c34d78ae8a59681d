//! A month of orders by hand, what is not mapped, and laws for any orders.

use arrow::record_batch::RecordBatch;
use proptest::prelude::*;

use super::TABLE;
use crate::history::{Context, Order};
use crate::spec::WeekStart;
use crate::table::request::Request;
use crate::table::testing::{
    Customer, any_customers, any_week_start, assert_row, customer, day, facts, known, made_with, of_periods, of_their_months, paid, placed,
    text_shops, value,
};

const HOURS: i64 = 3_600;

/// An order placed at midnight of a day, paid so many seconds later.
fn paid_after(on: &str, seconds: i64, amount: i64) -> Order {
    let order = paid(on, amount);
    Order { paid: order.paid + seconds * 1_000_000, ..order }
}

fn shipped_after(order: Order, seconds: i64, completed: &str) -> Order {
    Order { shipping_seconds: seconds, completed_day: day(completed), ..order }
}

/// Six orders of 30 January, one of 2 and one of 9 February, as of 10 February.
fn orders() -> Vec<Order> {
    vec![
        shipped_after(paid_after("2024-01-30", 90, 100_00), 10 * HOURS, "2024-02-05"),
        // Shipped on 1 February, two hours later than promised; refunded in part.
        shipped_after(paid_after("2024-01-30", 30, 200_00), 50 * HOURS, "2024-02-09").refunding(50_00),
        // Not shipped yet; refunded in part.
        paid_after("2024-01-30", 2 * HOURS, 300_00).refunding(100_00),
        // Refunded in full before it was shipped.
        paid_after("2024-01-30", 60, 50_00).refunding(50_00),
        placed("2024-01-30", 70_00),
        Order { is_closed: true, ..placed("2024-01-30", 80_00) },
        placed("2024-02-02", 10_00),
        // Paid two minutes less than 48 hours before the end of the as-of date.
        paid_after("2024-02-09", 120, 20_00),
    ]
}

fn filled(context: &Context, parts: &[&[Customer]]) -> RecordBatch {
    made_with(&TABLE, context, &facts(&["2024-01-01"]), Request::NOTHING, parts)
}

#[test]
fn a_month_by_hand() {
    let table = filled(&text_shops(1, "2024-02-10"), &[&[customer(0, orders())]]);
    assert_row(
        &table,
        &["a", "month", "2024-01-01"],
        &[
            ("is_complete", "true"),
            ("placed_orders", "6"),
            ("placed_amount", "80000"),
            ("paid_orders", "4"),
            ("paid_amount", "65000"),
            ("shipped_orders", "2"),
            ("shipped_amount", "30000"),
            ("completed_orders", "2"),
            ("completed_amount", "30000"),
            ("unpaid_orders", "2"),
            ("unpaid_open_orders", "1"),
            ("unpaid_closed_orders", "1"),
            ("unpaid_amount", "15000"),
            ("unpaid_share", "0.3333333333333333"),
            // The third is not shipped after eleven days. Nobody waits for the fourth.
            ("due_shipments", "3"),
            ("late_shipments", "2"),
            ("late_shipment_share", "0.6666666666666666"),
            // What is left of the third.
            ("paid_not_completed_amount", "20000"),
        ],
    );
    assert_row(
        &table,
        &["a", "month", "2024-01-01"],
        &[
            // 30, 60, 90 and 7,200 seconds: 7,380 / 4; (60 + 90) / 2; 90 + 0.7 × 7,110. Of six, the third is the half, after 90 seconds.
            ("hours_to_pay_mean", "0.5125"),
            ("hours_to_pay_p50", "0.020833333333333332"),
            ("hours_to_pay_p90", "1.4075"),
            ("hours_to_pay_km_median", "0.025"),
            // 10 and 50 hours; of the four paid, the second is the half.
            ("hours_to_ship_mean", "30"),
            ("hours_to_ship_p50", "30"),
            ("hours_to_ship_p90", "46"),
            ("hours_to_ship_km_median", "50"),
            // From 30 January to 5 February, and from 1 to 9 February; of two, the first is the half.
            ("shipped_completed_orders", "2"),
            ("days_to_complete_mean", "7"),
            ("days_to_complete_p50", "7"),
            ("days_to_complete_p90", "7.8"),
            ("days_to_complete_km_median", "6"),
            // 6 and 10 days; of four, the second is the half.
            ("cash_days_mean", "8"),
            ("cash_days_p50", "8"),
            ("cash_days_p90", "9.6"),
            ("cash_days_km_median", "10"),
        ],
    );
    // The week has the order of 2 February too: of seven, the fourth is the half, after two hours.
    assert_row(&table, &["a", "week", "2024-01-29"], &[("placed_orders", "7"), ("unpaid_orders", "3"), ("hours_to_pay_km_median", "2")]);
    assert_row(
        &table,
        &["a", "month", "2024-02-01"],
        &[
            ("is_complete", "false"),
            ("placed_orders", "2"),
            ("paid_orders", "1"),
            ("hours_to_pay_mean", "0.03333333333333333"),
            ("hours_to_pay_km_median", "0.03333333333333333"),
            ("hours_to_ship_mean", "-"),
            ("hours_to_ship_km_median", "-"),
            ("due_shipments", "0"),
            ("late_shipments", "0"),
            ("late_shipment_share", "-"),
            ("paid_not_completed_amount", "2000"),
        ],
    );
    assert_row(&table, &["a", "week", "2024-01-01"], &[("placed_orders", "0"), ("unpaid_share", "-"), ("hours_to_pay_p50", "-")]);
}

#[test]
fn a_longer_promise_has_fewer_late_shipments() {
    let mut context = text_shops(1, "2024-02-10");
    context.params.promise_hours = 50;
    let table = filled(&context, &[&[customer(0, orders())]]);
    assert_row(&table, &["a", "month", "2024-01-01"], &[("due_shipments", "3"), ("late_shipments", "1")]);
}

#[test]
fn what_is_not_mapped_is_null() {
    let null = |change: fn(&mut Context), columns: &[&str]| {
        let mut context = text_shops(1, "2024-02-10");
        change(&mut context);
        let table = filled(&context, &[&[customer(0, orders())]]);
        for column in columns {
            assert_eq!(value(&table, 0, column), "-", "{column}");
        }
        table
    };
    let of_payment = ["hours_to_pay_mean", "hours_to_pay_p50", "hours_to_pay_p90", "hours_to_pay_km_median", "hours_to_ship_mean"];
    let table = null(|context| context.features.paid = false, &of_payment);
    assert_row(&table, &["a", "month", "2024-01-01"], &[("late_shipments", "-"), ("cash_days_mean", "-"), ("unpaid_orders", "2")]);
    let table = null(|context| context.features.status = false, &["unpaid_open_orders", "unpaid_closed_orders"]);
    assert_row(&table, &["a", "month", "2024-01-01"], &[("unpaid_orders", "2"), ("unpaid_share", "0.3333333333333333")]);
    null(
        |context| (context.features.status, context.features.paid) = (false, false),
        &["unpaid_orders", "unpaid_open_orders", "unpaid_closed_orders", "unpaid_amount", "unpaid_share"],
    );
    let of_shipping =
        ["shipped_orders", "shipped_amount", "due_shipments", "late_shipment_share", "hours_to_ship_p90", "days_to_complete_p50"];
    null(|context| context.features.shipped = false, &of_shipping);
    let of_completion = ["completed_orders", "completed_amount", "shipped_completed_orders", "cash_days_p50", "paid_not_completed_amount"];
    null(|context| context.features.completed = false, &of_completion);
}

/// Sunday 27 December 2026 to Saturday 2 January 2027 is a week, in two months and two years.
#[test]
fn a_week_from_sunday_across_the_end_of_a_year() {
    let mut context = text_shops(1, "2027-01-09");
    context.params.week_starts = WeekStart::Sunday;
    let days = ["2026-12-26", "2026-12-27", "2026-12-31", "2027-01-01", "2027-01-02", "2027-01-03"];
    let customers = [customer(0, days.map(|day| paid(day, 100)).to_vec())];
    let table = made_with(&TABLE, &context, &facts(&["2026-12-20"]), Request::NOTHING, &[&customers]);
    for (week, placed) in [("2026-12-20", "1"), ("2026-12-27", "4"), ("2027-01-03", "1")] {
        assert_row(&table, &["a", "week", week], &[("is_complete", "true"), ("placed_orders", placed), ("paid_orders", placed)]);
    }
    for (month, placed) in [("2026-12-01", "3"), ("2027-01-01", "3")] {
        assert_row(&table, &["a", "month", month], &[("placed_orders", placed)]);
    }
}

proptest! {
    #[test]
    fn parts_merged_are_the_whole_and_periods_add_up(customers in any_customers(2), cut in 0usize..12, week_starts in any_week_start()) {
        let mut context = text_shops(2, "2024-12-31");
        context.params.week_starts = week_starts;
        let facts = facts(&["2023-01-01", "2023-01-01"]);
        let made = |parts: &[&[Customer]]| made_with(&TABLE, &context, &facts, Request::NOTHING, parts);
        let cut = cut.min(customers.len());
        let table = made(&[&customers]);
        prop_assert_eq!(&made(&[&customers[cut..], &customers[..cut]]), &table);
        for column in ["placed_orders", "paid_orders", "placed_amount", "paid_amount"] {
            let counts = known(&table, column);
            let sum = |grain: &str| (0..table.num_rows()).filter(|row| value(&table, *row, "grain") == grain).map(|row| counts[row]).sum::<i64>();
            prop_assert_eq!([sum("month"), sum("week")], [sum("quarter"), sum("year")], "{}", column);
        }
        // What nobody recorded of a month is unknown of the quarter and the year; else they are the sums of their months.
        for column in ["shipped_orders", "completed_orders", "paid_not_completed_amount", "late_shipments"] {
            prop_assert_eq!(of_periods(&table, column), of_their_months(&table, column), "{}", column);
        }
        let placed = customers.iter().map(|customer| customer.orders.len() as i64).sum::<i64>();
        prop_assert_eq!(known(&table, "placed_orders").iter().sum::<i64>(), 4 * placed);
    }
}
