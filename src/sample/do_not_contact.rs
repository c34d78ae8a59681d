//! Customers who unsubscribed: a few of every shop, some from all shops at once, some whom no order names, and one in the days to come.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array};

use super::ids::{self, IdColumn};
use super::small::write_file;
use super::summary::InputSummary;
use super::world::World;
use crate::error::Result;

/// The part of a shop's customers who unsubscribe, and the largest number of them.
const SHARE: f64 = 0.02;
const MOST: u32 = 200;
/// One in so many did so from all shops.
const EVERYWHERE: u64 = 10;

/// Writes `do_not_contact.parquet`.
pub fn write_do_not_contact(world: &World, dir: &Path) -> Result<InputSummary> {
    let (mut shop_ids, mut customers, mut since) = (IdColumn::new(world), IdColumn::new(world), Vec::new());
    for shop in &world.shops {
        let wanted = ((f64::from(shop.customers) * SHARE).ceil() as u32).min(MOST);
        let opened = shop.opened.max(0);
        let days = (world.calendar.days as i32 - opened).max(1);
        for number in 0..wanted {
            let mut draws = world.streams.unsubscribed.at(((shop.index as u64) << 32) | u64::from(number));
            let within = draws.below(u64::from(shop.customers)) as u32;
            // Two in a hundred are people whom the shop knows without an order.
            let within = if draws.chance(0.02) { shop.customers + within } else { within };
            let is_everywhere = draws.below(EVERYWHERE) == 0;
            shop_ids.push((!is_everywhere).then(|| ids::shop(shop)));
            customers.push_person(Some(ids::person(world, shop, shop.first_customer + within)));
            let day = opened + draws.below(days.unsigned_abs().into()) as i32;
            // The last one of a shop will unsubscribe after the last day of the data.
            let is_later = number + 1 == wanted && wanted > 1;
            let day = if is_later { world.calendar.days as i32 + 3 } else { day };
            // One in twenty did so nobody knows when.
            since.push((!draws.chance(0.05) || is_later).then_some(world.calendar.first + day));
        }
    }
    let columns: Vec<(&str, ArrayRef)> =
        vec![("shop_id", shop_ids.finish()), ("customer_id", customers.finish()), ("since", Arc::new(Date32Array::from(since)))];
    write_file(dir, "do_not_contact", columns)
}
