//! Traffic of items: who looked at the popular items of a shop, in the last days of the data.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Int64Array};

use super::ids::{self, IdColumn};
use super::refill::{REFILL, has_refill};
use super::small::write_file;
use super::summary::InputSummary;
use super::traffic::{Paid, Visited};
use super::world::World;
use crate::error::Result;

/// Days up to the last one that are written.
const DAYS: usize = 91;

/// The numbers of popular items, and which part of the shop's visitors looks at each.
const POPULAR: [(u64, f64); 9] = [(0, 0.31), (1, 0.12), (2, 0.09), (3, 0.08), (4, 0.07), (5, 0.06), (6, 0.06), (7, 0.05), (8, 0.05)];

/// The same of what is used up.
const REFILL_SHARE: f64 = 0.35;

/// Writes `item_traffic.parquet`.
pub fn write_item_traffic(world: &World, dir: &Path, paid: &Paid) -> Result<InputSummary> {
    let (mut shops, mut items) = (IdColumn::new(world), IdColumn::new(world));
    let mut dates = Vec::new();
    let mut counts: [Vec<i64>; 4] = Default::default();
    for shop in &world.shops {
        let refill = has_refill(shop).then_some((REFILL, REFILL_SHARE));
        for day in world.calendar.days.saturating_sub(DAYS)..world.calendar.days {
            if i64::from(shop.opened) > day as i64 {
                continue;
            }
            let visitors = Visited::of_shop(world, paid, shop, day).uv;
            for (item, share) in POPULAR.iter().copied().chain(refill).filter(|(item, _)| *item < shop.items) {
                let mut draws = world.streams.item_traffic.at(((day as u64) << 40) + ((shop.index as u64) << 16) + item);
                // One row in two hundred is missing.
                if draws.chance(0.005) {
                    continue;
                }
                let ipv_uv = (visitors as f64 * share * draws.between(0.8, 1.2)) as i64 + 1;
                let of = |ratio: f64, noise: f64| (ipv_uv as f64 * ratio * (0.7 + 0.6 * noise)) as i64;
                let (ipv, favorites, cart_adds) = (of(1.6, draws.unit()).max(ipv_uv), of(0.06, draws.unit()), of(0.14, draws.unit()));
                shops.push(Some(ids::shop(shop)));
                items.push(Some(ids::item(shop, item)));
                dates.push(world.calendar.first + day as i32);
                counts.iter_mut().zip([ipv, ipv_uv, favorites, cart_adds]).for_each(|(column, count)| column.push(count));
            }
        }
    }
    let [ipv, ipv_uv, favorites, cart_adds] = counts.map(|column| Arc::new(Int64Array::from(column)) as ArrayRef);
    let columns = vec![
        ("shop_id", shops.finish()),
        ("date", Arc::new(Date32Array::from(dates)) as ArrayRef),
        ("item_id", items.finish()),
        ("ipv", ipv),
        ("ipv_uv", ipv_uv),
        ("favorites", favorites),
        ("cart_adds", cart_adds),
    ];
    write_file(dir, "item_traffic", columns)
}
