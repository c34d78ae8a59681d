//! Histories that own themselves: those of many customers in a few long vectors, without what publishers brought and what was asked.

use std::ops::Range;

use super::customer::{History, ItemLine, Order, PaidRefund, Return};
use crate::spec::{Day, Id};

/// Histories in the order in which they were added.
#[derive(Debug, Default)]
pub struct Histories {
    customers: Vec<Customer>,
    orders: Vec<Order>,
    lines: Vec<ItemLine>,
    purchase_days: Vec<Day>,
    refunds: Vec<PaidRefund>,
    returns: Vec<Return>,
    /// Text ids, concatenated.
    texts: String,
}

/// The position of a history.
#[derive(Debug)]
struct Customer {
    shop: u32,
    id: CustomerId,
    is_anonymous: bool,
    orders: Range<usize>,
    paid: usize,
    lines: Range<usize>,
    purchase_days: Range<usize>,
    refunds: Range<usize>,
    returns: Range<usize>,
}

#[derive(Debug)]
enum CustomerId {
    Integer(u64),
    Text(Range<usize>),
}

/// Appends values and returns where they lie.
fn append<T: Copy>(all: &mut Vec<T>, more: &[T]) -> Range<usize> {
    let start = all.len();
    all.extend_from_slice(more);
    start..all.len()
}

impl Histories {
    /// Adds a history.
    pub fn push(&mut self, history: &History<'_>) {
        let History {
            shop,
            customer,
            is_anonymous,
            orders,
            paid,
            lines,
            purchase_days,
            refunds,
            returns,
            shops: _,
            affiliated: _,
            inquiries: _,
            item_refunds: _,
        } = *history;
        let id = match customer {
            Id::Integer(key) => CustomerId::Integer(key),
            Id::Text(text) => {
                self.texts.push_str(text);
                CustomerId::Text(self.texts.len() - text.len()..self.texts.len())
            }
        };
        self.customers.push(Customer {
            shop,
            id,
            is_anonymous,
            orders: append(&mut self.orders, orders),
            paid,
            lines: append(&mut self.lines, lines),
            purchase_days: append(&mut self.purchase_days, purchase_days),
            refunds: append(&mut self.refunds, refunds),
            returns: append(&mut self.returns, returns),
        });
    }

    /// How many histories there are.
    pub fn len(&self) -> usize {
        self.customers.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.customers.is_empty()
    }

    /// How many orders there are in all histories.
    pub fn orders(&self) -> usize {
        self.orders.len()
    }

    /// The shop and the customer of the history at a position.
    pub fn key(&self, position: usize) -> (u32, Id<'_>) {
        let customer = &self.customers[position];
        (customer.shop, self.id(customer))
    }

    fn id(&self, customer: &Customer) -> Id<'_> {
        match &customer.id {
            CustomerId::Integer(key) => Id::Integer(*key),
            CustomerId::Text(place) => Id::Text(&self.texts[place.clone()]),
        }
    }

    fn history(&self, customer: &Customer) -> History<'_> {
        History {
            shop: customer.shop,
            customer: self.id(customer),
            is_anonymous: customer.is_anonymous,
            orders: &self.orders[customer.orders.clone()],
            paid: customer.paid,
            lines: &self.lines[customer.lines.clone()],
            purchase_days: &self.purchase_days[customer.purchase_days.clone()],
            refunds: &self.refunds[customer.refunds.clone()],
            returns: &self.returns[customer.returns.clone()],
            shops: &[],
            affiliated: &[],
            inquiries: &[],
            item_refunds: &[],
        }
    }

    /// The history at a position.
    pub fn get(&self, position: usize) -> History<'_> {
        self.history(&self.customers[position])
    }

    /// All histories, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = History<'_>> {
        self.customers.iter().map(|customer| self.history(customer))
    }

    /// Forgets the histories and keeps their memory.
    pub fn clear(&mut self) {
        let Histories { customers, orders, lines, purchase_days, refunds, returns, texts } = self;
        customers.clear();
        orders.clear();
        lines.clear();
        purchase_days.clear();
        refunds.clear();
        returns.clear();
        texts.clear();
    }
}
