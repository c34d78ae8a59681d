//! Rows of finished tables as texts, for code that reads a table back.

use arrow::array::{Array, RecordBatch};
use arrow::util::display::array_value_to_string;

/// One row of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a>(&'a RecordBatch, usize);

/// The rows of batches, in their order.
pub fn rows(batches: &[RecordBatch]) -> impl Iterator<Item = Row<'_>> {
    batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| Row(batch, row)))
}

impl Row<'_> {
    /// A cell as text; `None` if it is null, or the batch has no such column.
    pub fn text(&self, column: &str) -> Option<String> {
        let array = self.0.column_by_name(column).filter(|array| array.is_valid(self.1))?;
        array_value_to_string(array, self.1).ok()
    }

    /// A cell as a number; `None` if it is not one.
    pub fn number(&self, column: &str) -> Option<f64> {
        self.text(column)?.parse().ok()
    }

    /// Whether another row has the same cells in those columns.
    pub fn is_same(&self, other: &Row<'_>, columns: &[&str]) -> bool {
        columns.iter().all(|column| self.text(column) == other.text(column))
    }
}
