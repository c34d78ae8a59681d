//! The folds of a run as one, and their results.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;
use rayon::prelude::*;

use super::codes::{CodeOf, recoded};
use super::fold_set::FoldSet;
use super::scope_set::ScopeSet;
use super::selection::Selection;
use super::shared_folds::SharedFolds;
use super::spec::{FoldSpec, Pace, Running, ScopedFold};
use super::started::Started;
use crate::error::{Error, Result};
use crate::history::{Context, Fold, History, Inquiry};

/// The metadata key of a batch's schema that names the fold of the state.
const FOLD: &str = "fold";
/// The metadata key with the version of that fold.
const VERSION: &str = "version";
/// The metadata key with all folds of the process that made the state.
const FOLDS: &str = "folds";

/// All folds of a selection. In states of folds over scopes, codes of shops are said to be codes of scopes, which they are.
///
/// Folds over scopes need all that a person bought: of several that share out the customers, or of several processes, each must have whole
/// people.
pub struct Folds {
    of_shops: FoldSet,
    of_scopes: Option<ScopeSet>,
    /// The parts of folds that are computed.
    parts: Vec<&'static str>,
}

impl Folds {
    /// Empty folds.
    pub fn start(context: &Context, selection: &Selection) -> Self {
        let of_shops: Vec<_> = selection.folds().filter(|spec| !spec.is_scoped()).collect();
        Folds {
            of_shops: FoldSet::start(&of_shops, context, &selection.parts),
            of_scopes: ScopeSet::start(context, selection),
            parts: selection.parts.names().to_vec(),
        }
    }

    /// The folds by shop of a selection, empty, for all threads of a run.
    pub fn shared(context: &Context, selection: &Selection) -> Arc<SharedFolds> {
        let by_shop: Vec<_> = selection.folds().filter(|spec| !spec.is_scoped() && spec.pace() == Pace::ByShop).collect();
        Arc::new(SharedFolds::start(&by_shop, context, &selection.parts))
    }

    /// The same folds, which add what they count by shop to folds that all threads share.
    #[must_use]
    pub fn beside(self, shared: Option<Arc<SharedFolds>>) -> Self {
        Folds { of_shops: self.of_shops.beside(shared), ..self }
    }

    /// Adds what all threads counted in shared folds, to which none adds any more.
    ///
    /// # Errors
    /// Those of the folds.
    pub fn take_in(&mut self, shared: Option<Arc<SharedFolds>>) -> Result<()> {
        shared.map_or(Ok(()), |shared| self.of_shops.take_in(shared))
    }

    fn all(&self) -> impl Iterator<Item = &Started> {
        self.of_shops.all().chain(self.of_scopes.iter().flat_map(ScopeSet::all))
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut Started> {
        self.of_shops.all_mut().chain(self.of_scopes.iter_mut().flat_map(ScopeSet::all_mut))
    }

    /// The folds with their versions, `activity 1`, in the order of their names.
    pub fn names_and_versions(&self) -> Vec<String> {
        let mut names: Vec<String> = self.all().map(|started| format!("{} {}", started.spec.name(), started.spec.version())).collect();
        names.sort_unstable();
        names
    }

    /// The parts of folds that are computed, in the order of their names.
    pub fn parts(&self) -> Vec<&'static str> {
        let mut parts = self.parts.clone();
        parts.sort_unstable();
        parts
    }

    /// The batches that `take` takes from each fold, labelled so that [`Folds::merge`] finds their fold.
    fn labelled(&mut self, take: impl Fn(&mut dyn Running) -> Result<Vec<RecordBatch>>) -> Result<Vec<RecordBatch>> {
        let mut taken = Vec::new();
        for Started { spec, fold } in self.all_mut() {
            taken.extend(take(fold.as_mut())?.into_iter().map(|batch| (*spec, batch)));
        }
        // Most threads have nothing to hand over after most buckets.
        if taken.is_empty() {
            return Ok(Vec::new());
        }
        let folds = self.names_and_versions().join(", ");
        let labelled = taken.into_iter().map(|(spec, batch)| {
            let batch = if spec.is_scoped() { recoded(&batch, CodeOf::Shop, CodeOf::Scope)? } else { batch };
            let mut metadata = batch.schema().metadata().clone();
            metadata.insert(FOLD.to_owned(), spec.name().to_owned());
            metadata.insert(VERSION.to_owned(), spec.version().to_string());
            metadata.insert(FOLDS.to_owned(), folds.clone());
            let schema = Schema::new(batch.schema().fields().clone()).with_metadata(metadata);
            Ok(batch.with_schema(Arc::new(schema))?)
        });
        labelled.collect()
    }

    /// The folds with all that they were shown.
    fn into_all(mut self) -> impl Iterator<Item = Started> {
        self.end_bucket();
        self.of_shops.into_all().chain(self.of_scopes.into_iter().flat_map(ScopeSet::into_all))
    }

    /// The results, for tables to read.
    pub fn finish(self) -> Gathered {
        Gathered(self.into_all().map(|Started { spec, fold }| (spec.name(), Mutex::new(Some(Arc::from(fold.into_any()))))).collect())
    }
}

impl Fold for Folds {
    fn update(&mut self, history: &History<'_>) {
        self.of_shops.update(history);
        if let Some(set) = &mut self.of_scopes {
            set.update(history);
        }
    }

