//! The shuffle: distributes order lines to buckets by a hash of their customer's id, so that all lines of a customer are in one bucket, and
//! what one person bought in several shops too.

use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::HashSet;

use super::affiliates::AffiliateIndex;
use super::bucket::{Bucket, BucketIds};
use super::inquiries::IndexedInquiries;
use super::line_keys::{LineKeys, SAMPLED};
use super::order_index::{OrderIndex, OrderIndexWriter};
use super::ranks::Ranks;
use super::record::{self, MOST, PADDING};
use super::row::{Row, TextIds};
use super::stored_lines::{NO_FILE, StoredLines};
use crate::error::Result;
use crate::input::records::inquiries::Inquiries;
use crate::input::records::orders::Line;
use crate::partition::{Budget, Partitions, Writer, partition_of, partitions_for};

/// Distinct channels, distinct provinces, and distinct promotions, that a run can have at most.
pub const MOST_VALUES: usize = u16::MAX as usize - 1;

/// Lines of a bucket at most, roughly: their rows fit the second-level cache of a processor while they are settled.
const BUCKET_LINES: u64 = 8_192;

/// Bytes of a bucket that a thread should buffer before it writes them to disk: disks are read in pieces of that size.
const BUCKET_BYTES: u64 = 16 << 10;

/// Bytes that a line takes while its bucket is settled, roughly: as a record, as a row, as part of an order.
const SETTLING_BYTES: u64 = 256;

/// The part of the limit that the buckets being settled may take.
const SETTLING_SHARE: u64 = 8;

/// The shuffle, shared by all threads.
#[derive(Debug)]
pub struct Shuffle {
    buckets: usize,
    indexes_orders: bool,
    budget: Arc<Budget>,
    /// The hashes of one customer of a shop in [`SAMPLED`], from which the number of customers is estimated.
    sample: Mutex<HashSet<u64>>,
}

/// Bytes that the tables keep of a customer until they are written, roughly; a text id comes on top.
const CUSTOMER_BYTES: u64 = 160;

impl Shuffle {
    /// Starts a shuffle of that many lines, which also indexes the orders where the caller asks for it. The number of buckets, a power of
    /// two, depends on lines, threads and memory; the order of customers among them depends on the ids alone.
    pub fn new(lines: u64, indexes_orders: bool, budget: &Arc<Budget>) -> Self {
        let threads = rayon::current_num_threads() as u64;
        let best = partitions_for(lines, BUCKET_LINES);
        let fitting = 1_usize << (budget.left() / (threads * BUCKET_BYTES)).max(1).ilog2().min(usize::BITS - 1);
        // Every thread holds a whole bucket while it settles it: with fewer buckets these would take most of the memory.
        let needed = partitions_for(lines.saturating_mul(SETTLING_BYTES * threads), (budget.limit() / SETTLING_SHARE).max(1));
        let buckets = best.min(fitting.max(needed));
        Shuffle { buckets, indexes_orders, budget: Arc::clone(budget), sample: Mutex::default() }
    }

    /// How many buckets there will be.
    pub fn buckets(&self) -> usize {
        self.buckets
    }

    /// The same with a given number of buckets, a power of two.
    pub fn into_buckets(self, buckets: usize) -> Self {
        Shuffle { buckets, ..self }
    }

    /// A writer for one thread.
    pub fn shuffler(&self) -> Shuffler<'_> {
        let orders = self.indexes_orders.then(|| OrderIndexWriter::new(self.buckets, &self.budget));
        Shuffler { shuffle: self, writer: Writer::new(self.buckets, Arc::clone(&self.budget)), orders, rows: 0 }
    }

    /// Counts a customer of the sample, whose id is a text of that many bytes, 0 for an integer, and reserves memory for it and for the
    /// customers that it represents.
    #[cold]
    pub(super) fn count(&self, customer_hash: u64, text: u64) {
        let is_new = self.sample.lock().unwrap_or_else(PoisonError::into_inner).insert(customer_hash);
        if is_new {
            self.budget.reserve(SAMPLED * (CUSTOMER_BYTES + text));
        }
    }
}

