//! The folds of a run as one, and their results.

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;

use super::selection::Selection;
use super::shop_buffer::{ShopBuffer, ShopBuffers};
use super::spec::{AnyFold, FoldSpec, Pace, Running};
use crate::error::{Error, Result};
use crate::history::{Context, Fold, History};

/// The metadata key of a batch's schema that names the fold of the state.
const FOLD: &str = "fold";
/// The metadata key with the version of that fold.
const VERSION: &str = "version";
/// The metadata key with all folds of the process that made the state.
const FOLDS: &str = "folds";

/// All folds of a selection.
pub struct Folds {
    as_they_come: Vec<Started>,
    by_shop: Vec<Started>,
    /// Customers who are not yet added to the folds by shop.
    buffers: ShopBuffers,
    /// The parts of folds that are computed.
    parts: Vec<&'static str>,
}

struct Started {
    spec: &'static dyn AnyFold,
    fold: Box<dyn Running>,
}

impl Folds {
    /// Empty folds.
    pub fn start(context: &Context, selection: &Selection) -> Self {
        let start = |spec: &'static dyn AnyFold| Started { spec, fold: spec.start(context, &selection.parts) };
        let of = |pace: Pace| selection.folds().filter(|spec| spec.pace() == pace).map(start).collect();
        let parts = selection.parts.names().to_vec();
        Folds { as_they_come: of(Pace::AsTheyCome), by_shop: of(Pace::ByShop), buffers: ShopBuffers::new(context), parts }
    }

    fn all(&mut self) -> impl Iterator<Item = &mut Started> {
        self.as_they_come.iter_mut().chain(&mut self.by_shop)
    }

    /// The folds with their versions, `activity 1`, in the order of their names.
    pub fn names_and_versions(&self) -> Vec<String> {
        let all = self.as_they_come.iter().chain(&self.by_shop);
        let mut names: Vec<String> = all.map(|started| format!("{} {}", started.spec.name(), started.spec.version())).collect();
        names.sort_unstable();
        names
    }

    /// The parts of folds that are computed, in the order of their names.
    pub fn parts(&self) -> Vec<&'static str> {
        let mut parts = self.parts.clone();
        parts.sort_unstable();
        parts
    }

    /// Adds all buffered customers to the folds by shop.
    fn flush(&mut self) {
        self.buffers.shops().for_each(|buffer| flush(&mut self.by_shop, buffer));
    }

    /// The results, for tables to read.
    pub fn finish(mut self) -> Gathered {
        self.flush();
        let all = self.as_they_come.into_iter().chain(self.by_shop);
        Gathered(all.map(|Started { spec, fold }| (spec.name(), RefCell::new(Some(fold.finished())))).collect())
    }
}

/// Updates one fold after the other with the customers of a buffer, and clears it.
fn flush(folds: &mut [Started], buffer: &mut ShopBuffer) {
    folds.iter_mut().for_each(|started| started.fold.update_all(buffer));
    buffer.clear();
}

impl Fold for Folds {
    fn update(&mut self, history: &History<'_>) {
        if history.is_anonymous {
            self.all().filter(|started| started.fold.counts_anonymous_orders()).for_each(|started| started.fold.update(history));
            return;
        }
        for started in &mut self.as_they_come {
            started.fold.update(history);
        }
        if !self.by_shop.is_empty()
            && let Some(buffer) = self.buffers.push(history)
        {
            flush(&mut self.by_shop, buffer);
        }
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        self.flush();
        let folds = self.names_and_versions().join(", ");
        let mut all = Vec::new();
        for Started { spec, fold } in self.all() {
            for batch in fold.state()? {
                let mut metadata = batch.schema().metadata().clone();
                metadata.insert(FOLD.to_owned(), spec.name().to_owned());
                metadata.insert(VERSION.to_owned(), spec.version().to_string());
                metadata.insert(FOLDS.to_owned(), folds.clone());
                let schema = Schema::new(batch.schema().fields().clone()).with_metadata(metadata);
                all.push(batch.with_schema(Arc::new(schema))?);
            }
        }
        Ok(all)
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        let entry =
            |batch: &RecordBatch, name: &str| batch.schema().metadata().get(name).map(|entry| entry.to_string()).unwrap_or_default();
        let own = self.names_and_versions().join(", ");
        if let Some(other) = state.iter().map(|batch| entry(batch, FOLDS)).find(|folds| *folds != own) {
            return Err(Error::bug(format!("a state of the folds `{other}` given to the folds `{own}`")));
        }
        let mut merged = 0;
        for Started { spec, fold } in self.all() {
            let is_own = |batch: &&RecordBatch| entry(batch, FOLD) == spec.name() && entry(batch, VERSION) == spec.version().to_string();
            let own: Vec<RecordBatch> = state.iter().filter(is_own).cloned().collect();
            merged += own.len();
            fold.merge(&own)?;
        }
        if merged == state.len() { Ok(()) } else { Err(Error::bug("a state of no fold of this run")) }
    }
}

/// The results of the folds of a run.
#[derive(Default)]
pub struct Gathered(BTreeMap<&'static str, RefCell<Option<Arc<dyn Any + Send + Sync>>>>);

impl Gathered {
    /// Adds the result of a fold.
    #[cfg(test)]
    pub fn and<F: Send + Sync + 'static>(mut self, spec: &FoldSpec<F>, fold: F) -> Self {
        self.0.insert(spec.name, RefCell::new(Some(Arc::new(fold))));
        self
    }

    /// The result of a fold.
    ///
    /// # Errors
    /// [`Error::Bug`] if the run does not have the fold, because no table declares to read it, or if it was taken.
    pub fn get<F: Send + Sync + 'static>(&self, spec: &FoldSpec<F>) -> Result<Arc<F>> {
        let found = self.0.get(spec.name).and_then(|fold| fold.borrow().clone());
        found.and_then(|fold| fold.downcast().ok()).ok_or_else(|| missing(spec.name))
    }

    /// The same for its only reader, which consumes it, so that its memory is free early.
    ///
    /// # Errors
    /// As for [`Gathered::get`], and where another reader still holds it.
    pub fn take<F: Send + Sync + 'static>(&self, spec: &FoldSpec<F>) -> Result<F> {
        let found = self.0.get(spec.name).and_then(|fold| fold.borrow_mut().take());
        let fold = found.and_then(|fold| fold.downcast().ok()).ok_or_else(|| missing(spec.name))?;
        Arc::try_unwrap(fold).map_err(|_| Error::bug(format!("the fold `{}` is taken while others read it", spec.name)))
    }
}

fn missing(name: &str) -> Error {
    Error::bug(format!("the fold `{name}` is read by somebody who did not declare it, or was taken before"))
}
