//! Rows of the inquiries input (询单): questions before orders, questions after them, and questions of customers who then buy nothing.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Int32Builder, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};

use super::calendar::DAY;
use super::columns::{Times, schema};
use super::customer::arrived;
use super::event::Event;
use super::ids::{self, IdColumn};
use super::order::{NEVER, Order};
use super::random::Draws;
use super::shop::Shop;
use super::world::World;
use crate::error::Result;

/// The agents of a shop. The first one talks many customers into buying, the last one few; their shares of the customers who buy, and of
/// those who do not; their mean seconds to a response.
const BUYERS: [f64; 4] = [0.40, 0.27, 0.22, 0.11];
const OTHERS: [f64; 4] = [0.22, 0.25, 0.27, 0.26];
const SECONDS: [f64; 4] = [25.0, 45.0, 40.0, 140.0];

/// Questions of customers who buy nothing, for each order paid at the shop on the day.
const FOR_AN_ORDER: f64 = 0.9;

/// Numbers of orders are below this: the questions that belong to no order have numbers from here on.
const NO_ORDER: u32 = 1 << 30;

/// The seconds at which a customer asks about an order: before placing it, and after paying for it; [`NEVER`] where the customer does not.
pub fn asked(world: &World, customer: u32, number: u32, order: &Order) -> [u32; 2] {
    let mut draws = world.of_order(world.streams.inquiries, customer, number);
    let before = if draws.chance(0.3) {
        // Mostly minutes before, sometimes the evening before.
        let hours = if draws.chance(0.85) { draws.between(0.02, 1.0) } else { draws.between(1.0, 30.0) };
        order.created.saturating_sub((hours * 3_600.0) as u32)
    } else {
        NEVER
    };
    let after = if order.paid != NEVER && draws.chance(0.12) { order.paid + (draws.between(1.0, 120.0) * 3_600.0) as u32 } else { NEVER };
    [before, after]
}

/// The questions of some days that belong to no order, by the orders paid by shop and day.
pub fn of_nobody(world: &World, days: Range<usize>, paid: &[(usize, usize, u32)]) -> Vec<Event> {
    let mut events = Vec::new();
    let within = paid.iter().filter(|(_, day, _)| days.contains(day));
    for (at, (shop, day, orders)) in within.enumerate() {
        let Some(shop) = world.shops.get(*shop) else { continue };
        let mut draws =
            world.streams.inquiries.at((1 << 63) | ((*day as u64) << 40) | ((shop.index as u64) << 20) | (at as u64 & 0xf_ffff));
        let known = arrived(shop, *day);
        let questions = (f64::from(*orders) * FOR_AN_ORDER + draws.unit()) as u32;
        for _ in 0..if known == 0 { 0 } else { questions } {
            let customer = shop.first_customer + draws.below(u64::from(known)) as u32;
            let second = *day as u32 * DAY + draws.between(8.0 * 3_600.0, f64::from(DAY)) as u32;
            events.push(Event { modified: second, customer, number: NO_ORDER + draws.below(1 << 20) as u32, created: 0 });
        }
    }
    events
}

/// The columns.
pub fn columns(world: &World) -> SchemaRef {
    let id = IdColumn::data_type(world);
    schema(&[
        ("shop_id", id.clone()),
        ("agent_id", id.clone()),
        ("customer_id", id),
        ("asked_at", Times::TYPE),
        ("response_seconds", DataType::Int32),
    ])
}

/// The rows of these questions.
pub fn batch(world: &World, events: &[Event]) -> Result<RecordBatch> {
    let mut ids: [IdColumn; 3] = std::array::from_fn(|_| IdColumn::new(world));
    let mut times = Times::default();
    let mut responses = Int32Builder::new();
    for event in events {
        let shop = world.shop_of(event.customer);
        // By the moment too: a customer may ask several agents.
        let mut draws = world.of_order(world.streams.inquiries, event.customer, event.number ^ event.modified.rotate_left(9));
        let agent = draws.pick(if event.number < NO_ORDER { &BUYERS } else { &OTHERS });
        let [shop_ids, agents, customers] = &mut ids;
        shop_ids.push(Some(ids::shop(shop)));
        agents.push(Some(agent_id(shop, agent)));
        customers.push_person(Some(ids::person(world, shop, event.customer)));
        times.push(world, event.modified);
        responses.append_option(response(&mut draws, agent));
    }
    let [shop, agent, customer] = ids.map(IdColumn::finish);
    let arrays = vec![shop, agent, customer, times.finish(), Arc::new(responses.finish()) as _];
    Ok(RecordBatch::try_new(columns(world), arrays)?)
}

fn agent_id(shop: &Shop, agent: usize) -> i64 {
    9_100_000 + shop.index as i64 * 10 + agent as i64
}

/// Seconds to the response; a few questions have none.
fn response(draws: &mut Draws, agent: usize) -> Option<i32> {
    let mean = SECONDS.get(agent).copied().unwrap_or_default();
    (!draws.chance(0.03)).then(|| (3.0 + mean * draws.exponential()) as i32)
}
