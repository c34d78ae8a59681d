//! Columns of items: what was sold, its rank among the items of the shop, and how sales changed.

use super::row::Row;
use crate::metric::ratio::{ratio, ratio_known};
use crate::spec::Need;
use crate::table::column::Value::{Category, Count, Date, Item, Money, Number, Ratio, Share, Shop, Text};
use crate::table::column::{ValueColumn, column, same};
use crate::table::item::titles::TITLE;

const NO_REFUNDS: &str =
    "the job maps neither refund_amount nor status of the orders and has no refunds input: nothing says what was refunded";
const NO_VISITORS: &str = "no day of the last 30 has visitors of the item, or the job has no input item_traffic";
const NO_BEFORE: &str = "the shop's first order is less than 60 days old";

impl Row {
    fn refunded(&self) -> Option<i64> {
        self.features.refunded.then_some(self.sold.paid_amount - self.sold.net_revenue)
    }

    /// What was counted on the days of which the visitors are known; `None` where there is none.
    fn visited(&self, count: i64) -> Option<i64> {
        (self.beside.visited.days > 0).then_some(count)
    }

    fn visited_buyers(&self) -> Option<i64> {
        self.visited(self.beside.visited.buyers).filter(|_| self.features.customers)
    }

    fn amount_30_before(&self) -> Option<i64> {
        self.beside.has_before.then_some(self.sold.amount_30_before)
    }
}

/// What was sold, and the rank.
pub const SALES: [ValueColumn<Row>; 16] = [
    column("shop_id", Shop(|row: &Row| row.shop), "", "店铺", "The shop."),
    column("item_id", Item(|row: &Row| row.item), "", "商品", "The item (宝贝)."),
    same(TITLE, Text(|row: &Row| row.beside.title.as_deref())),
    column(
        "category_id",
        Category(|row: &Row| row.sold.category),
        "",
        "类目",
        "The category of the item's lines on the last day on which it was sold; of several the greatest.",
    )
    .null_when("these lines have no category, or the job maps none"),
    column("first_sold", Date(|row: &Row| row.sold.first_sold), "date", "首次售出日", "The first day on which an order with the item was paid."),
    column("last_sold", Date(|row: &Row| row.sold.last_sold), "date", "最近售出日", "The last such day."),
    column(
        "orders",
        Count(|row: &Row| Some(row.sold.orders.into())),
        "orders",
        "支付订单数",
        "Paid orders with a line of the item. A later refund does not undo them.",
    ),
    column(
        "quantity",
        Count(|row: &Row| row.features.quantity.then_some(row.sold.quantity)),
        "items",
        "支付件数",
        "Pieces in these lines.",
    )
    .null_when("the job maps no quantity"),
    column(
        "paid_amount",
        Money(|row: &Row| Some(row.sold.paid_amount)),
        "CNY",
        "支付金额",
        "What was paid for these lines. Refunds are not deducted.",
    ),
    column(
        "refunded_of_paid",
        Money(|row: &Row| row.refunded()),
        "CNY",
        "支付订单已退款金额",
        "What of it went back by the as-of date. What is known to be refunded of a line is that of its item; a refund that is known by order \
         only is laid on the lines in proportion to what is left of them; of an order that was refunded in full nothing is left.",
    )
    .null_when(NO_REFUNDS),
    column(
        "refund_share",
        Share(|row: &Row| ratio_known(row.refunded(), Some(row.sold.paid_amount))),
        "1",
        "退款金额占比",
        "The part of what was paid for the item that went back by the as-of date.",
    )
    .formula("refunded_of_paid / paid_amount")
    .null_when("paid_amount is 0, or refunded_of_paid is null"),
    column(
        "net_revenue",
        Money(|row: &Row| Some(row.sold.net_revenue)),
        "CNY",
        "净支付金额（按支付日）",
        "What was paid for the item less what of it went back.",
    )
    .formula("paid_amount - refunded_of_paid"),
    column(
        "shop_net_revenue",
        Money(|row: &Row| Some(row.totals.net_revenue)),
        "CNY",
        "店铺商品净支付金额",
        "The net revenue of all items of the shop. Lines without an item are not in it.",
    ),
    column(
        "revenue_share",
        Share(|row: &Row| ratio(row.sold.net_revenue, row.totals.net_revenue)),
        "1",
        "净成交占比",
        "The item's part of it; over the items of a shop it adds up to 1.",
    )
    .formula("net_revenue / shop_net_revenue")
    .null_when("shop_net_revenue is 0"),
    column(
        "revenue_rank",
        Count(|row: &Row| Some(row.rank.into())),
        "",
        "净成交排名",
        "The item's place among those of the shop by net revenue, from 1; of equal ones the lesser item_id comes first.",
    ),
    column(
        "tier",
        Text(|row: &Row| Some(row.tier.name())),
        "",
        "商品层级 (ABC)",
        "A while the items before it in the ranking bring less than 80 % of the shop's net revenue, B while they bring less than 95 %, else C; \
         all C where the shop has none.",
    ),
];

