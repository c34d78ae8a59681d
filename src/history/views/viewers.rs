//! Viewers: the days on which customers viewed pages of a shop, dealt out by customer, so that the walk over the orders finds who
//! viewed and paid on one day. In memory as far as the budget goes, on disk beyond it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::record::{IdPlace, take};
use crate::error::Result;
use crate::partition::{Budget, Partitions, Writer, partition_of, partitions_for};
use crate::spec::{Day, Id, id_hash};

/// Bytes of a record without the text of its id: shop, day, a flag, and the key or the length of the text.
const MOST: usize = 4 + 4 + 1 + 8;

/// Views for one partition, roughly: few of them are another day of a customer.
const PARTITION_VIEWS: u64 = 65_536;

/// Into how many partitions the customers of so many views are dealt out, a power of two.
pub fn viewer_partitions(views: u64) -> usize {
    partitions_for(views, PARTITION_VIEWS)
}

/// The days of customers that one thread writes.
#[derive(Debug)]
pub struct ViewerWriter {
    writer: Writer,
    days: Option<(Day, Day)>,
}

impl ViewerWriter {
    /// A writer to so many partitions.
    pub fn new(partitions: usize, budget: &Arc<Budget>) -> Self {
        ViewerWriter { writer: Writer::new(partitions, Arc::clone(budget)), days: None }
    }

    /// Adds a day on which a customer viewed a page of a shop, by its provisional code.
    pub fn push(&mut self, shop: u32, day: Day, customer: Id<'_>) {
        let partition = partition_of(id_hash(customer), self.writer.partitions());
        self.days = Some(self.days.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
        let (is_text, word) = match customer {
            Id::Integer(key) => (0, key),
            Id::Text(text) => (1, text.len() as u64),
        };
        self.writer.put::<MOST>(partition, |room| {
            room[..4].copy_from_slice(&shop.to_le_bytes());
            room[4..8].copy_from_slice(&day.to_le_bytes());
            room[8] = is_text;
            room[9..].copy_from_slice(&word.to_le_bytes());
            MOST
        });
        if let Id::Text(text) = customer {
            self.writer.append(partition, text.as_bytes());
        }
    }

    /// Checks that all were written.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where the disk is full.
    pub fn check(&self) -> Result<()> {
        self.writer.check()
    }
}

/// A day on which a customer viewed a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Viewer {
    shop: u32,
    customer: IdPlace,
    day: Day,
}

/// The days of all customers.
#[derive(Debug, Default)]
pub struct Viewers {
    partitions: Partitions,
    /// By provisional code of a shop: its final code.
    shop_ranks: Vec<u32>,
    /// The first and the last day of all.
    days: Option<(Day, Day)>,
}

impl Viewers {
    /// The days that all threads wrote.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where the disk was full.
    pub fn new(writers: Vec<ViewerWriter>) -> Result<Viewers> {
        let days = writers.iter().filter_map(|writer| writer.days).reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
        let partitions = Partitions::new(writers.into_iter().map(|writer| writer.writer).collect())?;
        Ok(Viewers { partitions, days, shop_ranks: Vec::new() })
    }

    /// The same with the final codes of the shops.
    pub fn ranked(self, shop_ranks: Vec<u32>) -> Viewers {
        Viewers { shop_ranks, ..self }
    }

    /// Whether anybody is known who viewed a page on a day, as far as the first and the last day of all say it.
    pub fn may_have(&self, day: Day) -> bool {
        self.days.is_some_and(|(first, last)| (first..=last).contains(&day))
    }

    /// The distinct customers by shop and day.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where what was written to the disk cannot be read.
    pub fn customers(&self) -> Result<BTreeMap<(u32, Day), i64>> {
        let next = AtomicUsize::new(0);
        let workers: Vec<Result<_>> = (0..rayon::current_num_threads())
            .into_par_iter()
            .map(|_| {
                let mut counts: BTreeMap<(u32, Day), i64> = BTreeMap::new();
                let mut part = ViewerPart::default();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= self.partitions.len() {
                        break;
                    }
                    self.read(number, &mut part)?;
                    part.viewers.iter().for_each(|viewer| *counts.entry((viewer.shop, viewer.day)).or_default() += 1);
                }
                Ok(counts)
            })
            .collect();
        let mut counts: BTreeMap<(u32, Day), i64> = BTreeMap::new();
        for worker in workers {
            worker?.into_iter().for_each(|(key, more)| *counts.entry(key).or_default() += more);
        }
        Ok(counts)
    }

    /// The part in which the days of a customer lie.
    pub fn part_of(&self, customer: Id<'_>) -> usize {
        partition_of(id_hash(customer), self.partitions.len())
    }

    /// Reads a part, and reuses its memory.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where what was written to the disk cannot be read.
    pub fn read(&self, number: usize, part: &mut ViewerPart) -> Result<()> {
        let ViewerPart { viewers, bytes } = part;
        viewers.clear();
        self.partitions.read(number, bytes)?;
        let mut at = 0;
        while let Some(mut viewer) = read(bytes, &mut at) {
            viewer.shop = self.shop_ranks.get(viewer.shop as usize).copied().unwrap_or(viewer.shop);
            viewers.push(viewer);
        }
        let text = |viewer: &Viewer| viewer.customer.text(bytes);
        viewers.sort_unstable_by(|a, b| {
            (a.shop, a.customer.key).cmp(&(b.shop, b.customer.key)).then_with(|| text(a).cmp(text(b))).then_with(|| a.day.cmp(&b.day))
        });
        viewers.dedup_by(|a, b| (a.shop, a.customer.key, a.day) == (b.shop, b.customer.key, b.day) && text(a) == text(b));
        Ok(())
    }
}

fn read(bytes: &[u8], at: &mut usize) -> Option<Viewer> {
    let (shop, day) = (u32::from_le_bytes(take(bytes, at)?), i32::from_le_bytes(take(bytes, at)?));
    let ([is_text], word) = (take(bytes, at)?, u64::from_le_bytes(take(bytes, at)?));
    let customer = match is_text {
        0 => IdPlace { key: word, text: None },
        _ => {
            let (from, length) = (*at, usize::try_from(word).ok()?);
            let text = bytes.get(from..from.checked_add(length)?)?;
            *at += length;
            IdPlace { key: id_hash(Id::Text(std::str::from_utf8(text).unwrap_or_default())), text: Some((from, length)) }
        }
    };
    Some(Viewer { shop, customer, day })
}

/// The days of the customers of a part, each once.
#[derive(Debug, Default)]
pub struct ViewerPart {
    /// Ascending by shop, customer (texts by their hash first) and day.
    viewers: Vec<Viewer>,
    bytes: Vec<u8>,
}

impl ViewerPart {
    /// Whether a customer viewed a page of a shop, by its final code, on a day.
    pub fn has(&self, shop: u32, customer: Id<'_>, day: Day) -> bool {
        let key = match customer {
            Id::Integer(key) => key,
            Id::Text(_) => id_hash(customer),
        };
        let from = self.viewers.partition_point(|viewer| (viewer.shop, viewer.customer.key) < (shop, key));
        let rest = self.viewers.get(from..).unwrap_or_default();
        let mut same_key = rest.iter().take_while(|viewer| (viewer.shop, viewer.customer.key) == (shop, key));
        same_key.any(|viewer| viewer.day == day && viewer.customer.id(&self.bytes) == customer)
    }
}
