//! Customers, orders and contexts for the tests of the customer tables.

use std::sync::Arc;

use arrow::compute::concat_batches;
use arrow::record_batch::RecordBatch;
use arrow::util::display::array_value_to_string;

use super::customer::{customers, segment_value};
use super::night::Night;
use super::request::Request;
use super::unit::AnyTable;
use crate::error::Result;
use crate::fold::customers::{CUSTOMERS, CustomerFold, Wants};
use crate::fold::folds::Gathered;
use crate::history::context::ShopIds;
use crate::history::{Context, Dictionary, Features, Fold, History, Order};
use crate::job::Params;
use crate::spec::period::parse_day;
use crate::spec::schema::schema;
use crate::spec::{Card, DAY_MICROSECONDS, Day, Id, IdType, IdTypes, NO_DAY, NO_TIME};

/// The id of a customer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum BuyerId {
    /// An integer.
    Integer(i64),
    /// A text.
    Text(String),
}

/// A customer with orders.
#[derive(Debug, Clone)]
pub struct Buyer {
    pub shop: u32,
    pub id: BuyerId,
    pub orders: Vec<Order>,
    pub days: Vec<Day>,
}

/// A paid order of one item, in minor units.
pub fn paid(day: Day, amount: i64, refunded: i64) -> Order {
    let time = i64::from(day) * DAY_MICROSECONDS;
    Order {
        rank: 0,
        created: time,
        paid: time,
        created_day: day,
        paid_day: day,
        shipping_seconds: -1,
        completed_day: NO_DAY,
        placed_amount: amount,
        paid_amount: amount,
        refunded,
        quantity: 1,
        channel: 0,
        province: 0,
        category: 0,
        item: 0,
        is_closed: false,
        has_open_refund: false,
    }
}

pub fn unpaid(day: Day) -> Order {
    Order { paid: NO_TIME, paid_day: NO_DAY, paid_amount: 0, ..paid(day, 999_00, 0) }
}

impl Buyer {
    /// A customer with these orders: paid ones in the order of their days, then unpaid ones.
    pub fn new(shop: u32, id: BuyerId, orders: Vec<Order>) -> Buyer {
        let mut days: Vec<Day> = orders.iter().filter(|order| order.is_purchase()).map(|order| order.paid_day).collect();
        days.dedup();
        Buyer { shop, id, orders, days }
    }

    pub fn history(&self) -> History<'_> {
        let customer = match &self.id {
            BuyerId::Integer(id) => Id::Integer(IdType::key(*id)),
            BuyerId::Text(id) => Id::Text(id),
        };
        let paid = self.orders.iter().filter(|order| order.is_paid()).count();
        History { shop: self.shop, customer, orders: &self.orders, paid, item_revenue: &[], purchase_days: &self.days }
    }
}

pub fn day(text: &str) -> Day {
    parse_day(text).expect("a date of a test")
}

/// A context with three shops, `-5`, `7` and `8`.
pub fn context(as_of: Day, customer: IdType) -> Context {
    let words = |words: &[&str]| Dictionary::new(words.iter().map(|word| (*word).to_owned()).collect());
    let shop = IdType::of(&arrow::datatypes::DataType::Int32).expect("an id type");
    let ids = IdTypes { shop, customer, category: IdType::text(), item: IdType::text(), campaign: IdType::text() };
    Context {
        first_days: vec![as_of; 3],
        calibration_ends: vec![as_of; 3],
        channels: words(&["activity", "natural"]),
        provinces: words(&["上海", "广东省"]),
        categories: words(&["shoes", "tea"]),
        category_ids: ["shoes", "tea"].map(|word| crate::input::codes::OwnedId::Text(word.into())).to_vec(),
        features: Features { customers: true, quantity: true, channel: true, category: true, province: true, ..Features::default() },
        ..Context::new(as_of, Params::default(), ShopIds::Integer([-5, 7, 8].map(IdType::key).to_vec()), ids)
    }
}

