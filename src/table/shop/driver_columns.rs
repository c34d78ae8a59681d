//! Driver columns: the factors of sales, of the days that a row is about and of those that they are compared with.

use super::driver_spans::{Compared, Span};
use super::means::DAYS_WITH_TRAFFIC;
use crate::metric::ratio::{money_per, ratio};
use crate::metric::sales_drivers::{GroupSales, Sales};
use crate::table::column::Value::{self, Count, Money, Ratio, Share};
use crate::table::column::{ValueColumn, column};

const NO_TRAFFIC: &str = "no day of these has a UV";

/// A row about a period and those that it is compared with.
pub trait ComparedRow: 'static {
    /// The periods.
    fn compared(&self) -> &Compared;
}

/// Which days columns are about.
pub trait Side: 'static {
    /// Their sales; `None` where nothing is compared.
    fn of(compared: &Compared) -> Option<&Span>;
}

/// The days that the row is about.
pub struct Now;

impl Side for Now {
    fn of(compared: &Compared) -> Option<&Span> {
        Some(&compared.now)
    }
}

/// Those of the period before.
pub struct Before;

impl Side for Before {
    fn of(compared: &Compared) -> Option<&Span> {
        compared.before.as_ref()
    }
}

/// A group of customers.
pub trait Customers: 'static {
    /// What they bought.
    fn of(sales: &Sales) -> &GroupSales;
}

/// Customers without an earlier purchase day.
pub struct New;

impl Customers for New {
    fn of(sales: &Sales) -> &GroupSales {
        &sales.new
    }
}

/// Customers with an earlier purchase day.
pub struct Returning;

impl Customers for Returning {
    fn of(sales: &Sales) -> &GroupSales {
        &sales.returning
    }
}

fn span<S: Side>(row: &impl ComparedRow) -> Option<&Span> {
    S::of(row.compared())
}

fn sales<S: Side>(row: &impl ComparedRow) -> Option<&Sales> {
    span::<S>(row)?.tracked()
}

fn group<S: Side, C: Customers>(row: &impl ComparedRow) -> Option<&GroupSales> {
    sales::<S>(row).map(C::of)
}

/// What a column is called, and what it says.
#[derive(Clone, Copy)]
pub struct Words {
    name: &'static str,
    chinese: &'static str,
    definition: &'static str,
    formula: &'static str,
    null_when: &'static str,
}

const fn words(name: &'static str, chinese: &'static str, definition: &'static str, formula: &'static str) -> Words {
    Words { name, chinese, definition, formula, null_when: NO_TRAFFIC }
}

impl Words {
    const fn null_when(mut self, cases: &'static str) -> Words {
        self.null_when = cases;
        self
    }

    const fn column<Row>(&self, value: Value<Row>, unit: &'static str) -> ValueColumn<Row> {
        column(self.name, value, unit, self.chinese, self.definition).formula(self.formula).null_when(self.null_when)
    }
}

/// The columns over all customers.
pub const fn shop_columns<S: Side, Row: ComparedRow>(words: &[Words; 9]) -> [ValueColumn<Row>; 9] {
    let [paid_amount, untracked_amount, days_with_traffic, visitors, paying, conversion, orders, items, amount] = words;
    [
        paid_amount.column(Money(|row: &Row| Some(span::<S>(row)?.paid_amount)), "CNY"),
        untracked_amount.column(
            Money(|row: &Row| {
                let span = span::<S>(row)?;
                Some(span.paid_amount - span.sales.total().amount)
            }),
            "CNY",
        ),
        days_with_traffic.column(Count(|row: &Row| Some(span::<S>(row)?.days_with_traffic)), "days"),
        visitors.column(Count(|row: &Row| Some(sales::<S>(row)?.visitors)), "visitor-days"),
        paying.column(Count(|row: &Row| Some(sales::<S>(row)?.total().paying)), "customer-days"),
        conversion.column(
            Ratio(|row: &Row| {
                let sales = sales::<S>(row)?;
                ratio(sales.total().paying, sales.visitors)
            }),
            "1",
        ),
        orders.column(Count(|row: &Row| Some(sales::<S>(row)?.total().orders)), "orders"),
        items.column(Count(|row: &Row| Some(sales::<S>(row)?.total().items)), "items"),
        amount.column(Money(|row: &Row| Some(sales::<S>(row)?.total().amount)), "CNY"),
    ]
}

