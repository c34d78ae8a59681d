//! The census: which orders there are, before any history is settled; and the lines of those that may name two customers.

use std::sync::Arc;

use super::given::Given;
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
    // An engine looks into no payload, and skips the step `suspects` where there are none.
    Ok(vec![Row { part: findings.has_suspects().into(), ..Row::json(Kind::Findings, &findings)? }])
}

/// Collects the lines of the orders that may name two customers, of the buckets that were given.
///
/// # Errors
/// As [`census`].
pub fn suspects(plan: &Plan, mut given: Given, budget: &Arc<Budget>) -> Result<Vec<Row>> {
    let loaded = given.load(plan, budget, &Silent)?;
    Ok(vec![Row::json(Kind::Suspects, &collect(&loaded.shuffled, &given.parts, &given.findings)?)?])
}
