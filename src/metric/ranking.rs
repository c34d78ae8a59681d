//! Ranking: how well predictions order customers, and what customers with low and high predictions did.
//!
//! Customers with equal predictions are one group; nothing here depends on their order.

use super::ratio::ratio_of;

/// Customers with the same outcome, of whom the same is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
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

/// Outcomes in the order of a key. Those with equal keys are one group.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// The places of the outcomes, group by group.
    order: Vec<u32>,
    /// By group: its end in the order.
    ends: Vec<u32>,
    /// Σ customers × (cumulated before + cumulated after): twice the area under the Lorenz curve, unscaled.
    area: i128,
}

impl Ranking {
    /// The order of outcomes by a key of their place.
    pub fn of(outcomes: &[Outcome], key: impl Fn(usize) -> f64) -> Ranking {
        let mut keys: Vec<(f64, u32)> = (0..outcomes.len() as u32).map(|place| (key(place as usize), place)).collect();
        keys.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        let mut ranking = Ranking { order: keys.iter().map(|(_, place)| *place).collect(), ends: Vec::new(), area: 0 };
        let (mut end, mut cumulated) = (0, 0);
        for group in keys.chunk_by(|one, other| one.0 == other.0) {
            end += group.len() as u32;
            ranking.ends.push(end);
            let (customers, actual) = together(outcomes, group.iter().map(|(_, place)| *place));
            let before = cumulated;
            cumulated += i128::from(actual);
            ranking.area += i128::from(customers) * (before + cumulated);
        }
        ranking
    }

    /// The places of the outcomes of each group.
    fn groups(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, end)| self.order.get(start as usize..*end as usize))
    }

    /// By place: the derivative of the area in the weight of a customer. The area is Σᵢ Σⱼ actualⱼ × (2 where j comes before i, 1 where both
    /// are equal): a customer's weight counts once as i and once as j.
    fn by_weight(&self, outcomes: &[Outcome]) -> Vec<f64> {
        let customers: f64 = outcomes.iter().map(|outcome| outcome.customers as f64).sum();
        let mut by_weight = vec![0.0; outcomes.len()];
        let (mut cumulated, mut before) = (0.0, 0.0);
        for group in self.groups() {
            let (number, actual) = together(outcomes, group.iter().copied());
            let (number, actual) = (number as f64, actual as f64);
            let height = 2.0 * cumulated + actual;
            let later = 2.0 * (customers - before - number) + number;
            for place in group {
                if let Some((derivative, outcome)) = by_weight.get_mut(*place as usize).zip(outcomes.get(*place as usize)) {
                    *derivative = height + outcome.actual as f64 * later;
                }
            }
            cumulated += actual;
            before += number;
        }
        by_weight
    }
}

/// The customers of outcomes at those places, and what they did together.
fn together(outcomes: &[Outcome], places: impl Iterator<Item = u32>) -> (u64, u64) {
    let members = places.filter_map(|place| outcomes.get(place as usize));
    members.fold((0, 0), |(customers, actual), outcome| (customers + outcome.customers, actual + outcome.customers * outcome.actual))
}

/// A ranking against which others are held, with what the comparison needs of it.
#[derive(Debug, Clone)]
pub struct Weighed {
    /// The ranking.
    pub ranking: Ranking,
    by_weight: Vec<f64>,
}

impl Weighed {
    /// The order of outcomes by a key of their place.
    pub fn of(outcomes: &[Outcome], key: impl Fn(usize) -> f64) -> Weighed {
        let ranking = Ranking::of(outcomes, key);
        Weighed { by_weight: ranking.by_weight(outcomes), ranking }
    }
}

