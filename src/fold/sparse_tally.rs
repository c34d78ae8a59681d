//! Sparse tallies: counters by key where most keys never occur, such as the days of a value of a dimension.

use hashbrown::HashMap;

/// `N` counters for each key of `K` numbers that was counted. A [`super::tally::Tally`] is faster, and keeps all positions between the
/// first and the last of a line.
#[derive(Debug, Clone)]
pub struct SparseTally<const K: usize, const N: usize> {
    counts: HashMap<[i32; K], [u32; N], foldhash::fast::FixedState>,
}

impl<const K: usize, const N: usize> Default for SparseTally<K, N> {
    fn default() -> Self {
        SparseTally { counts: HashMap::with_hasher(foldhash::fast::FixedState::with_seed(0)) }
    }
}

impl<const K: usize, const N: usize> SparseTally<K, N> {
    /// The counters of a key, to add to.
    pub fn counters_mut(&mut self, key: [i32; K]) -> &mut [u32; N] {
        self.counts.entry(key).or_insert([0; N])
    }

    /// All keys that were counted, ascending, with their counters.
    pub fn sorted(&self) -> Vec<([i32; K], [u32; N])> {
        let mut counts: Vec<([i32; K], [u32; N])> = self.counts.iter().map(|(key, counters)| (*key, *counters)).collect();
        counts.sort_unstable_by_key(|(key, _)| *key);
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_counted_is_there_by_key() {
        let mut tally = SparseTally::<2, 2>::default();
        for key in [[3, 900_000], [1, 7], [3, -5], [1, 7]] {
            tally.counters_mut(key)[1] += 1;
        }
        assert_eq!(tally.sorted(), [([1, 7], [0, 2]), ([3, -5], [0, 1]), ([3, 900_000], [0, 1])]);
    }
}
