//! Ranking: how well predictions order customers, and what customers with low and high predictions did.
//!
//! Customers with equal predictions are one group; nothing here depends on their order.

use super::ratio::ratio_of;

/// Customers with the same prediction and the same outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PredictedOutcome {
    /// What was predicted for each of them.
    pub predicted: f64,
    /// What each of them did.
    pub actual: u64,
    /// The number of these customers.
    pub customers: u64,
}

/// The customers of a tenth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decile {
    /// 1 for the lowest predictions, 10 for the highest.
    pub decile: u8,
    /// The number of these customers.
    pub customers: u64,
    /// What was predicted for all of them together.
    pub predicted: f64,
    /// What they did.
    pub actual: u64,
}

/// The Gini coefficient of what customers did in the order of the predictions, divided by that in the order of what they did:
/// 1 if the order is perfect, about 0 if it is random. A group with equal predictions counts as spread evenly (its piece
/// of the Lorenz curve is straight), which is the mean over all orders of its members. `None` where all did the same.
pub fn normalised_gini(outcomes: &[PredictedOutcome]) -> Option<f64> {
    let by_prediction = below_the_curve(&sorted(outcomes, |outcome| outcome.predicted));
    let by_outcome = below_the_curve(&sorted(outcomes, |outcome| outcome.actual as f64));
    let customers: i128 = outcomes.iter().map(|outcome| i128::from(outcome.customers)).sum();
    let total: i128 = outcomes.iter().map(|outcome| i128::from(outcome.customers) * i128::from(outcome.actual)).sum();
    // Both coefficients are 1 − area / (customers × total): whole numbers until the last division.
    let square = customers * total;
    ratio_of((square - by_prediction) as f64, (square - by_outcome) as f64)
}

/// Customers with the same two predictions and the same outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RivalPredictions {
    /// What one predicts for each of them.
    pub one: f64,
    /// What the other predicts.
    pub other: f64,
    /// What each of them did.
    pub actual: u64,
    /// The number of these customers.
    pub customers: u64,
}

/// A difference, and how far it would be off by chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The difference.
    pub value: f64,
    /// Its standard error.
    pub std_error: f64,
}

impl Difference {
    /// Whether it is above 0 by more than two standard errors.
    pub fn is_above(&self) -> bool {
        self.value > 2.0 * self.std_error
    }

    /// Whether it is below 0 by more than two standard errors.
    pub fn is_below(&self) -> bool {
        self.value < -2.0 * self.std_error
    }
}

/// By how much the mean absolute error of one is below that of the other, with the standard error of a mean of paired differences. `None`
/// for fewer than two customers.
pub fn absolute_error_gain(outcomes: &[RivalPredictions]) -> Option<Difference> {
    let gain = |outcome: &RivalPredictions| (outcome.other - outcome.actual as f64).abs() - (outcome.one - outcome.actual as f64).abs();
    let sum = |of: &dyn Fn(&RivalPredictions) -> f64| outcomes.iter().map(|outcome| outcome.customers as f64 * of(outcome)).sum::<f64>();
    let customers = sum(&|_| 1.0);
    let value = ratio_of(sum(&gain), customers)?;
    let variance = ratio_of(sum(&|outcome| (gain(outcome) - value).powi(2)), customers - 1.0)?;
    Some(Difference { value, std_error: ratio_of(variance, customers)?.max(0.0).sqrt() })
}

/// By how much [`normalised_gini`] of one is above that of the other, with the standard error of the infinitesimal jackknife (B. Efron, The
/// Jackknife, the Bootstrap and Other Resampling Plans, 1982, chapter 6): the limit of the bootstrap for smooth statistics, without random
/// numbers. `None` where all customers did the same.
pub fn gini_gain(outcomes: &[RivalPredictions]) -> Option<Difference> {
    let by_one = Area::of(outcomes, |outcome| outcome.one);
    let by_other = Area::of(outcomes, |outcome| outcome.other);
    let by_outcome = Area::of(outcomes, |outcome| outcome.actual as f64);
    let customers: f64 = outcomes.iter().map(|outcome| outcome.customers as f64).sum();
    let total: f64 = outcomes.iter().map(|outcome| outcome.customers as f64 * outcome.actual as f64).sum();
    let scale = customers * total - by_outcome.area;
    let value = ratio_of(by_other.area - by_one.area, scale)?;
    // The derivative of the quotient in the weight of one customer of each group.
    let mut squares = 0.0;
    for (place, outcome) in outcomes.iter().enumerate() {
        let of = |area: &Area| area.by_weight.get(place).copied().unwrap_or_default();
        let of_scale = total + customers * outcome.actual as f64 - of(&by_outcome);
        let derivative = ratio_of(of(&by_other) - of(&by_one) - value * of_scale, scale)?;
        squares += outcome.customers as f64 * derivative.powi(2);
    }
    Some(Difference { value, std_error: squares.sqrt() })
}

/// [`below_the_curve`] in some order, with its derivatives in the weight of a customer of each group of outcomes.
struct Area {
    area: f64,
    by_weight: Vec<f64>,
}

