//! Restoring: layers whose files are as they were become lines, ledgers and notes of the run, as if the files had been read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hashbrown::HashMap;
use rayon::prelude::*;

use super::begin::Begun;
use super::identity::{Identity, changed, file_key};
use super::layer::{Header, Layer, LayerReject};
use crate::error::Result;
use crate::history::TextIds;
use crate::history::dealing::{count_sample, deal_out};
use crate::history::ranks::Ranks;
use crate::history::shuffle::{Shuffle, Shuffler};
use crate::history::stored_lines::{NO_FILE, StoredCodes, StoredLines};
use crate::input::declared::columns::ORDERS;
use crate::input::mapping::dataset::Dataset;
use crate::input::records::orders::Dictionaries;
use crate::input::rows::ledger::{Ledger, Reason, Reject};
use crate::input::values::codes::{Codes, OwnedId};
use crate::nightly::placed_lines::PlacedLines;
use crate::partition::stored::StoredPartitions;
use crate::publish::ReadingEntry;
use crate::spec::period::iso;
use crate::spec::{Day, id_hash};

/// The lines that a run reads bucket by bucket.
#[derive(Debug)]
pub struct Base {
    /// The records.
    pub lines: StoredPartitions,
    /// How many.
    pub rows: u64,
    /// What their codes stand for.
    pub codes: StoredCodes,
    /// The entries of their orders.
    pub orders: StoredPartitions,
}

/// A layer that the next night can use too.
#[derive(Debug, Clone)]
pub struct KeptLayer {
    /// Its name.
    pub name: String,
    /// Whether it is the base.
    pub by_bucket: bool,
    /// Its files, by their places in the input.
    pub files: Vec<usize>,
    /// The day of its newest event.
    pub newest: Option<Day>,
    /// Lines.
    pub rows: u64,
    /// Bytes of its file.
    pub bytes: u64,
}

/// What was restored.
#[derive(Debug, Default)]
pub struct Restored<'s> {
    /// What reading the stored files would have found.
    pub found: Found<'s>,
    /// The base, or of a run in steps the lines of each scan.
    pub bases: Vec<Base>,
    /// By file of the input: whether it was restored.
    pub is_stored: Vec<bool>,
    /// The layers that were used.
    pub kept: Vec<KeptLayer>,
    /// How the orders are read.
    pub reading: ReadingEntry,
}

/// What is found by reading orders, by provisional codes.
#[derive(Debug, Default)]
pub struct Found<'s> {
    /// The lines, dealt out.
    pub shufflers: Vec<Shuffler<'s>>,
    /// What became of the rows.
    pub ledger: Ledger,
    /// When orders were placed, and the sum of their amounts.
    pub(in crate::nightly) placed: PlacedLines,
}

/// Restores the layers that fit. `text` says which ids are texts.
///
/// # Errors
/// [`crate::error::Error::Output`] where a layer is damaged or the disk full.
pub fn restore<'s>(
    begun: &Begun,
    identity: &Identity,
    dataset: &Dataset,
    dictionaries: &Dictionaries,
    text: TextIds,
    shuffle: &'s Shuffle,
) -> Result<Restored<'s>> {
    let (layers, reading) = fitting(begun, identity, dataset);
    let mut restored = Restored { is_stored: vec![false; dataset.files.len()], reading, ..Restored::default() };
    for (layer, files) in &layers {
        let codes = codes_of(&layer.header, files, dictionaries);
        restored.take(layer, files, &codes, dictionaries);
        count_sample(shuffle, &layer.header.notes.sample);
        let blocks = StoredPartitions::new(Arc::clone(&layer.file), layer.header.lines.clone());
        if layer.header.by_bucket {
            let orders = StoredPartitions::new(Arc::clone(&layer.file), layer.header.orders.clone());
            restored.bases.push(Base { lines: blocks, rows: layer.header.rows, codes, orders });
        } else {
            restored.found.shufflers.extend(dealt_out(&blocks, &codes, text, shuffle)?);
        }
    }
    Ok(restored)
}

/// A layer and the places of its files.
type Fitting<'l> = (&'l Layer, Vec<usize>);

