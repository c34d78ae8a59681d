//! Tallies: counters by a short key and a position on a line (a day, a period, a number of days), the common ground of most folds.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int32Array, Int64Array};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use hashbrown::HashMap;

use crate::error::{Error, Result};

/// `N` counters for each (key of `K` numbers, position). Positions of a key lie densely in memory, because days and
/// periods do; keys are few (a shop, a cohort) and come in runs, so the last one is remembered.
#[derive(Debug, Clone)]
pub struct Tally<const K: usize, const N: usize> {
    lines: HashMap<[i32; K], usize, foldhash::fast::FixedState>,
    stored: Vec<Line<K, N>>,
    last: usize,
}

/// The counters of one key at consecutive positions.
#[derive(Debug, Clone)]
pub struct Line<const K: usize, const N: usize> {
    /// The key.
    pub key: [i32; K],
    /// The position of the first cell.
    pub first: i32,
    /// The counters from there on; cells that nothing was counted in are zero.
    pub cells: Vec<[i64; N]>,
}

impl<const K: usize, const N: usize> Line<K, N> {
    /// The counters at a position, zeros where nothing was counted.
    pub fn at(&self, position: i32) -> [i64; N] {
        usize::try_from(i64::from(position) - i64::from(self.first))
            .ok()
            .and_then(|offset| self.cells.get(offset))
            .copied()
            .unwrap_or([0; N])
    }

    /// The positions with a counter that is not zero, ascending, with their counters.
    pub fn counted(&self) -> impl Iterator<Item = (i32, &[i64; N])> {
        self.cells.iter().enumerate().filter(|(_, cell)| **cell != [0; N]).map(|(offset, cell)| (self.first + offset as i32, cell))
    }

    #[inline(always)]
    fn cell(&mut self, position: i32) -> &mut [i64; N] {
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
            self.cells.splice(0..0, std::iter::repeat_n([0; N], grow));
            self.first -= grow as i32;
        }
        let offset = (position - self.first) as usize;
        if offset >= self.cells.len() {
            self.cells.resize(offset + 1, [0; N]);
        }
    }
}

impl<const K: usize, const N: usize> Default for Tally<K, N> {
    fn default() -> Self {
        Tally { lines: HashMap::with_hasher(foldhash::fast::FixedState::with_seed(0)), stored: Vec::new(), last: 0 }
    }
}

impl<const K: usize, const N: usize> Tally<K, N> {
    /// The counters at that key and position, to add to.
    #[inline]
    pub fn cell(&mut self, key: [i32; K], position: i32) -> &mut [i64; N] {
        let known = self.stored.get(self.last).is_some_and(|line| line.key == key);
        if !known {
            self.find(key, position);
        }
        self.stored[self.last].cell(position)
    }

    #[inline(never)]
    fn find(&mut self, key: [i32; K], position: i32) {
        self.last = *self.lines.entry(key).or_insert_with(|| {
            self.stored.push(Line { key, first: position, cells: Vec::new() });
            self.stored.len() - 1
        });
    }

    /// The counters of one key.
    pub fn line(&self, key: [i32; K]) -> Option<&Line<K, N>> {
        self.lines.get(&key).and_then(|position| self.stored.get(*position))
    }

    /// All lines, ascending by key.
    pub fn sorted(&self) -> Vec<&Line<K, N>> {
        let mut lines: Vec<&Line<K, N>> = self.stored.iter().collect();
        lines.sort_unstable_by_key(|line| line.key);
        lines
    }

    /// The counters as a batch: `K` Int32 key columns, the Int32 position, `N` Int64 counters. The tally is empty afterwards.
    ///
    /// # Errors
    /// [`Error::Defect`] where Arrow refuses the arrays.
    pub fn partial(&mut self) -> Result<RecordBatch> {
        let taken = std::mem::take(self);
        let lines = taken.sorted();
        let mut keys: Vec<Vec<i32>> = vec![Vec::new(); K + 1];
        let mut counters: Vec<Vec<i64>> = vec![Vec::new(); N];
        for line in lines {
            for (position, cell) in line.counted() {
                for (column, value) in keys.iter_mut().zip(line.key.iter().chain([&position])) {
                    column.push(*value);
                }
                for (column, value) in counters.iter_mut().zip(cell) {
                    column.push(*value);
                }
            }
        }
        let fields: Vec<Field> = (0..=K)
            .map(|number| Field::new(format!("key_{number}"), DataType::Int32, false))
            .chain((0..N).map(|number| Field::new(format!("counter_{number}"), DataType::Int64, false)))
            .collect();
        let arrays = keys
            .into_iter()
            .map(|column| Arc::new(Int32Array::from(column)) as ArrayRef)
            .chain(counters.into_iter().map(|column| Arc::new(Int64Array::from(column)) as ArrayRef));
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays.collect())?)
    }

    /// Adds the counters of a batch that [`Tally::partial`] made.
    ///
    /// # Errors
    /// [`Error::Defect`] where the batch has another shape.
    pub fn absorb(&mut self, batch: &RecordBatch) -> Result<()> {
        let wrong = || Error::defect(format!("a partial result of {} columns does not fit a tally of {K} + 1 + {N}", batch.num_columns()));
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
            let cell = self.cell(std::array::from_fn(|number| keys[number][row]), keys[K][row]);
            for (counter, column) in cell.iter_mut().zip(&counters) {
                *counter += column[row];
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn cells_lie_where_they_were_counted_whatever_the_order() {
        let mut tally = Tally::<1, 2>::default();
        for position in [10, 3, 20, -4, 3] {
            tally.cell([7], position)[1] += 1;
        }
        tally.cell([2], 0)[0] += 5;
        let line = tally.line([7]).unwrap();
        assert_eq!(line.counted().map(|(position, cell)| (position, cell[1])).collect::<Vec<_>>(), [(-4, 1), (3, 2), (10, 1), (20, 1)]);
        assert_eq!(line.at(3), [0, 2]);
        assert_eq!(line.at(1_000), [0, 0]);
        assert_eq!(tally.sorted().iter().map(|line| line.key).collect::<Vec<_>>(), [[2], [7]]);
    }

    #[test]
    fn a_partial_result_absorbed_twice_counts_twice() {
        let mut tally = Tally::<2, 1>::default();
        tally.cell([1, 2], 5)[0] = 3;
        let batch = tally.partial().unwrap();
        assert!(tally.sorted().is_empty());
        let mut other = Tally::<2, 1>::default();
        other.absorb(&batch).unwrap();
        other.absorb(&batch).unwrap();
        assert_eq!(other.line([1, 2]).unwrap().at(5), [6]);
        assert!(Tally::<1, 1>::default().absorb(&batch).is_err());
    }
}
