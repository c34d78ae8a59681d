//! Campaigns: what a shop did to sell more, from which day to which, and what that cost.

use super::codes::{Codes, OwnedId};
use super::dataset::Dataset;
use super::facts::Campaign;
use super::fault::Faults;
use super::ledger::{Ledger, Reason};
use super::money::{NO_MONEY, yuan};
use super::repeated::last_by_key;
use super::scan::{Scan, null};
use super::shop_rows::ShopRows;
use crate::error::Result;
use crate::spec::period::iso;
use crate::spec::{NO_TIME, day_of_time};

/// Reads the campaigns by id, shops by provisional code. A campaign is known from its first day on. Ids are unique over all shops: of two
/// rows with one id the last one counts, whatever shop they name.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has two different rows of one key.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes) -> Result<(Vec<Campaign>, Ledger)> {
    let (rows, mut ledger) = scan.rows(dataset, &["starts_on"], |scan, batch, ledger, rows| {
        let mut faults = Faults::default();
        let mut clock = scan.clock.clone();
        let starts = batch.times("starts_on", &mut clock, &mut faults);
        let ends = batch.times("ends_on", &mut clock, &mut faults);
        let costs = batch.amounts("cost", &mut faults);
        let (ids, names) = (batch.ids("campaign_id"), batch.texts("name"));
        batch.note_long(&["campaign_id", "name"], &mut faults);
        let judge = |row: usize| {
            let id = ids.get(row).ok_or_else(|| null("campaign_id"))?;
            if starts[row] == NO_TIME {
                return Err(null("starts_on"));
            }
            if ends[row] == NO_TIME {
                return Err(null("ends_on"));
            }
            let (starts, ends) = (day_of_time(starts[row]), day_of_time(ends[row]));
            if ends < starts {
                return Err((Reason::EndsBeforeStart, format!("ends_on: {}, and it starts on {}", iso(ends), iso(starts))));
            }
            let cost = Some(costs[row]).filter(|cost| *cost != NO_MONEY);
            if let Some(cost) = cost.filter(|cost| *cost < 0) {
                return Err((Reason::NegativeAmount, format!("cost: {}", yuan(cost))));
            }
            let name = names.get(row).filter(|name| !name.is_empty()).map(str::to_owned);
            let id = OwnedId::from(id);
            Ok(move |shop| Campaign { id, shop, name, starts, ends, cost })
        };
        let shop_rows = ShopRows { scan, batch, shops };
        shop_rows.each(faults, ledger, |row| starts[row] >= scan.end(), judge, |row| rows.push(row));
    })?;
    let rows = last_by_key(dataset, rows, |a, b| a.id.cmp(&b.id), &mut ledger)?;
    Ok((rows, ledger))
}