/// The layers that fit, and how the orders are read with them.
fn fitting<'l>(begun: &'l Begun, identity: &Identity, dataset: &Dataset) -> (Vec<Fitting<'l>>, ReadingEntry) {
    let places: HashMap<String, usize> = dataset.files.iter().map(file_key).zip(0..).collect();
    let (layers, reason) = layers_of(begun, identity, &places);
    let mut is_stored = vec![false; dataset.files.len()];
    layers.iter().flat_map(|(_, files)| files).for_each(|file| is_stored[*file] = true);
    let read = || dataset.files.iter().zip(&is_stored).filter(|(_, is_stored)| !**is_stored).map(|(file, _)| file.rows());
    let mut reading = ReadingEntry {
        is_night: !layers.is_empty(),
        reason: reason.or_else(|| begun.reason.clone()),
        files_read: read().count() as u64,
        rows_read: read().sum(),
        lines_stored: layers.iter().map(|(layer, _)| layer.header.rows).sum(),
        ..ReadingEntry::default()
    };
    reading.in_words = in_words(&reading, begun.as_of.filter(|_| reading.is_night));
    (layers, reading)
}

/// How the orders are read, for people; `state_of` is the as-of date of the run that left a state, where it is used.
fn in_words(reading: &ReadingEntry, state_of: Option<Day>) -> String {
    let ReadingEntry { reason, files_read, rows_read, lines_stored, .. } = reading;
    match (state_of.map(iso), reason) {
        (Some(day), None) => format!("night: {files_read} files read, {rows_read} rows; state of {day} with {lines_stored} lines"),
        (Some(day), Some(reason)) => {
            format!("night: {files_read} files read, {rows_read} rows; state of {day} with {lines_stored} lines: {reason}")
        }
        (None, None) => format!("full: {files_read} files, {rows_read} rows"),
        (None, Some(reason)) => format!("full: {files_read} files, {rows_read} rows: {reason}"),
    }
}

/// How the orders are read without any state.
pub fn reading_of_all(dataset: &Dataset) -> ReadingEntry {
    fitting(&Begun::default(), &Identity::default(), dataset).1
}

/// How the orders would be read.
pub fn reading(begun: &Begun, identity: &Identity, dataset: &Dataset) -> ReadingEntry {
    fitting(begun, identity, dataset).1
}

/// The layers that fit, each with the places of its files; and why others do not.
fn layers_of<'l>(begun: &'l Begun, identity: &Identity, places: &HashMap<String, usize>) -> (Vec<Fitting<'l>>, Option<String>) {
    let (mut fitting, mut reason) = (Vec::new(), None);
    for layer in &begun.layers {
        if let Some(what) = changed(&layer.header.identity, identity) {
            return (Vec::new(), Some(what));
        }
        let files: Option<Vec<usize>> = layer.header.files.iter().map(|file| places.get(&file.key).copied()).collect();
        match files {
            Some(files) => fitting.push((layer.as_ref(), files)),
            None => {
                let of_others = layer.header.files.iter().filter(|file| !places.contains_key(&file.key));
                let labels: Vec<&str> = of_others.map(|file| file.label.as_str()).collect();
                reason = Some(match (labels.as_slice(), layer.header.by_bucket) {
                    ([one], true) => format!("an old file changed after it was read, or is gone: {one}"),
                    ([one], false) => format!("a file changed after it was read, or is gone: {one}"),
                    ([first, ..], _) => format!("{} files changed after they were read, or are gone: {first} first", labels.len()),
                    ([], _) => "the state is not the one that was left".to_owned(),
                });
                if layer.header.by_bucket {
                    return (Vec::new(), reason);
                }
            }
        }
    }
    (fitting, reason)
}

