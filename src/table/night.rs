//! The night: all that the tables of a run are made of, and what they may read of it.

use std::any::Any;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::request::Request;
use crate::error::{Error, Result};
use crate::fold::folds::Gathered;
use crate::fold::spec::{AnyFold, FoldPart, FoldSpec};
use crate::history::Context;
use crate::input::facts::Facts;
use crate::input::ledger::Ledger;

/// A file of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// The file, as the job names it.
    pub label: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// An input that was read, and what became of its rows.
#[derive(Debug)]
pub struct InputAccount {
    /// The input.
    pub name: &'static str,
    /// Its files, in the order of the ledger.
    pub files: Vec<InputFile>,
    /// What became of their rows.
    pub ledger: Ledger,
}

/// All that the tables of a run are made of: what its folds gathered, the small inputs, and results that several tables share.
pub struct Night {
    /// As-of date, parameters, dictionaries.
    pub context: Arc<Context>,
    /// The small inputs.
    pub facts: Arc<Facts>,
    /// What the job requests.
    pub request: Request,
    /// The inputs: orders first, then the others in the order of their names.
    pub inputs: Vec<InputAccount>,
    folds: Gathered,
    shared: RefCell<BTreeMap<&'static str, Arc<dyn Any + Send + Sync>>>,
    /// The names of all folds and shared results that somebody asked for.
    asked: RefCell<BTreeSet<&'static str>>,
}

impl Night {
    /// A night of which no table is made yet.
    pub fn new(context: Arc<Context>, facts: Arc<Facts>, request: Request, folds: Gathered) -> Self {
        Night { context, facts, request, inputs: Vec::new(), folds, shared: RefCell::default(), asked: RefCell::default() }
    }

    /// What a fold gathered.
    ///
    /// # Errors
    /// [`Error::Bug`] where the table that asks does not declare to read the fold.
    pub fn fold<F: Send + Sync + 'static>(&self, spec: &FoldSpec<F>) -> Result<Arc<F>> {
        self.asked.borrow_mut().insert(spec.name);
        self.folds.get(spec)
    }

    /// The same for the only reader of a fold, who uses it up.
    ///
    /// # Errors
    /// As for [`Night::fold`], and where another reader still holds the fold.
    pub fn take_fold<F: Send + Sync + 'static>(&self, spec: &FoldSpec<F>) -> Result<F> {
        self.asked.borrow_mut().insert(spec.name);
        self.folds.take(spec)
    }

    /// A shared result, made when it is first asked for.
    ///
    /// # Errors
    /// Those of making it.
    pub fn shared<T: Send + Sync + 'static>(&self, shared: &'static Shared<T>) -> Result<Arc<T>> {
        self.asked.borrow_mut().insert(shared.name);
        let known = self.shared.borrow().get(shared.name).cloned();
        let result = match known {
            Some(known) => known,
            None => {
                let made = AnyShared::make(shared, self)?;
                self.shared.borrow_mut().insert(shared.name, Arc::clone(&made));
                made
            }
        };
        result.downcast().map_err(|_| Error::bug(format!("two shared results are called `{}`", shared.name)))
    }

    /// A shared result where the job requests it.
    ///
    /// # Errors
    /// As for [`Night::shared`].
    pub fn if_requested<T: Send + Sync + 'static>(&self, shared: &'static Shared<T>) -> Result<Option<Arc<T>>> {
        self.asked.borrow_mut().insert(shared.name);
        if (shared.not_requested)(&self.request).is_some() { Ok(None) } else { self.shared(shared).map(Some) }
    }

    /// The names of all folds and shared results that somebody asked for.
    pub fn asked(&self) -> BTreeSet<&'static str> {
        self.asked.borrow().clone()
    }
}

/// One thing that a table or a shared result reads.
#[derive(Clone, Copy)]
pub enum Read {
    /// A fold.
    Fold(&'static dyn AnyFold),
    /// A part of a fold, and with it the fold.
    Part(&'static FoldPart),
    /// A shared result. A table that reads one which the job does not request is not built.
    Shared(&'static dyn AnyShared),
    /// A shared result where the job requests it; the table does without it elsewhere.
    IfRequested(&'static dyn AnyShared),
}

/// A result that several tables read, made when the first of them asks for it.
pub struct Shared<T: 'static> {
    /// The name.
    pub name: &'static str,
    /// Why a job that requests this does not have it, as a table that is skipped says it; `None` where it has.
    pub not_requested: fn(&Request) -> Option<&'static str>,
    /// What it is made of, in a job that requests this.
    pub reads: fn(&Request) -> Vec<Read>,
    /// Makes it.
    pub make: fn(&Night) -> Result<T>,
}

/// Every job has it.
pub fn always(_request: &Request) -> Option<&'static str> {
    None
}

/// A [`Shared`], whatever its result.
pub trait AnyShared: Sync {
    /// See [`Shared::name`].
    fn name(&self) -> &'static str;
    /// See [`Shared::not_requested`].
    fn not_requested(&self, request: &Request) -> Option<&'static str>;
    /// See [`Shared::reads`].
    fn reads(&self, request: &Request) -> Vec<Read>;
    /// Makes it.
    ///
    /// # Errors
    /// Those of what it is made of.
    fn make(&self, night: &Night) -> Result<Arc<dyn Any + Send + Sync>>;
}

impl<T: Send + Sync> AnyShared for Shared<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn not_requested(&self, request: &Request) -> Option<&'static str> {
        (self.not_requested)(request)
    }

    fn reads(&self, request: &Request) -> Vec<Read> {
        (self.reads)(request)
    }

    fn make(&self, night: &Night) -> Result<Arc<dyn Any + Send + Sync>> {
        Ok(Arc::new((self.make)(night)?))
    }
}
