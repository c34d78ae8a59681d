//! Campaigns: what a shop did to sell more, from which day to which, and what that cost.

use super::facts::Campaign;
use super::shop_rows::ShopRows;
use crate::error::{Error, Result};
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::repeated::{Placed, last_placed};
use crate::input::rows::repeated_help::campaign_of_two_shops;
use crate::input::rows::scan::{Scan, null};
use crate::input::values::codes::{Codes, OwnedId};
use crate::input::values::fault::Faults;
use crate::input::values::money::{NO_MONEY, yuan};
use crate::spec::period::iso;
use crate::spec::{Id, IdType, NO_TIME, day_of_time};

/// Reads the campaigns by id, shops by provisional code. A campaign is known from its first day on. Ids are unique over all shops.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has two different rows of one key; where campaigns of two shops have one id.
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
    let rows = last_placed(dataset, rows, |a, b| (&a.id, a.shop).cmp(&(&b.id, b.shop)), &mut ledger)?;
    one_shop_each(dataset, &rows, shops)?;
    Ok((rows.into_iter().map(|row| row.value).collect(), ledger))
}

/// Refuses campaigns of two shops with one id: whichever counted, the other shop's would be lost. `rows` ascend by id.
fn one_shop_each(dataset: &Dataset, rows: &[Placed<Campaign>], shops: &Codes) -> Result<()> {
    let mut several: Vec<Vec<&Placed<Campaign>>> =
        rows.chunk_by(|a, b| a.value.id == b.value.id).filter(|rows| rows.len() > 1).map(|rows| rows.iter().collect()).collect();
    let place = |row: &&Placed<Campaign>| (row.file, row.row);
    several.iter_mut().for_each(|rows| rows.sort_by_key(place));
    several.sort_by_key(|rows| rows.first().map(place));
    let Some([one, other, ..]) = several.first().map(Vec::as_slice) else { return Ok(()) };
    let (ids, ranks) = shops.sorted();
    let show = |column: &str, id: Id<'_>| dataset.id_type(column).unwrap_or_else(IdType::text).show(id);
    let placed = |row: &Placed<Campaign>| {
        let shop = ranks.get(row.value.shop as usize).and_then(|rank| ids.get(*rank as usize));
        (row.file, row.row, shop.map_or(String::new(), |shop| show("shop_id", shop.id())))
    };
    let id = show("campaign_id", one.value.id.id());
    Err(Error::Input(vec![campaign_of_two_shops(dataset, several.len() as u64, &id, [placed(one), placed(other)])]))
}
