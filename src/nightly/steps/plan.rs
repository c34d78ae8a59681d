//! The plan that all steps follow: what was asked for, and who reads which files.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::complete::lost;
use crate::error::{Error, Problem, Result};
use crate::exchange::{Kind, Row};
use crate::input::declared::columns;
use crate::nightly::plan::Plan;
use crate::partition::partitions_for;
use crate::spec::period::iso;

/// Rows of the orders that a scan reads, about: every process plans the job anew, which should be little beside its work.
const SCAN_ROWS: u64 = 2_000_000;

/// Lines of a bucket, about: a bucket of a scan is then a blob of many kilobytes, and there are enough buckets to share out.
const BUCKET_LINES: u64 = 16_384;

/// Buckets at most: each scan has a blob of each.
const MOST_BUCKETS: usize = 4_096;

/// What was asked for on the command line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The folder in which the program was started: other paths may be relative to it.
    pub folder: PathBuf,
    /// The job file.
    pub job: PathBuf,
    /// The as-of date, YYYY-MM-DD.
    pub as_of: String,
    /// The output folder.
    pub out: PathBuf,
    /// Keys of the job that are set.
    pub set: Vec<String>,
    /// The tables, where not all of the job are asked for.
    pub only: Vec<String>,
    /// Whether an experiment is published.
    pub publish: bool,
    /// Whether stale inputs are published.
    pub allow_stale: bool,
}

/// The plan that all steps follow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepPlan {
    /// The version of the program.
    pub version: String,
    /// The work: the as-of date, and what it and the job and the files as they are make together.
    pub work: String,
    /// What was asked for.
    pub asked: Asked,
    /// Buckets of the lines.
    pub buckets: usize,
    /// By scan: the first of its files of the orders, and the one behind its last.
    pub scans: Vec<(usize, usize)>,
}

impl StepPlan {
    /// Deals the files of the orders out to so many scans, neighbours to one, by rows; `None` for as many as have two million rows each, or
    /// a file. `buckets` is rounded up to a power of two.
    ///
    /// # Errors
    /// [`Error::Bug`] of a plan without orders.
    pub fn new(plan: &Plan, asked: Asked, scans: Option<usize>, buckets: Option<usize>) -> Result<StepPlan> {
        let Some(orders) = plan.datasets.get(columns::ORDERS.name) else { return Err(Error::bug("a plan without orders")) };
        let rows: Vec<u64> = orders.files.iter().map(|file| file.rows()).collect();
        let all: u64 = rows.iter().sum();
        let scans = scans.unwrap_or(all.div_ceil(SCAN_ROWS) as usize);
        let buckets = match buckets {
            Some(buckets) => buckets.clamp(1, MOST_BUCKETS).next_power_of_two(),
            None => partitions_for(all, BUCKET_LINES).min(MOST_BUCKETS),
        };
        Ok(StepPlan { version: env!("CARGO_PKG_VERSION").to_owned(), work: work_of(plan), asked, buckets, scans: dealt(&rows, scans) })
    }

    /// Checks that a plan made anew, by another process, is the same.
    ///
    /// # Errors
    /// [`Error::Input`] where a file, the job or the program is another one.
    pub fn check(&self, plan: &Plan) -> Result<()> {
        let help = "run the job again; nothing was published";
        if self.version != env!("CARGO_PKG_VERSION") {
            let what = format!("the plan is of huitou {}, and this is {}", self.version, env!("CARGO_PKG_VERSION"));
            return Err(Error::Input(vec![Problem::new("huitou", what).help("give all machines the same huitou")]));
        }
        let files = plan.datasets.get(columns::ORDERS.name).map_or(0, |orders| orders.files.len());
        let follows = self.scans.windows(2).all(|pair| pair.first().map(|scan| scan.1) == pair.last().map(|scan| scan.0));
        let is_whole = self.scans.first().map_or(0, |scan| scan.0) == 0 && self.scans.last().map_or(0, |scan| scan.1) == files;
        let is_ascending = self.scans.iter().all(|(from, until)| from <= until);
        let has_buckets = self.buckets.is_power_of_two() && self.buckets <= MOST_BUCKETS;
        let own = work_of(plan);
        if own != self.work {
            let what = format!("the job or one of its files changed while the steps ran: the plan is of {}, and this is {own}", self.work);
            return Err(Error::Input(vec![Problem::new(plan.job.file.display().to_string(), what).help(help)]));
        }
        if !(follows && is_whole && is_ascending && has_buckets) {
            return Err(lost("the plan shares the work out in no way that a plan does".to_owned()));
        }
        Ok(())
    }

    /// The rows that tell all others what to do.
    ///
    /// # Errors
    /// [`Error::Bug`] where it has no form in JSON.
    pub fn rows(&self) -> Result<Vec<Row>> {
        let scan = |scan: u32| Row { kind: Kind::Scan, part: 0, scan, payload: Vec::new() };
        Ok(std::iter::once(Row::json(Kind::Plan, self)?).chain((0..self.scans.len() as u32).map(scan)).collect())
    }
}

/// The work: its as-of date and its fingerprint. The lists of earlier snapshots have no part in it: only the machine that finishes needs to see them.
fn work_of(plan: &Plan) -> String {
    let work = plan.work(&[]);
    format!("{}-{}", iso(work.as_of()), work.fingerprint())
}

/// Neighbouring files to one scan, so that each has about the same number of rows; there may be fewer scans than that.
fn dealt(rows: &[u64], scans: usize) -> Vec<(usize, usize)> {
    let all: u128 = rows.iter().map(|rows| u128::from(*rows)).sum();
    let (mut dealt, mut from, mut before) = (Vec::new(), 0, 0_u128);
    for (file, rows_of_file) in rows.iter().enumerate() {
        before += u128::from(*rows_of_file);
        let next = dealt.len() + 1;
        if file + 1 == rows.len() || next < scans && before * scans as u128 >= all * next as u128 {
            dealt.push((from, file + 1));
            from = file + 1;
        }
    }
    dealt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_dealt_out_by_their_rows() {
        // 100 rows to four scans, 25 each: the first file alone has more.
        assert_eq!(dealt(&[30, 10, 10, 20, 5, 25], 4), [(0, 1), (1, 3), (3, 5), (5, 6)]);
        assert_eq!(dealt(&[30, 10], 1), [(0, 2)]);
        // No scan is without a file, and no file is left out.
        assert_eq!(dealt(&[30, 10], 9), [(0, 1), (1, 2)]);
        assert_eq!(dealt(&[0, 0, 0], 2), [(0, 1), (1, 3)]);
        assert_eq!(dealt(&[90, 1, 1], 3), [(0, 1), (1, 2), (2, 3)]);
    }
}
