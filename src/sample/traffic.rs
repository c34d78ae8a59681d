//! Rows of the traffic input: each shop and day as a whole, and by channel. The number of visitors follows from the orders paid,
//! so that there are more visitors than buyers.

use std::sync::Arc;

use arrow::array::{Date32Builder, Int64Builder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, SchemaRef};

use super::calendar::DAY;
use super::columns::{Money, schema};
use super::customer::CHANNELS;
use super::event::Event;
use super::ids::{self, IdColumn};
use super::random::Draws;
use super::scan::Window;
use super::shop::Shop;
use super::world::World;
use crate::error::Result;

/// Days before and after a day whose paid orders decide the visitors of the day.
const AROUND: usize = 7;
/// The share of the visitors who use each channel; a visitor may use several.
const SHARES: [f64; 6] = [0.46, 0.26, 0.13, 0.14, 0.05, 0.08];

/// Orders paid by shop and day.
#[derive(Debug)]
pub struct Paid {
    days: usize,
    orders: Vec<u32>,
}

impl Paid {
    /// No orders.
    pub fn new(world: &World) -> Self {
        Paid { days: world.calendar.days, orders: vec![0; world.calendar.days * world.shops.len()] }
    }

    /// Adds orders of a shop that were paid on a day.
    pub fn add(&mut self, shop: usize, day: usize, orders: u32) {
        self.orders[shop * self.days + day] += orders;
    }

    /// The orders of a shop by day.
    pub fn of_shop(&self, shop: usize) -> &[u32] {
        &self.orders[shop * self.days..(shop + 1) * self.days]
    }
}

/// The columns.
pub fn columns(world: &World) -> SchemaRef {
    let mut columns = vec![("shop_id", IdColumn::data_type(world)), ("date", DataType::Date32), ("channel", DataType::Utf8)];
    columns.extend(COUNTS.map(|count| (count, DataType::Int64)));
    columns.push(("cost", Money::TYPE));
    schema(&columns)
}

const COUNTS: [&str; 10] = ["pv", "uv", "ipv", "ipv_uv", "visits", "bounces", "dwell_seconds", "favorites", "cart_adds", "new_visitors"];

/// One event for every day and shop that is open.
pub fn events(world: &World, window: Window) -> Vec<Event> {
    (window.from..window.until)
        .flat_map(|day| {
            let open = world.shops.iter().filter(move |shop| i64::from(shop.opened) <= day as i64);
            open.map(move |shop| Event { modified: day as u32 * DAY, customer: shop.index as u32, number: 0, created: 0 })
        })
        .collect()
}

/// The rows of these days and shops.
pub fn batch(world: &World, paid: &Paid, events: &[Event]) -> Result<RecordBatch> {
    let mut ids = IdColumn::new(world);
    let (mut dates, mut channels) = (Date32Builder::new(), StringBuilder::new());
    let mut counts: [Int64Builder; 10] = std::array::from_fn(|_| Int64Builder::new());
    let mut cost = Money::default();
    for event in events {
        let Some(shop) = world.shops.get(event.customer as usize) else { continue };
        let day = (event.modified / DAY) as usize;
        let mut draws = draws_of(world, shop, day);
        let visitors = visitors(world, shop, paid.of_shop(shop.index), day, draws.between(0.88, 1.12));
        // One day in a hundred is missing, one in two hundred has only the rows of channels.
        let (is_missing, has_no_total) = (draws.chance(0.01), draws.chance(0.005));
        if is_missing {
            continue;
        }
        for channel in 0..=CHANNELS.len() {
            let name = channel.checked_sub(1).and_then(|channel| CHANNELS.get(channel)).map(|channel| channel.0);
            let share = channel.checked_sub(1).map_or(1.0, |channel| SHARES[channel] * draws.between(0.85, 1.15));
            if name.is_none() && has_no_total {
                continue;
            }
            let uv = (visitors as f64 * share) as i64;
            let Visited { pv, ipv, ipv_uv, visits, bounces, dwell, .. } = Visited::by(uv, &mut draws);
            let (favorites, carts) = (of(uv, 0.035, draws.unit()), of(uv, 0.085, draws.unit()));
            let fresh = of(uv, 0.68, draws.unit()).min(uv);
            ids.push(Some(ids::shop(shop)));
            dates.append_value(world.calendar.first + day as i32);
            channels.append_option(name);
            for (builder, count) in counts.iter_mut().zip([pv, uv, ipv, ipv_uv, visits, bounces, dwell, favorites, carts, fresh]) {
                builder.append_value(count);
            }
            // Only two channels have paid clicks: with these prices some months of a channel pay for themselves on the first day, some
            // after months, and some do not.
            let click = match name {
                Some("paid") => Some(shop.price * 3.6),
                Some("affiliate") => Some(shop.price * 2.0),
                _ => None,
            };
            cost.push(click.map(|fen| of(uv, fen, draws.unit())));
        }
    }
    let mut arrays = vec![ids.finish(), Arc::new(dates.finish()), Arc::new(channels.finish())];
    arrays.extend(counts.map(|mut builder| Arc::new(builder.finish()) as _));
    arrays.push(cost.finish());
    Ok(RecordBatch::try_new(columns(world), arrays)?)
}

