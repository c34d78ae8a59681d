//! Chances: how likely the customers of a segment are to buy again within 90 days, by what those did before who were idle as long.
//!
//! A model's chance to be alive says nothing of when somebody buys. What the page shows is measured: of all intervals between purchases that
//! had lasted as long as a customer has been idle, the part that ended within 90 days more (Kaplan–Meier). First intervals are told from later
//! ones, since most who bought once never return and most who returned do so again. A segment has the mean over its customers.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::{cast, partition};
use arrow::datatypes::{DataType, Int64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::cells::array;
use crate::error::Result;
use crate::metric::ratio::ratio_of;
use crate::publish::Snapshot;
use crate::statistics::kaplan_meier::{Count, Curve};
use crate::table::read_back::rows_of;

/// The schemes of `segment_value` with a chance; each is a column of `customers`.
const SCHEMES: [&str; 3] = ["lifecycle", "rfm_segment", "value_tier"];

/// The days to come.
const DAYS: i32 = 90;

/// Ends and censorings of intervals by their days.
type Counts = BTreeMap<i32, (i64, i64)>;

/// The chances of segments, by shop, scheme and segment.
pub type Chances = BTreeMap<String, BTreeMap<&'static str, BTreeMap<String, f64>>>;

/// Customers by scheme, segment, whether they bought once, and days idle.
type Customers = BTreeMap<(&'static str, String), BTreeMap<(bool, i32), usize>>;

/// The chances of the segments of all shops; none where the snapshot has no customers or no intervals.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file of the snapshot is damaged.
pub fn read(snapshot: &Snapshot) -> Result<Chances> {
    let curves = curves(snapshot)?;
    let mut chances = Chances::new();
    for (shop, customers) in customers(snapshot)? {
        let Some(curves) = curves.get(&shop) else { continue };
        for ((scheme, segment), customers) in customers {
            let mut sum = Some((0.0, 0.0));
            for ((bought_once, idle), count) in customers {
                let chance = chance(if bought_once { &curves.first } else { &curves.later }, idle);
                sum = sum.zip(chance).map(|((sum, all), chance)| (sum + chance * count as f64, all + count as f64));
            }
            if let Some(chance) = sum.and_then(|(sum, all)| ratio_of(sum, all)) {
                chances.entry(shop.clone()).or_default().entry(scheme).or_default().insert(segment, chance);
            }
        }
    }
    Ok(chances)
}

/// The chance to buy within the days to come after so many idle ones. Beyond the longest interval that was seen the curve stays as it is.
fn chance(curve: &Curve, idle: i32) -> Option<f64> {
    let end = curve.points().last()?;
    let survival = |days: i32| curve.survival(days).unwrap_or(end.survival);
    let (lasted, later) = (survival(idle), survival(idle.saturating_add(DAYS)));
    ratio_of(later, lasted).map(|stayed| 1.0 - stayed)
}

/// The curves of a shop.
struct Curves {
    /// From the first purchase to the second.
    first: Curve,
    /// From each later one to the next.
    later: Curve,
}

fn curves(snapshot: &Snapshot) -> Result<HashMap<String, Curves>> {
    let mut counts: HashMap<String, (Counts, Counts)> = HashMap::new();
    for batch in snapshot.columns("repurchase_survival", &["shop_id", "dimension", "nth", "days", "events", "censored"]) {
        let batch = batch?;
        let number = |name: &str| array(&batch, name).map(|column| column.as_primitive::<Int64Type>().clone());
        let (nth, days, events, censored) = (number("nth")?, number("days")?, number("events")?, number("censored")?);
        for (at, row) in rows_of(&batch).enumerate().filter(|(at, _)| nth.value(*at) <= 1) {
            let (Some(shop), Some("all")) = (row.text("shop_id"), row.text("dimension").as_deref()) else { continue };
            let (first, later) = counts.entry(shop).or_default();
            let day = days.value(at) as i32;
            // 0 is all intervals, so that the later ones are what is left without the first ones.
            let sign = if nth.value(at) == 0 { 1 } else { -1 };
            let of_later = later.entry(day).or_default();
            *of_later = (of_later.0 + sign * events.value(at), of_later.1 + sign * censored.value(at));
            if sign < 0 {
                first.insert(day, (events.value(at), censored.value(at)));
            }
        }
    }
    let curve = |counts: Counts| {
        let there = counts.into_iter().filter(|(_, (events, censored))| events + censored > 0);
        Curve::of(&there.map(|(days, (events, censored))| Count { days, events, censored }).collect::<Vec<_>>())
    };
    Ok(counts.into_iter().map(|(shop, (first, later))| (shop, Curves { first: curve(first), later: curve(later) })).collect())
}

fn customers(snapshot: &Snapshot) -> Result<BTreeMap<String, Customers>> {
    let mut shops: BTreeMap<String, Customers> = BTreeMap::new();
    for batch in snapshot.columns("customers", &[&["shop_id", "recency_days", "purchase_days"], &SCHEMES[..]].concat()) {
        count(&batch?, &mut shops)?;
    }
    Ok(shops)
}

/// Counts the customers of a batch, whose rows are sorted by shop.
fn count(batch: &RecordBatch, shops: &mut BTreeMap<String, Customers>) -> Result<()> {
    let shop = array(batch, "shop_id")?;
    let options = FormatOptions::new();
    let shown = ArrayFormatter::try_new(shop, &options)?;
    let idle = array(batch, "recency_days")?.as_primitive::<Int64Type>();
    let purchases = array(batch, "purchase_days")?.as_primitive::<Int64Type>();
    for run in partition(std::slice::from_ref(shop))?.ranges() {
        let own = shops.entry(shown.value(run.start).to_string()).or_default();
        for scheme in SCHEMES {
            let Some(column) = batch.column_by_name(scheme) else { continue };
            let texts = cast(column, &DataType::Utf8)?;
            let segments = texts.as_string::<i32>();
            let mut counts: HashMap<(&str, bool, i64), usize> = HashMap::new();
            for row in run.clone().filter(|row| segments.is_valid(*row)) {
                *counts.entry((segments.value(row), purchases.value(row) == 1, idle.value(row))).or_default() += 1;
            }
            for ((segment, bought_once, idle), count) in counts {
                *own.entry((scheme, segment.to_owned())).or_default().entry((bought_once, idle as i32)).or_default() += count;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::{row, snapshot};
    use crate::table::customer::customers;
    use crate::table::repurchase::survival;
    use crate::table::unit::AnyTable;

    #[test]
    fn a_segment_has_the_mean_of_what_happened_after_as_many_idle_days() {
        let interval = |nth: f64, days: f64, events: f64, censored: f64| {
            row(
                &[("shop_id", "one"), ("dimension", "all"), ("dimension_value", "all")],
                &[("nth", nth), ("days", days), ("events", events), ("censored", censored)],
            )
        };
        // First intervals: one of two ended after 30 days, the other still runs after 100. Later ones: one ended after 30, one after 100.
        let intervals = vec![
            interval(0.0, 30.0, 2.0, 0.0),
            interval(0.0, 100.0, 1.0, 1.0),
            interval(1.0, 30.0, 1.0, 0.0),
            interval(1.0, 100.0, 0.0, 1.0),
        ];
        let customer = |id: &str, stage: &str, purchases: f64, idle: f64| {
            let dates = ["first_purchase_date", "last_purchase_date", "cohort_month"].map(|name| (name, "2026-01-01"));
            let texts = [("shop_id", "one"), ("customer_id", id), ("lifecycle", stage)];
            row(&[&dates[..], &texts].concat(), &[("purchase_days", purchases), ("recency_days", idle)])
        };
        let all = vec![
            // Of those who bought once half return within 100 days; after 40 days nobody was seen to return.
            customer("1", "active", 1.0, 10.0),
            customer("2", "active", 1.0, 40.0),
            // Who returned was always back within 100 days.
            customer("3", "active", 3.0, 10.0),
            customer("4", "quiet", 2.0, 50.0),
        ];
        let place = tempfile::tempdir().unwrap();
        let tables = [(survival::TABLE_BY_DIMENSIONS.card(), intervals), (customers::TABLE.card(), all)];
        let chances = read(&snapshot(place.path(), "2026-10-31", &tables)).unwrap();
        let stages = &chances["one"]["lifecycle"];
        assert_eq!((stages["active"], stages["quiet"]), ((0.5 + 0.0 + 1.0) / 3.0, 1.0));
        assert!(read(&snapshot(tempfile::tempdir().unwrap().path(), "2026-10-31", &tables[..1])).unwrap().is_empty());
    }
}
