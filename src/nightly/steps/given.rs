//! What a step was given by those before it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::complete::{complete, lost};
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

/// What a census found, and in which partitions.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Counted {
    /// The partitions.
    pub partitions: Vec<u32>,
    /// What was found.
    pub findings: OrderFindings,
}

/// The lines of orders that may name two customers, and of which buckets they are.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Collected {
    /// The buckets.
    pub buckets: Vec<u32>,
    /// The lines.
    pub suspects: Suspects,
}

/// Numbers of parts as rows have them.
pub(super) fn numbers(parts: &[usize]) -> Vec<u32> {
    parts.iter().map(|part| *part as u32).collect()
}

/// What a step was given.
#[derive(Debug, Default)]
pub struct Given {
    /// The plan.
    pub plan: StepPlan,
    /// The scans to be made, of the step `scan`.
    pub scans: Vec<u32>,
    /// The buckets whose lines it was given, or the partitions of the census whose orders; ascending.
    pub parts: Vec<usize>,
    /// Whether these are lines; `None` where there are neither.
    has_lines: Option<bool>,
    /// By scan: its summary and its blobs.
    blobs: BTreeMap<u32, Blobs>,
    /// What all census tasks found.
    counted: Counted,
    /// The lines of orders that may name two customers.
    collected: Collected,
    /// States of folds, ascending by their first bucket: what is added up is then the same bytes in whatever order it came.
    pub folded: Vec<Row>,
    /// What is wrong with the inputs, each with the scan that found it.
    problems: Vec<(u32, Problem)>,
}

impl Given {
    /// Sorts what was given. `work` is that of the stream.
    ///
    /// # Errors
    /// [`Error::Bug`] where a row is not what it says; [`Error::Output`] where a scan was made twice and not alike, or something is missing.
    pub fn of(work: &str, rows: Vec<Row>) -> Result<Given> {
        let plan: StepPlan = match rows.iter().find(|row| row.kind == Kind::Plan) {
            Some(row) => row.told()?,
            None => return Err(Error::bug("a step without a plan")),
        };
        if plan.work != work {
            return Err(Error::bug(format!("a stream of {work} with the plan of {}", plan.work)));
        }
        let mut given = Given { plan, ..Given::default() };
        for row in rows.iter().filter(|row| row.kind == Kind::Summary) {
            given.blobs.insert(row.scan, Blobs::new(row.scan, &row.payload)?);
        }
        for row in rows {
            given.take(row)?;
        }
        given.parts.sort_unstable();
        given.parts.dedup();
        given.folded.sort_by_key(|row| row.part);
        given.scans.sort_unstable();
        given.problems.sort_by_key(|(scan, _)| *scan);
        given.has_all_blobs()?;
        Ok(given)
    }

    fn take(&mut self, row: Row) -> Result<()> {
        match row.kind {
            Kind::Scan => self.scans.push(row.scan),
            Kind::Lines | Kind::Orders => {
                let without = || Error::bug(format!("lines of scan {} without its summary", row.scan));
                let blobs = self.blobs.get_mut(&row.scan).ok_or_else(without)?;
                let (part, is_lines) = (row.part as usize, row.kind == Kind::Lines);
                if *self.has_lines.get_or_insert(is_lines) != is_lines {
                    return Err(lost("lines and orders came together".to_owned()));
                }
                if is_lines { blobs.add_lines(part, &row.payload) } else { blobs.add_orders(part, &row.payload) }?;
                self.parts.push(part);
            }
            Kind::Findings => {
                let Counted { partitions, findings } = row.told()?;
                self.counted.partitions.extend(partitions);
                self.counted.findings.add(findings);
            }
            Kind::Suspects => {
                let Collected { buckets, suspects } = row.told()?;
                self.collected.buckets.extend(buckets);
                self.collected.suspects.add(suspects);
            }
            Kind::Problem => self.problems.extend(row.told::<Vec<Problem>>()?.into_iter().map(|problem| (row.scan, problem))),
            Kind::States => self.folded.push(row),
            Kind::Plan | Kind::Summary | Kind::End => {}
        }
        Ok(())
    }

    /// Checks that of each part that was given no scan's blob is missing.
    fn has_all_blobs(&self) -> Result<()> {
        let is_of_lines = self.has_lines == Some(true);
        for (scan, blobs) in &self.blobs {
            match (is_of_lines, blobs.bucket_without_lines(&self.parts), blobs.partition_without_orders(&self.parts)) {
                (true, Some(bucket), _) => return Err(lost(format!("the lines of scan {scan} in bucket {bucket} are missing"))),
                (false, _, Some(part)) => return Err(lost(format!("the orders of scan {scan} in partition {part} are missing"))),
                _ => {}
            }
        }
        Ok(())
    }

    /// What all census tasks found; nothing where the inputs are wrong.
    ///
    /// # Errors
    /// [`Error::Output`] where a task is missing, or did what another one did.
    pub fn findings(&mut self) -> Result<OrderFindings> {
        if !self.problems.is_empty() {
            return Ok(OrderFindings::default());
        }
        let Counted { partitions, findings } = std::mem::take(&mut self.counted);
        complete("partition", partitions, self.blobs.values().map(Blobs::partitions).max().unwrap_or(0))?;
        Ok(findings)
    }

    /// The same, and the lines of orders that may name two customers.
    ///
    /// # Errors
    /// As [`Given::findings`].
    pub fn counted(&mut self) -> Result<(OrderFindings, Suspects)> {
        let findings = self.findings()?;
        let Collected { buckets, suspects } = std::mem::take(&mut self.collected);
        if findings.has_suspects() {
            complete("bucket with suspected orders", buckets, self.plan.buckets)?;
        }
        Ok((findings, suspects))
    }

    /// Reads the small inputs, and takes the orders from the scans.
    ///
    /// # Errors
    /// [`Error::Input`] where an input is wrong, or a scan found so; [`Error::Output`] where a scan is missing.
    pub fn load(&mut self, plan: &Plan, budget: &Arc<Budget>, observer: &dyn Observer) -> Result<Loaded> {
        let problems: Vec<Problem> = std::mem::take(&mut self.problems).into_iter().map(|(_, problem)| problem).collect();
        let (scans, is_told) = (0..self.plan.scans.len() as u32, !problems.is_empty());
        if let Some(scan) = scans.into_iter().find(|scan| !is_told && !self.blobs.contains_key(scan)) {
            return Err(lost(format!("the summary of scan {scan} is missing")));
        }
        let layers = std::mem::take(&mut self.blobs).into_values().map(|blobs| Arc::new(blobs.into_layer())).collect();
        let share = Share { only: None, buckets: Some(self.plan.buckets), problems };
        let loaded = load_share(plan, &share, &Begun::of_scans(layers), (None, None), budget, observer)?;
        match loaded.for_state.is_stored.iter().all(|is_stored| *is_stored) {
            true => Ok(loaded),
            false => Err(lost(format!("the scans are not those of the files: {}", loaded.reading.reason.unwrap_or_default()))),
        }
    }
}
