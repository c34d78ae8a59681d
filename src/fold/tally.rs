//! Tallies: counters by a short key and a position on a line (a day, a period, a number of days). Most folds use them.

use std::ops::RangeInclusive;

use arrow::record_batch::RecordBatch;
use hashbrown::HashMap;

use super::layout::{Layout, Rows};
use crate::error::{Error, Result};

/// `N` counters that add up. A fold that counts at random positions waits for memory more than it computes, so a cell should be small and
/// aligned to lie in one cache line.
pub trait Cell<const N: usize>: Clone + Default {
    /// The counters, as states have them.
    fn counters(&self) -> [i64; N];

    /// Adds counters; `None` if a sum overflows.
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

/// Adds to a count of 32 bits; `None` if the sum overflows.
pub fn add_count(count: &mut u32, more: i64) -> Option<()> {
    *count = count.checked_add(u32::try_from(more).ok()?)?;
    Some(())
}

/// Adds to a sum; `None` if it overflows.
pub fn add_sum(sum: &mut i64, more: i64) -> Option<()> {
    *sum = sum.checked_add(more)?;
    Some(())
}

/// Cells at consecutive positions, since days and periods are dense. A cell may itself be a line.
#[derive(Debug, Clone)]
pub struct Line<C> {
    /// The position of the first cell.
    first: i32,
    /// The cells from there on; those without counts have their default.
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
            self.grow_to(position);
        }
        let offset = (i64::from(position) - i64::from(self.first)) as usize;
        &mut self.cells[offset]
    }

    #[cold]
    #[inline(never)]
    fn grow_to(&mut self, position: i32) {
        if self.cells.is_empty() {
            self.first = position;
        }
        if position < self.first {
            // At least doubled, so that growing downwards costs no more than growing upwards.
            let missing = (self.first - position) as usize;
            let grow = missing.max(self.cells.len().min((self.first as i64 - i32::MIN as i64) as usize / 2));
            let mut cells = Vec::with_capacity(grow + self.cells.len());
            cells.resize(grow, C::default());
            cells.append(&mut self.cells);
            self.cells = cells;
            self.first -= grow as i32;
        }
        let offset = (position - self.first) as usize;
        if offset >= self.cells.len() {
            self.cells.resize(offset + 1, C::default());
        }
    }

    /// Adds the cells of another line, of which `is_empty` ones have no counts; `None` where `add` cannot add one.
    fn absorb_by(&mut self, other: Line<C>, is_empty: impl Fn(&C) -> bool, add: impl Fn(&mut C, C) -> Option<()>) -> Option<()> {
        if self.cells.is_empty() {
            *self = other;
            return Some(());
        }
        let [first, last] = [other.cells.iter().position(|cell| !is_empty(cell)), other.cells.iter().rposition(|cell| !is_empty(cell))];
        let (Some(first), Some(last)) = (first, last) else { return Some(()) };
        // Both ends at once, so that the line grows once.
        let at = |offset: usize| other.first + offset as i32;
        _ = self.cell(at(last));
        _ = self.cell(at(first));
        let start = (i64::from(at(first)) - i64::from(self.first)) as usize;
        let cells = other.cells.into_iter().skip(first).take(last + 1 - first);
        self.cells.get_mut(start..)?.iter_mut().zip(cells).try_for_each(|(own, more)| add(own, more))
    }

    /// Adds the counters of another line; `None` if a sum overflows.
    pub fn absorb<const N: usize>(&mut self, other: Line<C>) -> Option<()>
    where
        C: Cell<N>,
    {
        self.absorb_by(other, |cell| cell.counters() == [0; N], |own, more| own.add(&more.counters()))
    }

    /// The cell at a position; the default without counts.
    pub fn at(&self, position: i32) -> C {
        let offset = usize::try_from(i64::from(position) - i64::from(self.first)).ok();
        offset.and_then(|offset| self.cells.get(offset)).cloned().unwrap_or_default()
    }

    /// Whether the line has no counts.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The cells by position, including those without counts.
    pub fn cells(&self) -> impl Iterator<Item = (i32, &C)> {
        self.cells.iter().enumerate().map(|(offset, cell)| (self.first + offset as i32, cell))
    }

    /// The cells at those positions.
    pub fn within(&self, positions: RangeInclusive<i32>) -> &[C] {
        let place = |position: i64| usize::try_from(position - i64::from(self.first)).unwrap_or(0).min(self.cells.len());
        let (start, end) = (place(i64::from(*positions.start())), place(i64::from(*positions.end()) + 1));
        self.cells.get(start..end).unwrap_or_default()
    }

    /// The positions with a counter that is not zero, ascending, with their counters.
    pub fn counted<const N: usize>(&self) -> impl Iterator<Item = (i32, [i64; N])>
    where
        C: Cell<N>,
    {
        self.cells().map(|(position, cell)| (position, cell.counters())).filter(|(_, counters)| *counters != [0; N])
    }
}

