//! Metric: one definition a file, used by every table and at every grain, so that no two tables disagree about one rate.

pub mod kaplan_meier;
pub mod lifecycle;
pub mod quantile;
pub mod ratio;
