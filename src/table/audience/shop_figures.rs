//! The usual figures of a shop, with which conditions compare customers.

use crate::fold::intervals::IntervalFold;
use crate::metric::ratio::money_per;
use crate::statistics::quantile::Distribution;
use crate::table::scores::ScoredCustomers;

/// The figures of one shop.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct ShopFigures {
    /// Days from shipping to completion, 90 % quantile.
    pub completion_days_p90: Option<f64>,
    /// Days from the first purchase day to the second, median.
    pub first_interval_p50: Option<f64>,
    /// The same, 75 % quantile.
    pub first_interval_p75: Option<f64>,
    /// Paid by purchase, in units of the currency.
    pub order_value: Option<f64>,
}

impl ShopFigures {
    /// The figures of all shops, by shop code. `completions` are the days from shipping to completion of shops that have some.
    pub fn all(customers: &ScoredCustomers, intervals: &IntervalFold, completions: &[(u32, Distribution)]) -> Vec<ShopFigures> {
        let mut shops = vec![ShopFigures::default(); customers.context.shops.len()];
        for (shop, days) in completions {
            if let Some(figures) = shops.get_mut(*shop as usize) {
                figures.completion_days_p90 = days.quantile(90);
            }
        }
        for shop in intervals.shops() {
            let first = shop.by_nth.get(1).map_or(&[][..], Vec::as_slice);
            let days = Distribution::of(first.iter().map(|count| (i64::from(count.days), count.events)));
            if let Some(figures) = shops.get_mut(shop.shop as usize) {
                (figures.first_interval_p50, figures.first_interval_p75) = (days.quantile(50), days.quantile(75));
            }
        }
        let columns = &customers.columns;
        for (shop, rows) in &customers.shops {
            let paid: i64 = columns.paid_amount[rows.clone()].iter().sum();
            let orders: i64 = columns.orders[rows.clone()].iter().map(|orders| i64::from(*orders)).sum();
            if let Some(figures) = shops.get_mut(*shop as usize) {
                figures.order_value = money_per(paid, orders);
            }
        }
        shops
    }
}