pub fn fold<'a>(buyers: impl IntoIterator<Item = &'a Buyer>) -> CustomerFold {
    let mut fold = CustomerFold::new(Wants { before: Some(day("2026-05-31")), calibration_ends: None, lists: false });
    buyers.into_iter().for_each(|buyer| fold.update(&buyer.history()));
    fold
}

/// What the tables `customers` and `segment_value` are of a fold, by their names, `customers` first; one batch of one without rows.
pub fn finish(fold: CustomerFold, context: &Context) -> Result<Vec<(String, RecordBatch)>> {
    let night = Night::new(Arc::new(context.clone()), Arc::default(), Request::NOTHING, Gathered::default().and(&CUSTOMERS, fold));
    let tables: [&dyn AnyTable; 2] = [&customers::TABLE, &segment_value::TABLE];
    let mut batches = Vec::new();
    for table in tables {
        let before = batches.len();
        table.write(&night, &mut |card, batch| {
            batches.push((card.name.to_string(), batch));
            Ok(())
        })?;
        if batches.len() == before {
            batches.push((table.card().name.to_string(), RecordBatch::new_empty(schema(table.card(), &context.ids))));
        }
    }
    Ok(batches)
}

/// A table of a job that requests nothing beside its orders, made of what its folds gathered, as one batch.
pub fn made_of(table: &'static dyn AnyTable, context: &Context, gathered: Gathered) -> RecordBatch {
    let night = Night::new(Arc::new(context.clone()), Arc::default(), Request::NOTHING, gathered);
    let mut batches = Vec::new();
    let mut keep = |_: &Card, batch| {
        batches.push(batch);
        Ok(())
    };
    table.write(&night, &mut keep).expect("a table of a test");
    concat_batches(&schema(table.card(), &context.ids), &batches).expect("batches of one table")
}

/// A column as text; null is empty.
pub fn column(batch: &RecordBatch, name: &str) -> Vec<String> {
    let column = batch.column_by_name(name).expect("a column of the card");
    (0..batch.num_rows()).map(|row| array_value_to_string(column, row).expect("a value that can be shown")).collect()
}

/// The five customers of shop 7 and the one of shop 8 whose rows are worked out by hand in `customers`, as of 2026-06-30.
pub fn worked() -> Vec<Buyer> {
    let text = |id: &str| BuyerId::Text(id.to_owned());
    let order = |date: &str, amount: i64, channel: u32, province: u32| Order { channel, province, ..paid(day(date), amount, 0) };
    vec![
        Buyer::new(1, text("a"), vec![Order { category: 2, ..order("2026-06-30", 100_00, 2, 1) }]),
        Buyer::new(1, text("b"), vec![order("2025-11-01", 50_00, 0, 1), Order { refunded: 10_00, ..order("2026-06-10", 30_00, 1, 2) }]),
        Buyer::new(
            1,
            text("c"),
            vec![
                order("2026-01-01", 10_00, 2, 1),
                order("2026-01-04", 10_00, 1, 1),
                order("2026-01-04", 10_00, 1, 1),
                order("2026-01-14", 10_00, 1, 1),
                Order { quantity: 7, ..order("2026-04-01", 160_00, 1, 0) },
            ],
        ),
        Buyer::new(1, text("d"), vec![order("2025-12-31", 20_00, 1, 1)]),
        Buyer::new(
            1,
            text("e"),
            vec![
                // Refunded in full: no purchase, so the first purchase is the next.
                Order { refunded: 500_00, ..order("2025-12-01", 500_00, 1, 2) },
                order("2026-01-01", 20_00, 2, 2),
                order("2026-01-05", 20_00, 1, 2),
                order("2026-01-14", 20_00, 1, 2),
                unpaid(day("2026-06-29")),
            ],
        ),
        Buyer::new(1, text("never"), vec![unpaid(day("2026-06-29"))]),
        Buyer::new(1, text("refunded"), vec![paid(day("2026-06-01"), 5_00, 5_00)]),
        Buyer::new(2, text("a"), vec![order("2026-05-30", 0, 0, 0)]),
    ]
}
