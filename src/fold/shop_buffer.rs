//! Buffers of customers by shop, so that folds process many customers of one shop in a row.
//!
//! A core's cache holds the counters of one shop, not those of all, and customers come in the order of a hash: a few of each shop at a
//! time. Counting them in that order would wait for memory at nearly every order; copying the history first is far cheaper.

use std::ops::Range;

use crate::history::{Context, History, Order, PaidRefund, Return};
use crate::spec::{Day, Id};

/// The number of orders of a shop at which its buffer is full: enough to make loading its counters into the cache pay.
const ENOUGH: usize = 1 << 12;
/// The most orders in all buffers: some 27 MB.
const MOST: usize = 1 << 18;

/// A buffer for each shop.
#[derive(Debug)]
pub struct ShopBuffers {
    shops: Vec<ShopBuffer>,
    enough: usize,
}

/// Customers of one shop who are not yet added to the folds.
#[derive(Debug, Default)]
pub struct ShopBuffer {
    shop: u32,
    customers: Vec<Customer>,
    orders: Vec<Order>,
    purchase_days: Vec<Day>,
    refunds: Vec<PaidRefund>,
    returns: Vec<Return>,
    /// Text ids, concatenated.
    texts: String,
}

/// The position of a customer's history.
#[derive(Debug)]
struct Customer {
    id: CustomerId,
    orders: Range<usize>,
    paid: usize,
    purchase_days: Range<usize>,
    refunds: Range<usize>,
    returns: Range<usize>,
}

#[derive(Debug)]
enum CustomerId {
    Integer(u64),
    Text(Range<usize>),
}

impl ShopBuffers {
    /// Empty buffers.
    pub fn new(context: &Context) -> Self {
        let shops = context.shops.len();
        let buffer = |shop| ShopBuffer { shop, ..ShopBuffer::default() };
        ShopBuffers { shops: (0..shops as u32).map(buffer).collect(), enough: ENOUGH.min(MOST / shops.max(1)) }
    }

    /// Adds a customer to the buffer of the shop. Returns the buffer when it is full; [`ShopBuffer::clear`] empties it.
    #[inline]
    pub fn push(&mut self, history: &History<'_>) -> Option<&mut ShopBuffer> {
        let buffer = &mut self.shops[history.shop as usize];
        buffer.push(history);
        (buffer.orders.len() >= self.enough).then_some(buffer)
    }

    /// The buffers of all shops, including empty ones.
    pub fn shops(&mut self) -> impl Iterator<Item = &mut ShopBuffer> {
        self.shops.iter_mut()
    }
}

impl ShopBuffer {
    fn push(&mut self, history: &History<'_>) {
        let id = match history.customer {
            Id::Integer(key) => CustomerId::Integer(key),
            Id::Text(text) => {
                self.texts.push_str(text);
                CustomerId::Text(self.texts.len() - text.len()..self.texts.len())
            }
        };
        let orders = self.orders.len()..self.orders.len() + history.orders.len();
        let purchase_days = self.purchase_days.len()..self.purchase_days.len() + history.purchase_days.len();
        self.orders.extend_from_slice(history.orders);
        self.purchase_days.extend_from_slice(history.purchase_days);
        let refunds = self.refunds.len()..self.refunds.len() + history.refunds.len();
        self.refunds.extend_from_slice(history.refunds);
        let returns = self.returns.len()..self.returns.len() + history.returns.len();
        self.returns.extend_from_slice(history.returns);
        self.customers.push(Customer { id, orders, paid: history.paid, purchase_days, refunds, returns });
    }

    /// The histories, in the order in which they were added.
    pub fn histories(&self) -> impl Iterator<Item = History<'_>> {
        self.customers.iter().map(|customer| History {
            shop: self.shop,
            customer: match &customer.id {
                CustomerId::Integer(key) => Id::Integer(*key),
                CustomerId::Text(place) => Id::Text(&self.texts[place.clone()]),
            },
            is_anonymous: false,
            orders: &self.orders[customer.orders.clone()],
            paid: customer.paid,
            // Items are counted as they come.
            item_revenue: &[],
            purchase_days: &self.purchase_days[customer.purchase_days.clone()],
            refunds: &self.refunds[customer.refunds.clone()],
            returns: &self.returns[customer.returns.clone()],
        })
    }

    /// Clears the buffer and keeps its memory.
    pub fn clear(&mut self) {
        self.customers.clear();
        self.orders.clear();
        self.purchase_days.clear();
        self.refunds.clear();
        self.returns.clear();
        self.texts.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::values::codes::OwnedId;
    use crate::table::testing::{Customer, buyer, day, histories, paid, signed_shops};

    #[test]
    fn histories_come_back_as_they_went() {
        let one = day("2026-01-01");
        let orders = |first: i32| (0..first % 4 + 1).map(|at| paid(one + first + at, 100)).collect();
        let id = |number: i32| match number % 3 {
            0 => OwnedId::Text(format!("buyer{number}").into()),
            _ => OwnedId::Integer(number as u64),
        };
        let buyers: Vec<Customer> = (0..50).map(|number| buyer(number as u32 % 2, id(number), orders(number))).collect();
        let mut buffers = ShopBuffers { enough: 20, ..ShopBuffers::new(&signed_shops(one)) };
        let mut met = Vec::new();
        let mut meet = |buffer: &mut ShopBuffer| {
            met.extend(buffer.histories().map(|history| format!("{history:?}")));
            buffer.clear();
        };
        for history in histories(&buyers) {
            if let Some(buffer) = buffers.push(&history) {
                assert!(buffer.orders.len() < 20 + 4);
                meet(buffer);
            }
        }
        buffers.shops().for_each(&mut meet);
        buffers.shops().for_each(&mut meet);
        let mut expected: Vec<String> = histories(&buyers).map(|history| format!("{history:?}")).collect();
        met.sort();
        expected.sort();
        assert_eq!(met, expected);
    }
}
