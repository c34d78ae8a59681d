//! The index of orders: which orders exist, and which may name two customers. Built before any history is read.
//!
//! Lines are shuffled by customer, so the lines of an order that names two customers may lie in two buckets, and neither bucket shows it.
//! The index is a second, much narrower shuffle, by order: the hash of the order within its shop and the hash of its customer.

use std::sync::Arc;

use hashbrown::{HashSet, HashTable};
use rayon::prelude::*;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::Result;
use crate::partition::stored::StoredPartitions;
use crate::partition::{Budget, Partitions, Writer, partition_of};

/// Bytes of an entry.
const ENTRY: usize = 16;

/// The entries that one thread adds.
#[derive(Debug)]
pub(super) struct OrderIndexWriter {
    writer: Writer,
    /// Lines of one order mostly follow each other.
    last: (u64, u64),
}

impl OrderIndexWriter {
    /// A writer that accompanies one of lines, whose number of buckets is given.
    pub fn new(buckets: usize, budget: &Arc<Budget>) -> Self {
        OrderIndexWriter { writer: Writer::new(buckets.div_ceil(BUCKETS_IN_PARTITION), Arc::clone(budget)), last: (0, 0) }
    }

    /// Adds an order and its customer.
    #[inline]
    pub fn push(&mut self, order_hash: u64, customer_hash: u64) {
        if self.last == (order_hash, customer_hash) {
            return;
        }
        self.last = (order_hash, customer_hash);
        self.writer.put::<ENTRY>(partition_of(order_hash, self.writer.partitions()), |entry| {
            *entry = (u128::from(order_hash) | u128::from(customer_hash) << 64).to_le_bytes();
            ENTRY
        });
    }

    pub fn check(&self) -> Result<()> {
        self.writer.check()
    }
}

/// Buckets of lines for one partition of the index: an entry is a third of a line, and there are half as many.
const BUCKETS_IN_PARTITION: usize = 4;

/// The entries of all threads.
#[derive(Debug)]
pub struct OrderIndex {
    entries: Partitions,
    /// Those of stored lines that are not dealt out again.
    stored: Vec<StoredPartitions>,
    /// Buckets of the lines.
    buckets: usize,
}

/// The lookup of a record that belongs to an order, such as a refund application: it needs the bucket of its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OrderLookup {
    /// The hash of the order within its shop.
    pub order_hash: u64,
    /// The position of the record.
    pub position: u32,
}

/// A bucket of the lines in which the order of a record lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OrderPlace {
    /// The number of the bucket.
    pub bucket: u32,
    /// The position of the record.
    pub position: u32,
}

/// What the index finds before any history is read.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct OrderFindings {
    /// Hashes of orders that seem to name two customers; their ids decide.
    #[serde(serialize_with = "ascending", deserialize_with = "set")]
    pub(super) suspects: HashSet<u64>,
    /// The number of rated orders that do not exist.
    pub unknown_rated: usize,
    /// Where the orders of refund applications lie: in several buckets where an order names several customers.
    pub(super) refunds: Vec<OrderPlace>,
    /// The same of affiliate rows.
    affiliates: Vec<OrderPlace>,
    /// The same of refunds as the snapshot before knew them.
    past_refunds: Vec<OrderPlace>,
}

/// Hashes in an order of their own, so that equal findings are equal bytes.
fn ascending<S: Serializer>(hashes: &HashSet<u64>, into: S) -> std::result::Result<S::Ok, S::Error> {
    let mut hashes: Vec<u64> = hashes.iter().copied().collect();
    hashes.sort_unstable();
    hashes.serialize(into)
}

fn set<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<HashSet<u64>, D::Error> {
    Ok(Vec::<u64>::deserialize(from)?.into_iter().collect())
}

impl OrderFindings {
    /// Adds what was found of other orders, before either is [divided](OrderFindings::divided).
    pub fn add(&mut self, other: OrderFindings) {
        self.suspects.extend(other.suspects);
        self.unknown_rated += other.unknown_rated;
        self.refunds.extend(other.refunds);
    }

    /// Whether orders seem to name two customers.
    pub fn has_suspects(&self) -> bool {
        !self.suspects.is_empty()
    }

    /// Where the orders of affiliate rows lie; nowhere afterwards.
    pub fn take_affiliates(&mut self) -> Vec<OrderPlace> {
        std::mem::take(&mut self.affiliates)
    }

