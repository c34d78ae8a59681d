//! History: each customer's orders brought together once, in order, for every fold to walk over.

pub mod campaigns;
pub mod census;
pub mod conflicts;
pub mod context;
pub mod customer;
pub mod fold;
mod grouping;
pub mod pass;
mod record;
pub mod refunds;
mod row;
pub mod settle;
pub mod shuffle;

pub use context::{Context, Dictionary, Features, Rfm};
pub use customer::{History, Order};
pub use fold::Fold;
