//! The platform's records of the shops: complaints, service scores, listings, violations.
//!
//! They mostly follow from a shop's quality. Some shops, by their position, have a fixed course, so that any eighteen shops
//! include each case between which an assessment must distinguish.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, StringArray};

use super::calendar::DAY;
use super::columns::Times;
use super::ids::{self, IdColumn};
use super::random::Draws;
use super::shop::Shop;
use super::small::write_file;
use super::summary::InputSummary;
use super::traffic::Paid;
use super::world::World;
use crate::error::Result;
use crate::spec::Day;
use crate::spec::period::{Grain, civil};

/// Days before a day whose orders cause the complaints of that day.
const WEEK: usize = 7;

/// The draws of one purpose about a shop in a month, on a day, or for the nth time.
fn draws(world: &World, purpose: u64, shop: &Shop, number: u64) -> Draws {
    world.streams.platform_records.at((purpose << 56) | ((shop.index as u64) << 32) | number)
}

/// The ids of these shops.
fn shop_ids<'a>(world: &World, shops: impl Iterator<Item = &'a Shop>) -> ArrayRef {
    let mut column = IdColumn::new(world);
    shops.for_each(|shop| column.push(Some(ids::shop(shop))));
    column.finish()
}

/// The months of the data in which the shop is open, including the last one.
fn open_months(world: &World, shop: &Shop) -> std::ops::RangeInclusive<i32> {
    let calendar = &world.calendar;
    let month = |day: Day| Grain::Month.index(day);
    month(calendar.first + shop.opened.max(0))..=month(calendar.first + calendar.days as i32 - 1)
}

/// Writes `complaints.parquet`: the days with complaints.
pub fn write_complaints(world: &World, dir: &Path, paid: &Paid) -> Result<InputSummary> {
    let mut rows: Vec<(&Shop, Day, i64)> = Vec::new();
    for day in 0..world.calendar.days {
        for shop in &world.shops {
            let recent = &paid.of_shop(shop.index)[day.saturating_sub(WEEK)..day];
            let orders = f64::from(recent.iter().sum::<u32>()) / WEEK as f64;
            let expected = orders * (0.002 + 0.018 * (1.0 - shop.quality));
            let count = if expected > 0.0 { poisson(draws(world, 1, shop, day as u64), expected) } else { 0 };
            if count > 0 {
                rows.push((shop, world.calendar.first + day as i32, count));
            }
        }
    }
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("shop_id", shop_ids(world, rows.iter().map(|(shop, _, _)| *shop))),
        ("date", Arc::new(rows.iter().map(|(_, day, _)| Some(*day)).collect::<Date32Array>())),
        ("count", Arc::new(rows.iter().map(|(_, _, count)| Some(*count)).collect::<Int64Array>())),
    ];
    write_file(dir, "complaints", columns)
}

/// A Poisson number, counted by exponential waits.
fn poisson(mut draws: Draws, mean: f64) -> i64 {
    let (mut count, mut waited) = (0, draws.exponential());
    while waited < mean {
        count += 1;
        waited += draws.exponential();
    }
    count
}

/// Writes `service_scores.parquet`: the complete months. One row in a hundred is missing.
pub fn write_service_scores(world: &World, dir: &Path) -> Result<InputSummary> {
    let last = world.calendar.first + world.calendar.days as i32 - 1;
    let mut rows: Vec<(&Shop, Day, f64)> = Vec::new();
    for shop in &world.shops {
        for month in open_months(world, shop).filter(|month| Grain::Month.end(*month) <= last) {
            let mut draws = draws(world, 2, shop, month.unsigned_abs().into());
            let is_missing = draws.chance(0.01);
            let score = match shop.index % 6 {
                // Occasional bad months, and never far from 3.
                1 if draws.chance(0.25) => draws.between(1.8, 2.9),
                4 => draws.between(2.98, 3.3),
                _ => 3.4 + 1.3 * shop.quality + draws.between(-0.2, 0.3),
            };
            if !is_missing {
                rows.push((shop, Grain::Month.start(month), (score * 100.0).round() / 100.0));
            }
        }
    }
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("shop_id", shop_ids(world, rows.iter().map(|(shop, _, _)| *shop))),
        ("month", Arc::new(rows.iter().map(|(_, day, _)| Some(*day)).collect::<Date32Array>())),
        ("score", Arc::new(rows.iter().map(|(_, _, score)| Some(*score)).collect::<Float64Array>())),
    ];
    write_file(dir, "service_scores", columns)
}

/// Writes `listings.parquet`, including the current month.
pub fn write_listings(world: &World, dir: &Path) -> Result<InputSummary> {
    let mut rows: Vec<(&Shop, Day, i64, i64)> = Vec::new();
    for shop in &world.shops {
        let (months, pause) = (open_months(world, shop), pause(world, shop));
        for month in months.clone() {
            let mut draws = draws(world, 3, shop, month.unsigned_abs().into());
            let of_items = |share: f64| (shop.items as f64 * share) as i64;
            let live = of_items(draws.between(0.8, 1.0));
            // A new shop has only new items.
            let is_new = shop.opened >= 0 && month == *months.start();
            let new = if is_new { live } else { of_items(draws.between(0.0, 0.12)) };
            let (live, new) = if pause.contains(&month) { (0, 0) } else { (live, new) };
            rows.push((shop, Grain::Month.start(month), live, new));
        }
    }
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("shop_id", shop_ids(world, rows.iter().map(|row| row.0))),
        ("month", Arc::new(rows.iter().map(|row| Some(row.1)).collect::<Date32Array>())),
        ("items_live", Arc::new(rows.iter().map(|row| Some(row.2)).collect::<Int64Array>())),
        ("items_new", Arc::new(rows.iter().map(|row| Some(row.3)).collect::<Int64Array>())),
    ];
    write_file(dir, "listings", columns)
}

