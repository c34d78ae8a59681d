//! Candidates: the customers of the conditions of strategies, with all columns of `customers`, open orders, and usual figures of the shop.

use std::sync::Arc;

use arrow::array::{ArrayRef, new_null_array};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;

use super::customer_items::CustomerItems;
use super::shop_figures::ShopFigures;
use crate::error::Result;
use crate::fold::customer::columns::CustomerColumns;
use crate::fold::open_orders::OpenOrders;
use crate::history::Context;
use crate::metric::ratio::ratio;
use crate::spec::{Column, DAY_MICROSECONDS, Day, Id, IdTypes, Kind, NO_DAY, NO_TIME, NO_VALUE};
use crate::statistics::quantile::Distribution;
use crate::table::array_table::{ArrayColumn, array_column, arrays_of, same_array};
use crate::table::arrays::{dates, integers, items, money, numbers};
use crate::table::customer::customers;
use crate::table::item::refills::Refill;
use crate::table::scores::ScoredCustomers;
use crate::table::unit::AnyTable;

const NO_PURCHASE: &str = "the customer has no purchase";
const NO_UNPAID: &str = "no order of the customer is unpaid and open";
const NO_COMPLETION: &str = "the job maps no shipped_at or no completed_at";

pub(super) const UNPAID_ORDERS: Column =
    Column::new("unpaid_orders", Kind::Count, "orders", "未付款订单数", "Orders that were placed, are not paid and not closed.");
pub(super) const UNPAID_LAST_DAY: Column = Column::new(
    "unpaid_last_day",
    Kind::Count,
    "orders",
    "近一日未付款订单数",
    "Of these, those that are between one hour and 25 hours old at the end of the as-of date: of runs on every night, each \
     order in one.",
);
pub(super) const UNPAID_AMOUNT: Column =
    Column::new("unpaid_amount", Kind::Money, "CNY", "未付款金额", "What the unpaid orders cost when they were placed.");
pub(super) const UNPAID_HOURS: Column = Column::new(
    "unpaid_hours",
    Kind::Ratio,
    "hours",
    "拍下未付款小时数",
    "Hours from the placing of the youngest unpaid order to the end of the as-of date.",
)
.null_when(NO_UNPAID);
pub(super) const UNPAID_ITEM: Column =
    Column::new("unpaid_item", Kind::ItemId, "", "未付款商品", "The item of the first line (lowest line id) of the youngest unpaid order.")
        .null_when("no order of the customer is unpaid and open, or it has no item, or the job maps no item_id");
pub(super) const AWAITING_ORDERS: Column =
    Column::new("awaiting_orders", Kind::Count, "orders", "待确认收货订单数", "Purchases that were shipped and are not completed.")
        .null_when(NO_COMPLETION);
pub(super) const AWAITING_DAYS: Column =
    Column::new("awaiting_days", Kind::Count, "days", "待确认收货天数", "Days from the shipping of the oldest of them to the as-of date.")
        .null_when("no purchase of the customer is shipped and not completed, or the job maps no shipped_at or no completed_at");
pub(super) const DAYS_SINCE_FIRST_COMPLETION: Column = Column::new(
    "days_since_first_completion",
    Kind::Count,
    "days",
    "首次交易完成距今天数",
    "Days from the first day on which a purchase of the customer was completed to the as-of date.",
)
.null_when("no purchase of the customer is completed, or the job maps no completed_at");
pub(super) const HOURS_SINCE_ORDER: Column = Column::new(
    "hours_since_order",
    Kind::Ratio,
    "hours",
    "最近下单距今小时数",
    "Hours from the payment of the last purchase to the end of the as-of date. A paid_at that knows days only is midnight.",
)
.null_when(NO_PURCHASE);
pub(super) const OPEN_REFUNDS: Column = Column::new(
    "open_refunds",
    Kind::Count,
    "orders",
    "退款中订单数",
    "Orders with a refund application that is neither paid out nor closed.",
)
.null_when("the job has no refunds input");
pub(super) const LAST_ITEM: Column =
    Column::new("last_item", Kind::ItemId, "", "最近购买商品", "The item of the first line (lowest line id) of the last purchase.")
        .null_when("the customer has no purchase, or the last one has no item, or the job maps no item_id");

