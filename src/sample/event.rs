//! An event: what becomes rows of an input, and when.

/// One row (of ratings) or one row for each line concerned (of orders and refunds) that was last changed at `modified`.
/// The order of events is the order of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// The second of the version.
    pub modified: u32,
    /// The customer, among those of all shops.
    pub customer: u32,
    /// The number of the order among the customer's.
    pub number: u32,
    /// When the order was placed.
    pub created: u32,
}