    fn update_inquirer(&mut self, shop: u32, inquiries: &[Inquiry]) {
        self.of_shops.update_inquirer(shop, inquiries);
    }

    fn end_bucket(&mut self) {
        if let Some(set) = &mut self.of_scopes {
            set.end_bucket();
        }
    }

    fn flush(&mut self) {
        self.end_bucket();
        self.of_shops.flush();
        self.of_scopes.iter_mut().for_each(ScopeSet::flush);
    }

    fn reads_lines(&self) -> bool {
        self.all().any(|started| started.fold.reads_lines())
    }

    fn reads_item_refunds(&self) -> bool {
        self.all().any(|started| started.fold.reads_item_refunds())
    }

    fn hand_over(&mut self, most: usize) -> Result<Vec<RecordBatch>> {
        self.labelled(|fold| fold.hand_over(most))
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        self.flush();
        self.labelled(|fold| fold.state())
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        let entry =
            |batch: &RecordBatch, name: &str| batch.schema().metadata().get(name).map(|entry| entry.to_string()).unwrap_or_default();
        let own = self.names_and_versions().join(", ");
        if let Some(other) = state.iter().map(|batch| entry(batch, FOLDS)).find(|folds| *folds != own) {
            return Err(Error::bug(format!("a state of the folds `{other}` given to the folds `{own}`")));
        }
        let mut merged = 0;
        for Started { spec, fold } in self.all_mut() {
            let is_own = |batch: &&RecordBatch| entry(batch, FOLD) == spec.name() && entry(batch, VERSION) == spec.version().to_string();
            let of_shops =
                |batch: &RecordBatch| if spec.is_scoped() { recoded(batch, CodeOf::Scope, CodeOf::Shop) } else { Ok(batch.clone()) };
            let own = state.iter().filter(is_own).map(of_shops).collect::<Result<Vec<RecordBatch>>>()?;
            if !own.is_empty() {
                fold.merge(&own)?;
            }
            merged += own.len();
        }
        if merged == state.len() { Ok(()) } else { Err(Error::bug("a state of no fold of this run")) }
    }

    fn absorb(&mut self, other: Folds) -> Result<()> {
        if self.names_and_versions() != other.names_and_versions() {
            return Err(Error::bug("folds of another selection"));
        }
        self.flush();
        // Both are made of one selection, and so in one order.
        let pairs: Vec<(&mut Started, Started)> = self.all_mut().zip(other.into_all()).collect();
        pairs.into_par_iter().with_max_len(1).try_for_each(|(own, other)| own.fold.absorb(other.fold))
    }
}

/// The results of the folds of a run.
#[derive(Default)]
pub struct Gathered(BTreeMap<&'static str, Mutex<Option<AnyResult>>>);

/// The result of any fold.
type AnyResult = Arc<dyn Any + Send + Sync>;

impl Gathered {
    /// Adds the result of a fold.
    #[cfg(test)]
    pub fn and<F: Send + Sync + 'static>(mut self, spec: &FoldSpec<F>, fold: F) -> Self {
        self.0.insert(spec.name, Mutex::new(Some(Arc::new(fold))));
        self
    }

    /// The result of a fold.
    ///
    /// # Errors
    /// [`Error::Bug`] if the run does not have the fold, because no table declares to read it, or if it was taken.
    pub fn get<F: Send + Sync + 'static>(&self, spec: &FoldSpec<F>) -> Result<Arc<F>> {
        self.named(spec.name)
    }

    /// The result of a fold over scopes.
    ///
    /// # Errors
    /// As for [`Gathered::get`].
    pub fn scoped<F: Send + Sync + 'static>(&self, fold: &ScopedFold<F>) -> Result<Arc<F>> {
        self.named(fold.name)
    }

    /// The same for its only reader, which consumes it.
    ///
    /// # Errors
    /// As for [`Gathered::take`].
    pub fn take_scoped<F: Send + Sync + 'static>(&self, fold: &ScopedFold<F>) -> Result<F> {
        self.take_named(fold.name)
    }

    fn slot(&self, name: &str) -> Option<MutexGuard<'_, Option<AnyResult>>> {
        self.0.get(name).map(|fold| fold.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn named<F: Send + Sync + 'static>(&self, name: &str) -> Result<Arc<F>> {
        let found = self.slot(name).and_then(|fold| fold.clone());
        found.and_then(|fold| fold.downcast().ok()).ok_or_else(|| missing(name))
    }

    /// The same for its only reader, which consumes it, so that its memory is free early.
    ///
    /// # Errors
    /// As for [`Gathered::get`], and where another reader still holds it.
    pub fn take<F: Send + Sync + 'static>(&self, spec: &FoldSpec<F>) -> Result<F> {
        self.take_named(spec.name)
    }

    fn take_named<F: Send + Sync + 'static>(&self, name: &str) -> Result<F> {
        let found = self.slot(name).and_then(|mut fold| fold.take());
        let fold = found.and_then(|fold| fold.downcast().ok()).ok_or_else(|| missing(name))?;
        Arc::try_unwrap(fold).map_err(|_| Error::bug(format!("the fold `{name}` is taken while others read it")))
    }
}

fn missing(name: &str) -> Error {
    Error::bug(format!("the fold `{name}` is read by somebody who did not declare it, or was taken before"))
}