/// A line for each key of `K` numbers. Keys are few (a shop, a value of a dimension) and come in runs, so the last one is cached.
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
    /// The line of a key, to add to.
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

    /// Adds the lines of another tally; `add` adds one.
    fn absorb_by(&mut self, other: Self, add: impl Fn(&mut Line<C>, Line<C>) -> Option<()>) -> Result<()> {
        let overflow = |key: [i32; K]| Error::bug(format!("a tally cannot add what another one counted of {key:?}"));
        other.lines.into_iter().try_for_each(|(key, line)| add(self.line_mut(key), line).ok_or_else(|| overflow(key)))
    }

    /// Adds the counters of another tally.
    ///
    /// # Errors
    /// [`Error::Bug`] if a sum overflows.
    pub fn absorb<const N: usize>(&mut self, other: Self) -> Result<()>
    where
        C: Cell<N>,
    {
        self.absorb_by(other, |own, more| own.absorb(more))
    }

    /// How many keys there are.
    pub fn keys(&self) -> usize {
        self.lines.len()
    }

    /// All lines, ascending by key.
    pub fn sorted(&self) -> Vec<(&[i32; K], &Line<C>)> {
        let mut lines: Vec<(&[i32; K], &Line<C>)> = self.lines.iter().map(|(key, line)| (key, line)).collect();
        lines.sort_unstable_by_key(|(key, _)| **key);
        lines
    }

    /// Returns the counters as a batch of that layout. The tally is empty afterwards.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] where Arrow refuses the arrays.
    pub fn state<const N: usize>(&mut self, layout: &Layout<K, N>) -> Result<RecordBatch>
    where
        C: Cell<N>,
    {
        let taken = std::mem::take(self);
        let mut rows = Rows::new(layout);
        for (key, line) in taken.sorted() {
            line.counted().for_each(|(position, counters)| rows.push(*key, position, counters));
        }
        rows.into_batch()
    }

    /// Adds the counters of a batch of that layout.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] if the batch has another layout, or a sum overflows.
    pub fn merge<const N: usize>(&mut self, layout: &Layout<K, N>, batch: &RecordBatch) -> Result<()>
    where
        C: Cell<N>,
    {
        layout.rows(batch, |key, position, counters| self.line_mut(key).cell(position).add(counters))
    }
}

impl<const K: usize, C: Clone + Default> Tally<K, Line<C>> {
    /// Adds the counters of another tally of lines of lines.
    ///
    /// # Errors
    /// [`Error::Bug`] if a sum overflows.
    pub fn absorb_lines<const N: usize>(&mut self, other: Self) -> Result<()>
    where
        C: Cell<N>,
    {
        self.absorb_by(other, |own, more| own.absorb_by(more, Line::is_empty, |own, more| own.absorb(more)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::codes::CodeOf;
    use super::super::layout::Key;
    use super::*;

    const LAYOUT: Layout<2, 1> = Layout { keys: [Key::Code(CodeOf::Shop), Key::Number("nth")], position: "day", counters: ["orders"] };

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
        assert_eq!((line.within(3..=4), line.within(20..=i32::MAX)), ([[0, 2], [0, 0]].as_slice(), [[0, 1]].as_slice()));
        assert!(line.within(i32::MIN..=-40).is_empty() && line.within(30..=i32::MAX).is_empty());
        assert_eq!(tally.sorted().iter().map(|(key, _)| **key).collect::<Vec<_>>(), [[2], [7]]);
    }

    #[test]
    fn a_state_merged_twice_counts_twice() {
        let mut tally = Tally::<2, [u32; 1]>::default();
        tally.line_mut([1, 2]).cell(5)[0] = 3;
        let batch = tally.state(&LAYOUT).unwrap();
        assert!(tally.sorted().is_empty());
        let mut other = Tally::<2, [u32; 1]>::default();
        other.merge(&LAYOUT, &batch).unwrap();
        other.merge(&LAYOUT, &batch).unwrap();
        assert_eq!(other.line([1, 2]).unwrap().at(5), [6]);
        let foreign = Layout { position: "days", ..LAYOUT };
        assert!(Tally::<2, [u32; 1]>::default().merge(&foreign, &batch).is_err());
    }

    #[test]
    fn what_another_tally_counted_is_added_where_it_lies() {
        let counted = |counts: &[(i32, i32)]| {
            let mut tally = Tally::<1, Line<[u32; 1]>>::default();
            counts.iter().for_each(|(outer, inner)| tally.line_mut([outer % 2]).cell(*outer).cell(*inner)[0] += 1);
            tally
        };
        // The last one lies before and behind what the first has, and each has a key that the other lacks.
        let parts: [&[(i32, i32)]; 3] = [&[(2, 5), (2, 6)], &[(3, 0)], &[(-4, -9), (2, 5), (2, 90), (8, 1)]];
        let mut whole = Tally::default();
        parts.iter().for_each(|part| whole.absorb_lines(counted(part)).unwrap());
        let cells = |tally: &Tally<1, Line<[u32; 1]>>| -> Vec<(i32, i32, i32, u32)> {
            let lines = tally.sorted().into_iter().flat_map(|([key], line)| line.cells().map(|(outer, cells)| (*key, outer, cells)));
            let of = |(key, outer, cells): (i32, i32, &Line<[u32; 1]>)| {
                cells.counted().map(|(inner, [count])| (key, outer, inner, count as u32)).collect::<Vec<_>>()
            };
            lines.flat_map(of).collect()
        };
        assert_eq!(cells(&whole), cells(&counted(&parts.concat())));
        assert_eq!(cells(&whole).len(), 6);
    }

    #[test]
    fn a_count_that_does_not_fit_is_refused() {
        let mut tally = Tally::<2, [u32; 1]>::default();
        tally.line_mut([0, 0]).cell(0)[0] = u32::MAX;
        let batch = tally.state(&LAYOUT).unwrap();
        let mut other = Tally::<2, [u32; 1]>::default();
        other.merge(&LAYOUT, &batch).unwrap();
        assert_eq!(other.merge(&LAYOUT, &batch).unwrap_err().exit_code(), 1);
        assert_eq!(other.clone().absorb(other).unwrap_err().exit_code(), 1);
    }
}
