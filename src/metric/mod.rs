//! Metric: one definition a file, used by every table and at every grain, so that no two tables disagree about one rate.

pub mod arm;
pub mod assessed;
pub mod below;
pub mod concentration;
pub mod cycle;
pub mod dsr;
pub mod kaplan_meier;
pub mod lifecycle;
pub mod measure;
pub mod median;
pub mod peers;
pub mod quantile;
pub mod ratio;
pub mod refund_applications;
pub mod rfm;
pub mod uv_conversion;
pub mod value_tier;
pub mod verdict;