    /// Where the orders of refunds lie as the snapshot before knew them.
    pub fn past_refunds(&self) -> &[OrderPlace] {
        &self.past_refunds
    }

    /// The same findings, where the records from position `refunds` on are affiliate rows and no refund applications, and those behind so many
    /// `affiliates` are refunds as the snapshot before knew them.
    pub fn divided(mut self, refunds: u32, affiliates: u32) -> Self {
        let behind = |places: &mut Vec<OrderPlace>, first: u32| -> Vec<OrderPlace> {
            let moved = places.extract_if(.., |place| place.position >= first);
            moved.map(|place| OrderPlace { position: place.position - first, ..place }).collect()
        };
        self.affiliates = behind(&mut self.refunds, refunds);
        self.past_refunds = behind(&mut self.affiliates, affiliates);
        self
    }
}

impl OrderIndex {
    pub(super) fn new(writers: Vec<OrderIndexWriter>, buckets: usize) -> Result<Self> {
        let entries = Partitions::new(writers.into_iter().map(|writer| writer.writer).collect())?;
        Ok(OrderIndex { entries, stored: Vec::new(), buckets })
    }

    /// The same index with the entries that an earlier run stored.
    pub fn with_stored(self, stored: Vec<StoredPartitions>) -> Self {
        OrderIndex { stored, ..self }
    }

    /// How many partitions there are.
    pub(super) fn partitions(&self) -> usize {
        self.entries.len()
    }

    /// Reads the entries of a partition.
    pub(super) fn read(&self, partition: usize, bytes: &mut Vec<u8>) -> Result<()> {
        self.entries.read(partition, bytes)?;
        let partitions = self.partitions();
        for stored in &self.stored {
            let own = bytes.len();
            if !stored.read(partition, partitions, bytes)? {
                continue;
            }
            // Of the block only what belongs to this partition.
            let mut kept = own;
            for at in (own..bytes.len()).step_by(ENTRY) {
                let order = bytes.get(at..).and_then(|entry| entry.first_chunk()).map_or(0, |order| u64::from_le_bytes(*order));
                if partition_of(order, partitions) == partition && at + ENTRY <= bytes.len() {
                    bytes.copy_within(at..at + ENTRY, kept);
                    kept += ENTRY;
                }
            }
            bytes.truncate(kept);
        }
        Ok(())
    }

    /// Counts the orders of all partitions.
    ///
    /// # Errors
    /// As [`OrderIndex::count_some`].
    pub fn count(&self, rated: Vec<u64>, refunded: Vec<OrderLookup>) -> Result<OrderFindings> {
        self.count_some(&(0..self.partitions()).collect::<Vec<usize>>(), rated, refunded)
    }

    /// Counts the orders of some partitions. `rated` are the hashes, within their shops, of orders that have ratings; two orders share a hash once in
    /// 10^19, which is good enough for the count of a warning, the only use. `refunded` are records whose orders' buckets are looked
    /// up: refund applications, and affiliate rows behind them ([`OrderFindings::divided`]).
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where what was written to the disk cannot be read.
    pub fn count_some(&self, some: &[usize], mut rated: Vec<u64>, mut refunded: Vec<OrderLookup>) -> Result<OrderFindings> {
        rated.par_sort_unstable();
        refunded.par_sort_unstable();
        let partitions = self.entries.len();
        let found: Vec<Result<OrderFindings>> = some
            .par_iter()
            .map_init(
                || (Vec::new(), HashTable::new()),
                |(bytes, table), partition| {
                    let partition = *partition;
                    self.read(partition, bytes)?;
                    let rated = of_partition(&rated, |hash| *hash, partition, partitions);
                    let refunded = of_partition(&refunded, |lookup| lookup.order_hash, partition, partitions);
                    Ok(count(bytes, table, rated, refunded, self.buckets))
                },
            )
            .collect();
        let mut all = OrderFindings::default();
        for found in found {
            all.add(found?);
        }
        Ok(all)
    }
}

/// The part of ascending hashes that lies in a partition.
fn of_partition<T>(sorted: &[T], hash: impl Fn(&T) -> u64, partition: usize, partitions: usize) -> &[T] {
    let from = sorted.partition_point(|each| partition_of(hash(each), partitions) < partition);
    let until = sorted.partition_point(|each| partition_of(hash(each), partitions) <= partition);
    &sorted[from..until]
}

