//! Listings: the number of items that a shop had on sale in a month, and of new ones.

use super::facts::Listing;
use super::shop_rows::ShopRows;
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::repeated::last_by_key;
use crate::input::rows::scan::{Scan, null};
use crate::input::values::codes::Codes;
use crate::input::values::fault::Faults;
use crate::input::values::integers::NO_COUNT;
use crate::spec::{Grain, NO_TIME, day_of_time};

/// Reads the listings by (provisional shop, month). A row of a month that still runs counts as soon as the month has begun, whatever day of
/// it the row names.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has two different rows of one key.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes) -> Result<(Vec<Listing>, Ledger)> {
    // A row may name a day after the as-of date in the running month, and counts: the footer cannot decide.
    let (rows, mut ledger) = scan.rows(dataset, &[], |scan, batch, ledger, rows| {
        let mut faults = Faults::default();
        let times = batch.times("month", &mut scan.clock.clone(), &mut faults);
        let counts = ["items_live", "items_new"].map(|name| (name, batch.counts(name, &mut faults)));
        let month = |row: usize| (times[row] != NO_TIME).then(|| Grain::Month.index(day_of_time(times[row])));
        let is_after = |row: usize| month(row).is_some_and(|month| Grain::Month.start(month) > scan.as_of);
        let judge = |row: usize| {
            let month = month(row).ok_or_else(|| null("month"))?;
            match counts.iter().find(|(_, counts)| counts[row] < 0 && counts[row] != NO_COUNT) {
                Some((name, counts)) => Err((Reason::NegativeAmount, format!("{name}: {}", counts[row]))),
                None => {
                    let [live, new] = counts.each_ref().map(|(_, counts)| Some(counts[row]).filter(|count| *count != NO_COUNT));
                    Ok(move |shop| Listing { shop, month, live, new })
                }
            }
        };
        ShopRows { scan, batch, shops }.each(faults, ledger, is_after, judge, |row| rows.push(row));
    })?;
    rows.iter().for_each(|row| ledger.events.note(row.file, row.value.shop, Grain::Month.end(row.value.month).min(scan.as_of)));
    let rows = last_by_key(dataset, rows, |a, b| (a.shop, a.month).cmp(&(b.shop, b.month)), &mut ledger)?;
    Ok((rows, ledger))
}
