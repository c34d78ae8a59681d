//! Decoded batches: what stands in the files of an input, in blocks that outlive the run, so that the next one need not decode a file again which
//! is as it was.
//!
//! A daily export has thousands of small files, and opening the columns of one costs more than the rows in them. What is kept follows from the
//! file and from the mapping alone: rows are judged anew by every run, whatever its date is.

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::batch::{Batch, DecodedBatch, Piece};
use super::decoded_block::{decoded, encoded};
use crate::error::{Error, Result};
use crate::input::mapping::dataset::Dataset;
use crate::partition::stored::{Block, BlockFile, BlockWriter};

/// Rows of a row group at most whose batches are kept: of larger ones decoding the values takes the time, which blocks would not save.
const MOST_ROWS: u64 = 1 << 16;

/// A batch in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptBatch {
    /// The row group of the file.
    pub row_group: u32,
    /// The row of the file that the batch begins with.
    pub first_row: u64,
    /// How many rows there are.
    pub rows: u32,
    /// Where it is.
    pub block: Block,
}

/// A batch that an earlier run kept.
#[derive(Debug, Clone)]
pub struct StoredBatch {
    /// The file of its block.
    pub file: Arc<BlockFile>,
    /// The batch.
    pub batch: KeptBatch,
}

impl StoredBatch {
    /// What stands in it; `bytes` are for its block.
    ///
    /// # Errors
    /// [`Error::Output`] where it is damaged.
    pub(super) fn decoded(&self, bytes: &mut Vec<u8>) -> Result<DecodedBatch> {
        let StoredBatch { file, batch } = self;
        bytes.clear();
        file.read(&batch.block, bytes)?;
        let damaged = |cause: String| file.damaged(&format!("the block at byte {}: {cause}", batch.block.at));
        decoded(bytes, (batch.first_row, batch.rows as usize)).map_err(damaged)
    }
}

/// A batch that this run kept.
#[derive(Debug, Clone, Copy)]
pub struct NewBatch {
    /// The name of the input.
    pub input: &'static str,
    /// The position of the file in the dataset.
    pub file: usize,
    /// The batch.
    pub batch: KeptBatch,
}

/// Where the batches go that are decoded.
#[derive(Debug)]
struct Keeping {
    writer: BlockWriter,
    kept: Mutex<Result<Vec<NewBatch>>>,
}

/// The batches that earlier runs kept, by input and file, and those that this run keeps.
#[derive(Debug, Default)]
pub struct Decoded {
    stored: HashMap<&'static str, Vec<Vec<StoredBatch>>>,
    keeping: Option<Keeping>,
}

impl Decoded {
    /// The batches that earlier runs kept: by input, and by file of its dataset those of the file, ascending by row.
    pub fn new(stored: HashMap<&'static str, Vec<Vec<StoredBatch>>>) -> Self {
        Decoded { stored, keeping: None }
    }

    /// The same, which keeps what is decoded in a new file, whose path is for messages.
    pub fn keeping(self, file: File, path: PathBuf) -> Self {
        Decoded { keeping: Some(Keeping { writer: BlockWriter::new(file, path), kept: Mutex::new(Ok(Vec::new())) }), ..self }
    }

    /// Whether an earlier run kept a piece.
    pub fn has(&self, dataset: &Dataset, piece: Piece) -> bool {
        self.stored_batches(dataset, piece).is_some()
    }

    /// The batches of a piece; `None` where they are not there, or not all of them.
    fn stored_batches(&self, dataset: &Dataset, piece: Piece) -> Option<Vec<&StoredBatch>> {
        let of_file = self.stored.get(dataset.input.name)?.get(piece.file)?;
        let of_piece = |stored: &&StoredBatch| stored.batch.row_group as usize == piece.row_group;
        let batches: Vec<&StoredBatch> = of_file.iter().filter(of_piece).collect();
        let mut next = piece.first_row;
        for StoredBatch { batch, .. } in &batches {
            if batch.first_row != next {
                return None;
            }
            next += u64::from(batch.rows);
        }
        (next - piece.first_row == rows_of(dataset, piece)).then_some(batches)
    }

    /// Gives `each` the batches of a piece, from where an earlier run kept them, else from the file.
    ///
    /// # Errors
    /// As [`Dataset::read`]; [`Error::Output`] where what was kept is damaged.
    pub fn read(&self, dataset: &Dataset, piece: Piece, mut each: impl FnMut(Batch<'_>) -> Result<()>) -> Result<()> {
        if let Some(batches) = self.stored_batches(dataset, piece) {
            let mut bytes = Vec::new();
            for stored in batches {
                each(dataset.batch(piece, stored.decoded(&mut bytes)?)?)?;
            }
            return Ok(());
        }
        let keeping = self.keeping.as_ref().filter(|_| rows_of(dataset, piece) <= MOST_ROWS);
        dataset.decode(piece, |found| {
            if let Some(keeping) = keeping {
                keeping.keep(dataset.input.name, piece, (found.first_row, found.rows), || encoded(&found));
            }
            each(dataset.batch(piece, found)?)
        })
    }

    /// Whether batches of an input are kept.
    pub fn takes(&self, dataset: &Dataset) -> bool {
        self.stored.contains_key(dataset.input.name)
    }

    /// What was kept, in the order of inputs and rows, and the writer of its blocks; `None` where nothing was to be kept.
    ///
    /// # Errors
    /// [`Error::Output`] where the disk was full.
    pub fn finish(self) -> Result<Option<(Vec<NewBatch>, BlockWriter)>> {
        let Some(Keeping { writer, kept }) = self.keeping else { return Ok(None) };
        let mut kept = kept.into_inner().unwrap_or_else(PoisonError::into_inner)?;
        kept.sort_unstable_by_key(|new| (new.input, new.file, new.batch.first_row));
        Ok(Some((kept, writer)))
    }
}

impl Keeping {
    /// Keeps a batch. What hinders that is told at the end, since it does not hinder the reading.
    fn keep(&self, input: &'static str, piece: Piece, (first_row, rows): (u64, usize), encoded: impl FnOnce() -> Result<Vec<u8>, String>) {
        let locked = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if locked().is_err() {
            return;
        }
        let number = |number: usize| u32::try_from(number).map_err(Error::bug);
        let batch = || -> Result<KeptBatch> {
            let block = self.writer.write(&encoded().map_err(Error::bug)?)?;
            Ok(KeptBatch { row_group: number(piece.row_group)?, first_row, rows: number(rows)?, block })
        };
        let batch = batch();
        let mut kept = locked();
        match (batch, kept.as_mut()) {
            (Ok(batch), Ok(kept)) => kept.push(NewBatch { input, file: piece.file, batch }),
            (Err(cause), Ok(_)) => *kept = Err(cause),
            (_, Err(_)) => {}
        }
    }
}

/// The rows of a piece.
fn rows_of(dataset: &Dataset, piece: Piece) -> u64 {
    let rows = dataset.files.get(piece.file).and_then(|file| file.row_groups.get(piece.row_group));
    rows.copied().unwrap_or(0)
}
