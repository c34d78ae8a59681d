//! Reads the rows of a snapshot's tables, for terminal, report and database.

use std::fs::File;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::history::Snapshot;
use crate::error::{Error, Problem, Result};

impl Snapshot {
    /// The schema of a table; empty if the snapshot does not have it.
    ///
    /// # Errors
    /// [`Error::Input`] where its first part is damaged.
    pub fn schema(&self, table: &str) -> Result<SchemaRef> {
        match self.manifest.table(table).and_then(|entry| entry.parts.first()) {
            Some(part) => Ok(self.part(&part.file, None)?.0),
            None => Ok(SchemaRef::new(Schema::empty())),
        }
    }

    /// The rows of a table, batch by batch in their order; none if the snapshot does not have it. Each part is opened after the previous
    /// one has been read.
    ///
    /// # Errors
    /// [`Error::Input`] where a part is damaged.
    pub fn batches(&self, table: &str) -> impl Iterator<Item = Result<RecordBatch>> {
        self.read(table, None)
    }

    /// The same with some of the columns only, so that no others are read from the disk. A column that the table does not have is left out.
    ///
    /// # Errors
    /// [`Error::Input`] where a part is damaged.
    pub fn columns(&self, table: &str, columns: &[&str]) -> impl Iterator<Item = Result<RecordBatch>> {
        self.read(table, Some(columns))
    }

    fn read(&self, table: &str, columns: Option<&[&str]>) -> impl Iterator<Item = Result<RecordBatch>> {
        let parts = self.manifest.table(table).map_or(&[][..], |entry| &entry.parts);
        parts.iter().flat_map(move |part| match self.part(&part.file, columns) {
            Ok((_, batches)) => Box::new(batches) as Box<dyn Iterator<Item = Result<RecordBatch>>>,
            Err(error) => Box::new(std::iter::once(Err(error))),
        })
    }

    /// The schema of a part, of all its columns, and its rows.
    fn part(&self, file: &str, columns: Option<&[&str]>) -> Result<(SchemaRef, impl Iterator<Item = Result<RecordBatch>> + use<>)> {
        let path = self.path.join(file);
        let damaged = |cause: String| {
            Error::Input(vec![Problem::new(path.display().to_string(), format!("cannot be read: {cause}")).help("run the job again")])
        };
        let file = File::open(&path).map_err(|cause| damaged(cause.to_string()))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|cause| damaged(cause.to_string()))?;
        // The schema of the reader lacks the metadata of the table.
        let schema = builder.schema().clone();
        let builder = match columns {
            Some(columns) => {
                let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
                builder.with_projection(mask)
            }
            None => builder,
        };
        let reader = builder.build().map_err(|cause| damaged(cause.to_string()))?;
        let place = path.display().to_string();
        let batches = move |batch: Result<RecordBatch, ArrowError>| {
            batch.map_err(|cause| Error::Input(vec![Problem::new(&place, format!("cannot be read: {cause}")).help("run the job again")]))
        };
        Ok((schema, reader.map(batches)))
    }
}
