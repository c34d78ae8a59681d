//! Basket fold: how many orders and customers each item has, and which items were bought together or one after the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, UInt32Array};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, UInt32Type};
use arrow::record_batch::RecordBatch;
use hashbrown::HashMap;

use super::basket_store::{Chunk, MOST_ITEMS, Store};
use super::codes::{CodeOf, coded};
use super::spec::{FoldSpec, Pace};
use super::state_column::values;
use crate::error::{Error, Result};
use crate::history::{Fold, History};
use crate::spec::Day;

/// What was bought together, and one after the other.
pub static BASKETS: FoldSpec<BasketFold> =
    FoldSpec { name: "baskets", version: 1, pace: Pace::AsTheyCome, new: |_, _| BasketFold::default() };

/// Bytes that the baskets of a line take, about: where all customers come back, and all orders have two items.
pub const LINE_BYTES: u64 = 8;

/// Orders of a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ShopOrders {
    /// Purchases with an item, and not too many different ones.
    pub orders: i64,
    /// Purchases with more than [`MOST_ITEMS`] different items, which are left out.
    pub large: i64,
}

/// Orders and customers of an item in a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sold {
    /// Orders with the item.
    pub orders: u32,
    /// Distinct customers who bought it.
    pub customers: u32,
}

/// Keeps the baskets of purchases: the distinct items of each order, whatever was sent back of it later.
#[derive(Default)]
pub struct BasketFold {
    shops: BTreeMap<u32, ShopOrders>,
    items: HashMap<(u32, u32), Sold, foldhash::fast::FixedState>,
    store: Store,
    scratch: Scratch,
}

/// The orders of one customer.
#[derive(Default)]
struct Scratch {
    orders: Vec<(Day, std::ops::Range<usize>)>,
    items: Vec<u32>,
    distinct: Vec<u32>,
}

/// The result of the fold.
pub struct Baskets {
    /// By shop code.
    pub shops: BTreeMap<u32, ShopOrders>,
    /// By shop and item.
    pub items: HashMap<(u32, u32), Sold, foldhash::fast::FixedState>,
    /// The customers whose orders have two items, or who bought on two days.
    pub chunks: Vec<Chunk>,
}

impl BasketFold {
    /// Orders that are left out because they have too many different items.
    pub fn large_orders(&self) -> i64 {
        self.shops.values().map(|shop| shop.large).sum()
    }

    /// What was counted.
    pub fn finish(mut self) -> Baskets {
        Baskets { chunks: self.store.take_chunks(), shops: self.shops, items: self.items }
    }

    fn keep(&mut self, history: &History<'_>) {
        let Scratch { orders, items, distinct } = &self.scratch;
        let of = |range: &std::ops::Range<usize>| items.get(range.clone()).unwrap_or_default();
        let baskets = orders.iter().map(|(day, range)| (*day, of(range)));
        let days = || orders.iter().map(|(day, _)| day);
        if history.is_anonymous {
            // Each order is somebody's of whom nothing else is known.
            baskets.filter(|(_, items)| items.len() > 1).for_each(|basket| self.store.push(history.shop, std::iter::once(basket)));
        } else if distinct.len() > 1 && days().min() != days().max() {
            self.store.push(history.shop, baskets);
        } else {
            self.store.push(history.shop, baskets.filter(|(_, items)| items.len() > 1));
        }
    }
}

impl Fold for BasketFold {
    fn update(&mut self, history: &History<'_>) {
        let Scratch { orders, items, distinct } = &mut self.scratch;
        orders.clear();
        items.clear();
        for (order, lines) in history.orders_with_items().filter(|(order, _)| order.is_purchase()) {
            let from = items.len();
            distinct.clear();
            distinct.extend(lines.iter().map(|line| line.item));
            distinct.sort_unstable();
            distinct.dedup();
            let shop = self.shops.entry(history.shop).or_default();
            if distinct.len() > MOST_ITEMS {
                shop.large += 1;
                continue;
            }
            shop.orders += 1;
            items.extend_from_slice(distinct);
            orders.push((order.paid_day, from..items.len()));
        }
        distinct.clear();
        distinct.extend_from_slice(items);
        distinct.sort_unstable();
        for orders in distinct.chunk_by(|one, next| one == next) {
            let Some(item) = orders.first() else { continue };
            let sold = self.items.entry((history.shop, *item)).or_default();
            sold.orders += orders.len() as u32;
            sold.customers += u32::from(!history.is_anonymous);
        }
        distinct.dedup();
        self.keep(history);
    }

    fn reads_lines(&self) -> bool {
        true
    }

    fn counts_anonymous_orders(&self) -> bool {
        true
    }

