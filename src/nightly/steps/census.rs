//! The census: which orders there are, before any history is settled; and the lines of those that may name two customers.

use std::sync::Arc;

use super::given::{Collected, Counted, Given, numbers};
use crate::error::Result;
use crate::exchange::{Kind, Row};
use crate::history::conflicts::collect;
use crate::nightly::fold::close;
use crate::nightly::freshness;
use crate::nightly::observe::Silent;
use crate::nightly::plan::Plan;
use crate::nightly::ready::count_some_orders;
use crate::partition::Budget;

/// Counts the orders of the partitions that were given. Refuses here what no step behind it can use: too many rejected rows, stale inputs.
///
/// # Errors
/// [`crate::error::Error::Input`] where the inputs are wrong.
pub fn census(plan: &Plan, mut given: Given, budget: &Arc<Budget>) -> Result<Vec<Row>> {
    let mut loaded = given.load(plan, budget, &Silent)?;
    freshness::refuse(plan, &loaded.freshness)?;
    close(plan, &mut loaded.ledgers)?;
    let rated = std::mem::take(&mut loaded.rated_orders);
    let findings = count_some_orders(&loaded, &given.parts, rated)?;
    let has_suspects = findings.has_suspects();
    let counted = Counted { partitions: numbers(&given.parts), findings };
    // An engine looks into no payload, and skips the step `suspects` where there are none.
    Ok(vec![Row { part: has_suspects.into(), ..Row::json(Kind::Findings, &counted)? }])
}

/// Collects the lines of the orders that may name two customers, of the buckets that were given.
///
/// # Errors
/// As [`census`].
pub fn suspects(plan: &Plan, mut given: Given, budget: &Arc<Budget>) -> Result<Vec<Row>> {
    let findings = given.findings()?;
    let loaded = given.load(plan, budget, &Silent)?;
    let suspects = collect(&loaded.shuffled, &given.parts, &findings)?;
    Ok(vec![Row::json(Kind::Suspects, &Collected { buckets: numbers(&given.parts), suspects })?])
}
