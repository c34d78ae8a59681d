//! Rows of the ratings input: scores of completed orders.

use std::sync::Arc;

use arrow::array::{Int32Builder, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};

use super::calendar::DAY;
use super::columns::{Times, schema};
use super::event::Event;
use super::ids::{self, IdColumn};
use super::order::{NEVER, Order};
use super::renamed::person_at;
use super::shop::Shop;
use super::world::World;
use crate::error::Result;

/// One row.
#[derive(Debug, Clone)]
pub struct Row {
    /// The shop.
    pub shop: i64,
    /// The order; may be missing in bad rows.
    pub order: Option<i64>,
    /// The person.
    pub person: u64,
    /// When.
    pub rated: u32,
    /// Description, service, delivery, logistics: 1 to 5.
    pub scores: [Option<i32>; 4],
}

/// The columns.
pub fn columns(world: &World) -> SchemaRef {
    let id = IdColumn::data_type(world);
    schema(&[
        ("shop_id", id.clone()),
        ("order_id", id.clone()),
        ("customer_id", id),
        ("rated_at", Times::TYPE),
        ("description", DataType::Int32),
        ("service", DataType::Int32),
        ("delivery", DataType::Int32),
        ("logistics", DataType::Int32),
    ])
}

/// When the customer rates the order, if at all: within twelve days after receipt, mostly at once.
pub fn rated_at(world: &World, shop: &Shop, customer: u32, number: u32, order: &Order) -> Option<u32> {
    if order.completed == NEVER {
        return None;
    }
    let mut draws = world.of_order(world.streams.ratings, customer, number);
    draws.chance(shop.rated).then(|| {
        let part = draws.unit();
        order.completed + 30 + (part * part * part * 12.0 * f64::from(DAY)) as u32
    })
}

/// The rows of these ratings.
pub fn batch(world: &World, events: &[Event]) -> Result<RecordBatch> {
    let rows: Vec<Row> = events.iter().map(|event| row(world, event)).collect();
    finish(world, &rows)
}

fn row(world: &World, event: &Event) -> Row {
    let Event { modified, customer, number, created } = *event;
    let shop = world.shop_of(customer);
    // A separate index, so that the scores do not use the same draws as `rated_at`.
    let mut draws = world.of_order(world.streams.ratings, customer, number + (1 << 30));
    let mood = draws.exponential();
    let scores = shop.shortfall.map(|shortfall| {
        // Most customers give 5 for everything; an annoyed one gives several low scores.
        let miss = shortfall * (0.6 * mood + 0.4 * draws.exponential());
        let score = 5 - (miss + draws.unit()).min(4.0) as i32;
        (!draws.chance(0.04)).then_some(score.max(1))
    });
    Row {
        shop: ids::shop(shop),
        order: Some(ids::order(customer, created)),
        person: person_at(world, shop, customer, modified),
        rated: modified,
        scores,
    }
}

/// The batch of these rows.
pub fn finish(world: &World, rows: &[Row]) -> Result<RecordBatch> {
    let (mut shop, mut order, mut customer) = (IdColumn::new(world), IdColumn::new(world), IdColumn::new(world));
    let mut rated = Times::default();
    let mut scores: [Int32Builder; 4] = std::array::from_fn(|_| Int32Builder::new());
    for row in rows {
        shop.push(Some(row.shop));
        order.push(row.order);
        customer.push_person(Some(row.person));
        rated.push(world, row.rated);
        for (builder, score) in scores.iter_mut().zip(row.scores) {
            builder.append_option(score);
        }
    }
    let [description, service, delivery, logistics] = scores.map(|mut builder| Arc::new(builder.finish()) as _);
    let arrays = vec![shop.finish(), order.finish(), customer.finish(), rated.finish(), description, service, delivery, logistics];
    Ok(RecordBatch::try_new(columns(world), arrays)?)
}
