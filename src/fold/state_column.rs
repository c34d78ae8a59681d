//! State column: a column of numbers of a state, read back.

use arrow::array::{Array, ArrowPrimitiveType, PrimitiveArray};
use arrow::buffer::ScalarBuffer;
use arrow::record_batch::RecordBatch;

use crate::error::{Error, Result};

/// The numbers of a column of a state, which never has nulls.
///
/// # Errors
/// [`Error::Bug`] if the batch has no such column.
pub fn values<'a, T: ArrowPrimitiveType>(batch: &'a RecordBatch, name: &str) -> Result<&'a ScalarBuffer<T::Native>> {
    let column = batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref::<PrimitiveArray<T>>());
    let column = column.filter(|column| column.null_count() == 0);
    column.map(PrimitiveArray::values).ok_or_else(|| Error::bug(format!("a state has no column {name} of that type")))
}
