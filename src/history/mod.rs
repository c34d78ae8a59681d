//! History: each customer's orders brought together once, in order, for every fold to walk over.

pub mod conflicts;
pub mod context;
pub mod customer;
pub mod fold;
pub mod pass;
pub mod refunds;
pub mod settle;
pub mod shuffle;
pub mod tally;

pub use context::{Context, Dictionary, Features, Rfm};
pub use customer::{History, Order};
pub use fold::Fold;
pub use tally::Tally;
