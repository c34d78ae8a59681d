//! Table: one file a result table, its card and what fills it.

use arrow::record_batch::RecordBatch;

use crate::error::Result;
use crate::spec::Card;

pub mod activity;
pub mod assessment_quarterly;
mod assessment_rows;
mod calendar;
pub mod frame;
mod mean_columns;
pub mod quarters;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod shop_case;
mod shop_columns;
pub mod shop_daily;
mod shop_days;
pub mod shop_periods;

pub use frame::Frame;

/// Where finished rows go: a table's batches come in the order of its key, those of different tables in any order.
pub type Sink<'a> = dyn FnMut(&'static Card, RecordBatch) -> Result<()> + 'a;
