//! The fold: one pass over customers' histories, its state exact and additive.

use arrow::record_batch::RecordBatch;

use super::customer::{History, Inquiry};
use crate::error::Result;

/// An aggregation over customers' histories. It counts in integers only, so that states merge to the same figures in any order and
/// grouping of the customers.
///
/// States are Arrow batches, between threads as between machines, and [`Fold::merge`] combines two. Folds of one process may be combined
/// without one ([`Fold::absorb`]), with the same result.
pub trait Fold: Send {
    /// Adds one customer.
    fn update(&mut self, history: &History<'_>);

    /// Adds one customer who asked and has no order in the shop, with the questions by (time, agent).
    fn update_inquirer(&mut self, _shop: u32, _inquiries: &[Inquiry]) {}

    /// Notes that all histories of a bucket were shown. What a person bought, in whatever shops, lies in one bucket.
    fn end_bucket(&mut self) {}

    /// Counts what waits: all histories that this thread shows were shown.
    fn flush(&mut self) {}

    /// Whether it counts orders, and so those too that name no customer. Other folds get no anonymous history.
    fn counts_anonymous_orders(&self) -> bool {
        false
    }

    /// Whether it reads [`History::lines`], which are made for folds that do. The customers come to such a fold as they come, since nobody
    /// keeps lines for longer than he must.
    fn reads_lines(&self) -> bool {
        false
    }

    /// Whether it reads [`History::item_refunds`], which are made for folds that do.
    fn reads_item_refunds(&self) -> bool {
        false
    }

    /// Returns the state of what it keeps of items and resets that, if it is of more than `most` of them; else no batch. Threads that kept
    /// every item for themselves would need as much memory as there are items, once for each thread.
    ///
    /// # Errors
    /// As for [`Fold::state`].
    fn hand_over(&mut self, _most: usize) -> Result<Vec<RecordBatch>> {
        Ok(Vec::new())
    }

    /// Returns the state and resets the fold. A fold without any figures may return no batch.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] where the arrays do not fit together.
    fn state(&mut self) -> Result<Vec<RecordBatch>>;

    /// Adds the state of the same fold over other customers. No batches are the state of a fold without any figures. What
    /// [`Fold::hand_over`] returns is merged while other threads wait, so that this must not use other threads.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] where the batches are not such a state.
    fn merge(&mut self, state: &[RecordBatch]) -> Result<()>;

    /// Adds what the same fold of another thread counted of other customers: what [`Fold::merge`] makes of its state. A fold that holds many
    /// counters takes them as they are. Other threads do not wait, so that it may use them.
    ///
    /// # Errors
    /// As for [`Fold::state`] and [`Fold::merge`].
    fn absorb(&mut self, mut other: Self) -> Result<()>
    where
        Self: Sized,
    {
        self.merge(&other.state()?)
    }
}
