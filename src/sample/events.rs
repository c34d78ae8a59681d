//! The events of the shops: the promotions of all, the Spring Festival, and an item of a shop that is out of stock.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, StringArray};

use super::calendar::promotion_name;
use super::ids::{self, IdColumn};
use super::small::write_file;
use super::summary::InputSummary;
use super::world::World;
use crate::error::Result;
use crate::spec::Day;
use crate::spec::period::day_of;

/// Days after the data whose events are known.
const AHEAD: i32 = 60;
/// The days of New Year by the lunar calendar, in the years of likely data.
const NEW_YEARS: [(i32, i32, i32); 8] =
    [(2023, 1, 22), (2024, 2, 10), (2025, 1, 29), (2026, 2, 17), (2027, 2, 6), (2028, 1, 26), (2029, 2, 13), (2030, 2, 3)];
/// The holiday: from the eve on, so many days.
const FESTIVAL_DAYS: i32 = 8;
/// The days before the last one of the data on which the first shop is out of stock.
const OUT_OF_STOCK: std::ops::RangeInclusive<i32> = 15..=16;

/// Writes `events.parquet`: a row for each event and day, those of all shops without a shop.
pub fn write_events(world: &World, dir: &Path) -> Result<InputSummary> {
    let (first, last) = (world.calendar.first, world.calendar.first + world.calendar.days as i32 - 1);
    let known = first..=last + AHEAD;
    let mut rows: Vec<(Day, &str, bool)> = known.clone().filter_map(|day| Some((day, promotion_name(day)?, false))).collect();
    for (year, month, day) in NEW_YEARS {
        let eve = day_of(year, month, day).map(|new_year| new_year - 1);
        let days = eve.into_iter().flat_map(|eve| eve..eve + FESTIVAL_DAYS);
        rows.extend(days.filter(|day| known.contains(day)).map(|day| (day, "春节", false)));
    }
    rows.extend(OUT_OF_STOCK.map(|before| last - before).filter(|day| *day >= first).map(|day| (day, "缺货", true)));
    rows.sort_unstable();
    let mut shop_ids = IdColumn::new(world);
    for (_, _, is_of_one) in &rows {
        shop_ids.push(world.shops.first().filter(|_| *is_of_one).map(ids::shop));
    }
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("shop_id", shop_ids.finish()),
        ("date", Arc::new(rows.iter().map(|(day, ..)| Some(*day)).collect::<Date32Array>())),
        ("name", Arc::new(rows.iter().map(|(_, name, _)| Some(*name)).collect::<StringArray>())),
    ];
    write_file(dir, "events", columns)
}
