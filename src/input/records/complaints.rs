//! Complaints: the number of complaints about a shop on a day.

use super::facts::Complaints;
use super::shop_rows::ShopRows;
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::repeated::last_by_key;
use crate::input::rows::scan::{Scan, null};
use crate::input::values::codes::Codes;
use crate::input::values::fault::Faults;
use crate::input::values::integers::NO_COUNT;
use crate::spec::{NO_TIME, day_of_time};

/// Reads the complaints by (provisional shop, day). Of several rows of a day the last one counts: a count is that of the whole day.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has two different rows of one key.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes) -> Result<(Vec<Complaints>, Ledger)> {
    let (rows, mut ledger) = scan.rows(dataset, &["date"], |scan, batch, ledger, rows| {
        let mut faults = Faults::default();
        let dates = batch.times("date", &mut scan.clock.clone(), &mut faults);
        let counts = batch.counts("count", &mut faults);
        let judge = |row: usize| {
            let (date, count) = (dates[row], counts[row]);
            match (date, count) {
                (NO_TIME, _) => Err(null("date")),
                (_, NO_COUNT) => Err(null("count")),
                _ if count < 0 => Err((Reason::NegativeAmount, format!("count: {count}"))),
                _ => Ok(move |shop| Complaints { shop, day: day_of_time(date), count }),
            }
        };
        let shop_rows = ShopRows { scan, batch, shops };
        shop_rows.each(faults, ledger, |row| dates[row] >= scan.end(), judge, |row| rows.push(row));
    })?;
    rows.iter().for_each(|row| ledger.events.note(row.file, row.value.shop, row.value.day));
    let rows = last_by_key(dataset, rows, |a, b| (a.shop, a.day).cmp(&(b.shop, b.day)), &mut ledger)?;
    Ok((rows, ledger))
}
