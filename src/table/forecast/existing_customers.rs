//! Existing customers: the purchases and revenue expected of a shop's customers in the coming months.

use super::season::Season;
use super::selection::base::DAYS_PER_PERIOD;
use super::shop::ShopForecast;
use super::span::Span;
use crate::fold::customer::columns::CustomerColumns;
use crate::metric::ratio::ratio_of;
use crate::model::prediction::{PurchaseModel, expected_if_alive};

/// The expectation for existing customers in a span of days.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ExistingCustomers {
    /// Purchase days.
    pub purchases: f64,
    /// Net revenue, in units of the currency.
    pub revenue: f64,
    /// The variance of the revenue.
    pub variance: f64,
}

/// What a purchase day of a shop's customers with one history is worth: the sums over them.
#[derive(Debug, Clone, Copy, Default)]
struct CellValue {
    customers: f64,
    values: f64,
    squares: f64,
}

/// Returns what is expected of a shop's customers in each span; `None` where no model of purchases or of values can be used.
///
/// The models have no season: their expectation for a mean year is multiplied by the season of the span, if that is known.
///
/// `cells` has the position of each customer's history among the cells. The variance has two parts: purchases scatter around their
/// expectation as in the hold-out, with values as Gamma-Gamma has them (those of a customer's purchases scatter with 1/√p); and the model
/// as a whole is as far off as it was over the hold-out. Without a hold-out the variance is unknown, and given as infinite.
pub fn expected(
    forecast: &ShopForecast,
    columns: &CustomerColumns,
    cells: &[u32],
    spans: &[Span],
    season: &Season,
) -> Option<Vec<ExistingCustomers>> {
    let model = forecast.model()?.purchases();
    let values = forecast.value.model()?;
    let customer_values = cell_values(forecast, columns, cells)?;
    let (dispersion, bias) = forecast.scatter().unwrap_or((f64::INFINITY, f64::INFINITY));
    let mut before = vec![0.0; customer_values.len()];
    let mut existing = Vec::with_capacity(spans.len());
    for (place, span) in spans.iter().enumerate() {
        let factor = season.factor(forecast.shop, place).unwrap_or(1.0);
        let until = upto(forecast, model, span.until);
        let mut sums = (0.0, 0.0, 0.0);
        for ((customer_value, until), before) in customer_values.iter().zip(&until).zip(&before) {
            let purchases = (until - before).max(0.0) * factor;
            sums = (
                sums.0 + purchases * customer_value.customers,
                sums.1 + purchases * customer_value.values,
                sums.2 + purchases * customer_value.squares,
            );
        }
        let (purchases, revenue, squares) = sums;
        let variance = dispersion * squares * (1.0 + 1.0 / values.p) + (bias * revenue).powi(2);
        existing.push(ExistingCustomers { purchases, revenue, variance });
        before = until;
    }
    Some(existing)
}

/// By cell: the purchase days expected of one customer in the next `days` days.
fn upto(forecast: &ShopForecast, model: &dyn PurchaseModel, days: i32) -> Vec<f64> {
    let cells = forecast.cells();
    let periods = f64::from(days) / DAYS_PER_PERIOD;
    let if_alive = expected_if_alive(model, cells, periods);
    if_alive.into_iter().zip(&forecast.predictions).map(|(purchases, known)| known.probability_alive * purchases).collect()
}

/// By cell: the sums over its customers of the value of a purchase day, added in the order of the rows.
fn cell_values(forecast: &ShopForecast, columns: &CustomerColumns, cells: &[u32]) -> Option<Vec<CellValue>> {
    let mut customer_values = vec![CellValue::default(); forecast.cells().len()];
    for row in forecast.rows.clone() {
        let value = forecast.value.of_customer(columns, row)?;
        if let Some(value_of_cell) = cells.get(row).and_then(|cell| customer_values.get_mut(*cell as usize)) {
            value_of_cell.customers += 1.0;
            value_of_cell.values += value;
            value_of_cell.squares += value * value;
        }
    }
    Some(customer_values)
}

impl ShopForecast {
    /// Dispersion and bias as seen in the hold-out: the mean square of actual less predicted over the mean prediction (1 for Poisson), and
    /// actual over predicted, less 1.
    fn scatter(&self) -> Option<(f64, f64)> {
        let held_out = self.base.held_out.as_ref()?;
        let accuracy = self.accuracy()?;
        let (customers, actual) = (held_out.customers() as f64, held_out.purchases() as f64);
        let squares = accuracy.root_mean_squared_error?.powi(2) * customers;
        let predicted = Some(accuracy.predicted).filter(|predicted| *predicted > 0.0)?;
        Some((ratio_of(squares, predicted)?, ratio_of(actual, predicted)? - 1.0))
    }
}