impl Area {
    /// The area is Σᵢ Σⱼ actualⱼ × (2 where j comes before i, 1 where both are equal): a customer's weight counts once as i and once as j.
    fn of(outcomes: &[RivalPredictions], key: impl Fn(&RivalPredictions) -> f64) -> Area {
        let mut order: Vec<usize> = (0..outcomes.len()).collect();
        let key_of = |place: usize| outcomes.get(place).map_or(f64::NAN, &key);
        order.sort_by(|one, other| key_of(*one).total_cmp(&key_of(*other)));
        let customers: f64 = outcomes.iter().map(|outcome| outcome.customers as f64).sum();
        let mut by_weight = vec![0.0; outcomes.len()];
        let (mut area, mut cumulated, mut before) = (0.0, 0.0, 0.0);
        for group in order.chunk_by(|one, other| key_of(*one) == key_of(*other)) {
            let members = || group.iter().filter_map(|place| Some((*place, outcomes.get(*place)?)));
            let number: f64 = members().map(|(_, outcome)| outcome.customers as f64).sum();
            let actual: f64 = members().map(|(_, outcome)| outcome.customers as f64 * outcome.actual as f64).sum();
            let height = 2.0 * cumulated + actual;
            area += number * height;
            let later = 2.0 * (customers - before - number) + number;
            for (place, outcome) in members() {
                if let Some(derivative) = by_weight.get_mut(place) {
                    *derivative = height + outcome.actual as f64 * later;
                }
            }
            cumulated += actual;
            before += number;
        }
        Area { area, by_weight }
    }
}

/// Customers by tenths of the predictions. A group belongs to tenth 1 + (10 × customers with a lower prediction) div customers,
/// so that a large group is not split, and the tenths after it may be empty; empty ones are left out.
pub fn deciles(outcomes: &[PredictedOutcome]) -> Vec<Decile> {
    let all: u64 = outcomes.iter().map(|outcome| outcome.customers).sum();
    let mut deciles: Vec<Decile> = Vec::new();
    let mut before = 0;
    for group in sorted(outcomes, |outcome| outcome.predicted) {
        let number = 1 + u8::try_from(10 * u128::from(before) / u128::from(all.max(1))).unwrap_or(9).min(9);
        before += group.customers;
        let predicted = group.key * group.customers as f64;
        match deciles.last_mut().filter(|last| last.decile == number) {
            Some(last) => {
                last.customers += group.customers;
                last.predicted += predicted;
                last.actual += group.actual;
            }
            None => deciles.push(Decile { decile: number, customers: group.customers, predicted, actual: group.actual }),
        }
    }
    deciles
}

/// Customers who are equal in what they are ordered by.
struct Group {
    key: f64,
    customers: u64,
    /// What they did together.
    actual: u64,
}

fn sorted(outcomes: &[PredictedOutcome], key: impl Fn(&PredictedOutcome) -> f64) -> Vec<Group> {
    let mut keys: Vec<Group> = outcomes
        .iter()
        .map(|outcome| Group { key: key(outcome), customers: outcome.customers, actual: outcome.actual * outcome.customers })
        .collect();
    keys.sort_by(|one, other| one.key.total_cmp(&other.key));
    keys.dedup_by(|next, group| {
        let is_equal = next.key == group.key;
        if is_equal {
            group.customers += next.customers;
            group.actual += next.actual;
        }
        is_equal
    });
    keys
}

