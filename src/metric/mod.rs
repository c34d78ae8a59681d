//! Metric: one definition a file, used by every table and at every grain, so that no two tables disagree about one rate.

pub mod amount_band;
pub mod arm;
pub mod assessed;
pub mod comparison;
pub mod concentration;
pub mod conversion_difference;
pub mod cycle;
pub mod damped_trend;
pub mod dsr;
pub mod lifecycle;
pub mod measure;
pub mod payment_rate;
pub mod peers;
pub mod ranking;
pub mod ratio;
pub mod refund_applications;
pub mod repurchase_rate;
pub mod revenue_difference;
pub mod rfm;
pub mod sales_drivers;
pub mod sums;
pub mod unknown_season;
pub mod uv_conversion;
pub mod value_tier;
pub mod verdict;
