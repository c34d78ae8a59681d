//! Tables about customers and their segments.

pub(crate) mod batch;
pub mod customers;
pub mod identity_effect;
pub mod revenue_concentration;
mod scales;
pub mod segment_migration;
mod segment_sums;
pub mod segment_value;
