//! Recent days: what each of the last seven days of a shop brought on average, against which a plan's need of each day is read.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;

use super::shop_codes::Shops;
use crate::metric::ratio::ratio_of;
use crate::spec::Day;
use crate::table::read_back::rows_on;

/// As many weekdays of each kind as of any other: a day of the week counts no more than its part.
const DAYS: i64 = 7;

/// The last days, by shop.
#[derive(Default)]
pub struct RecentDays(BTreeMap<u32, Sums>);

#[derive(Default)]
struct Sums {
    /// Days that `shop_daily` has.
    days: i64,
    paid: f64,
    /// What was paid on days whose visitors are known, and these visitors.
    viewed: (f64, f64),
}

impl RecentDays {
    /// Hears rows of `shop_daily`.
    pub fn hear(&mut self, as_of: Day, shops: &Shops, batch: &RecordBatch) {
        let is_recent = |day: Day| day <= as_of && i64::from(as_of) - i64::from(day) < DAYS;
        for row in rows_on(batch, "date", is_recent) {
            let (Some(shop), Some(paid)) = (shops.code(&row), row.number("paid_amount")) else { continue };
            let sums = self.0.entry(shop).or_default();
            sums.days += 1;
            sums.paid += paid;
            if let Some(visitors) = row.number("uv") {
                sums.viewed = (sums.viewed.0 + paid, sums.viewed.1 + visitors);
            }
        }
    }

    /// What a day brought on average, in major units of the currency; `None` where not each of the last seven days is known.
    pub fn paid_per_day(&self, shop: u32) -> Option<f64> {
        let sums = self.0.get(&shop).filter(|sums| sums.days == DAYS)?;
        ratio_of(sums.paid, DAYS as f64)
    }

    /// What was paid for each visitor of the days; `None` without visitors, or where they paid nothing.
    pub fn paid_per_visitor(&self, shop: u32) -> Option<f64> {
        let sums = self.0.get(&shop)?;
        ratio_of(sums.viewed.0, sums.viewed.1).filter(|paid| *paid > 0.0)
    }
}