/// The writer of one thread.
#[derive(Debug)]
pub struct Shuffler<'a> {
    shuffle: &'a Shuffle,
    writer: Writer,
    orders: Option<OrderIndexWriter>,
    rows: u64,
}

impl Shuffler<'_> {
    /// Adds a line.
    #[inline]
    pub fn push(&mut self, line: &Line<'_>) {
        let keys = LineKeys::of(line);
        let bucket = partition_of(keys.customer_hash, self.writer.partitions());
        self.writer.put::<MOST>(bucket, |room| record::write(line, keys.customer, room));
        keys.texts(line).for_each(|text| self.writer.append(bucket, text));
        if let Some((hash, text)) = keys.sampled() {
            self.shuffle.count(hash, text);
        }
        if let Some(orders) = &mut self.orders {
            orders.push(keys.order_hash, keys.customer_hash);
        }
        self.rows += 1;
    }

    /// Checks that all lines were written.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where the disk is full.
    pub fn check(&self) -> Result<()> {
        self.writer.check()?;
        self.orders.as_ref().map_or(Ok(()), OrderIndexWriter::check)
    }
}

/// The lines of all threads, to be read bucket by bucket.
#[derive(Debug, Default)]
pub struct Shuffled {
    partitions: Partitions,
    rows: u64,
    ranks: Ranks,
    /// By shop code: the hash of the shop's id.
    shop_hashes: Vec<u64>,
    text: TextIds,
    /// By file of the orders input: its part; empty where there is one part.
    parts: Vec<u32>,
    affiliates: AffiliateIndex,
    inquiries: IndexedInquiries,
    stored: Vec<StoredLines>,
}

impl Shuffled {
    /// Combines all shufflers; returns the index of the orders separately. `shop_hashes` are the hashes of the shops' ids by final code;
    /// `text` says which ids of the orders input are texts.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where the disk was full.
    pub fn new(shufflers: Vec<Shuffler<'_>>, ranks: Ranks, shop_hashes: Vec<u64>, text: TextIds) -> Result<(Self, Option<OrderIndex>)> {
        let rows = shufflers.iter().map(|shuffler| shuffler.rows).sum();
        let (writers, orders): (Vec<Writer>, Vec<Option<OrderIndexWriter>>) =
            shufflers.into_iter().map(|shuffler| (shuffler.writer, shuffler.orders)).unzip();
        let partitions = Partitions::new(writers)?;
        let orders = orders.into_iter().collect::<Option<Vec<OrderIndexWriter>>>();
        let orders = orders.map(|orders| OrderIndex::new(orders, partitions.len())).transpose()?;
        Ok((Shuffled { partitions, rows, ranks, shop_hashes, text, ..Shuffled::default() }, orders))
    }

    /// The same lines, of whose orders publishers brought some.
    pub fn with_affiliates(self, affiliates: AffiliateIndex) -> Self {
        Shuffled { affiliates, ..self }
    }

    /// The same lines, with what their customers asked, in as many buckets.
    pub fn with_inquiries(self, inquiries: Inquiries) -> Self {
        let inquiries = IndexedInquiries { inquiries, shops: self.ranks.shops.clone() };
        Shuffled { inquiries, ..self }
    }

    /// What publishers brought.
    pub fn affiliates(&self) -> &AffiliateIndex {
        &self.affiliates
    }

    /// What customers asked.
    pub(super) fn inquiries(&self) -> &IndexedInquiries {
        &self.inquiries
    }

    /// The same lines of an input that has parts: folders such as `region=north/`. `parts` has the part of each file.
    pub fn of_parts(self, parts: Vec<u32>) -> Self {
        Shuffled { parts, ..self }
    }

    /// Whether the input has parts.
    pub(super) fn has_parts(&self) -> bool {
        !self.parts.is_empty()
    }

    /// The part of a file.
    pub(super) fn part(&self, file: u32) -> u32 {
        self.parts.get(file as usize).copied().unwrap_or(0)
    }

    /// By shop code: the hash of the shop's id.
    pub fn shop_hashes(&self) -> &[u64] {
        &self.shop_hashes
    }

