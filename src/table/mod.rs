//! Table: one file a result table, its card and what fills it.

use arrow::record_batch::RecordBatch;

use crate::error::Result;
use crate::spec::Card;

#[cfg(test)]
mod cases;
pub mod cohort_fold;
pub mod cohort_retention;
pub mod frame;
pub mod interval_fold;
pub mod interval_histogram;
pub mod lifecycle_thresholds;
pub mod repurchase_intervals;
pub mod repurchase_survival;

pub use frame::Frame;

/// Where finished rows go: a table's batches come in the order of its key, those of different tables in any order.
pub type Sink<'a> = dyn FnMut(&'static Card, RecordBatch) -> Result<()> + 'a;
