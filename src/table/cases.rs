//! Small histories and column readers for the tests of folds over customers.

use arrow::record_batch::RecordBatch;

use crate::history::Features;
use crate::history::context::ShopIds;
use crate::history::{Context, Dictionary, Fold, History, Order};
use crate::job::Params;
use crate::spec::Day;
use crate::spec::period::parse_day;
use crate::spec::{DAY_MICROSECONDS, Id, IdType, IdTypes, NO_DAY};
use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type};

pub fn day(text: &str) -> Day {
    parse_day(text).unwrap()
}

/// Shops 10, 20 and 30; channels `activity` (1) and `natural` (2); provinces 广东 (1) and 浙江 (2).
pub fn context(first_day: Day, as_of: Day) -> Context {
    let texts = |texts: &[&str]| Dictionary::new(texts.iter().map(|text| (*text).to_owned()).collect());
    let integer = || IdType::of(&DataType::Int64).unwrap();
    let ids = IdTypes { shop: integer(), customer: integer(), category: IdType::text(), item: IdType::text(), campaign: IdType::text() };
    Context {
        first_day,
        first_days: vec![first_day; 3],
        calibration_ends: vec![first_day; 3],
        channels: texts(&["activity", "natural"]),
        provinces: texts(&["广东", "浙江"]),
        features: Features { customers: true, channel: true, province: true, ..Features::default() },
        ..Context::new(as_of, Params::default(), ShopIds::Integer([10, 20, 30].map(IdType::key).to_vec()), ids)
    }
}

/// An order placed and paid at noon of the day, amounts in minor units.
pub fn paid(day: Day, amount: i64, refunded: i64, channel: u32) -> Order {
    let noon = i64::from(day) * DAY_MICROSECONDS + DAY_MICROSECONDS / 2;
    Order {
        rank: 0,
        created: noon,
        paid: noon,
        created_day: day,
        paid_day: day,
        shipping_seconds: -1,
        completed_day: NO_DAY,
        placed_amount: amount,
        paid_amount: amount,
        refunded,
        quantity: 1,
        channel,
        province: channel,
        category: 0,
        item: 0,
        is_closed: false,
        has_open_refund: false,
    }
}

/// The orders of one customer.
#[derive(Debug, Clone)]
pub struct Customer {
    pub shop: u32,
    pub orders: Vec<Order>,
    pub days: Vec<Day>,
}

pub fn customer(shop: u32, mut orders: Vec<Order>) -> Customer {
    orders.sort_by_key(|order| order.paid);
    let mut days: Vec<Day> = orders.iter().filter(|order| order.is_purchase()).map(|order| order.paid_day).collect();
    days.dedup();
    Customer { shop, orders, days }
}

/// A customer with a purchase of 1.00 on each of the days.
pub fn bought_on(shop: u32, days: &[Day]) -> Customer {
    customer(shop, days.iter().map(|day| paid(*day, 100, 0, 2)).collect())
}

pub fn folded<F: Fold>(mut fold: F, customers: &[Customer]) -> F {
    give(&mut fold, customers);
    fold
}

/// Gives customers to a fold.
pub fn give(fold: &mut dyn Fold, customers: &[Customer]) {
    for (number, customer) in customers.iter().enumerate() {
        fold.update(&History {
            shop: customer.shop,
            customer: Id::Integer(number as u64),
            orders: &customer.orders,
            paid: customer.orders.len(),
            item_revenue: &[],
            purchase_days: &customer.days,
        });
    }
}

/// The same by parts, merged from the last to the first: the customer at place i goes to part `parts[i]`.
pub fn folded_in_parts<F: Fold>(make: impl Fn() -> F, customers: &[Customer], parts: &[usize]) -> F {
    let mut merged = make();
    for part in (0..4).rev() {
        let own: Vec<Customer> = customers.iter().zip(parts).filter(|(_, of)| **of == part).map(|(customer, _)| customer.clone()).collect();
        merged.merge(&folded(make(), &own).state().unwrap()).unwrap();
    }
    merged
}

pub fn integers(batch: &RecordBatch, name: &str) -> Vec<Option<i64>> {
    let column = batch.column_by_name(name).unwrap();
    match column.data_type() {
        DataType::Decimal128(_, _) => column.as_primitive::<Decimal128Type>().iter().map(|value| value.map(|value| value as i64)).collect(),
        DataType::Date32 => column.as_primitive::<Date32Type>().iter().map(|value| value.map(i64::from)).collect(),
        DataType::Boolean => column.as_boolean().iter().map(|value| value.map(i64::from)).collect(),
        _ => column.as_primitive::<Int64Type>().iter().collect(),
    }
}

/// The same of columns that are never null.
pub fn known(batch: &RecordBatch, name: &str) -> Vec<i64> {
    integers(batch, name).into_iter().map(|value| value.unwrap()).collect()
}

pub fn numbers(batch: &RecordBatch, name: &str) -> Vec<Option<f64>> {
    batch.column_by_name(name).unwrap().as_primitive::<Float64Type>().iter().collect()
}

pub fn texts(batch: &RecordBatch, name: &str) -> Vec<Option<String>> {
    batch.column_by_name(name).unwrap().as_string::<i32>().iter().map(|value| value.map(str::to_owned)).collect()
}

#[track_caller]
pub fn assert_close(found: &[Option<f64>], expected: &[Option<f64>]) {
    let close = |(found, expected): (&Option<f64>, &Option<f64>)| match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() < 1e-12,
        (found, expected) => found == expected,
    };
    assert!(found.len() == expected.len() && found.iter().zip(expected).all(close), "{found:?} where {expected:?} was worked out");
}
