//! Tables about items (商品): which products carry a shop, which are bought together, and which one after the other.

pub mod days;
pub mod items;
mod pair_counts;
mod pair_sequences;
pub mod pairs;
pub mod partners;
pub mod ranked;
pub mod refills;
pub mod refund_reasons;
pub mod refunds;
mod titles;
pub mod visits;
