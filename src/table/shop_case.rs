//! Cases of shop tables for tests: orders and facts written down, histories settled from them, columns read back.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Date32Type, Decimal128Type, Float64Type, Int64Type};
use arrow::record_batch::RecordBatch;

use crate::history::context::ShopIds;
use crate::history::{Context, Features, Fold, History, Order};
use crate::input::facts::Facts;
use crate::job::Params;
use crate::spec::period::parse_day;
use crate::spec::{DAY_MICROSECONDS, Day, Id, IdType, IdTypes, NO_DAY, NO_TIME};

pub const HOUR: i64 = DAY_MICROSECONDS / 24;

/// The day of `YYYY-MM-DD`.
pub fn day(text: &str) -> Day {
    parse_day(text).unwrap()
}

/// The context of some shops named a, b, c …, everything mapped.
pub fn context(shops: usize, as_of: &str) -> Context {
    let text = IdType::text;
    let ids = IdTypes { shop: text(), customer: text(), category: text(), item: text(), campaign: text() };
    let names = (0..shops).map(|number| String::from(char::from(b'a' + number as u8))).collect();
    let params = Params { min_peers: 2, ..Params::default() };
    Context {
        first_day: day("2023-01-01"),
        first_days: vec![day("2023-01-01"); shops],
        calibration_ends: vec![day("2023-01-01"); shops],
        features: Features {
            customers: true,
            quantity: true,
            channel: true,
            category: true,
            province: true,
            shipped: true,
            completed: true,
            refunds: true,
            ..Features::default()
        },
        ..Context::new(day(as_of), params, ShopIds::Text(names), ids)
    }
}

/// Facts of shops with those first days and without any small input.
pub fn facts(first_days: &[&str]) -> Facts {
    Facts { first_days: first_days.iter().map(|text| day(text)).collect(), ..Facts::default() }
}

/// An unpaid order of 10.00 for one item, placed at midnight.
pub fn placed(on: &str) -> Order {
    Order {
        rank: 0,
        created: i64::from(day(on)) * DAY_MICROSECONDS,
        paid: NO_TIME,
        created_day: day(on),
        paid_day: NO_DAY,
        shipping_seconds: -1,
        completed_day: NO_DAY,
        placed_amount: 1000,
        paid_amount: 0,
        refunded: 0,
        quantity: 1,
        channel: 0,
        province: 0,
        category: 0,
        item: 0,
        is_closed: false,
        has_open_refund: false,
    }
}

/// An order placed on one day and paid on another, at the amount placed.
pub fn paid(created_on: &str, paid_on: &str, amount: i64) -> Order {
    let paid_day = day(paid_on);
    Order { paid: i64::from(paid_day) * DAY_MICROSECONDS, paid_day, placed_amount: amount, paid_amount: amount, ..placed(created_on) }
}

/// One customer's orders, of a shop.
pub type Customer = (u32, Vec<Order>);

/// Gives customers to a fold, their orders put in the order of histories.
pub fn give(fold: &mut dyn Fold, customers: &[Customer]) {
    for (number, (shop, orders)) in customers.iter().enumerate() {
        let mut orders = orders.clone();
        orders.sort_by_key(|order| (!order.is_paid(), if order.is_paid() { order.paid } else { order.created }));
        let mut purchase_days: Vec<Day> = orders.iter().filter(|order| order.is_purchase()).map(|order| order.paid_day).collect();
        purchase_days.dedup();
        fold.update(&History {
            shop: *shop,
            customer: Id::Integer(number as u64),
            paid: orders.iter().filter(|order| order.is_paid()).count(),
            orders: &orders,
            item_revenue: &[],
            purchase_days: &purchase_days,
        });
    }
}

/// A value as text: counts and money in minor units as integers, dates as days, flags as true and false; null as `-`.
pub fn value(batch: &RecordBatch, row: usize, column: &str) -> String {
    let array = batch.column_by_name(column).unwrap();
    if array.is_null(row) {
        return "-".to_owned();
    }
    if let Some(array) = array.as_primitive_opt::<Int64Type>() {
        array.value(row).to_string()
    } else if let Some(array) = array.as_primitive_opt::<Decimal128Type>() {
        array.value(row).to_string()
    } else if let Some(array) = array.as_primitive_opt::<Float64Type>() {
        array.value(row).to_string()
    } else if let Some(array) = array.as_primitive_opt::<Date32Type>() {
        crate::spec::period::iso(array.value(row))
    } else if let Some(array) = array.as_boolean_opt() {
        array.value(row).to_string()
    } else {
        array.as_string::<i32>().value(row).to_owned()
    }
}

/// The row whose first columns have those values.
pub fn row_of(batch: &RecordBatch, key: &[&str]) -> usize {
    let schema = batch.schema();
    let is_it = |row: &usize| key.iter().zip(schema.fields()).all(|(part, field)| value(batch, *row, field.name()) == *part);
    (0..batch.num_rows()).find(is_it).unwrap()
}

/// Asserts values of the row with that key.
pub fn assert_row(batch: &RecordBatch, key: &[&str], expected: &[(&str, &str)]) {
    let row = row_of(batch, key);
    for (column, expected) in expected {
        assert_eq!(value(batch, row, column), *expected, "{column} of {key:?}");
    }
}

/// Any few customers of the first `shops` shops within 2023 and 2024.
pub fn any_customers(shops: u32) -> impl proptest::strategy::Strategy<Value = Vec<Customer>> {
    use proptest::prelude::*;
    let first = day("2023-01-01");
    let order =
        (0..600, proptest::option::of(0..130), 0..500i64, 0..3u8, 1..4i64).prop_map(move |(created, pays, amount, refund, quantity)| {
            let created_day = first + created;
            let created = i64::from(created_day) * DAY_MICROSECONDS;
            let unpaid = Order { created, created_day, placed_amount: amount, quantity, ..placed("2023-01-01") };
            pays.map_or(unpaid, |days| Order {
                paid: created + i64::from(days) * DAY_MICROSECONDS,
                paid_day: created_day + days,
                paid_amount: amount,
                refunded: [0, amount / 2, amount][usize::from(refund)],
                shipping_seconds: if quantity == 1 { -1 } else { i64::from(days) * 100 },
                completed_day: if quantity == 3 { created_day + days } else { NO_DAY },
                ..unpaid
            })
        });
    proptest::collection::vec((0..shops, proptest::collection::vec(order, 1..6)), 0..12)
}
