//! Item store: the counters of items by shop and item, in pieces of memory that never move and are given back one by one.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::sold::{OfItem, Sold};

/// Items of a piece of memory are two to the power of this many.
const SHIFT: u32 = 16;

/// Items of a piece of memory, and rows of a batch of a state.
pub(super) const ROWS: usize = 1 << SHIFT;

/// The counters of items.
#[derive(Debug, Default)]
pub(super) struct Items {
    /// By hash of shop and item: the place.
    places: HashTable<u32>,
    pieces: Vec<Vec<OfItem>>,
}

impl Items {
    /// How many items there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// The item at a place.
    pub fn get(&self, place: u32) -> Option<&OfItem> {
        self.pieces.get(place as usize >> SHIFT)?.get(place as usize & (ROWS - 1))
    }

    /// What is sold at a place that [`Items::place`] gave.
    pub fn sold(&mut self, place: u32) -> &mut Sold {
        &mut self.pieces[place as usize >> SHIFT][place as usize & (ROWS - 1)].sold
    }

    /// The place of an item of a shop. Places count up from 0.
    pub fn place(&mut self, shop: u32, item: u32) -> u32 {
        let hash = |shop: u32, item: u32| FixedState::with_seed(0).hash_one(u64::from(shop) << 32 | u64::from(item));
        let own = hash(shop, item);
        let is_own = |place: &u32| self.get(*place).is_some_and(|of| (of.shop, of.item) == (shop, item));
        if let Some(place) = self.places.find(own, is_own) {
            return *place;
        }
        if self.pieces.last().is_none_or(|piece| piece.len() == ROWS) {
            // The first piece grows, since most runs have few items.
            self.pieces.push(if self.pieces.is_empty() { Vec::new() } else { Vec::with_capacity(ROWS) });
        }
        let before = (self.pieces.len().saturating_sub(1) * ROWS) as u32;
        let Some(piece) = self.pieces.last_mut() else { return 0 };
        let place = before + piece.len() as u32;
        piece.push(OfItem { shop, item, sold: Sold::default() });
        let pieces = &self.pieces;
        self.places.insert_unique(own, place, |place| {
            let of = pieces.get(*place as usize >> SHIFT).and_then(|piece| piece.get(*place as usize & (ROWS - 1)));
            of.map_or(0, |of| hash(of.shop, of.item))
        });
        place
    }

    /// The places, ascending by shop and item. Their hashes are no longer kept: no item can be looked up afterwards.
    pub fn order(&mut self) -> Vec<u32> {
        let places = std::mem::take(&mut self.places).len() as u32;
        let mut order: Vec<u32> = (0..places).collect();
        order.sort_unstable_by_key(|place| self.get(*place).map_or((u32::MAX, u32::MAX), |of| (of.shop, of.item)));
        order
    }

    /// The pieces of memory, in the order of the places.
    pub fn into_pieces(self) -> Vec<Vec<OfItem>> {
        self.pieces
    }
}
