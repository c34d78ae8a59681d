//! Quantiles, mean and deviation of integers given as counts, from exact sums and one division at the end.

/// How often each value occurs: distinct values in ascending order, counts above 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distribution {
    values: Vec<i64>,
    /// The number of values up to and including the value at the same position.
    up_to: Vec<i64>,
    sum: i128,
    squares: i128,
}

impl Distribution {
    /// The distribution of (value, count) pairs with ascending values; pairs with count 0 are left out.
    pub fn of(counts: impl IntoIterator<Item = (i64, i64)>) -> Self {
        let mut distribution = Distribution::default();
        let mut total = 0;
        for (value, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            total += count;
            distribution.values.push(value);
            distribution.up_to.push(total);
            distribution.sum += i128::from(value) * i128::from(count);
            distribution.squares += i128::from(value) * i128::from(value) * i128::from(count);
        }
        distribution
    }

    /// The number of values, each counted as often as it occurs.
    pub fn count(&self) -> i64 {
        self.up_to.last().copied().unwrap_or(0)
    }

    /// The smallest value.
    pub fn min(&self) -> Option<i64> {
        self.values.first().copied()
    }

    /// The largest value.
    pub fn max(&self) -> Option<i64> {
        self.values.last().copied()
    }

    /// The arithmetic mean; `None` if there are no values.
    pub fn mean(&self) -> Option<f64> {
        let count = self.count();
        (count > 0).then(|| self.sum as f64 / count as f64)
    }

    /// The sample standard deviation (divisor n − 1); `None` for fewer than two values.
    pub fn deviation(&self) -> Option<f64> {
        let count = i128::from(self.count());
        // n Σx² − (Σx)² is an exact integer, so there is no cancellation; it is divided once.
        (count > 1).then(|| ((count * self.squares - self.sum * self.sum) as f64 / (count * (count - 1)) as f64).sqrt())
    }

    /// The quantile at `percent` of 100 by linear interpolation between order statistics (type 7 of Hyndman & Fan 1996, the default
    /// of R, NumPy and pandas); `None` if there are no values.
    ///
    /// ```
    /// use huitou::statistics::quantile::Distribution;
    /// let days = Distribution::of([(1, 1), (2, 1), (4, 2)]);
    /// assert_eq!(days.quantile(50), Some(3.0));
    /// assert_eq!(days.quantile(90), Some(4.0));
    /// ```
    pub fn quantile(&self, percent: i64) -> Option<f64> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        // The position (n − 1) p among the order statistics, in hundredths, so that it is exact.
        let place = (count - 1) * percent.clamp(0, 100);
        let (below, hundredths) = (place / 100, place % 100);
        let low = self.order_statistic(below)?;
        let high = if hundredths == 0 { low } else { self.order_statistic(below + 1)? };
        Some((low * 100 + (high - low) * hundredths) as f64 / 100.0)
    }

    /// The value at a position, from 0, of the values in ascending order.
    fn order_statistic(&self, place: i64) -> Option<i64> {
        self.values.get(self.up_to.partition_point(|up_to| *up_to <= place)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counted(values: &[i64]) -> Distribution {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let mut counts: Vec<(i64, i64)> = Vec::new();
        for value in sorted {
            match counts.last_mut() {
                Some((last, count)) if *last == value => *count += 1,
                _ => counts.push((value, 1)),
            }
        }
        Distribution::of(counts)
    }

    #[test]
    fn no_values_have_no_statistics_and_one_value_no_deviation() {
        let none = Distribution::of([(3, 0)]);
        assert_eq!((none.count(), none.min(), none.mean(), none.quantile(50)), (0, None, None, None));
        let one = Distribution::of([(7, 1)]);
        assert_eq!((one.mean(), one.deviation(), one.quantile(10), one.max()), (Some(7.0), None, Some(7.0), Some(7)));
    }

    #[test]
    fn a_case_by_hand() {
        // 2 4 4 4 5 5 7 9: mean 5, Σ(x−5)² = 32, 32/7; p25 at place 1.75 -> 4, p90 at 6.3 -> 7 + 0.3 × 2 = 7.6
        let days = counted(&[5, 2, 4, 9, 4, 4, 7, 5]);
        assert_eq!(days.mean(), Some(5.0));
        assert!((days.deviation().unwrap() - (32.0_f64 / 7.0).sqrt()).abs() < 1e-15);
        assert_eq!([0, 25, 50, 75, 90, 100].map(|percent| days.quantile(percent).unwrap()), [2.0, 4.0, 4.5, 5.5, 7.6, 9.0]);
    }

    proptest! {
        #[test]
        fn counts_give_the_same_as_the_sorted_list(mut values in prop::collection::vec(0_i64..400, 1..60), percent in 0_i64..=100) {
            let days = counted(&values);
            values.sort_unstable();
            let place = (values.len() - 1) as f64 * percent as f64 / 100.0;
            let (low, high) = (values[place.floor() as usize] as f64, values[place.ceil() as usize] as f64);
            let expected = low + (high - low) * place.fract();
            prop_assert!((days.quantile(percent).unwrap() - expected).abs() < 1e-9);
            let mean = values.iter().sum::<i64>() as f64 / values.len() as f64;
            prop_assert!((days.mean().unwrap() - mean).abs() < 1e-9);
            if values.len() > 1 {
                let squares: f64 = values.iter().map(|value| (*value as f64 - mean).powi(2)).sum();
                prop_assert!((days.deviation().unwrap() - (squares / (values.len() - 1) as f64).sqrt()).abs() < 1e-9);
            }
        }
    }
}
