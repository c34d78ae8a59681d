//! A file of the other inputs in the state: blocks of decoded batches, and whose they are.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::layer::{Opened, opened};
use crate::error::Result;
use crate::input::rows::decoded::KeptBatch;
use crate::partition::stored::BlockFile;
use crate::publish::layer;

/// What stands in a file of the inputs beside its blocks.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct InputsHeader {
    /// By input.
    pub inputs: Vec<InputBatches>,
}

/// The batches of an input.
#[derive(Debug, Serialize, Deserialize)]
pub struct InputBatches {
    /// Its name.
    pub name: String,
    /// What decides how its files are decoded.
    pub identity: String,
    /// Its files.
    pub files: Vec<FileBatches>,
}

/// The batches of a file.
#[derive(Debug, Serialize, Deserialize)]
pub struct FileBatches {
    /// What names it and its contents.
    pub key: String,
    /// Its batches, ascending by row; those of whole row groups.
    pub batches: Vec<KeptBatch>,
}

/// A file of the inputs, opened.
#[derive(Debug)]
pub struct InputsLayer {
    /// Its name in the folder of states.
    pub name: String,
    /// The file.
    pub file: Arc<BlockFile>,
    /// What stands in it beside the blocks.
    pub header: InputsHeader,
    /// Bytes of the file.
    pub bytes: u64,
}

impl InputsLayer {
    /// Opens the file of that name among the states of an output folder.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where it is not there, or damaged.
    pub fn open(out: &Path, name: &str) -> Result<InputsLayer> {
        let (file, path) = layer(out, name)?;
        let Opened { file, header, bytes, end } = opened::<InputsHeader>(file, path)?;
        let is_inside = |batch: &KeptBatch| batch.block.at.checked_add(batch.block.stored.into()).is_some_and(|until| until <= end);
        let batches = header.inputs.iter().flat_map(|input| &input.files).flat_map(|file| &file.batches);
        match batches.into_iter().all(is_inside) {
            true => Ok(InputsLayer { name: name.to_owned(), file, header, bytes }),
            false => Err(file.damaged("blocks lie outside")),
        }
    }
}
