//! Shop columns: those that shop_daily and shop_periods have in common, each meant and computed in one way at both grains.

use super::days::Figures;
use crate::metric::payment_rate::OrderCounts;
use crate::metric::ratio::{money_per, ratio, ratio_known};
use crate::spec::{Column, Kind};
use crate::table::Frame;

const NO_CUSTOMERS: &str = "the job maps no customer_id";
const NO_REFUNDS: &str = "the job has no refunds input, so that the day of a refund is unknown";
const NO_TRAFFIC: &str = "the job does not map the traffic column, or there is no value of it for the day or for any day of the period";

const fn count(name: &'static str, unit: &'static str, chinese: &'static str, definition: &'static str) -> Column {
    Column::new(name, Kind::Count, unit, chinese, definition)
}
const fn traffic(name: &'static str, unit: &'static str, chinese: &'static str, definition: &'static str) -> Column {
    count(name, unit, chinese, definition).null_when(NO_TRAFFIC)
}

pub const PLACED_ORDERS: Column =
    count("placed_orders", "orders", "拍下订单数", "Orders created on the day or in the period, whether they were paid later or not.");
pub const PLACED_AMOUNT: Column = Column::new(
    "placed_amount",
    Kind::Money,
    "CNY",
    "拍下总金额",
    "What all lines of these orders cost when they were placed. Where the job maps no order_amount, it is what was paid for them.",
);
pub const PLACED_CUSTOMERS: Column =
    count("placed_customers", "customers", "拍下人数", "Distinct customers with an order created on the day or in the period.")
        .null_when(NO_CUSTOMERS);
pub const PAID_ORDERS: Column = count(
    "paid_orders",
    "orders",
    "支付宝成交笔数",
    "Orders whose payment lies on the day or in the period, whenever they were placed. A later refund does not undo them.",
);
pub const PAID_AMOUNT: Column = Column::new(
    "paid_amount",
    Kind::Money,
    "CNY",
    "支付宝成交额",
    "What was paid for these orders. Refunds are not deducted: see refund_amount and net_revenue.",
);
pub const PAYING_CUSTOMERS: Column = count(
    "paying_customers",
    "customers",
    "成交用户数",
    "Distinct customers who paid an order on the day or in the period (also called 成交UV). A later refund does not undo them.",
)
.null_when(NO_CUSTOMERS);
pub const PAID_QUANTITY: Column = count(
    "paid_quantity",
    "items",
    "成交件数",
    "Items in the orders paid on the day or in the period. Where the job maps no quantity, each order line counts as one item.",
);
pub const PURCHASES: Column = count(
    "purchases",
    "orders",
    "成交订单数",
    "Of the paid orders, those that were not refunded in full by the as-of date. A refund of tomorrow can still take one away.",
);
pub const NEW_CUSTOMERS: Column = count(
    "new_customers",
    "customers",
    "新客数",
    "Customers whose first purchase day in all the data is the day, or lies in the period. In the first weeks of the data they may be old customers.",
)
.null_when(NO_CUSTOMERS);
pub const RETURNING_CUSTOMERS: Column = count(
    "returning_customers",
    "customers",
    "回头客数",
    "Distinct customers with a purchase on the day or in the period whose first purchase day lies before that day or period.",
)
.null_when(NO_CUSTOMERS);
pub const REFUNDS: Column =
    count("refunds", "refunds", "退款成功笔数", "Refunds completed with success on the day or in the period, whenever the order was paid.")
        .null_when(NO_REFUNDS);
pub const REFUND_AMOUNT: Column = Column::new(
    "refund_amount",
    Kind::Money,
    "CNY",
    "退款成功金额",
    "What went back with these refunds, including those of orders that are not in the data.",
)
.null_when(NO_REFUNDS);
pub const NET_REVENUE: Column = Column::new(
    "net_revenue",
    Kind::Money,
    "CNY",
    "净成交额",
    "What came in on the day or in the period less what went back in it. Negative where more went back; never restated by later refunds.",
)
.formula("paid_amount - refund_amount")
.null_when(NO_REFUNDS);
pub const PV: Column = traffic("pv", "page views", "浏览量", "Views of the shop's pages; in a period the sum over the days with a value.");
pub const UV: Column =
    traffic("uv", "visitors", "访客数", "Distinct visitors of the shop on the day, from the traffic row of the whole shop.");
pub const IPV: Column =
    traffic("ipv", "page views", "商品浏览量", "Views of the shop's item pages; in a period the sum over the days with a value.");
pub const IPV_UV: Column =
    traffic("ipv_uv", "visitors", "商品访客数", "Distinct visitors of item pages on the day, from the traffic row of the whole shop.");
pub const VISITS: Column = traffic("visits", "visits", "访问次数", "Visits to the shop; in a period the sum over the days with a value.");
pub const BOUNCES: Column =
    traffic("bounces", "visits", "跳失次数", "Visits that saw one page only; in a period the sum over the days with a value.");
pub const FAVORITES: Column =
    traffic("favorites", "items", "收藏数", "Items added to favourites; in a period the sum over the days with a value.");
pub const CART_ADDS: Column =
    traffic("cart_adds", "items", "加购数", "Items added to carts; in a period the sum over the days with a value.");
pub const DWELL_SECONDS: Column =
    traffic("dwell_seconds", "seconds", "停留时长", "Time spent on the shop's pages; in a period the sum over the days with a value.");
pub const CONVERSION: Column =
    Column::new("conversion", Kind::Ratio, "1", "转化率", "Paying customers for each distinct visitor of the shop on the day.")
        .formula("paying_customers / uv")
        .null_when("uv is null or 0, or the job maps no customer_id");
