//! Keeping: after the inputs are read, the lines of closed files go into layers for the next night.

use std::sync::Arc;

use super::for_state::ForState;
use super::identity::file_key;
use super::layer::{self, Dictionaries, Header, LayerFile, LayerReject, Value};
use super::list::StateList;
use super::notes::{Noting, Used, UsedCodes};
use super::restore::KeptLayer;
use crate::error::Result;
use crate::history::line_store::Storing;
use crate::history::shuffle::Shuffled;
use crate::history::{Context, Dictionary};
use crate::input::declared::columns;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::Ledger;
use crate::nightly::plan::Plan;
use crate::partition::Budget;
use crate::partition::stored::BlockWriter;
use crate::publish::Draft;
use crate::spec::{Day, NO_DAY, NO_VALUE, iso_time};
use crate::table::restatement::restatements;

/// Days up to the as-of date whose files stay out of the base: exports write those of the last days anew.
const WINDOW: Day = 14;

/// Layers beside the base, of files before the window, at which the base is written anew.
const MOST_LAYERS: usize = 16;

/// The number of the layer of open files among the files that a run writes: 0 and 1 are those of closed ones, 2 and 3 those of other inputs.
const OPEN: usize = 4;

/// The part of the base's lines that these layers may have.
const SMALL: u64 = 10;

/// What layers are written from: the lines before they are folded, with their final codes.
pub struct Source<'a> {
    /// The lines.
    pub shuffled: &'a Shuffled,
    /// The dictionaries.
    pub context: &'a Context,
    /// What became of the rows of the orders.
    pub ledger: &'a Ledger,
    /// How they were read.
    pub for_state: &'a ForState,
}

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
    let writer = Writer { draft, source, dataset, budget };
    // What open files say today is of use to nobody but who compares it with what they say tomorrow.
    let compares = plan.wants(restatements::TABLE.name);
    let mut layers: Vec<(bool, String, u64, u64)> =
        stay.iter().map(|layer| (layer.by_bucket, layer.name.clone(), layer.rows, layer.bytes)).collect();
    for (number, (files, by_bucket)) in [(old, true), (new, false)].into_iter().enumerate() {
        if !files.is_empty() {
            layers.push(writer.layer(number, &files, by_bucket)?);
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
        let (_, name, _, bytes) = writer.layer(OPEN, &open, false)?;
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

/// What layers are written from.
struct Writer<'a> {
    draft: &'a Draft,
    source: &'a Source<'a>,
    dataset: &'a Dataset,
    budget: &'a Arc<Budget>,
}

impl Writer<'_> {
    /// Writes a layer of files of the input; returns its form, name, lines and bytes.
    fn layer(&self, number: usize, files: &[usize], by_bucket: bool) -> Result<(bool, String, u64, u64)> {
        let mut numbers = vec![None; self.dataset.files.len()];
        for (number, file) in (0..).zip(files) {
            if let Some(place) = numbers.get_mut(*file) {
                *place = Some(number);
            }
        }
        let mut unfinished = self.draft.layer(number)?;
        let blocks = BlockWriter::new(unfinished.duplicate()?, unfinished.path());
        let storing = Storing { files: &numbers, by_bucket, budget: self.budget };
        let stored = self.source.shuffled.store(&storing, &blocks, &Noting::default, &|noting, line| noting.add(line))?;
        let mut noting = Noting::default();
        stored.notes.into_iter().for_each(|notes| noting.merge(notes));
        let (mut notes, used) = noting.finish();
        notes.events.of_files(&|file| numbers.get(file).copied().flatten().map(|number: u32| number as usize));
        let header = Header {
            identity: self.source.for_state.identity.clone(),
            files: files.iter().map(|file| self.file(*file)).collect(),
            rejects: self.rejects(&numbers),
            dictionaries: self.dictionaries(&used),
            notes,
            rows: stored.rows,
            by_bucket,
            lines: stored.lines,
            orders: stored.orders,
        };
        unfinished.file = layer::finish(blocks, &header)?;
        let bytes = unfinished.size()?;
        Ok((by_bucket, self.draft.keep_layer(unfinished)?, header.rows, bytes))
    }

    fn file(&self, file: usize) -> LayerFile {
        let opened = self.dataset.files.get(file);
        let faults = self.source.ledger.null_faults.iter().filter(|((_, of), _)| *of == file);
        LayerFile {
            key: opened.map(file_key).unwrap_or_default(),
            label: opened.map(|opened| opened.file.label.clone()).unwrap_or_default(),
            account: self.source.ledger.accounts.get(file).copied().unwrap_or_default(),
            newest: self.source.ledger.events.of_file(file),
            null_faults: faults.map(|((column, _), faults)| ((*column).to_owned(), faults.clone())).collect(),
        }
    }

    fn rejects(&self, numbers: &[Option<u32>]) -> Vec<LayerReject> {
        let of_layer = |file: usize| numbers.get(file).copied().flatten().map(|number| number as usize);
        let rejects = self.source.ledger.rejects.iter().filter_map(|reject| {
            let (file, reason) = (of_layer(reject.file)?, reject.reason.name().to_owned());
            Some(LayerReject { file, row: reject.row, reason, detail: reject.detail.clone(), keys: reject.keys.clone() })
        });
        rejects.collect()
    }

    /// The values of the codes that the lines use.
    fn dictionaries(&self, used: &Used) -> Dictionaries {
        let context: &Context = self.source.context;
        let texts = |dictionary: &Dictionary, used: &UsedCodes| {
            let value = |code: u32| Some((code, Value::T(dictionary.value(code)?.into())));
            used.codes().filter_map(value).collect()
        };
        let ids = |ids: &[crate::input::values::codes::OwnedId], used: &UsedCodes| {
            let value = |code: u32| Some((code, Value::from(ids.get((code as usize).checked_sub(1)?)?.clone())));
            used.codes().filter_map(value).collect()
        };
        let titles = self.source.for_state.titles.as_ref();
        let title = |code: u32| Some((code, Value::from(titles?.value(code.checked_sub(1)?)?)));
        Dictionaries {
            shops: used.shops.codes().filter_map(|code| Some((code, Value::from(context.shops.id(code)?)))).collect(),
            channels: texts(&context.channels, &used.channels),
            provinces: texts(&context.provinces, &used.provinces),
            categories: ids(&context.category_ids, &used.categories),
            items: ids(&context.item_ids, &used.items),
            promotions: texts(&context.promotions, &used.promotions),
            titles: used.titles.codes().filter(|code| *code != NO_VALUE).filter_map(title).collect(),
        }
    }
}
