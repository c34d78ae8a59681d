//! Tallies: counters by a short key and a position on a line (a day, a period, a number of days), the common ground of most folds.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int32Array, Int64Array};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use hashbrown::HashMap;

use crate::error::{Error, Result};

/// `N` counters that add up. A fold that counts at random places waits for memory more than it computes: a cell that is
/// small, and aligned so that it lies in one cache line, is most of what makes it quick.
pub trait Cell<const N: usize>: Clone + Default {
    /// The counters, as they travel in states.
    fn counters(&self) -> [i64; N];

    /// Adds counters; `None` where a sum does not fit.
    fn add(&mut self, counters: &[i64; N]) -> Option<()>;
}

impl<const N: usize> Cell<N> for [u32; N]
where
    [u32; N]: Default,
{
    fn counters(&self) -> [i64; N] {
        self.map(i64::from)
    }

    fn add(&mut self, counters: &[i64; N]) -> Option<()> {
        self.iter_mut().zip(counters).try_for_each(|(own, more)| add_count(own, *more))
    }
}

/// Adds to a count of 32 bits; `None` where the sum does not fit.
pub fn add_count(count: &mut u32, more: i64) -> Option<()> {
    *count = count.checked_add(u32::try_from(more).ok()?)?;
    Some(())
}

/// Adds to a sum; `None` where it does not fit.
pub fn add_sum(sum: &mut i64, more: i64) -> Option<()> {
    *sum = sum.checked_add(more)?;
    Some(())
}

/// Cells at positions, which lie densely in memory, because days and periods do. A cell may be a line of its own.
#[derive(Debug, Clone)]
pub struct Line<C> {
    /// The position of the first cell.
    first: i32,
    /// From there on; cells that nothing was counted in are as they began.
    cells: Vec<C>,
}

impl<C> Default for Line<C> {
    fn default() -> Self {
        Line { first: 0, cells: Vec::new() }
    }
}

impl<C: Clone + Default> Line<C> {
    /// The cell at a position, to add to.
    #[inline(always)]
    pub fn cell(&mut self, position: i32) -> &mut C {
        let offset = (i64::from(position) - i64::from(self.first)) as usize;
        if offset >= self.cells.len() {
            self.reach(position);
        }
        let offset = (i64::from(position) - i64::from(self.first)) as usize;
        &mut self.cells[offset]
    }

    #[cold]
    #[inline(never)]
    fn reach(&mut self, position: i32) {
        if self.cells.is_empty() {
            self.first = position;
        }
        if position < self.first {
            // At least doubled, so that a line growing downwards costs no more than one growing upwards.
            let missing = (self.first - position) as usize;
            let grow = missing.max(self.cells.len().min((self.first as i64 - i32::MIN as i64) as usize / 2));
            self.cells.splice(0..0, std::iter::repeat_n(C::default(), grow));
            self.first -= grow as i32;
        }
        let offset = (position - self.first) as usize;
        if offset >= self.cells.len() {
            self.cells.resize(offset + 1, C::default());
        }
    }

    /// The cell at a position, as it began where nothing was counted.
    pub fn at(&self, position: i32) -> C {
        let offset = usize::try_from(i64::from(position) - i64::from(self.first)).ok();
        offset.and_then(|offset| self.cells.get(offset)).cloned().unwrap_or_default()
    }

    /// Whether nothing was ever counted in the line.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The cells by position, those that nothing was counted in among them.
    pub fn cells(&self) -> impl Iterator<Item = (i32, &C)> {
        self.cells.iter().enumerate().map(|(offset, cell)| (self.first + offset as i32, cell))
    }

    /// The positions with a counter that is not zero, ascending, with their counters.
    pub fn counted<const N: usize>(&self) -> impl Iterator<Item = (i32, [i64; N])>
    where
        C: Cell<N>,
    {
        self.cells().map(|(position, cell)| (position, cell.counters())).filter(|(_, counters)| *counters != [0; N])
    }
}

