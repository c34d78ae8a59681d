//! Metric: one definition a file, used by every table and at every grain, so that no two tables disagree about one rate.

pub mod below;
pub mod lifecycle;
pub mod median;
pub mod ratio;
pub mod rfm;
pub mod value_tier;
