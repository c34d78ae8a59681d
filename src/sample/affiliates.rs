//! Rows of the affiliate_orders input: what publishers (淘客) earn by the lines of the orders that came by the channel `affiliate`, first
//! estimated, then settled, and clawed back where something was refunded.

use std::sync::Arc;

use arrow::array::{RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, SchemaRef};

use super::basket::basket;
use super::calendar::DAY;
use super::columns::{Money, Times, schema};
use super::customer::{CHANNELS, Customer};
use super::event::Event;
use super::ids::{self, IdColumn};
use super::order::{NEVER, Order};
use super::promotion::further_orders;
use super::shop::Shop;
use super::world::World;
use crate::error::Result;

/// A publisher: its plan, the commission of its plan in thousandths of the paid amount, and whether its rows are of whole orders.
struct Publisher {
    id: i64,
    plan: Option<&'static str>,
    rate: i64,
    is_of_orders: bool,
}

/// The first one pays its customers a part of the commission back: they come once, for that.
const PUBLISHERS: [Publisher; 5] = [
    Publisher { id: 31_840_017, plan: Some("高佣计划"), rate: 150, is_of_orders: false },
    Publisher { id: 27_715_240, plan: Some("定向计划"), rate: 80, is_of_orders: false },
    Publisher { id: 45_006_138, plan: Some("定向计划"), rate: 80, is_of_orders: false },
    Publisher { id: 19_263_504, plan: Some("通用计划"), rate: 40, is_of_orders: true },
    Publisher { id: 60_871_922, plan: None, rate: 20, is_of_orders: false },
];
/// Shares of the publishers but the first among the others.
const OTHERS: [f64; 4] = [0.4, 0.25, 0.25, 0.1];

/// What became of an order for its publisher, in seconds of the calendar; [`NEVER`] for what does not happen.
pub struct Brought {
    publisher: usize,
    /// When the customer clicked.
    clicked: u32,
    /// When the commission was settled.
    settled: u32,
}

/// Who brought a paid order; `None` where no publisher did.
pub fn brought(world: &World, shop: &Shop, customer: u32, number: u32, order: &Order) -> Option<Brought> {
    let is_affiliate = |channel: usize| CHANNELS.get(channel).is_some_and(|channel| channel.0 == "affiliate");
    // The basket of an order costs more than to know that it cannot be one.
    if order.paid == NEVER || (number == 0 && !is_affiliate(Customer::channel_of(world, customer))) {
        return None;
    }
    basket(world, shop, customer, number, order.created).channel.filter(|channel| is_affiliate(*channel))?;
    let mut draws = world.of_order(world.streams.affiliates, customer, number);
    let fickle = if number == 0 { 1.0 / (1.0 + further_orders(world, shop, customer)) } else { 0.1 };
    let publisher = if draws.chance(0.05 + 0.6 * fickle) { 0 } else { 1 + draws.pick(&OTHERS) };
    let clicked = order.created.saturating_sub((draws.between(0.01, 30.0) * 3_600.0) as u32);
    // Some days after the customer confirmed the receipt.
    let days = draws.between(0.5, 9.0);
    let settled = if order.completed == NEVER { NEVER } else { order.completed + (days * f64::from(DAY)) as u32 };
    Some(Brought { publisher, clicked, settled })
}

/// The seconds at which the rows of an order change.
pub fn changes(order: &Order, brought: &Brought) -> [u32; 3] {
    let clawed_back = order.refund.filter(|refund| refund.is_granted).map_or(NEVER, |refund| refund.decided);
    [order.paid, brought.settled, clawed_back]
}

/// The columns.
pub fn columns(world: &World) -> SchemaRef {
    let id = IdColumn::data_type(world);
    schema(&[
        ("shop_id", id.clone()),
        ("order_id", id.clone()),
        ("line_id", id.clone()),
        ("publisher_id", id),
        ("plan", DataType::Utf8),
        ("clicked_at", Times::TYPE),
        ("paid_at", Times::TYPE),
        ("settled_at", Times::TYPE),
        ("estimated_commission", Money::TYPE),
        ("settled_commission", Money::TYPE),
        ("clawed_back", Money::TYPE),
        ("modified_at", Times::TYPE),
    ])
}

/// The rows of these versions.
pub fn batch(world: &World, events: &[Event]) -> Result<RecordBatch> {
    let mut ids: [IdColumn; 4] = std::array::from_fn(|_| IdColumn::new(world));
    let mut times: [Times; 4] = std::array::from_fn(|_| Times::default());
    let mut money: [Money; 3] = std::array::from_fn(|_| Money::default());
    let mut plans = StringBuilder::new();
    for event in events {
        let Event { modified, customer, number, created } = *event;
        let shop = world.shop_of(customer);
        let order = Order::new(world, shop, customer, number, created);
        let Some(brought) = brought(world, shop, customer, number, &order) else { continue };
        let Some(publisher) = PUBLISHERS.get(brought.publisher) else { continue };
        let order_id = ids::order(customer, created);
        let basket = basket(world, shop, customer, number, created);
        let lines = (0u8..).zip(basket.lines.iter().take(usize::from(order.lines)));
        let mut whole = (0, 0, 0);
        for (at, line) in lines {
            let estimated = line.paid * publisher.rate / 1_000;
            // What the publisher loses of what the customer gets back by a second.
            let lost = |by: u32| order.refunded(at, line.paid, by) * publisher.rate / 1_000;
            let row = (estimated, estimated - lost(brought.settled.min(modified)), lost(modified));
            if publisher.is_of_orders {
                whole = (whole.0 + row.0, whole.1 + row.1, whole.2 + row.2);
            }
            let is_last = at + 1 == order.lines;
            if publisher.is_of_orders && !is_last {
                continue;
            }
            let (estimated, settled, clawed_back) = if publisher.is_of_orders { whole } else { row };
            let line_id = (!publisher.is_of_orders).then(|| ids::line(order_id, at, order.lines));
            for (ids, id) in ids.iter_mut().zip([Some(ids::shop(shop)), Some(order_id), line_id, Some(publisher.id)]) {
                ids.push(id);
            }
            plans.append_option(publisher.plan);
            let settled_at = if brought.settled <= modified { brought.settled } else { NEVER };
            for (times, second) in times.iter_mut().zip([brought.clicked, order.paid, settled_at, modified]) {
                times.push(world, second);
            }
            let settled = (settled_at != NEVER).then_some(settled);
            for (money, fen) in money.iter_mut().zip([Some(estimated), settled, (clawed_back > 0).then_some(clawed_back)]) {
                money.push(fen);
            }
        }
    }
    let [shop, order, line, publisher] = ids.map(IdColumn::finish);
    let [clicked, paid, settled, modified] = times.map(Times::finish);
    let [estimated, commission, clawed_back] = money.map(Money::finish);
    let arrays =
        vec![shop, order, line, publisher, Arc::new(plans.finish()), clicked, paid, settled, estimated, commission, clawed_back, modified];
    Ok(RecordBatch::try_new(columns(world), arrays)?)
}
