//! Pages of a row group, unpacked with one Zstandard context for each thread: the Parquet reader makes two for every column of every row group,
//! which for a daily export of small files takes longer than to decode them.

use std::io::Cursor;
use std::sync::Arc;

use bytes::Bytes;
use parquet::arrow::arrow_reader::RowGroups;
use parquet::basic::Compression;
use parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::serialized_reader::SerializedPageReader;

use super::page_limits::Sizes;
use super::prefetch::Prefetched;
use crate::partition::zstandard::decompress;

/// A row group of a file.
pub(in crate::input) struct Pages<'f> {
    /// The file.
    pub file: Arc<Prefetched>,
    /// Its metadata.
    pub metadata: &'f ParquetMetaData,
    /// The row group.
    pub row_group: &'f RowGroupMetaData,
    /// By leaf of the schema: the sizes of the pages, of those that are read.
    pub sizes: Vec<Option<Sizes>>,
}

impl RowGroups for Pages<'_> {
    fn num_rows(&self) -> usize {
        usize::try_from(self.row_group.num_rows()).unwrap_or(0)
    }

    fn column_chunks(&self, leaf: usize) -> Result<Box<dyn PageIterator>> {
        let Pages { file, row_group, sizes, .. } = self;
        let chunk = row_group.columns().get(leaf).ok_or_else(|| ParquetError::General(format!("there is no column {leaf}")))?;
        let pages = |chunk| SerializedPageReader::new(Arc::clone(file), chunk, self.num_rows(), None);
        let reader: Box<dyn PageReader> = match (chunk.compression(), sizes.get(leaf)) {
            (Compression::ZSTD(_), Some(Some(sizes))) => {
                // Of a column that says it is not compressed the reader gives pages as they are stored.
                let stored = chunk.clone().into_builder().set_compression(Compression::UNCOMPRESSED).build()?;
                Box::new(Unpacking { pages: pages(&stored)?, sizes: sizes.unpacked.clone().into_iter() })
            }
            _ => Box::new(pages(chunk)?),
        };
        Ok(Box::new(OneColumn(Some(reader))))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(std::iter::once(self.row_group))
    }

    fn metadata(&self) -> &ParquetMetaData {
        self.metadata
    }
}

/// The pages of a column of one row group.
struct OneColumn(Option<Box<dyn PageReader>>);

impl Iterator for OneColumn {
    type Item = Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(Ok)
    }
}

impl PageIterator for OneColumn {}

/// Pages of a column that is compressed by Zstandard.
struct Unpacking {
    /// As they are stored.
    pages: SerializedPageReader<Prefetched>,
    /// The bytes of those to come when they are unpacked.
    sizes: std::vec::IntoIter<u64>,
}

impl Unpacking {
    /// The size of the next page.
    fn size(&mut self) -> Result<usize> {
        let size = self.sizes.next().and_then(|size| usize::try_from(size).ok());
        size.ok_or_else(|| ParquetError::General("the column has more pages than headers".to_owned()))
    }
}

impl PageReader for Unpacking {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let Some(mut page) = self.pages.get_next_page()? else { return Ok(None) };
        let size = self.size()?;
        match &mut page {
            Page::DataPage { buf, .. } | Page::DictionaryPage { buf, .. } => *buf = unpacked(buf, 0, size)?,
            Page::DataPageV2 { buf, is_compressed: true, def_levels_byte_len, rep_levels_byte_len, .. } => {
                *buf = unpacked(buf, *def_levels_byte_len as usize + *rep_levels_byte_len as usize, size)?;
            }
            Page::DataPageV2 { .. } => {}
        }
        Ok(Some(page))
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.size()?;
        self.pages.skip_next_page()
    }
}

