//! The row: a version of a line in its bucket, decoded for settling.

use crate::input::records::awaited::Awaited;

/// Which ids of the orders input are texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TextIds {
    /// Those of customers; those of orders where the input has no customers.
    pub customer: bool,
    /// Those of orders.
    pub order: bool,
    /// Those of lines.
    pub line: bool,
}

/// A version of a line. Ids are order-preserving keys, or offsets of texts in the records of the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub customer: u64,
    pub order: u64,
    pub line: u64,
    pub modified: i64,
    pub created: i64,
    pub paid: i64,
    pub placed_amount: i64,
    pub paid_amount: i64,
    pub refunded: i64,
    /// Whole seconds since 1970, local time; [`NOT_SHIPPED`].
    pub shipped: u32,
    pub quantity: u32,
    pub file: u32,
    pub row: u32,
    pub shop: u32,
    pub category: u32,
    pub item: u32,
    /// In minor units; [`crate::input::values::money::NO_MONEY`].
    pub discount: i64,
    pub promotion: u16,
    /// The place among the links of the id that the line names; [`crate::input::values::links::NO_ALIAS`].
    pub alias: u32,
    pub channel: u16,
    pub province: u16,
    /// Days since 1970; [`NOT_COMPLETED`].
    pub completed: u16,
    /// Whether it was closed: without having been paid, or by a refund of all that was paid.
    pub is_closed: bool,
    /// What its status says that it waits for.
    pub awaited: Awaited,
    /// Whether it names no customer, in an input that has customers.
    pub is_anonymous: bool,
}

/// The shipping time of an order that was not shipped.
pub(super) const NOT_SHIPPED: u32 = u32::MAX;

/// The completion day of an order that was not completed.
pub(super) const NOT_COMPLETED: u16 = u16::MAX;
