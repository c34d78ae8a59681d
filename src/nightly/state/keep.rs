//! Keeping: after the inputs are read, the lines of closed files go into layers for the next night.

use std::sync::Arc;

use super::for_state::ForState;
use super::layer;
use super::list::StateList;
use super::restore::KeptLayer;
use super::write::{LayerWriter, Source};
use crate::error::Result;
use crate::input::declared::columns;
use crate::input::rows::ledger::Ledger;
use crate::nightly::plan::Plan;
use crate::partition::Budget;
use crate::partition::stored::BlockWriter;
use crate::publish::Draft;
use crate::spec::{Day, NO_DAY, iso_time};
use crate::table::restatement::restatements;

/// Days up to the as-of date whose files stay out of the base: exports write those of the last days anew.
const WINDOW: Day = 14;

/// Layers beside the base, of files before the window, at which the base is written anew.
const MOST_LAYERS: usize = 16;

/// The number of the layer of open files among the files that a run writes: 0 and 1 are those of closed ones, 2 and 3 those of other inputs.
const OPEN: usize = 4;

/// The part of the base's lines that these layers may have.
const SMALL: u64 = 10;

/// Writes the layers that the next night begins with, and lists them.
///
/// # Errors
/// [`crate::error::Error::Output`] where the disk is full.
pub fn keep(plan: &Plan, draft: &Draft, source: &Source<'_>, budget: &Arc<Budget>) -> Result<StateList> {
    let Some(dataset) = plan.datasets.get(columns::ORDERS.name) else { return Ok(StateList::default()) };
    let Source { ledger, for_state: ForState { kept, is_stored, .. }, .. } = source;
    let is_closed = |file: &usize| !is_stored.get(*file).copied().unwrap_or(false) && !ledger.open_files.contains_key(file);
    let last_old = plan.as_of - WINDOW;
    let (mut old, mut new): (Vec<usize>, Vec<usize>) =
        (0..dataset.files.len()).filter(is_closed).partition(|file| ledger.events.of_file(*file) <= last_old);
    let base = kept.iter().find(|layer| layer.by_bucket);
    let (ripe, mut stay): (Vec<&KeptLayer>, Vec<&KeptLayer>) =
        kept.iter().filter(|layer| !layer.by_bucket).partition(|layer| layer.newest.is_none_or(|newest| newest <= last_old));
    // Lines that the base could take up: those of nights before the window, and those of old files that came late.
    let late: u64 = old.iter().filter_map(|file| ledger.accounts.get(*file)).map(|account| account.rows).sum();
    let ripe_rows: u64 = ripe.iter().map(|layer| layer.rows).sum::<u64>() + late;
    let renews = base.is_none_or(|base| ripe.len() >= MOST_LAYERS || ripe_rows > base.rows / SMALL);
    if renews {
        old.extend(base.into_iter().chain(ripe).flat_map(|layer| &layer.files).copied());
        old.sort_unstable();
    } else {
        // The base stays as it is, and old files that were read anew are another small layer.
        new.append(&mut old);
        new.sort_unstable();
        stay.extend(base);
        stay.extend(ripe);
    }
    let writer = LayerWriter { source, dataset, budget };
    let layer = |number: usize, files: &[usize], by_bucket: bool| -> Result<(bool, String, u64, u64)> {
        let mut unfinished = draft.layer(number)?;
        let blocks = BlockWriter::new(unfinished.duplicate()?, unfinished.path());
        let header = writer.write(files, by_bucket, &blocks)?;
        unfinished.file = layer::finish(blocks, &header)?;
        let bytes = unfinished.size()?;
        Ok((by_bucket, draft.keep_layer(unfinished)?, header.rows, bytes))
    };
    // What open files say today is of use to nobody but who compares it with what they say tomorrow.
    let compares = plan.wants(restatements::TABLE.name);
    let mut layers: Vec<(bool, String, u64, u64)> =
        stay.iter().map(|layer| (layer.by_bucket, layer.name.clone(), layer.rows, layer.bytes)).collect();
    for (number, (files, by_bucket)) in [(old, true), (new, false)].into_iter().enumerate() {
        if !files.is_empty() {
            layers.push(layer(number, &files, by_bucket)?);
        }
    }
    layers.sort_by_key(|(by_bucket, ..)| !by_bucket);
    let mut list = StateList { end: plan.scan().end(), ..StateList::default() };
    for (_, name, rows, bytes) in layers {
        list.layers.push(name);
        list.rows += rows;
        list.bytes += bytes;
    }
    let open: Vec<usize> = ledger.open_files.keys().copied().filter(|file| !is_stored.get(*file).copied().unwrap_or(false)).collect();
    if compares && !open.is_empty() {
        let (_, name, _, bytes) = layer(OPEN, &open, false)?;
        list.open = Some(name);
        list.bytes += bytes;
    }
    Ok(list)
}

/// A warning of files whose events are over and which have a time after the as-of date all the same, such as one that stands for none.
pub fn held_open(plan: &Plan, ledger: &Ledger) -> Option<String> {
    let dataset = plan.datasets.get(columns::ORDERS.name)?;
    let is_over = |file: usize| {
        let newest = ledger.events.of_file(file);
        newest != NO_DAY && newest <= plan.as_of - WINDOW
    };
    let open: Vec<_> = ledger.open_files.iter().filter(|(file, _)| is_over(**file)).collect();
    let (first, (column, time)) = open.first()?;
    let label = dataset.files.get(**first).map_or("", |file| file.file.label.as_str());
    let (count, time) = (open.len(), iso_time(*time));
    Some(format!(
        "open_files: {count} files of orders whose events are over have times after the as-of date, and are read again every night: {label} has \
         `{column}` {time}; a time that stands for none is left out by NULLIF in the job's `columns`"
    ))
}
