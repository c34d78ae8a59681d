//! The driver of sales that are out of the ordinary: the factor that moved most against what was expected.

use crate::metric::sales_drivers::{GroupSales, Sales};
use crate::spec::Day;
use crate::table::shop::driver_spans::DriverDays;

/// The factor that moved sales most in the direction in which they deviate, by the attribution of `sales_drivers`: the day against the mean
/// of the days from which it is expected. `None` where one of them has no visitors to tell, or nothing moved that way.
pub(super) fn driver(sales: &DriverDays, day: Day, expected_from: impl Iterator<Item = Day>, is_above: bool) -> Option<&'static str> {
    let now = sales.on(day)?;
    let mut before = Sales::default();
    let mut days = 0;
    for other in expected_from.filter_map(|day| sales.on(day)) {
        before = plus(&before, &other)?;
        days += 1;
    }
    let effects = times(&now, days).filter(|_| days > 0)?.effects_since(&before)?;
    let named = [
        ("traffic", effects.traffic),
        ("conversion", effects.conversion),
        ("mix", effects.mix),
        ("frequency", effects.frequency),
        ("basket", effects.basket),
        ("price", effects.price),
    ];
    let towards = named.map(|(name, effect)| (name, if is_above { effect } else { effect.saturating_neg() }));
    // The first of equal ones.
    let largest = towards.into_iter().rev().max_by_key(|(_, effect)| *effect);
    largest.filter(|(_, effect)| *effect > 0).map(|(name, _)| name)
}

fn plus(one: &Sales, other: &Sales) -> Option<Sales> {
    both(one, other, |one, other| one.checked_add(other))
}

/// The sales of so many days like it.
fn times(day: &Sales, days: i64) -> Option<Sales> {
    both(day, day, |one, _| one.checked_mul(days))
}

fn both(one: &Sales, other: &Sales, make: impl Fn(i64, i64) -> Option<i64>) -> Option<Sales> {
    let group = |one: &GroupSales, other: &GroupSales| {
        Some(GroupSales {
            paying: make(one.paying, other.paying)?,
            orders: make(one.orders, other.orders)?,
            items: make(one.items, other.items)?,
            amount: make(one.amount, other.amount)?,
        })
    };
    Some(Sales {
        visitors: make(one.visitors, other.visitors)?,
        new: group(&one.new, &other.new)?,
        returning: group(&one.returning, &other.returning)?,
    })
}
