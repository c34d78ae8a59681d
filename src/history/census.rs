//! The census of orders: which orders may name two customers, and which orders there are at all, found before any history is walked.
//!
//! Lines are dealt out by their customers, so an order whose lines name two of them lies in two places and neither can tell.
//! The census is a second, much narrower shuffle, by order: the hash of the order and who its customer is.

use std::sync::Arc;

use hashbrown::{HashSet, HashTable};
use rayon::prelude::*;

use super::shuffle::hash;
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
pub struct Censuses {
    entries: Partitions,
    /// Buckets of the lines.
    buckets: usize,
}

/// An order that refunds ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// The hash of the order within its shop.
    pub order: u64,
    /// The provisional code of the shop.
    pub shop: u32,
    /// Who asks: the position of the application.
    pub position: u32,
}

/// What the census tells.
#[derive(Debug, Default)]
pub struct Findings {
    /// Hashes of orders that seem to name two customers: to be judged by their ids.
    pub(super) suspects: HashSet<u64>,
    /// How many rated orders are not there.
    pub unknown_rated: usize,
    /// The bucket of the lines in which the order of an application lies, and the application's position; several where the
    /// order names several customers.
    pub(super) refunds: Vec<(u32, u32)>,
}

impl Censuses {
    pub(super) fn new(censuses: Vec<Census>, buckets: usize) -> Result<Self> {
        let entries = Partitions::new(censuses.into_iter().map(|census| census.writer).collect())?;
        Ok(Censuses { entries, buckets })
    }

    /// Counts the orders. `rated` are hashes of orders that ought to be there, within their shops; a hash can be wrong once in
    /// 10^19: good enough to count warnings, and used for nothing else. `refunded` are orders whose buckets are wanted.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where what was written to the disk cannot be read.
    pub fn count(&self, mut rated: Vec<u64>, mut refunded: Vec<Asked>, customers_are_text: bool) -> Result<Findings> {
        rated.par_sort_unstable();
        refunded.par_sort_unstable();
        let partitions = self.entries.len();
        let bucket = |asked: &Asked, who: u64| {
            let hash = if customers_are_text { who } else { hash(asked.shop, Id::Integer(who)) };
            partition_of(hash, self.buckets) as u32
        };
        let found: Vec<Result<Findings>> = (0..partitions)
            .into_par_iter()
            .map_init(
                || (Vec::new(), HashTable::new()),
                |(bytes, table), partition| {
                    self.entries.read(partition, bytes)?;
                    let rated = of_partition(&rated, |hash| *hash, partition, partitions);
                    let refunded = of_partition(&refunded, |asked| asked.order, partition, partitions);
                    Ok(count(bytes, table, rated, refunded, &bucket))
                },
            )
            .collect();
        let mut all = Findings::default();
        for found in found {
            let Findings { suspects, unknown_rated, refunds } = found?;
            all.suspects.extend(suspects);
            all.unknown_rated += unknown_rated;
            all.refunds.extend(refunds);
        }
        Ok(all)
    }
}

/// Those of ascending hashes that lie in a partition.
fn of_partition<T>(sorted: &[T], hash: impl Fn(&T) -> u64, partition: usize, partitions: usize) -> &[T] {
    let from = sorted.partition_point(|each| partition_of(hash(each), partitions) < partition);
    let until = sorted.partition_point(|each| partition_of(hash(each), partitions) <= partition);
    &sorted[from..until]
}

/// Counts one partition.
fn count(
    bytes: &[u8],
    table: &mut HashTable<(u64, u64)>,
    rated: &[u64],
    refunded: &[Asked],
    bucket: &dyn Fn(&Asked, u64) -> u32,
) -> Findings {
    table.clear();
    // Further customers of orders.
    let mut others: Vec<(u64, u64)> = Vec::new();
    for entry in bytes.chunks_exact(ENTRY) {
        let entry = entry.first_chunk().map_or(0, |entry| u128::from_le_bytes(*entry));
        let (order, who) = (entry as u64, (entry >> 64) as u64);
        let known = table.entry(slot(order), |known| known.0 == order, |known| slot(known.0)).or_insert((order, who));
        if known.get().1 != who {
            others.push((order, who));
        }
    }
    others.sort_unstable();
    others.dedup();
    let customer = |order: u64| table.find(slot(order), |known| known.0 == order).map(|known| known.1);
    let unknown_rated = rated.iter().filter(|order| customer(**order).is_none()).count();
    let mut refunds = Vec::with_capacity(refunded.len());
    for asked in refunded {
        let from = others.partition_point(|other| other.0 < asked.order);
        let others = others[from..].iter().take_while(|other| other.0 == asked.order).map(|other| other.1);
        refunds.extend(customer(asked.order).into_iter().chain(others).map(|who| (bucket(asked, who), asked.position)));
    }
    Findings { suspects: others.into_iter().map(|(order, _)| order).collect(), unknown_rated, refunds }
}

/// Orders of one partition share the upper bits of their hashes, by which the table tells entries apart.
fn slot(order_hash: u64) -> u64 {
    order_hash.rotate_left(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_of_two_customers_are_suspects_and_refunds_find_every_bucket_of_theirs() {
        let budget = Arc::new(Budget::unlimited());
        let buckets = 64;
        let order = |id| hash(0, Id::Integer(id));
        let mut census = Census::new(buckets, &budget);
        // Order 1 has customers 10 and 11, order 2 customer 10 in two lines and once more later, order 3 customer 12.
        for (id, who) in [(1, 10), (2, 10), (2, 10), (3, 12), (1, 11), (2, 10)] {
            census.enter(order(id), Id::Integer(who), hash(0, Id::Integer(who)));
        }
        let asked = |id, position| Asked { order: order(id), shop: 0, position };
        let findings = Censuses::new(vec![census], buckets)
            .unwrap()
            .count(vec![order(3), order(4), order(4)], vec![asked(1, 0), asked(3, 1), asked(9, 2)], false)
            .unwrap();
        assert_eq!(findings.suspects, HashSet::from_iter([order(1)]));
        assert_eq!(findings.unknown_rated, 2);
        let mut refunds = findings.refunds;
        refunds.sort_unstable();
        let bucket = |who| partition_of(hash(0, Id::Integer(who)), buckets) as u32;
        let mut expected = vec![(bucket(10), 0), (bucket(11), 0), (bucket(12), 1)];
        expected.sort_unstable();
        assert_eq!(refunds, expected);
    }
}
