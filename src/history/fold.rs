//! The fold: one pass over customers' histories, its state exact and additive.

use arrow::record_batch::RecordBatch;

use super::customer::History;
use crate::error::Result;

/// An aggregation over customers' histories. It counts in integers only, so that states merge to the same figures in any order and
/// grouping of the customers.
///
/// States are Arrow batches, between threads as between machines: [`Fold::merge`] is the only way to combine two.
pub trait Fold: Send {
    /// Adds one customer.
    fn update(&mut self, history: &History<'_>);

    /// Notes that all histories of a bucket were shown. What a person bought, in whatever shops, lies in one bucket.
    fn end_bucket(&mut self) {}

    /// Whether it counts orders, and so those too that name no customer. Other folds get no anonymous history.
    fn counts_anonymous_orders(&self) -> bool {
        false
    }

    /// Returns the state and resets the fold. A fold without any figures may return no batch.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] where the arrays do not fit together.
    fn state(&mut self) -> Result<Vec<RecordBatch>>;

    /// Adds the state of the same fold over other customers. No batches are the state of a fold without any figures.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] where the batches are not such a state.
    fn merge(&mut self, state: &[RecordBatch]) -> Result<()>;
}
