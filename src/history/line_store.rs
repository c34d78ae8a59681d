//! The line store: writes the lines of some files as records into blocks that outlive the run, with the run's final codes.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::bucket::BucketIds;
use super::line_keys::LineKeys;
use super::order_index::{OrderIndex, OrderIndexWriter};
use super::record::{self, MOST};
use super::row::Row;
use super::shuffle::Shuffled;
use super::stored_lines::line_of;
use crate::error::Result;
use crate::input::records::orders::Line;
use crate::partition::Budget;
use crate::partition::stored::{Block, BlockWriter};

/// Bytes of a block that follows no bucket, about.
const BLOCK_BYTES: usize = 1 << 20;

/// Which lines are stored, and in what form.
pub struct Storing<'a> {
    /// By file of the input: its number among those stored, `None` where its lines are not.
    pub files: &'a [Option<u32>],
    /// Whether each bucket has a block of its own and the orders have entries, so that a run reads a bucket when it needs it. Else the lines
    /// are dealt out again when they are read.
    pub by_bucket: bool,
    /// The memory for the entries of orders.
    pub budget: &'a Arc<Budget>,
}

/// A line that was stored.
#[derive(Debug)]
pub struct StoredLine<'a> {
    /// The line, with final codes and the file's number in the input.
    pub line: Line<'a>,
    /// Where the customer is one of the sample: the hash of its id in the shop, and the bytes of a text id.
    pub sampled: Option<(u64, u64)>,
}

/// The blocks of stored lines.
#[derive(Debug, Default)]
pub struct Stored<S> {
    /// Lines.
    pub rows: u64,
    /// The blocks of the lines: one for each bucket, or those that were filled one after the other.
    pub lines: Vec<Block>,
    /// The blocks of the orders' entries.
    pub orders: Vec<Block>,
    /// What each thread noted.
    pub notes: Vec<S>,
}

/// One thread's share.
struct Share<S> {
    rows: u64,
    blocks: Vec<(usize, Block)>,
    orders: Option<OrderIndexWriter>,
    note: S,
}

impl Shuffled {
    /// Stores lines. `each` notes every one of them.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where the disk is full, or what was written to it cannot be read.
    pub fn store<S: Send, W: Write + Send>(
        &self,
        storing: &Storing<'_>,
        into: &BlockWriter<W>,
        start: &(dyn Fn() -> S + Sync),
        each: &(dyn Fn(&mut S, &StoredLine<'_>) + Sync),
    ) -> Result<Stored<S>> {
        let next = AtomicUsize::new(0);
        let shares: Vec<Result<Share<S>>> = (0..rayon::current_num_threads())
            .into_par_iter()
            .map(|_| {
                let orders = storing.by_bucket.then(|| OrderIndexWriter::new(self.buckets(), storing.budget));
                let mut share = Share { rows: 0, blocks: Vec::new(), orders, note: start() };
                let (mut rows, mut bytes, mut records) = (Vec::new(), Vec::new(), Vec::new());
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= self.buckets() {
                        break;
                    }
                    self.encode(number, storing, (&mut rows, &mut bytes, &mut records), &mut share, each)?;
                    if storing.by_bucket || records.len() >= BLOCK_BYTES {
                        share.blocks.push((number, into.write(&records)?));
                        records.clear();
                    }
                }
                if !records.is_empty() {
                    share.blocks.push((self.buckets(), into.write(&records)?));
                }
                Ok(share)
            })
            .collect();
        let mut stored = Stored { rows: 0, lines: Vec::new(), orders: Vec::new(), notes: Vec::new() };
        let (mut blocks, mut orders) = (Vec::new(), Vec::new());
        for share in shares {
            let share = share?;
            stored.rows += share.rows;
            stored.notes.push(share.note);
            blocks.extend(share.blocks);
            orders.extend(share.orders);
        }
        blocks.sort_unstable_by_key(|(number, block)| (*number, block.at));
        stored.lines = blocks.into_iter().map(|(_, block)| block).collect();
        if storing.by_bucket {
            let index = OrderIndex::new(orders, self.buckets())?;
            let blocks = (0..index.partitions()).into_par_iter().map_init(Vec::new, |bytes, partition| {
                index.read(partition, bytes)?;
                into.write(bytes)
            });
            stored.orders = blocks.collect::<Result<Vec<Block>>>()?;
        }
        Ok(stored)
    }

    /// Appends the records of one bucket.
    fn encode<S>(
        &self,
        number: usize,
        storing: &Storing<'_>,
        (rows, bytes, records): (&mut Vec<(Row, u32)>, &mut Vec<u8>, &mut Vec<u8>),
        share: &mut Share<S>,
        each: &(dyn Fn(&mut S, &StoredLine<'_>) + Sync),
    ) -> Result<()> {
        rows.clear();
        let file_of = |row: &Row| storing.files.get(row.file as usize).copied().flatten();
        // A store by bucket takes up what is stored; others only what this run has dealt out.
        self.decode(number, storing.by_bucket, bytes, |row, title| {
            if file_of(&row).is_some() {
                rows.push((row, title));
            }
        })?;
        let ids: BucketIds<'_> = self.ids(bytes);
        if storing.by_bucket {
            // The order in which histories are grouped: later runs find the rows of a customer one after the other, and similar rows compress
            // better.
            rows.sort_unstable_by(|(one, _), (other, _)| {
                one.shop.cmp(&other.shop).then_with(|| ids.compare_customers(one, other)).then_with(|| ids.by_version(one, other))
            });
        }
        for (row, title) in rows.iter() {
            let Some(file) = file_of(row) else { continue };
            let shop_hash = self.shop_hashes().get(row.shop as usize).copied().unwrap_or(0);
            let line = Line { title: *title, shop_hash, ..line_of(row, ids) };
            let keys = LineKeys::of(&line);
            let mut room = [0; MOST];
            let length = record::write(&Line { file, ..line }, keys.customer, &mut room);
            records.extend_from_slice(room.get(..length).unwrap_or_default());
            keys.texts(&line).for_each(|text| records.extend_from_slice(text));
            if let Some(orders) = &mut share.orders {
                orders.push(keys.order_hash, keys.customer_hash);
            }
            each(&mut share.note, &StoredLine { line, sampled: keys.sampled() });
            share.rows += 1;
        }
        Ok(())
    }
}
