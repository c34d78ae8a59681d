//! Stored blocks: records of partitions in a file that outlives the run, or in memory, compressed, each block with a checksum.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::{Deserialize, Serialize};

use super::zstandard::{compress, decompress};
use crate::disk::durable::failed;
use crate::error::{Error, Problem, Result};

/// The place of a block in its file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The first byte.
    pub at: u64,
    /// Compressed bytes.
    pub stored: u32,
    /// Bytes as they were.
    pub bytes: u32,
    /// CRC-32 of the compressed bytes.
    pub checksum: u32,
}

/// Writes blocks one behind the other, into a file unless another writer is named. Threads share it.
#[derive(Debug)]
pub struct BlockWriter<W = File> {
    path: PathBuf,
    /// The file and its length.
    file: Mutex<(W, u64)>,
}

impl<W: Write> BlockWriter<W> {
    /// A writer to a new file, whose path is for messages.
    pub fn new(file: W, path: PathBuf) -> Self {
        BlockWriter { path, file: Mutex::new((file, 0)) }
    }

    /// Writes a block.
    ///
    /// # Errors
    /// [`Error::Output`] where the disk is full, or the block has 4 GiB or more.
    pub fn write(&self, bytes: &[u8]) -> Result<Block> {
        let compressed = compress(bytes).map_err(failed(&self.path))?;
        let size = |bytes: &[u8]| u32::try_from(bytes.len()).map_err(|_| Error::output(&self.path, "a block of 4 GiB"));
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let at = file.1;
        file.0.write_all(&compressed).map_err(failed(&self.path))?;
        file.1 += compressed.len() as u64;
        Ok(Block { at, stored: size(&compressed)?, bytes: size(bytes)?, checksum: crc32fast::hash(&compressed) })
    }

    /// Copies a block of another file, as it stands there. Returns `None` where it is damaged.
    ///
    /// # Errors
    /// [`Error::Output`] where the disk is full.
    pub fn copy(&self, from: &BlockFile, block: &Block) -> Result<Option<Block>> {
        let mut compressed = vec![0; block.stored as usize];
        if from.source.read(&mut compressed, block.at).is_err() || crc32fast::hash(&compressed) != block.checksum {
            return Ok(None);
        }
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let at = file.1;
        file.0.write_all(&compressed).map_err(failed(&self.path))?;
        file.1 += compressed.len() as u64;
        Ok(Some(Block { at, ..*block }))
    }

    /// The file, with these bytes behind the blocks.
    ///
    /// # Errors
    /// [`Error::Output`] where the disk is full.
    pub fn finish(self, trailer: &[u8]) -> Result<W> {
        let (mut file, _) = self.file.into_inner().unwrap_or_else(PoisonError::into_inner);
        file.write_all(trailer).map_err(failed(&self.path))?;
        Ok(file)
    }
}

/// Where the bytes of blocks lie.
#[derive(Debug)]
enum Source {
    File(File),
    Memory(Vec<u8>),
}

