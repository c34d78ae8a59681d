//! Item day fold: what was paid for each item on each of the last days, and by how many customers.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, Int64Array, UInt32Array};
use arrow::datatypes::{DataType, Field, Int32Type, Int64Type, Schema, UInt32Type};
use arrow::record_batch::RecordBatch;

use super::super::codes::{CodeOf, coded};
use super::super::spec::{FoldSpec, Pace};
use super::super::state_column::values;
use crate::error::Result;
use crate::history::{Context, Fold, History, ItemLine};
use crate::input::records::item_traffic::ITEM_TRAFFIC_DAYS;
use crate::spec::Day;

/// Sales in no order that are kept before they are sorted and added up.
const LOOSE: usize = 1 << 16;

/// Days of an item, on average, beyond which a thread hands its sales over although their items are few.
const DAYS_OF_ITEM: usize = 4;

/// What was paid for items, day by day.
pub static ITEM_DAYS: FoldSpec<ItemDayFold> =
    FoldSpec { name: "item_day_sales", version: 1, pace: Pace::AsTheyCome, new: |context, _| ItemDayFold::new(context) };

/// What was paid for an item on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemDaySales {
    /// The code of the shop.
    pub shop: u32,
    /// The code of the item.
    pub item: u32,
    /// The day.
    pub day: Day,
    /// Orders with it paid on the day.
    pub orders: u32,
    /// Distinct customers who paid these.
    pub buyers: u32,
    /// Pieces in them.
    pub quantity: i64,
    /// What was paid for it, in minor units.
    pub paid_amount: i64,
}

impl ItemDaySales {
    fn key(&self) -> (u32, u32, Day) {
        (self.shop, self.item, self.day)
    }

    fn add(&mut self, other: &ItemDaySales) {
        self.orders = self.orders.saturating_add(other.orders);
        self.buyers = self.buyers.saturating_add(other.buyers);
        self.quantity += other.quantity;
        self.paid_amount += other.paid_amount;
    }
}

/// Gathers the sales of the last [`ITEM_TRAFFIC_DAYS`] by shop, item and day.
#[derive(Debug)]
pub struct ItemDayFold {
    /// The last day before those.
    before: Day,
    sales: Vec<ItemDaySales>,
    /// How many of the first are sorted, each key once.
    sorted: usize,
    /// Those of the current customer.
    own: Vec<ItemDaySales>,
    /// The lines of the current order, by item.
    lines: Vec<ItemLine>,
}

/// Sorts sales and makes one of those of the same item and day.
fn add_up(sales: &mut Vec<ItemDaySales>) {
    sales.sort_unstable_by_key(ItemDaySales::key);
    sales.dedup_by(|more, kept| {
        let is_same = more.key() == kept.key();
        if is_same {
            kept.add(more);
        }
        is_same
    });
}

impl ItemDayFold {
    /// A fold that has seen nobody.
    pub fn new(context: &Context) -> Self {
        ItemDayFold {
            before: context.as_of.saturating_sub(ITEM_TRAFFIC_DAYS),
            sales: Vec::new(),
            sorted: 0,
            own: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// The sales, ascending by shop, item and day.
    pub fn into_sales(mut self) -> Vec<ItemDaySales> {
        self.settle(0);
        self.sales
    }

    /// Adds up the sales if more than so many are loose.
    fn settle(&mut self, loose: usize) {
        if self.sales.len() - self.sorted > loose {
            add_up(&mut self.sales);
            self.sorted = self.sales.len();
        }
    }

    /// Adds up the sales where as many came as half of those that are sorted.
    fn settle_many(&mut self) {
        self.settle((self.sorted >> 1).max(LOOSE));
    }
}

impl Fold for ItemDayFold {
    fn update(&mut self, history: &History<'_>) {
        self.own.clear();
        for (order, lines) in history.orders_with_items().filter(|(order, _)| order.paid_day > self.before) {
            self.lines.clear();
            self.lines.extend_from_slice(lines);
            self.lines.sort_unstable_by_key(|line| line.item);
            // An order counts once for each of its items.
            self.own.extend(self.lines.chunk_by(|one, next| one.item == next.item).filter_map(|lines| {
                Some(ItemDaySales {
                    shop: history.shop,
                    item: lines.first()?.item,
                    day: order.paid_day,
                    orders: 1,
                    buyers: 0,
                    quantity: lines.iter().map(|line| i64::from(line.quantity)).sum(),
                    paid_amount: lines.iter().map(|line| line.paid_amount).sum(),
                })
            }));
        }
        add_up(&mut self.own);
        // A customer counts once a day; those who are not named do not count.
        let buyers = u32::from(!history.is_anonymous);
        self.own.iter_mut().for_each(|sales| sales.buyers = buyers);
        self.sales.append(&mut self.own);
        self.settle_many();
    }

    fn counts_anonymous_orders(&self) -> bool {
        true
    }

    fn reads_lines(&self) -> bool {
        true
    }

    fn hand_over(&mut self, most: usize) -> Result<Vec<RecordBatch>> {
        if self.sales.len() > most.saturating_mul(DAYS_OF_ITEM) { self.state() } else { Ok(Vec::new()) }
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        self.settle(0);
        let sales = std::mem::take(&mut self.sales);
        self.sorted = 0;
        let codes = |value: fn(&ItemDaySales) -> u32| Arc::new(UInt32Array::from_iter_values(sales.iter().map(value))) as ArrayRef;
        let sums = |value: fn(&ItemDaySales) -> i64| Arc::new(Int64Array::from_iter_values(sales.iter().map(value))) as ArrayRef;
        let days: ArrayRef = Arc::new(Int32Array::from_iter_values(sales.iter().map(|sales| sales.day)));
        let field = |name: &str, data_type: DataType| Field::new(name, data_type, false);
        let fields = vec![
            coded(field("shop", DataType::UInt32), CodeOf::Shop),
            coded(field("item", DataType::UInt32), CodeOf::Item),
            field("day", DataType::Int32),
            field("orders", DataType::UInt32),
            field("buyers", DataType::UInt32),
            field("quantity", DataType::Int64),
            field("paid_amount", DataType::Int64),
        ];
        let arrays = vec![
            codes(|of| of.shop),
            codes(|of| of.item),
            days,
            codes(|of| of.orders),
            codes(|of| of.buyers),
            sums(|of| of.quantity),
            sums(|of| of.paid_amount),
        ];
        Ok(vec![RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        for batch in state {
            let (shop, item) = (values::<UInt32Type>(batch, "shop")?, values::<UInt32Type>(batch, "item")?);
            let (day, orders) = (values::<Int32Type>(batch, "day")?, values::<UInt32Type>(batch, "orders")?);
            let (buyers, quantity) = (values::<UInt32Type>(batch, "buyers")?, values::<Int64Type>(batch, "quantity")?);
            let paid_amount = values::<Int64Type>(batch, "paid_amount")?;
            self.sales.extend((0..batch.num_rows()).map(|row| ItemDaySales {
                shop: shop[row],
                item: item[row],
                day: day[row],
                orders: orders[row],
                buyers: buyers[row],
                quantity: quantity[row],
                paid_amount: paid_amount[row],
            }));
        }
        self.settle_many();
        Ok(())
    }
}
