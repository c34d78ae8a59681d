//! Season: what the days to come are like against the last quarter of a year, and how far such forecasts were off.

use super::figures::ShopFigures;
use crate::metric::ratio::{in_units_of, ratio_of};
use crate::metric::sums::Quantity;
use crate::spec::Day;
use std::sync::Arc;

/// Days that stand for what is usual.
const USUAL_DAYS: i32 = 91;

/// Days after which the season comes again: whole weeks, so that weekdays meet weekdays.
const YEAR_DAYS: i32 = 364;

/// Days between the forecasts that are looked back at, and how many of them.
const BACK_STEP: i32 = 28;
const BACK: i32 = 6;

/// How far forecasts are taken to be off where none can be looked back at, as a logarithm.
const SPREAD_UNKNOWN: f64 = 0.15;

/// Orders below which a shop's forecast is mere chance.
const LEAST_ORDERS: f64 = 30.0;

/// The season of all shops together.
pub struct Season<'a> {
    shops: &'a [Arc<ShopFigures>],
}

impl<'a> Season<'a> {
    /// The season of those shops.
    pub fn new(shops: &'a [Arc<ShopFigures>]) -> Self {
        Season { shops }
    }

    /// What a day is like on the mean of the `days` that begin so many days after the day behind `origin`, against a day of the
    /// quarter of a year that ends with `origin`: as it was a year before, for the shops that were there. 1 where none was.
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

    /// The standard deviation of the logarithm of actual over forecast orders of so many days, over all shops and some
    /// forecasts of the past: each made from the days before it alone.
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
