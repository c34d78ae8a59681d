//! item_refunds: why items come back, and how much of each reason.

use std::cmp::Reverse;
use std::sync::{Arc, OnceLock};

use super::ranked::RANKED_ITEMS;
use super::refund_reasons::REFUND_REASONS;
use super::titles::TITLE;
use crate::error::Result;
use crate::fold::item::refunds::Refunded;
use crate::metric::ratio::{ratio, ratio_known};
use crate::spec::{NO_DAY, Need};
use crate::table::column::Value::{Count, Item, Money, Number, Share, Shop, Text};
use crate::table::column::{ValueColumn, column, same};
use crate::table::night::{Night, Read};
use crate::table::rows::RowWriter;
use crate::table::unit::{Table, Witness};

/// Days of the last refunds and of those before them.
const RECENT: i32 = 60;

const DEFINITION: &str = "docs/definitions.md, Why items come back";

/// A reason of an item.
pub struct Row {
    shop: u32,
    item: u32,
    title: Option<Arc<str>>,
    reason: Arc<str>,
    rank: i64,
    refunded: Refunded,
    /// What went back of the item for any reason, in minor units.
    item_refunded: i64,
    /// What was paid for the item, in minor units.
    paid_amount: i64,
    /// What went back of all items of the shop for the reason, in minor units.
    shop_reason: i64,
    /// The same for any reason.
    shop_refunded: i64,
    /// Whether the shop had orders already 60 days ago.
    has_before: bool,
}

