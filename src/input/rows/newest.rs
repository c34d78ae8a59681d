//! The newest events of an input alone, for `check`: reads shops and times, and no other column.

use super::events::Events;
use super::scan::Scan;
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::values::codes::{Codes, Local};
use crate::input::values::fault::Faults;
use crate::spec::{Grain, NO_TIME, day_of_time};

/// The inputs that have events, with the times of an event; the first one that is mapped says whether the as-of date knows the row.
const TIMES: [(&str, &[&str]); 12] = [
    ("orders", &["created_at", "paid_at"]),
    ("refunds", &["created_at", "completed_at"]),
    ("ratings", &["rated_at", "date"]),
    ("traffic", &["date"]),
    ("keyword_traffic", &["date"]),
    ("page_views", &["viewed_at"]),
    ("complaints", &["date"]),
    ("item_traffic", &["date"]),
    ("violations", &["occurred_at"]),
    ("inquiries", &["asked_at"]),
    ("service_scores", MONTH),
    ("listings", MONTH),
];
const MONTH: &[&str] = &["month"];

/// The columns that [`read`] reads of an input; empty for one without events.
pub fn columns(input: &str) -> &'static [&'static str] {
    TIMES.iter().find(|(name, _)| *name == input).map_or(&[], |(_, times)| times)
}

/// Whether the events of an input have days of their own, not only months.
pub fn has_days(input: &str) -> bool {
    !matches!(columns(input), [] | MONTH)
}

/// The newest events of a dataset up to the as-of date, shops by provisional code. Rows whose other columns are wrong count as well.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes) -> Result<Events> {
    let times = columns(dataset.input.name);
    let is_monthly = times == MONTH;
    let start = || Local::new(shops);
    let (_, ledger) = scan.on_all_threads(dataset, &[], start, |codes, batch, ledger| {
        // A time that cannot be read is not an event; the run says what is wrong with it.
        let columns: Vec<_> = times.iter().map(|name| batch.times(name, &mut scan.clock.clone(), &mut Faults::default())).collect();
        let shop_ids = scan.shops(batch);
        for row in (0..batch.rows).filter(|row| batch.keeps(*row)) {
            let mut known = columns.iter().map(|times| times[row]).filter(|time| *time != NO_TIME);
            let (Some(shop), Some(first)) = (shop_ids.get(row), known.next()) else { continue };
            let day = if is_monthly {
                let month = Grain::Month.index(day_of_time(first));
                if Grain::Month.start(month) > scan.as_of { continue } else { Grain::Month.end(month).min(scan.as_of) }
            } else {
                let newest = known.chain([first]).filter(|time| *time < scan.end()).max();
                if first >= scan.end() { continue } else { newest.map_or(day_of_time(first), day_of_time) }
            };
            ledger.events.note(batch.file, codes.code(shop), day);
        }
        Ok(())
    })?;
    Ok(ledger.events)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_months_and_lists_of_shops_have_no_days() {
        let with_days =
            ["orders", "refunds", "ratings", "traffic", "page_views", "keyword_traffic", "item_traffic", "complaints", "violations"];
        assert!(with_days.iter().all(|input| has_days(input)));
        assert!(
            !["service_scores", "listings", "plans", "ad_plans", "shops", "campaigns", "do_not_contact", "events", "customer_links"]
                .iter()
                .any(|input| has_days(input))
        );
    }
}
