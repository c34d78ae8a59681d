//! Prefetched bytes: reads each needed part of a file at once, where the Parquet reader alone makes eight system calls for every page.
//! Most files of a daily export are small, and their pages smaller.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use bytes::buf::{Buf, Reader};
use parquet::errors::ParquetError;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{ChunkReader, Length};

use super::place::{Source, SourceReader, Unread};

/// The most bytes of a row group to read ahead: larger row groups have larger pages, which are read one by one.
const MOST: u64 = 16 << 20;

/// The same of a file in a store, where each request takes as long as reading megabytes does.
const MOST_OF_STORE: u64 = 512 << 20;

/// A gap between two parts that is cheaper to read than to skip.
const GAP: u64 = 32 << 10;

/// Bytes at the end of a file that mostly hold its footer.
const TAIL: u64 = 32 << 10;

/// Where the end of a file of that length begins.
pub(super) fn tail_of(length: u64) -> Range<u64> {
    length.saturating_sub(TAIL)..length
}

/// A file, some parts of it in memory.
#[derive(Debug, Clone)]
pub(in crate::input) struct Prefetched {
    file: Arc<Source>,
    length: u64,
    /// Where each part begins.
    parts: Vec<(u64, Bytes)>,
}

impl Prefetched {
    /// Opens a file of that length and reads its end, where the footer is.
    ///
    /// # Errors
    /// The error of the system or of the store.
    pub fn tail(file: Source, length: u64) -> Result<Self, Unread> {
        let mut prefetched = Prefetched { file: Arc::new(file), length, parts: Vec::new() };
        prefetched.fetch(vec![tail_of(length)])?;
        Ok(prefetched)
    }

    /// The same of a file whose end was read before.
    pub fn with_tail(file: Source, length: u64, tail: Bytes) -> Self {
        Prefetched { file: Arc::new(file), length, parts: vec![(tail_of(length).start, tail)] }
    }

    /// Opens a file of that length and reads those columns (leaves of the schema) of a row group.
    ///
    /// # Errors
    /// The error of the system or of the store.
    pub fn columns(file: Source, length: u64, row_group: &RowGroupMetaData, wanted: impl Fn(usize) -> bool) -> Result<Self, Unread> {
        let is_in_store = matches!(file, Source::Store(_));
        let mut prefetched = Prefetched { file: Arc::new(file), length, parts: Vec::new() };
        if let Some(ranges) = Prefetched::ranges(row_group, length, is_in_store, wanted) {
            prefetched.fetch(ranges)?;
        }
        Ok(prefetched)
    }

    /// The ranges of a file of that length that hold those columns of a row group; `None` where they are too large to be read ahead, or lie
    /// behind its end.
    pub fn ranges(row_group: &RowGroupMetaData, length: u64, is_in_store: bool, wanted: impl Fn(usize) -> bool) -> Option<Vec<Range<u64>>> {
        let most = if is_in_store { MOST_OF_STORE } else { MOST };
        let columns = row_group.columns().iter().enumerate().filter(|(leaf, _)| wanted(*leaf));
        let mut ranges: Vec<Range<u64>> =
            columns.map(|(_, column)| column.byte_range()).map(|(from, bytes)| from..from.saturating_add(bytes)).collect();
        ranges.sort_unstable_by_key(|range| range.start);
        let joined = ranges.into_iter().fold(Vec::new(), |mut joined: Vec<Range<u64>>, range| {
            match joined.last_mut() {
                Some(last) if range.start <= last.end.saturating_add(GAP) => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
            joined
        });
        // A damaged footer may have any offsets: those beyond the file are left to the reader, which reports them.
        let is_small = joined.iter().map(|range| range.end - range.start).fold(0, u64::saturating_add) <= most;
        (is_small && joined.last().is_none_or(|last| last.end <= length)).then_some(joined)
    }

    fn fetch(&mut self, ranges: Vec<Range<u64>>) -> Result<(), Unread> {
        let parts = self.file.parts(&ranges)?;
        self.parts.extend(ranges.into_iter().map(|range| range.start).zip(parts));
        Ok(())
    }

    /// The bytes from there on to the end of their part.
    fn from(&self, start: u64) -> Option<Bytes> {
        let is_within = |from: u64, part: &Bytes| from <= start && start < from + part.len() as u64;
        let (from, part) = self.parts.iter().find(|(from, part)| is_within(*from, part))?;
        Some(part.slice((start - from) as usize..))
    }
}

impl Length for Prefetched {
    fn len(&self) -> u64 {
        self.length
    }
}

/// Reads from memory, or from the file for parts that are not in memory.
pub(in crate::input) enum ByteSource {
    Memory(Reader<Bytes>),
    File(SourceReader),
}

impl Read for ByteSource {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            ByteSource::Memory(bytes) => bytes.read(into),
            ByteSource::File(file) => file.read(into),
        }
    }
}

impl ChunkReader for Prefetched {
    type T = ByteSource;

    fn get_read(&self, start: u64) -> Result<ByteSource, ParquetError> {
        match self.from(start) {
            Some(bytes) => Ok(ByteSource::Memory(bytes.reader())),
            None => self.file.get_read(start).map(ByteSource::File),
        }
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        match self.from(start) {
            Some(bytes) if length <= bytes.len() => Ok(bytes.slice(..length)),
            _ => self.file.get_bytes(start, length),
        }
    }
}
