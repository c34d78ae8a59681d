//! Prediction: what a fitted model predicts for a customer, computed once for every cell.

use rayon::prelude::*;

use super::cells::{Customer, PatternCounts};

/// A model of when customers buy and when they leave. Times are in the periods that it was fitted in.
pub trait PurchaseModel: Sync {
    /// The log-density of a customer's timed history (without x!, as in BTYD, CLVTools and lifetimes).
    fn log_likelihood(&self, customer: &Customer) -> f64;

    /// The chance that the customer has not left for good.
    fn probability_alive(&self, customer: &Customer) -> f64;

    /// Expected purchases in a number of periods after T of a customer whose [`PurchaseModel::probability_alive`] is `alive`: it takes an
    /// integral in some models, and need not be computed anew for each number of periods.
    fn expected_with(&self, alive: f64, customer: &Customer, periods: f64) -> f64;

    /// Expected purchases in a number of periods after T.
    fn expected_purchases(&self, customer: &Customer, periods: f64) -> f64 {
        self.expected_with(self.probability_alive(customer), customer, periods)
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
    let of_customer = |customer: &Customer| {
        let probability_alive = model.probability_alive(customer);
        Prediction { probability_alive, expected_purchases: model.expected_with(probability_alive, customer, periods) }
    };
    cells.counts().par_iter().map(|(history, _)| of_customer(&cells.customer(*history))).collect()
}
