//! Where a file is, and its bytes: on a disk or in an object store. Nothing after this asks which of them it is.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

use crate::store::ahead::Ahead;
use crate::store::bucket::{Bucket, Object};
use crate::store::failure::Failure;

/// Where a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// On a disk.
    Disk(PathBuf),
    /// In a store.
    Store(StoredFile),
}

impl Place {
    /// Its path, if it is on a disk.
    pub fn on_disk(&self) -> Option<&Path> {
        match self {
            Place::Disk(path) => Some(path),
            Place::Store(_) => None,
        }
    }
}

/// An object of a store, as it was listed.
#[derive(Debug, Clone)]
pub struct StoredFile {
    /// Its bucket.
    pub bucket: Arc<Bucket>,
    /// The object.
    pub object: Arc<Object>,
    /// What of it is on its way.
    pub ahead: Arc<Ahead>,
}

impl PartialEq for StoredFile {
    fn eq(&self, other: &StoredFile) -> bool {
        (&self.bucket, &self.object) == (&other.bucket, &other.object)
    }
}

impl Eq for StoredFile {}

/// Why bytes cannot be read.
pub(in crate::input) enum Unread {
    /// What the system says.
    System(io::Error),
    /// What the store says.
    Store(Failure),
}

/// A file that is open.
#[derive(Debug)]
pub(in crate::input) enum Source {
    Disk(File),
    Store(StoredFile),
}

/// Bytes that are asked of a store at once where nobody says how many are needed.
const WINDOW: u64 = 1 << 20;

impl Source {
    /// These ranges of its bytes: from a store all at once.
    ///
    /// # Errors
    /// The first of them that cannot be read.
    pub fn parts(&self, ranges: &[Range<u64>]) -> std::result::Result<Vec<Bytes>, Unread> {
        match self {
            Source::Disk(file) => ranges.iter().map(|range| part(file, range)).collect::<io::Result<_>>().map_err(Unread::System),
            Source::Store(StoredFile { bucket, object, ahead }) => {
                let asked = || ranges.iter().map(|range| (&**object, range.clone())).collect::<Vec<_>>();
                let read = ahead.take(ranges).unwrap_or_else(|| bucket.read(&asked()));
                read.into_iter().collect::<std::result::Result<_, _>>().map_err(Unread::Store)
            }
        }
    }
}

fn part(mut file: &File, range: &Range<u64>) -> io::Result<Bytes> {
    let mut part = Vec::with_capacity(usize::try_from(range.end - range.start).unwrap_or(0));
    file.seek(SeekFrom::Start(range.start))?;
    file.take(range.end - range.start).read_to_end(&mut part)?;
    Ok(part.into())
}

/// One range of a stored file.
fn stored(file: &StoredFile, range: Range<u64>) -> io::Result<Bytes> {
    let read = file.bucket.read(&[(&file.object, range)]).pop();
    let failed = |failure: Failure| io::Error::other(failure.problem(&file.object.key).to_string());
    read.map_or_else(|| Ok(Bytes::new()), |read| read.map_err(failed))
}

impl Length for Source {
    fn len(&self) -> u64 {
        match self {
            Source::Disk(file) => Length::len(file),
            Source::Store(StoredFile { object, .. }) => object.bytes,
        }
    }
}

/// Reads a stored file from some place on.
pub(in crate::input) struct Windows {
    file: StoredFile,
    next: u64,
    window: Bytes,
}

impl Read for Windows {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let end = self.file.object.bytes;
        if self.window.is_empty() && self.next < end {
            let range = self.next..end.min(self.next + WINDOW);
            self.next = range.end;
            self.window = stored(&self.file, range)?;
        }
        let length = into.len().min(self.window.len());
        self.window.copy_to_slice(into.get_mut(..length).unwrap_or_default());
        Ok(length)
    }
}

/// A file from some place on.
pub(in crate::input) enum SourceReader {
    Disk(BufReader<File>),
    Store(Windows),
}

impl Read for SourceReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            SourceReader::Disk(file) => file.read(into),
            SourceReader::Store(windows) => windows.read(into),
        }
    }
}

impl ChunkReader for Source {
    type T = SourceReader;

    fn get_read(&self, start: u64) -> Result<SourceReader> {
        match self {
            Source::Disk(file) => file.get_read(start).map(SourceReader::Disk),
            Source::Store(file) => Ok(SourceReader::Store(Windows { file: file.clone(), next: start, window: Bytes::new() })),
        }
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        match self {
            Source::Disk(file) => file.get_bytes(start, length),
            Source::Store(file) => {
                let end = start.checked_add(length as u64).filter(|end| *end <= file.object.bytes);
                let end = end.ok_or_else(|| ParquetError::EOF(format!("{length} bytes at {start} lie behind the end of the file")))?;
                Ok(stored(file, start..end)?)
            }
        }
    }
}
