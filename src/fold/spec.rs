//! What a fold is called, and how it is started: what a table names when it says what it reads.

use std::any::Any;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;

use super::shop_buffer::ShopBuffer;
use crate::error::Result;
use crate::history::{Context, Fold, History};

/// In which order a fold meets the customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Many of one shop after the other: the counters of a shop stay in the cache of a processor. The order among them is open.
    ByShop,
    /// As the buckets have them, ascending by (shop, customer id) within each.
    AsTheyCome,
}

/// A fold by its name. Tables declare by it what they read, and ask by it for the result.
pub struct FoldSpec<F: 'static> {
    /// The name, which states carry; it is never given to another fold.
    pub name: &'static str,
    /// Raised when the meaning or the columns of the state change.
    pub version: u32,
    /// In which order it meets the customers.
    pub pace: Pace,
    /// An empty fold, which gathers those of its parts that somebody reads.
    pub new: fn(&Context, &Parts) -> F,
}

/// A part of a fold that is gathered only where somebody reads it.
pub struct FoldPart {
    /// The name: that of the fold, a dot, what the part is.
    pub name: &'static str,
    /// The fold.
    pub of: &'static dyn AnyFold,
}

/// Parts of folds that somebody reads.
#[derive(Default, Clone)]
pub struct Parts(Vec<&'static str>);

impl Parts {
    /// Adds a part.
    pub fn add(&mut self, part: &FoldPart) {
        if !self.has(part) {
            self.0.push(part.name);
        }
    }

    /// Whether somebody reads that part.
    pub fn has(&self, part: &FoldPart) -> bool {
        self.0.contains(&part.name)
    }

    /// Their names.
    pub fn names(&self) -> &[&'static str] {
        &self.0
    }
}

/// A [`FoldSpec`], whatever its fold.
pub trait AnyFold: Sync {
    /// See [`FoldSpec::name`].
    fn name(&self) -> &'static str;
    /// See [`FoldSpec::version`].
    fn version(&self) -> u32;
    /// See [`FoldSpec::pace`].
    fn pace(&self) -> Pace;
    /// An empty fold.
    fn start(&self, context: &Context, parts: &Parts) -> Box<dyn Running>;
}

impl<F: Fold + Sync + 'static> AnyFold for FoldSpec<F> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn pace(&self) -> Pace {
        self.pace
    }

    fn start(&self, context: &Context, parts: &Parts) -> Box<dyn Running> {
        Box::new((self.new)(context, parts))
    }
}

/// A fold that runs, whatever it gathers.
pub trait Running: Send {
    /// See [`Fold::update`].
    fn update(&mut self, history: &History<'_>);
    /// Takes in all customers of a buffer: one virtual call for many of them.
    fn update_all(&mut self, buffer: &ShopBuffer);
    /// See [`Fold::state`].
    fn state(&mut self) -> Result<Vec<RecordBatch>>;
    /// See [`Fold::merge`].
    fn merge(&mut self, state: &[RecordBatch]) -> Result<()>;
    /// The fold as who reads it asks for it: behind its own type.
    fn finished(self: Box<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<F: Fold + Sync + 'static> Running for F {
    fn update(&mut self, history: &History<'_>) {
        Fold::update(self, history);
    }

    fn update_all(&mut self, buffer: &ShopBuffer) {
        buffer.histories().for_each(|history| Fold::update(self, &history));
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        Fold::state(self)
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        Fold::merge(self, state)
    }

    fn finished(self: Box<Self>) -> Arc<dyn Any + Send + Sync> {
        Arc::from(self as Box<dyn Any + Send + Sync>)
    }
}