impl Iterator for Unpacking {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

/// The bytes of a page of that size, whose first ones are levels and not compressed.
fn unpacked(stored: &Bytes, levels: usize, size: usize) -> Result<Bytes> {
    let (Some((plain, packed)), true) = (stored.split_at_checked(levels), levels <= size) else {
        return Err(ParquetError::General("the levels of a page are longer than the page".to_owned()));
    };
    let mut bytes = Vec::with_capacity(size);
    bytes.extend_from_slice(plain);
    // A page without any value has no frame.
    if size > levels {
        let mut behind = Cursor::new(&mut bytes);
        behind.set_position(levels as u64);
        decompress(packed, &mut behind)?;
    }
    if bytes.len() != size {
        return Err(ParquetError::General(format!("a page has {} bytes, and its header says {size}", bytes.len())));
    }
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    use arrow::compute::concat_batches;
    use parquet::arrow::arrow_reader::{
        ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
    };
    use parquet::arrow::{ArrowWriter, ProjectionMask, parquet_to_arrow_field_levels};
    use parquet::basic::ZstdLevel;
    use parquet::file::properties::{WriterProperties, WriterVersion};

    use super::super::page_limits;
    use super::super::place::Source;
    use super::*;

    /// Numbers, texts of which few repeat, texts of which most do, some of each null, and a column of nulls: many pages of each.
    fn rows() -> RecordBatch {
        let some = |row: &i64| row % 7 != 3;
        let numbers: Int64Array = (0..5_000).map(|row| some(&row).then_some(row * 977)).collect();
        let distinct: StringArray = (0..5_000).map(|row| some(&row).then(|| format!("order {row}"))).collect();
        let repeated: StringArray = (0..5_000).map(|row| some(&row).then(|| format!("shop {}", row % 3))).collect();
        let nulls: Int64Array = (0..5_000).map(|_| None::<i64>).collect();
        let columns: [(&str, ArrayRef); 4] = [
            ("numbers", Arc::new(numbers)),
            ("distinct", Arc::new(distinct)),
            ("repeated", Arc::new(repeated)),
            ("nulls", Arc::new(nulls)),
        ];
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
    }

    fn written(version: WriterVersion, rows: &RecordBatch) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).unwrap()))
            .set_writer_version(version)
            .set_data_page_row_count_limit(300)
            .set_write_batch_size(100)
            .set_dictionary_page_size_limit(9_000)
            .build();
        let mut writer = ArrowWriter::try_new(file.reopen().unwrap(), rows.schema(), Some(properties)).unwrap();
        writer.write(rows).unwrap();
        writer.close().unwrap();
        file
    }

    /// The rows of a file; `change` changes the sizes that its headers say.
    fn read(file: &File, change: impl Fn(&mut Sizes)) -> Result<RecordBatch> {
        let metadata = ArrowReaderMetadata::load(file, ArrowReaderOptions::new())?;
        let row_group = metadata.metadata().row_group(0);
        let source = Source::Disk(file.try_clone()?);
        let prefetched = Prefetched::columns(source, file.metadata()?.len(), row_group, |_| true);
        let prefetched = prefetched.map_err(|_| ParquetError::EOF("unread".to_owned()))?;
        let sizes = |leaf: usize| {
            let mut sizes = page_limits::check(&prefetched, row_group, leaf).unwrap();
            change(&mut sizes);
            Some(sizes)
        };
        let sizes = (0..row_group.num_columns()).map(sizes).collect();
        let pages = Pages { file: Arc::new(prefetched.clone()), metadata: metadata.metadata(), row_group, sizes };
        let levels = parquet_to_arrow_field_levels(metadata.parquet_schema(), ProjectionMask::all(), Some(metadata.schema().fields()))?;
        let batches = ParquetRecordBatchReader::try_new_with_row_groups(&levels, &pages, 1_024, None)?;
        Ok(concat_batches(metadata.schema(), &batches.collect::<Result<Vec<_>, _>>()?)?)
    }

    #[test]
    fn pages_of_both_versions_are_read_as_the_parquet_reader_reads_them() {
        let rows = rows();
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            let file = written(version, &rows);
            let plain = ParquetRecordBatchReaderBuilder::try_new(file.reopen().unwrap()).unwrap().build().unwrap();
            let expected = concat_batches(&rows.schema(), &plain.collect::<Result<Vec<_>, _>>().unwrap()).unwrap();
            let count = std::cell::Cell::new(0);
            let found = read(file.as_file(), |sizes| count.set(count.get() + sizes.unpacked.len())).unwrap();
            assert_eq!((&found, found.num_rows()), (&expected, 5_000));
            assert!(count.get() > 4 * 16, "{} pages of {version:?}", count.get());
        }
    }

    #[test]
    fn a_page_of_another_size_than_its_header_says_is_refused() {
        let file = written(WriterVersion::PARQUET_1_0, &rows());
        let refused = |change: fn(&mut Sizes)| read(file.as_file(), change).unwrap_err().to_string();
        assert!(refused(|sizes| sizes.unpacked[1] += 1).contains("and its header says"));
        // Too small a buffer is what Zstandard itself refuses.
        assert!(refused(|sizes| sizes.unpacked[1] -= 1).contains("too small"));
        assert!(refused(|sizes| sizes.unpacked.truncate(1)).contains("more pages than headers"));
    }
}