pub(super) const LAST_ITEM_PAIR: Column = Column::new(
    "last_item_pair",
    Kind::ItemId,
    "",
    "关联推荐商品",
    "The item to offer beside last_item: the other item of its best significant pair of which the customer did not buy and keep the other item in \
     the last 400 days.",
)
.source("docs/definitions.md, Item pairs")
.null_when(
    "last_item has no significant pair of the table item_pairs, the customer bought all of their items, the customer has no last_item, or no \
     strategy of the job names this column",
);

const NO_REFILL: &str = "nothing that the customer bought is known to run out on a day since a week before the as-of date, the job maps no \
     item_id or no quantity, or no strategy of the job names a column of what runs out";
pub(super) const REFILL_ITEM: Column = Column::new(
    "refill_item",
    Kind::ItemId,
    "",
    "待补货商品",
    "The item that the customer runs out of: of those with days_per_unit in the table items that were bought and kept in the last 400 days, and \
     whose pair was not bought and kept on a later day, the one with the earliest ran_out_on that is not more than 7 days before the as-of date.",
)
.null_when(NO_REFILL);
pub(super) const RAN_OUT_ON: Column = Column::new(
    "ran_out_on",
    Kind::Date,
    "date",
    "用完日期",
    "The day on which what the customer bought last of that item is used up, by those who bought it again. The customer has not bought it since, nor its pair.",
)
.formula("last day with the item + days_per_unit × refill_quantity, rounded to days")
.null_when(NO_REFILL);
const REFILL_DAYS: Column = Column::new(
    "refill_days",
    Kind::Integer,
    "days",
    "距用完天数",
    "Days from the as-of date to ran_out_on; negative where that day is over.",
)
.null_when(NO_REFILL);
pub(super) const REFILL_QUANTITY: Column = Column::new(
    "refill_quantity",
    Kind::Count,
    "items",
    "上次购买件数",
    "Pieces of that item that the customer bought and kept on that last day.",
)
.null_when(NO_REFILL);

pub(super) const REFILL_ITEM_PAIR: Column = Column::new(
    "refill_item_pair",
    Kind::ItemId,
    "",
    "待补货商品的关联商品",
    "The other item of the best significant pair of refill_item, to offer with it.",
)
.source("docs/definitions.md, Item pairs")
.null_when("refill_item is null, or has no significant pair of the table item_pairs");

