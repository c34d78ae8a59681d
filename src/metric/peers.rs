//! Peers: the position of a shop among the shops with which it is compared.

use super::ratio::{mean, ratio};

/// Whether more or less of a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Best {
    /// More is better.
    Most,
    /// Less is better.
    Least,
}

/// The mean and the ranks of a group of peers by one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct PeerRanks {
    /// Peers with a value.
    pub with_value: usize,
    /// The plain mean of their values; `None` if they are too few.
    pub mean: Option<f64>,
    /// The rank of each peer, 1 the best, ties sharing the better one; `None` without a value, or where peers are too few.
    pub ranks: Vec<Option<i64>>,
}

impl PeerRanks {
    /// Ranks peers by their values, which are summed in the order given. With fewer than `least` values there is no comparison.
    ///
    /// ```
    /// use huitou::metric::peers::{Best, PeerRanks};
    /// let all = PeerRanks::of(&[Some(3.0), None, Some(5.0), Some(5.0), Some(1.0)], Best::Most, 2);
    /// assert_eq!(all.ranks, [Some(3), None, Some(1), Some(1), Some(4)]);
    /// assert_eq!(all.mean, Some(3.5));
    /// ```
    pub fn of(values: &[Option<f64>], best: Best, least: usize) -> PeerRanks {
        let mut sorted: Vec<f64> = values.iter().flatten().copied().collect();
        let with_value = sorted.len();
        if with_value == 0 || with_value < least {
            return PeerRanks { with_value, mean: None, ranks: vec![None; values.len()] };
        }
        let mean = mean(&sorted);
        sorted.sort_unstable_by(f64::total_cmp);
        let rank = |value: f64| {
            let better = match best {
                Best::Most => with_value - sorted.partition_point(|other| *other <= value),
                Best::Least => sorted.partition_point(|other| *other < value),
            };
            better as i64 + 1
        };
        PeerRanks { with_value, mean, ranks: values.iter().map(|value| value.map(rank)).collect() }
    }
}

/// The position of a shop among its peers by one metric.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PeerPosition {
    /// Eligible peers with a value, the shop itself among them where it is one.
    pub peers: Option<i64>,
    /// The plain mean of their values.
    pub mean: Option<f64>,
    /// 1 the best, ties sharing the better place.
    pub rank: Option<i64>,
    /// The share of the other peers that are worse.
    pub percentile: Option<f64>,
}

impl PeerPosition {
    /// The position of one peer among the values of all. With fewer than `least` values there is no comparison.
    pub fn of(values: &[Option<f64>], place: Option<usize>, best: Best, least: usize) -> PeerPosition {
        let mut sorted: Vec<f64> = values.iter().flatten().copied().collect();
        sorted.sort_unstable_by(f64::total_cmp);
        PeerPosition::among(&PeerRanks::of(values, best, least), &sorted, values, place, best)
    }

    /// The same from computed ranks and the existing values in ascending order.
    pub fn among(ranks: &PeerRanks, sorted: &[f64], values: &[Option<f64>], place: Option<usize>, best: Best) -> PeerPosition {
        let own = place.and_then(|place| values.get(place).copied().flatten());
        let with_value = ranks.with_value as i64;
        let worse = |own: f64| match best {
            Best::Most => sorted.partition_point(|value| *value < own),
            Best::Least => sorted.len() - sorted.partition_point(|value| *value <= own),
        };
        let rank = place.and_then(|place| ranks.ranks.get(place).copied().flatten());
        PeerPosition {
            peers: Some(with_value),
            mean: ranks.mean,
            rank,
            percentile: rank.and(own).and_then(|own| ratio(worse(own) as i64, with_value - 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn less_is_better_where_it_is() {
        let all = PeerRanks::of(&[Some(0.03), Some(0.01), Some(0.01), Some(0.0)], Best::Least, 4);
        assert_eq!(all.ranks, [Some(4), Some(2), Some(2), Some(1)]);
    }

    #[test]
    fn too_few_compare_nobody() {
        let all = PeerRanks::of(&[Some(1.0), None, Some(2.0)], Best::Most, 3);
        assert_eq!(all, PeerRanks { with_value: 2, mean: None, ranks: vec![None; 3] });
        assert_eq!(PeerRanks::of(&[None], Best::Most, 0).mean, None);
    }

    #[test]
    fn the_percentile_is_the_share_of_the_others_that_are_worse() {
        let values = [Some(0.01), Some(0.03), None, Some(0.03), Some(0.05), Some(0.07)];
        let at = |position| PeerPosition::of(&values, Some(position), Best::Least, 5);
        assert_eq!((at(0).rank, at(0).percentile, at(0).peers), (Some(1), Some(1.0), Some(5)));
        assert_eq!((at(1).rank, at(1).percentile), (Some(2), Some(0.5)));
        assert_eq!((at(2).rank, at(2).percentile), (None, None));
        assert_eq!((at(5).rank, at(5).percentile), (Some(5), Some(0.0)));
        assert_eq!(PeerPosition::of(&values, Some(0), Best::Least, 6), PeerPosition { peers: Some(5), ..PeerPosition::default() });
    }

    proptest! {
        #[test]
        fn a_rank_is_one_more_than_those_strictly_better(values in proptest::collection::vec(proptest::option::of(0u8..6), 1..30)) {
            let values: Vec<Option<f64>> = values.into_iter().map(|value| value.map(f64::from)).collect();
            for best in [Best::Most, Best::Least] {
                for (value, rank) in values.iter().zip(PeerRanks::of(&values, best, 1).ranks) {
                    let better = value.map(|value| {
                        let better = |other: &&f64| match best { Best::Most => **other > value, Best::Least => **other < value };
                        values.iter().flatten().filter(better).count() as i64
                    });
                    prop_assert_eq!(rank, better.map(|better| better + 1));
                }
            }
        }
    }
}
