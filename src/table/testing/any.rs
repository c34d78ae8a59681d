//! Any customers, for laws.

use proptest::collection::vec;
use proptest::prelude::*;

use super::customers::{Customer, buyer};
use super::days::day;
use super::orders::{paid_later, placed};
use crate::history::Order;
use crate::spec::{Id, NO_DAY, WeekStart};

/// Either day on which a job's weeks begin.
pub fn any_week_start() -> impl Strategy<Value = WeekStart> {
    prop::sample::select(vec![WeekStart::Monday, WeekStart::Sunday])
}

/// Any few customers of the first `shops` shops within 2023 and 2024, their ids numbered from 0.
pub fn any_customers(shops: u32) -> impl Strategy<Value = Vec<Customer>> {
    let first = day("2023-01-01");
    let order =
        (0..600, prop::option::of(0..130), 0..500i64, 0..3u8, 1..4i64).prop_map(move |(created, pays, amount, refund, quantity)| {
            let created = first + created;
            let order = pays.map_or(placed(created, amount), |days| Order {
                shipping_seconds: if quantity == 1 { -1 } else { i64::from(days) * 100 },
                completed_day: if quantity == 3 { created + days } else { NO_DAY },
                ..paid_later(created, created + days, amount).refunding([0, amount / 2, amount][usize::from(refund)])
            });
            Order { quantity, ..order }
        });
    let numbered = |customers: Vec<(u32, Vec<Order>)>| {
        customers.into_iter().zip(0..).map(|((shop, orders), number)| buyer(shop, Id::Integer(number), orders)).collect()
    };
    vec((0..shops, vec(order, 1..6)), 0..12).prop_map(numbered)
}