/// The columns of a group of customers.
pub const fn group_columns<S: Side, C: Customers, Row: ComparedRow>(words: &[Words; 8]) -> [ValueColumn<Row>; 8] {
    let [paying, share, orders, frequency, items, basket, amount, price] = words;
    [
        paying.column(Count(|row: &Row| Some(group::<S, C>(row)?.paying)), "customer-days"),
        share.column(Share(|row: &Row| ratio(group::<S, C>(row)?.paying, sales::<S>(row)?.total().paying)), "1"),
        orders.column(Count(|row: &Row| Some(group::<S, C>(row)?.orders)), "orders"),
        frequency.column(
            Ratio(|row: &Row| {
                let group = group::<S, C>(row)?;
                ratio(group.orders, group.paying)
            }),
            "orders per customer",
        ),
        items.column(Count(|row: &Row| Some(group::<S, C>(row)?.items)), "items"),
        basket.column(
            Ratio(|row: &Row| {
                let group = group::<S, C>(row)?;
                ratio(group.items, group.orders)
            }),
            "items per order",
        ),
        amount.column(Money(|row: &Row| Some(group::<S, C>(row)?.amount)), "CNY"),
        price.column(
            Ratio(|row: &Row| {
                let group = group::<S, C>(row)?;
                money_per(group.amount, group.items)
            }),
            "CNY per item",
        ),
    ]
}

const NOBODY_PAID: &str = "no day of these has a UV, or nobody paid on them";
const NOBODY_OF_THEM: &str = "no day of these has a UV, or nobody of the group paid on them";
const NO_ITEMS: &str = "no day of these has a UV, or the group paid for no item on them";
const NEW: &str = "Of paying, those without a purchase on an earlier day, also where all that they paid on the day was refunded in full. \
                   In the first weeks of the data they may be old customers.";
const RETURNING: &str =
    "Of paying, those with a purchase on an earlier day, also where all that they paid on the day was refunded in full.";
const SHARE: &str = "The share of the group in paying.";
const ORDERS: &str = "Orders that the group paid on these days. A later refund does not undo them.";
const FREQUENCY: &str = "Orders that a paying customer of the group pays on a day.";
const ITEMS: &str = "Items in the orders of the group. Where the job maps no quantity, each order line counts as one item.";
const BASKET: &str = "Items in an order of the group.";
const AMOUNT: &str = "What was paid for the orders of the group: visitors × conversion × its share × orders per customer × items per \
                      order × price per item. Refunds are not deducted.";
const PRICE: &str = "What was paid for an item in the orders of the group.";

/// The words of the days that the row is about.
pub const SHOP: [Words; 9] = [
    words(
        "paid_amount",
        "支付金额",
        "What was paid on the days that the row is about, also on those without a UV and for orders that name no customer. Refunds are not \
         deducted.",
        "",
    )
    .null_when("never"),
    words(
        "untracked_amount",
        "无流量支付金额",
        "The part of paid_amount that has no factors: what was paid on days without a UV, and for orders that name no customer.",
        "paid_amount - amount",
    )
    .null_when("never"),
    words("days_with_traffic", "有流量数据天数", DAYS_WITH_TRAFFIC.definition, "").null_when("never"),
    words("visitors", "访客数合计", "The daily UV summed over the days with one: visitor days, not people.", ""),
    words(
        "paying",
        "支付买家数合计",
        "The daily numbers of paying customers summed over the same days: customer days, not people. A later refund does not undo them.",
        "new_paying + returning_paying",
    ),
    words(
        "conversion",
        "支付转化率",
        "Paying customers for each visitor, both counted every day anew: uv_conversion of shop_periods.",
        "paying / visitors",
    )
    .null_when("no day of these has a UV, or all are 0"),
    words("orders", "支付订单数", "Orders that these customers paid on these days.", "new_orders + returning_orders"),
    words("items", "支付件数", "Items in these orders.", "new_items + returning_items"),
    words("amount", "有流量支付金额", "What was paid for these orders: what the factors multiply to.", "new_amount + returning_amount"),
];

