//! Metric: one definition a file, used by every table and at every grain, so that no two tables disagree about one rate.

pub mod dsr;
pub mod peers;
pub mod kaplan_meier;
pub mod lifecycle;
pub mod quantile;
pub mod ratio;
pub mod refund_applications;
pub mod uv_conversion;
pub mod below;
pub mod median;
pub mod rfm;
pub mod value_tier;
