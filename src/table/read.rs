//! What a table reads: folds, parts of folds, and results that several tables share.

use std::any::Any;
use std::sync::Arc;

use super::night::Night;
use crate::error::Result;
use crate::fold::selection::Selection;
use crate::fold::spec::{AnyFold, FoldPart};
use crate::job::{self, Job};

/// What a job requests beside its inputs: on these depends which tables it has and what they are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// The forecast of customers.
    pub forecast: job::Forecast,
    /// Whether each shop has the lifecycle limits that its own intervals suggest.
    pub lifecycle_is_suggested: bool,
    /// Whether it names rule files.
    pub has_rules: bool,
    /// Whether it names strategy files.
    pub has_strategies: bool,
    /// Whether it has an input of campaigns.
    pub has_campaigns: bool,
}

impl Request {
    /// What a job requests that has orders only, without a forecast.
    pub const NOTHING: Request = Request {
        forecast: job::Forecast { model: job::ModelChoice::None, horizon_days: 1, months: 1 },
        lifecycle_is_suggested: false,
        has_rules: false,
        has_strategies: false,
        has_campaigns: false,
    };

    /// What that job requests.
    pub fn of(job: &Job) -> Self {
        Request {
            forecast: job.params.forecast,
            lifecycle_is_suggested: job.params.lifecycle.is_suggested,
            has_rules: !job.assessments.is_empty(),
            has_strategies: !job.strategies.is_empty(),
            has_campaigns: job.inputs.get("campaigns").is_some(),
        }
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

/// Why a job does not request what these reads need, directly or by way of shared results; `None` where it requests all.
pub fn not_requested(reads: &[Read], request: &Request) -> Option<&'static str> {
    reads.iter().find_map(|read| match read {
        Read::Shared(shared) => shared.not_requested(request).or_else(|| not_requested(&shared.reads(request), request)),
        Read::Fold(_) | Read::Part(_) | Read::IfRequested(_) => None,
    })
}

/// Whether the shared result of that name is among these reads, directly or by way of others, in a job that requests this.
pub fn reads(reads: &[Read], request: &Request, name: &str) -> bool {
    reads.iter().any(|read| match read {
        Read::Shared(shared) | Read::IfRequested(shared) if shared.not_requested(request).is_none() => {
            shared.name() == name || self::reads(&shared.reads(request), request, name)
        }
        _ => false,
    })
}

/// Adds the folds behind these reads to a selection.
pub fn select(reads: &[Read], request: &Request, selection: &mut Selection) {
    for read in reads {
        match read {
            Read::Fold(fold) => selection.add(*fold),
            Read::Part(part) => selection.add_part(part),
            Read::Shared(shared) | Read::IfRequested(shared) if shared.not_requested(request).is_none() => {
                select(&shared.reads(request), request, selection);
            }
            Read::Shared(_) | Read::IfRequested(_) => {}
        }
    }
}