/// What the visitors of a day did.
#[derive(Debug, Clone, Copy)]
pub struct Visited {
    /// Visitors.
    pub uv: i64,
    /// Page views, as many as visitors at least.
    pub pv: i64,
    /// Page views of items.
    pub ipv: i64,
    /// Visitors of items.
    pub ipv_uv: i64,
    /// Visits, as many as visitors at least.
    pub visits: i64,
    /// Visits of one page.
    pub bounces: i64,
    /// Seconds on pages.
    pub dwell: i64,
}

impl Visited {
    /// What so many visitors did.
    fn by(uv: i64, draws: &mut Draws) -> Self {
        let pv = of(uv, 4.2, draws.unit()).max(uv);
        let ipv = of(pv, 0.66, draws.unit());
        let ipv_uv = of(uv, 0.74, draws.unit()).min(ipv);
        let visits = of(uv, 1.18, draws.unit()).max(uv);
        let bounces = of(visits, 0.46, draws.unit()).min(visits);
        let dwell = of(visits, 95.0, draws.unit());
        Visited { uv, pv, ipv, ipv_uv, visits, bounces, dwell }
    }

    /// What the visitors of a whole shop did on a day, as its row has it, or would have it where the row is missing.
    pub fn of_shop(world: &World, paid: &Paid, shop: &Shop, day: usize) -> Self {
        let mut draws = draws_of(world, shop, day);
        let visitors = visitors(world, shop, paid.of_shop(shop.index), day, draws.between(0.88, 1.12));
        // What is missing was drawn before.
        let _ = (draws.chance(0.01), draws.chance(0.005));
        Visited::by(visitors, &mut draws)
    }
}

/// A count that is a share of another one, with noise.
fn of(base: i64, ratio: f64, noise: f64) -> i64 {
    (base as f64 * ratio * (1.0 + 0.1 * (noise - 0.5))) as i64
}

fn draws_of(world: &World, shop: &Shop, day: usize) -> Draws {
    world.streams.traffic.at(((day as u64) << 32) + shop.index as u64)
}

/// The distinct visitors of a shop on a day: always more than the orders paid.
pub(super) fn visitors(world: &World, shop: &Shop, paid: &[u32], day: usize, noise: f64) -> i64 {
    let around = day.saturating_sub(AROUND)..(day + AROUND + 1).min(paid.len());
    let orders: u32 = paid[around.clone()].iter().sum();
    let business = world.calendar.position(around.end) - world.calendar.position(around.start);
    // Conversion is higher on promotions: it rises with the square root of the business.
    let weight = world.calendar.weight(day);
    let eager = if world.calendar.is_promotion(day) { (weight / 2.0).max(1.0).sqrt() } else { 1.0 };
    let expected = f64::from(orders) / business.max(1e-9) * weight / (shop.conversion * eager);
    (expected * noise) as i64 + i64::from(paid[day]) + i64::from(paid[day]) / 3 + 2
}
