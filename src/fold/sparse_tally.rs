//! Sparse tallies: counters by key and position where most positions never occur, such as the days of a value of a dimension.

use hashbrown::HashMap;

/// Counts in no order that are kept before they are sorted and added up.
const LOOSE: usize = 128;

/// `N` counters at each position that was counted. What is counted is appended, and sorted when it has become as much as is sorted already;
/// so an order costs no search.
#[derive(Debug, Clone)]
pub struct SparseLine<const N: usize> {
    counts: Vec<(i32, [u32; N])>,
    /// How many of the first counts ascend by position.
    ascending: usize,
}

impl<const N: usize> Default for SparseLine<N> {
    fn default() -> Self {
        SparseLine { counts: Vec::new(), ascending: 0 }
    }
}

impl<const N: usize> SparseLine<N> {
    /// Adds to the counters of a position.
    #[inline]
    pub fn add(&mut self, position: i32, counters: [u32; N]) {
        let is_next = self.ascending == self.counts.len() && self.counts.last().is_none_or(|(last, _)| *last < position);
        self.counts.push((position, counters));
        if is_next {
            self.ascending += 1;
        } else if self.counts.len() - self.ascending > self.ascending.max(LOOSE) {
            add_up(&mut self.counts);
            self.ascending = self.counts.len();
        }
    }

    /// The same of the counters of a state; `None` if they do not fit.
    pub fn add_counters(&mut self, position: i32, counters: &[i64; N]) -> Option<()> {
        let mut own = [0; N];
        own.iter_mut().zip(counters).try_for_each(|(own, counter)| u32::try_from(*counter).map(|counter| *own = counter).ok())?;
        self.add(position, own);
        Some(())
    }
}

/// The counters of several lines together: the positions that were counted, ascending.
pub fn counted<'a, const N: usize>(lines: impl Iterator<Item = &'a SparseLine<N>>) -> Counted<N> {
    let mut all = Vec::new();
    lines.for_each(|line| all.extend_from_slice(&line.counts));
    add_up(&mut all);
    all
}

/// Sorts counts by position and makes one of those of the same. Lines are mostly sorted, and what the sort finds sorted it only merges.
fn add_up<const N: usize>(counts: &mut Vec<(i32, [u32; N])>) {
    counts.sort_by_key(|(position, _)| *position);
    counts.dedup_by(|(position, more), (kept, own)| {
        let is_same = position == kept;
        if is_same {
            // Folds count the orders of a key in 32 bits too, and refuse more.
            own.iter_mut().zip(more).for_each(|(own, more)| *own = own.saturating_add(*more));
        }
        is_same
    });
}

/// A [`SparseLine`] for each key of `K` numbers. A [`super::tally::Tally`] is faster, and keeps all positions between the first and the last
/// of a line.
#[derive(Debug, Clone)]
pub struct SparseTally<const K: usize, const N: usize> {
    numbers: HashMap<[i32; K], usize, foldhash::fast::FixedState>,
    lines: Vec<([i32; K], SparseLine<N>)>,
}

impl<const K: usize, const N: usize> Default for SparseTally<K, N> {
    fn default() -> Self {
        SparseTally { numbers: HashMap::with_hasher(foldhash::fast::FixedState::with_seed(0)), lines: Vec::new() }
    }
}

/// The positions of a line that were counted, ascending, and their counters.
pub type Counted<const N: usize> = Vec<(i32, [u32; N])>;

impl<const K: usize, const N: usize> SparseTally<K, N> {
    /// The line of a key, to add to.
    pub fn line_mut(&mut self, key: [i32; K]) -> &mut SparseLine<N> {
        let number = *self.numbers.entry(key).or_insert_with(|| {
            self.lines.push((key, SparseLine::default()));
            self.lines.len() - 1
        });
        &mut self.lines[number].1
    }

    /// Adds the counters of another tally.
    pub fn absorb(&mut self, other: Self) {
        for (key, line) in other.lines {
            let own = self.line_mut(key);
            if own.counts.is_empty() {
                *own = line;
            } else {
                own.counts.extend(line.counts);
                add_up(&mut own.counts);
                own.ascending = own.counts.len();
            }
        }
    }

    /// How many keys there are.
    pub fn keys(&self) -> usize {
        self.lines.len()
    }

    /// All keys, ascending, each with the positions that were counted, ascending, and their counters.
    pub fn sorted(&self) -> Vec<([i32; K], Counted<N>)> {
        let mut lines: Vec<_> = self.lines.iter().map(|(key, line)| (*key, counted(std::iter::once(line)))).collect();
        lines.sort_unstable_by_key(|(key, _)| *key);
        lines
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_was_counted_is_there_by_key() {
        let mut tally = SparseTally::<1, 2>::default();
        for (key, position) in [(3, 900_000), (1, 7), (3, -5), (1, 7)] {
            tally.line_mut([key]).add(position, [0, 1]);
        }
        assert_eq!(tally.sorted(), [([1], vec![(7, [0, 2])]), ([3], vec![(-5, [0, 1]), (900_000, [0, 1])])]);
    }

    #[test]
    fn what_another_tally_counted_is_added() {
        let counted = |counts: &[(i32, i32)]| {
            let mut tally = SparseTally::<1, 1>::default();
            counts.iter().for_each(|(key, position)| tally.line_mut([*key]).add(*position, [1]));
            tally
        };
        let (one, other) = ([(1, 5), (1, 2), (3, 7)], [(1, 2), (2, 0), (1, 9)]);
        let mut both = counted(&one);
        both.absorb(counted(&other));
        assert_eq!(both.sorted(), counted(&[one, other].concat()).sorted());
        both.line_mut([1]).add(2, [1]);
        assert_eq!(both.sorted()[0], ([1], vec![(2, [3]), (5, [1]), (9, [1])]));
    }

    #[test]
    fn as_many_counts_are_kept_as_there_are_positions_and_some_loose_ones() {
        let mut line = SparseLine::default();
        (0..10_000).for_each(|number| line.add(number * 7 % 60, [1]));
        assert!(line.counts.len() <= 60 + LOOSE + 1, "{}", line.counts.len());
        assert!(counted([&line].into_iter()).iter().all(|(position, [count])| (0..60).contains(position) && *count >= 166));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut line = SparseLine::default();
        assert_eq!([line.add_counters(0, &[-1]), line.add_counters(0, &[1 << 32]), line.add_counters(0, &[7])], [None, None, Some(())]);
        assert_eq!(counted([&line].into_iter()), [(0, [7])]);
    }

    proptest! {
        #[test]
        fn no_order_of_counting_changes_the_counts(mut counts in prop::collection::vec((-100..100, any::<bool>()), 0..600)) {
            let line = |counts: &[(i32, bool)]| {
                let mut line = SparseLine::default();
                counts.iter().for_each(|(position, is_one)| line.add(*position, if *is_one { [1, 0] } else { [0, 1] }));
                line
            };
            let found = counted([&line(&counts)].into_iter());
            for (position, counters) in &found {
                let of = |is_one: bool| counts.iter().filter(|each| **each == (*position, is_one)).count() as u32;
                prop_assert_eq!(*counters, [of(true), of(false)]);
            }
            prop_assert_eq!(found.iter().map(|(_, counters)| counters.iter().sum::<u32>()).sum::<u32>() as usize, counts.len());
            let (one, other) = counts.split_at(counts.len() / 2);
            prop_assert_eq!(&counted([&line(one), &line(other)].into_iter()), &found);
            counts.sort_unstable();
            prop_assert_eq!(&counted([&line(&counts)].into_iter()), &found);
        }
    }
}