/// The job has refunds with their reasons.
const REASON: Need = Need { input: "refunds", column: "reason" };

/// Why it came back.
pub const REASONS: [ValueColumn<Row>; 3] = [
    column(
        "main_refund_reason",
        Text(|row: &Row| Some(row.beside.main_reason.as_ref()?.reason.as_ref())),
        "",
        "主要退款原因",
        "The reason for which the most of the item was refunded by the as-of date, of those in the table item_refunds; of equal ones the lesser \
         text.",
    )
    .null_when("nothing of the item was refunded")
    .needs(REASON),
    column(
        "main_refund_reason_amount",
        Money(|row: &Row| Some(row.beside.main_reason.as_ref()?.amount)),
        "CNY",
        "主要原因退款金额",
        "What of refunded_of_paid was refunded for it.",
    )
    .null_when("main_refund_reason is null")
    .needs(REASON),
    column(
        "main_refund_reason_share",
        Share(|row: &Row| ratio_known(Some(row.beside.main_reason.as_ref()?.amount), row.refunded())),
        "1",
        "主要原因退款占比",
        "Its part of what was refunded of the item.",
    )
    .formula("main_refund_reason_amount / refunded_of_paid")
    .null_when("main_refund_reason is null")
    .needs(REASON),
];

/// How sales changed.
pub const TREND: [ValueColumn<Row>; 3] = [
    column(
        "amount_30",
        Money(|row: &Row| Some(row.sold.amount_30)),
        "CNY",
        "最近30天支付金额",
        "What was paid for the item in the 30 days to the as-of date, this one included. Refunds are not deducted.",
    ),
    column(
        "amount_30_before",
        Money(|row: &Row| row.amount_30_before()),
        "CNY",
        "此前30天支付金额",
        "What was paid for it in the 30 days before these.",
    )
    .null_when(NO_BEFORE),
    column(
        "trend",
        Number(|row: &Row| ratio_known(Some(row.sold.amount_30 - row.amount_30_before()?), row.amount_30_before())),
        "1",
        "支付金额环比",
        "The change of what was paid for it, as a part of what it was: 0.5 is half as much again.",
    )
    .formula("(amount_30 - amount_30_before) / amount_30_before")
    .null_when("amount_30_before is null or 0"),
];

/// Who looked at it.
pub const VISITS: [ValueColumn<Row>; 8] = [
    column(
        "days_with_visitors_30",
        Count(|row: &Row| Some(row.beside.visited.days)),
        "days",
        "最近30天有访客数据天数",
        "Days of the last 30, the as-of date included, of which item_traffic has the visitors of the item, 0 included.",
    ),
    column(
        "visitors_30",
        Count(|row: &Row| row.visited(row.beside.visited.visitors)),
        "visitor days",
        "最近30天商品访客数之和",
        "The visitors of the item's page on each of these days, summed: who came on three days counts three times.",
    )
    .null_when(NO_VISITORS),
    column(
        "buyers_30",
        Count(|row: &Row| row.visited_buyers()),
        "customer days",
        "最近30天商品买家数之和",
        "The customers who paid for the item on each of these days, summed. A later refund does not undo it.",
    )
    .null_when("visitors_30 is null, or the job maps no customer_id"),
    column(
        "item_conversion",
        Ratio(|row: &Row| ratio_known(row.visited_buyers(), row.visited(row.beside.visited.visitors))),
        "1",
        "宝贝成交转化率",
        "Buyers of a day by visitors of a day, over these days. It can exceed 1 where people pay without opening the page, or visitors are \
         missing.",
    )
    .formula("buyers_30 / visitors_30")
    .null_when("buyers_30 is null, or visitors_30 is 0"),
    column(
        "cart_adds_30",
        Count(|row: &Row| row.beside.visited.cart_adds),
        "items",
        "最近30天加购件数",
        "How often the item was added to a cart on these days.",
    )
    .null_when("no day of the last 30 has visitors of the item and cart_adds, or the job has no input item_traffic"),
    column(
        "cart_rate",
        Ratio(|row: &Row| ratio_known(row.beside.visited.cart_adds, row.visited(row.beside.visited.visitors))),
        "1",
        "加购率",
        "How often it was added to a cart for each of its visitors.",
    )
    .formula("cart_adds_30 / visitors_30")
    .null_when("cart_adds_30 is null, or visitors_30 is 0"),
    column(
        "favorites_30",
        Count(|row: &Row| row.beside.visited.favorites),
        "items",
        "最近30天收藏次数",
        "How often the item was added to favourites on these days.",
    )
    .null_when("no day of the last 30 has visitors of the item and favorites, or the job has no input item_traffic"),
    column(
        "favorite_rate",
        Ratio(|row: &Row| ratio_known(row.beside.visited.favorites, row.visited(row.beside.visited.visitors))),
        "1",
        "收藏率",
        "How often it was added to favourites for each of its visitors.",
    )
    .formula("favorites_30 / visitors_30")
    .null_when("favorites_30 is null, or visitors_30 is 0"),
];
