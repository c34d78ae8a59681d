//! The outlook: how a run would read the orders, without reading them.

use std::path::Path;
use std::sync::Arc;

use super::begin::begin;
use super::identity::identity;
use super::inputs::{others_read, stored};
use super::restore::reading;
use crate::error::{Error, Result};
use crate::input::declared::columns;
use crate::input::rows::decoded::Decoded;
use crate::nightly::links::read_links;
use crate::nightly::observe::Silent;
use crate::nightly::plan::Plan;
use crate::partition::Budget;
use crate::publish::ReadingEntry;

/// How a run of the plan into `out` would read the orders. The links of customers are read, since they decide who is who.
///
/// # Errors
/// [`Error::Input`] where a file of the links is damaged; [`Error::Output`] where the output folder cannot be read.
pub fn outlook(plan: &Plan, out: &Path) -> Result<ReadingEntry> {
    let Some(orders) = plan.datasets.get(columns::ORDERS.name) else { return Err(Error::bug("a plan without orders")) };
    let mut scan = plan.scan();
    read_links(plan, &mut scan, &Arc::new(Budget::unlimited()), &Silent)?;
    let begun = begin(plan, out)?;
    let others = others_read(plan, &Decoded::new(stored(plan, &begun)));
    Ok(ReadingEntry { others: Some(others), ..reading(&begun, &identity(plan, &scan)?, orders) })
}
