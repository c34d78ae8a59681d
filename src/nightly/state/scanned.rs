//! Scanned: what a scan of some files has for other processes: the lines of each bucket and the orders of each partition of the census as blobs,
//! and a summary without which a blob means nothing.
//!
//! Codes in blobs are those of their scan. So each blob begins with the digest of the summary that has the dictionaries: a scan that was made
//! twice, since the machine of the first time died, is taken for the same only if it is the same.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::layer::{Header, Layer};
use super::write::{LayerWriter, Source};
use crate::error::{Error, Problem, Result};
use crate::input::mapping::dataset::Dataset;
use crate::partition::Budget;
use crate::partition::stored::{Block, BlockFile, BlockWriter};

/// Bytes of a digest.
const DIGEST: usize = 32;

/// What a scan made.
#[derive(Debug, Default)]
pub struct Scanned {
    /// The summary.
    pub summary: Vec<u8>,
    /// By bucket.
    pub lines: Vec<Vec<u8>>,
    /// By partition of the census.
    pub orders: Vec<Vec<u8>>,
}

impl Scanned {
    /// Bytes of a blob without any record.
    pub const EMPTY: usize = DIGEST;

    /// Packs the lines of the files that a scan read.
    ///
    /// # Errors
    /// [`Error::Output`] where the disk is full.
    pub fn of(source: &Source<'_>, dataset: &Dataset, files: &[usize], budget: &Arc<Budget>) -> Result<Scanned> {
        let blocks = BlockWriter::new(Vec::new(), "the blobs of a scan".into());
        let header = LayerWriter { source, dataset, budget }.write(files, true, &blocks)?;
        let bytes = blocks.finish(&[])?;
        let summary = serde_json::to_vec(&header).map_err(Error::bug)?;
        let digest = Sha256::digest(&summary);
        let blob = |block: &Block| {
            if block.bytes == 0 {
                return digest.to_vec();
            }
            let from = block.at as usize;
            [digest.as_slice(), bytes.get(from..from + block.stored as usize).unwrap_or_default()].concat()
        };
        Ok(Scanned { lines: header.lines.iter().map(blob).collect(), orders: header.orders.iter().map(blob).collect(), summary })
    }
}

/// Of some parts one that a scan has and that was not given.
fn missing(made: &[Block], given: &[Block], parts: &[usize]) -> Option<usize> {
    let bytes = |blocks: &[Block], part: usize| blocks.get(part).map_or(0, |block| block.bytes);
    parts.iter().copied().find(|part| bytes(made, *part) > 0 && bytes(given, *part) == 0)
}

/// The blobs of a scan that a process was given.
#[derive(Debug)]
pub struct Blobs {
    scan: u32,
    digest: [u8; DIGEST],
    header: Header,
    bytes: Vec<u8>,
    /// By bucket and by partition: where its blob lies, nothing where it was not given.
    lines: Vec<Block>,
    orders: Vec<Block>,
}

impl Blobs {
    /// None yet of the scan with that number and summary.
    ///
    /// # Errors
    /// [`Error::Bug`] where it is no summary.
    pub fn new(scan: u32, summary: &[u8]) -> Result<Blobs> {
        let header: Header = serde_json::from_slice(summary).map_err(|cause| Error::bug(format!("the summary of scan {scan}: {cause}")))?;
        let (lines, orders) = (vec![Block::default(); header.lines.len()], vec![Block::default(); header.orders.len()]);
        Ok(Blobs { scan, digest: Sha256::digest(summary).into(), header, bytes: Vec::new(), lines, orders })
    }

    /// Adds the lines of a bucket.
    ///
    /// # Errors
    /// [`Error::Output`] where they are not those of which the summary speaks.
    pub fn add_lines(&mut self, bucket: usize, blob: &[u8]) -> Result<()> {
        let block = self.added(self.header.lines.get(bucket).copied(), blob)?;
        if let Some(place) = self.lines.get_mut(bucket) {
            *place = block;
        }
        Ok(())
    }

    /// Adds the orders of a partition of the census.
    ///
    /// # Errors
    /// As [`Blobs::add_lines`].
    pub fn add_orders(&mut self, partition: usize, blob: &[u8]) -> Result<()> {
        let block = self.added(self.header.orders.get(partition).copied(), blob)?;
        if let Some(place) = self.orders.get_mut(partition) {
            *place = block;
        }
        Ok(())
    }

    fn added(&mut self, block: Option<Block>, blob: &[u8]) -> Result<Block> {
        let (Some(block), Some((digest, stored))) = (block, blob.split_first_chunk::<DIGEST>()) else { return Err(self.unlike(blob)) };
        let bytes = if block.bytes == 0 { 0 } else { block.stored as usize };
        if *digest != self.digest || stored.len() != bytes {
            return Err(self.unlike(blob));
        }
        let at = self.bytes.len() as u64;
        self.bytes.extend_from_slice(stored);
        Ok(Block { at, ..block })
    }

    fn unlike(&self, blob: &[u8]) -> Error {
        let of_blob = hex::encode(blob.get(..DIGEST).unwrap_or_default());
        let what = format!(
            "it was made twice, and not alike: lines of {of_blob} do not belong to the summary of {}; their codes would mean other values",
            hex::encode(self.digest)
        );
        Error::Output(Problem::new(format!("scan {}", self.scan), what).help("run the job again; nothing was published"))
    }

    /// Of some buckets one whose lines were not given, though the scan has some.
    pub fn bucket_without_lines(&self, buckets: &[usize]) -> Option<usize> {
        missing(&self.header.lines, &self.lines, buckets)
    }

    /// The same of partitions of the census and their orders.
    pub fn partition_without_orders(&self, partitions: &[usize]) -> Option<usize> {
        missing(&self.header.orders, &self.orders, partitions)
    }

    /// Partitions of the census.
    pub fn partitions(&self) -> usize {
        self.header.orders.len()
    }

    /// The lines as a layer that a run restores.
    pub fn into_layer(self) -> Layer {
        let Blobs { scan, header, bytes, lines, orders, .. } = self;
        let name = format!("scan {scan}");
        let size = bytes.len() as u64;
        let file = Arc::new(BlockFile::in_memory(bytes, &name));
        Layer { file, header: Header { lines, orders, ..header }, bytes: size, name }
    }
}
