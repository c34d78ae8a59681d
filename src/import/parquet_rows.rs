//! Reads imported files row by row.

use std::fs::File;
use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Decimal128Type, Int64Type, TimestampMicrosecondType};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::error::{Error, Problem, Result};

/// A row of an imported file.
#[derive(Clone, Copy)]
pub struct ImportedRow<'a> {
    batch: &'a RecordBatch,
    row: usize,
}

/// Passes every row of an imported file to `take`.
///
/// # Errors
/// [`Error::Input`] where the file is damaged; the error of `take`.
pub fn each_row(path: &Path, mut take: impl FnMut(ImportedRow<'_>) -> Result<()>) -> Result<()> {
    let place = path.display().to_string();
    let damaged = |cause: &dyn std::fmt::Display| {
        Error::Input(vec![Problem::new(&place, format!("cannot be read: {cause}")).help("remove it and import its export again")])
    };
    let file = File::open(path).map_err(|cause| damaged(&cause))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(|builder| builder.build()).map_err(|cause| damaged(&cause))?;
    for batch in reader {
        let batch = batch.map_err(|cause| damaged(&cause))?;
        (0..batch.num_rows()).try_for_each(|row| take(ImportedRow { batch: &batch, row }))?;
    }
    Ok(())
}

/// The names of the columns of an imported file.
///
/// # Errors
/// [`Error::Input`] where the file is damaged.
pub fn columns(path: &Path) -> Result<Vec<String>> {
    let damaged =
        |cause: &dyn std::fmt::Display| Error::Input(vec![Problem::new(path.display().to_string(), format!("cannot be read: {cause}"))]);
    let file = File::open(path).map_err(|cause| damaged(&cause))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|cause| damaged(&cause))?;
    Ok(builder.schema().fields().iter().map(|field| field.name().clone()).collect())
}

impl<'a> ImportedRow<'a> {
    fn column(self, name: &str) -> Option<&'a ArrayRef> {
        self.batch.column_by_name(name).filter(|column| column.is_valid(self.row))
    }

    /// The text of a column; `None` where it is null or missing.
    pub fn text(self, name: &str) -> Option<&'a str> {
        self.column(name)?.as_string_opt::<i32>().map(|column| column.value(self.row))
    }

    /// Money in fen, a time in microseconds or a count; `None` where it is null or missing.
    pub fn integer(self, name: &str) -> Option<i64> {
        let column = self.column(name)?;
        match column.data_type() {
            DataType::Int64 => column.as_primitive_opt::<Int64Type>().map(|column| column.value(self.row)),
            DataType::Timestamp(..) => column.as_primitive_opt::<TimestampMicrosecondType>().map(|column| column.value(self.row)),
            DataType::Decimal128(..) => {
                column.as_primitive_opt::<Decimal128Type>().and_then(|column| i64::try_from(column.value(self.row)).ok())
            }
            _ => None,
        }
    }
}