/// What the codes of a layer stand for; `files` are the places of its files.
fn codes_of(header: &Header, files: &[usize], dictionaries: &Dictionaries) -> StoredCodes {
    let from_one =
        |values: &[(u32, OwnedId)], codes: &Codes| values.iter().map(|(stored, value)| (*stored, codes.code(value.id()) + 1)).collect();
    let stored = &header.dictionaries;
    StoredCodes {
        shops: stored.shops.iter().map(|(code, value)| (*code, (dictionaries.shops.code(value.id()), id_hash(value.id())))).collect(),
        channels: from_one(&stored.channels, &dictionaries.channels),
        provinces: from_one(&stored.provinces, &dictionaries.provinces),
        categories: from_one(&stored.categories, &dictionaries.categories),
        items: from_one(&stored.items, &dictionaries.items),
        promotions: from_one(&stored.promotions, &dictionaries.promotions),
        titles: dictionaries.title_codes.as_ref().map(|codes| from_one(&stored.titles, codes)).unwrap_or_default(),
        files: files.iter().map(|file| u32::try_from(*file).unwrap_or(NO_FILE)).collect(),
    }
}

/// Deals out the lines of a layer on all threads.
pub(super) fn dealt_out<'s>(
    blocks: &StoredPartitions,
    codes: &StoredCodes,
    text: TextIds,
    shuffle: &'s Shuffle,
) -> Result<Vec<Shuffler<'s>>> {
    let next = AtomicUsize::new(0);
    (0..rayon::current_num_threads().min(blocks.len()))
        .into_par_iter()
        .map(|_| {
            let mut shuffler = shuffle.shuffler();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= blocks.len() {
                    return Ok(shuffler);
                }
                deal_out(blocks, number, codes, text, &mut shuffler)?;
            }
        })
        .collect()
}

impl Base {
    /// The lines with the run's final codes, and the entries of their orders.
    pub fn ranked(self, ranks: &Ranks) -> (StoredLines, StoredPartitions) {
        let Base { lines, rows, codes, orders } = self;
        (StoredLines { lines, rows, ranks: codes.ranked(ranks), codes }, orders)
    }
}

impl Restored<'_> {
    /// Takes over what a layer knows of its lines and files.
    fn take(&mut self, layer: &Layer, files: &[usize], codes: &StoredCodes, dictionaries: &Dictionaries) {
        let Header { notes, rejects, .. } = &layer.header;
        let shop = |code: u32| codes.shops.get(&code).map_or(0, |(shop, _)| *shop);
        self.found.placed.merge(&notes.placed.recoded(&shop));
        let titles: HashMap<u32, &OwnedId> = layer.header.dictionaries.titles.iter().map(|(code, value)| (*code, value)).collect();
        for (of, item, day, title) in &notes.titles {
            if let (Some(OwnedId::Text(text)), Some(item)) = (titles.get(title), codes.items.get(item)) {
                dictionaries.titles.note(shop(*of), *item, *day, text);
            }
        }
        let mut ledger = Ledger::new(self.is_stored.len());
        ledger.events = notes.events.clone();
        ledger.events.rank(&shop);
        for (stored, place) in layer.header.files.iter().zip(files) {
            *ledger.account(*place) = stored.account;
            for (column, faults) in &stored.null_faults {
                if let Some(column) = ORDERS.columns.iter().find(|known| known.name == column) {
                    ledger.restore_null_faults(column.name, *place, faults.clone());
                }
            }
            if let Some(is_stored) = self.is_stored.get_mut(*place) {
                *is_stored = true;
            }
        }
        ledger.events.of_files(&|file| files.get(file).copied());
        rejects.iter().filter_map(|reject| rejected(reject, files)).for_each(|reject| ledger.restore_reject(reject));
        self.found.ledger.add(ledger);
        self.kept.push(KeptLayer {
            name: layer.name.clone(),
            by_bucket: layer.header.by_bucket,
            files: files.to_vec(),
            newest: layer.newest(),
            rows: layer.header.rows,
            bytes: layer.bytes,
        });
    }
}

fn rejected(stored: &LayerReject, files: &[usize]) -> Option<Reject> {
    let reason = Reason::ALL.into_iter().find(|reason| reason.name() == stored.reason)?;
    Some(Reject { file: *files.get(stored.file)?, row: stored.row, reason, detail: stored.detail.clone(), keys: stored.keys.clone() })
}
