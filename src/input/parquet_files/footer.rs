//! Footers: the metadata of a Parquet file, and the types in which its columns are read.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DECIMAL64_MAX_PRECISION, DataType, Field, Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::{LogicalType, Type as PhysicalType};
use parquet::errors::Result as ParquetResult;
use parquet::file::FOOTER_SIZE;
use parquet::file::reader::ChunkReader;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::bytes::readable_schema;
use super::decodable;
use super::encryption::encrypted_leaves;
use super::files::DataFile;
use super::footer_limits;
use super::open_file::ColumnSource;
use super::page_limits;
use super::place::{Place, Source, StoredFile, Unread};
use super::prefetch::{Prefetched, tail_of};
use crate::disk::identity::FileIdentity;
use crate::error::Problem;
use crate::input::declared::columns::{Input, InputKind};
use crate::input::times::int96;
use crate::store::failure::Failure;

/// How many values advice looks at.
const FIRST_VALUES: usize = 4_096;

/// The metadata of a file.
pub(in crate::input) struct Footer {
    /// The file's size.
    pub bytes: u64,
    /// What names its contents, if it is on a disk.
    pub identity: Option<FileIdentity>,
    /// Its rows, by row group.
    pub row_groups: Vec<u64>,
    /// A digest of size, time of change and footer.
    pub fingerprint: String,
    /// A digest of the footer alone.
    pub footer: String,
    /// The columns as rows have them: those of the file, bytes as text.
    pub schema: SchemaRef,
    /// The top-level columns that are UUIDs.
    pub uuids: BTreeSet<usize>,
    /// The leaves of the file's schema that are encrypted.
    pub encrypted: BTreeSet<usize>,
    metadata: ArrowReaderMetadata,
}

/// The problem of a file that cannot be opened.
fn not_opened(file: &DataFile, path: &Path, cause: &std::io::Error) -> Problem {
    let target = std::fs::read_link(path);
    match (cause.kind(), target) {
        (ErrorKind::NotFound, Ok(target)) => {
            let what = format!("is a link to `{}`, which is not there", target.display());
            Problem::new(&file.label, what).help("see whether the export has written that file, or remove the link")
        }
        (ErrorKind::NotFound, Err(_)) => {
            Problem::new(&file.label, "was removed while the run looked at its folder").help("run again when the export is done")
        }
        (ErrorKind::PermissionDenied, _) => {
            Problem::new(&file.label, format!("cannot be opened: {cause}")).help("give the run permission to read it")
        }
        _ => Problem::new(&file.label, format!("cannot be opened: {cause}"))
            .help("see whether it can be read, or move it out of the input's folder"),
    }
}

/// A file that is opened for its footer.
struct Opened {
    source: Source,
    bytes: u64,
    identity: Option<FileIdentity>,
    /// What differs once the file was written anew.
    version: String,
}

fn opened(file: &DataFile, unreadable: impl Fn(String) -> Problem) -> Result<Opened, Problem> {
    match &file.place {
        Place::Disk(path) => {
            let opened = File::open(path).map_err(|cause| not_opened(file, path, &cause))?;
            let meta = opened.metadata().map_err(|cause| unreadable(cause.to_string()))?;
            let modified =
                meta.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok()).map_or(0, |since| since.as_nanos());
            let identity = Some(FileIdentity::of(&meta));
            Ok(Opened { source: Source::Disk(opened), bytes: meta.len(), identity, version: modified.to_string() })
        }
        Place::Store(stored) => {
            let object = &stored.object;
            let version = object.tag.clone().unwrap_or_else(|| object.modified.to_string());
            Ok(Opened { source: Source::Store(stored.clone()), bytes: object.bytes, identity: None, version })
        }
    }
}

/// The footers of files, in their order. The ends of files in stores come many at once: each alone would wait for an answer.
pub(in crate::input) fn read_all(files: Vec<DataFile>) -> Vec<Result<(DataFile, Footer), Problem>> {
    let mut footers = Vec::with_capacity(files.len());
    let mut files = files.into_iter();
    loop {
        let some: Vec<DataFile> = files.by_ref().take(TAILS).collect();
        if some.is_empty() {
            return footers;
        }
        let ends = tails(&some);
        footers.par_extend(some.into_par_iter().zip(ends).map(|(file, tail)| Footer::read(&file, tail).map(|footer| (file, footer))));
    }
}

/// Footers of files whose ends are in memory at once.
const TAILS: usize = 512;

