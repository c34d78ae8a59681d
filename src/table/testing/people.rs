//! People who buy in several shops, and how tables over scopes are held against those of one shop.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;

use super::{Customer, buyer, value};
use crate::history::Order;
use crate::input::values::codes::OwnedId;
use crate::spec::Id;

/// The same customers, a few ids among them, so that people buy in several shops: one customer for each shop and id.
pub fn overlapping(customers: &[Customer]) -> Vec<Customer> {
    let mut orders: BTreeMap<(u32, u64), Vec<Order>> = BTreeMap::new();
    for (customer, number) in customers.iter().zip(0..) {
        orders.entry((customer.shop, number % 4)).or_default().extend(&customer.orders);
    }
    orders.into_iter().map(|((shop, id), orders)| buyer(shop, Id::Integer(id), orders)).collect()
}

/// The same people in one shop.
pub fn in_one_shop(customers: &[Customer]) -> Vec<Customer> {
    let mut orders: BTreeMap<Option<OwnedId>, Vec<Order>> = BTreeMap::new();
    for customer in customers {
        orders.entry(customer.id.clone()).or_default().extend(&customer.orders);
    }
    orders.into_iter().filter_map(|(id, orders)| Some(buyer(0, id?, orders))).collect()
}

/// The rows of a table as texts, in the columns, above `least` of them, that it has in common with `other`, from which the key of a scope is
/// left out.
pub fn common(least: usize, table: &RecordBatch, other: &RecordBatch, is_row: impl Fn(usize) -> bool) -> Vec<Vec<String>> {
    let (schema, others) = (table.schema(), other.schema());
    let has = |name: &str| schema.column_with_name(name).is_some() && others.column_with_name(name).is_some();
    let mut names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).filter(|name| has(name)).collect();
    names.sort();
    assert!(names.len() > least, "{names:?}");
    (0..table.num_rows()).filter(|row| is_row(*row)).map(|row| names.iter().map(|name| value(table, row, name)).collect()).collect()
}
