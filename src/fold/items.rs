//! Item fold: the net revenue of each item of a shop.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, UInt32Array};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, UInt32Type};
use arrow::record_batch::RecordBatch;
use hashbrown::HashMap;

use super::codes::{CodeOf, coded};
use super::spec::{FoldSpec, Pace};
use super::state_column::values;
use crate::error::Result;
use crate::history::{Fold, History};

/// The net revenue of items.
pub static ITEMS: FoldSpec<ItemFold> = FoldSpec { name: "items", version: 1, pace: Pace::AsTheyCome, new: |_, _| ItemFold::default() };

/// Net revenue by shop and item, both codes. Items are many and differ between shops.
#[derive(Debug, Clone, Default)]
pub struct ItemFold {
    revenue: HashMap<(u32, u32), i64, foldhash::fast::FixedState>,
}

impl ItemFold {
    /// The net revenue of each item, in minor units, ascending by (shop, item).
    pub fn sorted(&self) -> Vec<((u32, u32), i64)> {
        let mut rows: Vec<((u32, u32), i64)> = self.revenue.iter().map(|(key, revenue)| (*key, *revenue)).collect();
        rows.sort_unstable();
        rows
    }

    /// Adds the net revenue of a line, in minor units.
    pub fn add(&mut self, shop: u32, item: u32, revenue: i64) {
        *self.revenue.entry((shop, item)).or_default() += revenue;
    }
}

impl Fold for ItemFold {
    fn update(&mut self, history: &History<'_>) {
        for (_, lines) in history.orders_with_items().filter(|(order, _)| order.is_purchase()) {
            lines.iter().for_each(|line| self.add(history.shop, line.item, line.net_revenue));
        }
    }

    fn reads_lines(&self) -> bool {
        true
    }

    fn counts_anonymous_orders(&self) -> bool {
        true
    }

    fn hand_over(&mut self, most: usize) -> Result<Vec<RecordBatch>> {
        if self.revenue.len() > most { self.state() } else { Ok(Vec::new()) }
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        let rows = std::mem::take(self).sorted();
        let shops: ArrayRef = Arc::new(UInt32Array::from_iter_values(rows.iter().map(|((shop, _), _)| *shop)));
        let items: ArrayRef = Arc::new(UInt32Array::from_iter_values(rows.iter().map(|((_, item), _)| *item)));
        let revenue: ArrayRef = Arc::new(Int64Array::from_iter_values(rows.iter().map(|(_, revenue)| *revenue)));
        let field = |name: &str, data_type: DataType| Field::new(name, data_type, false);
        let fields = vec![
            coded(field("shop", DataType::UInt32), CodeOf::Shop),
            coded(field("item", DataType::UInt32), CodeOf::Item),
            field("revenue", DataType::Int64),
        ];
        Ok(vec![RecordBatch::try_new(Arc::new(Schema::new(fields)), vec![shops, items, revenue])?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        for batch in state {
            let (shops, items) = (values::<UInt32Type>(batch, "shop")?, values::<UInt32Type>(batch, "item")?);
            let revenue = values::<Int64Type>(batch, "revenue")?;
            for ((shop, item), revenue) in shops.iter().zip(items).zip(revenue) {
                self.add(*shop, *item, *revenue);
            }
        }
        Ok(())
    }
}
