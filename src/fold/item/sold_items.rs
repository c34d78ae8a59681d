//! All that was sold, by shop and item, to be read in their order.

use super::item_store::Items;
use super::rebuying::Rebuying;
use super::sold::Sold;
use super::tallies::{Tallies, Tally};
use crate::error::Result;

/// What was sold of each item of each shop.
#[derive(Debug, Default)]
pub struct SoldItems {
    items: Items,
    /// Places of items, ascending by shop and item.
    order: Vec<u32>,
    /// By number of the item in that order, then by what they count.
    tallies: Vec<Tally>,
}

/// An item of a shop while all are read. Code 0 stands for the shop as a whole.
pub struct SoldItem<'a> {
    /// The code of the shop.
    pub shop: u32,
    /// The code of the item.
    pub item: u32,
    /// What was sold of it.
    pub sold: Sold,
    tallies: &'a [Tally],
}

impl SoldItem<'_> {
    /// How long it lasts.
    pub fn rebuying(&self) -> Rebuying {
        Rebuying::of(self.tallies)
    }
}

impl SoldItems {
    /// Brings items and their tallies in order.
    pub(super) fn of(mut items: Items, tallies: Tallies) -> Self {
        let order = items.order();
        let mut numbers = vec![0; order.len()];
        for (number, place) in (0..).zip(&order) {
            if let Some(own) = numbers.get_mut(*place as usize) {
                *own = number;
            }
        }
        SoldItems { items, order, tallies: tallies.renumbered(&numbers) }
    }

    /// Calls `each` with every item, ascending by shop and item.
    ///
    /// # Errors
    /// Those of `each`.
    pub fn each(&self, mut each: impl FnMut(&SoldItem<'_>) -> Result<()>) -> Result<()> {
        let mut tallies = self.tallies.as_slice();
        for (number, place) in (0..).zip(&self.order) {
            let own = tallies.iter().take_while(|tally| tally.item == number).count();
            let (own, rest) = tallies.split_at_checked(own).unwrap_or_default();
            tallies = rest;
            if let Some(of) = self.items.get(*place) {
                each(&SoldItem { shop: of.shop, item: of.item, sold: of.sold, tallies: own })?;
            }
        }
        Ok(())
    }

    /// How many items there are, shops as a whole included.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether nothing was sold.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}
