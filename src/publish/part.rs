//! One Parquet file of a table, hashed while it is written.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use arrow::array::{Array, RecordBatch};
use arrow::compute::concat;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::manifest::PartEntry;
use super::step::step;
use crate::disk::durable::Syncing;
use crate::disk::folder::Folder;
use crate::error::{Error, Result};

/// A Parquet file of a table that is being written.
#[derive(Debug)]
pub(super) struct PartWriter {
    path: PathBuf,
    /// The path below the snapshot.
    name: String,
    schema: SchemaRef,
    writer: SerializedFileWriter<HashingFile>,
    columns: ArrowRowGroupWriterFactory,
    groups: usize,
    rows: usize,
}

impl PartWriter {
    /// Creates the file in the folder of its table, which the manifest will call `name`.
    pub(super) fn create(
        folder: &Folder,
        file: &str,
        name: String,
        schema: &SchemaRef,
        properties: &WriterProperties,
    ) -> Result<PartWriter> {
        let path = folder.path().join(file);
        step("publish::part", &path)?;
        let file = folder.create_file(file)?;
        let file = HashingFile { file, hash: Sha256::new(), bytes: 0 };
        let writer = ArrowWriter::try_new(file, SchemaRef::clone(schema), Some(properties.clone()));
        let (writer, columns) = writer.and_then(ArrowWriter::into_serialized_writer).map_err(|cause| write_error(&path, cause))?;
        Ok(PartWriter { path, name, schema: SchemaRef::clone(schema), writer, columns, groups: 0, rows: 0 })
    }

    /// Rows written.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Writes the rows of the batches as one row group, the columns in parallel. Each column goes to its encoder in
    /// one piece, because the encoder ends pages by the pieces it gets. So the bytes depend neither on how the rows are
    /// divided into batches nor on which thread encodes which column.
    pub(super) fn write(&mut self, batches: &[RecordBatch]) -> Result<()> {
        step("publish::group", &self.path)?;
        let encoders = self.columns.create_column_writers(self.groups).map_err(|cause| write_error(&self.path, cause))?;
        if encoders.len() != self.schema.fields().len() {
            return Err(Error::bug(format!("{}: result tables have no nested columns", self.name)));
        }
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        let encoders = encoders.into_par_iter().with_min_len(columns_of_a_task(rows)).enumerate();
        let chunks = encoders.map(|(position, mut encoder)| {
            let pieces: Vec<&dyn Array> = batches.iter().map(|batch| batch.column(position).as_ref()).collect();
            for leaf in compute_leaves(self.schema.field(position), &concat(&pieces)?)? {
                encoder.write(&leaf)?;
            }
            encoder.close()
        });
        let chunks: Vec<Result<ArrowColumnChunk, ParquetError>> = chunks.collect();
        let appended = self.writer.next_row_group().and_then(|mut group| {
            chunks.into_iter().try_for_each(|chunk| chunk?.append_to_row_group(&mut group))?;
            group.close()
        });
        appended.map_err(|cause| write_error(&self.path, cause))?;
        self.groups += 1;
        self.rows += rows;
        Ok(())
    }

    /// Writes the footer and starts to sync the file, so that the disk works while the next rows are computed.
    pub(super) fn finish(mut self) -> Result<(PartEntry, Syncing)> {
        step("publish::footer", &self.path)?;
        self.writer.finish().map_err(|cause| write_error(&self.path, cause))?;
        let HashingFile { file, hash, bytes } = self.writer.inner();
        let entry = PartEntry { file: self.name, rows: self.rows as u64, bytes: *bytes, sha256: hex::encode(hash.clone().finalize()) };
        Ok((entry, Syncing::start(self.path, file)?))
    }
}

/// Rows below which one thread works on all columns of a table.
const FEW: usize = 8192;

/// The columns at least that a thread works on where a table has so many rows: all of them where these are few. To hand a column to another
/// thread then takes longer than its values, and a thread that waits for others takes up another table meanwhile.
pub(super) fn columns_of_a_task(rows: usize) -> usize {
    if rows < FEW { usize::MAX } else { 1 }
}

/// The error of the Parquet writer: an output error if the system reports one, otherwise a bug.
fn write_error(path: &Path, cause: ParquetError) -> Error {
    match cause {
        ParquetError::External(cause) if cause.is::<io::Error>() => match cause.downcast_ref() {
            Some(cause) => Error::system(path, cause),
            None => Error::output(path, cause),
        },
        cause => Error::bug(format!("{}: {cause}", path.display())),
    }
}

/// A file and the hash of all that was written to it.
#[derive(Debug)]
struct HashingFile {
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl Write for HashingFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let length = self.file.write(buffer)?;
        self.hash.update(&buffer[..length]);
        self.bytes += length as u64;
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
