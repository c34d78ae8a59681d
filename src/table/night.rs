//! The night: the data from which the tables of a run are made, and the declarations of what they read.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::request::Request;
use crate::error::{Error, Result};
use crate::fold::folds::Gathered;
use crate::fold::spec::{AnyFold, FoldPart, FoldSpec, ScopedFold};
use crate::history::Context;
use crate::input::records::facts::Facts;
use crate::input::rows::ledger::Ledger;

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
#[derive(Clone)]
pub struct Night {
    /// As-of date, parameters, dictionaries.
    pub context: Arc<Context>,
    /// The small inputs.
    pub facts: Arc<Facts>,
    /// The requests of the job.
    pub request: Request,
    /// The inputs: orders first, then the others in the order of their names.
    pub inputs: Arc<[InputAccount]>,
    results: Arc<Results>,
    /// Who reads: a table or a shared result that is being made. Nobody else is held to a declaration.
    maker: Option<Arc<Maker>>,
}

/// What all who read a night share.
struct Results {
    folds: Gathered,
    shared: Mutex<BTreeMap<&'static str, Arc<dyn Any + Send + Sync>>>,
    /// The names of all folds and shared results that were read.
    asked: Mutex<BTreeSet<&'static str>>,
}

/// What is being made.
struct Maker {
    name: String,
    /// The names of what it declares to read.
    declared: Vec<&'static str>,
}

impl Night {
    /// A night without any table made.
    pub fn new(context: Arc<Context>, facts: Arc<Facts>, request: Request, folds: Gathered) -> Self {
        let results = Arc::new(Results { folds, shared: Mutex::default(), asked: Mutex::default() });
        Night { context, facts, request, inputs: Arc::default(), results, maker: None }
    }

    /// Makes a table or a shared result of a night from which it can read what it declares and nothing else.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn make<T>(&self, name: &str, reads: &[Read], make: impl FnOnce(&Night) -> Result<T>) -> Result<T> {
        let maker = Maker { name: name.to_owned(), declared: reads.iter().map(Read::name).collect() };
        make(&Night { maker: Some(Arc::new(maker)), ..self.clone() })
    }

    /// Notes that something is read, and refuses it where it is not declared.
    fn ask(&self, name: &'static str) -> Result<()> {
        locked(&self.results.asked).insert(name);
        match self.maker.as_deref() {
            Some(Maker { name: maker, declared }) if !declared.contains(&name) => {
                Err(Error::bug(format!("`{maker}` reads `{name}` and does not declare it")))
            }
            _ => Ok(()),
        }
    }

    /// The result of a fold.
    ///
    /// # Errors
    /// [`Error::Bug`] where what is being made does not declare to read the fold.
    pub fn fold<F: Send + Sync + 'static>(&self, spec: &FoldSpec<F>) -> Result<Arc<F>> {
        self.ask(spec.name)?;
        self.results.folds.get(spec)
    }

    /// The result of a fold over scopes.
    ///
    /// # Errors
    /// As for [`Night::fold`].
    pub fn scoped_fold<F: Send + Sync + 'static>(&self, fold: &ScopedFold<F>) -> Result<Arc<F>> {
        self.ask(fold.name)?;
        self.results.folds.scoped(fold)
    }

    /// The same for the only reader of a fold, which consumes it.
    ///
    /// # Errors
    /// As for [`Night::fold`], and where another reader still holds the fold.
    pub fn take_fold<F: Send + Sync + 'static>(&self, spec: &FoldSpec<F>) -> Result<F> {
        self.ask(spec.name)?;
        self.results.folds.take(spec)
    }

    /// The same of a fold over scopes.
    ///
    /// # Errors
    /// As for [`Night::take_fold`].
    pub fn take_scoped_fold<F: Send + Sync + 'static>(&self, fold: &ScopedFold<F>) -> Result<F> {
        self.ask(fold.name)?;
        self.results.folds.take_scoped(fold)
    }

    /// A shared result, made at first use.
    ///
    /// # Errors
    /// Those of making it; [`Error::Bug`] where what is being made does not declare to read it.
    pub fn shared<T: Send + Sync + 'static>(&self, shared: &'static Shared<T>) -> Result<Arc<T>> {
        self.ask(shared.name)?;
        let result = self.any_shared(shared)?;
        result.downcast().map_err(|_| Error::bug(format!("two shared results are called `{}`", shared.name)))
    }

    /// The same of any type, and without a declaration: for who makes what others read.
    pub(super) fn any_shared(&self, shared: &'static dyn AnyShared) -> Result<Arc<dyn Any + Send + Sync>> {
        let known = locked(&self.results.shared).get(shared.name()).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        // Nobody waits for it with the lock: who makes it may read others.
        let made = self.make(shared.name(), &shared.reads(&self.request), |night| shared.make(night))?;
        Ok(Arc::clone(locked(&self.results.shared).entry(shared.name()).or_insert(made)))
    }

    /// A shared result, if the job requests it.
    ///
    /// # Errors
    /// As for [`Night::shared`].
    pub fn if_requested<T: Send + Sync + 'static>(&self, shared: &'static Shared<T>) -> Result<Option<Arc<T>>> {
        self.ask(shared.name)?;
        if has(shared, &self.request) { self.shared(shared).map(Some) } else { Ok(None) }
    }

    /// The names of all folds and shared results that were read.
    pub fn asked(&self) -> BTreeSet<&'static str> {
        locked(&self.results.asked).clone()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One thing that a table or a shared result reads.