/// The columns of candidates besides those of `customers`. Not a result table: only conditions read its rows. It is on whole arrays, like
/// `customers`, whose customers are all candidates.
pub static BESIDE: [ArrayColumn<Candidates>; 21] = [
    same_array(UNPAID_ORDERS, |batch| integers(batch.open_counts(|open| &open.unpaid))),
    same_array(UNPAID_LAST_DAY, |batch| integers(batch.open_counts(|open| &open.unpaid_last_day))),
    same_array(UNPAID_AMOUNT, |batch| money(batch.open(|open, row| Some(row.map_or(0, |row| open.unpaid_amount[row]))))),
    same_array(UNPAID_HOURS, |batch| {
        numbers(batch.open(|open, row| batch.hours_since(Some(open.unpaid_since[row?]).filter(|time| *time != NO_TIME)?)))
    }),
    same_array(UNPAID_ITEM, |batch| items(batch.context(), batch.open(|open, row| row.map_or(NO_VALUE, |row| open.unpaid_item[row])))),
    same_array(AWAITING_ORDERS, |batch| {
        integers(batch.open_counts(|open| &open.awaiting).map(|count| count.filter(|_| batch.knows_completion())))
    }),
    same_array(AWAITING_DAYS, |batch| integers(batch.open(|open, row| batch.days_since(open.awaiting_since[row?])))),
    same_array(DAYS_SINCE_FIRST_COMPLETION, |batch| {
        integers(batch.customers(|customers, row| batch.days_since(customers.first_completed[row?])))
    }),
    same_array(HOURS_SINCE_ORDER, |batch| numbers(batch.customers(|customers, row| batch.hours_since(last_paid(customers, row?))))),
    same_array(OPEN_REFUNDS, |batch| {
        integers(batch.open_counts(|open| &open.open_refunds).map(|count| count.filter(|_| batch.context().features.refunds)))
    }),
    same_array(LAST_ITEM, |batch| {
        items(batch.context(), batch.customers(|customers, row| row.map_or(NO_VALUE, |row| customers.last_item[row])))
    }),
    same_array(LAST_ITEM_PAIR, |batch| items(batch.context(), batch.offers())),
    same_array(REFILL_ITEM, |batch| items(batch.context(), batch.refills(|refill| refill.map_or(NO_VALUE, |refill| refill.item)))),
    same_array(RAN_OUT_ON, |batch| dates(batch.refills(|refill| refill.map_or(NO_DAY, |refill| refill.ran_out_on)))),
    same_array(REFILL_DAYS, |batch| {
        let as_of = batch.context().as_of;
        integers(batch.refills(|refill| refill.map(|refill| i64::from(refill.ran_out_on) - i64::from(as_of))))
    }),
    same_array(REFILL_QUANTITY, |batch| integers(batch.refills(|refill| refill.map(|refill| i64::from(refill.quantity))))),
    same_array(REFILL_ITEM_PAIR, |batch| {
        items(batch.context(), batch.refills(|refill| refill.and_then(|refill| refill.pair).unwrap_or(NO_VALUE)))
    }),
    array_column(
        "shop_completion_days_p90",
        Kind::Ratio,
        "days",
        "店铺确认收货天数90分位",
        "Nine in ten of the shop's completed purchases took fewer days from shipping to completion, interpolated.",
        |batch: &Candidates| numbers(batch.shops().map(|shop| shop.completion_days_p90)),
    )
    .null_when("no purchase of the shop is shipped and completed"),
    array_column(
        "shop_first_interval_p50",
        Kind::Ratio,
        "days",
        "店铺首次回购间隔中位数",
        "p50 of repurchase_intervals with nth = 1.",
        |batch: &Candidates| numbers(batch.shops().map(|shop| shop.first_interval_p50)),
    )
    .null_when("no customer of the shop has bought again"),
    array_column(
        "shop_first_interval_p75",
        Kind::Ratio,
        "days",
        "店铺首次回购间隔75分位",
        "p75 of repurchase_intervals with nth = 1.",
        |batch: &Candidates| numbers(batch.shops().map(|shop| shop.first_interval_p75)),
    )
    .null_when("no customer of the shop has bought again"),
    array_column(
        "shop_order_value",
        Kind::Ratio,
        "CNY per order",
        "店铺笔单价",
        "What a purchase of the shop brings on average, before refunds.",
        |batch: &Candidates| numbers(batch.shops().map(|shop| shop.order_value)),
    )
    .formula("sum of paid_amount / sum of orders of the shop's customers")
    .null_when("the shop has no customer with a purchase"),
];

/// A candidate: a customer with a purchase, an open order, or both.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// Code of the shop.
    pub shop: u32,
    /// Row among the customers with a purchase.
    pub customer: Option<usize>,
    /// Row among those with an open order.
    pub open: Option<usize>,
}

/// The columns of conditions, all nullable: those of `customers`, then those of [`BESIDE`].
pub(super) fn candidate_schema(ids: &IdTypes) -> SchemaRef {
    let beside = BESIDE.iter().map(|column| column.meaning);
    let columns = customers::TABLE.columns.iter().copied().flatten().map(|column| column.meaning).chain(beside);
    Arc::new(Schema::new(columns.map(|column| Field::new(column.name, column.kind.data_type(ids), true)).collect::<Vec<_>>()))
}

/// Customers with open orders, and the days from shipping to completion by shop.
pub(super) type Waiting = (OpenOrders, Vec<(u32, Distribution)>);

/// The figures of all candidates.
#[derive(Clone)]
pub(super) struct Figures {
    pub customers: Arc<ScoredCustomers>,
    pub waiting: Arc<Waiting>,
    /// What customers run out of and what to offer them, where a strategy asks.
    pub items: Option<Arc<CustomerItems>>,
    /// By shop code.
    pub shops: Arc<[ShopFigures]>,
}

impl Figures {
    /// Customers with open orders.
    pub fn open(&self) -> &OpenOrders {
        &self.waiting.0
    }
}

/// Some candidates.
pub struct Candidates {
    pub(super) figures: Figures,
    pub(super) each: Vec<Candidate>,
}

