//! Tables about groups of shops whose customers have the same ids in all of them: tables of shops over the group as if it were one shop.

pub mod cohort_retention;
pub(crate) mod columns;
pub mod customers;
pub(crate) mod groups;
pub mod overlap;
pub mod periods;
pub mod repurchase_intervals;
pub(crate) mod scores;
pub mod segment_value;
#[cfg(test)]
mod tests;