impl Row {
    fn amount_30_before(&self) -> Option<i64> {
        self.has_before.then_some(self.refunded.amount_30_before)
    }
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "item_refunds",
    chinese: "商品退款原因表",
    question: "Why do customers send an item back, is one reason more frequent than for the shop's other items, and is it growing?",
    grain: "one reason for which something of an item of a shop was refunded by the as-of date",
    key: &["shop_id", "item_id", "reason"],
    needs: &[Need { input: "orders", column: "item_id" }, Need { input: "refunds", column: "reason" }],
    uses: &["item_id", "item_title"],
    reads: &[Read::Shared(&RANKED_ITEMS), Read::Shared(&REFUND_REASONS)],
    columns: &[&REFUNDED, &OF_SHOP, &TREND],
    rows: write,
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// What went back.
const REFUNDED: [ValueColumn<Row>; 11] = [
    column("shop_id", Shop(|row: &Row| row.shop), "", "店铺", "The shop."),
    column("item_id", Item(|row: &Row| row.item), "", "商品", "The item (宝贝)."),
    column(
        "reason",
        Text(|row: &Row| Some(&row.reason)),
        "",
        "退款原因",
        "The reason that the refunds name, as the input has it. (none) for refunds without one, and for what only the status of a line says \
         was refunded, of an order without refunds.",
    ),
    same(TITLE, Text(|row: &Row| row.title.as_deref())),
    column(
        "reason_rank",
        Count(|row: &Row| Some(row.rank)),
        "",
        "原因排名",
        "The place of the reason among those of the item by what was refunded, from 1; of equal ones the lesser text comes first.",
    ),
    column(
        "refunded_orders",
        Count(|row: &Row| Some(row.refunded.orders.into())),
        "orders",
        "退款订单数",
        "Paid orders of which something of the item was refunded for the reason. An order that names two reasons for the item counts in both.",
    ),
    column(
        "refunded_of_paid",
        Money(|row: &Row| Some(row.refunded.amount)),
        "CNY",
        "支付订单已退款金额",
        "What of the item's paid amount was refunded for the reason by the as-of date. What was refunded of a line has the reason of the \
         refunds that name it; the rest is laid on the reasons of the order's refunds that name none of its lines, or where all do, on those \
         of the line, or else of refunds that exceed what was paid for theirs, in proportion to their amounts.",
    )
    .source(DEFINITION),
    column(
        "item_refunded_of_paid",
        Money(|row: &Row| Some(row.item_refunded)),
        "CNY",
        "商品已退款金额",
        "The same for all reasons: refunded_of_paid of the table items. The reasons of an item add up to it.",
    ),
    column(
        "reason_share",
        Share(|row: &Row| ratio(row.refunded.amount, row.item_refunded)),
        "1",
        "原因退款占比",
        "The reason's part of what was refunded of the item.",
    )
    .formula("refunded_of_paid / item_refunded_of_paid"),
    column(
        "paid_amount",
        Money(|row: &Row| Some(row.paid_amount)),
        "CNY",
        "支付金额",
        "What was paid for the item. Refunds are not deducted.",
    ),
    column(
        "refund_share",
        Share(|row: &Row| ratio(row.refunded.amount, row.paid_amount)),
        "1",
        "退款金额占比",
        "The part of what was paid for the item that was refunded for the reason.",
    )
    .formula("refunded_of_paid / paid_amount"),
];

/// The same of all items of the shop.
const OF_SHOP: [ValueColumn<Row>; 3] = [
    column(
        "shop_reason_refunded",
        Money(|row: &Row| Some(row.shop_reason)),
        "CNY",
        "店铺同原因退款金额",
        "What was refunded of all items of the shop for the reason.",
    ),
    column(
        "shop_refunded",
        Money(|row: &Row| Some(row.shop_refunded)),
        "CNY",
        "店铺商品退款金额",
        "What was refunded of all items of the shop for any reason.",
    ),
    column(
        "shop_reason_share",
        Share(|row: &Row| ratio(row.shop_reason, row.shop_refunded)),
        "1",
        "店铺原因退款占比",
        "The reason's part of what was refunded of all items of the shop, to compare reason_share with.",
    )
    .formula("shop_reason_refunded / shop_refunded"),
];

/// How it changes.
const TREND: [ValueColumn<Row>; 3] = [
    column(
        "refunded_30",
        Money(|row: &Row| Some(row.refunded.amount_30)),
        "CNY",
        "最近30天退款金额",
        "What of refunded_of_paid was paid out in the 30 days to the as-of date, this one included. What only a status says has no day.",
    ),
    column(
        "refunded_30_before",
        Money(|row: &Row| row.amount_30_before()),
        "CNY",
        "此前30天退款金额",
        "What of it was paid out in the 30 days before these.",
    )
    .null_when("the shop's first order is less than 60 days old"),
    column(
        "refund_trend",
        Number(|row: &Row| ratio_known(Some(row.refunded.amount_30 - row.amount_30_before()?), row.amount_30_before())),
        "1",
        "退款金额环比",
        "The change of what was paid out, as a part of what it was: 0.5 is half as much again.",
    )
    .formula("(refunded_30 - refunded_30_before) / refunded_30_before")
    .null_when("refunded_30_before is null or 0"),
];

fn write(night: &Night, out: &mut RowWriter<'_, Row>) -> Result<()> {
    let context = &night.context;
    let reasons = night.shared(&REFUND_REASONS)?;
    let totals: Vec<i64> = (0..context.shops.len() as u32).map(|shop| reasons.shop_total(shop)).collect();
    night.shared(&RANKED_ITEMS)?.each(|ranked| {
        let (shop, item) = (ranked.item.shop, ranked.item.item);
        let own = reasons.of(shop, item);
        if own.is_empty() {
            return Ok(());
        }
        let title: Option<Arc<str>> = context.item_titles.of(shop, item).map(Arc::from);
        let first = context.first_days.get(shop as usize).copied().filter(|first| *first != NO_DAY);
        let mut by_amount: Vec<usize> = (0..own.len()).collect();
        by_amount.sort_by_key(|place| Reverse(own.get(*place).map(|(_, row)| row.refunded.amount)));
        let mut ranks = vec![0; own.len()];
        for (rank, place) in (1..).zip(by_amount) {
            if let Some(of) = ranks.get_mut(place) {
                *of = rank;
            }
        }
        let item_refunded = own.iter().map(|(_, row)| row.refunded.amount).sum();
        own.iter().zip(ranks).try_for_each(|((_, row), rank)| {
            out.row(Row {
                shop,
                item,
                title: title.clone(),
                reason: Arc::clone(&row.reason),
                rank,
                refunded: row.refunded,
                item_refunded,
                paid_amount: ranked.item.sold.paid_amount,
                shop_reason: reasons.of_shop(shop, &row.reason),
                shop_refunded: totals.get(shop as usize).copied().unwrap_or(0),
                has_before: first.is_some_and(|first| first <= context.as_of.saturating_sub(RECENT - 1)),
            })
        })
    })
}

#[cfg(test)]
mod tests;
