//! Season: the expected level of the remaining days relative to the last quarter of a year, and the error of past forecasts.

use super::figures::ShopFigures;
use crate::metric::ratio::{in_units_of, ratio_of};
use crate::metric::sums::Quantity;
use crate::spec::Day;
use std::sync::Arc;

/// The days that define the usual level.
const USUAL_DAYS: i32 = 91;

/// Days after which the season repeats: whole weeks, so that weekdays align.
const YEAR_DAYS: i32 = 364;

/// Days between the past forecasts that are checked, and their number.
const BACK_STEP: i32 = 28;
const BACK: i32 = 6;

/// The assumed error of forecasts when no past one can be checked, as a logarithm.
const SPREAD_UNKNOWN: f64 = 0.15;

/// The number of orders below which a shop's forecast is not checked, because it is mostly chance.
const LEAST_ORDERS: f64 = 30.0;

/// The season of all shops together.
pub struct Season<'a> {
    shops: &'a [Arc<ShopFigures>],
}

impl<'a> Season<'a> {
    /// The season of these shops.
    pub fn new(shops: &'a [Arc<ShopFigures>]) -> Self {
        Season { shops }
    }

    /// The mean of the `days` that begin that many days after the day behind `origin`, relative to the mean of the quarter of a year that
    /// ends with `origin`: as it was a year before, over the shops that existed then. 1 without any.
    pub fn factor(&self, origin: Day, offset: i32, days: i32) -> f64 {
        let last = origin - YEAR_DAYS;
        let (mut then, mut usual) = (0.0, 0.0);
        for shop in self.shops.iter().filter(|shop| shop.first <= last - USUAL_DAYS + 1) {
            let orders = |from: Day, days: i32| shop.sums(from, from + days - 1)[Quantity::PaidOrders];
            then += orders(last + 1 + offset, days);
            usual += orders(last - USUAL_DAYS + 1, USUAL_DAYS);
        }
        let a_day = |orders: f64, days: i32| ratio_of(orders, f64::from(days)).filter(|orders| *orders > 0.0);
        a_day(then, days).zip(a_day(usual, USUAL_DAYS)).and_then(|(then, usual)| ratio_of(then, usual)).unwrap_or(1.0)
    }

    /// The standard deviation of the logarithm of actual over forecast orders of so many days, over all shops and several
    /// past forecasts, each made from the days before it only.
    pub fn spread(&self, as_of: Day, days: i32) -> f64 {
        if days <= 0 {
            return 0.0;
        }
        let (mut squares, mut count) = (0.0, 0.0);
        for back in 0..BACK {
            let origin = as_of - days - back * BACK_STEP;
            let factor = self.factor(origin, 0, days);
            for shop in self.shops.iter().filter(|shop| shop.first <= origin - USUAL_DAYS + 1) {
                let orders = |from: Day, to: Day| shop.sums(from, to)[Quantity::PaidOrders];
                let usual = in_units_of(f64::from(USUAL_DAYS), orders(origin - USUAL_DAYS + 1, origin));
                let forecast = usual * f64::from(days) * factor;
                let actual = orders(origin + 1, origin + days);
                if let Some(error) = ratio_of(actual, forecast).filter(|_| forecast >= LEAST_ORDERS && actual > 0.0) {
                    squares += error.ln().powi(2);
                    count += 1.0;
                }
            }
        }
        ratio_of(squares, count).map_or(SPREAD_UNKNOWN, f64::sqrt)
    }
}
