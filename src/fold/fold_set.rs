//! Fold set: folds that are shown the same histories, each at its pace.

use super::shop_buffer::ShopBuffers;
use super::spec::{AnyFold, Pace, Parts, Running};
use crate::history::histories::Histories;
use crate::history::{Context, History, Inquiry};

/// A fold that is running, with its declaration.
pub(super) struct Started {
    pub spec: &'static dyn AnyFold,
    pub fold: Box<dyn Running>,
}

/// Folds over the shops of a context.
pub(super) struct FoldSet {
    as_they_come: Vec<Started>,
    by_shop: Vec<Started>,
    /// Customers who are not yet added to the folds by shop.
    buffers: ShopBuffers,
}

impl FoldSet {
    /// Empty folds.
    pub fn start(specs: &[&'static dyn AnyFold], context: &Context, parts: &Parts) -> Self {
        let start = |spec: &&'static dyn AnyFold| Started { spec: *spec, fold: spec.start(context, parts) };
        let of = |pace: Pace| specs.iter().filter(|spec| spec.pace() == pace).map(start).collect();
        FoldSet { as_they_come: of(Pace::AsTheyCome), by_shop: of(Pace::ByShop), buffers: ShopBuffers::new(context) }
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
            self.all_mut().filter(|started| started.fold.counts_anonymous_orders()).for_each(|started| started.fold.update(history));
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

    /// Shows a customer who asked and has no order to the folds that take the customers as they come.
    pub fn update_inquirer(&mut self, shop: u32, inquiries: &[Inquiry]) {
        self.as_they_come.iter_mut().for_each(|started| started.fold.update_inquirer(shop, inquiries));
    }

    /// Adds all buffered customers to the folds by shop.
    pub fn flush(&mut self) {
        self.buffers.shops().for_each(|buffer| flush(&mut self.by_shop, buffer));
    }
}

/// Updates one fold after the other with the customers of a buffer, and clears it.
fn flush(folds: &mut [Started], buffer: &mut Histories) {
    folds.iter_mut().for_each(|started| started.fold.update_all(buffer));
    buffer.clear();
}
