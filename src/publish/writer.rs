//! The writer of one table: takes batches of any size, writes parts with a fixed number of rows, the same bytes on any machine.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, SchemaRef};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use super::conform::Conform;
use super::contents::{Contents, locked};
use super::manifest::{PartEntry, TableEntry};
use super::part::PartWriter;
use crate::disk::folder::Folder;
use crate::error::{Error, Result};

/// Rows of a row group: what DuckDB and others give to one thread, and what is held in memory while a table is written.
pub const ROWS_PER_GROUP: usize = 131_072;
/// Rows of a part; the last one has the rest.
pub const ROWS_PER_PART: usize = 8 * ROWS_PER_GROUP;

/// Takes the rows of a table in the order of its key. May be moved to another thread.
#[derive(Debug)]
pub struct TableWriter {
    name: String,
    folder: Folder,
    schema: SchemaRef,
    conform: Option<Conform>,
    rows_per_group: usize,
    rows_per_part: usize,
    /// Rows that do not yet fill a row group.
    waiting: Vec<RecordBatch>,
    waiting_rows: usize,
    part: Option<PartWriter>,
    parts: Vec<PartEntry>,
    contents: Contents,
}

impl TableWriter {
    pub(super) fn new(name: &str, folder: Folder, schema: SchemaRef, contents: Contents) -> Result<Self> {
        Ok(TableWriter {
            name: name.to_string(),
            folder,
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

    /// The same writer, which checks each batch before it writes it.
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

    /// Writes the next rows. The types of the batch must match the schema; names and metadata of its fields are ignored.
    ///
    /// # Errors
    /// `Bug` where the batch does not fit the card or the schema; `Output` where the disk is full.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if let Some(conform) = &mut self.conform {
            conform.check(batch)?;
        }
        let expected = self.schema.fields().iter().map(|field| field.data_type());
        if !batch.columns().iter().map(|column| column.data_type()).eq(expected) {
            return Err(Error::bug(format!("table `{}`: {} where the schema is {}", self.name, batch.schema(), self.schema)));
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

    /// Writes the remaining rows and completes the table. A table without rows gets one part, which holds its schema.
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

    fn new_part(&self) -> Result<PartWriter> {
        let file = format!("part-{:04}.parquet", self.parts.len());
        let name = format!("{}/{file}", self.name);
        PartWriter::create(&self.folder, &file, name, &self.schema, &properties(&self.schema, self.waiting_rows)?)
    }

    fn end_part(&mut self) -> Result<()> {
        if let Some(part) = self.part.take() {
            let (entry, syncing) = part.finish()?;
            self.parts.push(entry);
            locked(&self.contents).syncing.push(syncing);
        }
        Ok(())
    }
}

/// The rows of a part below which its columns are not compressed: there is little to gain, and each column of each part takes a context of
/// the compressor of its own.
const FEWEST_COMPRESSED: usize = 512;

/// The settings of the Parquet writer for a part whose first row group has so many rows. Zstandard at its fastest level: every reader has supported
/// it for years, and on three million rows of mixed columns it was 30 % smaller than Snappy for the same processor time. Pages have
/// statistics, so that a look-up by key reads only a few of them.
fn properties(schema: &SchemaRef, rows: usize) -> Result<WriterProperties> {
    let compression = match rows {
        0..FEWEST_COMPRESSED => Compression::UNCOMPRESSED,
        _ => Compression::ZSTD(ZstdLevel::try_new(1).map_err(Error::bug)?),
    };
    let mut properties = WriterProperties::builder()
        .set_created_by(format!("huitou version {}", env!("CARGO_PKG_VERSION")))
        .set_compression(compression)
        // The writer of the table divides rows into groups.
        .set_max_row_group_row_count(None)
        .set_key_value_metadata(Some(texts(schema)?))
        .set_sorting_columns(Some(sorting(schema)));
    for field in schema.fields().iter().filter(|field| hardly_repeats(field)) {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(field.name().as_str()), false);
    }
    Ok(properties.build())
}

/// Whether the values of a column are mostly distinct. A dictionary for them took longer than everything else in writing, and
/// made `customers` a fifth larger.
fn hardly_repeats(field: &Field) -> bool {
    matches!(field.data_type(), DataType::Decimal128(..) | DataType::Float64) || field.name() == "customer_id"
}

/// The metadata of the schema for readers that do not read Arrow's (DuckDB's `parquet_kv_metadata`); `columns` has the
/// metadata of the fields as JSON.
fn texts(schema: &SchemaRef) -> Result<Vec<KeyValue>> {
    let mut texts: Vec<KeyValue> = schema.metadata().iter().map(|(name, text)| KeyValue::new(name.clone(), text.clone())).collect();
    let mut columns = serde_json::Map::new();
    for field in schema.fields() {
        let metadata: BTreeMap<&String, &String> = field.metadata().iter().collect();
        columns.insert(field.name().clone(), serde_json::to_value(metadata).map_err(Error::bug)?);
    }
    texts.push(KeyValue::new("columns".to_string(), serde_json::Value::Object(columns).to_string()));
    Ok(texts)
}

/// The key columns, by the metadata of the schema.
fn sorting(schema: &SchemaRef) -> Vec<SortingColumn> {
    let key = schema.metadata().get("key").map(String::as_str).unwrap_or_default();
    let positions = key.split(',').map_while(|name| schema.index_of(name).ok());
    positions.map(|position| SortingColumn { column_idx: position as i32, descending: false, nulls_first: true }).collect()
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::path::Path;

    use arrow::compute::concat_batches;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use proptest::prelude::*;

    use super::super::fixture::{ids, rows};
    use super::super::schema::CARD;
    use super::*;
    use crate::spec::schema::schema;

    const ROWS: i64 = 2345;

    /// Writes the first `ROWS` rows, divided into batches at `cuts`, with that many threads.
    fn write(place: &Path, cuts: &[i64], threads: usize) -> TableEntry {
        write_sized(place, ROWS, cuts, threads, 500)
    }

    /// Two row groups in each part.
    fn write_sized(place: &Path, rows_in_all: i64, cuts: &[i64], threads: usize, group: usize) -> TableEntry {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let schema = schema(&CARD, &ids());
        let mut writer =
            TableWriter::new("sample", Folder::open(place).unwrap(), schema, Contents::default()).unwrap().sized(group, 2 * group);
        let ends = cuts.iter().copied().chain([rows_in_all]);
        let starts = [0].into_iter().chain(cuts.iter().copied());
        pool.install(|| starts.zip(ends).for_each(|(from, to)| writer.write(&rows(from, to)).unwrap()));
        writer.finish().unwrap()
    }

    fn read(place: &Path, entry: &TableEntry) -> RecordBatch {
        let batches: Vec<RecordBatch> = entry
            .parts
            .iter()
            .flat_map(|part| {
                let file = File::open(place.join(part.file.strip_prefix("sample/").unwrap())).unwrap();
                let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
                assert_eq!(reader.schema().fields(), schema(&CARD, &ids()).fields());
                reader.build().unwrap().map(|batch| batch.unwrap()).collect::<Vec<_>>()
            })
            .collect();
        concat_batches(&schema(&CARD, &ids()), &batches.iter().map(with_plain_metadata).collect::<Vec<_>>()).unwrap()
    }

    /// Without the metadata that the reader adds from the file.
    fn with_plain_metadata(batch: &RecordBatch) -> RecordBatch {
        RecordBatch::try_new(schema(&CARD, &ids()), batch.columns().to_vec()).unwrap()
    }

    #[test]
    fn written_rows_are_read_back() {
        let place = tempfile::tempdir().unwrap();
        let entry = write(place.path(), &[], 2);
        assert_eq!(entry.rows, 2345);
        let parts: Vec<(&str, u64)> = entry.parts.iter().map(|part| (part.file.as_str(), part.rows)).collect();
        let expected = [("sample/part-0000.parquet", 1000), ("sample/part-0001.parquet", 1000), ("sample/part-0002.parquet", 345)];
        assert_eq!(parts, expected);
        assert_eq!(read(place.path(), &entry), rows(0, ROWS));
        for part in &entry.parts {
            use sha2::Digest;
            let bytes = std::fs::read(place.path().join(part.file.strip_prefix("sample/").unwrap())).unwrap();
            assert_eq!((part.bytes, &part.sha256), (bytes.len() as u64, &hex::encode(sha2::Sha256::digest(&bytes))));
        }
    }

    #[test]
    fn an_analyst_finds_the_definitions_without_arrow() {
        let place = tempfile::tempdir().unwrap();
        write(place.path(), &[], 1);
        let file = SerializedFileReader::new(File::open(place.path().join("part-0000.parquet")).unwrap()).unwrap();
        let metadata = file.metadata();
        assert_eq!(metadata.file_metadata().created_by(), Some(concat!("huitou version ", env!("CARGO_PKG_VERSION"))));
        let texts = metadata.file_metadata().key_value_metadata().unwrap();
        let text = |name: &str| texts.iter().find(|text| text.key == name).and_then(|text| text.value.clone()).unwrap();
        assert_eq!(text("key"), "shop_id,customer_id");
        let columns: serde_json::Value = serde_json::from_str(&text("columns")).unwrap();
        assert_eq!(columns["share"]["null_when"], "no orders");
        assert_eq!(metadata.num_row_groups(), 2);
        let sorting: Vec<i32> = metadata.row_group(0).sorting_columns().unwrap().iter().map(|column| column.column_idx).collect();
        assert_eq!(sorting, [0, 1]);
    }

    #[test]
    fn a_table_without_rows_has_its_columns() {
        let place = tempfile::tempdir().unwrap();
        let schema = schema(&CARD, &ids());
        let mut writer = TableWriter::new("sample", Folder::open(place.path()).unwrap(), schema, Contents::default()).unwrap();
        writer.write(&rows(0, 0)).unwrap();
        let entry = writer.finish().unwrap();
        assert_eq!((entry.rows, entry.parts.len()), (0, 1));
        let file = File::open(place.path().join("part-0000.parquet")).unwrap();
        assert_eq!(ParquetRecordBatchReaderBuilder::try_new(file).unwrap().schema().fields().len(), CARD.columns.len());
    }

    #[test]
    fn a_part_of_few_rows_is_not_compressed() {
        let codec = |rows: i64| {
            let place = tempfile::tempdir().unwrap();
            write_sized(place.path(), rows, &[], 1, 5_000);
            let file = SerializedFileReader::new(File::open(place.path().join("part-0000.parquet")).unwrap()).unwrap();
            file.metadata().row_group(0).column(0).compression()
        };
        assert_eq!(codec(511), Compression::UNCOMPRESSED);
        assert!(matches!(codec(512), Compression::ZSTD(_)));
    }

    #[test]
    fn full_parts_leave_no_empty_one_behind() {
        let place = tempfile::tempdir().unwrap();
        let schema = schema(&CARD, &ids());
        let writer = TableWriter::new("sample", Folder::open(place.path()).unwrap(), schema, Contents::default());
        let mut writer = writer.unwrap().sized(500, 1000);
        writer.write(&rows(0, 2000)).unwrap();
        assert_eq!(writer.finish().unwrap().parts.len(), 2);
    }

    #[test]
    fn a_writer_goes_to_another_thread() {
        fn is_send<T: Send>() {}
        is_send::<TableWriter>();
    }

    #[test]
    fn a_batch_of_other_types_is_a_bug() {
        let place = tempfile::tempdir().unwrap();
        let schema = schema(&CARD, &ids());
        let mut writer = TableWriter::new("sample", Folder::open(place.path()).unwrap(), schema, Contents::default()).unwrap();
        assert_eq!(writer.write(&rows(0, 5).project(&[0, 1]).unwrap()).unwrap_err().exit_code(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        /// Neither the division into batches nor the number of threads changes a byte. The groups are longer than a page,
        /// because an encoder could end pages where a batch ends.
        #[test]
        fn the_bytes_depend_on_the_rows_alone(cuts in prop::collection::btree_set(0..=70_000_i64, 0..12), threads in 1_usize..5) {
            let (plain, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let cuts: Vec<i64> = cuts.into_iter().collect();
            let expected = write_sized(plain.path(), 70_000, &[], 1, 50_000);
            prop_assert_eq!(write_sized(other.path(), 70_000, &cuts, threads, 50_000), expected);
        }
    }
}
