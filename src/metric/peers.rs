//! Peers: where a shop stands among the shops it is compared with.

/// Which end of a metric is the good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Best {
    /// More is better.
    Most,
    /// Less is better.
    Least,
}

/// A group's figures of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Standings {
    /// Peers with a value.
    pub with_value: usize,
    /// The plain mean of their values; `None` where they are too few.
    pub mean: Option<f64>,
    /// The rank of each peer, 1 the best, ties sharing the better one; `None` without a value, or where peers are too few.
    pub ranks: Vec<Option<i64>>,
}

impl Standings {
    /// The standings of peers with those values, in the order in which they are summed. Fewer than `least` values
    /// compare nobody.
    ///
    /// ```
    /// use huitou::metric::peers::{Best, Standings};
    /// let standings = Standings::of(&[Some(3.0), None, Some(5.0), Some(5.0), Some(1.0)], Best::Most, 2);
    /// assert_eq!(standings.ranks, [Some(3), None, Some(1), Some(1), Some(4)]);
    /// assert_eq!(standings.mean, Some(3.5));
    /// ```
    pub fn of(values: &[Option<f64>], best: Best, least: usize) -> Standings {
        let mut sorted: Vec<f64> = values.iter().flatten().copied().collect();
        let with_value = sorted.len();
        if with_value == 0 || with_value < least {
            return Standings { with_value, mean: None, ranks: vec![None; values.len()] };
        }
        let mean = Some(sorted.iter().sum::<f64>() / with_value as f64);
        sorted.sort_unstable_by(f64::total_cmp);
        let rank = |value: f64| {
            let better = match best {
                Best::Most => with_value - sorted.partition_point(|other| *other <= value),
                Best::Least => sorted.partition_point(|other| *other < value),
            };
            better as i64 + 1
        };
        Standings { with_value, mean, ranks: values.iter().map(|value| value.map(rank)).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn less_is_better_where_it_is() {
        let standings = Standings::of(&[Some(0.03), Some(0.01), Some(0.01), Some(0.0)], Best::Least, 4);
        assert_eq!(standings.ranks, [Some(4), Some(2), Some(2), Some(1)]);
    }

    #[test]
    fn too_few_compare_nobody() {
        let standings = Standings::of(&[Some(1.0), None, Some(2.0)], Best::Most, 3);
        assert_eq!(standings, Standings { with_value: 2, mean: None, ranks: vec![None; 3] });
        assert_eq!(Standings::of(&[None], Best::Most, 0).mean, None);
    }

    proptest! {
        #[test]
        fn a_rank_is_one_more_than_those_strictly_better(values in proptest::collection::vec(proptest::option::of(0u8..6), 1..30)) {
            let values: Vec<Option<f64>> = values.into_iter().map(|value| value.map(f64::from)).collect();
            for best in [Best::Most, Best::Least] {
                for (value, rank) in values.iter().zip(Standings::of(&values, best, 1).ranks) {
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
