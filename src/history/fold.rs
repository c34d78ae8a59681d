//! The fold: one pass over customers' histories, its state exact and additive.

use arrow::record_batch::RecordBatch;

use super::customer::History;
use crate::error::Result;

/// A walk over customers' histories that gathers integers only, so that states add up to the same figures in whatever order and
/// grouping the customers came.
///
/// States travel as Arrow batches, between the threads of one machine and between machines alike: there is one way to bring two
/// together, [`Fold::merge`].
pub trait Fold: Send {
    /// Takes in one customer.
    fn update(&mut self, history: &History<'_>);

    /// Returns what has been gathered so far, and forgets it. A fold that gathered nothing may return no batch.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] where the arrays do not fit together.
    fn state(&mut self) -> Result<Vec<RecordBatch>>;

    /// Adds the state of the same fold over other customers. No batches are the state of a fold that gathered nothing.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] where the batches are not such a state.
    fn merge(&mut self, state: &[RecordBatch]) -> Result<()>;
}
