//! Statistics: estimates, tests and distributions that know nothing of shops, customers or orders.

pub mod below;
pub mod benjamini_hochberg;
pub mod chain_ladder;
pub mod fisher;
pub mod kaplan_meier;
pub mod largest_remainder;
pub mod log_mean;
pub mod median;
pub mod quantile;
pub mod random;
pub mod rare;
pub mod robust;
pub mod special;
pub mod student;
