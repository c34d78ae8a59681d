//! Tables about customers and their segments.

pub mod customers;
pub mod revenue_concentration;
pub mod scores;
pub mod segment_migration;
pub mod segment_value;