/// A line for each key of `K` numbers. Keys are few (a shop, a value of a dimension) and come in runs, so the last one is
/// remembered.
#[derive(Debug, Clone)]
pub struct Tally<const K: usize, C> {
    numbers: HashMap<[i32; K], usize, foldhash::fast::FixedState>,
    lines: Vec<([i32; K], Line<C>)>,
    last: usize,
}

impl<const K: usize, C> Default for Tally<K, C> {
    fn default() -> Self {
        Tally { numbers: HashMap::with_hasher(foldhash::fast::FixedState::with_seed(0)), lines: Vec::new(), last: 0 }
    }
}

impl<const K: usize, C: Clone + Default> Tally<K, C> {
    /// The line of a key, to count in.
    #[inline]
    pub fn line_mut(&mut self, key: [i32; K]) -> &mut Line<C> {
        if self.lines.get(self.last).is_none_or(|(known, _)| *known != key) {
            self.find(key);
        }
        &mut self.lines[self.last].1
    }

    #[inline(never)]
    fn find(&mut self, key: [i32; K]) {
        self.last = *self.numbers.entry(key).or_insert_with(|| {
            self.lines.push((key, Line::default()));
            self.lines.len() - 1
        });
    }

    /// The line of a key.
    pub fn line(&self, key: [i32; K]) -> Option<&Line<C>> {
        self.numbers.get(&key).and_then(|number| self.lines.get(*number)).map(|(_, line)| line)
    }

    /// All lines, ascending by key.
    pub fn sorted(&self) -> Vec<(&[i32; K], &Line<C>)> {
        let mut lines: Vec<(&[i32; K], &Line<C>)> = self.lines.iter().map(|(key, line)| (key, line)).collect();
        lines.sort_unstable_by_key(|(key, _)| **key);
        lines
    }

    /// The counters as a batch of [`Rows`]. The tally is empty afterwards.
    ///
    /// # Errors
    /// [`Error::Bug`] where Arrow refuses the arrays.
    pub fn state<const N: usize>(&mut self) -> Result<RecordBatch>
    where
        C: Cell<N>,
    {
        let taken = std::mem::take(self);
        let mut rows = Rows::default();
        for (key, line) in taken.sorted() {
            rows.push(*key, line);
        }
        rows.into_batch()
    }

    /// Adds the counters of a batch that [`Tally::state`] made.
    ///
    /// # Errors
    /// [`Error::Bug`] where the batch has another shape, or a sum does not fit.
    pub fn merge<const N: usize>(&mut self, batch: &RecordBatch) -> Result<()>
    where
        C: Cell<N>,
    {
        merge(batch, |key, position, counters| self.line_mut(key).cell(position).add(counters))
    }
}

/// Lines on their way into a batch: `K` Int32 key columns, the Int32 position, `N` Int64 counters.
pub struct Rows<const K: usize, const N: usize> {
    keys: [Vec<i32>; K],
    positions: Vec<i32>,
    counters: [Vec<i64>; N],
}

impl<const K: usize, const N: usize> Default for Rows<K, N> {
    fn default() -> Self {
        Rows { keys: std::array::from_fn(|_| Vec::new()), positions: Vec::new(), counters: std::array::from_fn(|_| Vec::new()) }
    }
}

impl<const K: usize, const N: usize> Rows<K, N> {
    /// Adds what was counted in a line.
    pub fn push<C: Cell<N>>(&mut self, key: [i32; K], line: &Line<C>) {
        for (position, counters) in line.counted() {
            self.keys.iter_mut().zip(key).for_each(|(column, value)| column.push(value));
            self.positions.push(position);
            self.counters.iter_mut().zip(counters).for_each(|(column, value)| column.push(value));
        }
    }

