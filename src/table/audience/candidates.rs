//! Candidates: whom a strategy can ask about. All columns of `customers`, and beside them what is open and what is usual in the shop.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, new_null_array};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;

use super::shop_figures::ShopFigures;
use crate::error::Result;
use crate::fold::customer::columns::CustomerColumns;
use crate::fold::open_orders::OpenOrders;
use crate::history::Context;
use crate::metric::ratio::ratio;
use crate::spec::schema::schema;
use crate::spec::{Card, Column, DAY_MICROSECONDS, IdTypes, Kind, NO_DAY, NO_TIME, NO_VALUE};
use crate::table::Frame;
use crate::table::customer::customers;

const NO_PURCHASE: &str = "the customer has no purchase";
const NO_UNPAID: &str = "no order of the customer is unpaid and open";
const NO_COMPLETION: &str = "the job maps no shipped_at or no completed_at";

pub(super) const UNPAID_ORDERS: Column =
    Column::new("unpaid_orders", Kind::Count, "orders", "未付款订单数", "Orders that were placed, are not paid and not closed.");
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

/// What a candidate has beside the columns of `customers`. Not a table of its own: its rows are seen by conditions only.
pub static BESIDE: Card = Card {
    name: Cow::Borrowed("candidates"),
    chinese: "名单候选",
    question: Cow::Borrowed("What can the condition of a strategy ask about beside the columns of customers?"),
    grain: "one customer of one shop with a purchase or an order that waits for its payment",
    key: &[],
    columns: Cow::Borrowed(&[
        UNPAID_ORDERS,
        Column::new(
            "unpaid_last_day",
            Kind::Count,
            "orders",
            "近一日未付款订单数",
            "Of these, those that are between one hour and 25 hours old at the end of the as-of date: of runs on every night, each order in one.",
        ),
        UNPAID_AMOUNT,
        UNPAID_HOURS,
        UNPAID_ITEM,
        AWAITING_ORDERS,
        AWAITING_DAYS,
        DAYS_SINCE_FIRST_COMPLETION,
        HOURS_SINCE_ORDER,
        OPEN_REFUNDS,
        LAST_ITEM,
        Column::new(
            "shop_completion_days_p90",
            Kind::Ratio,
            "days",
            "店铺确认收货天数90分位",
            "Nine in ten of the shop's completed purchases took fewer days from shipping to completion, interpolated.",
        )
        .null_when("no purchase of the shop is shipped and completed"),
        Column::new("shop_first_interval_p50", Kind::Ratio, "days", "店铺首次回购间隔中位数", "p50 of repurchase_intervals with nth = 1.")
            .null_when("no customer of the shop has bought again"),
        Column::new("shop_first_interval_p75", Kind::Ratio, "days", "店铺首次回购间隔75分位", "p75 of repurchase_intervals with nth = 1.")
            .null_when("no customer of the shop has bought again"),
        Column::new(
            "shop_order_value",
            Kind::Ratio,
            "CNY per order",
            "店铺笔单价",
            "What a purchase of the shop brings on average, before refunds.",
        )
        .formula("sum of paid_amount / sum of orders of the shop's customers")
        .null_when("the shop has no customer with a purchase"),
    ]),
    needs: &[],
    uses: &[],
};

/// A customer of the conditions: who has no purchase has an order that waits, and who has no such order a purchase.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// Code of the shop.
    pub shop: u32,
    /// Row among the customers with a purchase.
    pub customer: Option<usize>,
    /// Row among those with an order that waits.
    pub open: Option<usize>,
}

/// The columns that conditions see, all of them nullable: those of `customers`, then those of [`BESIDE`].
pub(super) fn candidate_schema(ids: &IdTypes) -> SchemaRef {
    let [customers, beside] = [&customers::CARD, &BESIDE].map(|card| schema(card, ids));
    let fields = customers.fields().iter().chain(beside.fields());
    Arc::new(Schema::new(fields.map(|field| Field::new(field.name(), field.data_type().clone(), true)).collect::<Vec<_>>()))
}

/// The figures by which candidates are told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figures<'a> {
    pub context: &'a Context,
    pub customers: &'a CustomerColumns,
    pub open: &'a OpenOrders,
    /// By shop code.
    pub shops: &'a [ShopFigures],
}

