//! Data that only the platform has: benchmarks of whole categories, and which new shops attended the training.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, StringArray};

use super::ids::{self, IdColumn};
use super::shop::{CATEGORIES, Shop};
use super::small::write_file;
use super::summary::InputSummary;
use super::traffic::Paid;
use super::world::World;
use crate::error::Result;
use crate::spec::Day;
use crate::spec::period::Grain;

/// Days from the opening to the first day of the trial's window, days 61 to 90, the opening being day 1.
const TRIAL: i32 = 60;

/// A metric of the industry.
struct Figure {
    metric: &'static str,
    /// The value of a shop in some days of the data, from its properties; `None` if it has none.
    of: fn(&Shop, &[u32]) -> Option<f64>,
    /// The relative distance of the shop at the worst fifth from the mean; above 0 if less is better.
    fifth: f64,
    /// The largest relative distance of the category from the shops of the data.
    noise: f64,
}

const FIGURES: [Figure; 4] = [
    Figure { metric: "uv_conversion", of: conversion, fifth: -0.35, noise: 0.04 },
    Figure { metric: "payment_rate", of: |shop, _| Some(1.0 - shop.unpaid), fifth: -0.03, noise: 0.005 },
    Figure { metric: "dsr_mean", of: |shop, _| Some(5.0 - shop.shortfall.iter().sum::<f64>() / 4.0), fifth: -0.05, noise: 0.005 },
    Figure { metric: "dispute_rate", of: |shop, _| Some(shop.intervened), fifth: 0.7, noise: 0.05 },
];

/// Paying customers per visitor of an ordinary day, given the orders paid by day: as [`super::traffic`] makes visitors.
fn conversion(shop: &Shop, paid: &[u32]) -> Option<f64> {
    let orders = paid.iter().map(|orders| f64::from(*orders)).sum::<f64>() / paid.len() as f64;
    (orders > 0.0).then(|| orders / (orders / shop.conversion + orders * 4.0 / 3.0 + 2.0))
}

/// Writes `benchmarks.parquet`: a row for every category and quarter, the running one included, and metric.
pub fn write_benchmarks(world: &World, dir: &Path, paid: &Paid) -> Result<InputSummary> {
    let calendar = &world.calendar;
    let last = calendar.first + calendar.days as i32 - 1;
    let mut rows: Vec<(&'static str, Day, &'static str, [f64; 3])> = Vec::new();
    for (category, (name, _)) in CATEGORIES.iter().enumerate() {
        for quarter in Grain::Quarter.index(calendar.first)..=Grain::Quarter.index(last) {
            let start = Grain::Quarter.start(quarter);
            let from = (start - calendar.first).max(0);
            let until = (Grain::Quarter.end(quarter) + 1 - calendar.first).min(calendar.days as i32);
            let open: Vec<&Shop> = world.shops.iter().filter(|shop| shop.category == category && shop.opened < until).collect();
            let mut draws = world.streams.platform_records.at((6 << 56) | ((category as u64) << 32) | u64::from(quarter.unsigned_abs()));
            for figure in &FIGURES {
                let days = |shop: &Shop| from.max(shop.opened) as usize..until as usize;
                let values: Vec<f64> =
                    open.iter().filter_map(|shop| (figure.of)(shop, paid.of_shop(shop.index).get(days(shop))?)).collect();
                let noise = draws.between(1.0 - figure.noise, 1.0 + figure.noise);
                if values.is_empty() {
                    continue;
                }
                let mean = values.iter().sum::<f64>() / values.len() as f64 * noise;
                let away = |share: f64| (mean * (1.0 + share) * 1e6).round() / 1e6;
                rows.push((name, start, figure.metric, [away(0.0), away(figure.fifth * 1.5), away(figure.fifth)]));
            }
        }
    }
    let figures = |at: usize| -> ArrayRef { Arc::new(rows.iter().map(|row| Some(row.3[at])).collect::<Float64Array>()) };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("category", Arc::new(rows.iter().map(|row| Some(row.0)).collect::<StringArray>())),
        ("period_start", Arc::new(rows.iter().map(|row| Some(row.1)).collect::<Date32Array>())),
        ("metric", Arc::new(rows.iter().map(|row| Some(row.2)).collect::<StringArray>())),
        ("mean", figures(0)),
        ("p10", figures(1)),
        ("p20", figures(2)),
    ];
    write_file(dir, "benchmarks", columns)
}

/// Writes `shop_metrics.parquet`: whether the shops that opened within the data attended the training (1) or not (0), once
/// their trial has begun.
pub fn write_shop_metrics(world: &World, dir: &Path) -> Result<InputSummary> {
    let is_on_trial = |shop: &&Shop| shop.opened >= 0 && shop.opened + TRIAL < world.calendar.days as i32;
    let shops: Vec<&Shop> = world.shops.iter().filter(is_on_trial).collect();
    let mut shop_ids = IdColumn::new(world);
    shops.iter().for_each(|shop| shop_ids.push(Some(ids::shop(shop))));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("shop_id", shop_ids.finish()),
        ("period_start", Arc::new(shops.iter().map(|shop| Some(world.calendar.first + shop.opened + TRIAL)).collect::<Date32Array>())),
        ("metric", Arc::new(shops.iter().map(|_| Some("training_attended")).collect::<StringArray>())),
        // One of three does not attend.
        ("value", Arc::new(shops.iter().map(|shop| Some(f64::from(u8::from(shop.index % 12 != 7)))).collect::<Float64Array>())),
    ];
    write_file(dir, "shop_metrics", columns)
}
