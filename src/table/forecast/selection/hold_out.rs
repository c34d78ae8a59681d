//! Hold-out: compares the predictions of a model fitted to the calibration with the purchases after it.

use super::against_naive::{AgainstNaive, Naive};
use super::base::{Base, DAYS_PER_PERIOD, HeldOut};
use super::densities::of_hold_out;
use super::fitted::{Fitted, FittedModel, of_each_model};
use crate::metric::ranking::{Decile, Ranking, deciles, normalised_gini};
use crate::metric::ratio::ratio_of;
use crate::model::prediction::predict;

/// The accuracy of predictions, in purchase days per customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Accuracy {
    /// Predicted for all customers together.
    pub predicted: f64,
    /// Mean of |predicted − actual|.
    pub mean_absolute_error: Option<f64>,
    /// Root of the mean of (predicted − actual)².
    pub root_mean_squared_error: Option<f64>,
    /// The quality of the ranking of customers.
    pub gini: Option<f64>,
}

/// The performance of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct HoldOut {
    /// The log-density of the hold-out, given the calibration.
    pub log_likelihood: f64,
    /// The same of one customer, by group of [`HeldOut::outcomes`]; empty once the model is chosen.
    pub densities: Vec<f64>,
    /// The accuracy of its predictions.
    pub accuracy: Accuracy,
    /// Its predictions against "as often as before".
    pub against_naive: AgainstNaive,
    /// Its predictions by tenths.
    pub deciles: Vec<Decile>,
}

impl HeldOut {
    /// Customers at its beginning.
    pub fn customers(&self) -> u64 {
        self.outcomes.iter().map(|outcome| outcome.customers).sum()
    }

    /// Their purchase days in it.
    pub fn purchases(&self) -> u64 {
        self.outcomes.iter().map(|outcome| u64::from(outcome.purchases) * outcome.customers).sum()
    }

    /// Its length in the periods of the models.
    pub fn periods(&self) -> f64 {
        f64::from(self.days) / DAYS_PER_PERIOD
    }

    /// Predictions by cell of the calibration as predictions by outcome.
    pub(super) fn by_outcome(&self, predictions: &[f64]) -> Vec<f64> {
        self.outcomes.iter().map(|one| predictions.get(one.cell).copied().unwrap_or_default()).collect()
    }
}

impl Naive {
    /// The accuracy of "as often as before": x / T × the days of the hold-out; 0 for customers who first bought on the last day of the
    /// calibration.
    pub fn accuracy(&self) -> Accuracy {
        accuracy(self, &self.predictions, &self.by_prediction.ranking)
    }
}

impl HoldOut {
    /// Whether the model ranks customers worse than "as often as before", by more than two standard errors.
    pub fn ranks_worse(&self) -> bool {
        self.against_naive.ranks_worse()
    }

    /// The performance on a hold-out of a model fitted to its calibration.
    pub fn of(model: &FittedModel, base: &Base, held_out: &HeldOut, naive: &Naive) -> HoldOut {
        let predictions = predict(model.purchases(), &held_out.calibration, held_out.periods());
        let predictions: Vec<f64> = predictions.iter().map(|prediction| prediction.expected_purchases).collect();
        let predictions = held_out.by_outcome(&predictions);
        let by_prediction = Ranking::of(&naive.outcomes, |place| predictions.get(place).copied().unwrap_or_default());
        let densities = of_hold_out(model, &base.whole, held_out);
        HoldOut {
            log_likelihood: held_out.outcomes.iter().zip(&densities).map(|(one, density)| one.customers as f64 * density).sum(),
            densities,
            accuracy: accuracy(naive, &predictions, &by_prediction),
            against_naive: AgainstNaive::of(naive, &predictions, &by_prediction),
            deciles: deciles(&naive.outcomes, &predictions, &by_prediction),
        }
    }
}

/// By place: the performance of the model on a shop's hold-out.
pub fn hold_outs(fitted: &[Fitted], base: &Base, naive: Option<&Naive>) -> Vec<Option<HoldOut>> {
    let Some((held_out, naive)) = base.held_out.as_ref().zip(naive) else { return vec![None; fitted.len()] };
    of_each_model(fitted.iter().map(Fitted::calibrated), |model| HoldOut::of(model, base, held_out, naive))
}

