//! The declaration of a fold: its name, version and constructor. Tables name it to declare what they read.

use std::any::Any;

use arrow::record_batch::RecordBatch;

use crate::error::{Error, Result};
use crate::history::histories::Histories;
use crate::history::scopes::ScopeKind;
use crate::history::{Context, Fold, History, Inquiry};

/// The order in which a fold gets the customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Many of one shop in a row: the counters of a shop stay in the cache of a processor. Their order is unspecified.
    ByShop,
    /// In the order of the buckets, ascending by (shop, customer id) within each; with the lines of their orders where the fold reads them,
    /// with what publishers brought, and with what customers asked.
    AsTheyCome,
}

/// The declaration of a fold. Tables name it to declare what they read, and to get the result.
pub struct FoldSpec<F: 'static> {
    /// The name, which states contain; never reused for another fold.
    pub name: &'static str,
    /// Raised when the meaning or the columns of the state change.
    pub version: u32,
    /// The order in which it gets the customers.
    pub pace: Pace,
    /// Makes an empty fold, which computes the parts that some table reads.
    pub new: fn(&Context, &Parts) -> F,
}

/// A fold over scopes: the same fold, shown the histories of people over the shops of a scope, as if the scope were one shop.
pub struct ScopedFold<F: 'static> {
    /// The name, which states contain; never reused for another fold.
    pub name: &'static str,
    /// The fold.
    pub of: &'static FoldSpec<F>,
    /// The scopes that it is shown.
    pub over: ScopeKind,
    /// The parts of the fold that it computes.
    pub parts: &'static [&'static FoldPart],
}

/// A part of a fold that is computed only if some table reads it.
pub struct FoldPart {
    /// The name: that of the fold, a dot, that of the part.
    pub name: &'static str,
    /// The fold.
    pub of: &'static dyn AnyFold,
}

/// Parts of folds that some table reads.
#[derive(Default, Clone)]
pub struct Parts(Vec<&'static str>);

impl Parts {
    /// Adds a part.
    pub fn add(&mut self, part: &FoldPart) {
        if !self.has(part) {
            self.0.push(part.name);
        }
    }

    /// Whether some table reads that part.
    pub fn has(&self, part: &FoldPart) -> bool {
        self.0.contains(&part.name)
    }

    /// Their names.
    pub fn names(&self) -> &[&'static str] {
        &self.0
    }
}

/// A [`FoldSpec`] or a [`ScopedFold`] of any fold.
pub trait AnyFold: Sync {
    /// See [`FoldSpec::name`].
    fn name(&self) -> &'static str;
    /// See [`FoldSpec::version`].
    fn version(&self) -> u32;
    /// See [`FoldSpec::pace`].
    fn pace(&self) -> Pace;
    /// The scopes that it is over; `None` for a fold over shops.
    fn over(&self) -> Option<ScopeKind>;
    /// Whether it is a fold over scopes.
    fn is_scoped(&self) -> bool {
        self.over().is_some()
    }
    /// Makes an empty fold.
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

    fn over(&self) -> Option<ScopeKind> {
        None
    }

    fn start(&self, context: &Context, parts: &Parts) -> Box<dyn Running> {
        Box::new((self.new)(context, parts))
    }
}

impl<F: Fold + Sync + 'static> AnyFold for ScopedFold<F> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn version(&self) -> u32 {
        self.of.version
    }

    fn pace(&self) -> Pace {
        self.of.pace
    }

    fn over(&self) -> Option<ScopeKind> {
        Some(self.over)
    }

    fn start(&self, context: &Context, _: &Parts) -> Box<dyn Running> {
        self.of.start(context, &Parts(self.parts.iter().map(|part| part.name).collect()))
    }
}

/// A running fold of any type.
pub trait Running: Send {
    /// See [`Fold::update`].
    fn update(&mut self, history: &History<'_>);
    /// See [`Fold::update_inquirer`].
    fn update_inquirer(&mut self, shop: u32, inquiries: &[Inquiry]);
    /// See [`Fold::counts_anonymous_orders`].
    fn counts_anonymous_orders(&self) -> bool;
    /// See [`Fold::reads_lines`].
    fn reads_lines(&self) -> bool;
    /// See [`Fold::reads_item_refunds`].
    fn reads_item_refunds(&self) -> bool;
    /// Adds all customers of a buffer: one virtual call for many of them.
    fn update_all(&mut self, buffer: &Histories);
    /// See [`Fold::hand_over`].
    fn hand_over(&mut self, most: usize) -> Result<Vec<RecordBatch>>;
    /// See [`Fold::state`].
    fn state(&mut self) -> Result<Vec<RecordBatch>>;
    /// See [`Fold::merge`].
    fn merge(&mut self, state: &[RecordBatch]) -> Result<()>;
    /// See [`Fold::absorb`]; the other one must be of the same type.
    fn absorb(&mut self, other: Box<dyn Running>) -> Result<()>;
    /// The fold as `Any`, from which others get its own type.
    fn into_any(self: Box<Self>) -> Box<dyn Any + Send + Sync>;
}

impl<F: Fold + Sync + 'static> Running for F {
    fn update(&mut self, history: &History<'_>) {
        Fold::update(self, history);
    }

    fn update_inquirer(&mut self, shop: u32, inquiries: &[Inquiry]) {
        Fold::update_inquirer(self, shop, inquiries);
    }

    fn counts_anonymous_orders(&self) -> bool {
        Fold::counts_anonymous_orders(self)
    }

    fn reads_lines(&self) -> bool {
        Fold::reads_lines(self)
    }

    fn reads_item_refunds(&self) -> bool {
        Fold::reads_item_refunds(self)
    }

    fn update_all(&mut self, buffer: &Histories) {
        buffer.iter().for_each(|history| Fold::update(self, &history));
    }

    fn hand_over(&mut self, most: usize) -> Result<Vec<RecordBatch>> {
        Fold::hand_over(self, most)
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        Fold::state(self)
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        Fold::merge(self, state)
    }

    fn absorb(&mut self, other: Box<dyn Running>) -> Result<()> {
        let other = other.into_any().downcast::<F>().map_err(|_| Error::bug("a fold of another type"))?;
        Fold::absorb(self, *other)
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send + Sync> {
        self
    }
}
