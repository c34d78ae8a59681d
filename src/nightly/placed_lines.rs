//! What a run knows of all order lines together before it folds them: when orders were placed, and whether the sums of their amounts fit.

use serde::{Deserialize, Serialize};

use super::plausible::PlacingTimes;
use crate::history::conflicts::note_placed;
use crate::input::records::orders::Line;
use crate::input::values::money::NO_MONEY;

/// What is known of some lines, by codes of shops.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct PlacedLines {
    /// By shop: when its first order was placed, [`i64::MAX`] where there is none.
    pub first: Vec<i64>,
    /// When orders were placed at all.
    pub times: PlacingTimes,
    /// All amounts together, in minor units.
    pub total: i64,
}

impl PlacedLines {
    /// Adds a line.
    #[inline]
    pub fn add(&mut self, line: &Line<'_>) {
        note_placed(&mut self.first, line.shop, line.created);
        self.times.add(line.shop, line.created);
        // None is negative, and their sum does not overflow.
        let discount = if line.discount == NO_MONEY { 0 } else { line.discount };
        self.total = self.total.saturating_add(line.placed_amount + line.paid_amount + discount);
    }

    /// Adds what is known of others.
    pub fn merge(&mut self, other: &PlacedLines) {
        (0..).zip(&other.first).for_each(|(shop, time)| note_placed(&mut self.first, shop, *time));
        self.times.merge(&other.times);
        self.total = self.total.saturating_add(other.total);
    }

    /// The same of shops with other codes.
    pub fn recoded(&self, code: &dyn Fn(u32) -> u32) -> PlacedLines {
        let mut first = Vec::new();
        let placed = (0..).zip(&self.first).filter(|(_, time)| **time != i64::MAX);
        placed.for_each(|(shop, time)| note_placed(&mut first, code(shop), *time));
        PlacedLines { first, times: self.times.clone().recoded(code), total: self.total }
    }
}
