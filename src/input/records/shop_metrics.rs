//! Shop metrics: any figure of a shop that only the platform has, under the name that assessment rules use.

use super::facts::ShopMetric;
use super::shop_rows::ShopRows;
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::Ledger;
use crate::input::rows::repeated::last_by_key;
use crate::input::rows::scan::{Scan, null};
use crate::input::values::codes::Codes;
use crate::input::values::fault::Faults;
use crate::spec::{NO_TIME, day_of_time};

/// Reads the figures by (provisional shop, metric, first day of the period).
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has two different rows of one key.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes) -> Result<(Vec<ShopMetric>, Ledger)> {
    let (rows, mut ledger) = scan.rows(dataset, &["period_start"], |scan, batch, ledger, rows| {
        let mut faults = Faults::default();
        let starts = batch.times("period_start", &mut scan.clock.clone(), &mut faults);
        let metrics = batch.texts("metric");
        let values = batch.figures("value", &mut faults);
        batch.note_long(&["metric"], &mut faults);
        let judge = |row: usize| {
            let start = starts[row];
            let metric = metrics.get(row).filter(|metric| !metric.is_empty()).ok_or_else(|| null("metric"))?;
            if start == NO_TIME {
                return Err(null("period_start"));
            }
            let value = values[row].ok_or_else(|| null("value"))?;
            Ok(move |shop| ShopMetric { shop, start: day_of_time(start), metric: metric.to_owned(), value })
        };
        let shop_rows = ShopRows { scan, batch, shops };
        shop_rows.each(faults, ledger, |row| starts[row] >= scan.end(), judge, |row| rows.push(row));
    })?;
    let by_key = |a: &ShopMetric, b: &ShopMetric| (a.shop, &a.metric, a.start).cmp(&(b.shop, &b.metric, b.start));
    let rows = last_by_key(dataset, rows, by_key, &mut ledger)?;
    Ok((rows, ledger))
}
