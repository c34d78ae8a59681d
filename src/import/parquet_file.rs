//! Writes imported rows to a Parquet file with typed columns, and the origin of the rows in its footer.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Decimal128Builder, Float64Builder, Int64Builder, RecordBatch, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::value::Value;
use crate::error::{Error, Result};
use crate::input::declared::columns::InputKind;

/// Rows of a batch.
const BATCH: usize = 8_192;
/// Rows of a row group.
const GROUP: usize = 131_072;

/// The values of a column that are not yet written.
enum Builder {
    Text(StringBuilder),
    Money(Decimal128Builder),
    Time(TimestampMicrosecondBuilder),
    Count(Int64Builder),
    Flag(BooleanBuilder),
    Score(Float64Builder),
}

impl Builder {
    fn new(kind: InputKind) -> Self {
        match kind {
            InputKind::Id | InputKind::Text => Builder::Text(StringBuilder::new()),
            InputKind::Money => Builder::Money(Decimal128Builder::new().with_data_type(data_type(kind))),
            InputKind::Time => Builder::Time(TimestampMicrosecondBuilder::new()),
            InputKind::Count => Builder::Count(Int64Builder::new()),
            InputKind::Flag => Builder::Flag(BooleanBuilder::new()),
            InputKind::Score => Builder::Score(Float64Builder::new()),
        }
    }

    fn push(&mut self, value: &Value) {
        match self {
            Builder::Text(builder) => builder.append_option(value.text()),
            Builder::Money(builder) => builder.append_option(value.integer().map(i128::from)),
            Builder::Time(builder) => builder.append_option(value.integer()),
            Builder::Count(builder) => builder.append_option(value.integer()),
            Builder::Flag(builder) => builder.append_option(value.integer().map(|value| value != 0)),
            Builder::Score(builder) => builder.append_option(match value {
                Value::Number(number) => Some(*number),
                _ => None,
            }),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Builder::Text(builder) => Arc::new(builder.finish()),
            Builder::Money(builder) => Arc::new(builder.finish()),
            Builder::Time(builder) => Arc::new(builder.finish()),
            Builder::Count(builder) => Arc::new(builder.finish()),
            Builder::Flag(builder) => Arc::new(builder.finish()),
            Builder::Score(builder) => Arc::new(builder.finish()),
        }
    }
}

/// The Arrow type of values of a kind.
fn data_type(kind: InputKind) -> DataType {
    match kind {
        InputKind::Id | InputKind::Text => DataType::Utf8,
        InputKind::Money => DataType::Decimal128(18, 2),
        InputKind::Time => DataType::Timestamp(TimeUnit::Microsecond, None),
        InputKind::Count => DataType::Int64,
        InputKind::Flag => DataType::Boolean,
        InputKind::Score => DataType::Float64,
    }
}

/// A file that is being written.
pub struct ParquetFile {
    path: PathBuf,
    schema: SchemaRef,
    writer: ArrowWriter<File>,
    builders: Vec<Builder>,
    pending: usize,
}

impl ParquetFile {
    /// Creates a file with columns of these names and kinds.
    ///
    /// # Errors
    /// [`Error::Output`] where it cannot be written.
    pub fn create(path: &Path, columns: &[(String, InputKind)]) -> Result<Self> {
        let failed = |cause: ParquetError| Error::output(path, cause);
        let fields: Vec<Field> = columns.iter().map(|(name, kind)| Field::new(name, data_type(*kind), true)).collect();
        let schema = Arc::new(Schema::new(fields));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).map_err(failed)?))
            .set_max_row_group_row_count(Some(GROUP))
            .set_created_by(concat!("huitou import ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        // A link that others put there is not followed.
        let file = File::create_new(path).map_err(|cause| Error::system(path, &cause))?;
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties)).map_err(failed)?;
        let builders = columns.iter().map(|(_, kind)| Builder::new(*kind)).collect();
        Ok(ParquetFile { path: path.to_owned(), schema, writer, builders, pending: 0 })
    }

    /// Appends a row: a value for every column.
    ///
    /// # Errors
    /// [`Error::Output`] where it cannot be written.
    pub fn push<'a>(&mut self, values: impl IntoIterator<Item = &'a Value>) -> Result<()> {
        for (builder, value) in self.builders.iter_mut().zip(values) {
            builder.push(value);
        }
        self.pending += 1;
        if self.pending == BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let arrays = self.builders.iter_mut().map(Builder::finish).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)?;
        self.pending = 0;
        self.writer.write(&batch).map_err(|cause| Error::output(&self.path, cause))
    }

    /// Completes the file with a text under a key in its footer, and syncs it to the disk.
    ///
    /// # Errors
    /// [`Error::Output`] where it cannot be written.
    pub fn finish(mut self, key: &str, text: String) -> Result<()> {
        if self.pending > 0 {
            self.flush()?;
        }
        self.writer.append_key_value_metadata(KeyValue::new(key.to_owned(), text));
        let file = self.writer.into_inner().map_err(|cause| Error::output(&self.path, cause))?;
        file.sync_all().map_err(|cause| Error::system(&self.path, &cause))
    }
}
