//! Rows of the orders input: the lines of an order in the state of a version.

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Builder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, SchemaRef};

use super::basket::{Line, PROVINCES, basket, category};
use super::columns::{Money, Times, schema};
use super::customer::CHANNELS;
use super::event::Event;
use super::ids::{self, IdColumn};
use super::order::{NEVER, Order};
use super::promotion::{PROMOTIONS, discount, promotion};
use super::refill::{REFILL, is_refill};
use super::renamed::person_at;
use super::title::Title;
use super::world::World;
use crate::error::Result;

/// One row.
#[derive(Debug, Clone)]
pub struct Row {
    /// The shop's id.
    pub shop: i64,
    /// The order's id; missing in some bad rows.
    pub order: Option<i64>,
    /// The line's id.
    pub line: i64,
    /// The person who is the customer; missing in some bad rows.
    pub person: Option<u64>,
    /// The second in which it was placed.
    pub created: u32,
    /// The second in which it was paid, or [`NEVER`].
    pub paid_at: u32,
    /// The second in which it was shipped, or [`NEVER`].
    pub shipped: u32,
    /// The second in which receipt was confirmed, or [`NEVER`].
    pub completed: u32,
    /// The TOP trade status.
    pub status: &'static str,
    /// The amount when placed, in fen.
    pub ordered: i64,
    /// The amount paid so far, in fen.
    pub paid: Option<i64>,
    /// The amount refunded so far, in fen.
    pub refunded: Option<i64>,
    /// Pieces.
    pub quantity: i32,
    /// The item's id.
    pub item: i64,
    /// The id of the item's category.
    pub category: i64,
    /// The channel, if known.
    pub channel: Option<&'static str>,
    /// The province, if known.
    pub province: Option<&'static str>,
    /// The second of the version.
    pub modified: u32,
    /// The promotion, if known.
    pub promotion: Option<&'static str>,
    /// What was taken off the list price, in fen, if known.
    pub discount: Option<i64>,
    /// What the shop calls the item.
    pub title: Title,
}

/// The columns.
pub fn columns(world: &World) -> SchemaRef {
    let id = IdColumn::data_type(world);
    schema(&[
        ("shop_id", id.clone()),
        ("order_id", id.clone()),
        ("line_id", id.clone()),
        ("customer_id", id.clone()),
        ("created_at", Times::TYPE),
        ("paid_at", Times::TYPE),
        ("shipped_at", Times::TYPE),
        ("completed_at", Times::TYPE),
        ("status", DataType::Utf8),
        ("order_amount", Money::TYPE),
        ("paid_amount", Money::TYPE),
        ("refund_amount", Money::TYPE),
        ("quantity", DataType::Int32),
        ("item_id", id.clone()),
        ("category_id", id),
        ("channel", DataType::Utf8),
        ("province", DataType::Utf8),
        ("modified_at", Times::TYPE),
        ("promotion", DataType::Utf8),
        ("discount_amount", Money::TYPE),
        ("item_title", DataType::Utf8),
    ])
}

/// The rows of these versions.
pub fn batch(world: &World, events: &[Event]) -> Result<RecordBatch> {
    let mut builder = Builder::new(world);
    for event in events {
        rows(world, event, |row| builder.push(world, row));
    }
    builder.finish(world)
}

/// The rows of one version, line by line.
pub fn rows(world: &World, event: &Event, mut each: impl FnMut(&Row)) {
    let Event { modified, customer, number, created } = *event;
    let shop = world.shop_of(customer);
    let order = Order::new(world, shop, customer, number, created);
    let mut basket = basket(world, shop, customer, number, created);
    if is_refill(world, shop, customer, number) {
        let [first, ..] = &mut basket.lines;
        (first.item, first.category) = (REFILL, category(shop, REFILL));
    }
    let order_id = ids::order(customer, created);
    let person = person_at(world, shop, customer, modified);
    let promotion = promotion(world, shop, customer, number, created, &basket, usize::from(order.lines));
    let by = |second: u32| if second <= modified { second } else { NEVER };
    for (at, line) in (0u8..).zip(basket.lines.iter().take(usize::from(order.lines))) {
        let Line { item, category, quantity, listed, ordered, paid } = *line;
        let refunded = order.refunded(at, paid, modified);
        let is_paid = by(order.paid) != NEVER;
        each(&Row {
            shop: ids::shop(shop),
            order: Some(order_id),
            line: ids::line(order_id, at, order.lines),
            person: Some(person),
            created,
            paid_at: by(order.paid),
            shipped: by(order.shipped),
            completed: by(order.completed),
            status: status(&order, modified, refunded > 0 && refunded >= paid),
            ordered,
            paid: is_paid.then_some(paid),
            refunded: (refunded > 0).then_some(refunded),
            quantity,
            item: ids::item(shop, item),
            category: ids::category(category),
            channel: basket.channel.and_then(|channel| CHANNELS.get(channel)).map(|channel| channel.0),
            province: basket.province.and_then(|province| PROVINCES.get(province)).map(|province| province.0),
            modified,
            promotion: promotion.and_then(|promotion| PROMOTIONS.get(promotion)).copied(),
            discount: promotion.map(|promotion| discount(promotion, listed, paid)),
            title: Title::of(world, shop, item, created),
        });
    }
}

