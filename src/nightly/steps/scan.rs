//! A scan: reads some files of the orders, and has their lines for those who fold them.

use std::sync::Arc;

use super::given::Given;
use crate::error::{Error, Result};
use crate::exchange::{Kind, Row};
use crate::input::declared::columns;
use crate::nightly::load::{Share, load_share};
use crate::nightly::observe::Silent;
use crate::nightly::plan::Plan;
use crate::nightly::state::{Begun, Scanned, Source};
use crate::partition::Budget;

/// Makes a scan. The first scan has a row of every part, if only an empty one: so each part is somebody's.
///
/// # Errors
/// [`Error::Input`] where a file is wrong; [`Error::Output`] where the disk is full.
pub fn scan(plan: &Plan, given: &Given, number: u32, budget: &Arc<Budget>) -> Result<Vec<Row>> {
    let place = given.plan.scans.get(number as usize).copied();
    let (from, until) = place.ok_or_else(|| Error::bug(format!("the plan has no scan {number}")))?;
    let Some(dataset) = plan.datasets.get(columns::ORDERS.name) else { return Err(Error::bug("a plan without orders")) };
    let only = (0..dataset.files.len()).map(|file| (from..until).contains(&file)).collect();
    let share = Share { only: Some(only), buckets: Some(given.plan.buckets), problems: Vec::new() };
    let loaded = load_share(plan, &share, &Begun::default(), (None, None), budget, &Silent)?;
    let Some((_, ledger)) = loaded.ledgers.first() else { return Err(Error::bug("orders without a ledger")) };
    let source = Source { shuffled: &loaded.shuffled, context: &loaded.context, ledger, for_state: &loaded.for_state };
    let files: Vec<usize> = (from..until).collect();
    let Scanned { summary, lines, orders } = Scanned::of(&source, dataset, &files, budget)?;
    let row = |kind: Kind, part: u32, payload: Vec<u8>| Row { kind, part, scan: number, payload };
    let is_first = number == 0;
    let blobs = |kind: Kind, blobs: Vec<Vec<u8>>| {
        let numbered = (0..).zip(blobs).filter(move |(_, blob)| is_first || blob.len() > Scanned::EMPTY);
        numbered.map(move |(part, blob)| row(kind, part, blob))
    };
    Ok(std::iter::once(row(Kind::Summary, 0, summary)).chain(blobs(Kind::Lines, lines)).chain(blobs(Kind::Orders, orders)).collect())
}