impl Figures<'_> {
    /// Customers with a purchase, whose rows of `customers` these are.
    pub fn with_purchase(&self, candidates: &[Candidate], rows: &RecordBatch) -> Result<RecordBatch> {
        let beside = self.beside(candidates)?;
        let columns = rows.columns().iter().chain(beside.columns()).cloned().collect();
        Ok(RecordBatch::try_new(candidate_schema(&self.context.ids), columns)?)
    }

    /// Customers who have no purchase: all columns of `customers` are null but who they are.
    pub fn without_purchase(&self, candidates: &[Candidate]) -> Result<RecordBatch> {
        let Context { ids, shops, .. } = self.context;
        let who: [ArrayRef; 2] = [
            ids.shop.array(candidates.iter().map(|candidate| shops.id(candidate.shop))),
            ids.customer.array(candidates.iter().map(|candidate| candidate.open.map(|row| self.open.keys.id.get(row)))),
        ];
        let schema = candidate_schema(ids);
        let unknown = schema.fields().iter().take(customers::CARD.columns.len()).skip(who.len());
        let unknown: Vec<ArrayRef> = unknown.map(|field| new_null_array(field.data_type(), candidates.len())).collect();
        let beside = self.beside(candidates)?;
        let columns = who.into_iter().chain(unknown).chain(beside.columns().iter().cloned()).collect();
        Ok(RecordBatch::try_new(schema, columns)?)
    }

    fn beside(&self, candidates: &[Candidate]) -> Result<RecordBatch> {
        let Figures { context, customers, open, shops } = *self;
        let features = &context.features;
        let knows_completion = features.shipped && features.completed;
        let end = (i64::from(context.as_of) + 1) * DAY_MICROSECONDS;
        let hours_since = |time: i64| ratio((end - time).div_euclid(1_000_000), 3_600);
        let all = || candidates.iter().copied();
        let shop = |candidate: Candidate| shops.get(candidate.shop as usize).copied().unwrap_or_default();
        let unpaid_since = |row: usize| Some(open.unpaid_since[row]).filter(|time| *time != NO_TIME);
        let waits_since = |row: usize| Some(open.awaiting_since[row]).filter(|day| *day != NO_DAY);
        let completed = |row: usize| Some(customers.first_completed[row]).filter(|day| *day != NO_DAY);
        let last_paid =
            |row: usize| i64::from(customers.last_day[row]) * DAY_MICROSECONDS + i64::from(customers.last_paid_second[row]) * 1_000_000;
        let count_of = |counts: &[u32], row: Option<usize>| Some(row.map_or(0, |row| i64::from(counts[row])));
        let days_since = |day: i32| i64::from(context.as_of) - i64::from(day);
        Frame::new(&BESIDE, context)
            .counts(UNPAID_ORDERS.name, all().map(|candidate| count_of(&open.unpaid, candidate.open)))
            .counts("unpaid_last_day", all().map(|candidate| count_of(&open.unpaid_last_day, candidate.open)))
            .money(UNPAID_AMOUNT.name, all().map(|candidate| Some(candidate.open.map_or(0, |row| open.unpaid_amount[row]))))
            .numbers(UNPAID_HOURS.name, all().map(|candidate| candidate.open.and_then(unpaid_since).and_then(hours_since)))
            .items(UNPAID_ITEM.name, all().map(|candidate| candidate.open.map_or(NO_VALUE, |row| open.unpaid_item[row])))
            .counts(AWAITING_ORDERS.name, all().map(|candidate| count_of(&open.awaiting, candidate.open).filter(|_| knows_completion)))
            .counts(AWAITING_DAYS.name, all().map(|candidate| candidate.open.and_then(waits_since).map(days_since)))
            .counts(DAYS_SINCE_FIRST_COMPLETION.name, all().map(|candidate| candidate.customer.and_then(completed).map(days_since)))
            .numbers(HOURS_SINCE_ORDER.name, all().map(|candidate| candidate.customer.and_then(|row| hours_since(last_paid(row)))))
            .counts(OPEN_REFUNDS.name, all().map(|candidate| count_of(&open.open_refunds, candidate.open).filter(|_| features.refunds)))
            .items(LAST_ITEM.name, all().map(|candidate| candidate.customer.map_or(NO_VALUE, |row| customers.last_item[row])))
            .numbers("shop_completion_days_p90", all().map(|candidate| shop(candidate).completion_days_p90))
            .numbers("shop_first_interval_p50", all().map(|candidate| shop(candidate).first_interval_p50))
            .numbers("shop_first_interval_p75", all().map(|candidate| shop(candidate).first_interval_p75))
            .numbers("shop_order_value", all().map(|candidate| shop(candidate).order_value))
            .finish()
    }
}