pub const PAYMENT_RATE: Column = Column::new(
    "payment_rate",
    Kind::Ratio,
    "1",
    "支付率",
    "Orders paid for each order placed on the day or in the period. Not the same orders: those placed before and paid now can lift it over 1.",
)
.formula("paid_orders / placed_orders")
.null_when("no order was placed");
pub const VALUE_PER_CUSTOMER: Column = Column::new(
    "value_per_customer",
    Kind::Ratio,
    "CNY per customer",
    "客单价",
    "What a paying customer paid on the day or in the period.",
)
.formula("paid_amount / paying_customers")
.null_when("nobody paid, or the job maps no customer_id");
pub const ORDER_VALUE: Column =
    Column::new("order_value", Kind::Ratio, "CNY per order", "笔单价", "What was paid for a paid order of the day or the period.")
        .formula("paid_amount / paid_orders")
        .null_when("no order was paid");
pub const RETURNING_SHARE: Column = Column::new(
    "returning_share",
    Kind::Share,
    "1",
    "成交回头率",
    "Returning customers among all customers with a purchase on the day or in the period.",
)
.formula("returning_customers / (new_customers + returning_customers)")
.null_when("nobody has a purchase, or the job maps no customer_id");
pub const PAGES_PER_VISITOR: Column = Column::new(
    "pages_per_visitor",
    Kind::Ratio,
    "page views per visitor",
    "人均浏览量",
    "Page views for each distinct visitor of the day.",
)
.formula("pv / uv")
.null_when("pv is null, or uv is null or 0");
pub const BOUNCE_RATE: Column = Column::new("bounce_rate", Kind::Ratio, "1", "跳失率", "Visits of one page among all visits.")
    .formula("bounces / visits")
    .null_when("bounces or visits is null, visits is 0, or a day of the period has one of them without the other");
pub const DWELL_PER_VISIT: Column =
    Column::new("dwell_per_visit", Kind::Ratio, "seconds per visit", "平均访问时长", "Time on the shop's pages for each visit.")
        .formula("dwell_seconds / visits")
        .null_when("dwell_seconds or visits is null, visits is 0, or a day of the period has one of them without the other");

/// The columns above, in their order, of those rows.
pub fn push(frame: &mut Frame<'_>, rows: &[Figures], knows_customers: bool) {
    let people = |count: i64| knows_customers.then_some(count);
    macro_rules! column {
        ($kind:ident, $column:ident, |$row:ident| $value:expr) => {
            frame.$kind($column.name, rows.iter().map(|$row| $value))
        };
    }
    column!(counts, PLACED_ORDERS, |row| Some(row.activity.placed_orders));
    column!(money, PLACED_AMOUNT, |row| Some(row.activity.placed_amount));
    column!(counts, PLACED_CUSTOMERS, |row| people(row.activity.placed_customers));
    column!(counts, PAID_ORDERS, |row| Some(row.activity.paid_orders));
    column!(money, PAID_AMOUNT, |row| Some(row.activity.paid_amount));
    column!(counts, PAYING_CUSTOMERS, |row| people(row.activity.paying_customers));
    column!(counts, PAID_QUANTITY, |row| Some(row.activity.paid_quantity));
    column!(counts, PURCHASES, |row| Some(row.activity.purchases));
    column!(counts, NEW_CUSTOMERS, |row| people(row.activity.new_customers));
    column!(counts, RETURNING_CUSTOMERS, |row| people(row.activity.returning_customers));
    column!(counts, REFUNDS, |row| Some(row.refunded?.refunds));
    column!(money, REFUND_AMOUNT, |row| Some(row.refunded?.amount));
    column!(money, NET_REVENUE, |row| Some(row.activity.paid_amount - row.refunded?.amount));
    column!(counts, PV, |row| row.traffic.pv);
    column!(counts, UV, |row| row.traffic.uv);
    column!(counts, IPV, |row| row.traffic.ipv);
    column!(counts, IPV_UV, |row| row.traffic.ipv_uv);
    column!(counts, VISITS, |row| row.traffic.visits);
    column!(counts, BOUNCES, |row| row.traffic.bounces);
    column!(counts, FAVORITES, |row| row.traffic.favorites);
    column!(counts, CART_ADDS, |row| row.traffic.cart_adds);
    column!(counts, DWELL_SECONDS, |row| row.traffic.dwell_seconds);
    column!(numbers, CONVERSION, |row| ratio_known(people(row.activity.paying_customers), row.traffic.uv));
    column!(numbers, PAYMENT_RATE, |row| {
        let orders = OrderCounts { paid: row.activity.paid_orders as f64, placed: row.activity.placed_orders as f64 };
        orders.payment_rate().value()
    });
    column!(numbers, VALUE_PER_CUSTOMER, |row| money_per(row.activity.paid_amount, people(row.activity.paying_customers)?));
    column!(numbers, ORDER_VALUE, |row| money_per(row.activity.paid_amount, row.activity.paid_orders));
    column!(numbers, RETURNING_SHARE, |row| {
        let returning = people(row.activity.returning_customers)?;
        ratio(returning, row.activity.new_customers + returning)
    });
    column!(numbers, PAGES_PER_VISITOR, |row| ratio_known(row.traffic.pv, row.traffic.uv));
    column!(numbers, BOUNCE_RATE, |row| row.bounce_rate);
    column!(numbers, DWELL_PER_VISIT, |row| row.dwell_per_visit);
}
