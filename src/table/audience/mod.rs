//! Lists (营销名单): for each strategy of a job and each shop the best customers to contact, best first; and the customers who meet the
//! condition but are left out, with the reason.
//!
//! ```text
//! open_orders ─┐
//! customers  ──┼► candidates ──► conditions ──► selection, a shop at a time ──► audience_<strategy>, audience_excluded
//! intervals  ──┘   columns       who meets it   refunds, recent orders, cool-down, size; arms
//! ```

pub mod candidates;
pub mod card;
mod conditions;
pub mod customer_items;
pub mod excluded;
pub mod lists;
mod ranking;
mod selection;
mod shop_figures;

pub use conditions::problems;