/// The status of a line at a time, in the terms of the Taobao Open Platform.
fn status(order: &Order, at: u32, is_refunded: bool) -> &'static str {
    if is_refunded {
        "TRADE_CLOSED"
    } else if order.closed <= at {
        "TRADE_CLOSED_BY_TAOBAO"
    } else if order.completed <= at {
        "TRADE_FINISHED"
    } else if order.shipped <= at {
        "WAIT_BUYER_CONFIRM_GOODS"
    } else if order.paid <= at {
        "WAIT_SELLER_SEND_GOODS"
    } else {
        "WAIT_BUYER_PAY"
    }
}

/// Collects rows for a batch.
#[derive(Debug)]
pub struct Builder {
    ids: [IdColumn; 6],
    times: [Times; 5],
    money: [Money; 4],
    status: StringBuilder,
    quantity: Int32Builder,
    channel: StringBuilder,
    province: StringBuilder,
    promotion: StringBuilder,
    title: StringBuilder,
}

impl Builder {
    /// Without rows.
    pub fn new(world: &World) -> Self {
        Builder {
            ids: std::array::from_fn(|_| IdColumn::new(world)),
            times: std::array::from_fn(|_| Times::default()),
            money: std::array::from_fn(|_| Money::default()),
            status: StringBuilder::new(),
            quantity: Int32Builder::new(),
            channel: StringBuilder::new(),
            province: StringBuilder::new(),
            promotion: StringBuilder::new(),
            title: StringBuilder::new(),
        }
    }

    /// Adds a row.
    pub fn push(&mut self, world: &World, row: &Row) {
        let [shop, order, line, customer, item, category] = &mut self.ids;
        shop.push(Some(row.shop));
        order.push(row.order);
        line.push(Some(row.line));
        customer.push_person(row.person);
        item.push(Some(row.item));
        category.push(Some(row.category));
        for (times, second) in self.times.iter_mut().zip([row.created, row.paid_at, row.shipped, row.completed, row.modified]) {
            times.push(world, second);
        }
        for (money, fen) in self.money.iter_mut().zip([Some(row.ordered), row.paid, row.refunded, row.discount]) {
            money.push(fen);
        }
        self.status.append_value(row.status);
        self.quantity.append_value(row.quantity);
        self.channel.append_option(row.channel);
        self.province.append_option(row.province);
        self.promotion.append_option(row.promotion);
        // Writing to memory does not fail.
        let _ = write!(self.title, "{}", row.title);
        self.title.append_value("");
    }

    /// The batch.
    pub fn finish(mut self, world: &World) -> Result<RecordBatch> {
        let [shop, order, line, customer, item, category] = self.ids.map(IdColumn::finish);
        let [created, paid_at, shipped, completed, modified] = self.times.map(Times::finish);
        let [ordered, paid, refunded, discount] = self.money.map(Money::finish);
        let status: ArrayRef = Arc::new(self.status.finish());
        let quantity: ArrayRef = Arc::new(self.quantity.finish());
        let channel: ArrayRef = Arc::new(self.channel.finish());
        let province: ArrayRef = Arc::new(self.province.finish());
        let promotion: ArrayRef = Arc::new(self.promotion.finish());
        let title: ArrayRef = Arc::new(self.title.finish());
        let arrays = vec![
            shop, order, line, customer, created, paid_at, shipped, completed, status, ordered, paid, refunded, quantity, item, category,
            channel, province, modified, promotion, discount, title,
        ];
        Ok(RecordBatch::try_new(columns(world), arrays)?)
    }
}
