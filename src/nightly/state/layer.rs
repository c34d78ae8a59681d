//! A layer: one file with the lines of some order files in blocks, and with what else their reading found.
//!
//! ```text
//! blocks of lines, blocks of orders, header (JSON), trailer: [MAGIC][place of the header as a block, 20 bytes]
//! ```

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::identity::Identity;
use super::notes::Notes;
use crate::error::{Error, Result};
use crate::input::rows::ledger::{Account, NullFaults, RowKeys};
use crate::input::values::codes::OwnedId;
use crate::partition::stored::{Block, BlockFile, BlockWriter};
use crate::spec::Day;

/// What the trailer begins with.
const MAGIC: [u8; 12] = *b"huitou-state";

/// Bytes of the trailer.
const TRAILER: usize = MAGIC.len() + 20;

/// Bytes of a header at most: what claims more is damaged.
const LARGEST_HEADER: u32 = 1 << 31;

/// What stands in a layer beside its blocks.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Header {
    /// How its lines were read.
    pub identity: Identity,
    /// The files whose lines it has; their numbers in all else are their places here.
    pub files: Vec<LayerFile>,
    /// Their rejected rows.
    pub rejects: Vec<LayerReject>,
    /// What the codes stand for.
    pub dictionaries: Dictionaries,
    /// What is known of all its lines together.
    pub notes: Notes,
    /// Lines.
    pub rows: u64,
    /// Whether the blocks are buckets.
    pub by_bucket: bool,
    /// The blocks of the lines.
    pub lines: Vec<Block>,
    /// The blocks of the orders' entries, of a layer by bucket.
    pub orders: Vec<Block>,
}

/// A file of the orders.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct LayerFile {
    /// What names it and its contents.
    pub key: String,
    /// Its label.
    pub label: String,
    /// What became of its rows in reading.
    pub account: Account,
    /// The day of its newest event.
    pub newest: Day,
    /// By column: cells that count as null.
    pub null_faults: Vec<(String, NullFaults)>,
}

/// A rejected row.
#[derive(Debug, Serialize, Deserialize)]
pub struct LayerReject {
    /// The number of the file.
    pub file: usize,
    /// The row.
    pub row: u64,
    /// The name of the reason.
    pub reason: String,
    /// The column and its value.
    pub detail: String,
    /// The ids.
    pub keys: RowKeys,
}

/// The codes that the lines use, with their values.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Dictionaries {
    /// From 0.
    pub shops: Vec<(u32, OwnedId)>,
    /// From 1, as all that follow.
    pub channels: Vec<(u32, OwnedId)>,
    pub provinces: Vec<(u32, OwnedId)>,
    pub categories: Vec<(u32, OwnedId)>,
    pub items: Vec<(u32, OwnedId)>,
    pub promotions: Vec<(u32, OwnedId)>,
    pub titles: Vec<(u32, OwnedId)>,
}

/// A layer, opened.
#[derive(Debug)]
pub struct Layer {
    /// Its name in the folder of states.
    pub name: String,
    /// Its file.
    pub file: Arc<BlockFile>,
    /// What stands in it beside the blocks.
    pub header: Header,
    /// Bytes of the file.
    pub bytes: u64,
}

impl Layer {
    /// Reads the header of a layer.
    ///
    /// # Errors
    /// [`Error::Output`] where the file is damaged.
    pub fn open(name: &str, file: File, path: PathBuf) -> Result<Layer> {
        let Opened { file, header, bytes, end } = opened::<Header>(file, path)?;
        let is_inside = |block: &Block| block.at.checked_add(block.stored.into()).is_some_and(|until| until <= end);
        if !header.lines.iter().chain(&header.orders).all(is_inside) {
            return Err(file.damaged("blocks lie outside"));
        }
        Ok(Layer { name: name.to_owned(), file, header, bytes })
    }

    /// The day of the newest event of its files.
    pub fn newest(&self) -> Option<Day> {
        self.header.files.iter().map(|file| file.newest).max()
    }
}

/// A file of blocks with a header of any kind.
#[derive(Debug)]
pub struct Opened<H> {
    /// The file.
    pub file: Arc<BlockFile>,
    /// What stands in it beside the blocks.
    pub header: H,
    /// Bytes of the file.
    pub bytes: u64,
    /// Where its blocks end.
    pub end: u64,
}

/// Reads the header of a file.
///
/// # Errors
/// [`Error::Output`] where the file is damaged.
pub fn opened<H: DeserializeOwned>(file: File, path: PathBuf) -> Result<Opened<H>> {
    let file = Arc::new(BlockFile::new(file, path));
    let bytes = file.size()?;
    let end = bytes.checked_sub(TRAILER as u64).ok_or_else(|| file.damaged("it is too short"))?;
    let mut trailer = [0; TRAILER];
    file.bytes(end, &mut trailer)?;
    let Some(place) =
        block_of(&trailer).filter(|block| block.bytes <= LARGEST_HEADER && block.at.checked_add(block.stored.into()) == Some(end))
    else {
        return Err(file.damaged("it does not end as it should"));
    };
    let mut text = Vec::new();
    file.read(&place, &mut text)?;
    let header = serde_json::from_slice(&text).map_err(|cause| file.damaged(&format!("its header: {cause}")))?;
    Ok(Opened { file, header, bytes, end: place.at })
}

/// Ends a layer with its header.
///
/// # Errors
/// [`Error::Output`] where the disk is full.
pub fn finish(writer: BlockWriter, header: &impl Serialize) -> Result<File> {
    let text = serde_json::to_vec(header).map_err(Error::bug)?;
    let Block { at, stored, bytes, checksum } = writer.write(&text)?;
    let mut trailer = MAGIC.to_vec();
    trailer.extend(at.to_le_bytes());
    [stored, bytes, checksum].iter().for_each(|word| trailer.extend(word.to_le_bytes()));
    writer.finish(&trailer)
}

/// The place of the header.
fn block_of(trailer: &[u8; TRAILER]) -> Option<Block> {
    let (at, words) = trailer.strip_prefix(&MAGIC)?.split_first_chunk()?;
    let mut words = words.chunks_exact(4).filter_map(|word| word.first_chunk()).map(|word| u32::from_le_bytes(*word));
    Some(Block { at: u64::from_le_bytes(*at), stored: words.next()?, bytes: words.next()?, checksum: words.next()? })
}