    /// The batch.
    ///
    /// # Errors
    /// [`Error::Bug`] where Arrow refuses the arrays.
    pub fn into_batch(self) -> Result<RecordBatch> {
        let fields: Vec<Field> = (0..=K)
            .map(|number| Field::new(format!("key_{number}"), DataType::Int32, false))
            .chain((0..N).map(|number| Field::new(format!("counter_{number}"), DataType::Int64, false)))
            .collect();
        let keys = self.keys.into_iter().chain([self.positions]).map(|column| Arc::new(Int32Array::from(column)) as ArrayRef);
        let counters = self.counters.into_iter().map(|column| Arc::new(Int64Array::from(column)) as ArrayRef);
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), keys.chain(counters).collect())?)
    }
}

/// Gives key, position and counters of each row of a batch that [`Rows`] made to `add`, which returns `None` where it
/// cannot add them.
///
/// # Errors
/// [`Error::Bug`] where the batch has another shape, or a row cannot be added.
pub fn merge<const K: usize, const N: usize>(
    batch: &RecordBatch,
    mut add: impl FnMut([i32; K], i32, &[i64; N]) -> Option<()>,
) -> Result<()> {
    let wrong = || Error::bug(format!("a state of {} columns does not fit a tally of {K} + 1 + {N}", batch.num_columns()));
    let mut keys = Vec::with_capacity(K + 1);
    let mut counters = Vec::with_capacity(N);
    for (number, column) in batch.columns().iter().enumerate() {
        if number <= K {
            keys.push(column.as_any().downcast_ref::<Int32Array>().ok_or_else(wrong)?.values());
        } else {
            counters.push(column.as_any().downcast_ref::<Int64Array>().ok_or_else(wrong)?.values());
        }
    }
    if keys.len() != K + 1 || counters.len() != N {
        return Err(wrong());
    }
    for row in 0..batch.num_rows() {
        let (key, row_counters) = (std::array::from_fn(|number| keys[number][row]), std::array::from_fn(|number| counters[number][row]));
        add(key, keys[K][row], &row_counters).ok_or_else(|| Error::bug(format!("a tally cannot add {row_counters:?} at {key:?}")))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_lie_where_they_were_counted_whatever_the_order() {
        let mut tally = Tally::<1, [u32; 2]>::default();
        for position in [10, 3, 20, -4, 3] {
            tally.line_mut([7]).cell(position)[1] += 1;
        }
        tally.line_mut([2]).cell(0)[0] += 5;
        let line = tally.line([7]).unwrap();
        assert_eq!(line.counted().map(|(position, cell)| (position, cell[1])).collect::<Vec<_>>(), [(-4, 1), (3, 2), (10, 1), (20, 1)]);
        assert_eq!(line.at(3), [0, 2]);
        assert_eq!(line.at(1_000), [0, 0]);
        assert_eq!(tally.sorted().iter().map(|(key, _)| **key).collect::<Vec<_>>(), [[2], [7]]);
    }

    #[test]
    fn a_state_merged_twice_counts_twice() {
        let mut tally = Tally::<2, [u32; 1]>::default();
        tally.line_mut([1, 2]).cell(5)[0] = 3;
        let batch = tally.state().unwrap();
        assert!(tally.sorted().is_empty());
        let mut other = Tally::<2, [u32; 1]>::default();
        other.merge(&batch).unwrap();
        other.merge(&batch).unwrap();
        assert_eq!(other.line([1, 2]).unwrap().at(5), [6]);
        assert!(Tally::<1, [u32; 1]>::default().merge(&batch).is_err());
    }

    #[test]
    fn a_count_that_does_not_fit_is_refused() {
        let mut tally = Tally::<1, [u32; 1]>::default();
        tally.line_mut([0]).cell(0)[0] = u32::MAX;
        let batch = tally.state().unwrap();
        let mut other = Tally::<1, [u32; 1]>::default();
        other.merge(&batch).unwrap();
        assert_eq!(other.merge(&batch).unwrap_err().exit_code(), 1);
    }
}
