//! Table: one file a result table, its card and what fills it.

use arrow::record_batch::RecordBatch;

use crate::error::Result;
use crate::spec::Card;

#[cfg(test)]
#[allow(clippy::expect_used)]
mod customer_cases;
pub mod customer_columns;
pub mod customer_fold;
pub mod customer_keys;
pub mod customer_marks;
mod customer_order;
pub mod customers;
pub mod frame;
pub mod segment_value;

pub use customer_fold::CustomerFold;
pub use frame::Frame;

/// Where finished rows go: a table's batches come in the order of its key, those of different tables in any order.
pub type Sink<'a> = dyn FnMut(&'static Card, RecordBatch) -> Result<()> + 'a;
