//! The customers whose rows of the customer tables are worked out by hand.

use super::customers::{Customer, buyer, folded};
use super::days::day;
use super::orders::{paid, placed};
use crate::fold::customers::{CustomerFold, Wants};
use crate::history::Order;
use crate::spec::Id;

/// What the customer tables as of 2026-06-30 gather of customers.
pub fn customer_fold<'a>(customers: impl IntoIterator<Item = &'a Customer>) -> CustomerFold {
    folded(CustomerFold::new(Wants { firsts: true, before: Some(day("2026-05-31")), calibration_ends: None, lists: false }), customers)
}

/// The five customers of shop 7 and the one of shop 8 whose rows are worked out by hand in `customers`, as of 2026-06-30.
pub fn worked() -> Vec<Customer> {
    let order = |date: &str, amount: i64, channel: u32, province: u32| paid(date, amount).coded(channel, province);
    vec![
        buyer(1, Id::Text("a"), vec![Order { category: 2, ..order("2026-06-30", 100_00, 2, 1) }]),
        buyer(1, Id::Text("b"), vec![order("2025-11-01", 50_00, 0, 1), order("2026-06-10", 30_00, 1, 2).refunding(10_00)]),
        buyer(
            1,
            Id::Text("c"),
            vec![
                order("2026-01-01", 10_00, 2, 1),
                order("2026-01-04", 10_00, 1, 1),
                order("2026-01-04", 10_00, 1, 1),
                order("2026-01-14", 10_00, 1, 1),
                Order { quantity: 7, ..order("2026-04-01", 160_00, 1, 0) },
            ],
        ),
        buyer(1, Id::Text("d"), vec![order("2025-12-31", 20_00, 1, 1)]),
        buyer(
            1,
            Id::Text("e"),
            vec![
                // Refunded in full: no purchase, so the first purchase is the next.
                order("2025-12-01", 500_00, 1, 2).refunding(500_00),
                order("2026-01-01", 20_00, 2, 2),
                order("2026-01-05", 20_00, 1, 2),
                order("2026-01-14", 20_00, 1, 2),
                placed("2026-06-29", 999_00),
            ],
        ),
        buyer(1, Id::Text("never"), vec![placed("2026-06-29", 999_00)]),
        buyer(1, Id::Text("refunded"), vec![paid("2026-06-01", 5_00).refunding(5_00)]),
        buyer(2, Id::Text("a"), vec![order("2026-05-30", 0, 0, 0)]),
    ]
}
