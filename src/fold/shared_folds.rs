//! Shared folds: the folds by shop of a run over many shops, which all threads add to. What they count of a shop and day is in memory once,
//! whatever the number of threads: of thousands of shops the days take more memory than the orders do.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::spec::{AnyFold, Parts};
use super::started::Started;
use crate::error::Result;
use crate::history::histories::Histories;
use crate::history::{Context, History};

/// Shops from which threads share their folds: with fewer, what each thread counts for itself stays in the cache of its processor.
const FROM_SHOPS: usize = 256;

/// Into so many sets the shops are dealt out, each of which one thread adds to at a time.
const SETS: usize = 64;

/// The folds by shop, for the shops of each set apart.
pub struct SharedFolds(Vec<Mutex<Vec<Started>>>);

impl SharedFolds {
    /// Whether the shops of a run are so many that its threads should share folds.
    pub fn pay(context: &Context) -> bool {
        context.shops.len() >= FROM_SHOPS
    }

    /// Empty folds.
    pub(super) fn start(specs: &[&'static dyn AnyFold], context: &Context, parts: &Parts) -> Self {
        let set = || specs.iter().map(|spec| Started::start(*spec, context, parts)).collect();
        SharedFolds((0..SETS).map(|_| Mutex::new(set())).collect())
    }

    /// Shows customers of a shop to one fold after the other.
    pub(super) fn update_all(&self, shop: u32, customers: &Histories) {
        self.each(shop, |started| started.fold.update_all(customers));
    }

    /// Shows orders that name no customer to the folds that count them.
    pub(super) fn update_anonymous(&self, history: &History<'_>) {
        self.each(history.shop, |started| started.update_anonymous(history));
    }

    fn each(&self, shop: u32, update: impl FnMut(&mut Started)) {
        if let Some(set) = self.0.get(shop as usize % SETS) {
            set.lock().unwrap_or_else(PoisonError::into_inner).iter_mut().for_each(update);
        }
    }

    /// Adds all that was counted to the same folds of one thread. One set after the other is emptied, so that little is in memory twice.
    ///
    /// # Errors
    /// Those of the folds.
    pub(super) fn add_to(self, folds: &mut [Started]) -> Result<()> {
        let mut by_fold: Vec<Vec<Started>> = folds.iter().map(|_| Vec::new()).collect();
        for set in self.0 {
            let set = set.into_inner().unwrap_or_else(PoisonError::into_inner);
            by_fold.iter_mut().zip(set).for_each(|(sets, fold)| sets.push(fold));
        }
        folds.par_iter_mut().zip(by_fold).try_for_each(|(own, sets)| sets.into_iter().try_for_each(|set| own.fold.absorb(set.fold)))
    }
}
