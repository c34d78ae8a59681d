//! The number of values of a set that lie strictly below a given one, from which quantile scores are computed.

/// The number of values below each value of a set. It does not depend on the order of rows, so equal values have equal
/// numbers.
#[derive(Debug, Clone)]
pub enum Below {
    /// Values in a narrow range: the number below each offset from `first`.
    Dense {
        /// The smallest value.
        first: i64,
        /// By offset from `first`, up to the greatest value.
        counts: Vec<u32>,
    },
    /// Values in a wide range, ascending.
    Sparse(Vec<i64>),
}

impl Below {
    /// Counts the values; may iterate over them twice.
    pub fn of(values: impl Iterator<Item = i64> + Clone) -> Below {
        let bounds = values.clone().fold(None, |bounds: Option<(i64, i64, usize)>, value| {
            Some(bounds.map_or((value, value, 1), |(least, greatest, number)| (least.min(value), greatest.max(value), number + 1)))
        });
        let Some((first, last, number)) = bounds else { return Below::Sparse(Vec::new()) };
        let span = i128::from(last) - i128::from(first) + 1;
        if span > 65_536 + 4 * number as i128 {
            let mut sorted: Vec<i64> = values.collect();
            sorted.sort_unstable();
            return Below::Sparse(sorted);
        }
        let mut counts = vec![0u32; span as usize];
        for value in values {
            counts[(value - first) as usize] += 1;
        }
        let mut below = 0;
        for count in &mut counts {
            below += std::mem::replace(count, below);
        }
        Below::Dense { first, counts }
    }

    /// The number of values strictly below `value`, which is one of them.
    #[inline]
    pub fn count(&self, value: i64) -> u64 {
        match self {
            Below::Dense { first, counts } => u64::from(counts[(value - first) as usize]),
            Below::Sparse(sorted) => sorted.partition_point(|other| *other < value) as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counting_and_looking_at_each_agree(
            values in prop::collection::vec(prop_oneof![-20i64..20, Just(i64::MAX), Just(i64::MIN)], 1..60),
            near in prop::bool::ANY,
        ) {
            let values: Vec<i64> = values.into_iter().map(|value| if near { value % 100 } else { value }).collect();
            let below = Below::of(values.iter().copied());
            for value in &values {
                prop_assert_eq!(below.count(*value), values.iter().filter(|other| *other < value).count() as u64);
            }
        }
    }
}