/// The months in which the shop has no listings, though it still has orders: six within one year since its opening, five,
/// six that reach from one such year into the next, or none.
fn pause(world: &World, shop: &Shop) -> std::ops::Range<i32> {
    let (from, months) = match shop.index % 9 {
        4 => (2, 6),
        7 => (2, 5),
        8 => (9, 6),
        _ => return 0..0,
    };
    let opened = world.calendar.first + shop.opened;
    // The years of the annual assessment begin three months after the month of the opening, or after the next one.
    let base = Grain::Month.index(opened) + if civil(opened).2 <= 15 { 3 } else { 4 };
    let last = Grain::Month.index(world.calendar.first + world.calendar.days as i32 - 1);
    let year = base + (last - months - from - base).div_euclid(12) * 12;
    year + from..year + from + months
}

/// Writes `violations.parquet`.
pub fn write_violations(world: &World, dir: &Path) -> Result<InputSummary> {
    let mut rows: Vec<Row<'_>> = world.shops.iter().flat_map(|shop| violations(world, shop)).collect();
    rows.sort_by_key(|row| (row.second, row.shop.index));
    let mut times = Times::default();
    rows.iter().for_each(|row| times.push(world, row.second));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("shop_id", shop_ids(world, rows.iter().map(|row| row.shop))),
        ("occurred_at", times.finish()),
        ("kind", Arc::new(rows.iter().map(|row| Some(row.kind)).collect::<StringArray>())),
        ("points", Arc::new(rows.iter().map(|row| row.points).collect::<Float64Array>())),
    ];
    write_file(dir, "violations", columns)
}

/// One violation.
struct Row<'a> {
    shop: &'a Shop,
    second: u32,
    kind: &'static str,
    points: Option<f64>,
}

/// The violation points of a shop with a fixed course in the last calendar year of the data: exactly 12, one less, more than 24.
fn planned(shop: &Shop) -> &'static [f64] {
    match shop.index % 18 {
        2 => &[3.0, 3.0, 3.0, 3.0],
        8 => &[6.0, 3.0, 6.0, 6.0, 2.0, 3.0],
        14 => &[3.0, 2.0, 3.0, 3.0],
        _ => &[],
    }
}

fn violations<'a>(world: &World, shop: &'a Shop) -> Vec<Row<'a>> {
    let days = world.calendar.days as i32;
    let new_year = Grain::Year.start(Grain::Year.index(world.calendar.first + days - 1)) - world.calendar.first;
    let this_year = shop.opened.max(new_year).max(0).min(days - 1)..days;
    let year_before = shop.opened.max(0).min(days - 1)..new_year.max(0);
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut general = |number: u64, days: std::ops::Range<i32>, parts: &[f64]| {
        let mut draws = draws(world, 4, shop, number);
        for (at, points) in parts.iter().enumerate() {
            // Distributed over the days, in working hours.
            let part = (at as f64 + draws.unit()) / parts.len() as f64;
            let day = f64::from(days.start) + f64::from(days.end - days.start) * part;
            let second = (day as u32) * DAY + (draws.between(9.0, 18.0) * 3_600.0) as u32;
            rows.push(Row { shop, second, kind: "general", points: Some(*points) });
        }
    };
    let planned = planned(shop);
    general(0, this_year.clone(), planned);
    if !planned.is_empty() && !year_before.is_empty() {
        // Points of the previous year, which no longer count.
        general(1, year_before, &[6.0, 3.0]);
    } else if planned.is_empty() {
        for month in open_months(world, shop) {
            let mut draws = draws(world, 5, shop, month.unsigned_abs().into());
            let start = (Grain::Month.start(month) - world.calendar.first).max(shop.opened).max(0);
            let end = (Grain::Month.end(month) + 1 - world.calendar.first).min(days);
            if draws.chance(0.12 * (1.0 - shop.quality)) && start < end {
                let points = [1.0, 2.0, 3.0, 6.0][draws.pick(&[0.5, 0.25, 0.2, 0.05])];
                general(2 + u64::from(month.unsigned_abs()), start..end, &[points]);
            }
        }
    }
    let at = |day: i32| day.max(0) as u32 * DAY + 10 * 3_600;
    match shop.index % 18 {
        5 => rows.push(Row { shop, second: at((this_year.start + days) / 2), kind: "serious", points: Some(12.0) }),
        // The last violation of the shop. The platform gives no points for one that closes the shop.
        17 => rows.push(Row { shop, second: at(days - 2), kind: "red_line", points: None }),
        _ => {}
    }
    rows
}