#[derive(Clone, Copy)]
pub enum Read {
    /// A fold, over shops or over scopes.
    Fold(&'static dyn AnyFold),
    /// A part of a fold, and the fold.
    Part(&'static FoldPart),
    /// A shared result. A table is not built if it reads one that the job does not request.
    Shared(&'static dyn AnyShared),
    /// A shared result if the job requests it; without it the table is built all the same.
    IfRequested(&'static dyn AnyShared),
}

impl Read {
    /// The name of the fold or shared result; for a part that of its fold.
    pub fn name(&self) -> &'static str {
        match self {
            Read::Fold(fold) => fold.name(),
            Read::Part(part) => part.of.name(),
            Read::Shared(shared) | Read::IfRequested(shared) => shared.name(),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::folds::Folds;
    use crate::fold::items::ITEMS;
    use crate::fold::order_hours::ORDER_HOURS;
    use crate::fold::selection::Selection;
    use crate::table::testing::{night_of, signed_shops};

    /// Reads more than it declares.
    static GREEDY: Shared<()> = Shared {
        name: "greedy",
        not_requested: always,
        reads: |_| vec![Read::Fold(&ITEMS)],
        make: |night| night.fold(&ITEMS).and(night.fold(&ORDER_HOURS)).map(|_| ()),
    };

    #[test]
    fn what_is_not_declared_cannot_be_read() {
        let context = signed_shops("2026-06-30");
        let mut selection = Selection::default();
        [&ITEMS as &dyn AnyFold, &ORDER_HOURS].into_iter().for_each(|fold| selection.add(fold));
        let night = night_of(&context, Folds::start(&context, &selection).finish());
        let refused = |made: Result<()>| made.unwrap_err().to_string();
        assert!(night.make("honest", &[Read::Fold(&ITEMS)], |night| night.fold(&ITEMS).map(|_| ())).is_ok());
        let undeclared = refused(night.make("table", &[Read::Fold(&ITEMS)], |night| night.fold(&ORDER_HOURS).map(|_| ())));
        assert!(undeclared.contains("`table` reads `order_hours` and does not declare it"), "{undeclared}");
        // Within a shared result its own declaration counts, and not that of the table that asked for it.
        let reads = [Read::Fold(&ORDER_HOURS), Read::Shared(&GREEDY)];
        let within = refused(night.make("table", &reads, |night| night.shared(&GREEDY).map(|_| ())));
        assert!(within.contains("`greedy` reads `order_hours` and does not declare it"), "{within}");
        assert!(night.make("table", &reads, |night| night.fold(&ORDER_HOURS).map(|_| ())).is_ok());
    }
}