impl Candidates {
    /// The keys of the candidates.
    pub(super) fn ids(&self) -> impl Iterator<Item = Option<Id<'_>>> {
        let (customers, open) = (&self.figures.customers.columns.keys.id, &self.figures.open().keys.id);
        self.each.iter().map(|candidate| candidate.customer.map(|row| customers.get(row)).or(candidate.open.map(|row| open.get(row))))
    }

    /// Customers with a purchase, whose rows of `customers` these are.
    pub(super) fn with_purchase(&self, rows: &RecordBatch) -> Result<RecordBatch> {
        let columns = rows.columns().iter().cloned().chain(arrays_of(&BESIDE, self)).collect();
        Ok(RecordBatch::try_new(candidate_schema(&self.context().ids), columns)?)
    }

    /// Customers without a purchase: all columns of `customers` are null except the keys.
    pub(super) fn without_purchase(&self) -> Result<RecordBatch> {
        let Context { ids, shops, .. } = self.context();
        let who: [ArrayRef; 2] =
            [ids.shop.array(self.each.iter().map(|candidate| shops.id(candidate.shop))), ids.customer.array(self.ids())];
        let schema = candidate_schema(ids);
        let unknown = schema.fields().iter().take(customers::TABLE.card().columns.len()).skip(who.len());
        let unknown: Vec<ArrayRef> = unknown.map(|field| new_null_array(field.data_type(), self.each.len())).collect();
        let columns = who.into_iter().chain(unknown).chain(arrays_of(&BESIDE, self)).collect();
        Ok(RecordBatch::try_new(schema, columns)?)
    }

    fn context(&self) -> &Context {
        &self.figures.customers.context
    }

    /// A value of each from its open orders.
    fn open<'a, T>(&'a self, value: impl Fn(&'a OpenOrders, Option<usize>) -> T) -> impl Iterator<Item = T> {
        let open = self.figures.open();
        self.each.iter().map(move |candidate| value(open, candidate.open))
    }

    /// A count of each from its open orders; 0 without any.
    fn open_counts<'a>(&'a self, counts: impl Fn(&'a OpenOrders) -> &'a Vec<u32>) -> impl Iterator<Item = Option<i64>> {
        let counts = counts(self.figures.open());
        self.each.iter().map(|candidate| Some(candidate.open.map_or(0, |row| i64::from(counts[row]))))
    }

    /// A value of each from what it runs out of.
    fn refills<T>(&self, value: impl Fn(Option<Refill>) -> T) -> impl Iterator<Item = T> {
        let items = self.figures.items.as_deref();
        self.each.iter().zip(self.ids()).map(move |(candidate, id)| value(items.and_then(|items| items.refill(candidate.shop, id?))))
    }

    /// The code of the item to offer to each beside the last one.
    fn offers(&self) -> impl Iterator<Item = u32> {
        let items = self.figures.items.as_deref();
        self.each.iter().map(move |candidate| items.zip(candidate.customer).map_or(NO_VALUE, |(items, row)| items.offer(row)))
    }

    /// A value of each from its purchases.
    fn customers<'a, T>(&'a self, value: impl Fn(&'a CustomerColumns, Option<usize>) -> T) -> impl Iterator<Item = T> {
        let customers = &self.figures.customers.columns;
        self.each.iter().map(move |candidate| value(customers, candidate.customer))
    }

    /// The figures of the shop of each.
    fn shops(&self) -> impl Iterator<Item = ShopFigures> {
        let shops = &self.figures.shops;
        self.each.iter().map(|candidate| shops.get(candidate.shop as usize).copied().unwrap_or_default())
    }

    fn knows_completion(&self) -> bool {
        let features = &self.context().features;
        features.shipped && features.completed
    }

    /// Hours from a time to the end of what is known: the end of the as-of date, or the moment of the list.
    fn hours_since(&self, time: i64) -> Option<f64> {
        ratio((self.context().end() - time).div_euclid(1_000_000), 3_600)
    }

    /// Days from a day to the as-of date; `None` without a day.
    fn days_since(&self, day: Day) -> Option<i64> {
        (day != NO_DAY).then(|| i64::from(self.context().as_of) - i64::from(day))
    }
}

/// When the last purchase of a customer was paid, local time in microseconds.
fn last_paid(customers: &CustomerColumns, row: usize) -> i64 {
    i64::from(customers.last_day[row]) * DAY_MICROSECONDS + i64::from(customers.last_paid_second[row]) * 1_000_000
}
