//! Footers: the metadata of a Parquet file, and the types in which its columns are read.

use std::fs::File;
use std::sync::Arc;

use arrow::datatypes::{DECIMAL64_MAX_PRECISION, DataType, Field, Schema, SchemaRef};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::Type as PhysicalType;
use parquet::errors::Result as ParquetResult;
use parquet::file::FOOTER_SIZE;
use parquet::file::reader::ChunkReader;
use sha2::{Digest, Sha256};

use super::columns::{Input, InputKind};
use super::files::DataFile;
use super::open_file::ColumnSource;
use super::prefetch::Prefetched;
use crate::error::Problem;

/// The metadata of a file.
pub(super) struct Footer {
    /// The file's size.
    pub bytes: u64,
    /// Its rows, by row group.
    pub row_groups: Vec<u64>,
    /// A digest of size, time of change and footer.
    pub fingerprint: String,
    /// The columns, as the file has them.
    pub schema: SchemaRef,
    metadata: ArrowReaderMetadata,
}

impl Footer {
    /// Reads the footer of a file.
    ///
    /// # Errors
    /// A problem if the file cannot be opened, or is not Parquet.
    pub fn read(file: &DataFile) -> Result<Footer, Problem> {
        let unreadable = |cause: String| {
            Problem::new(&file.label, format!("cannot be read as Parquet: {cause}"))
                .help("is it whole, and is it Parquet? Write it anew or move it out of the input's folder")
        };
        let opened = File::open(&file.path)
            .map_err(|cause| Problem::new(&file.label, format!("cannot be opened: {cause}")).help("give the run permission to read it"))?;
        let meta = opened.metadata().map_err(|cause| unreadable(cause.to_string()))?;
        let tail = Prefetched::tail(opened, meta.len()).map_err(|cause| unreadable(cause.to_string()))?;
        let metadata = ArrowReaderMetadata::load(&tail, ArrowReaderOptions::new()).map_err(|cause| unreadable(cause.to_string()))?;
        let modified =
            meta.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok()).map_or(0, |since| since.as_nanos());
        let mut digest = Sha256::new();
        digest.update(format!("{}\0{}\0{modified}\0", file.label, meta.len()));
        digest.update(written(&tail, meta.len()).map_err(|cause| unreadable(cause.to_string()))?);
        Ok(Footer {
            bytes: meta.len(),
            row_groups: metadata.metadata().row_groups().iter().map(|group| u64::try_from(group.num_rows()).unwrap_or(0)).collect(),
            fingerprint: hex::encode(&digest.finalize()[..8]),
            schema: metadata.schema().clone(),
            metadata,
        })
    }

    /// Sets the types in which columns are read: few distinct texts as dictionaries, ids as views into the pages, money stored in 64 bits
    /// as it is. Columns that expressions read (`roots`) keep their type.
    ///
    /// # Errors
    /// The error of the Parquet reader.
    pub fn reading(
        &self,
        sources: impl Iterator<Item = ColumnSource>,
        input: &Input,
        roots: &std::collections::BTreeSet<String>,
    ) -> Result<ArrowReaderMetadata, String> {
        let mut fields: Vec<Field> = self.schema.fields().iter().map(|field| field.as_ref().clone()).collect();
        for (column, source) in input.columns.iter().zip(sources) {
            if let ColumnSource::Column(at) = source
                && let Some(field) = fields.get_mut(at)
                && !roots.contains(field.name())
                && let Some(read_as) = read_as(column.name, column.kind, field.data_type(), self.physical(at))
            {
                *field = field.clone().with_data_type(read_as);
            }
        }
        let schema = Arc::new(Schema::new_with_metadata(fields, self.schema.metadata().clone()));
        let options = ArrowReaderOptions::new().with_schema(schema);
        ArrowReaderMetadata::try_new(self.metadata.metadata().clone(), options).map_err(|cause| cause.to_string())
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
        (InputKind::Id, DataType::Utf8) => Some(DataType::Utf8View),
        (InputKind::Money, DataType::Decimal128(precision @ ..=DECIMAL64_MAX_PRECISION, scale))
            if physical == Some(PhysicalType::INT64) =>
        {
            Some(DataType::Decimal64(*precision, *scale))
        }
        _ => None,
    }
}

/// The bytes of the footer; its length and the four letters that end every Parquet file follow it.
fn written(file: &Prefetched, bytes: u64) -> ParquetResult<impl AsRef<[u8]>> {
    let end = bytes.saturating_sub(FOOTER_SIZE as u64);
    let length = file.get_bytes(end, size_of::<u32>())?.first_chunk().map_or(0, |length| u32::from_le_bytes(*length));
    file.get_bytes(end.saturating_sub(u64::from(length)), length as usize)
}
