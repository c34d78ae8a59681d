//! How old the lists of a night are when somebody is about to use them. A job whose as-of date is written down, as `import` writes it, has inputs
//! that are never old by that date: only the clock knows.

use jiff::tz::TimeZone;

use super::found::Found;
use super::time::{now, shown};
use crate::cli::log;
use crate::error::Result;
use crate::spec::DAY_MICROSECONDS;

/// Days after the as-of date from which a list is old: that of last night is used on the day after it.
const OLD_DAYS: i64 = 2;

/// Warns of lists that know nothing of the last days.
///
/// # Errors
/// [`crate::error::Error::Usage`] where the clock of this machine cannot be right.
pub fn warn(found: &Found) -> Result<()> {
    // Hours do not matter here, so neither does the zone.
    if let Some(text) = warning(found, now(&TimeZone::UTC)?) {
        log::warning(&text);
    }
    Ok(())
}

fn warning(found: &Found, now: i64) -> Option<String> {
    let days = (now - found.end).div_euclid(DAY_MICROSECONDS);
    let has_somebody = found.lists.iter().any(|list| list.rows.iter().any(|rows| rows.num_rows() > 0));
    (days >= OLD_DAYS && has_somebody && !found.is_of_moment).then(|| {
        format!(
            "the lists of {} know their customers up to {}, which is {days} days ago: who has bought or asked for a refund since then is still on \
             them; import newer exports or let the warehouse deliver, run the job, and use the lists of that night",
            found.of,
            shown(found.end)
        )
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, RecordBatch};

    use super::super::found::List;
    use super::*;

    fn found(customers: Vec<i64>, is_of_moment: bool) -> Found {
        let rows = RecordBatch::try_from_iter([("customer_id", Arc::new(Int64Array::from(customers)) as ArrayRef)]).unwrap();
        let list = List {
            name: "care".to_owned(),
            title: String::new(),
            rows: vec![rows],
            excluded: BTreeMap::new(),
            cool_down: BTreeMap::new(),
            is_of_unpaid: false,
            is_stale: false,
        };
        Found {
            of: "2026-11-21-3f9c2a".to_owned(),
            job: "shop".to_owned(),
            label: "2026-11-21".to_owned(),
            end: 20_779 * DAY_MICROSECONDS,
            is_of_moment,
            currency: "CNY".to_owned(),
            lists: vec![list],
        }
    }

    #[test]
    fn a_list_is_old_two_days_after_its_night() {
        // The end of 21 November 2026 is the start of day 20,779 since 1970.
        let after = |hours: i64| 20_779 * DAY_MICROSECONDS + hours * 3_600_000_000;
        let said = |hours: i64| warning(&found(vec![1], false), after(hours));
        assert_eq!((said(10), said(47)), (None, None));
        let text = said(48).unwrap();
        assert!(text.contains("2026-11-21-3f9c2a know their customers up to 2026-11-22 00:00, which is 2 days ago"), "{text}");
        assert!(said(24 * 9 + 5).unwrap().contains("9 days ago"));
        assert_eq!(warning(&found(vec![], false), after(480)), None, "nobody is on it");
        assert_eq!(warning(&found(vec![1], true), after(480)), None, "the list of an hour knows its hour");
    }
}
