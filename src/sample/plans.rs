//! Plans of the shops for each month. They were made before the year, so they follow the seasons, but not the events of the year.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Int64Array, StringArray};

use super::columns::Money;
use super::ids::{self, IdColumn};
use super::shop::Shop;
use super::small::{target, write_file};
use super::summary::InputSummary;
use super::traffic::Paid;
use super::world::World;
use crate::error::Result;
use crate::spec::Day;
use crate::spec::period::Grain;

/// Months that are planned after the last month of the data.
const AHEAD: i32 = 6;
/// Fen in a thousand yuan, to which plans are rounded.
const THOUSAND: f64 = 100_000.0;
/// Fen in a yuan.
const YUAN: f64 = 100.0;

/// A plan.
struct Row<'a> {
    shop: &'a Shop,
    month: Day,
    sales_target: i64,
    ad_budget: i64,
    new_items: i64,
    /// The part of the advertising budget that is for paid clicks; the rest is for affiliates.
    paid_part: f64,
}

impl Row<'_> {
    /// The budgets of the channels that cost money, in whole yuan.
    fn channels(&self) -> [(&'static str, i64); 2] {
        let paid = (self.ad_budget as f64 * self.paid_part / YUAN).round() * YUAN;
        [("affiliate", self.ad_budget - paid as i64), ("paid", paid as i64)]
    }
}

/// Writes `plans.parquet`: every month in which a shop is open, and six more.
pub fn write_plans(world: &World, dir: &Path, paid: &Paid) -> Result<InputSummary> {
    let rows: Vec<Row<'_>> = world.shops.iter().flat_map(|shop| plans(world, shop, paid)).collect();
    let mut shop_ids = IdColumn::new(world);
    let (mut targets, mut budgets) = (Money::default(), Money::default());
    for row in &rows {
        shop_ids.push(Some(ids::shop(row.shop)));
        targets.push(Some(row.sales_target));
        budgets.push(Some(row.ad_budget));
    }
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("shop_id", shop_ids.finish()),
        ("month", Arc::new(rows.iter().map(|row| Some(row.month)).collect::<Date32Array>())),
        ("sales_target", targets.finish()),
        ("ad_budget", budgets.finish()),
        ("new_items", Arc::new(rows.iter().map(|row| Some(row.new_items)).collect::<Int64Array>())),
    ];
    write_file(dir, "plans", columns)
}

/// Writes `ad_plans.parquet`: the advertising budgets of the same months by channel.
pub fn write_ad_plans(world: &World, dir: &Path, paid: &Paid) -> Result<InputSummary> {
    let rows = world.shops.iter().flat_map(|shop| plans(world, shop, paid));
    let rows: Vec<(&Shop, Day, &str, i64)> =
        rows.flat_map(|row| row.channels().map(|(channel, budget)| (row.shop, row.month, channel, budget))).collect();
    let (mut shop_ids, mut budgets) = (IdColumn::new(world), Money::default());
    for (shop, _, _, budget) in &rows {
        shop_ids.push(Some(ids::shop(shop)));
        budgets.push(Some(*budget));
    }
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("shop_id", shop_ids.finish()),
        ("month", Arc::new(rows.iter().map(|(_, month, _, _)| Some(*month)).collect::<Date32Array>())),
        ("channel", Arc::new(rows.iter().map(|(_, _, channel, _)| Some(*channel)).collect::<StringArray>())),
        ("budget", budgets.finish()),
    ];
    write_file(dir, "ad_plans", columns)
}

fn plans<'a>(world: &'a World, shop: &'a Shop, paid: &Paid) -> impl Iterator<Item = Row<'a>> {
    let calendar = &world.calendar;
    // The annual target is the sales of 365 ordinary days, times the shop's ambition.
    let daily = target(world, shop, paid) as f64 / 365.0;
    let opened = calendar.first + shop.opened.max(0);
    let last = Grain::Month.index(calendar.first + calendar.days as i32 - 1) + AHEAD;
    (Grain::Month.index(opened)..=last).map(move |month| {
        let mut draws = world.streams.plans.at(((shop.index as u64) << 32) | u64::from(month.unsigned_abs()));
        let days = Grain::Month.start(month).max(opened)..=Grain::Month.end(month);
        let business: f64 = days.map(|day| calendar.expected(day)).sum();
        let sales = daily * business * draws.between(0.9, 1.1);
        let rounded = |fen: f64| ((fen / THOUSAND).round().max(1.0) * THOUSAND) as i64;
        Row {
            shop,
            month: Grain::Month.start(month),
            sales_target: rounded(sales),
            ad_budget: rounded(sales * draws.between(0.05, 0.12)),
            new_items: 1 + (shop.items as f64 * draws.between(0.02, 0.08)) as i64,
            paid_part: draws.between(0.75, 0.85),
        }
    })
}
