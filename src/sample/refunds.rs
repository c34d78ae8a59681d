//! Rows of the refunds input: an application for each line concerned, first open, then decided.

use std::sync::Arc;

use arrow::array::{BooleanBuilder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, SchemaRef};

use super::basket::basket;
use super::columns::{Money, Times, schema};
use super::event::Event;
use super::ids::{self, IdColumn};
use super::order::{NEVER, Order};
use super::refill::{REFILL, is_refill};
use super::shop::Shop;
use super::world::World;
use crate::error::Result;

/// The reasons of which customers choose; `None` is a refund without one.
const REASONS: [Option<&str>; 6] =
    [Some("七天无理由"), Some("质量问题"), Some("不喜欢/不想要"), Some("未按约定时间发货"), Some("多拍/拍错"), None];

/// By main category: for what most customers send back the items that have a fault.
pub(super) const FAULTS: [&str; 3] = ["大小/尺寸与商品描述不符", "包装/商品破损", "生产日期/保质期与商品描述不符"];

/// One of so many items has a fault.
const EVERY: u64 = 5;

/// The reason for which a customer sends an item back, by the number that was drawn for it. Of the refunds of an item with a fault two of three
/// name it.
fn reason(shop: &Shop, item: u64, drawn: u8) -> Option<&'static str> {
    let has_fault = (item + shop.index as u64).is_multiple_of(EVERY);
    let fault = FAULTS.get(shop.category).filter(|_| has_fault && drawn >= 2).copied();
    fault.or_else(|| REASONS.get(usize::from(drawn)).copied().flatten())
}

/// One row.
#[derive(Debug, Clone)]
pub struct Row {
    /// The shop's id.
    pub shop: i64,
    /// The application's id.
    pub refund: i64,
    /// The order's id; missing in some bad rows.
    pub order: Option<i64>,
    /// The line's id.
    pub line: i64,
    /// When it was opened.
    pub opened: u32,
    /// When it was decided, or [`NEVER`].
    pub completed: u32,
    /// The amount in fen.
    pub amount: i64,
    /// `open`, `success`, `closed`.
    pub status: &'static str,
    /// Whether the platform intervened.
    pub is_intervened: bool,
    /// The reason that the customer gave.
    pub reason: Option<&'static str>,
    /// The second of the version.
    pub modified: u32,
}

/// The columns.
pub fn columns(world: &World) -> SchemaRef {
    let id = IdColumn::data_type(world);
    schema(&[
        ("shop_id", id.clone()),
        ("refund_id", id.clone()),
        ("order_id", id.clone()),
        ("line_id", id),
        ("created_at", Times::TYPE),
        ("completed_at", Times::TYPE),
        ("amount", Money::TYPE),
        ("status", DataType::Utf8),
        ("intervened", DataType::Boolean),
        ("reason", DataType::Utf8),
        ("modified_at", Times::TYPE),
    ])
}

/// The rows of these versions of applications.
pub fn batch(world: &World, events: &[Event]) -> Result<RecordBatch> {
    let mut rows = Vec::with_capacity(events.len());
    for event in events {
        let Event { modified, customer, number, created } = *event;
        let shop = world.shop_of(customer);
        let order = Order::new(world, shop, customer, number, created);
        let Some(refund) = order.refund else { continue };
        let mut basket = basket(world, shop, customer, number, created);
        if is_refill(world, shop, customer, number) {
            let [first, ..] = &mut basket.lines;
            first.item = REFILL;
        }
        let order_id = ids::order(customer, created);
        let is_decided = refund.decided <= modified;
        for (at, line) in (0u8..).zip(basket.lines.iter().take(usize::from(order.lines))) {
            if refund.line.is_some_and(|only| only != at) {
                continue;
            }
            let line_id = ids::line(order_id, at, order.lines);
            rows.push(Row {
                shop: ids::shop(shop),
                refund: ids::refund(line_id),
                order: Some(order_id),
                line: line_id,
                opened: refund.opened,
                completed: if is_decided { refund.decided } else { NEVER },
                amount: refund.amount(at, line.paid),
                status: if !is_decided {
                    "open"
                } else if refund.is_granted {
                    "success"
                } else {
                    "closed"
                },
                // The platform intervenes while the application is open.
                is_intervened: refund.is_intervened && is_decided,
                reason: reason(shop, line.item, refund.reason),
                modified,
            });
        }
    }
    finish(world, &rows)
}

/// The batch of these rows.
pub fn finish(world: &World, rows: &[Row]) -> Result<RecordBatch> {
    let mut ids: [IdColumn; 4] = std::array::from_fn(|_| IdColumn::new(world));
    let mut times: [Times; 3] = std::array::from_fn(|_| Times::default());
    let mut amount = Money::default();
    let (mut status, mut reason) = (StringBuilder::new(), StringBuilder::new());
    let mut intervened = BooleanBuilder::new();
    for row in rows {
        for (ids, id) in ids.iter_mut().zip([Some(row.shop), Some(row.refund), row.order, Some(row.line)]) {
            ids.push(id);
        }
        for (times, second) in times.iter_mut().zip([row.opened, row.completed, row.modified]) {
            times.push(world, second);
        }
        amount.push(Some(row.amount));
        status.append_value(row.status);
        intervened.append_value(row.is_intervened);
        reason.append_option(row.reason);
    }
    let [shop, refund, order, line] = ids.map(IdColumn::finish);
    let [opened, completed, modified] = times.map(Times::finish);
    let arrays = vec![
        shop,
        refund,
        order,
        line,
        opened,
        completed,
        amount.finish(),
        Arc::new(status.finish()),
        Arc::new(intervened.finish()),
        Arc::new(reason.finish()),
        modified,
    ];
    Ok(RecordBatch::try_new(columns(world), arrays)?)
}