/// The accuracy of predictions by outcome, with the order by these.
fn accuracy(naive: &Naive, predictions: &[f64], by_prediction: &Ranking) -> Accuracy {
    let outcomes = &naive.outcomes;
    let sum = |of: &dyn Fn(f64, f64) -> f64| {
        let each = outcomes.iter().zip(predictions);
        each.map(|(outcome, predicted)| outcome.customers as f64 * of(*predicted, outcome.actual as f64)).sum::<f64>()
    };
    let customers = sum(&|_, _| 1.0);
    Accuracy {
        predicted: sum(&|predicted, _| predicted),
        mean_absolute_error: ratio_of(sum(&|predicted, actual| (predicted - actual).abs()), customers),
        root_mean_squared_error: ratio_of(sum(&|predicted, actual| (predicted - actual).powi(2)), customers).map(f64::sqrt),
        gini: normalised_gini(outcomes, by_prediction, &naive.by_outcome.ranking),
    }
}

#[cfg(test)]
mod tests {
    use super::super::base::{BaseCounter, PurchaseSummary};
    use super::*;
    use crate::fold::interval_counts::ShopIntervals;
    use crate::model::beta_geometric::{BetaGeometric, Chance};
    use crate::model::cells::Customer;
    use crate::model::prediction::PurchaseModel;

    fn member(days: &[i32], end: i32) -> PurchaseSummary {
        let known: Vec<i32> = days.iter().copied().filter(|day| *day <= end).collect();
        PurchaseSummary {
            first_day: days[0],
            last_day: *days.last().unwrap(),
            purchase_days: days.len() as u32,
            calibration_last_day: known.last().copied().unwrap_or(i32::MIN),
            calibration_purchase_days: known.len() as u32,
        }
    }

    /// Bought on 0, 70 and 119; on 35; on 0 and 7. Calibration until 70, hold-out until 140; one customer comes on 80.
    fn base() -> Base {
        let mut counter = BaseCounter::default();
        for days in [&[0, 70, 119][..], &[35], &[0, 7], &[80, 90]] {
            counter.add(&member(days, 70), 140, 70);
        }
        let intervals = ShopIntervals { calibration: vec![(7, 1), (70, 1)], held_out: vec![(49, 1)], of_later_customers: vec![(10, 1)] };
        counter.finish(140, 70, Some(&intervals))
    }

    #[test]
    fn as_often_as_before_worked_by_hand() {
        let held_out = base().held_out.unwrap();
        assert_eq!((held_out.customers(), held_out.purchases(), held_out.periods()), (3, 1, 10.0));
        // Each of the two repeaters bought once in 70 days: 1, 0 and 1 purchases; it became 1, 0 and 0.
        let naive = Naive::of(&held_out).accuracy();
        assert_eq!((naive.predicted, naive.mean_absolute_error), (2.0, Some(1.0 / 3.0)));
        assert_eq!(naive.root_mean_squared_error, Some((1.0_f64 / 3.0).sqrt()));
        // By the prediction: 1 customer with 0, then two with 1 between them: 2 × 1 of 3; by the truth 2 × 0 + 1.
        assert_eq!(naive.gini, Some((3.0 - 2.0) / (3.0 - 1.0)));
    }

    #[test]
    fn the_density_of_the_hold_out_is_the_quotient_of_two_and_has_the_factors_of_its_intervals() {
        let base = base();
        let at = |repeats: f64, recency: f64, age: f64| Customer { repeats, recency, age };
        for regularity in [1, 2] {
            let model = BetaGeometric::new(Chance::AfterAll, regularity, [0.5, 6.0, 0.9, 1.6]);
            let ln = |repeats, recency, age| model.log_likelihood(&at(repeats, recency, age));
            let expected = ln(2.0, 17.0, 20.0) - ln(1.0, 10.0, 10.0) + ln(0.0, 0.0, 15.0) - ln(0.0, 0.0, 5.0) + ln(1.0, 1.0, 20.0)
                - ln(1.0, 1.0, 10.0)
                + f64::from(regularity - 1) * 7.0_f64.ln();
            let held_out = base.held_out.as_ref().unwrap();
            let found = HoldOut::of(&FittedModel::BetaGeometric(model), &base, held_out, &Naive::of(held_out));
            assert!((found.log_likelihood - expected).abs() < 1e-12, "{} {expected}", found.log_likelihood);
            let predicted: f64 = [at(1.0, 10.0, 10.0), at(0.0, 0.0, 5.0), at(1.0, 1.0, 10.0)]
                .iter()
                .map(|customer| model.expected_purchases(customer, 10.0))
                .sum();
            assert!((found.accuracy.predicted - predicted).abs() < 1e-12);
            assert_eq!(found.deciles.iter().map(|decile| decile.customers).sum::<u64>(), 3);
        }
    }
}
