//! Tallies of items: how often each length of time, and each quantity, occurred. One long list, sorted when half as
//! much was added as is sorted.

use std::sync::Arc;

use arrow::array::{ArrayRef, UInt8Array, UInt32Array};
use arrow::datatypes::{DataType, Field, Schema, UInt8Type, UInt32Type};
use arrow::record_batch::RecordBatch;
use rayon::slice::ParallelSliceMut;

use super::super::codes::{CodeOf, coded};
use super::super::state_column::values;
use crate::error::Result;

/// Counts in no order that are kept before they are sorted and added up.
const LOOSE: usize = 1 << 16;

/// The column of a state that only tallies have.
pub(super) const KIND: &str = "kind";

/// What is counted of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Days from one day on which a customer bought it to the next.
    Ended,
    /// Days from the last such day of a customer to the as-of date.
    Open,
    /// Pieces that a customer bought on a day, unless it was one.
    Pieces,
}

impl Kind {
    fn of(number: u8) -> Kind {
        match number {
            0 => Kind::Ended,
            1 => Kind::Open,
            _ => Kind::Pieces,
        }
    }
}

/// A kind and a value, in one number that ascends by value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Counted(u32);

impl Counted {
    /// More pieces than this count as so many.
    const MOST: u32 = (1 << 30) - 1;

    pub fn new(kind: Kind, value: u32) -> Self {
        Counted(value.min(Self::MOST) << 2 | kind as u32)
    }

    pub fn value(self) -> u32 {
        self.0 >> 2
    }

    pub fn kind(self) -> Kind {
        Kind::of((self.0 & 3) as u8)
    }
}

/// How often something was counted of an item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tally {
    /// The place of the item; later its number in the order of items.
    pub item: u32,
    pub counted: Counted,
    pub times: u32,
}

fn key(tally: &Tally) -> (u32, Counted) {
    (tally.item, tally.counted)
}

/// Makes one of those that count the same, of tallies in order.
fn add_same(tallies: &mut Vec<Tally>) {
    tallies.dedup_by(|more, kept| {
        let is_same = key(more) == key(kept);
        if is_same {
            kept.times = kept.times.saturating_add(more.times);
        }
        is_same
    });
}

/// The tallies of all items of a fold.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    tallies: Vec<Tally>,
    /// How many of the first are sorted.
    sorted: usize,
}

impl Tallies {
    /// How many there are, some of the same.
    pub fn len(&self) -> usize {
        self.tallies.len()
    }

    /// Counts something of the item at a place.
    pub fn count(&mut self, place: u32, kind: Kind, value: u32) {
        self.add(Tally { item: place, counted: Counted::new(kind, value), times: 1 });
    }

    fn add(&mut self, tally: Tally) {
        let loose = (self.sorted >> 1).max(LOOSE);
        if self.tallies.len() - self.sorted > loose {
            self.add_up();
        }
        // Doubling would take memory for as many again.
        if self.tallies.len() == self.tallies.capacity() && self.sorted > 0 {
            self.tallies.reserve_exact(loose);
        }
        self.tallies.push(tally);
    }

    fn add_up(&mut self) {
        self.tallies.sort_unstable_by_key(key);
        add_same(&mut self.tallies);
        self.sorted = self.tallies.len();
    }

    /// The tallies as batches of so many rows, which are forgotten; `item` gives the codes of the shop and the item at a place.
    pub fn take_batches(&mut self, rows: usize, item: impl Fn(u32) -> (u32, u32)) -> Result<Vec<RecordBatch>> {
        self.add_up();
        let mut batches = Vec::new();
        while !self.tallies.is_empty() {
            let rest = self.tallies.split_off(self.tallies.len().saturating_sub(rows));
            batches.push(batch(&rest, &item)?);
            self.tallies.shrink_to_fit();
        }
        self.sorted = 0;
        Ok(batches)
    }

    /// Adds the tallies of a batch of a state; `place` gives the place of an item of a shop.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] if it is no such batch.
    pub fn merge(&mut self, batch: &RecordBatch, mut place: impl FnMut(u32, u32) -> u32) -> Result<()> {
        let (shops, items) = (values::<UInt32Type>(batch, "shop")?, values::<UInt32Type>(batch, "item")?);
        let (kinds, counted) = (values::<UInt8Type>(batch, KIND)?, values::<UInt32Type>(batch, "value")?);
        let times = values::<UInt32Type>(batch, "times")?;
        // Those of one item lie beside each other.
        let mut last: Option<((u32, u32), u32)> = None;
        for ((((shop, item), kind), value), times) in shops.iter().zip(items).zip(kinds).zip(counted).zip(times) {
            let own = (*shop, *item);
            let found = last.filter(|(item, _)| *item == own).map_or_else(|| place(own.0, own.1), |(_, place)| place);
            last = Some((own, found));
            self.add(Tally { item: found, counted: Counted::new(Kind::of(*kind), *value), times: *times });
        }
        Ok(())
    }

    /// All tallies, by the numbers of their items instead of the places: in order, each once.
    pub fn renumbered(mut self, numbers: &[u32]) -> Vec<Tally> {
        for tally in &mut self.tallies {
            tally.item = numbers.get(tally.item as usize).copied().unwrap_or(tally.item);
        }
        self.tallies.par_sort_unstable_by_key(key);
        add_same(&mut self.tallies);
        self.tallies
    }
}

/// A batch of a state.
fn batch(rows: &[Tally], item: impl Fn(u32) -> (u32, u32)) -> Result<RecordBatch> {
    let column = |value: &dyn Fn(&Tally) -> u32| Arc::new(UInt32Array::from_iter_values(rows.iter().map(value))) as ArrayRef;
    let kinds: ArrayRef = Arc::new(UInt8Array::from_iter_values(rows.iter().map(|row| row.counted.kind() as u8)));
    let field = |name: &str| Field::new(name, DataType::UInt32, false);
    let fields = vec![
        coded(field("shop"), CodeOf::Shop),
        coded(field("item"), CodeOf::Item),
        Field::new(KIND, DataType::UInt8, false),
        field("value"),
        field("times"),
    ];
    let codes = [column(&|row| item(row.item).0), column(&|row| item(row.item).1)];
    let counted = [kinds, column(&|row| row.counted.value()), column(&|row| row.times)];
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), codes.into_iter().chain(counted).collect())?)
}