/// Σ customers × (cumulated before + cumulated after): twice the area under the Lorenz curve, unscaled.
fn below_the_curve(groups: &[Group]) -> i128 {
    let mut cumulated: i128 = 0;
    groups
        .iter()
        .map(|group| {
            let before = cumulated;
            cumulated += i128::from(group.actual);
            i128::from(group.customers) * (before + cumulated)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn outcome(predicted: f64, actual: u64, customers: u64) -> PredictedOutcome {
        PredictedOutcome { predicted, actual, customers }
    }

    #[test]
    fn a_ranking_worked_by_hand() {
        // Actual 0, 1, 3 in perfect order: areas 1 × 0 + 1 × 1 + 1 × 5 = 6 of 3 × 4 = 12.
        let perfect = [outcome(0.1, 0, 1), outcome(0.2, 1, 1), outcome(0.3, 3, 1)];
        assert_eq!(normalised_gini(&perfect), Some(1.0));
        // The first two the other way round: 1 × 1 + 1 × 2 + 1 × 5 = 8, so (12 − 8) / (12 − 6).
        let swapped = [outcome(0.2, 0, 1), outcome(0.1, 1, 1), outcome(0.3, 3, 1)];
        assert_eq!(normalised_gini(&swapped), Some(4.0 / 6.0));
        // Predicted alike they count as spread evenly, 2 × 1 + 1 × 5 = 7: the mean of both orders.
        let tied = [outcome(0.1, 0, 1), outcome(0.1, 1, 1), outcome(0.3, 3, 1)];
        assert_eq!(normalised_gini(&tied), Some(5.0 / 6.0));
        assert_eq!(normalised_gini(&[outcome(0.1, 2, 1), outcome(0.2, 2, 5)]), None, "all did the same");
        assert_eq!(normalised_gini(&[]), None);
    }

    #[test]
    fn tenths_keep_equal_predictions_together() {
        // Of ten: five at 0.1, three at 0.2, two at 0.9; 0, 5 and 8 have a lower prediction.
        let found = deciles(&[outcome(0.2, 1, 3), outcome(0.1, 0, 4), outcome(0.1, 2, 1), outcome(0.9, 4, 2)]);
        let expected = [(1, 5, 0.5, 2), (6, 3, 0.6, 3), (9, 2, 1.8, 8)];
        for (found, (decile, customers, predicted, actual)) in found.iter().zip(expected) {
            assert_eq!((found.decile, found.customers, found.actual), (decile, customers, actual));
            assert!((found.predicted - predicted).abs() < 1e-12);
        }
        assert_eq!(found.len(), 3);
        assert_eq!(deciles(&[]), []);
    }

    fn rivals(one: f64, other: f64, actual: u64, customers: u64) -> RivalPredictions {
        RivalPredictions { one, other, actual, customers }
    }

    #[test]
    fn paired_errors_worked_by_hand() {
        // One is off by 0, 1 and 1, the other by 1, 1 and 3: gains of 1, 0 and 2, mean 1, sum of squares 2 of 2 degrees, over 3 customers.
        let gain = absolute_error_gain(&[rivals(2.0, 1.0, 2, 1), rivals(1.0, 1.0, 0, 1), rivals(1.0, 5.0, 2, 1)]).unwrap();
        assert!((gain.value - 1.0).abs() < 1e-15 && (gain.std_error - (1.0_f64 / 3.0).sqrt()).abs() < 1e-15, "{gain:?}");
        assert!(!gain.is_above() && !gain.is_below());
        assert_eq!(absolute_error_gain(&[rivals(1.0, 2.0, 1, 1)]), None, "one customer says nothing of chance");
    }

    /// The difference of two rankings is what each ranking says alone, and its error that of a bootstrap.
    #[test]
    fn the_error_of_a_ranking_is_that_of_the_bootstrap() {
        let mut random = crate::statistics::random::Random::new(5);
        let mut group = |customers: u64| {
            let rate = random.gamma(0.5);
            let actual = (rate * 2.0 * random.unit() + random.unit()) as u64;
            rivals((rate * 8.0).round() + 1.0, (rate * random.unit() * 8.0).round(), actual, customers)
        };
        let outcomes: Vec<RivalPredictions> = (0..300).map(|number| group(1 + number % 3)).collect();
        let alone = |outcomes: &[RivalPredictions], of: fn(&RivalPredictions) -> f64| {
            let outcomes: Vec<_> = outcomes.iter().map(|one| outcome(of(one), one.actual, one.customers)).collect();
            normalised_gini(&outcomes).unwrap()
        };
        let difference = |outcomes: &[RivalPredictions]| alone(outcomes, |one| one.one) - alone(outcomes, |one| one.other);
        let gain = gini_gain(&outcomes).unwrap();
        assert!((gain.value - difference(&outcomes)).abs() < 1e-12);
        let single: Vec<RivalPredictions> =
            outcomes.iter().flat_map(|one| (0..one.customers).map(|_| RivalPredictions { customers: 1, ..*one })).collect();
        let mut random = crate::statistics::random::Random::new(9);
        let drawn: Vec<f64> =
            (0..400).map(|_| difference(&(0..single.len()).map(|_| single[random.below(single.len())]).collect::<Vec<_>>())).collect();
        let mean = drawn.iter().sum::<f64>() / 400.0;
        let spread = (drawn.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / 399.0).sqrt();
        // 400 draws know a spread to some 4 %; three times that.
        assert!((gain.std_error / spread - 1.0).abs() < 0.12, "{} {spread}", gain.std_error);
        assert_eq!(gini_gain(&[rivals(1.0, 2.0, 3, 5)]), None, "all did the same");
    }

    proptest! {
        #[test]
        fn tenths_hold_everybody_and_no_ranking_is_better_than_perfect(all in prop::collection::vec((0u8..6, 0u64..5, 1u64..9), 1..40)) {
            let outcomes: Vec<PredictedOutcome> = all.iter().map(|(predicted, actual, customers)| outcome(f64::from(*predicted), *actual, *customers)).collect();
            let tenths = deciles(&outcomes);
            prop_assert!(tenths.is_sorted_by(|one, next| one.decile < next.decile));
            prop_assert_eq!(tenths.iter().map(|tenth| tenth.customers).sum::<u64>(), all.iter().map(|(_, _, customers)| customers).sum::<u64>());
            let mut turned = outcomes.clone();
            turned.reverse();
            prop_assert_eq!(normalised_gini(&turned), normalised_gini(&outcomes));
            if let Some(gini) = normalised_gini(&outcomes) {
                prop_assert!((-1.0..=1.0).contains(&gini), "{}", gini);
            }
        }
    }
}
