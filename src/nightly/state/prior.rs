//! The prior state: the lines that the snapshot before was made of, whether or not this run reads orders from them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use super::begin::{Begun, are_apart, published_list};
use super::identity::{Identity, changed, file_key};
use super::inputs_layer::InputsLayer;
use super::layer::{Header, Layer};
use super::restore::dealt_out;
use crate::error::Result;
use crate::history::changed::{Before, ChangedRefund};
use crate::history::past_values::PastValues;
use crate::history::ranks::Ranks;
use crate::history::shuffle::{Shuffle, Shuffled};
use crate::history::stored_lines::{NO_FILE, StoredCodes};
use crate::history::{Context, Dictionary};
use crate::input::mapping::dataset::Dataset;
use crate::input::parquet_files::file_order::by_name;
use crate::input::values::codes::OwnedId;
use crate::partition::Budget;
use crate::partition::stored::StoredPartitions;
use crate::publish::{self, Snapshot};
use crate::spec::{Day, Id, id_hash};

/// The layers of a snapshot, opened: those of closed files, and last that of open ones.
pub struct Prior {
    layers: Vec<Arc<Layer>>,
    /// Whether the last one is that of open files. They say something else today even where nobody changed them: what was still to come has come.
    has_open: bool,
    as_of: Day,
    /// The first moment that it did not know.
    pub(super) end: i64,
    /// What stood in the files of its other inputs.
    pub(super) inputs: Vec<Arc<InputsLayer>>,
}

/// What a run knows of its own lines when it compares them.
pub struct Own<'a> {
    /// The orders.
    pub dataset: &'a Dataset,
    /// The dictionaries.
    pub context: &'a Context,
    /// The lines.
    pub shuffled: &'a Shuffled,
    /// How they are read.
    pub identity: &'a Identity,
}

impl Prior {
    /// The state of a snapshot in `out`; `None` where it left none, or it is not there any more. Layers that the run has opened to read from
    /// them are not opened again.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where it is damaged.
    pub fn of(snapshot: &Snapshot, out: &Path, begun: &Begun) -> Result<Option<Prior>> {
        let Some(list) = published_list(snapshot) else { return Ok(None) };
        let mut layers = Vec::new();
        for name in list.with_lines() {
            if let Some(layer) = begun.layers.iter().find(|layer| layer.name == *name) {
                layers.push(Arc::clone(layer));
                continue;
            }
            // Those of a date of the past go when the snapshots of a range of dates are done.
            let Ok((file, path)) = publish::layer(out, name) else { return Ok(None) };
            layers.push(Arc::new(Layer::open(name, file, path)?));
        }
        let mut inputs = Vec::new();
        for name in &list.inputs {
            if let Some(layer) = begun.inputs.iter().find(|layer| layer.name == *name) {
                inputs.push(Arc::clone(layer));
            } else if publish::layer(out, name).is_ok() {
                inputs.push(Arc::new(InputsLayer::open(out, name)?));
            } else {
                return Ok(None);
            }
        }
        let (has_open, as_of, end) = (list.open.is_some(), snapshot.manifest.as_of, list.end);
        Ok(are_apart(&layers).then_some(Prior { layers, has_open, as_of, end, inputs }))
    }

    /// What the snapshot knew otherwise than the run, with the `refunds` of which it counted something else; or what changed, where its rows were read in another way.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where a layer is damaged or the disk full.
    pub fn before(&self, own: &Own<'_>, refunds: Vec<ChangedRefund>, budget: &Arc<Budget>) -> Result<std::result::Result<Before, String>> {
        if let Some(what) = self.layers.iter().find_map(|layer| changed(&layer.header.identity, own.identity)) {
            return Ok(Err(what));
        }
        let keys: Vec<String> = own.dataset.files.iter().map(file_key).collect();
        let labels: Vec<&str> = own.dataset.files.iter().map(|file| file.file.label.as_str()).collect();
        let closed = self.layers.len() - usize::from(self.has_open && !self.layers.is_empty());
        let known: HashSet<&str> =
            self.layers.iter().take(closed).flat_map(|layer| &layer.header.files).map(|file| file.key.as_str()).collect();
        let is_new = keys.iter().map(|key| !known.contains(key.as_str())).collect();
        let current: HashSet<&str> = keys.iter().map(String::as_str).collect();
        let (mut gone, mut of_layers): (Vec<&str>, Vec<_>) = (Vec::new(), Vec::new());
        for (number, layer) in self.layers.iter().enumerate() {
            let mut numbers = Vec::new();
            for file in &layer.header.files {
                let is_gone = number >= closed || !current.contains(file.key.as_str());
                numbers.push(if is_gone { gone.len() as u32 } else { NO_FILE });
                if is_gone {
                    gone.push(&file.label);
                }
            }
            if numbers.iter().any(|number| *number != NO_FILE) {
                of_layers.push((layer, numbers));
            }
        }
        let rows = of_layers.iter().map(|(layer, _)| layer.header.rows).sum();
        let shuffle = Shuffle::new(rows, false, budget).into_buckets(own.shuffled.buckets());
        let codes = FinalCodes::of(own.context);
        let values = past_values(&codes, of_layers.iter().map(|(layer, _)| &layer.header));
        let beside = (!values.is_empty()).then(|| values.beside(own.context));
        let context = beside.as_ref().unwrap_or(own.context);
        let codes = beside.as_ref().map_or(codes, FinalCodes::of);
        let mut shufflers = Vec::new();
        for (layer, numbers) in of_layers {
            let blocks = StoredPartitions::new(Arc::clone(&layer.file), layer.header.lines.clone());
            shufflers.extend(dealt_out(&blocks, &codes.of_layer(&layer.header, numbers), own.shuffled.text(), &shuffle)?);
        }
        let (lines, _) = Shuffled::new(shufflers, same(context), own.shuffled.shop_hashes().to_vec(), own.shuffled.text())?;
        let places_before = gone.iter().map(|label| place_of(label, &labels)).collect();
        let places = (0..labels.len() as u32).map(|place| 2 * place + 1).collect();
        Ok(Ok(Before { as_of: self.as_of, lines, is_new, places, places_before, values, refunds }))
    }
}

