//! The fold: one pass over customers' histories, its partial results exact and additive.

use arrow::record_batch::RecordBatch;

use super::customer::History;
use crate::error::Result;

/// A walk over customers' histories that gathers integers only, so that partial results add up to the
/// same figures in whatever order and grouping the customers came.
///
/// Partial results travel as Arrow batches, between the threads of one machine and between machines alike:
/// there is one way to merge, [`Fold::absorb`].
pub trait Fold: Send {
    /// Takes in one customer.
    fn customer(&mut self, history: &History<'_>);

    /// What has been gathered so far, and nothing of it stays behind.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] where the arrays do not fit together.
    fn partial(&mut self) -> Result<Vec<RecordBatch>>;

    /// Adds a partial result of the same fold over other customers.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] where the batches are not such a partial result.
    fn absorb(&mut self, partial: &[RecordBatch]) -> Result<()>;
}
