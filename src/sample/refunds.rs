//! Rows of the refunds input: an application for each line concerned, first open, then decided.

use std::sync::Arc;

use arrow::array::{BooleanBuilder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, SchemaRef};

use super::basket::basket;
use super::columns::{Money, Times, schema};
use super::event::Event;
use super::ids::{self, IdColumn};
use super::order::{NEVER, Order};
use super::world::World;
use crate::error::Result;

const REASONS: [&str; 6] = ["七天无理由退换货", "质量问题", "与描述不符", "未按约定时间发货", "拍错或多拍", "协商一致退款"];

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
    pub reason: &'static str,
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
        let basket = basket(world, shop, customer, number, created);
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
                reason: REASONS[usize::from(refund.reason) % REASONS.len()],
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
        reason.append_value(row.reason);
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
