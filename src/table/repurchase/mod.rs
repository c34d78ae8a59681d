//! Tables about who buys again, and when.

mod cohort_columns;
pub mod cohort_dimensions;
pub mod cohort_retention;
pub mod cohort_value;
pub mod interval_histogram;
pub mod intervals;
pub(crate) mod lifecycle_limits;
pub mod lifecycle_thresholds;
pub mod survival;
