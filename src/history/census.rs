//! The census of orders: which orders may name two customers, and which orders there are at all, found before any history is walked.
//!
//! Lines are dealt out by their customers, so an order whose lines name two of them lies in two places and neither can tell.
//! The census is a second, much narrower shuffle, by order: the hash of the order and who its customer is.

use std::sync::Arc;

use hashbrown::{HashSet, HashTable};
use rayon::prelude::*;

use crate::error::Result;
use crate::partition::{Budget, Partitions, Writer, partition_of};
use crate::spec::Id;

/// Bytes of an entry.
const ENTRY: usize = 16;

/// One thread's side of the census.
#[derive(Debug)]
pub(super) struct Census {
    writer: Writer,
    /// Lines of one order mostly follow each other.
    last: (u64, u64),
}

impl Census {
    pub fn new(partitions: usize, budget: &Arc<Budget>) -> Self {
        Census { writer: Writer::new(partitions.div_ceil(PARTITIONS_OF_LINES), Arc::clone(budget)), last: (0, 0) }
    }

    /// Enters an order and its customer: an integer id is told by itself, a text by its hash.
    #[inline]
    pub fn enter(&mut self, order_hash: u64, customer: Id<'_>, customer_hash: u64) {
        let who = if let Id::Integer(key) = customer { key } else { customer_hash };
        if self.last == (order_hash, who) {
            return;
        }
        self.last = (order_hash, who);
        self.writer.put::<ENTRY>(partition_of(order_hash, self.writer.partitions()), |entry| {
            *entry = (u128::from(order_hash) | u128::from(who) << 64).to_le_bytes();
            ENTRY
        });
    }

    pub fn check(&self) -> Result<()> {
        self.writer.check()
    }
}

/// Entries are a third of a line, and half as many: so many buckets of lines make one partition of the census.
const PARTITIONS_OF_LINES: usize = 4;

/// What all threads entered.
#[derive(Debug)]
pub struct Censuses(Partitions);

/// What the census tells.
#[derive(Debug, Default)]
pub struct Findings {
    /// Hashes of orders that seem to name two customers: to be judged by their ids.
    pub(super) suspects: HashSet<u64>,
    /// Of the hashes that were asked for, those of no order.
    pub unknown: usize,
}

impl Censuses {
    pub(super) fn new(censuses: Vec<Census>) -> Result<Self> {
        Partitions::new(censuses.into_iter().map(|census| census.writer).collect()).map(Censuses)
    }

    /// Counts the orders. `asked` are hashes of orders that ought to be there, within their shops; a hash can be wrong once in
    /// 10^19: good enough to count warnings, and used for nothing else.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where what was written to the disk cannot be read.
    pub fn count(self, mut asked: Vec<u64>) -> Result<Findings> {
        asked.par_sort_unstable();
        let partitions = self.0.len();
        let found: Vec<Result<Findings>> = (0..partitions)
            .into_par_iter()
            .map_init(
                || (Vec::new(), HashTable::new()),
                |(bytes, table), partition| {
                    self.0.read(partition, bytes)?;
                    let asked_from = asked.partition_point(|hash| partition_of(*hash, partitions) < partition);
                    let asked_until = asked.partition_point(|hash| partition_of(*hash, partitions) <= partition);
                    Ok(count(bytes, table, &asked[asked_from..asked_until]))
                },
            )
            .collect();
        let mut all = Findings::default();
        for found in found {
            let Findings { suspects, unknown } = found?;
            all.suspects.extend(suspects);
            all.unknown += unknown;
        }
        Ok(all)
    }
}

/// Counts one partition.
fn count(bytes: &[u8], table: &mut HashTable<(u64, u64)>, asked: &[u64]) -> Findings {
    let mut findings = Findings::default();
    table.clear();
    for entry in bytes.chunks_exact(ENTRY) {
        let entry = entry.first_chunk().map_or(0, |entry| u128::from_le_bytes(*entry));
        let (order, who) = (entry as u64, (entry >> 64) as u64);
        let known = table.entry(slot(order), |known| known.0 == order, |known| slot(known.0)).or_insert((order, who));
        if known.get().1 != who {
            findings.suspects.insert(order);
        }
    }
    let is_known = |order: u64| table.find(slot(order), |known| known.0 == order).is_some();
    findings.unknown = asked.iter().filter(|order| !is_known(**order)).count();
    findings
}

/// Orders of one partition share the upper bits of their hashes, by which the table tells entries apart.
fn slot(order_hash: u64) -> u64 {
    order_hash.rotate_left(32)
}