    /// The ids of rows whose records are `bytes`.
    pub(super) fn ids<'a>(&'a self, bytes: &'a [u8]) -> BucketIds<'a> {
        BucketIds { bytes, text: self.text, shop_hashes: &self.shop_hashes }
    }

    /// Which ids are texts.
    pub fn text(&self) -> TextIds {
        self.text
    }

    /// How many buckets there are.
    pub fn buckets(&self) -> usize {
        self.partitions.len()
    }

    /// How many lines there are.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The same lines with those that earlier runs stored.
    pub fn with_stored(self, stored: Vec<StoredLines>) -> Self {
        let rows = self.rows + stored.iter().map(|stored| stored.rows).sum::<u64>();
        Shuffled { stored, rows, ..self }
    }

    /// Reads a bucket into `bucket`, and reuses its memory.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where what was written to the disk cannot be read.
    pub(super) fn read(&self, number: usize, bucket: &mut Bucket) -> Result<()> {
        bucket.rows.clear();
        let Bucket { rows, bytes } = bucket;
        self.decode(number, true, bytes, |row, _| rows.push(row))
    }

    /// Reads the records of a bucket into `bytes`, and gives `each` its rows and the provisional codes of their titles; those of stored lines
    /// where `with_stored`.
    pub(super) fn decode(&self, number: usize, with_stored: bool, bytes: &mut Vec<u8>, mut each: impl FnMut(Row, u32)) -> Result<()> {
        self.partitions.read(number, bytes)?;
        let own = bytes.len();
        let mut stored = Vec::new();
        for lines in self.stored.iter().filter(|_| with_stored) {
            let is_shared = lines.lines.read(number, self.buckets(), bytes)?;
            stored.push((lines, is_shared, bytes.len()));
        }
        let end = bytes.len();
        bytes.resize(end + PADDING, 0);
        let mut at = 0;
        while at < own {
            let Some((row, title)) = record::read(bytes, &mut at, self.text) else { break };
            each(ranked(row, &self.ranks), title);
        }
        let ids = BucketIds { bytes, text: self.text, shop_hashes: &self.shop_hashes };
        at = own;
        for (StoredLines { codes, ranks, .. }, is_shared, end) in stored {
            while at < end {
                let Some((row, title)) = record::read(bytes, &mut at, self.text) else { break };
                let file = codes.files.get(row.file as usize).copied().unwrap_or(NO_FILE);
                let row = Row { file, ..ranked(row, ranks) };
                let hash = || if row.is_anonymous { !ids.order_hash(&row) } else { ids.customer_hash(&row) };
                if file != NO_FILE && !(is_shared && partition_of(hash(), self.buckets()) != number) {
                    each(row, rank(&ranks.titles, title));
                }
            }
            at = end;
        }
        Ok(())
    }
}

fn rank(ranks: &[u32], code: u32) -> u32 {
    ranks.get(code as usize).copied().unwrap_or(0)
}

/// A row with its final codes.
#[inline(always)]
fn ranked(row: Row, ranks: &Ranks) -> Row {
    Row {
        shop: rank(&ranks.shops, row.shop),
        category: rank(&ranks.categories, row.category),
        item: rank(&ranks.items, row.item),
        channel: rank(&ranks.channels, u32::from(row.channel)) as u16,
        province: rank(&ranks.provinces, u32::from(row.province)) as u16,
        promotion: rank(&ranks.promotions, u32::from(row.promotion)) as u16,
        ..row
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_spent_budget_makes_no_bucket_too_large_to_be_held() {
        let buckets = |lines, limit| Shuffle::new(lines, false, &Arc::new(Budget::new(limit, Path::new("")))).buckets;
        let lines = 3_000_000;
        assert_eq!(buckets(lines, u64::MAX), 512); // 3,000,000 / 8,192 = 366.2
        assert_eq!(buckets(lines, 1), 512);
        // 256 bytes a line on every thread are an eighth of the limit with eight times that: one bucket is enough.
        let threads = rayon::current_num_threads() as u64;
        assert_eq!(buckets(1_000, 8 * 256 * 1_000 * threads), 1);
    }
}
