//! Writes a Parquet file row group by row group. Row groups are encoded in parallel; their bytes do not depend on the threads.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;

use super::event::Event;
use crate::error::{Error, Result};

/// Events of a row group, and of one batch within it.
pub const GROUP: usize = 98_304;
const BATCH: usize = 8_192;
/// Columns with hardly any repeated value, for which a dictionary would be useless.
const DISTINCT: [&str; 8] = ["order_id", "line_id", "refund_id", "created_at", "paid_at", "shipped_at", "completed_at", "modified_at"];

/// Makes the rows of events.
pub type Rows<'a> = dyn Fn(&[Event]) -> Result<RecordBatch> + Sync + 'a;

/// A file that is being written.
pub struct Sheet {
    path: PathBuf,
    schema: SchemaRef,
    writer: SerializedFileWriter<BufWriter<File>>,
    factory: ArrowRowGroupWriterFactory,
    groups: usize,
    rows: u64,
}

/// The encoded columns of a row group and its number of rows.
type Encoded = (Vec<ArrowColumnChunk>, u64);

impl Sheet {
    /// Creates the file and its folders.
    pub fn create(path: &Path, schema: SchemaRef) -> Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|cause| Error::output(folder, cause))?;
        }
        let failed = |cause: ParquetError| Error::output(path, cause);
        let file = File::create(path).map_err(|cause| Error::output(path, cause))?;
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).map_err(failed)?))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .set_created_by(concat!("huitou sample ", env!("CARGO_PKG_VERSION")).to_owned());
        for column in DISTINCT {
            properties = properties.set_column_dictionary_enabled(column.into(), false);
        }
        let properties = Arc::new(properties.build());
        let described = ArrowSchemaConverter::new().convert(&schema).map_err(failed)?;
        let writer = SerializedFileWriter::new(BufWriter::new(file), described.root_schema_ptr(), properties).map_err(failed)?;
        let factory = ArrowRowGroupWriterFactory::new(&writer, Arc::clone(&schema));
        Ok(Sheet { path: path.to_owned(), schema, writer, factory, groups: 0, rows: 0 })
    }

    /// Appends the rows of these events, a row group for every [`GROUP`] of them.
    pub fn append(&mut self, events: &[Event], rows: &Rows<'_>) -> Result<()> {
        for together in events.chunks(GROUP * rayon::current_num_threads().max(1)) {
            let first = self.groups;
            let encoded: Vec<Result<Encoded>> = together
                .par_chunks(GROUP)
                .enumerate()
                .map(|(at, events)| self.encode(first + at, events.chunks(BATCH).map(rows)))
                .collect();
            for group in encoded {
                self.put(group?)?;
            }
        }
        Ok(())
    }

    /// Appends a batch as a row group, unless it has no rows.
    pub fn append_batch(&mut self, batch: RecordBatch) -> Result<()> {
        if batch.num_rows() > 0 {
            let encoded = self.encode(self.groups, std::iter::once(Ok(batch)))?;
            self.put(encoded)?;
        }
        Ok(())
    }

    fn encode(&self, group: usize, batches: impl Iterator<Item = Result<RecordBatch>>) -> Result<Encoded> {
        let failed = |cause: ParquetError| Error::output(&self.path, cause);
        let mut writers = self.factory.create_column_writers(group).map_err(failed)?;
        let mut count = 0;
        for batch in batches {
            let batch = batch?;
            count += batch.num_rows() as u64;
            for ((writer, field), array) in writers.iter_mut().zip(self.schema.fields()).zip(batch.columns()) {
                // The columns are flat: each is one leaf.
                for leaf in compute_leaves(field, array).map_err(failed)? {
                    writer.write(&leaf).map_err(failed)?;
                }
            }
        }
        let chunks = writers.into_iter().map(|writer| writer.close()).collect::<Result<Vec<_>, _>>().map_err(failed)?;
        Ok((chunks, count))
    }

    fn put(&mut self, (chunks, rows): Encoded) -> Result<()> {
        let failed = |cause: ParquetError| Error::output(&self.path, cause);
        let mut group = self.writer.next_row_group().map_err(failed)?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut group).map_err(failed)?;
        }
        group.close().map_err(failed)?;
        self.groups += 1;
        self.rows += rows;
        Ok(())
    }

    /// Completes the file. Returns its rows and bytes.
    pub fn finish(self) -> Result<(u64, u64)> {
        let failed = |cause: &dyn std::fmt::Display| Error::output(&self.path, cause);
        let file = self.writer.into_inner().map_err(|cause| failed(&cause))?;
        let file = file.into_inner().map_err(|cause| failed(&cause))?;
        let bytes = file.metadata().map_err(|cause| failed(&cause))?.len();
        Ok((self.rows, bytes))
    }
}
