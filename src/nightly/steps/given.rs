//! What a step was given by those before it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::plan::StepPlan;
use crate::error::{Error, Problem, Result};
use crate::exchange::{Kind, Row};
use crate::history::conflicts::Suspects;
use crate::history::order_index::OrderFindings;
use crate::nightly::load::{Loaded, Share, load_share};
use crate::nightly::observe::Observer;
use crate::nightly::plan::Plan;
use crate::nightly::state::{Begun, Blobs};
use crate::partition::Budget;

/// What a step was given.
#[derive(Debug)]
pub struct Given {
    /// The plan.
    pub plan: StepPlan,
    /// The scans to be made, of the step `scan`.
    pub scans: Vec<u32>,
    /// The buckets, or partitions of the census, whose rows it was given, ascending.
    pub parts: Vec<usize>,
    /// By scan: its summary and its blobs.
    blobs: BTreeMap<u32, Blobs>,
    /// What all census tasks found.
    pub findings: OrderFindings,
    /// The lines of orders that may name two customers.
    pub suspects: Suspects,
    /// States of folds, each with what settling counted beside.
    pub folded: Vec<Row>,
    /// What is wrong with the inputs: by scan, in the order of the scans; each once.
    pub problems: Vec<Problem>,
}

impl Given {
    /// Sorts what was given. `work` is that of the stream.
    ///
    /// # Errors
    /// [`Error::Bug`] where a row is not what it says; [`Error::Output`] where a scan was made twice and not alike.
    pub fn of(work: &str, rows: Vec<Row>) -> Result<Given> {
        let (plans, rows): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.kind == Kind::Plan);
        let plan: StepPlan = plans.first().ok_or_else(|| Error::bug("a step without a plan"))?.told()?;
        if plan.work != work {
            return Err(Error::bug(format!("a stream of {work} with the plan of {}", plan.work)));
        }
        let (mut scans, mut blobs, mut parts, mut folded) = (Vec::new(), BTreeMap::new(), Vec::new(), Vec::new());
        let (mut findings, mut suspects, mut problems) = (OrderFindings::default(), Suspects::default(), Vec::new());
        for row in rows.iter().filter(|row| row.kind == Kind::Summary) {
            blobs.insert(row.scan, Blobs::new(row.scan, &row.payload)?);
        }
        for row in rows {
            let part = row.part as usize;
            let without = || Error::bug(format!("lines of scan {} without its summary", row.scan));
            match row.kind {
                Kind::Scan => scans.push(row.scan),
                Kind::Lines | Kind::Orders => {
                    let blobs = blobs.get_mut(&row.scan).ok_or_else(without)?;
                    if row.kind == Kind::Lines { blobs.add_lines(part, &row.payload) } else { blobs.add_orders(part, &row.payload) }?;
                    parts.push(part);
                }
                Kind::Findings => findings.add(row.told()?),
                Kind::Suspects => suspects.add(row.told()?),
                Kind::Problem => problems.push((row.scan, row.told::<Vec<Problem>>()?)),
                Kind::States | Kind::Settled => folded.push(row),
                Kind::Plan | Kind::Summary | Kind::End => {}
            }
        }
        parts.sort_unstable();
        parts.dedup();
        problems.sort_by_key(|(scan, _)| *scan);
        let mut told: Vec<Problem> = Vec::new();
        for problem in problems.into_iter().flat_map(|(_, problems)| problems) {
            // Each task of a step meets what is wrong with all inputs.
            if !told.contains(&problem) {
                told.push(problem);
            }
        }
        scans.sort_unstable();
        Ok(Given { plan, scans, parts, blobs, findings, suspects, folded, problems: told })
    }

    /// Reads the small inputs, and takes the orders from the scans.
    ///
    /// # Errors
    /// [`Error::Input`] where an input is wrong, or a scan found so.
    pub fn load(&mut self, plan: &Plan, budget: &Arc<Budget>, observer: &dyn Observer) -> Result<Loaded> {
        let missing = (0..self.plan.scans.len() as u32).find(|scan| !self.blobs.contains_key(scan));
        if let Some(scan) = missing.filter(|_| self.problems.is_empty()) {
            return Err(Error::bug(format!("the summary of scan {scan} is missing")));
        }
        let layers = std::mem::take(&mut self.blobs).into_values().map(|blobs| Arc::new(blobs.into_layer())).collect();
        let share = Share { only: None, buckets: Some(self.plan.buckets), problems: std::mem::take(&mut self.problems) };
        load_share(plan, &share, &Begun::of_scans(layers), (None, None), budget, observer)
    }
}
