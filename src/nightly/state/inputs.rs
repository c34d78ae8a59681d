//! The other inputs in the state: what stands in their files, decoded, so that a night decodes only the files that are new or changed.
//!
//! What is kept of a file follows from the file and the mapping alone. So it does not matter which day it is, or whether the file is closed: the
//! rows are judged anew every night, and a file that changed costs itself and no other.

use std::sync::Arc;

use hashbrown::HashMap;

use super::begin::Begun;
use super::identity::{file_key, of_decoded};
use super::inputs_layer::{InputBatches, InputsLayer};
use crate::error::{Error, Result};
use crate::input::declared::columns::ORDERS;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::decoded::{Decoded, StoredBatch};
use crate::nightly::plan::Plan;
use crate::nightly::rows_read::are_read;
use crate::publish::{Draft, OthersRead, UnfinishedLayer};

/// Where the batches go that are decoded.
#[derive(Debug)]
pub struct Keeping {
    /// The file.
    pub file: UnfinishedLayer,
}

/// The other inputs of a run.
#[derive(Debug)]
pub struct Inputs {
    /// What was decoded before, and what is now.
    pub decoded: Arc<Decoded>,
    /// Where that goes; why it goes nowhere; `None` where nothing is to be kept.
    pub keeping: Option<Result<Keeping>>,
}

/// The batches of the files that are as they were, by input and file. All inputs but the orders are there.
pub fn stored(plan: &Plan, begun: &Begun) -> HashMap<&'static str, Vec<Vec<StoredBatch>>> {
    let others = plan.datasets.iter().filter(|(name, _)| **name != ORDERS.name);
    others.map(|(name, dataset)| (*name, stored_of(plan, dataset, &begun.inputs))).collect()
}

fn stored_of(plan: &Plan, dataset: &Dataset, layers: &[Arc<InputsLayer>]) -> Vec<Vec<StoredBatch>> {
    let mut by_file = vec![Vec::new(); dataset.files.len()];
    if layers.is_empty() {
        return by_file;
    }
    let identity = of_decoded(plan, dataset);
    let places: HashMap<String, usize> = dataset.files.iter().map(file_key).zip(0..).collect();
    for layer in layers {
        let of_input = |input: &&InputBatches| input.name == dataset.input.name && input.identity == identity;
        for file in layer.header.inputs.iter().filter(of_input).flat_map(|input| &input.files) {
            if let Some(of_file) = places.get(&file.key).and_then(|place| by_file.get_mut(*place)) {
                of_file.extend(file.batches.iter().map(|batch| StoredBatch { file: Arc::clone(&layer.file), batch: *batch }));
            }
        }
    }
    by_file.iter_mut().for_each(|of_file| of_file.sort_by_key(|stored| stored.batch.first_row));
    by_file
}

impl Inputs {
    /// The inputs of a run that begins with what was left, and keeps what it decodes in a draft where it has one.
    pub fn of(plan: &Plan, begun: &Begun, draft: Option<&Draft>) -> Inputs {
        let decoded = Decoded::new(stored(plan, begun));
        // A second trial, after damage was found, has a file of its own.
        let keeping = draft.map(|draft| draft.layer(if begun.is_damaged { 3 } else { 2 }).map(|file| Keeping { file }));
        let (decoded, keeping) = match keeping {
            Some(Ok(keeping)) => match keeping.file.duplicate() {
                Ok(file) => (decoded.keeping(file, keeping.file.path()), Some(Ok(keeping))),
                Err(cause) => (decoded, Some(Err(cause))),
            },
            other => (decoded, other),
        };
        Inputs { decoded: Arc::new(decoded), keeping }
    }
}

/// The files of the other inputs that a run decodes, and their rows.
pub fn others_read(plan: &Plan, decoded: &Decoded) -> OthersRead {
    let mut read = OthersRead::default();
    for (name, dataset) in plan.datasets.iter().filter(|(name, _)| **name != ORDERS.name) {
        if !are_read(plan, name) {
            continue;
        }
        let mut last = None;
        for piece in dataset.pieces().into_iter().filter(|piece| !decoded.has(dataset, *piece)) {
            read.files += u64::from(last != Some(piece.file));
            read.rows += dataset.files.get(piece.file).and_then(|file| file.row_groups.get(piece.row_group)).copied().unwrap_or(0);
            last = Some(piece.file);
        }
    }
    read
}

/// The error of a state whose file is used where it should not be.
pub fn still_used() -> Error {
    Error::bug("what was decoded is still used")
}
