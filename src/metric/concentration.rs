//! Concentration (二八): the share of a sum that its greatest summands bring, and the inequality of all of them.

use super::ratio::ratio_wide;

/// Summands that are not negative, descending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concentration {
    descending: Vec<i64>,
}

impl Concentration {
    /// Takes the summands in any order.
    pub fn of(mut summands: Vec<i64>) -> Self {
        summands.sort_unstable_by(|one, other| other.cmp(one));
        Concentration { descending: summands }
    }

    /// The number of summands.
    pub fn count(&self) -> usize {
        self.descending.len()
    }

    /// Their sum.
    pub fn sum(&self) -> i64 {
        self.descending.iter().sum()
    }

    /// The number of the greatest `percent` of them, rounded up, and their sum. Which of several equal ones at the border are among them
    /// makes no difference.
    pub fn top(&self, percent: usize) -> (usize, i64) {
        let number = (self.descending.len() * percent).div_ceil(100);
        (number, self.descending.iter().take(number).sum())
    }

    /// The Gini coefficient: half the mean difference between two of them, relative to their mean; 0 if all are equal, near 1 if one has
    /// everything. `None` if they add up to 0. Whole numbers until the last division.
    pub fn gini(&self) -> Option<f64> {
        let count = self.descending.len() as i128;
        let sum: i128 = self.descending.iter().map(|summand| i128::from(*summand)).sum();
        // Σ (n + 1 − 2i) x_i over descending x_i is half the sum of all differences.
        let weighted: i128 = (1..).zip(&self.descending).map(|(place, summand)| (count + 1 - 2 * place) * i128::from(*summand)).sum();
        ratio_wide(weighted, count * sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn five_summands_by_hand() {
        // Descending 50 30 15 5 0. Differences of all pairs: 20 35 45 50, 15 25 30, 10 15, 5 = 250; twice that over 2 × 25 × 20.
        let concentration = Concentration::of(vec![5, 30, 0, 50, 15]);
        assert_eq!([1, 20, 21, 50, 100].map(|percent| concentration.top(percent)), [(1, 50), (1, 50), (2, 80), (3, 95), (5, 100)]);
        assert_eq!(concentration.gini(), Some(0.5));
        assert_eq!((concentration.count(), concentration.sum()), (5, 100));
    }

    #[test]
    fn equal_summands_none_and_nothing() {
        assert_eq!(Concentration::of(vec![7; 9]).gini(), Some(0.0));
        assert_eq!(Concentration::of(vec![0, 0]).gini(), None);
        assert_eq!(Concentration::of(Vec::new()).gini(), None);
        assert_eq!(Concentration::of(Vec::new()).top(20), (0, 0));
        // One has everything: 1 − 1/n.
        assert_eq!(Concentration::of(vec![0, 0, 0, 8]).gini(), Some(0.75));
    }

    proptest! {
        #[test]
        fn the_coefficient_is_the_mean_difference_of_pairs(summands in prop::collection::vec(0_i64..1_000_000_000_000, 1..40)) {
            let sum: f64 = summands.iter().map(|summand| *summand as f64).sum();
            let differences: f64 = summands.iter().flat_map(|one| summands.iter().map(move |other| (one - other).abs() as f64)).sum();
            let expected = differences / (2.0 * summands.len() as f64 * sum);
            match Concentration::of(summands).gini() {
                Some(gini) => prop_assert!((gini - expected).abs() < 1e-9 && (0.0..1.0).contains(&gini)),
                None => prop_assert_eq!(sum, 0.0),
            }
        }
    }
}
