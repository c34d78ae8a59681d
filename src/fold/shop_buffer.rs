//! Buffers of customers by shop, so that folds process many customers of one shop in a row.
//!
//! A core's cache holds the counters of one shop, not those of all, and customers come in the order of a hash: a few of each shop at a
//! time. Counting them in that order would wait for memory at nearly every order; copying the history first is far cheaper.

use crate::history::histories::Histories;
use crate::history::{Context, History};

/// The number of orders of a shop at which its buffer is full: enough to make loading its counters into the cache pay.
const ENOUGH: usize = 1 << 12;
/// The most orders in all buffers: some 27 MB.
const MOST: usize = 1 << 18;

/// For each shop the customers who are not yet added to the folds.
#[derive(Debug)]
pub struct ShopBuffers {
    shops: Vec<Histories>,
    enough: usize,
}

impl ShopBuffers {
    /// Empty buffers.
    pub fn new(context: &Context) -> Self {
        let shops = context.shops.len();
        ShopBuffers { shops: (0..shops).map(|_| Histories::default()).collect(), enough: ENOUGH.min(MOST / shops.max(1)) }
    }

    /// Adds a customer to the buffer of the shop. Returns the buffer when it is full; [`Histories::clear`] empties it.
    #[inline]
    pub fn push(&mut self, history: &History<'_>) -> Option<&mut Histories> {
        let buffer = &mut self.shops[history.shop as usize];
        // Folds that read lines, or the shops of a scope, get the customers as they come.
        buffer.push(&History { lines: &[], ..*history });
        (buffer.orders() >= self.enough).then_some(buffer)
    }

    /// The buffers of all shops, including empty ones.
    pub fn shops(&mut self) -> impl Iterator<Item = &mut Histories> {
        self.shops.iter_mut()
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
        let mut meet = |buffer: &mut Histories| {
            met.extend(buffer.iter().map(|history| format!("{history:?}")));
            buffer.clear();
        };
        for history in histories(&buyers) {
            if let Some(buffer) = buffers.push(&history) {
                assert!(buffer.orders() < 20 + 4);
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
