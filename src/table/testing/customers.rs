//! Customers of tests, and folds that are given them.

use super::days::Date;
use super::orders::paid;
use crate::history::{Affiliated, Fold, History, Inquiry, ItemLine, ItemRefund, Order, PaidRefund, Return};
use crate::input::values::codes::OwnedId;
use crate::spec::{Day, Id};

/// A customer of one shop.
#[derive(Debug, Clone)]
pub struct Customer {
    /// The code of the shop.
    pub shop: u32,
    /// The id; a customer without one is known by the place among those given to a fold.
    pub id: Option<OwnedId>,
    /// The orders as a history has them: the paid ones by their time, then the others by theirs.
    pub orders: Vec<Order>,
    /// The lines of the paid orders that have an item, by the position of their order.
    pub lines: Vec<ItemLine>,
    /// The days with a purchase.
    pub days: Vec<Day>,
    /// Refunds of the orders, with their days.
    pub refunds: Vec<PaidRefund>,
    /// Refunds of orders that are not there, by day.
    pub returns: Vec<Return>,
    /// What publishers brought of the orders, by the rank of the order.
    pub affiliated: Vec<Affiliated>,
    /// What the customer asked, by (time, agent).
    pub inquiries: Vec<Inquiry>,
    /// What went back of items and why, by the rank of the order.
    pub item_refunds: Vec<ItemRefund>,
}

/// A customer with these orders.
pub fn customer(shop: u32, mut orders: Vec<Order>) -> Customer {
    orders.sort_by_key(|order| (!order.is_paid(), if order.is_paid() { order.paid } else { order.created }));
    let mut days: Vec<Day> = orders.iter().filter(|order| order.is_purchase()).map(|order| order.paid_day).collect();
    days.dedup();
    Customer {
        shop,
        id: None,
        orders,
        lines: Vec::new(),
        days,
        refunds: Vec::new(),
        returns: Vec::new(),
        affiliated: Vec::new(),
        inquiries: Vec::new(),
        item_refunds: Vec::new(),
    }
}

/// A customer with these orders and this id.
pub fn buyer(shop: u32, id: impl Into<OwnedId>, orders: Vec<Order>) -> Customer {
    Customer { id: Some(id.into()), ..customer(shop, orders) }
}

impl Customer {
    /// The same customer with lines with items: the position of its order, its item, pieces, and what was paid for it, of which all is left
    /// where the order is a purchase.
    pub fn with_lines(mut self, lines: &[(u32, u32, u32, i64)]) -> Customer {
        let line = |(order, item, quantity, paid_amount): &(u32, u32, u32, i64)| {
            let is_purchase = self.orders[*order as usize].is_purchase();
            let net_revenue = if is_purchase { *paid_amount } else { 0 };
            ItemLine { order: *order, item: *item, category: 0, quantity: *quantity, paid_amount: *paid_amount, net_revenue }
        };
        self.lines = lines.iter().map(line).collect();
        self
    }
}

/// A customer with a purchase of 1.00 on each of the days.
pub fn bought_on(shop: u32, days: &[impl Date]) -> Customer {
    customer(shop, days.iter().map(|day| paid(*day, 100)).collect())
}

/// The histories of customers.
pub fn histories<'a>(customers: impl IntoIterator<Item = &'a Customer>) -> impl Iterator<Item = History<'a>> {
    customers.into_iter().zip(0..).map(|(customer, place)| History {
        shop: customer.shop,
        customer: customer.id.as_ref().map_or(Id::Integer(place), OwnedId::id),
        is_anonymous: false,
        orders: &customer.orders,
        paid: customer.orders.iter().filter(|order| order.is_paid()).count(),
        lines: &customer.lines,
        purchase_days: &customer.days,
        refunds: &customer.refunds,
        returns: &customer.returns,
        shops: &[],
        affiliated: &customer.affiliated,
        inquiries: &customer.inquiries,
        item_refunds: &customer.item_refunds,
    })
}

/// Gives customers to a fold.
pub fn give<'a>(fold: &mut dyn Fold, customers: impl IntoIterator<Item = &'a Customer>) {
    histories(customers).for_each(|history| fold.update(&history));
}

/// A fold that was given customers.
pub fn folded<'a, F: Fold>(mut fold: F, customers: impl IntoIterator<Item = &'a Customer>) -> F {
    give(&mut fold, customers);
    fold
}

/// The same by parts, from the last to the first, by turns merged as a state and absorbed as it is: the customer at place i goes to part
/// `parts[i]`.
pub fn folded_in_parts<F: Fold>(make: impl Fn() -> F, customers: &[Customer], parts: &[usize]) -> F {
    let mut merged = make();
    for part in (0..4).rev() {
        let own = customers.iter().zip(parts).filter(|(_, of)| **of == part).map(|(customer, _)| customer);
        let mut other = folded(make(), own);
        if part % 2 == 0 { merged.absorb(other).unwrap() } else { merged.merge(&other.state().unwrap()).unwrap() }
    }
    merged
}
