//! Item month fold: what was paid for each item in each month, and on which day of the month first.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, Int64Array, UInt32Array};
use arrow::datatypes::{DataType, Field, Int32Type, Int64Type, Schema, UInt32Type};
use arrow::record_batch::RecordBatch;

use super::super::codes::{CodeOf, coded};
use super::super::spec::{FoldSpec, Pace};
use super::super::state_column::values;
use crate::error::Result;
use crate::history::{Fold, History};
use crate::spec::{Day, Grain};

/// Sales in no order that are kept before they are sorted and added up.
const LOOSE: usize = 1 << 16;

/// What was paid for items, month by month.
pub static ITEM_MONTHS: FoldSpec<ItemMonthFold> =
    FoldSpec { name: "item_months", version: 1, pace: Pace::AsTheyCome, new: |_, _| ItemMonthFold::default() };

/// What was paid for an item in a month: 24 bytes, since items may be millions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemMonth {
    /// The code of the shop.
    pub shop: u32,
    /// The code of the item.
    pub item: u32,
    /// The first day of the month on which an order with it was paid, which says the month too.
    pub first_day: Day,
    /// What was paid for it in the month, in minor units.
    pub paid_amount: i64,
}

impl ItemMonth {
    /// The number of the month, as [`Grain::Month`] counts them.
    pub fn month(&self) -> i32 {
        Grain::Month.index(self.first_day)
    }

    fn key(&self) -> (u32, u32, Day) {
        (self.shop, self.item, self.first_day)
    }
}

/// Gathers what was paid for items by shop, item and month.
#[derive(Debug, Default)]
pub struct ItemMonthFold {
    sales: Vec<ItemMonth>,
    /// How many of the first are sorted, each month of an item once.
    sorted: usize,
}

/// Sorts sales and makes one of those of the same item and month. Days have the order of their months.
fn add_up(sales: &mut Vec<ItemMonth>) {
    sales.sort_unstable_by_key(ItemMonth::key);
    sales.dedup_by(|more, kept| {
        let is_same = (more.shop, more.item) == (kept.shop, kept.item) && more.month() == kept.month();
        if is_same {
            kept.paid_amount += more.paid_amount;
        }
        is_same
    });
}

impl ItemMonthFold {
    /// What was paid, ascending by shop, item and month.
    pub fn sales(&self) -> Cow<'_, [ItemMonth]> {
        if self.sorted == self.sales.len() {
            return Cow::Borrowed(&self.sales);
        }
        let mut sales = self.sales.clone();
        add_up(&mut sales);
        Cow::Owned(sales)
    }

    fn settle(&mut self, loose: usize) {
        if self.sales.len() - self.sorted > loose {
            add_up(&mut self.sales);
            self.sorted = self.sales.len();
        }
    }
}

impl Fold for ItemMonthFold {
    fn update(&mut self, history: &History<'_>) {
        for (order, lines) in history.orders_with_items() {
            self.sales.extend(lines.iter().map(|line| ItemMonth {
                shop: history.shop,
                item: line.item,
                first_day: order.paid_day,
                paid_amount: line.paid_amount,
            }));
        }
        self.settle(self.sorted.max(LOOSE));
    }

    fn counts_anonymous_orders(&self) -> bool {
        true
    }

    fn reads_lines(&self) -> bool {
        true
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        self.settle(0);
        let sales = std::mem::take(&mut self.sales);
        self.sorted = 0;
        let codes = |value: fn(&ItemMonth) -> u32| Arc::new(UInt32Array::from_iter_values(sales.iter().map(value))) as ArrayRef;
        let days: ArrayRef = Arc::new(Int32Array::from_iter_values(sales.iter().map(|sales| sales.first_day)));
        let amounts: ArrayRef = Arc::new(Int64Array::from_iter_values(sales.iter().map(|sales| sales.paid_amount)));
        let field = |name: &str, data_type: DataType| Field::new(name, data_type, false);
        let fields = vec![
            coded(field("shop", DataType::UInt32), CodeOf::Shop),
            coded(field("item", DataType::UInt32), CodeOf::Item),
            field("first_day", DataType::Int32),
            field("paid_amount", DataType::Int64),
        ];
        let arrays = vec![codes(|of| of.shop), codes(|of| of.item), days, amounts];
        Ok(vec![RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        for batch in state {
            let (shops, items) = (values::<UInt32Type>(batch, "shop")?, values::<UInt32Type>(batch, "item")?);
            let (days, amounts) = (values::<Int32Type>(batch, "first_day")?, values::<Int64Type>(batch, "paid_amount")?);
            let rows = shops.iter().zip(items).zip(days).zip(amounts);
            self.sales.extend(rows.map(|(((shop, item), first_day), paid_amount)| ItemMonth {
                shop: *shop,
                item: *item,
                first_day: *first_day,
                paid_amount: *paid_amount,
            }));
        }
        self.settle(0);
        Ok(())
    }
}