/// The ends of the files that lie in stores; `None` for others.
fn tails(files: &[DataFile]) -> Vec<Option<Result<Bytes, Failure>>> {
    let mut tails: Vec<Option<Result<Bytes, Failure>>> = files.iter().map(|_| None).collect();
    let stored = |file: &DataFile| if let Place::Store(stored) = &file.place { Some(stored.clone()) } else { None };
    let stored: Vec<StoredFile> = files.iter().filter_map(stored).collect();
    // All files of an input lie in one bucket.
    let Some(StoredFile { bucket, .. }) = stored.first() else { return tails };
    let ranges: Vec<_> = stored.iter().map(|file| (&*file.object, tail_of(file.object.bytes))).collect();
    let places = tails.iter_mut().zip(files).filter(|(_, file)| file.place.on_disk().is_none());
    places.zip(bucket.read(&ranges)).for_each(|((tail, _), read)| *tail = Some(read));
    tails
}

impl Footer {
    /// Reads the footer of a file, whose end may have been read before.
    ///
    /// # Errors
    /// A problem if the file cannot be opened, is encrypted, or is not Parquet.
    pub fn read(file: &DataFile, tail: Option<Result<Bytes, Failure>>) -> Result<Footer, Problem> {
        let unreadable = |cause: String| {
            Problem::new(&file.label, format!("cannot be read as Parquet: {cause}"))
                .help("is it whole, and is it Parquet? Write it anew or move it out of the input's folder")
        };
        let Opened { source, bytes: length, identity, version } = opened(file, unreadable)?;
        let tail = match tail {
            Some(Ok(tail)) => Prefetched::with_tail(source, length, tail),
            Some(Err(failure)) => return Err(failure.problem(&file.label)),
            None => Prefetched::tail(source, length).map_err(|cause| match cause {
                Unread::System(cause) => unreadable(cause.to_string()),
                Unread::Store(failure) => failure.problem(&file.label),
            })?,
        };
        if is_encrypted(&tail, length) {
            return Err(decodable::encrypted_file(&file.label));
        }
        let bytes = is_parquet(&tail, length).then(|| written(&tail, length)).transpose();
        if let Some(bytes) = bytes.map_err(|cause| unreadable(cause.to_string()))? {
            footer_limits::check(&bytes).map_err(unreadable)?;
        }
        let metadata = ArrowReaderMetadata::load(&tail, ArrowReaderOptions::new()).map_err(|cause| unreadable(cause.to_string()))?;
        footer_limits::check_rows(metadata.metadata(), length).map_err(unreadable)?;
        let mut digest = Sha256::new();
        digest.update(format!("{}\0{length}\0{version}\0", file.label));
        let written = written(&tail, length).map_err(|cause| unreadable(cause.to_string()))?;
        digest.update(&written);
        let roots = metadata.parquet_schema().root_schema().get_fields().iter().enumerate();
        let is_uuid = |field: &parquet::schema::types::TypePtr| field.get_basic_info().logical_type_ref() == Some(&LogicalType::Uuid);
        Ok(Footer {
            bytes: length,
            identity,
            row_groups: metadata.metadata().row_groups().iter().map(|group| u64::try_from(group.num_rows()).unwrap_or(0)).collect(),
            fingerprint: hex::encode(&digest.finalize()[..8]),
            footer: hex::encode(&Sha256::digest(&written)[..8]),
            schema: Arc::new(readable_schema(&int96::in_microseconds(&metadata))),
            uuids: roots.filter(|(_, field)| is_uuid(field)).map(|(at, _)| at).collect(),
            encrypted: encrypted_leaves(written.as_ref()),
            metadata,
        })
    }

    /// Sets the types in which columns are read: few distinct texts as dictionaries, other texts as views into the pages, so that a long one
    /// that stands in many rows is in memory once; money stored in 64 bits as it is. Columns that expressions read (`roots`) keep their type,
    /// texts apart.
    ///
    /// # Errors
    /// The error of the Parquet reader.
    pub fn reading(
        &self,
        sources: impl Iterator<Item = ColumnSource>,
        input: &Input,
        roots: &BTreeSet<String>,
    ) -> Result<ArrowReaderMetadata, String> {
        let stored = int96::in_microseconds(&self.metadata);
        let mut fields: Vec<Field> = stored.fields().iter().map(|field| field.as_ref().clone()).collect();
        for (column, source) in input.columns.iter().zip(sources) {
            if let ColumnSource::Column(at) = source
                && let Some(field) = fields.get_mut(at)
                && !roots.contains(field.name())
                && let Some(read_as) = read_as(column.name, column.kind, field.data_type(), self.physical(at))
            {
                *field = field.clone().with_data_type(read_as);
            }
        }
        for field in fields.iter_mut().filter(|field| roots.contains(field.name()) && field.data_type() == &DataType::Utf8) {
            *field = field.clone().with_data_type(DataType::Utf8View);
        }
        let schema = Arc::new(Schema::new_with_metadata(fields, stored.metadata().clone()));
        let options = ArrowReaderOptions::new().with_schema(schema);
        ArrowReaderMetadata::try_new(self.metadata.metadata().clone(), options).map_err(|cause| cause.to_string())
    }

