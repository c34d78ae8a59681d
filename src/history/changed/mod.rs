//! Changed orders: what the snapshot before knew of orders otherwise, bucket by bucket, beside the pass that settles today's rows.
//!
//! ```text
//! rows that are gone ─┐
//! today's rows ───────┴─► orders that differ, each with a cause ─► histories before and after each cause ─► two folds a cause
//! ```
//!
//! Only customers with an order that differs are settled again. Their histories go from what they were to what they are in one step for each
//! cause, so that what the steps do to any sum of a fold adds up to what all of them do.

mod before;
mod both_refunds;
mod changed_refund;
mod comparison;
mod difference;
mod joined;
mod two_customers;

pub use before::Before;
pub use changed_refund::ChangedRefund;
pub use comparison::{ChangedOrder, Comparison, Found, OtherwiseCounted, Steps};
