//! Memory of items: what folds will keep of items is reserved while the lines are read, so that these leave it free.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::plan::Plan;
use crate::fold::baskets::BASKETS;
use crate::fold::item::sales::ITEM_SALES;
use crate::fold::items::ITEMS;
use crate::fold::spec::AnyFold;
use crate::history::pass::ITEMS_OF_THREAD;
use crate::input::declared::columns::ORDERS;
use crate::partition::Budget;

/// Bytes that folds keep of an item, about: its counters, its place among all, and, of sales, some lengths and quantities.
static OF_FOLDS: [(&dyn AnyFold, u64); 3] = [(&ITEM_SALES, 180), (&BASKETS, 30), (&ITEMS, 30)];

/// Bytes of the title of an item, roughly, with its place and the rest of its piece of memory.
const TITLE: u64 = 200;

/// The items for which memory was reserved.
pub(super) struct ItemMemory {
    budget: Arc<Budget>,
    /// Bytes of an item in one fold and with its title; 0 where no wanted table reads such a fold or titles.
    bytes: u64,
    reserved: AtomicUsize,
}

impl ItemMemory {
    /// Nothing is reserved yet.
    pub fn new(plan: &Plan, budget: &Arc<Budget>) -> Self {
        let selection = plan.selection();
        let counted: u64 = OF_FOLDS.iter().filter(|(fold, _)| selection.has(fold.name())).map(|(_, bytes)| bytes).sum();
        let has_titles = plan.datasets.get(ORDERS.name).is_some_and(|orders| orders.has("item_title"));
        let bytes = counted + if has_titles { TITLE } else { 0 };
        ItemMemory { budget: Arc::clone(budget), bytes, reserved: AtomicUsize::new(0) }
    }

    /// Reserves what so many items need and fewer did not.
    pub fn reserve(&self, items: usize) {
        let before = self.reserved.fetch_max(items, Ordering::Relaxed);
        let kept = |items: usize| items + items.min(ITEMS_OF_THREAD) * rayon::current_num_threads();
        self.budget.reserve(kept(items).saturating_sub(kept(before)) as u64 * self.bytes);
    }
}
