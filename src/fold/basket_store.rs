//! Basket store: what customers bought together and one after the other, in a few bytes for each line.

use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowPrimitiveType, PrimitiveArray};
use arrow::buffer::ScalarBuffer;
use arrow::datatypes::{DataType, Field, Int32Type, Schema, UInt8Type, UInt32Type};
use arrow::record_batch::RecordBatch;

use super::codes::{CodeOf, coded};
use super::state_column::values;
use crate::error::{Error, Result};
use crate::spec::Day;

/// An order with more different items is left out: its pairs grow with the square of their number. 100 items are 4,950 pairs.
pub const MOST_ITEMS: usize = 100;

/// Items in a chunk, about. Chunks grow no further, so that no memory is copied when they become large.
const ENOUGH: usize = 1 << 20;

/// Customers with their orders, and the distinct items of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chunk {
    /// By customer: the code of the shop.
    shops: ScalarBuffer<u32>,
    /// By customer: how many of the orders are the customer's.
    orders: ScalarBuffer<u32>,
    /// By order: the day on which it was paid.
    days: ScalarBuffer<i32>,
    /// By order: how many of the items are in it.
    sizes: ScalarBuffer<u8>,
    /// Codes of items, ascending within an order.
    items: ScalarBuffer<u32>,
}

impl Chunk {
    /// Calls `each` with the shop of each order and its items, ascending.
    pub fn each_order(&self, mut each: impl FnMut(u32, &[u32])) {
        self.each_customer(|shop, orders| orders.each(|_, items| each(shop, items)));
    }

    /// Calls `each` with the shop of each customer and the customer's orders.
    pub fn each_customer(&self, mut each: impl FnMut(u32, Orders<'_>)) {
        let (mut days, mut sizes, mut items) = (&self.days[..], &self.sizes[..], &self.items[..]);
        for (shop, count) in self.shops.iter().zip(self.orders.iter()) {
            let (own_days, other_days) = days.split_at((*count as usize).min(days.len()));
            let (own_sizes, other_sizes) = sizes.split_at(own_days.len().min(sizes.len()));
            let length: usize = own_sizes.iter().map(|size| usize::from(*size)).sum();
            let (own_items, other_items) = items.split_at(length.min(items.len()));
            each(*shop, Orders { days: own_days, sizes: own_sizes, items: own_items });
            (days, sizes, items) = (other_days, other_sizes, other_items);
        }
    }

    /// The state: three batches.
    pub(super) fn state(self) -> Result<[RecordBatch; 3]> {
        let field = |name: &str, data_type: DataType| Field::new(name, data_type, false);
        let batch = |fields: Vec<Field>, columns: Vec<ArrayRef>| RecordBatch::try_new(Arc::new(Schema::new(fields)), columns);
        let Chunk { shops, orders, days, sizes, items } = self;
        Ok([
            batch(
                vec![coded(field("shop", DataType::UInt32), CodeOf::Shop), field("basket_orders", DataType::UInt32)],
                vec![array::<UInt32Type>(shops), array::<UInt32Type>(orders)],
            )?,
            batch(
                vec![field("day", DataType::Int32), field("basket_items", DataType::UInt8)],
                vec![array::<Int32Type>(days), array::<UInt8Type>(sizes)],
            )?,
            batch(vec![coded(field("item", DataType::UInt32), CodeOf::Item)], vec![array::<UInt32Type>(items)])?,
        ])
    }

    /// The chunk of such a state, which shares its memory.
    pub(super) fn of([customers, orders, items]: [&RecordBatch; 3]) -> Result<Self> {
        let chunk = Chunk {
            shops: values::<UInt32Type>(customers, "shop")?.clone(),
            orders: values::<UInt32Type>(customers, "basket_orders")?.clone(),
            days: values::<Int32Type>(orders, "day")?.clone(),
            sizes: values::<UInt8Type>(orders, "basket_items")?.clone(),
            items: values::<UInt32Type>(items, "item")?.clone(),
        };
        let of_customers: u64 = chunk.orders.iter().map(|count| u64::from(*count)).sum();
        let of_orders: u64 = chunk.sizes.iter().map(|size| u64::from(*size)).sum();
        if of_customers != chunk.days.len() as u64 || of_orders != chunk.items.len() as u64 {
            return Err(Error::bug("a state of baskets has other numbers of orders or items than it says"));
        }
        Ok(chunk)
    }
}

/// The orders of a customer.
#[derive(Debug, Clone, Copy)]
pub struct Orders<'a> {
    days: &'a [Day],
    sizes: &'a [u8],
    items: &'a [u32],
}

impl Orders<'_> {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.days.len()
    }

    /// Calls `each` with the day of each order and its items, ascending.
    pub fn each(&self, mut each: impl FnMut(Day, &[u32])) {
        let mut items = self.items;
        for (day, size) in self.days.iter().zip(self.sizes) {
            let (own, others) = items.split_at(usize::from(*size).min(items.len()));
            each(*day, own);
            items = others;
        }
    }
}

fn array<T: ArrowPrimitiveType>(values: ScalarBuffer<T::Native>) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::new(values, None))
}

/// A chunk that is being filled, and those that are full.
#[derive(Debug, Default)]
pub(super) struct Store {
    full: Vec<Chunk>,
    shops: Vec<u32>,
    orders: Vec<u32>,
    days: Vec<Day>,
    sizes: Vec<u8>,
    items: Vec<u32>,
}

impl Store {
    /// Adds a customer with orders, each a day and its items, of which there are [`MOST_ITEMS`] at most.
    pub fn push<'a>(&mut self, shop: u32, orders: impl Iterator<Item = (Day, &'a [u32])>) {
        let before = self.days.len();
        for (day, items) in orders {
            self.days.push(day);
            self.sizes.push(items.len().min(MOST_ITEMS) as u8);
            self.items.extend(items.iter().take(MOST_ITEMS));
        }
        if self.days.len() > before {
            self.shops.push(shop);
            self.orders.push((self.days.len() - before) as u32);
        }
        if self.items.len() >= ENOUGH {
            self.seal();
        }
    }

    /// Adds a chunk of another store.
    pub fn add(&mut self, chunk: Chunk) {
        if !chunk.shops.is_empty() {
            self.full.push(chunk);
        }
    }

    fn seal(&mut self) {
        fn full<T: arrow::datatypes::ArrowNativeType>(values: &mut Vec<T>) -> ScalarBuffer<T> {
            let mut values = std::mem::take(values);
            values.shrink_to_fit();
            ScalarBuffer::from(values)
        }
        if !self.shops.is_empty() {
            let Store { full: chunks, shops, orders, days, sizes, items } = self;
            chunks.push(Chunk { shops: full(shops), orders: full(orders), days: full(days), sizes: full(sizes), items: full(items) });
        }
    }

    /// Takes all chunks; the store is empty then.
    pub fn take_chunks(&mut self) -> Vec<Chunk> {
        self.seal();
        std::mem::take(&mut self.full)
    }
}
