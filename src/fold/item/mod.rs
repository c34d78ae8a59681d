//! What is sold of items: sums of each item of a shop, and how long customers take to buy the same item again.
//!
//! Items may be millions. So a thread keeps some of them only, and hands over what it counted to the fold of all threads whenever it has seen
//! many ([`crate::history::Fold::hand_over`]); and of lengths and quantities only those that occur are kept.

pub mod days;
mod item_store;
pub mod last_bought;
pub mod months;
pub mod rebuying;
pub mod refunds;
pub mod sales;
pub mod sold;
pub mod sold_items;
mod tallies;
