//! What a snapshot read of the refunds: the files that are as they were, and what its state kept of the others.

use std::sync::Arc;

use hashbrown::HashMap;

use super::identity::{file_key, key_of, of_decoded};
use super::inputs_layer::InputsLayer;
use super::prior::Prior;
use crate::input::declared::columns::{REFUNDS, ROW};
use crate::input::mapping::dataset::Dataset;
use crate::input::parquet_files::open_file::{ColumnSource, OpenFile};
use crate::input::records::refunds_then::Then;
use crate::input::rows::decoded::StoredBatch;
use crate::input::rows::past_files::PastFile;
use crate::nightly::plan::Plan;
use crate::nightly::rows_read::are_read;
use crate::publish::Manifest;

/// What a snapshot read of the refunds; `None` where the run reads none. Of a file that was written anew and of which nothing was kept, what stands
/// in it now is taken for what stood in it; one that is gone then had nothing.
pub fn refunds_then(plan: &Plan, before: &Manifest, prior: &Prior) -> Option<Then> {
    let dataset = plan.datasets.get(REFUNDS.name).filter(|_| are_read(plan, REFUNDS.name) && !plan.restores)?;
    let input = before.inputs.iter().find(|input| input.name == REFUNDS.name);
    let files = input.map_or(&[][..], |input| &input.files);
    let keys: HashMap<String, usize> = dataset.files.iter().map(file_key).zip(0..).collect();
    let labels: HashMap<&str, usize> = dataset.files.iter().map(|file| file.file.label.as_str()).zip(0..).collect();
    let mut then = Then { end: prior.end, places: vec![None; dataset.files.len()], gone: Vec::new() };
    let (mut kept, mut first_row) = (None, 0);
    for (place, file) in (0..).zip(files) {
        let key = key_of(&file.path, &file.fingerprint, if has_numbers(dataset) { first_row } else { 0 });
        let begins = first_row;
        first_row += file.rows;
        if file.rows == 0 {
            continue;
        }
        if let Some(at) = keys.get(&key) {
            then.places[*at] = Some(place);
            continue;
        }
        let kept = kept.get_or_insert_with(|| Kept::of(dataset, &of_decoded(plan, dataset), &prior.inputs));
        if let Some(batches) = kept.batches(&key, file.rows) {
            then.gone.push((place, PastFile { label: file.path.clone(), first_row: begins, batches }));
            continue;
        }
        // One that was renamed is the same by its contents.
        let renamed = dataset.files.iter().position(|own| own.fingerprint == file.fingerprint && !follows_from_its_place(own));
        if let Some(known) = renamed.or_else(|| labels.get(file.path.as_str()).copied()).and_then(|at| then.places.get_mut(at)) {
            *known = known.or(Some(place));
        }
    }
    Some(then)
}

/// Whether a column has the numbers of the rows of the input.
fn has_numbers(dataset: &Dataset) -> bool {
    dataset.spec.columns.values().any(|written| written == ROW)
}

/// Whether a column of a file follows from its name or its place among the others.
fn follows_from_its_place(file: &OpenFile) -> bool {
    file.sources.iter().any(|source| matches!(source, ColumnSource::Partition(_) | ColumnSource::Row(_)))
}

/// Batches by the key of their file, and by what decided how it was decoded.
struct Kept<'a> {
    files: HashMap<&'a str, Vec<(&'a str, StoredBatch)>>,
    /// How the run decodes.
    identity: String,
}

impl<'a> Kept<'a> {
    fn of(dataset: &Dataset, identity: &str, layers: &'a [Arc<InputsLayer>]) -> Kept<'a> {
        let mut files: HashMap<&str, Vec<(&str, StoredBatch)>> = HashMap::new();
        for layer in layers {
            for input in layer.header.inputs.iter().filter(|input| input.name == dataset.input.name) {
                for file in &input.files {
                    let batches = file.batches.iter().map(|batch| StoredBatch { file: Arc::clone(&layer.file), batch: *batch });
                    files.entry(&file.key).or_default().extend(batches.map(|batch| (input.identity.as_str(), batch)));
                }
            }
        }
        Kept { files, identity: identity.to_owned() }
    }

    /// The batches of a file of so many rows; `None` where some are missing, or where it is not known how they were decoded.
    fn batches(&self, key: &str, rows: u64) -> Option<Vec<StoredBatch>> {
        let all = self.files.get(key)?;
        let (first, _) = all.first()?;
        // Columns that were wanted since change no row.
        let is_one = all.iter().all(|(identity, _)| identity == first);
        let identity = if is_one { first } else { self.identity.as_str() };
        let of_identity = all.iter().filter(|(own, _)| *own == identity).map(|(_, batch)| batch.clone());
        let mut batches: Vec<StoredBatch> = of_identity.collect();
        batches.sort_by_key(|stored| stored.batch.first_row);
        let mut next = 0;
        for StoredBatch { batch, .. } in &batches {
            if batch.first_row != next {
                return None;
            }
            next += u64::from(batch.rows);
        }
        (next == rows).then_some(batches)
    }
}
