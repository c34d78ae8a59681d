//! Events: days on which something is known to change the business of a shop, or of all: large promotions, holidays, an item out of stock.

use std::cmp::Ordering;

use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::Ledger;
use crate::input::rows::repeated::{Placed, last_agreeing};
use crate::input::rows::scan::{RowIds, Scan, each_row, null, reject, unparseable};
use crate::input::values::codes::{Codes, Local};
use crate::input::values::fault::Faults;
use crate::spec::{Day, NO_TIME, day_of_time};

/// A day of an event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventDay {
    /// Code of the shop; `None` for all shops of the job.
    pub shop: Option<u32>,
    /// The name, without blanks around it. An event that comes again has the same name.
    pub name: String,
    /// The day.
    pub day: Day,
}

impl EventDay {
    fn order(&self, other: &EventDay) -> Ordering {
        (self.shop, &self.name, self.day).cmp(&(other.shop, &other.name, other.day))
    }
}

/// Replaces provisional codes of shops, and puts the days in order.
pub fn rank(events: &mut [EventDay], rank: &dyn Fn(u32) -> u32) {
    events.iter_mut().for_each(|event| event.shop = event.shop.map(rank));
    events.sort_by(EventDay::order);
}

/// Reads the days up to the as-of date, shops by provisional code. A row without a shop is of all shops. An event that is named twice on a
/// day is one.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes) -> Result<(Vec<EventDay>, Ledger)> {
    let (rows, mut ledger) = scan.rows(dataset, &["date"], |scan, batch, ledger, rows: &mut Vec<Placed<EventDay>>| {
        let mut faults = Faults::default();
        let dates = batch.times("date", &mut scan.clock.clone(), &mut faults);
        let (shop_ids, names) = (batch.ids("shop_id"), batch.texts("name"));
        let mut codes = Local::new(shops);
        batch.note_long(&["shop_id", "name"], &mut faults);
        each_row(batch, faults, ledger, |row, fault, ledger| {
            if dates[row] != NO_TIME && dates[row] >= scan.end() {
                ledger.account(batch.file).after_as_of += 1;
                return;
            }
            let shop = shop_ids.get(row);
            let name = names.get(row).map(str::trim).filter(|name| !name.is_empty());
            let judged = match (fault, dates[row], name) {
                (Some(fault), ..) => Err(unparseable(fault)),
                (None, NO_TIME, _) => Err(null("date")),
                (None, _, None) => Err(null("name")),
                (None, date, Some(name)) => Ok((day_of_time(date), name.to_owned())),
            };
            match judged {
                Ok((day, name)) => {
                    let value = EventDay { shop: shop.map(|shop| codes.code(shop)), name, day };
                    rows.push(Placed { file: batch.file, row: batch.first_row + row as u64, value });
                }
                Err(verdict) => reject(batch, row, RowIds { shop, ..RowIds::default() }, verdict, ledger),
            }
        });
    })?;
    let rows = last_agreeing(dataset, rows, EventDay::order, |_, _| true, &mut ledger)?;
    Ok((rows, ledger))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_all_shops_come_first_and_then_those_of_each() {
        let of = |shop, name: &str, day| EventDay { shop, name: name.to_owned(), day };
        let mut events = vec![of(Some(0), "stock-out", 5), of(None, "618", 9), of(Some(1), "stock-out", 4), of(None, "618", 8)];
        // The shops are ranked the other way round.
        rank(&mut events, &|shop| 1 - shop);
        assert_eq!(events, [of(None, "618", 8), of(None, "618", 9), of(Some(0), "stock-out", 4), of(Some(1), "stock-out", 5)]);
    }
}