    /// What keeps these top-level columns from being decoded.
    pub fn undecodable(&self, label: &str, input: &str, columns: &[usize]) -> Vec<Problem> {
        decodable::problems(label, input, self.metadata.metadata(), &self.encrypted, columns)
    }

    /// The number of rows.
    pub fn rows(&self) -> u64 {
        self.row_groups.iter().sum()
    }

    /// The first values of a column, for advice about it; `None` where they cannot be read.
    pub fn first_values(&self, file: &DataFile, at: usize) -> Option<ArrayRef> {
        let opened = opened(file, |cause| Problem::new(&file.label, cause)).ok()?.source;
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), [at]);
        let group = self.metadata.metadata().row_groups().first()?;
        let read = || {
            let opened = Prefetched::columns(opened, self.bytes, group, |leaf| mask.leaf_included(leaf)).ok()?;
            let leaves = (0..group.columns().len()).filter(|leaf| mask.leaf_included(*leaf));
            let largest = leaves.map(|leaf| page_limits::check(&opened, group, leaf).ok()).collect::<Option<Vec<_>>>()?;
            // Each value may be the longest of the dictionary.
            let dictionary = largest.iter().map(|largest| largest.dictionary).max().unwrap_or(0).max(1);
            let most = usize::try_from(page_limits::MOST_PAGE / dictionary).unwrap_or(FIRST_VALUES).clamp(1, FIRST_VALUES);
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(opened, self.metadata.clone())
                .with_row_groups(vec![0])
                .with_projection(mask.clone())
                .with_limit(most)
                .with_batch_size(most)
                .build();
            reader.ok()?.next()?.ok()?.columns().first().cloned()
        };
        // Pages may be damaged: then there is no advice by values.
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).ok().flatten()
    }

    /// How the file stores a column; `None` for nested ones.
    fn physical(&self, at: usize) -> Option<PhysicalType> {
        let field = self.metadata.parquet_schema().root_schema().get_fields().get(at)?;
        field.is_primitive().then(|| field.get_physical_type())
    }
}

/// The type in which a column is read, if it differs from that of the file.
fn read_as(name: &str, kind: InputKind, data_type: &DataType, physical: Option<PhysicalType>) -> Option<DataType> {
    let dictionary = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    match (kind, data_type) {
        (InputKind::Text, DataType::Utf8) => Some(dictionary()),
        (InputKind::Id, DataType::Utf8) if matches!(name, "shop_id" | "category_id") => Some(dictionary()),
        (InputKind::Id | InputKind::Time, DataType::Utf8) => Some(DataType::Utf8View),
        (InputKind::Money, DataType::Decimal128(precision @ ..=DECIMAL64_MAX_PRECISION, scale))
            if physical == Some(PhysicalType::INT64) =>
        {
            Some(DataType::Decimal64(*precision, *scale))
        }
        _ => None,
    }
}

/// Whether the footer itself is encrypted: the last letters of the file are then others.
fn is_encrypted(file: &Prefetched, bytes: u64) -> bool {
    bytes.checked_sub(4).and_then(|end| file.get_bytes(end, 4).ok()).is_some_and(|magic| magic.as_ref() == b"PARE")
}

/// Whether the file ends as Parquet files do, with a footer that it can hold.
fn is_parquet(file: &Prefetched, bytes: u64) -> bool {
    let end = bytes.checked_sub(FOOTER_SIZE as u64).and_then(|end| file.get_bytes(end, FOOTER_SIZE).ok());
    let Some((length, magic)) = end.as_ref().and_then(|end| end.split_first_chunk()) else { return false };
    magic == b"PAR1" && u64::from(u32::from_le_bytes(*length)) + FOOTER_SIZE as u64 <= bytes
}

/// The bytes of the footer; its length and the four letters that end every Parquet file follow it.
fn written(file: &Prefetched, bytes: u64) -> ParquetResult<Bytes> {
    let end = bytes.saturating_sub(FOOTER_SIZE as u64);
    let length = file.get_bytes(end, size_of::<u32>())?.first_chunk().map_or(0, |length| u32::from_le_bytes(*length));
    file.get_bytes(end.saturating_sub(u64::from(length)), length as usize)
}