/// Counts one partition.
fn count(bytes: &[u8], table: &mut HashTable<(u64, u64)>, rated: &[u64], refunded: &[OrderLookup], buckets: usize) -> OrderFindings {
    table.clear();
    // Further customers of orders.
    let mut others: Vec<(u64, u64)> = Vec::new();
    for entry in bytes.chunks_exact(ENTRY) {
        let entry = entry.first_chunk().map_or(0, |entry| u128::from_le_bytes(*entry));
        let (order, customer) = (entry as u64, (entry >> 64) as u64);
        let known = table.entry(slot(order), |known| known.0 == order, |known| slot(known.0)).or_insert((order, customer));
        if known.get().1 != customer {
            others.push((order, customer));
        }
    }
    others.sort_unstable();
    others.dedup();
    let customer = |order: u64| table.find(slot(order), |known| known.0 == order).map(|known| known.1);
    let unknown_rated = rated.iter().filter(|order| customer(**order).is_none()).count();
    let mut refunds = Vec::with_capacity(refunded.len());
    for lookup in refunded {
        let order = lookup.order_hash;
        let from = others.partition_point(|other| other.0 < order);
        let others = others[from..].iter().take_while(|other| other.0 == order).map(|other| other.1);
        let bucket_of = |customer: u64| OrderPlace { bucket: partition_of(customer, buckets) as u32, position: lookup.position };
        refunds.extend(customer(order).into_iter().chain(others).map(bucket_of));
    }
    let suspects = others.into_iter().map(|(order, _)| order).collect();
    OrderFindings { suspects, unknown_rated, refunds, ..OrderFindings::default() }
}

/// Rotates a hash for the table of one partition: its orders share the upper bits, which the table uses to distinguish entries.
fn slot(order_hash: u64) -> u64 {
    order_hash.rotate_left(32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Id, id_hash, id_hash_in_shop};

    #[test]
    fn orders_of_two_customers_are_suspects_and_refunds_find_every_bucket_of_theirs() {
        let budget = Arc::new(Budget::unlimited());
        let buckets = 64;
        let order_hash = |id| id_hash_in_shop(id_hash(Id::Text("shop")), id_hash(Id::Integer(id)));
        let customer_hash = |id| id_hash(Id::Integer(id));
        let mut writer = OrderIndexWriter::new(buckets, &budget);
        // Order 1 has customers 10 and 11, order 2 customer 10 in two lines and once more later, order 3 customer 12.
        for (order, customer) in [(1, 10), (2, 10), (2, 10), (3, 12), (1, 11), (2, 10)] {
            writer.push(order_hash(order), customer_hash(customer));
        }
        let lookup = |order, position| OrderLookup { order_hash: order_hash(order), position };
        let findings = OrderIndex::new(vec![writer], buckets)
            .unwrap()
            .count(vec![order_hash(3), order_hash(4), order_hash(4)], vec![lookup(1, 0), lookup(3, 1), lookup(9, 2)])
            .unwrap();
        assert_eq!(findings.suspects, HashSet::from_iter([order_hash(1)]));
        assert_eq!(findings.unknown_rated, 2);
        let divided = |refunds, affiliates| {
            let all = OrderFindings { refunds: findings.refunds.clone(), ..OrderFindings::default() };
            let mut divided = all.divided(refunds, affiliates);
            let positions = |places: &[OrderPlace]| places.iter().map(|place| place.position).collect::<Vec<u32>>();
            (divided.refunds.len(), positions(&divided.take_affiliates()), positions(divided.past_refunds()))
        };
        // Positions 0 in two buckets, and 1.
        assert_eq!(divided(2, 0), (3, vec![], vec![]));
        assert_eq!(divided(1, 1), (2, vec![0], vec![]));
        assert_eq!(divided(1, 0), (2, vec![], vec![0]));
        let mut refunds = findings.refunds;
        refunds.sort_unstable();
        let bucket = |customer, position| OrderPlace { bucket: partition_of(customer_hash(customer), buckets) as u32, position };
        let mut expected = vec![bucket(10, 0), bucket(11, 0), bucket(12, 1)];
        expected.sort_unstable();
        assert_eq!(refunds, expected);
    }
}
