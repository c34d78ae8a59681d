//! Service scores (基础服务考核分): those that the platform shows on the last day of each month.

use super::facts::ServiceScore;
use super::shop_rows::ShopRows;
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::repeated::last_by_key;
use crate::input::rows::scan::{Scan, null};
use crate::input::values::codes::Codes;
use crate::input::values::fault::Faults;
use crate::spec::{Grain, NO_TIME, day_of_time};

/// Reads the scores by (provisional shop, month). A score is that of its month's last day, and counts from that day on, whatever day of the
/// month the row names.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has two different rows of one key.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes) -> Result<(Vec<ServiceScore>, Ledger)> {
    let (rows, mut ledger) = scan.rows(dataset, &["month"], |scan, batch, ledger, rows| {
        let mut faults = Faults::default();
        let times = batch.times("month", &mut scan.clock.clone(), &mut faults);
        let scores = batch.figures("score", &mut faults);
        let month = |row: usize| (times[row] != NO_TIME).then(|| Grain::Month.index(day_of_time(times[row])));
        let is_after = |row: usize| month(row).is_some_and(|month| Grain::Month.end(month) > scan.as_of);
        let judge = |row: usize| {
            let month = month(row).ok_or_else(|| null("month"))?;
            match scores[row] {
                None => Err(null("score")),
                Some(score) if score < 0.0 => Err((Reason::NegativeAmount, format!("score: {score}"))),
                Some(score) => Ok(move |shop| ServiceScore { shop, month, score }),
            }
        };
        ShopRows { scan, batch, shops }.each(faults, ledger, is_after, judge, |row| rows.push(row));
    })?;
    rows.iter().for_each(|row| ledger.events.note(row.file, row.value.shop, Grain::Month.end(row.value.month).min(scan.as_of)));
    let rows = last_by_key(dataset, rows, |a, b| (a.shop, a.month).cmp(&(b.shop, b.month)), &mut ledger)?;
    Ok((rows, ledger))
}
