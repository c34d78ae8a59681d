//! Refunds by order: found by the order's id when its history is settled.

use std::sync::atomic::{AtomicBool, Ordering};

use hashbrown::HashTable;
use rayon::prelude::*;

use super::shuffle::hash;
use crate::input::refunds::Application;
use crate::partition::partition_of;
use crate::spec::{Id, NO_TIME};

/// A refund that was paid out by the as-of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaidOut {
    /// The refund's position among the applications.
    pub position: u32,
    /// Minor units.
    pub amount: i64,
}

/// The refund applications, found by their orders.
#[derive(Debug, Default)]
pub struct RefundIndex {
    applications: Vec<Application>,
    /// Positions of the applications by (shop, order, completion, position).
    by_order: Vec<u32>,
    /// Each order's stretch of `by_order`.
    orders: Vec<Stretch>,
    /// Orders by the hash of shop and id.
    table: HashTable<u32>,
    /// A bit for each hash, [`BITS`] times as many bits as there are orders: most orders have no refund, and what tells so
    /// is small enough to stay in the processor's caches, where the table is not.
    filter: Vec<u64>,
}

/// Bits of the filter for each order with refunds: one in sixteen of the orders without is looked up in vain.
const BITS: usize = 16;

#[derive(Debug)]
struct Stretch {
    from: u32,
    until: u32,
    is_known: AtomicBool,
}

impl RefundIndex {
    /// An index over settled applications, whose shops are final codes. Of refunds completed at one moment the one that
    /// stands first among the applications comes first.
    pub fn new(applications: Vec<Application>) -> Self {
        let mut by_order: Vec<u32> = (0..applications.len() as u32).collect();
        let at = |position: &u32| &applications[*position as usize];
        by_order.par_sort_unstable_by(|a, b| {
            let key = |application: &Application, position: u32| (application.refund.completed, position);
            let (one, other) = (at(a), at(b));
            (one.refund.shop, &one.order, key(one, *a)).cmp(&(other.refund.shop, &other.order, key(other, *b)))
        });
        let mut index = RefundIndex { by_order, ..RefundIndex::default() };
        let mut from = 0;
        for stretch in index.by_order.chunk_by(|a, b| at(a).refund.shop == at(b).refund.shop && at(a).order == at(b).order) {
            let until = from + stretch.len() as u32;
            index.orders.push(Stretch { from, until, is_known: AtomicBool::new(false) });
            from = until;
        }
        let key = |number: &u32| {
            let first = at(&index.by_order[index.orders[*number as usize].from as usize]);
            hash(first.refund.shop, first.order.id())
        };
        let mut table = HashTable::with_capacity(index.orders.len());
        let mut filter = vec![0; (index.orders.len() * BITS).div_ceil(64)];
        for number in 0..index.orders.len() as u32 {
            let hash = key(&number);
            table.insert_unique(hash, number, key);
            let (word, bit) = place(hash, filter.len());
            filter[word] |= bit;
        }
        index.table = table;
        index.filter = filter;
        index.applications = applications;
        index
    }

    /// The applications, in the order in which they were given.
    pub fn applications(&self) -> &[Application] {
        &self.applications
    }

    /// The applications, the index let go.
    pub fn into_applications(self) -> Vec<Application> {
        self.applications
    }

    fn find(&self, shop: u32, order: Id<'_>) -> Option<&Stretch> {
        let hash = hash(shop, order);
        let (word, bit) = place(hash, self.filter.len());
        if self.filter.get(word)? & bit == 0 {
            return None;
        }
        let first = |number: &u32| &self.applications[self.by_order[self.orders[*number as usize].from as usize] as usize];
        let found = self.table.find(hash, |number| first(number).refund.shop == shop && first(number).order.id() == order);
        found.map(|number| &self.orders[*number as usize])
    }

    /// The refunds paid out for an order, by (completion, id). The order is known from now on.
    pub(super) fn of(&self, shop: u32, order: Id<'_>) -> impl Iterator<Item = PaidOut> {
        let stretch = self.find(shop, order);
        if let Some(stretch) = stretch {
            stretch.is_known.store(true, Ordering::Relaxed);
        }
        let positions = stretch.map_or(&[][..], |stretch| &self.by_order[stretch.from as usize..stretch.until as usize]);
        positions.iter().filter_map(|position| {
            let refund = &self.applications[*position as usize].refund;
            (refund.completed != NO_TIME).then_some(PaidOut { position: *position, amount: refund.amount })
        })
    }

    /// How many applications belong to orders that the pass did not meet.
    pub fn unknown(&self) -> usize {
        let unknown = self.orders.iter().filter(|order| !order.is_known.load(Ordering::Relaxed));
        unknown.map(|order| (order.until - order.from) as usize).sum()
    }
}

/// The word of the filter and the bit in it that stand for a hash.
fn place(hash: u64, words: usize) -> (usize, u64) {
    (partition_of(hash, words), 1 << (hash & 63))
}
