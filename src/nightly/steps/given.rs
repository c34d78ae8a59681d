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
#[derive(Debug)]
pub struct Given {
    /// The plan.
    pub plan: StepPlan,
    /// The scans to be made, of the step `scan`.
    pub scans: Vec<u32>,
    /// The buckets, or partitions of the census, whose rows it was given, ascending.
    pub parts: Vec<usize>,
    /// Partitions of the census.
    partitions: usize,
    /// By scan: its summary and its blobs.
    blobs: BTreeMap<u32, Blobs>,
    /// What all census tasks found.
    pub counted: Counted,
    /// The lines of orders that may name two customers.
    collected: Collected,
    /// States of folds, ascending by their first bucket.
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
        let (mut scans, mut blobs, mut folded) = (Vec::new(), BTreeMap::new(), Vec::new());
        let (mut buckets, mut partitions) = (Vec::new(), Vec::new());
        let (mut counted, mut collected, mut problems) = (Counted::default(), Collected::default(), Vec::new());
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
                    if row.kind == Kind::Lines {
                        blobs.add_lines(part, &row.payload)?;
                        buckets.push(part);
                    } else {
                        blobs.add_orders(part, &row.payload)?;
                        partitions.push(part);
                    }
                }
                Kind::Findings => {
                    let Counted { partitions, findings } = row.told()?;
                    counted.partitions.extend(partitions);
                    counted.findings.add(findings);
                }
                Kind::Suspects => {
                    let Collected { buckets, suspects } = row.told()?;
                    collected.buckets.extend(buckets);
                    collected.suspects.add(suspects);
                }
                Kind::Problem => problems.push((row.scan, row.told::<Vec<Problem>>()?)),
                Kind::States => folded.push(row),
                Kind::Plan | Kind::Summary | Kind::End => {}
            }
        }
        for parts in [&mut buckets, &mut partitions] {
            parts.sort_unstable();
            parts.dedup();
        }
        for (scan, blobs) in &blobs {
            if let Some(bucket) = blobs.bucket_without_lines(&buckets) {
                return Err(lost(format!("the lines of scan {scan} in bucket {bucket} are missing")));
            }
            if let Some(partition) = blobs.partition_without_orders(&partitions) {
                return Err(lost(format!("the orders of scan {scan} in partition {partition} are missing")));
            }
        }
        if !buckets.is_empty() && !partitions.is_empty() {
            return Err(lost("lines and orders came together".to_owned()));
        }
        let parts = if buckets.is_empty() { partitions } else { buckets };
        // What is added up is then the same bytes in whatever order it came.
        folded.sort_by_key(|row| row.part);
        problems.sort_by_key(|(scan, _)| *scan);
        let mut told: Vec<Problem> = Vec::new();
        for problem in problems.into_iter().flat_map(|(_, problems)| problems) {
            // Each task of a step meets what is wrong with all inputs.
            if !told.contains(&problem) {
                told.push(problem);
            }
        }
        scans.sort_unstable();
        let partitions = blobs.values().map(Blobs::partitions).max().unwrap_or(0);
        Ok(Given { plan, scans, parts, partitions, blobs, counted, collected, folded, problems: told })
    }

    /// What all census tasks found.
    ///
    /// # Errors
    /// [`Error::Output`] where one is missing, or counted what another one did.
    pub fn findings(&mut self) -> Result<OrderFindings> {
        let Counted { partitions, findings } = std::mem::take(&mut self.counted);
        complete("partition", partitions, self.partitions)?;
        Ok(findings)
    }

    /// The lines of orders that may name two customers.
    ///
    /// # Errors
    /// As [`Given::findings`].
    pub fn suspects(&mut self) -> Result<Suspects> {
        let Collected { buckets, suspects } = std::mem::take(&mut self.collected);
        if self.counted.findings.has_suspects() {
            complete("bucket with suspected orders", buckets, self.plan.buckets)?;
        }
        Ok(suspects)
    }

    /// Reads the small inputs, and takes the orders from the scans.
    ///
    /// # Errors
    /// [`Error::Input`] where an input is wrong, or a scan found so.
    pub fn load(&mut self, plan: &Plan, budget: &Arc<Budget>, observer: &dyn Observer) -> Result<Loaded> {
        let missing = (0..self.plan.scans.len() as u32).find(|scan| !self.blobs.contains_key(scan));
        if let Some(scan) = missing.filter(|_| self.problems.is_empty()) {
            return Err(lost(format!("the summary of scan {scan} is missing")));
        }
        let layers = std::mem::take(&mut self.blobs).into_values().map(|blobs| Arc::new(blobs.into_layer())).collect();
        let share = Share { only: None, buckets: Some(self.plan.buckets), problems: std::mem::take(&mut self.problems) };
        let is_told = !share.problems.is_empty();
        let loaded = load_share(plan, &share, &Begun::of_scans(layers), (None, None), budget, observer)?;
        match loaded.for_state.is_stored.iter().all(|is_stored| *is_stored) || is_told {
            true => Ok(loaded),
            false => Err(lost(format!("the scans are not those of the files: {}", loaded.reading.reason.unwrap_or_default()))),
        }
    }
}
