//! Season: the expected level of days to come relative to the last quarter of a year, as all shops together had it a year before.

use std::sync::Arc;

use super::figures::ShopFigures;
use crate::metric::ratio::ratio_of;
use crate::metric::sums::Quantity;
use crate::spec::Day;

/// The days that define the usual level.
pub const USUAL_DAYS: i32 = 91;

/// The days of a block, over which orders are compared with those of other blocks: whole weeks, so that weekdays align.
pub const BLOCK_DAYS: i32 = 28;

/// The blocks of a year.
pub const BLOCKS: i32 = 13;

/// Days after which the season repeats: whole weeks too.
pub const YEAR_DAYS: i32 = BLOCK_DAYS * BLOCKS;

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
    /// ends with `origin`: as it was a year before, over the shops that existed then. `None` if none did, or these sold nothing.
    pub fn factor(&self, origin: Day, offset: i32, days: i32) -> Option<f64> {
        let last = origin - YEAR_DAYS;
        let (mut then, mut usual) = (0, 0);
        for shop in self.shops.iter().filter(|shop| shop.first <= last - USUAL_DAYS + 1) {
            then += orders(shop, last + offset, days);
            usual += orders(shop, last - USUAL_DAYS, USUAL_DAYS);
        }
        let a_day = |orders: i64, days: i32| ratio_of(orders as f64, f64::from(days)).filter(|orders| *orders > 0.0);
        a_day(then, days).zip(a_day(usual, USUAL_DAYS)).and_then(|(then, usual)| ratio_of(then, usual))
    }
}

/// The paid orders of a shop on so many days after a day.
pub fn orders(shop: &ShopFigures, after: Day, days: i32) -> i64 {
    shop.quantity(Quantity::PaidOrders, after + 1, after + days)
}
