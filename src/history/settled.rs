//! What settling counts besides the histories.

use serde::{Deserialize, Serialize};

use super::affiliates::AffiliatesMet;
use super::buyers::Buyers;
use crate::spec::{Day, NO_DAY};

/// What settling counts besides the histories. Additive.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Settled {
    /// By file of the orders input: lines used. 32 bits, because every line adds to it.
    pub used: Vec<u64>,
    /// By file of the orders input: lines superseded.
    pub superseded: Vec<u64>,
    /// Refunds that exceed what was paid, by position in the settled refunds input.
    pub excessive_refunds: Vec<u32>,
    /// Paid refunds that name a line which their order does not have.
    pub refunds_of_unknown_lines: u64,
    /// By shop: the first day on which an order was placed.
    pub first_days: Vec<Day>,
    /// All orders.
    pub all: OrderTotal,
    /// Those of them that name no customer.
    pub anonymous: OrderTotal,
    /// Customers who may be none.
    pub buyers: Buyers,
    /// Lines superseded by a line of another part of the input.
    pub across_parts: u64,
    /// Lines superseded by a line of the same file, though both were paid and differ in item, quantity or amount.
    pub differing_lines: u64,
    /// What was paid for these, in minor units.
    pub differing_amount: i64,
    /// What became of the affiliate rows.
    pub affiliates: AffiliatesMet,
}

/// Orders, and what was paid for them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderTotal {
    /// How many.
    pub orders: u64,
    /// In minor units.
    pub paid_amount: i64,
}

impl OrderTotal {
    pub(super) fn add(&mut self, other: OrderTotal) {
        self.orders += other.orders;
        self.paid_amount += other.paid_amount;
    }
}

impl Settled {
    /// Adds what another part of the customers has.
    pub fn add(&mut self, other: Settled) {
        for (counts, more) in [(&mut self.used, other.used), (&mut self.superseded, other.superseded)] {
            for (file, lines) in more.into_iter().enumerate() {
                *count_of(counts, file) += lines;
            }
        }
        self.excessive_refunds.extend(other.excessive_refunds);
        self.refunds_of_unknown_lines += other.refunds_of_unknown_lines;
        self.all.add(other.all);
        self.anonymous.add(other.anonymous);
        self.buyers.add(other.buyers);
        self.across_parts += other.across_parts;
        self.differing_lines += other.differing_lines;
        self.differing_amount += other.differing_amount;
        self.affiliates.add(other.affiliates);
        for (shop, day) in other.first_days.iter().enumerate() {
            if *day != NO_DAY {
                note_day(&mut self.first_days, shop, *day);
            }
        }
    }
}

/// The counter of a file.
pub(super) fn count_of(counts: &mut Vec<u64>, file: usize) -> &mut u64 {
    if file >= counts.len() {
        counts.resize(file + 1, 0);
    }
    &mut counts[file]
}

/// Notes a day of a shop, if it is its first.
pub(super) fn note_day(days: &mut Vec<Day>, shop: usize, day: Day) {
    if shop >= days.len() {
        days.resize(shop + 1, NO_DAY);
    }
    if days[shop] == NO_DAY || day < days[shop] {
        days[shop] = day;
    }
}
