//! Writing a layer: the lines of some files of the orders, by their final codes, and what else their reading found.

use std::io::Write;
use std::sync::Arc;

use super::for_state::ForState;
use super::identity::file_key;
use super::layer::{Dictionaries, Header, LayerFile, LayerReject};
use super::notes::{Noting, Used, UsedCodes};
use crate::error::Result;
use crate::history::line_store::Storing;
use crate::history::shuffle::Shuffled;
use crate::history::{Context, Dictionary};
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::Ledger;
use crate::input::values::codes::OwnedId;
use crate::partition::Budget;
use crate::partition::stored::BlockWriter;
use crate::spec::NO_VALUE;

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

/// What a layer is made of.
pub struct LayerWriter<'a> {
    /// The lines and what is known of them.
    pub source: &'a Source<'a>,
    /// The orders.
    pub dataset: &'a Dataset,
    /// The memory for the entries of orders.
    pub budget: &'a Arc<Budget>,
}

impl LayerWriter<'_> {
    /// Writes the blocks of a layer of files of the input; returns what stands beside them.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where the disk is full.
    pub fn write<W: Write + Send>(&self, files: &[usize], by_bucket: bool, blocks: &BlockWriter<W>) -> Result<Header> {
        let mut numbers = vec![None; self.dataset.files.len()];
        for (number, file) in (0..).zip(files) {
            if let Some(place) = numbers.get_mut(*file) {
                *place = Some(number);
            }
        }
        let storing = Storing { files: &numbers, by_bucket, budget: self.budget };
        let stored = self.source.shuffled.store(&storing, blocks, &Noting::default, &|noting, line| noting.add(line))?;
        let mut noting = Noting::default();
        stored.notes.into_iter().for_each(|notes| noting.merge(notes));
        let (mut notes, used) = noting.finish();
        notes.events.of_files(&|file| numbers.get(file).copied().flatten().map(|number: u32| number as usize));
        Ok(Header {
            identity: self.source.for_state.identity.clone(),
            files: files.iter().map(|file| self.file(*file)).collect(),
            rejects: self.rejects(&numbers),
            dictionaries: self.dictionaries(&used),
            notes,
            rows: stored.rows,
            by_bucket,
            lines: stored.lines,
            orders: stored.orders,
        })
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
            let value = |code: u32| Some((code, OwnedId::Text(dictionary.value(code)?.into())));
            used.codes().filter_map(value).collect()
        };
        let ids = |ids: &[OwnedId], used: &UsedCodes| {
            let value = |code: u32| Some((code, ids.get((code as usize).checked_sub(1)?)?.clone()));
            used.codes().filter_map(value).collect()
        };
        let titles = self.source.for_state.titles.as_ref();
        let title = |code: u32| Some((code, titles?.value(code.checked_sub(1)?)?));
        Dictionaries {
            shops: used.shops.codes().filter_map(|code| Some((code, OwnedId::from(context.shops.id(code)?)))).collect(),
            channels: texts(&context.channels, &used.channels),
            provinces: texts(&context.provinces, &used.provinces),
            categories: ids(&context.category_ids, &used.categories),
            items: ids(&context.item_ids, &used.items),
            promotions: texts(&context.promotions, &used.promotions),
            titles: used.titles.codes().filter(|code| *code != NO_VALUE).filter_map(title).collect(),
        }
    }
}
