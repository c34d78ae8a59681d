//! Fold set: folds that are shown the same histories, each at its pace.

use std::sync::Arc;

use super::shared_folds::SharedFolds;
use super::shop_buffer::ShopBuffers;
use super::spec::{AnyFold, Pace, Parts};
use super::started::Started;
use crate::error::{Error, Result};
use crate::history::histories::Histories;
use crate::history::{Context, History, Inquiry};

/// Folds over the shops of a context.
pub(super) struct FoldSet {
    as_they_come: Vec<Started>,
    by_shop: Vec<Started>,
    /// Customers who are not yet added to the folds by shop.
    buffers: ShopBuffers,
    /// What they are added to instead of the own folds by shop, where all threads share these.
    shared: Option<Arc<SharedFolds>>,
}

impl FoldSet {
    /// Empty folds.
    pub fn start(specs: &[&'static dyn AnyFold], context: &Context, parts: &Parts) -> Self {
        let start = |spec: &&'static dyn AnyFold| Started::start(*spec, context, parts);
        let of = |pace: Pace| specs.iter().filter(|spec| spec.pace() == pace).map(start).collect();
        FoldSet { as_they_come: of(Pace::AsTheyCome), by_shop: of(Pace::ByShop), buffers: ShopBuffers::new(context), shared: None }
    }

    /// The same, whose customers by shop are added to shared folds.
    pub fn beside(self, shared: Option<Arc<SharedFolds>>) -> Self {
        FoldSet { shared, ..self }
    }

    /// Adds what all threads counted to the own folds.
    ///
    /// # Errors
    /// Those of the folds.
    pub fn take_in(&mut self, shared: Arc<SharedFolds>) -> Result<()> {
        self.flush();
        self.shared = None;
        let shared = Arc::into_inner(shared).ok_or_else(|| Error::bug("folds that a thread still adds to"))?;
        shared.add_to(&mut self.by_shop)
    }

    /// All folds.
    pub fn all(&self) -> impl Iterator<Item = &Started> {
        self.as_they_come.iter().chain(&self.by_shop)
    }

    /// The same, to add to.
    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut Started> {
        self.as_they_come.iter_mut().chain(&mut self.by_shop)
    }

    /// The folds with all that they were shown.
    pub fn into_all(mut self) -> impl Iterator<Item = Started> {
        self.flush();
        self.as_they_come.into_iter().chain(self.by_shop)
    }

    /// Shows a history to the folds; to those by shop when many of its shop are there.
    pub fn update(&mut self, history: &History<'_>) {
        if history.is_anonymous {
            self.as_they_come.iter_mut().for_each(|started| started.update_anonymous(history));
            match &self.shared {
                Some(shared) => shared.update_anonymous(history),
                None => self.by_shop.iter_mut().for_each(|started| started.update_anonymous(history)),
            }
            return;
        }
        for started in &mut self.as_they_come {
            started.fold.update(history);
        }
        if !self.by_shop.is_empty()
            && let Some(buffer) = self.buffers.push(history)
        {
            flush(&mut self.by_shop, self.shared.as_deref(), history.shop, buffer);
        }
    }

    /// Shows a customer who asked and has no order to the folds that take the customers as they come.
    pub fn update_inquirer(&mut self, shop: u32, inquiries: &[Inquiry]) {
        self.as_they_come.iter_mut().for_each(|started| started.fold.update_inquirer(shop, inquiries));
    }

    /// Adds all buffered customers to the folds by shop.
    pub fn flush(&mut self) {
        let FoldSet { by_shop, buffers, shared, .. } = self;
        (0..).zip(buffers.shops()).for_each(|(shop, buffer)| flush(by_shop, shared.as_deref(), shop, buffer));
    }
}

/// Updates one fold after the other with the customers of a shop's buffer, and clears it.
fn flush(folds: &mut [Started], shared: Option<&SharedFolds>, shop: u32, buffer: &mut Histories) {
    match shared {
        Some(_) if buffer.is_empty() => {}
        Some(shared) => shared.update_all(shop, buffer),
        None => folds.iter_mut().for_each(|started| started.fold.update_all(buffer)),
    }
    buffer.clear();
}
