//! Known customers: what those a shop has already won are expected to bring in the months to come.

use rayon::prelude::*;

use super::base::DAYS_PER_PERIOD;
use super::season::Season;
use super::shop::ShopForecast;
use super::span::Span;
use crate::fold::customer::columns::CustomerColumns;
use crate::model::prediction::PurchaseModel;

/// What is expected of them in a span of days.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Known {
    /// Purchase days.
    pub purchases: f64,
    /// Net revenue, in units of the currency.
    pub revenue: f64,
    /// The variance of the revenue.
    pub variance: f64,
}

/// What a shop's customers with one history are worth, a purchase day of each.
#[derive(Debug, Clone, Copy, Default)]
struct Worth {
    customers: f64,
    values: f64,
    squares: f64,
}

/// What is expected of a shop's customers in each span; `None` where no model of purchases or of values can be used.
///
/// The models know no season: what they say of a mean year is multiplied with that of the span.
///
/// `cells` has the place of each customer's history among the cells. The variance is that of purchases which scatter around their
/// expectation as those of the hold-out did, each worth what Gamma-Gamma says (the values of a customer's purchases scatter with
/// 1/√p), and of the model as a whole being as far off as it was over the hold-out. Without a hold-out that is not known, and neither is
/// the variance: it is infinite.
pub fn expected(forecast: &ShopForecast, columns: &CustomerColumns, cells: &[u32], spans: &[Span], season: &Season) -> Option<Vec<Known>> {
    let model = forecast.model()?.purchases();
    let values = forecast.value.model()?;
    let worth = worth(forecast, columns, cells)?;
    let (dispersion, bias) = forecast.scatter().unwrap_or((f64::INFINITY, f64::INFINITY));
    let mut before = vec![0.0; worth.len()];
    let mut known = Vec::with_capacity(spans.len());
    for (place, span) in spans.iter().enumerate() {
        let factor = season.factor(forecast.shop, place);
        let until = upto(forecast, model, span.until);
        let mut sums = (0.0, 0.0, 0.0);
        for ((worth, until), before) in worth.iter().zip(&until).zip(&before) {
            let purchases = (until - before).max(0.0) * factor;
            sums = (sums.0 + purchases * worth.customers, sums.1 + purchases * worth.values, sums.2 + purchases * worth.squares);
        }
        let (purchases, revenue, squares) = sums;
        let variance = dispersion * squares * (1.0 + 1.0 / values.p) + (bias * revenue).powi(2);
        known.push(Known { purchases, revenue, variance });
        before = until;
    }
    Some(known)
}

/// By cell the purchase days expected of one customer in the first so many days to come.
fn upto(forecast: &ShopForecast, model: &dyn PurchaseModel, days: i32) -> Vec<f64> {
    let cells = forecast.cells();
    let periods = f64::from(days) / DAYS_PER_PERIOD;
    cells.counts().par_iter().map(|(history, _)| model.expected_purchases(&cells.customer(*history), periods)).collect()
}

/// By cell what a purchase day of its customers is worth, in the order of the rows.
fn worth(forecast: &ShopForecast, columns: &CustomerColumns, cells: &[u32]) -> Option<Vec<Worth>> {
    let mut worth = vec![Worth::default(); forecast.cells().len()];
    for row in forecast.rows.clone() {
        let value = forecast.value.of_customer(columns, row)?;
        if let Some(worth) = cells.get(row).and_then(|cell| worth.get_mut(*cell as usize)) {
            worth.customers += 1.0;
            worth.values += value;
            worth.squares += value * value;
        }
    }
    Some(worth)
}

impl ShopForecast {
    /// How purchases scatter around what was predicted, and how far the model as a whole was off, both as seen in the hold-out: the
    /// mean square of actual less predicted over the mean prediction (1 for Poisson), and predicted over actual, less 1.
    fn scatter(&self) -> Option<(f64, f64)> {
        let held_out = self.base.held_out.as_ref()?;
        let accuracy = &self.hold_out()?.accuracy;
        let (customers, actual) = (held_out.customers() as f64, held_out.purchases() as f64);
        let squares = accuracy.root_mean_squared_error?.powi(2) * customers;
        (accuracy.predicted > 0.0).then(|| (squares / accuracy.predicted, actual / accuracy.predicted - 1.0))
    }
}
