//! A row: what one step tells another.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// What a row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The plan that all steps follow.
    Plan,
    /// A scan to be made: its number.
    Scan,
    /// What is known of all lines of a scan together.
    Summary,
    /// The lines of a bucket that one scan read.
    Lines,
    /// The orders of a partition of the census that one scan read.
    Orders,
    /// What is wrong with the inputs, for people.
    Problem,
    /// What a census found.
    Findings,
    /// The lines of orders that may name two customers.
    Suspects,
    /// The states of the folds of some buckets, and what settling these counted beside.
    States,
    /// The last row of a stream: without it the stream was cut off.
    End,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 10] = [
        Kind::Plan,
        Kind::Scan,
        Kind::Summary,
        Kind::Lines,
        Kind::Orders,
        Kind::Problem,
        Kind::Findings,
        Kind::Suspects,
        Kind::States,
        Kind::End,
    ];

    /// The name in the column `kind`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Plan => "plan",
            Kind::Scan => "scan",
            Kind::Summary => "summary",
            Kind::Lines => "lines",
            Kind::Orders => "orders",
            Kind::Problem => "problem",
            Kind::Findings => "findings",
            Kind::Suspects => "suspects",
            Kind::States => "states",
            Kind::End => "end",
        }
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it has.
    pub kind: Kind,
    /// The number of the bucket, or of the partition of the census; of what a census found, 1 where orders may name two customers; of states, the first bucket; else 0.
    pub part: u32,
    /// The number of the scan that made it; 0 for what no scan made.
    pub scan: u32,
    /// What it tells.
    pub payload: Vec<u8>,
}

impl Row {
    /// A row of no part and no scan that tells something as JSON.
    ///
    /// # Errors
    /// [`Error::Bug`] where it has no form in JSON.
    pub fn json(kind: Kind, told: &impl Serialize) -> Result<Row> {
        Ok(Row { kind, part: 0, scan: 0, payload: serde_json::to_vec(told).map_err(Error::bug)? })
    }

    /// What a row tells as JSON.
    ///
    /// # Errors
    /// [`Error::Bug`] where it tells something else.
    pub fn told<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.payload).map_err(|cause| Error::bug(format!("a row of kind `{}`: {cause}", self.kind.name())))
    }
}
