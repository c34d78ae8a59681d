//! Metric: one definition a file, used by every table and at every grain, so that no two tables disagree about one rate.

pub mod ratio;
pub mod uv_conversion;
