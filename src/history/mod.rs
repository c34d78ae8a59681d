//! History: each customer's orders, grouped once and in order, for every fold to read.

pub mod affiliates;
pub mod bucket;
pub mod buyers;
pub mod campaigns;
pub mod conflicts;
pub mod context;
pub mod customer;
pub mod fold;
mod grouping;
mod hash_filter;
pub mod histories;
mod in_proportion;
mod inquiries;
mod item_refunds;
mod line_places;
pub mod line_store;
pub mod order_index;
mod order_refunds;
pub mod pass;
pub mod persons;
mod record;
pub mod refunds;
mod row;
pub mod scopes;
pub mod settle;
pub mod shuffle;
pub mod stored_lines;
pub mod views;

pub use bucket::state_bucket;
pub use conflicts::OrderIdTypes;
pub use context::{Context, Dictionary, Features};
pub use customer::{Affiliated, History, Inquiry, ItemLine, ItemRefund, Order, PaidRefund, Return};
pub use fold::Fold;
pub use record::VERSION as RECORD_VERSION;
pub use row::TextIds;
