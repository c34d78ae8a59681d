//! Last purchases of items, for the lists: when each customer last bought each item, and how many pieces.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, UInt32Array};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, UInt32Type};
use arrow::record_batch::RecordBatch;

use super::super::codes::{CodeOf, coded};
use super::super::customer::keys::{CustomerIds, mixed};
use super::super::spec::{FoldSpec, Pace};
use super::super::state_column::values;
use crate::error::Result;
use crate::history::{Context, Fold, History};
use crate::spec::{Day, Id};

/// Days before the as-of date in which a last purchase must lie: what was bought earlier has run out long ago.
pub const LONGEST: Day = 400;

/// When customers last bought items.
pub static LAST_BOUGHT: FoldSpec<LastBoughtFold> =
    FoldSpec { name: "last_bought", version: 1, pace: Pace::AsTheyCome, new: |context, _| LastBoughtFold::new(context) };

/// The last day on which a customer bought an item and kept some of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastBought {
    /// The code of the shop.
    pub shop: u32,
    /// The code of the item.
    pub item: u32,
    /// The day.
    pub day: Day,
    /// Pieces bought and kept on it.
    pub quantity: u32,
}

/// Collects the last purchases of each customer.
#[derive(Debug)]
pub struct LastBoughtFold {
    first: Day,
    ids: CustomerIds,
    rows: Vec<LastBought>,
    merged: Vec<RecordBatch>,
    has_mixed_ids: bool,
    /// What the current customer kept: item, day, pieces.
    kept: Vec<(u32, Day, u32)>,
}

/// The last purchases of all customers, in no order.
#[derive(Debug, Default)]
pub struct LastPurchases {
    ids: CustomerIds,
    rows: Vec<LastBought>,
}

impl LastPurchases {
    /// Calls `each` with every customer of every shop, in no order, and the customer's last purchases, ascending by item.
    pub fn each_customer<'a>(&'a self, mut each: impl FnMut(Id<'a>, &'a [LastBought])) {
        let mut rest = self.rows.as_slice();
        let mut start = 0;
        // Those of a customer of a shop lie beside each other, as the fold noted them.
        while let Some(first) = rest.first() {
            let customer = self.ids.get(start);
            let of = |(row, bought): &(usize, &LastBought)| bought.shop == first.shop && self.ids.get(start + row) == customer;
            let (own, others) = rest.split_at(rest.iter().enumerate().take_while(of).count().max(1));
            each(customer, own);
            (rest, start) = (others, start + own.len());
        }
    }
}

/// The day on which the customer of these purchases, ascending by item, last bought an item and kept some of it.
pub fn bought_on(bought: &[LastBought], item: u32) -> Option<Day> {
    let place = bought.binary_search_by_key(&item, |last| last.item).ok()?;
    bought.get(place).map(|last| last.day)
}

impl LastBoughtFold {
    /// A fold that has seen nobody.
    pub fn new(context: &Context) -> Self {
        LastBoughtFold {
            first: context.as_of.saturating_sub(LONGEST),
            ids: CustomerIds::default(),
            rows: Vec::new(),
            merged: Vec::new(),
            has_mixed_ids: false,
            kept: Vec::new(),
        }
    }

    /// All that was collected.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] if the ids of customers are of two types.
    pub fn finish(mut self) -> Result<LastPurchases> {
        let batches = self.batches()?;
        let ids: Vec<ArrayRef> = batches.iter().filter_map(|batch| batch.column_by_name("customer_id").cloned()).collect();
        let mut rows = Vec::new();
        for batch in &batches {
            let (shop, item) = (values::<UInt32Type>(batch, "shop")?, values::<UInt32Type>(batch, "item")?);
            let (day, quantity) = (values::<Int32Type>(batch, "day")?, values::<UInt32Type>(batch, "quantity")?);
            let of = shop.iter().zip(item).zip(day).zip(quantity);
            rows.extend(of.map(|(((shop, item), day), quantity)| LastBought { shop: *shop, item: *item, day: *day, quantity: *quantity }));
        }
        Ok(LastPurchases { ids: CustomerIds::concatenated(&ids)?, rows })
    }

    fn batches(&mut self) -> Result<Vec<RecordBatch>> {
        if std::mem::take(&mut self.has_mixed_ids) {
            return Err(mixed());
        }
        let mut batches = std::mem::take(&mut self.merged);
        let (ids, rows) = (std::mem::take(&mut self.ids), std::mem::take(&mut self.rows));
        if rows.is_empty() {
            return Ok(batches);
        }
        let codes = |value: fn(&LastBought) -> u32| Arc::new(UInt32Array::from_iter_values(rows.iter().map(value))) as ArrayRef;
        let days: ArrayRef = Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.day)));
        let field = |name: &str, data_type: DataType| Field::new(name, data_type, false);
        let ids = ids.into_array()?;
        let fields = vec![
            field("customer_id", ids.data_type().clone()),
            coded(field("shop", DataType::UInt32), CodeOf::Shop),
            coded(field("item", DataType::UInt32), CodeOf::Item),
            field("day", DataType::Int32),
            field("quantity", DataType::UInt32),
        ];
        let arrays = vec![ids, codes(|row| row.shop), codes(|row| row.item), days, codes(|row| row.quantity)];
        batches.push(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?);
        Ok(batches)
    }
}

impl Fold for LastBoughtFold {
    fn update(&mut self, history: &History<'_>) {
        self.kept.clear();
        for (order, lines) in history.orders_with_items() {
            let kept = lines.iter().filter(|line| line.is_kept(order));
            self.kept.extend(kept.map(|line| (line.item, order.paid_day, line.quantity)));
        }
        self.kept.sort_unstable();
        for of_item in self.kept.chunk_by(|one, next| one.0 == next.0) {
            let Some((item, day, _)) = of_item.last().copied().filter(|(_, day, _)| *day >= self.first) else { continue };
            let of_day = of_item.iter().filter(|(_, other, _)| *other == day);
            let quantity = of_day.fold(0_u32, |sum, (.., pieces)| sum.saturating_add(*pieces));
            if !self.ids.push(history.customer) {
                self.has_mixed_ids = true;
                return;
            }
            self.rows.push(LastBought { shop: history.shop, item, day, quantity });
        }
    }

    fn reads_lines(&self) -> bool {
        true
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        self.batches()
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        self.merged.extend_from_slice(state);
        Ok(())
    }
}
