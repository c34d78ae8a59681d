//! Keeping the other inputs: what a run decoded goes beside what earlier runs did.
//!
//! There are two files at most. The larger one stays as it is; the other has what came since and is written anew every night, which copies
//! compressed blocks. Once that has a tenth of the larger one, or a fourth of the larger one is of files that are gone, both become one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::begin::Begun;
use super::identity::{file_key, of_decoded};
use super::inputs::{Inputs, Keeping, still_used, stored};
use super::inputs_layer::{FileBatches, InputBatches, InputsHeader, InputsLayer};
use super::layer;
use super::list::StateList;
use crate::error::Result;
use crate::input::rows::decoded::{KeptBatch, StoredBatch};
use crate::nightly::plan::Plan;
use crate::publish::Draft;

/// The part of the larger file that the other one may have.
const SMALL: u64 = 10;

/// The part of the larger file that may be of files that are gone.
const GONE: u64 = 4;

/// The batches of files by the name of the input and the file's place.
type Batches = BTreeMap<(&'static str, usize), Vec<KeptBatch>>;

impl Inputs {
    /// Writes what the next night begins with, and adds it to the list of the state.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where the disk is full.
    pub fn keep(self, plan: &Plan, begun: &Begun, draft: &Draft, list: &mut StateList) -> Result<()> {
        let Some(keeping) = self.keeping else { return Ok(()) };
        let Keeping { file: mut unfinished } = keeping?;
        let decoded = Arc::into_inner(self.decoded).ok_or_else(still_used)?;
        let Some((new, writer)) = decoded.finish()? else { return Ok(()) };
        let mut live: Vec<(&'static str, usize, StoredBatch)> = Vec::new();
        for (name, files) in stored(plan, begun) {
            let of_files = files.into_iter().enumerate();
            live.extend(of_files.flat_map(|(file, batches)| batches.into_iter().map(move |batch| (name, file, batch))));
        }
        live.sort_unstable_by_key(|(name, file, stored)| (*name, *file, stored.batch.first_row));
        let bytes = |batch: &KeptBatch| u64::from(batch.block.stored);
        let is_of = |stored: &StoredBatch, layer: &InputsLayer| Arc::ptr_eq(&stored.file, &layer.file);
        let live_of = |layer: &InputsLayer| -> u64 {
            live.iter().filter(|(_, _, stored)| is_of(stored, layer)).map(|(_, _, stored)| bytes(&stored.batch)).sum()
        };
        let all_of = |layer: &InputsLayer| -> u64 {
            let files = layer.header.inputs.iter().flat_map(|input| &input.files);
            files.flat_map(|file| &file.batches).map(bytes).sum()
        };
        let larger = begun.inputs.iter().max_by_key(|layer| layer.bytes);
        let others = || begun.inputs.iter().filter(|layer| larger.is_none_or(|larger| !Arc::ptr_eq(&layer.file, &larger.file)));
        let grown: u64 = new.iter().map(|new| bytes(&new.batch)).sum::<u64>() + others().map(|layer| live_of(layer)).sum::<u64>();
        let stays = larger.filter(|larger| {
            let (live, all) = (live_of(larger), all_of(larger));
            grown <= all / SMALL && all - live <= all / GONE
        });
        if stays.is_some() && new.is_empty() && others().all(|layer| live_of(layer) == all_of(layer)) {
            list.inputs = begun.inputs.iter().map(|layer| layer.name.clone()).collect();
            list.bytes += begun.inputs.iter().map(|layer| layer.bytes).sum::<u64>();
            return Ok(());
        }
        let mut batches = Batches::new();
        for (name, file, stored) in live.iter().filter(|(_, _, stored)| stays.is_none_or(|stays| !is_of(stored, stays))) {
            // What is damaged is decoded anew when it is needed.
            if let Some(block) = writer.copy(&stored.file, &stored.batch.block)? {
                batches.entry((*name, *file)).or_default().push(KeptBatch { block, ..stored.batch });
            }
        }
        for new in new {
            batches.entry((new.input, new.file)).or_default().push(new.batch);
        }
        if let Some(stays) = stays {
            list.inputs.push(stays.name.clone());
            list.bytes += stays.bytes;
        }
        if !batches.is_empty() {
            unfinished.file = layer::finish(writer, &header(plan, batches))?;
            list.bytes += unfinished.size()?;
            list.inputs.push(draft.keep_layer(unfinished)?);
        }
        Ok(())
    }
}

fn header(plan: &Plan, mut batches: Batches) -> InputsHeader {
    let mut header = InputsHeader::default();
    for (name, dataset) in &plan.datasets {
        let of_file = |(place, file)| {
            let mut batches = batches.remove(&(*name, place))?;
            batches.sort_unstable_by_key(|batch| batch.first_row);
            Some(FileBatches { key: file_key(file), batches })
        };
        let files: Vec<FileBatches> = dataset.files.iter().enumerate().filter_map(of_file).collect();
        if !files.is_empty() {
            header.inputs.push(InputBatches { name: (*name).to_owned(), identity: of_decoded(plan, dataset), files });
        }
    }
    header
}