    fn hand_over(&mut self, most: usize) -> Result<Vec<RecordBatch>> {
        if self.items.len() > most { self.state() } else { Ok(Vec::new()) }
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        let mut state = vec![shop_state(&std::mem::take(&mut self.shops))?, item_state(std::mem::take(&mut self.items))?];
        for chunk in self.store.take_chunks() {
            state.extend(chunk.state()?);
        }
        Ok(state)
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        let [shops, items, chunks @ ..] = state else {
            return if state.is_empty() { Ok(()) } else { Err(Error::bug("a state of baskets has shops and items")) };
        };
        let of_shop = values::<UInt32Type>(shops, "shop")?;
        let (orders, large) = (values::<Int64Type>(shops, "orders")?, values::<Int64Type>(shops, "large_orders")?);
        for ((shop, orders), large) in of_shop.iter().zip(orders.iter()).zip(large.iter()) {
            let own = self.shops.entry(*shop).or_default();
            own.orders += orders;
            own.large += large;
        }
        let (of_shop, of_item) = (values::<UInt32Type>(items, "shop")?, values::<UInt32Type>(items, "item")?);
        let (orders, customers) = (values::<UInt32Type>(items, "orders")?, values::<UInt32Type>(items, "customers")?);
        self.items.reserve(if self.items.is_empty() { of_item.len() } else { 0 });
        for (key, (orders, customers)) in of_shop.iter().zip(of_item.iter()).zip(orders.iter().zip(customers.iter())) {
            let own = self.items.entry((*key.0, *key.1)).or_default();
            own.orders += orders;
            own.customers += customers;
        }
        let mut chunks = chunks.chunks_exact(3);
        for chunk in &mut chunks {
            if let [customers, orders, items] = chunk {
                self.store.add(Chunk::of([customers, orders, items])?);
            }
        }
        if chunks.remainder().is_empty() { Ok(()) } else { Err(Error::bug("a state of baskets has chunks of three batches")) }
    }
}

fn field(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, false)
}

fn shop_state(shops: &BTreeMap<u32, ShopOrders>) -> Result<RecordBatch> {
    let count = |count: fn(&ShopOrders) -> i64| Arc::new(Int64Array::from_iter_values(shops.values().map(count))) as ArrayRef;
    let fields = vec![
        coded(field("shop", DataType::UInt32), CodeOf::Shop),
        field("orders", DataType::Int64),
        field("large_orders", DataType::Int64),
    ];
    let codes: ArrayRef = Arc::new(UInt32Array::from_iter_values(shops.keys().copied()));
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), vec![codes, count(|shop| shop.orders), count(|shop| shop.large)])?)
}

fn item_state(items: HashMap<(u32, u32), Sold, foldhash::fast::FixedState>) -> Result<RecordBatch> {
    let mut rows: Vec<((u32, u32), Sold)> = items.into_iter().collect();
    rows.sort_unstable_by_key(|(key, _)| *key);
    let column = |value: fn(&((u32, u32), Sold)) -> u32| Arc::new(UInt32Array::from_iter_values(rows.iter().map(value))) as ArrayRef;
    let fields = vec![
        coded(field("shop", DataType::UInt32), CodeOf::Shop),
        coded(field("item", DataType::UInt32), CodeOf::Item),
        field("orders", DataType::UInt32),
        field("customers", DataType::UInt32),
    ];
    let columns = vec![column(|row| row.0.0), column(|row| row.0.1), column(|row| row.1.orders), column(|row| row.1.customers)];
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::{customer, folded, paid};

    #[test]
    fn baskets_are_distinct_items_of_purchases() {
        // Order 0 has item 3 twice and item 1; order 1 item 3 alone, on another day; order 2 was refunded in full.
        let orders = vec![paid(10, 500), paid(12, 300), paid(13, 200).refunding(200)];
        let back = customer(0, orders).with_lines(&[(0, 3, 1, 200), (0, 1, 1, 100), (0, 3, 1, 200), (1, 3, 1, 300), (2, 9, 1, 200)]);
        // One order with one item; two orders of one day with the same item.
        let once = customer(0, vec![paid(10, 100)]).with_lines(&[(0, 3, 1, 100)]);
        let twice = customer(1, vec![paid(10, 100), paid(10, 100)]).with_lines(&[(0, 3, 1, 100), (1, 3, 1, 100)]);
        let found = folded(BasketFold::default(), &[back, once, twice]).finish();
        let sold = |shop, item| found.items.get(&(shop, item)).map(|sold| (sold.orders, sold.customers));
        assert_eq!([sold(0, 1), sold(0, 3), sold(0, 9), sold(1, 3)], [Some((1, 1)), Some((3, 2)), None, Some((2, 1))]);
        let orders: Vec<(u32, i64)> = found.shops.iter().map(|(shop, orders)| (*shop, orders.orders)).collect();
        assert_eq!(orders, [(0, 3), (1, 2)]);
        // Only the first customer says anything of two items.
        let mut kept = Vec::new();
        found.chunks.iter().for_each(|chunk| {
            chunk.each_customer(|shop, orders| orders.each(|day, items| kept.push((shop, day, items.to_vec()))));
        });
        assert_eq!(kept, [(0, 10, vec![1, 3]), (0, 12, vec![3])]);
    }

    #[test]
    fn an_order_of_too_many_items_is_counted_and_left_out() {
        let lines = |items: u32| (1..=items).map(|item| (0, item, 1, 100)).collect::<Vec<_>>();
        let largest = customer(0, vec![paid(10, 10_000)]).with_lines(&lines(MOST_ITEMS as u32));
        let too_large = customer(0, vec![paid(10, 10_100)]).with_lines(&lines(MOST_ITEMS as u32 + 1));
        let fold = folded(BasketFold::default(), &[largest, too_large]);
        assert_eq!(fold.large_orders(), 1);
        let found = fold.finish();
        assert_eq!(found.shops.get(&0), Some(&ShopOrders { orders: 1, large: 1 }));
        assert_eq!(found.items.get(&(0, 1)), Some(&Sold { orders: 1, customers: 1 }));
        assert_eq!(found.items.get(&(0, MOST_ITEMS as u32 + 1)), None);
    }
}