pub const NEW_CUSTOMERS: [Words; 8] = [
    words("new_paying", "新客成交人次", NEW, ""),
    words("new_paying_share", "新客占比", SHARE, "new_paying / paying").null_when(NOBODY_PAID),
    words("new_orders", "新客支付订单数", ORDERS, ""),
    words("new_orders_per_customer", "新客人均笔数", FREQUENCY, "new_orders / new_paying").null_when(NOBODY_OF_THEM),
    words("new_items", "新客支付件数", ITEMS, ""),
    words("new_items_per_order", "新客笔均件数", BASKET, "new_items / new_orders").null_when(NOBODY_OF_THEM),
    words("new_amount", "新客支付金额", AMOUNT, ""),
    words("new_price_per_item", "新客件单价", PRICE, "new_amount / new_items").null_when(NO_ITEMS),
];

pub const RETURNING_CUSTOMERS: [Words; 8] = [
    words("returning_paying", "老客成交人次", RETURNING, ""),
    words("returning_paying_share", "老客占比", SHARE, "returning_paying / paying").null_when(NOBODY_PAID),
    words("returning_orders", "老客支付订单数", ORDERS, ""),
    words("returning_orders_per_customer", "老客人均笔数", FREQUENCY, "returning_orders / returning_paying").null_when(NOBODY_OF_THEM),
    words("returning_items", "老客支付件数", ITEMS, ""),
    words("returning_items_per_order", "老客笔均件数", BASKET, "returning_items / returning_orders").null_when(NOBODY_OF_THEM),
    words("returning_amount", "老客支付金额", AMOUNT, ""),
    words("returning_price_per_item", "老客件单价", PRICE, "returning_amount / returning_items").null_when(NO_ITEMS),
];

const BEFORE: &str = "What the column of this name without `_before` says, of the days of the period before that are compared: all of it \
                      where the period is complete, else its first compared_days days.";
pub const NO_PERIOD_BEFORE: &str = "the period before is not there or not complete";
const NO_FACTOR_BEFORE: &str =
    "the period before is not there or not complete, or the column of this name without `_before` would be null in it";

const fn before(name: &'static str, chinese: &'static str, formula: &'static str) -> Words {
    words(name, chinese, BEFORE, formula).null_when(NO_FACTOR_BEFORE)
}

/// The words of the days of the period before.
pub const SHOP_BEFORE: [Words; 9] = [
    before("paid_amount_before", "上期支付金额", "").null_when(NO_PERIOD_BEFORE),
    before("untracked_amount_before", "上期无流量支付金额", "paid_amount_before - amount_before").null_when(NO_PERIOD_BEFORE),
    before("days_with_traffic_before", "上期有流量数据天数", "").null_when(NO_PERIOD_BEFORE),
    before("visitors_before", "上期访客数合计", ""),
    before("paying_before", "上期支付买家数合计", "new_paying_before + returning_paying_before"),
    before("conversion_before", "上期转化率", "paying_before / visitors_before"),
    before("orders_before", "上期支付订单数", "new_orders_before + returning_orders_before"),
    before("items_before", "上期支付件数", "new_items_before + returning_items_before"),
    before("amount_before", "上期有流量支付金额", "new_amount_before + returning_amount_before"),
];

pub const NEW_CUSTOMERS_BEFORE: [Words; 8] = [
    before("new_paying_before", "上期新客成交人次", ""),
    before("new_paying_share_before", "上期新客占比", "new_paying_before / paying_before"),
    before("new_orders_before", "上期新客支付订单数", ""),
    before("new_orders_per_customer_before", "上期新客人均笔数", "new_orders_before / new_paying_before"),
    before("new_items_before", "上期新客支付件数", ""),
    before("new_items_per_order_before", "上期新客笔均件数", "new_items_before / new_orders_before"),
    before("new_amount_before", "上期新客支付金额", ""),
    before("new_price_per_item_before", "上期新客件单价", "new_amount_before / new_items_before"),
];

pub const RETURNING_CUSTOMERS_BEFORE: [Words; 8] = [
    before("returning_paying_before", "上期老客成交人次", ""),
    before("returning_paying_share_before", "上期老客占比", "returning_paying_before / paying_before"),
    before("returning_orders_before", "上期老客支付订单数", ""),
    before("returning_orders_per_customer_before", "上期老客人均笔数", "returning_orders_before / returning_paying_before"),
    before("returning_items_before", "上期老客支付件数", ""),
    before("returning_items_per_order_before", "上期老客笔均件数", "returning_items_before / returning_orders_before"),
    before("returning_amount_before", "上期老客支付金额", ""),
    before("returning_price_per_item_before", "上期老客件单价", "returning_amount_before / returning_items_before"),
];
