//! A list that was sent, and what became of it.

use std::path::PathBuf;

use arrow::array::RecordBatch;

use super::ids::InFile;
use crate::job::Job;
use crate::spec::Day;

/// A list that was sent.
#[derive(Debug)]
pub struct Sending<'a> {
    /// The job whose inputs remember it.
    pub job: &'a Job,
    /// The strategy of the list; campaigns of one strategy have its name, by which `campaign_pooled` takes them together.
    pub strategy: &'a str,
    /// Of what time the list is: `2026-11-21`, or `2026-11-21T14:00`.
    pub list: &'a str,
    /// When the messages went out, local time in microseconds.
    pub at: i64,
    /// The rows of the list, of both arms.
    pub rows: &'a [RecordBatch],
    /// The customers to whom it went; `None` for all of the treated arm.
    pub only: Option<&'a InFile>,
    /// What the messages cost, in minor units.
    pub cost: Option<i64>,
    /// The day that the clock shows.
    pub today: Day,
}

/// What became of a list that was sent.
#[derive(Debug, Default)]
pub struct Recorded {
    /// The ids of the campaigns that are new.
    pub campaigns: Vec<String>,
    /// Customers who were recorded as treated.
    pub treated: usize,
    /// Customers who are held out, recorded now or before.
    pub control: usize,
    /// Of them, those who were recorded before.
    pub control_before: usize,
    /// Customers who were recorded before, with the earliest time of that.
    pub earlier: Option<(usize, i64)>,
    /// Customers of the treated arm to whom the list did not go.
    pub not_sent: usize,
    /// Ids that are not on the list.
    pub unknown: Vec<String>,
    /// Ids of the control arm among those to whom it went.
    pub control_sent: Vec<String>,
    /// The files that were written.
    pub files: Vec<PathBuf>,
    /// Whether the job names the inputs now, and did not before.
    pub is_named_now: bool,
}