/// The values of layers that the run does not have. Items are left out: what differs by item alone is not compared.
fn past_values<'h>(own: &FinalCodes<'_>, headers: impl Iterator<Item = &'h Header>) -> PastValues {
    let mut found: [BTreeSet<OwnedId>; 4] = Default::default();
    for Header { dictionaries: stored, .. } in headers {
        let of_kinds = [
            (&stored.channels, &own.channels),
            (&stored.provinces, &own.provinces),
            (&stored.promotions, &own.promotions),
            (&stored.categories, &own.categories),
        ];
        for (found, (values, codes)) in found.iter_mut().zip(of_kinds) {
            found.extend(values.iter().filter(|(_, value)| !codes.contains_key(&value.id())).map(|(_, value)| OwnedId::from(value.id())));
        }
    }
    let [channels, provinces, promotions, categories] = found;
    let texts = |ids: BTreeSet<OwnedId>| {
        let text = |id: OwnedId| if let OwnedId::Text(text) = id { Some(text.into_string()) } else { None };
        ids.into_iter().filter_map(text).collect()
    };
    let categories = categories.into_iter().collect();
    PastValues { channels: texts(channels), provinces: texts(provinces), promotions: texts(promotions), categories }
}

/// The place of a label among files whose labels ascend and have the odd places: its own, or the even one before those that come later.
fn place_of(label: &str, labels: &[&str]) -> u32 {
    let at = labels.partition_point(|own| by_name(own, label).is_lt()) as u32;
    if labels.get(at as usize) == Some(&label) { 2 * at + 1 } else { 2 * at }
}

/// Final codes as they are: dealt out lines have them already.
fn same(context: &Context) -> Ranks {
    let codes = |codes: usize| (0..codes as u32).collect::<Vec<u32>>();
    Ranks {
        shops: codes(context.shops.len()),
        channels: codes(context.channels.codes()),
        provinces: codes(context.provinces.codes()),
        categories: codes(context.category_ids.len() + 1),
        items: codes(context.item_ids.len() + 1),
        promotions: codes(context.promotions.codes()),
        titles: Vec::new(),
    }
}

/// The final codes of the run by their values.
struct FinalCodes<'a> {
    shops: HashMap<Id<'a>, u32>,
    channels: HashMap<Id<'a>, u32>,
    provinces: HashMap<Id<'a>, u32>,
    categories: HashMap<Id<'a>, u32>,
    items: HashMap<Id<'a>, u32>,
    promotions: HashMap<Id<'a>, u32>,
}

impl<'a> FinalCodes<'a> {
    fn of(context: &'a Context) -> FinalCodes<'a> {
        let texts = |dictionary: &'a Dictionary| {
            (1..dictionary.codes() as u32).filter_map(|code| Some((Id::Text(dictionary.value(code)?), code))).collect()
        };
        let ids = |ids: &'a [OwnedId]| ids.iter().map(OwnedId::id).zip(1..).collect();
        let shops = (0..context.shops.len() as u32).filter_map(|code| Some((context.shops.id(code)?, code))).collect();
        FinalCodes {
            shops,
            channels: texts(&context.channels),
            provinces: texts(&context.provinces),
            categories: ids(&context.category_ids),
            items: ids(&context.item_ids),
            promotions: texts(&context.promotions),
        }
    }

    /// What the codes of a layer are in this run. Items that only the snapshot before had have none, and its lines are those of no item; those of
    /// its shops are left out.
    fn of_layer(&self, header: &Header, files: Vec<u32>) -> StoredCodes {
        let find = |values: &[(u32, OwnedId)], codes: &HashMap<Id<'a>, u32>| {
            values.iter().filter_map(|(stored, value)| Some((*stored, *codes.get(&value.id())?))).collect()
        };
        let stored = &header.dictionaries;
        let shop = |(code, value): &(u32, OwnedId)| Some((*code, (*self.shops.get(&value.id())?, id_hash(value.id()))));
        StoredCodes {
            shops: stored.shops.iter().filter_map(shop).collect(),
            channels: find(&stored.channels, &self.channels),
            provinces: find(&stored.provinces, &self.provinces),
            categories: find(&stored.categories, &self.categories),
            items: find(&stored.items, &self.items),
            promotions: find(&stored.promotions, &self.promotions),
            titles: HashMap::new(),
            files,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_gone_has_a_place_between_those_that_are_there() {
        let labels = ["b", "d"];
        assert_eq!(["a", "b", "c", "d", "e"].map(|label| place_of(label, &labels)), [0, 1, 2, 3, 4]);
    }
}
