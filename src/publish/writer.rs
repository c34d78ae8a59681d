//! The writer of one table: any batches in, parts of fixed numbers of rows out, the same bytes on any machine.

use std::collections::BTreeMap;
use std::path::PathBuf;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::WriterProperties;

use super::draft::{Contents, locked};
use super::part::Part;
use super::{Conform, PartEntry, TableEntry};
use crate::error::{Error, Result};

/// Rows of a row group: what DuckDB and others hand to one thread, and what is held in memory while a table is written.
pub const ROWS_PER_GROUP: usize = 131_072;
/// Rows of a part; the last one has the rest.
pub const ROWS_PER_PART: usize = 8 * ROWS_PER_GROUP;

/// Takes the rows of a table in the order of its key. May be moved to another thread.
pub struct TableWriter {
    name: String,
    folder: PathBuf,
    schema: SchemaRef,
    properties: WriterProperties,
    conform: Option<Conform>,
    rows_per_group: usize,
    rows_per_part: usize,
    /// Rows that do not fill a row group yet.
    waiting: Vec<RecordBatch>,
    waiting_rows: usize,
    part: Option<Part>,
    parts: Vec<PartEntry>,
    contents: Contents,
}

impl TableWriter {
    pub(super) fn new(name: &str, folder: PathBuf, schema: SchemaRef, contents: Contents) -> Result<Self> {
        Ok(TableWriter {
            name: name.to_string(),
            folder,
            properties: properties(&schema)?,
            schema,
            conform: None,
            rows_per_group: ROWS_PER_GROUP,
            rows_per_part: ROWS_PER_PART,
            waiting: Vec::new(),
            waiting_rows: 0,
            part: None,
            parts: Vec::new(),
            contents,
        })
    }

    /// The same writer, checking each batch before it is written.
    pub(super) fn checked_by(mut self, conform: Conform) -> Self {
        self.conform = Some(conform);
        self
    }

    /// The same writer with other sizes, for tests that need not write a million rows.
    #[cfg(test)]
    pub(super) fn sized(mut self, rows_per_group: usize, rows_per_part: usize) -> Self {
        (self.rows_per_group, self.rows_per_part) = (rows_per_group, rows_per_part);
        self
    }

    /// The schema of the file.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Takes the next rows. Names and metadata of the batch's fields do not matter, the types do.
    ///
    /// # Errors
    /// `Defect` where the batch is not what the card or the schema says; `Output` where the disk is full.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if let Some(conform) = &mut self.conform {
            conform.check(batch)?;
        }
        let expected = self.schema.fields().iter().map(|field| field.data_type());
        if !batch.columns().iter().map(|column| column.data_type()).eq(expected) {
            return Err(Error::defect(format!("table `{}`: {} where the schema is {}", self.name, batch.schema(), self.schema)));
        }
        let mut from = 0;
        while from < batch.num_rows() {
            let rows = (batch.num_rows() - from).min(self.rows_per_group - self.waiting_rows);
            self.waiting.push(batch.slice(from, rows));
            self.waiting_rows += rows;
            from += rows;
            if self.waiting_rows == self.rows_per_group {
                self.write_group()?;
            }
        }
        Ok(())
    }

    /// Writes what is left and ends the table. One without rows has one part, which tells its columns.
    ///
    /// # Errors
    /// `Output` where the disk is full.
    pub fn finish(mut self) -> Result<TableEntry> {
        if self.waiting_rows > 0 {
            self.write_group()?;
        }
        if self.part.is_none() && self.parts.is_empty() {
            self.part = Some(self.new_part()?);
        }
        self.end_part()?;
        let rows = self.parts.iter().map(|part| part.rows).sum();
        let entry = TableEntry { name: self.name, rows, parts: self.parts };
        locked(&self.contents).tables.push(entry.clone());
        Ok(entry)
    }

    fn write_group(&mut self) -> Result<()> {
        let mut part = match self.part.take() {
            Some(part) => part,
            None => self.new_part()?,
        };
        part.write(&self.waiting)?;
        self.waiting.clear();
        self.waiting_rows = 0;
        let is_full = part.rows() >= self.rows_per_part;
        self.part = Some(part);
        if is_full { self.end_part() } else { Ok(()) }
    }

    fn new_part(&self) -> Result<Part> {
        let file = format!("part-{:04}.parquet", self.parts.len());
        let name = format!("{}/{file}", self.name);
        Part::create(self.folder.join(file), name, &self.schema, &self.properties)
    }

    fn end_part(&mut self) -> Result<()> {
        if let Some(part) = self.part.take() {
            self.parts.push(part.finish()?);
        }
        Ok(())
    }
}

/// How the files are written. Zstandard at its fastest level: every reader has had it for years and result tables are
/// read far more often than written. Pages have their statistics, so a look-up by key reads a few of them.
fn properties(schema: &SchemaRef) -> Result<WriterProperties> {
    let level = ZstdLevel::try_new(1).map_err(Error::defect)?;
    let properties = WriterProperties::builder()
        .set_created_by(format!("huitou version {}", env!("CARGO_PKG_VERSION")))
        .set_compression(Compression::ZSTD(level))
        // The groups are cut by the writer of the table.
        .set_max_row_group_row_count(None)
        .set_key_value_metadata(Some(texts(schema)?))
        .set_sorting_columns(Some(sorting(schema)));
    Ok(properties.build())
}

/// The metadata of the schema for readers that do not know Arrow's (DuckDB's `parquet_kv_metadata`), and in `columns`
/// that of the fields as JSON.
fn texts(schema: &SchemaRef) -> Result<Vec<KeyValue>> {
    let mut texts: Vec<KeyValue> = schema.metadata().iter().map(|(name, text)| KeyValue::new(name.clone(), text.clone())).collect();
    let mut columns = serde_json::Map::new();
    for field in schema.fields() {
        let metadata: BTreeMap<&String, &String> = field.metadata().iter().collect();
        columns.insert(field.name().clone(), serde_json::to_value(metadata).map_err(Error::defect)?);
    }
    texts.push(KeyValue::new("columns".to_string(), serde_json::Value::Object(columns).to_string()));
    Ok(texts)
}

/// The key columns, which the schema names in its metadata.
fn sorting(schema: &SchemaRef) -> Vec<SortingColumn> {
    let key = schema.metadata().get("key").map(String::as_str).unwrap_or_default();
    let positions = key.split(',').map_while(|name| schema.index_of(name).ok());
    positions.map(|position| SortingColumn { column_idx: position as i32, descending: false, nulls_first: true }).collect()
}