impl Source {
    fn read(&self, into: &mut [u8], at: u64) -> std::io::Result<()> {
        match self {
            Source::File(file) => file.read_exact_at(into, at),
            Source::Memory(bytes) => {
                let from = usize::try_from(at).ok().and_then(|at| bytes.get(at..)?.get(..into.len()));
                into.copy_from_slice(from.ok_or(std::io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
        }
    }
}

/// A file of blocks, opened for reading, or the same in memory.
#[derive(Debug)]
pub struct BlockFile {
    path: PathBuf,
    source: Source,
    damage: OnceLock<String>,
}

impl BlockFile {
    /// Reads blocks of a file, whose path is for messages.
    pub fn new(file: File, path: PathBuf) -> Self {
        BlockFile { path, source: Source::File(file), damage: OnceLock::new() }
    }

    /// Reads blocks that lie in memory. `name` is for messages.
    pub fn in_memory(bytes: Vec<u8>, name: &str) -> Self {
        BlockFile { path: PathBuf::from(name), source: Source::Memory(bytes), damage: OnceLock::new() }
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// [`Error::Output`] where the system does not say.
    pub fn size(&self) -> Result<u64> {
        match &self.source {
            Source::File(file) => Ok(file.metadata().map_err(failed(&self.path))?.len()),
            Source::Memory(bytes) => Ok(bytes.len() as u64),
        }
    }

    /// Reads bytes as they are.
    ///
    /// # Errors
    /// [`Error::Output`] where the file ends before, or cannot be read: the file is then noted as damaged.
    pub fn bytes(&self, at: u64, into: &mut [u8]) -> Result<()> {
        self.source.read(into, at).map_err(|cause| self.damaged(&format!("byte {at}: {cause}")))
    }

    /// Appends the content of a block to `into`.
    ///
    /// # Errors
    /// [`Error::Output`] where it is damaged: the file is then noted as such.
    pub fn read(&self, block: &Block, into: &mut Vec<u8>) -> Result<()> {
        if block.bytes == 0 {
            return Ok(());
        }
        let mut compressed = vec![0; block.stored as usize];
        self.bytes(block.at, &mut compressed)?;
        if crc32fast::hash(&compressed) != block.checksum {
            return Err(self.damaged(&format!("the block at byte {} does not have its checksum", block.at)));
        }
        let (from, bytes) = (into.len(), block.bytes as usize);
        // Nothing is unpacked into more room than the block itself says that it takes.
        if !matches!(zstd::zstd_safe::get_frame_content_size(&compressed), Ok(Some(size)) if size == u64::from(block.bytes)) {
            return Err(self.damaged(&format!("the block at byte {} cannot be unpacked", block.at)));
        }
        into.resize(from + bytes, 0);
        match into.get_mut(from..).map(|room| decompress(&compressed, room)) {
            Some(Ok(found)) if found == bytes => Ok(()),
            _ => Err(self.damaged(&format!("the block at byte {} cannot be unpacked", block.at))),
        }
    }

    /// Notes that the file is damaged, and how.
    pub fn damaged(&self, how: &str) -> Error {
        let how = self.damage.get_or_init(|| how.to_owned());
        Error::Output(Problem::new(self.path.display().to_string(), format!("is damaged: {how}")))
    }

    /// How the file is damaged, if something that was read of it was.
    pub fn damage(&self) -> Option<&str> {
        self.damage.get().map(String::as_str)
    }
}

/// Partitions of records in blocks of a file, one block for each, as many as a power of two.
#[derive(Debug, Clone)]
pub struct StoredPartitions {
    file: Arc<BlockFile>,
    blocks: Vec<Block>,
}

impl StoredPartitions {
    /// The partitions whose blocks these are.
    pub fn new(file: Arc<BlockFile>, blocks: Vec<Block>) -> Self {
        StoredPartitions { file, blocks }
    }

    /// How many partitions there are.
    pub fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Appends the records of partition `part` among `parts`, a power of two, to `into`. Returns whether records of other partitions are among
    /// them, since there are fewer blocks than parts: the caller leaves them out by [`partition_of`](super::partition_of).
    ///
    /// # Errors
    /// [`Error::Output`] where the file is damaged.
    pub fn read(&self, part: usize, parts: usize, into: &mut Vec<u8>) -> Result<bool> {
        let (blocks, parts) = (self.blocks.len(), parts.max(1));
        let covered =
            if blocks >= parts { part * (blocks / parts)..(part + 1) * (blocks / parts) } else { at_most_one(part, parts, blocks) };
        self.blocks.get(covered).unwrap_or_default().iter().try_for_each(|block| self.file.read(block, into))?;
        Ok(blocks < parts)
    }
}

/// The block in which one of more parts than blocks lies.
fn at_most_one(part: usize, parts: usize, blocks: usize) -> std::ops::Range<usize> {
    let block = part.saturating_mul(blocks).checked_div(parts).unwrap_or(0);
    block..(block + 1).min(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(path: &Path, blocks: &[&[u8]]) -> StoredPartitions {
        let writer = BlockWriter::new(File::create(path).unwrap(), path.to_path_buf());
        let blocks = blocks.iter().map(|bytes| writer.write(bytes).unwrap()).collect();
        writer.finish(b"end").unwrap();
        StoredPartitions::new(Arc::new(BlockFile::new(File::open(path).unwrap(), path.to_path_buf())), blocks)
    }

    #[test]
    fn parts_are_unions_of_blocks_or_share_one() {
        let place = tempfile::tempdir().unwrap();
        let found = stored(&place.path().join("lines"), &[b"ab", b"", b"cde", b"f"]);
        let read = |part, parts| {
            let mut bytes = b"-".to_vec();
            let shares = found.read(part, parts, &mut bytes).unwrap();
            (String::from_utf8(bytes).unwrap(), shares)
        };
        assert_eq!((found.len(), read(0, 1)), (4, ("-abcdef".to_owned(), false)));
        assert_eq!((read(0, 2), read(1, 2)), (("-ab".to_owned(), false), ("-cdef".to_owned(), false)));
        assert_eq!(read(2, 4), ("-cde".to_owned(), false));
        // Of eight parts 4 and 5 share block 2.
        assert_eq!((read(4, 8), read(5, 8), read(7, 8)), (("-cde".to_owned(), true), ("-cde".to_owned(), true), ("-f".to_owned(), true)));
        let nothing = StoredPartitions::new(Arc::clone(&found.file), Vec::new());
        let mut bytes = Vec::new();
        assert!(nothing.is_empty() && nothing.read(0, 4, &mut bytes).unwrap() && bytes.is_empty());
    }

    #[test]
    fn no_byte_of_a_block_changes_unnoticed() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("lines");
        let text = "orders and lines, lines and orders, ".repeat(20);
        stored(&path, &[text.as_bytes()]);
        let whole = std::fs::read(&path).unwrap();
        let block =
            Block { at: 0, stored: whole.len() as u32 - 3, bytes: text.len() as u32, checksum: crc32fast::hash(&whole[..whole.len() - 3]) };
        for at in 0..block.stored as usize {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x20;
            std::fs::write(&path, damaged).unwrap();
            let file = BlockFile::new(File::open(&path).unwrap(), path.clone());
            assert_eq!(file.read(&block, &mut Vec::new()).unwrap_err().exit_code(), 4);
            assert_eq!(file.damage(), Some("the block at byte 0 does not have its checksum"));
        }
        std::fs::write(&path, &whole[..20]).unwrap();
        let file = BlockFile::new(File::open(&path).unwrap(), path.clone());
        assert!(file.read(&block, &mut Vec::new()).is_err() && file.damage().unwrap().starts_with("byte 0: "));
    }
}
