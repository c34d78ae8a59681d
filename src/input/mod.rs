//! Input: files to typed, checked rows; what is wrong with a row is said with file and row.

mod accepts;
pub mod batch;
pub mod codes;
pub mod columns;
pub mod dataset;
pub mod drift;
pub mod expression;
pub mod facts;
pub mod fault;
pub mod files;
pub mod ids;
pub mod integers;
pub mod ledger;
pub mod money;
pub mod orders;
mod problems;
mod rated_days;
pub mod ratings;
mod refund_record;
pub mod refunds;
pub mod scan;
pub mod shops;
pub mod status;
pub mod text;
pub mod time;
pub mod traffic;
