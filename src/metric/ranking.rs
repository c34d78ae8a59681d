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
