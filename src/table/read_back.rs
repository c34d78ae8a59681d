//! Rows of finished tables as texts, for code that reads a table back.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Date32Type;
use arrow::util::display::array_value_to_string;

use crate::spec::Day;

/// One row of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a>(&'a RecordBatch, usize);

/// The rows of batches, in their order.
pub fn rows(batches: &[RecordBatch]) -> impl Iterator<Item = Row<'_>> {
    batches.iter().flat_map(rows_of)
}

/// The rows of a batch, in their order.
pub fn rows_of(batch: &RecordBatch) -> impl Iterator<Item = Row<'_>> {
    (0..batch.num_rows()).map(move |row| row_of(batch, row))
}

/// One row of a batch.
pub fn row_of(batch: &RecordBatch, row: usize) -> Row<'_> {
    Row(batch, row)
}

/// The rows of a batch of whose day in a column `is_wanted` holds, in their order: of millions only these are looked at.
pub fn rows_on<'a>(batch: &'a RecordBatch, column: &str, is_wanted: impl Fn(Day) -> bool) -> impl Iterator<Item = Row<'a>> {
    let days = batch.column_by_name(column).and_then(|days| days.as_primitive_opt::<Date32Type>());
    let days = days.into_iter().flat_map(|days| days.iter().enumerate());
    days.filter(move |(_, day)| day.is_some_and(&is_wanted)).map(|(row, _)| Row(batch, row))
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

    /// A cell as a day; `None` if it is not one.
    pub fn day(&self, column: &str) -> Option<Day> {
        let days = self.0.column_by_name(column)?.as_primitive_opt::<Date32Type>()?;
        days.is_valid(self.1).then(|| days.value(self.1))
    }

    /// Whether another row has the same cells in those columns.
    pub fn is_same(&self, other: &Row<'_>, columns: &[&str]) -> bool {
        columns.iter().all(|column| self.text(column) == other.text(column))
    }
}
