//! The night: all that the tables of a run are made of.

use std::any::Any;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::read::{AnyShared, Request, Shared};
use crate::error::{Error, Result};
use crate::fold::folds::Gathered;
use crate::fold::spec::FoldSpec;
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
    /// [`Error::Defect`] where the table that asks does not declare to read the fold.
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
        result.downcast().map_err(|_| Error::defect(format!("two shared results are called `{}`", shared.name)))
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
