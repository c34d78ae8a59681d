//! Forecast columns: the forecasts in `customers` and `segment_value`.

use super::CustomerForecast;
use crate::metric::ratio::{in_units_of, ratio_of};
use crate::spec::{Column, Kind};

/// The source of the definitions of customers' forecasts.
pub const SPECIFICATION: &str = "docs/definitions.md, Forecast of customers";
const NO_FORECAST: &str = "the job wants no forecast, or no model of the shop can be used (forecast_models says why)";

const NO_P_ALIVE: &str = "forecast_customers is 0, or they have no p_alive";

pub const P_ALIVE: Column = Column::new(
    "p_alive",
    Kind::Share,
    "1",
    "存活概率",
    "The chance that the customer has not left the shop for good, by the model that forecast_models marks as used. Under bg_nbd and bg_cnbd_k it is 1 for \
     everybody with one purchase day, by the construction of these models: nobody can leave before a second purchase.",
)
.null_when("expected_purchases is null, or forecast_models marks naive as used: who goes on as before says nothing of who has left")
.source("Fader, Hardie & Lee 2005, Marketing Science 24(2); Schmittlein, Morrison & Colombo 1987, Management Science 33(1); Platzer & Reutterer 2016, Marketing Science 35(5)");
pub const EXPECTED_PURCHASES: Column = Column::new(
    "expected_purchases",
    Kind::Ratio,
    "purchase days",
    "预期购买天数",
    "Purchase days expected in the params.forecast.horizon_days days (90 by default) after the as-of date, by the model that \
     forecast_models marks as used. Where that is naive, as often as before: 0 of who bought once.",
)
.null_when(NO_FORECAST)
.source(SPECIFICATION);
pub const EXPECTED_VALUE: Column = Column::new(
    "expected_value",
    Kind::Money,
    "CNY",
    "预期支付金额",
    "Net revenue expected in the same days, rounded half to even to two decimals: expected_purchases \
     times what a purchase day of the customer is expected to bring, \
     which is between the mean of the customer's own repeat days and that of all customers; the latter for who bought once.",
)
.formula("expected_purchases × E(M | x, m)")
.null_when("expected_purchases is null, or the model gamma_gamma cannot be used (forecast_models says why)")
.source("Fader & Hardie 2013, The Gamma-Gamma Model of Monetary Value, equation 5");

pub const FORECAST_CUSTOMERS: Column = Column::new(
    "forecast_customers",
    Kind::Count,
    "customers",
    "有预测客户数",
    "Customers of the segment with expected_purchases: all of the shop or none.",
);
pub const EXPECTED_ALIVE: Column =
    Column::new("expected_alive", Kind::Ratio, "customers", "预期存活客户数", "How many of them are expected not to have left for good.")
        .formula("sum of p_alive, each to nine decimals")
        .null_when(NO_P_ALIVE);
pub const MEAN_P_ALIVE: Column =
    Column::new("mean_p_alive", Kind::Share, "1", "平均存活概率", "The share of them that is expected not to have left for good.")
        .formula("expected_alive / forecast_customers")
        .null_when(NO_P_ALIVE)
        .source(SPECIFICATION);
pub const SEGMENT_PURCHASES: Column = Column::new(
    "expected_purchases",
    Kind::Ratio,
    "purchase days",
    "预期购买天数",
    "Purchase days expected of them in the params.forecast.horizon_days days (90 by default) after the as-of date.",
)
.formula("sum of expected_purchases, each to nine decimals")
.null_when("forecast_customers is 0")
.source(SPECIFICATION);
pub const SEGMENT_VALUE: Column = Column::new(
    "expected_value",
    Kind::Money,
    "CNY",
    "预期支付金额",
    "Net revenue expected of them in the same days: the exact sum of the customers' expected_value.",
)
.null_when("forecast_customers is 0, or a customer has no expected_value")
.source(SPECIFICATION);

/// Sums of customers' forecasts. Real numbers are added as whole billionths, so that no sum depends on its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ForecastSums {
    customers: i64,
    known_alive: i64,
    alive: i128,
    purchases: i128,
    valued: i64,
    value: i64,
}

const BILLION: f64 = 1e9;

impl ForecastSums {
    /// The sums of one customer.
    pub fn of(forecast: Option<&CustomerForecast>) -> Self {
        let Some(forecast) = forecast else { return ForecastSums::default() };
        let billionths = |number: f64| (number * BILLION).round() as i128;
        ForecastSums {
            customers: 1,
            known_alive: i64::from(forecast.probability_alive.is_some()),
            alive: billionths(forecast.probability_alive.unwrap_or(0.0)),
            purchases: billionths(forecast.expected_purchases),
            valued: i64::from(forecast.expected_value.is_some()),
            value: forecast.expected_value.unwrap_or(0),
        }
    }

    /// Adds other sums.
    #[inline]
    pub fn add(&mut self, other: &ForecastSums) {
        self.customers += other.customers;
        self.known_alive += other.known_alive;
        self.alive += other.alive;
        self.purchases += other.purchases;
        self.valued += other.valued;
        self.value = self.value.saturating_add(other.value);
    }

    /// Customers with a forecast.
    pub fn customers(&self) -> i64 {
        self.customers
    }

    /// How many of them are expected not to have left.
    pub fn alive(&self) -> Option<f64> {
        self.number(self.alive).filter(|_| self.known_alive == self.customers)
    }

    /// The share of them that is expected not to have left.
    pub fn mean_alive(&self) -> Option<f64> {
        ratio_of(self.alive as f64, self.customers as f64 * BILLION).filter(|_| self.known_alive == self.customers)
    }

    /// Purchase days expected of them.
    pub fn purchases(&self) -> Option<f64> {
        self.number(self.purchases)
    }

    /// Net revenue expected of them in minor units, if that of each is known.
    pub fn value(&self) -> Option<i64> {
        (self.customers > 0 && self.valued == self.customers).then_some(self.value)
    }

    fn number(&self, billionths: i128) -> Option<f64> {
        (self.customers > 0).then(|| in_units_of(BILLION, billionths as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forecasts_add_up_to_the_billionth_in_any_order() {
        let forecast = |probability_alive, expected_purchases, expected_value| CustomerForecast {
            probability_alive: Some(probability_alive),
            expected_purchases,
            expected_value,
        };
        let all = [forecast(0.1, 1.25, Some(10)), forecast(0.2, 1e-12, Some(-3)), forecast(0.7, 1e9, Some(5))];
        let sum = |order: [usize; 3]| {
            let mut sums = ForecastSums::default();
            order.iter().for_each(|place| sums.add(&ForecastSums::of(all.get(*place))));
            sums
        };
        let sums = sum([0, 1, 2]);
        assert_eq!(sums, sum([2, 1, 0]));
        assert_eq!((sums.number(sums.alive), sums.number(sums.purchases), sums.value), (Some(1.0), Some(1_000_000_001.25), 12));
        assert_eq!(ForecastSums::of(None), ForecastSums::default());
        let as_before = ForecastSums::of(Some(&CustomerForecast { probability_alive: None, ..all[0] }));
        assert_eq!((as_before.customers(), as_before.alive(), as_before.mean_alive(), as_before.purchases()), (1, None, None, Some(1.25)));
        assert_eq!(ForecastSums::default().number(0), None);
    }
}
