//! Prediction: what a fitted model predicts for a customer, computed once for every cell.

use rayon::prelude::*;

use super::cells::{Customer, PatternCounts, RepeatPattern};

/// A model of when customers buy and when they leave. Times are in the periods that it was fitted in.
pub trait PurchaseModel: Sync {
    /// The log-density of a customer's timed history (without x!, as in BTYD, CLVTools and lifetimes).
    fn log_likelihood(&self, customer: &Customer) -> f64;

    /// The chance that the customer has not left for good.
    fn probability_alive(&self, customer: &Customer) -> f64;

    /// Expected purchases in a number of periods after T of customers with x and T who are alive, by phase: the hidden events since the last
    /// purchase. One value where each event is a purchase. It takes a series in some models, and t_x has no part in it.
    fn expected_by_phase(&self, repeats: f64, age: f64, periods: f64) -> Vec<f64>;

    /// The mean of [`PurchaseModel::expected_by_phase`] over the phases of a customer who is alive.
    fn mean_over_phases(&self, _: &Customer, by_phase: &[f64]) -> f64 {
        by_phase.first().copied().unwrap_or(f64::NAN)
    }

    /// Expected purchases in a number of periods after T.
    fn expected_purchases(&self, customer: &Customer, periods: f64) -> f64 {
        let by_phase = self.expected_by_phase(customer.repeats, customer.age, periods);
        self.probability_alive(customer) * self.mean_over_phases(customer, &by_phase)
    }

    /// By cell: [`PurchaseModel::log_likelihood`].
    fn log_likelihoods(&self, cells: &PatternCounts) -> Vec<f64> {
        cells.counts().par_iter().map(|(history, _)| self.log_likelihood(&cells.customer(*history))).collect()
    }

    /// By cell: [`PurchaseModel::probability_alive`].
    fn probabilities_alive(&self, cells: &PatternCounts) -> Vec<f64> {
        cells.counts().par_iter().map(|(history, _)| self.probability_alive(&cells.customer(*history))).collect()
    }

    /// Expected repeat purchases of a customer in a number of periods after the first purchase: E[X(t)].
    fn expected_purchases_of_new(&self, periods: f64) -> f64;
}

/// The prediction for the customers of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// The chance that the customer has not left for good.
    pub probability_alive: f64,
    /// Expected purchases within the horizon.
    pub expected_purchases: f64,
}

/// The predictions for all cells, in their order; `cells.position` returns the position of a customer's cell.
pub fn predict(model: &dyn PurchaseModel, cells: &PatternCounts, periods: f64) -> Vec<Prediction> {
    let if_alive = expected_if_alive(model, cells, periods);
    let alive = model.probabilities_alive(cells).into_iter().zip(if_alive);
    alive.map(|(alive, purchases)| Prediction { probability_alive: alive, expected_purchases: alive * purchases }).collect()
}

/// By cell: the purchases that are expected in a number of periods of a customer who is alive.
pub fn expected_if_alive(model: &dyn PurchaseModel, cells: &PatternCounts, periods: f64) -> Vec<f64> {
    let days = |days: u32| f64::from(days) / cells.days_per_period();
    let of_pair = |(repeats, age): &(u32, u32)| model.expected_by_phase(f64::from(*repeats), days(*age), periods);
    let by_phase: Vec<Vec<f64>> = cells.ends().pairs().par_iter().map(of_pair).collect();
    let of_cell = |((history, _), place): (&(RepeatPattern, u64), &u32)| {
        let by_phase = by_phase.get(*place as usize).map_or(&[][..], Vec::as_slice);
        model.mean_over_phases(&cells.customer(*history), by_phase)
    };
    cells.counts().par_iter().zip(cells.ends().places()).map(of_cell).collect()
}
