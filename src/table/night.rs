//! The night: the data from which the tables of a run are made, and the declarations of what they read.

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

/// An input that was read, with its ledger.
#[derive(Debug)]
pub struct InputAccount {
    /// The input.
    pub name: &'static str,
    /// Its files, in the order of the ledger.
    pub files: Vec<InputFile>,
    /// The ledger of their rows.
    pub ledger: Ledger,
}

/// The data from which the tables of a run are made: results of folds, small inputs, and results that several tables share.
pub struct Night {
    /// As-of date, parameters, dictionaries.
    pub context: Arc<Context>,
    /// The small inputs.
    pub facts: Arc<Facts>,
    /// The requests of the job.
    pub request: Request,
    /// The inputs: orders first, then the others in the order of their names.
    pub inputs: Vec<InputAccount>,
    folds: Gathered,
    shared: RefCell<BTreeMap<&'static str, Arc<dyn Any + Send + Sync>>>,
    /// The names of all folds and shared results that were read.
    asked: RefCell<BTreeSet<&'static str>>,
}

impl Night {
    /// A night without any table made.
    pub fn new(context: Arc<Context>, facts: Arc<Facts>, request: Request, folds: Gathered) -> Self {
        Night { context, facts, request, inputs: Vec::new(), folds, shared: RefCell::default(), asked: RefCell::default() }
    }

    /// The result of a fold.
    ///
    /// # Errors
    /// [`Error::Bug`] where no table of this run declares to read the fold.
    pub fn fold<F: Send + Sync + 'static>(&self, spec: &FoldSpec<F>) -> Result<Arc<F>> {
        self.asked.borrow_mut().insert(spec.name);
        self.folds.get(spec)
    }

    /// The same for the only reader of a fold, which consumes it.
    ///
    /// # Errors
    /// As for [`Night::fold`], and where another reader still holds the fold.
    pub fn take_fold<F: Send + Sync + 'static>(&self, spec: &FoldSpec<F>) -> Result<F> {
        self.asked.borrow_mut().insert(spec.name);
        self.folds.take(spec)
    }

    /// A shared result, made at first use.
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

    /// A shared result, if the job requests it.
    ///
    /// # Errors
    /// As for [`Night::shared`].
    pub fn if_requested<T: Send + Sync + 'static>(&self, shared: &'static Shared<T>) -> Result<Option<Arc<T>>> {
        self.asked.borrow_mut().insert(shared.name);
        if has(shared, &self.request) { self.shared(shared).map(Some) } else { Ok(None) }
    }

    /// The names of all folds and shared results that were read.
    pub fn asked(&self) -> BTreeSet<&'static str> {
        self.asked.borrow().clone()
    }
}

/// One thing that a table or a shared result reads.
#[derive(Clone, Copy)]
pub enum Read {
    /// A fold.
    Fold(&'static dyn AnyFold),
    /// A part of a fold, and the fold.
    Part(&'static FoldPart),
    /// A shared result. A table is not built if it reads one that the job does not request.
    Shared(&'static dyn AnyShared),
    /// A shared result if the job requests it; without it the table is built all the same.
    IfRequested(&'static dyn AnyShared),
}

/// A result that several tables read, made at first use.
pub struct Shared<T: 'static> {
    /// The name.
    pub name: &'static str,
    /// The reason why a job with these requests does not have it, as skipped tables show it; `None` if it has.
    pub not_requested: fn(&Request) -> Option<&'static str>,
    /// What it reads, in a job with these requests.
    pub reads: fn(&Request) -> Vec<Read>,
    /// Makes it.
    pub make: fn(&Night) -> Result<T>,
}

/// For shared results that every job has.
pub fn always(_request: &Request) -> Option<&'static str> {
    None
}

/// A [`Shared`] of any result.
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
    /// Those of what it reads.
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

/// The reason why a job does not request what these reads need, directly or through shared results; `None` if it requests all.
pub fn not_requested(reads: &[Read], request: &Request) -> Option<&'static str> {
    reads.iter().find_map(|read| match read {
        Read::Shared(shared) => shared.not_requested(request).or_else(|| not_requested(&shared.reads(request), request)),
        Read::Fold(_) | Read::Part(_) | Read::IfRequested(_) => None,
    })
}

/// Whether the job requests a shared result and all that it needs.
pub fn has(shared: &'static dyn AnyShared, request: &Request) -> bool {
    not_requested(&[Read::Shared(shared)], request).is_none()
}
