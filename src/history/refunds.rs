//! Refunds by order: found by the order's id when its history is settled.

use std::sync::atomic::{AtomicBool, Ordering};

use hashbrown::HashTable;

use super::shuffle::hash;
use crate::input::codes::OwnedId;
use crate::spec::Id;

/// A refund that was paid out by the as-of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaidOut {
    /// The refund's position in the settled refunds input.
    pub position: u32,
    /// Minor units.
    pub amount: i64,
}

#[derive(Debug)]
struct Entry {
    shop: u32,
    order: OwnedId,
    refunds: Vec<PaidOut>,
    is_known: AtomicBool,
}

/// All orders that have a refund application.
#[derive(Debug, Default)]
pub struct RefundIndex {
    table: HashTable<u32>,
    entries: Vec<Entry>,
}

impl RefundIndex {
    /// Adds an order with a refund application; `paid_out` where money went back. Within an order they come by
    /// (completion, refund id).
    pub fn add(&mut self, shop: u32, order: &OwnedId, paid_out: Option<PaidOut>) {
        let key = hash(shop, order.id());
        let entries = &self.entries;
        let found = self.table.find(key, |at| entries[*at as usize].shop == shop && entries[*at as usize].order == *order).copied();
        let at = match found {
            Some(at) => at as usize,
            None => {
                let at = self.entries.len();
                self.entries.push(Entry { shop, order: order.clone(), refunds: Vec::new(), is_known: AtomicBool::new(false) });
                let entries = &self.entries;
                self.table.insert_unique(key, at as u32, |at| hash(entries[*at as usize].shop, entries[*at as usize].order.id()));
                at
            }
        };
        self.entries[at].refunds.extend(paid_out);
    }

    /// The refunds paid out for an order, which is known from now on.
    pub(super) fn of(&self, shop: u32, order: Id<'_>) -> &[PaidOut] {
        if self.entries.is_empty() {
            return &[];
        }
        let key = hash(shop, order);
        match self.table.find(key, |at| self.entries[*at as usize].shop == shop && self.entries[*at as usize].order.id() == order) {
            Some(at) => {
                let entry = &self.entries[*at as usize];
                entry.is_known.store(true, Ordering::Relaxed);
                &entry.refunds
            }
            None => &[],
        }
    }

    /// Forgets which orders are known: a pass begins anew.
    pub(super) fn forget(&self) {
        for entry in &self.entries {
            entry.is_known.store(false, Ordering::Relaxed);
        }
    }

    /// Whether an order with a refund application was met in the pass.
    pub fn is_known(&self, shop: u32, order: Id<'_>) -> bool {
        let key = hash(shop, order);
        let found = self.table.find(key, |at| self.entries[*at as usize].shop == shop && self.entries[*at as usize].order.id() == order);
        found.is_some_and(|at| self.entries[*at as usize].is_known.load(Ordering::Relaxed))
    }
}
