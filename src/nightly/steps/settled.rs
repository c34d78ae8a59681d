//! Settling and folding of some buckets, adding up what several processes folded, and handing all of it to the one that finishes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::given::Given;
use crate::error::Result;
use crate::exchange::{Kind, Row};
use crate::fold::folds::Folds;
use crate::fold::partial;
use crate::fold::shared_folds::SharedFolds;
use crate::history::pass::{self, Passed};
use crate::history::settled::Settled;
use crate::history::{Context, OrderIdTypes, conflicts};
use crate::nightly::fold::{Folded, close, concluded};
use crate::nightly::load::Loaded;
use crate::nightly::observe::Silent;
use crate::nightly::plan::Plan;
use crate::nightly::ready::{Ready, calibrate, divided, ready};
use crate::partition::Budget;

/// What settling counted beside the folds. Additive.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Beside {
    settled: Settled,
    /// Positions of the refund applications whose orders were met.
    met: Vec<u32>,
}

impl Beside {
    fn add(&mut self, other: Beside) {
        self.settled.add(other.settled);
        self.met.extend(other.met);
    }
}

/// Settles the buckets that were given, and folds their histories.
///
/// # Errors
/// [`crate::error::Error::Input`] where the inputs are wrong.
pub fn fold(plan: &Plan, mut given: Given, budget: &Arc<Budget>) -> Result<Vec<Row>> {
    let mut loaded = given.load(plan, budget, &Silent)?;
    let findings = divided(&loaded, std::mem::take(&mut given.findings));
    let suspects = std::mem::take(&mut given.suspects);
    let Ready { refunds, conflicts, .. } = ready(plan, &mut loaded, findings, |_, _, types| Ok(conflicts::decide(suspects, types)))?;
    let selection = plan.selection();
    let shared = SharedFolds::pay(&loaded.context).then(|| Folds::shared(&loaded.context, &selection));
    let start = || Folds::start(&loaded.context, &selection).beside(shared.clone());
    let mut passed = pass::run_of((&loaded.shuffled, &given.parts), &refunds, &conflicts, &start, None, &|| ())?;
    passed.fold.take_in(shared)?;
    told(plan, passed.fold, &loaded.context, &Beside { settled: passed.settled, met: refunds.met() })
}

/// Adds up what several processes folded.
///
/// # Errors
/// [`crate::error::Error::Bug`] where that is of another run.
pub fn merge(plan: &Plan, mut given: Given, budget: &Arc<Budget>) -> Result<Vec<Row>> {
    let folded = std::mem::take(&mut given.folded);
    let suspects = std::mem::take(&mut given.suspects);
    let mut loaded = given.load(plan, budget, &Silent)?;
    calibrate(plan, &mut loaded, &conflicts::decide(suspects, &OrderIdTypes::of(|column| plan.id_type(column))));
    let (folds, beside) = added(plan, &loaded.context, &folded)?;
    told(plan, folds, &loaded.context, &beside)
}

fn told(plan: &Plan, mut folds: Folds, context: &Context, beside: &Beside) -> Result<Vec<Row>> {
    let states = partial::export(&mut folds, context, &plan.job.canonical())?;
    Ok(vec![Row { kind: Kind::States, part: 0, scan: 0, payload: states }, Row::json(Kind::Settled, beside)?])
}

fn added(plan: &Plan, context: &Context, folded: &[Row]) -> Result<(Folds, Beside)> {
    let (mut folds, mut beside) = (Folds::start(context, &plan.selection()), Beside::default());
    for row in folded {
        match row.kind {
            Kind::States => partial::import(&mut folds, context, &plan.job.canonical(), &row.payload)?,
            _ => beside.add(row.told()?),
        }
    }
    Ok((folds, beside))
}

/// Completes what several processes folded, for the one that has read the small inputs and finishes.
///
/// # Errors
/// As for a run of one process.
pub(in crate::nightly) fn folded(plan: &Plan, mut loaded: Loaded, given: &mut Given) -> Result<Folded> {
    close(plan, &mut loaded.ledgers)?;
    let findings = divided(&loaded, std::mem::take(&mut given.findings));
    let suspects = std::mem::take(&mut given.suspects);
    let ready = ready(plan, &mut loaded, findings, |_, _, types| Ok(conflicts::decide(suspects, types)))?;
    let (fold, Beside { mut settled, met }) = added(plan, &loaded.context, &std::mem::take(&mut given.folded))?;
    ready.refunds.note_met(&met);
    settled.excessive_refunds.sort_unstable();
    concluded(plan, loaded, ready, Passed { fold, settled }, None)
}