/// The Gini coefficient of what customers did in the order of the predictions, divided by that in the order of what they did:
/// 1 if the order is perfect, about 0 if it is random. A group with equal predictions counts as spread evenly (its piece
/// of the Lorenz curve is straight), which is the mean over all orders of its members. `None` where all did the same.
pub fn normalised_gini(outcomes: &[Outcome], by_prediction: &Ranking, by_outcome: &Ranking) -> Option<f64> {
    let (customers, total) = outcomes.iter().fold((0, 0), |(customers, total), outcome| {
        (customers + i128::from(outcome.customers), total + i128::from(outcome.customers) * i128::from(outcome.actual))
    });
    // Both coefficients are 1 − area / (customers × total): whole numbers until the last division.
    let square = customers * total;
    ratio_of((square - by_prediction.area) as f64, (square - by_outcome.area) as f64)
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

/// By how much the mean absolute error of one prediction of each outcome is below that of the other, with the standard error of a mean of
/// paired differences. `None` for fewer than two customers.
pub fn absolute_error_gain(outcomes: &[Outcome], one: &[f64], other: &[f64]) -> Option<Difference> {
    let gain = |((outcome, one), other): ((&Outcome, &f64), &f64)| {
        let actual = outcome.actual as f64;
        (outcome.customers as f64, (other - actual).abs() - (one - actual).abs())
    };
    let gains = || outcomes.iter().zip(one).zip(other).map(gain);
    let customers: f64 = gains().map(|(customers, _)| customers).sum();
    let value = ratio_of(gains().map(|(customers, gain)| customers * gain).sum(), customers)?;
    let squares: f64 = gains().map(|(customers, gain)| customers * (gain - value).powi(2)).sum();
    let variance = ratio_of(squares, customers - 1.0)?;
    Some(Difference { value, std_error: ratio_of(variance, customers)?.max(0.0).sqrt() })
}

/// By how much [`normalised_gini`] of one is above that of the other, with the standard error of the infinitesimal jackknife (B. Efron, The
/// Jackknife, the Bootstrap and Other Resampling Plans, 1982, chapter 6): the limit of the bootstrap for smooth statistics, without random
/// numbers. `None` where all customers did the same.
pub fn gini_gain(outcomes: &[Outcome], by_one: &Ranking, by_other: &Weighed, by_outcome: &Weighed) -> Option<Difference> {
    let customers: f64 = outcomes.iter().map(|outcome| outcome.customers as f64).sum();
    let total: f64 = outcomes.iter().map(|outcome| outcome.customers as f64 * outcome.actual as f64).sum();
    let scale = customers * total - by_outcome.ranking.area as f64;
    let value = ratio_of((by_other.ranking.area - by_one.area) as f64, scale)?;
    // The derivative of the quotient in the weight of one customer of each group.
    let by_weights = by_one.by_weight(outcomes).into_iter().zip(&by_other.by_weight).zip(&by_outcome.by_weight);
    let squares = outcomes.iter().zip(by_weights).map(|(outcome, ((of_one, of_other), of_outcome))| {
        let of_scale = total + customers * outcome.actual as f64 - of_outcome;
        outcome.customers as f64 * (of_other - of_one - value * of_scale).powi(2)
    });
    Some(Difference { value, std_error: ratio_of(squares.sum::<f64>().sqrt(), scale)? })
}

/// Customers by tenths of the predictions, which are by outcome, with the order by these. A group belongs to tenth 1 + (10 × customers with a
/// lower prediction) div customers, so that a large group is not split, and the tenths after it may be empty; empty ones are left out.
pub fn deciles(outcomes: &[Outcome], predictions: &[f64], by_prediction: &Ranking) -> Vec<Decile> {
    let all: u64 = outcomes.iter().map(|outcome| outcome.customers).sum();
    let mut deciles: Vec<Decile> = Vec::new();
    let mut before = 0;
    for group in by_prediction.groups() {
        let number = 1 + u8::try_from(10 * u128::from(before) / u128::from(all.max(1))).unwrap_or(9).min(9);
        let (customers, actual) = together(outcomes, group.iter().copied());
        before += customers;
        let prediction = group.first().and_then(|place| predictions.get(*place as usize)).copied().unwrap_or_default();
        let predicted = prediction * customers as f64;
        match deciles.last_mut().filter(|last| last.decile == number) {
            Some(last) => {
                last.customers += customers;
                last.predicted += predicted;
                last.actual += actual;
            }
            None => deciles.push(Decile { decile: number, customers, predicted, actual }),
        }
    }
    deciles
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A prediction and an outcome.
    type Predicted = (f64, Outcome);

    fn outcome(predicted: f64, actual: u64, customers: u64) -> Predicted {
        (predicted, Outcome { actual, customers })
    }

    fn split(all: &[Predicted]) -> (Vec<f64>, Vec<Outcome>) {
        all.iter().copied().unzip()
    }

    fn normalised_gini(all: &[Predicted]) -> Option<f64> {
        let (predictions, outcomes) = split(all);
        let by_prediction = Ranking::of(&outcomes, |place| predictions[place]);
        super::normalised_gini(&outcomes, &by_prediction, &Ranking::of(&outcomes, |place| outcomes[place].actual as f64))
    }

    fn deciles(all: &[Predicted]) -> Vec<Decile> {
        let (predictions, outcomes) = split(all);
        super::deciles(&outcomes, &predictions, &Ranking::of(&outcomes, |place| predictions[place]))
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

    /// What two predict for customers, and what these did.
    #[derive(Debug, Clone, Copy)]
    struct Rivals {
        one: f64,
        other: f64,
        outcome: Outcome,
    }

    fn rivals(one: f64, other: f64, actual: u64, customers: u64) -> Rivals {
        Rivals { one, other, outcome: Outcome { actual, customers } }
    }

    fn outcomes_of(all: &[Rivals]) -> Vec<Outcome> {
        all.iter().map(|rivals| rivals.outcome).collect()
    }

    fn absolute_error_gain(all: &[Rivals]) -> Option<Difference> {
        let of = |key: fn(&Rivals) -> f64| all.iter().map(key).collect::<Vec<f64>>();
        super::absolute_error_gain(&outcomes_of(all), &of(|rivals| rivals.one), &of(|rivals| rivals.other))
    }

    fn gini_gain(all: &[Rivals]) -> Option<Difference> {
        let outcomes = outcomes_of(all);
        let weighed = |key: fn(&Rivals) -> f64| Weighed::of(&outcomes, |place| key(&all[place]));
        let one = Ranking::of(&outcomes, |place| all[place].one);
        super::gini_gain(&outcomes, &one, &weighed(|rivals| rivals.other), &weighed(|rivals| rivals.outcome.actual as f64))
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
        let outcomes: Vec<Rivals> = (0..300).map(|number| group(1 + number % 3)).collect();
        let alone = |outcomes: &[Rivals], of: fn(&Rivals) -> f64| {
            let outcomes: Vec<Predicted> = outcomes.iter().map(|one| (of(one), one.outcome)).collect();
            normalised_gini(&outcomes).unwrap()
        };
        let difference = |outcomes: &[Rivals]| alone(outcomes, |one| one.one) - alone(outcomes, |one| one.other);
        let gain = gini_gain(&outcomes).unwrap();
        assert!((gain.value - difference(&outcomes)).abs() < 1e-12);
        let single: Vec<Rivals> =
            outcomes.iter().flat_map(|one| (0..one.outcome.customers).map(|_| rivals(one.one, one.other, one.outcome.actual, 1))).collect();
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
            let outcomes: Vec<Predicted> = all.iter().map(|(predicted, actual, customers)| outcome(f64::from(*predicted), *actual, *customers)).collect();
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
