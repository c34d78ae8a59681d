//! Settling and folding of some buckets, adding up what several processes folded, and handing all of it to the one that finishes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::complete::{complete, once};
use super::given::{Given, numbers};
use crate::error::{Error, Result};
use crate::exchange::{Kind, Row};
use crate::fold::folds::Folds;
use crate::fold::partial;
use crate::fold::shared_folds::SharedFolds;
use crate::history::conflicts::{self, Suspects};
use crate::history::order_index::OrderFindings;
use crate::history::pass::{self, Passed};
use crate::history::settled::Settled;
use crate::history::{Context, OrderIdTypes};
use crate::nightly::fold::{Folded, close, concluded};
use crate::nightly::load::Loaded;
use crate::nightly::observe::Silent;
use crate::nightly::plan::Plan;
use crate::nightly::ready::{Ready, calibrate, divided, ready};
use crate::partition::Budget;

/// What settling counted beside the folds. Additive.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Beside {
    /// The buckets that were settled.
    buckets: Vec<u32>,
    settled: Settled,
    /// Positions of the refund applications whose orders were met.
    met: Vec<u32>,
}

impl Beside {
    fn add(&mut self, other: Beside) {
        self.buckets.extend(other.buckets);
        self.settled.add(other.settled);
        self.met.extend(other.met);
    }
}

/// Settles the buckets that were given, and folds their histories.
///
/// # Errors
/// [`crate::error::Error::Input`] where the inputs are wrong.
pub fn fold(plan: &Plan, mut given: Given, budget: &Arc<Budget>) -> Result<Vec<Row>> {
    let (findings, suspects) = given.counted()?;
    let mut loaded = given.load(plan, budget, &Silent)?;
    let findings = divided(&loaded, findings);
    let Ready { refunds, conflicts, .. } = ready(plan, &mut loaded, findings, |_, _, types| Ok(conflicts::decide(suspects, types)))?;
    let selection = plan.selection();
    let shared = SharedFolds::pay(&loaded.context).then(|| Folds::shared(&loaded.context, &selection));
    let start = || Folds::start(&loaded.context, &selection).beside(shared.clone());
    let mut passed = pass::run_of((&loaded.shuffled, &given.parts), &refunds, &conflicts, &start, None, &|| ())?;
    passed.fold.take_in(shared)?;
    told(plan, passed.fold, &loaded.context, &Beside { buckets: numbers(&given.parts), settled: passed.settled, met: refunds.met() })
}

/// Adds up what several processes folded.
///
/// # Errors
/// [`crate::error::Error::Bug`] where that is of another run.
pub fn merge(plan: &Plan, mut given: Given, budget: &Arc<Budget>) -> Result<Vec<Row>> {
    let folded = std::mem::take(&mut given.folded);
    let (_, suspects) = given.counted()?;
    let mut loaded = given.load(plan, budget, &Silent)?;
    calibrate(plan, &mut loaded, &conflicts::decide(suspects, &OrderIdTypes::of(|column| plan.id_type(column))));
    let (folds, beside) = added(plan, &loaded.context, &folded, None)?;
    told(plan, folds, &loaded.context, &beside)
}

/// States and what was counted beside are one row, so that nobody loses one of them: the length of the latter, itself, the states.
fn told(plan: &Plan, mut folds: Folds, context: &Context, beside: &Beside) -> Result<Vec<Row>> {
    let states = partial::export(&mut folds, context, &plan.job.canonical())?;
    let beside_states = serde_json::to_vec(beside).map_err(Error::bug)?;
    let payload = [(beside_states.len() as u64).to_le_bytes().as_slice(), &beside_states, &states].concat();
    Ok(vec![Row { kind: Kind::States, part: beside.buckets.iter().copied().min().unwrap_or(0), scan: 0, payload }])
}

/// What was counted beside, and the states.
fn split(row: &Row) -> Option<(Beside, &[u8])> {
    let (length, rest) = row.payload.split_first_chunk()?;
    let (beside, states) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    Some((serde_json::from_slice(beside).ok()?, states))
}

/// Adds up what several processes folded, each of them other buckets; of `all` of them where that many are wanted.
fn added(plan: &Plan, context: &Context, folded: &[Row], all: Option<usize>) -> Result<(Folds, Beside)> {
    let (mut folds, mut added) = (Folds::start(context, &plan.selection()), Beside::default());
    let parts: Vec<(Beside, &[u8])> =
        folded.iter().map(|row| split(row).ok_or_else(|| Error::bug("states of another form"))).collect::<Result<_>>()?;
    let buckets: Vec<u32> = parts.iter().flat_map(|(beside, _)| &beside.buckets).copied().collect();
    match all {
        Some(all) => complete("bucket", buckets, all)?,
        None => once("bucket", buckets)?,
    }
    for (beside, states) in parts {
        partial::import(&mut folds, context, &plan.job.canonical(), states)?;
        added.add(beside);
    }
    Ok((folds, added))
}

/// Completes what several processes folded, for the one that has read the small inputs and finishes.
///
/// # Errors
/// As for a run of one process.
pub(in crate::nightly) fn folded(
    plan: &Plan,
    mut loaded: Loaded,
    (findings, suspects): (OrderFindings, Suspects),
    folded: &[Row],
    buckets: usize,
) -> Result<Folded> {
    close(plan, &mut loaded.ledgers)?;
    let findings = divided(&loaded, findings);
    let ready = ready(plan, &mut loaded, findings, |_, _, types| Ok(conflicts::decide(suspects, types)))?;
    let (fold, Beside { mut settled, met, .. }) = added(plan, &loaded.context, folded, Some(buckets))?;
    ready.refunds.note_met(&met);
    settled.excessive_refunds.sort_unstable();
    concluded(plan, loaded, ready, Passed { fold, settled }, None)
}
