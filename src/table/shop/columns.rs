//! Shop columns: the columns that tables of shops, and of shops taken together, have by day and by period, with one meaning and one
//! computation everywhere.

use super::days::Figures;
use crate::fold::activity::Activity;
use crate::history::Features;
use crate::input::records::facts::TrafficDay;
use crate::metric::payment_rate::OrderCounts;
use crate::metric::ratio::{money_per, ratio, ratio_known};
use crate::spec::{Column, Kind};
use crate::table::column::Value::{self, Count, Money, Ratio, Share};
use crate::table::column::{ValueColumn, column, same};

pub(super) const NO_CUSTOMERS: &str = "the job maps no customer_id";
pub(super) const NO_REFUNDS: &str = "the job has no refunds input, so that the day of a refund is unknown";
pub(super) const NO_TRAFFIC: &str =
    "the job does not map the traffic column, or there is no value of it for the day or for any day of the period";

pub const PLACED_ORDERS: Column = Column::new(
    "placed_orders",
    Kind::Count,
    "orders",
    "拍下订单数",
    "Orders created on the day or in the period, whether they were paid later or not.",
);
pub const PAID_ORDERS: Column = Column::new(
    "paid_orders",
    Kind::Count,
    "orders",
    "支付订单数",
    "Orders whose payment lies on the day or in the period, whenever they were placed. A later refund does not undo them.",
);
pub const NO_PAYMENT_RATE: &str = "no order was placed, or the job maps neither paid_at nor status: all orders count as paid when placed";
pub const PAYMENT_RATE: Column = Column::new(
    "payment_rate",
    Kind::Ratio,
    "1",
    "支付率",
    "Orders paid for each order placed on the day or in the period. Not the same orders: those placed before and paid now can \
     lift it over 1.",
)
.formula("paid_orders / placed_orders")
.null_when(NO_PAYMENT_RATE);
pub const VALUE_PER_CUSTOMER: Column = Column::new(
    "value_per_customer",
    Kind::Ratio,
    "CNY per customer",
    "客单价",
    "What a paying customer paid on the day or in the period.",
)
.formula("paid_amount / paying_customers")
.null_when("nobody paid, or the job maps no customer_id");

/// A row with the figures of a shop on a day or in a period.
pub trait ShopRow: 'static {
    /// The figures.
    fn figures(&self) -> &Figures;

    /// What the job maps.
    fn features(&self) -> &Features;

    /// Whether it maps customer_id.
    fn knows_customers(&self) -> bool {
        self.features().customers
    }

    /// Orders and customers.
    fn activity(&self) -> &Activity {
        &self.figures().activity
    }

    /// Traffic.
    fn traffic(&self) -> &TrafficDay {
        &self.figures().traffic
    }

    /// A number of customers; `None` where the job maps no customer_id.
    fn people(&self, of: fn(&Activity) -> i64) -> Option<i64> {
        self.knows_customers().then(|| of(self.activity()))
    }
}

/// The meanings of columns over distinct visitors. Only days have them: distinct visitors do not add up over a period.
pub struct VisitorColumns {
    pub uv: Column,
    pub ipv_uv: Column,
    pub conversion: Column,
    pub pages_per_visitor: Column,
}

const fn traffic<Row>(
    name: &'static str,
    value: Value<Row>,
    unit: &'static str,
    chinese: &'static str,
    definition: &'static str,
) -> ValueColumn<Row> {
    column(name, value, unit, chinese, definition).null_when(NO_TRAFFIC)
}

fn payment_rate(row: &impl ShopRow) -> Option<f64> {
    let Activity { paid_orders, placed_orders, .. } = *row.activity();
    let counts = OrderCounts { paid: paid_orders as f64, placed: placed_orders as f64 };
    counts.payment_rate().value().filter(|_| row.features().knows_payment())
}

fn returning_share(row: &impl ShopRow) -> Option<f64> {
    let returning = row.people(|activity| activity.returning_customers)?;
    ratio(returning, row.activity().new_customers + returning)
}

/// Orders, their money and their customers, and refunds.
pub const fn order_columns<Row: ShopRow>() -> [ValueColumn<Row>; 12] {
    [
        same(PLACED_ORDERS, Count(|row| Some(row.activity().placed_orders))),
        column(
            "placed_amount",
            Money(|row| Some(row.activity().placed_amount)),
            "CNY",
            "拍下总金额",
            "What all lines of these orders cost when they were placed. Where the job maps no order_amount, it is what was paid \
             for them.",
        ),
        column(
            "placed_customers",
            Count(|row: &Row| row.people(|activity| activity.placed_customers)),
            "customers",
            "拍下人数",
            "Distinct customers with an order created on the day or in the period.",
        )
        .null_when(NO_CUSTOMERS),
        same(PAID_ORDERS, Count(|row| Some(row.activity().paid_orders))),
        column(
            "paid_amount",
            Money(|row| Some(row.activity().paid_amount)),
            "CNY",
            "支付金额",
            "What was paid for these orders. Refunds are not deducted: see net_by_payment and net_by_refund.",
        ),
        column(
            "paying_customers",
            Count(|row: &Row| row.people(|activity| activity.paying_customers)),
            "customers",
            "支付买家数",
            "Distinct customers who paid an order on the day or in the period (also called 成交UV). A later refund does not undo \
             them.",
        )
        .null_when(NO_CUSTOMERS),
        column(
            "paid_quantity",
            Count(|row| Some(row.activity().paid_quantity)),
            "items",
            "支付件数",
            "Items in the orders paid on the day or in the period. Where the job maps no quantity, each order line counts as one \
             item.",
        ),
        column(
            "purchases",
            Count(|row| Some(row.activity().purchases)),
            "orders",
            "成交订单数",
            "Of the paid orders, those that were not refunded in full by the as-of date. A refund of tomorrow can still take one \
             away.",
        ),
        column(
            "new_customers",
            Count(|row: &Row| row.people(|activity| activity.new_customers)),
            "customers",
            "新客数",
            "Customers whose first purchase day in all the data is the day, or lies in the period. In the first weeks of the data \
             they may be old customers.",
        )
        .null_when(NO_CUSTOMERS),
        column(
            "returning_customers",
            Count(|row: &Row| row.people(|activity| activity.returning_customers)),
            "customers",
            "老客数",
            "Distinct customers with a purchase on the day or in the period whose first purchase day lies before that day or \
             period.",
        )
        .null_when(NO_CUSTOMERS),
        column(
            "refunds",
            Count(|row: &Row| Some(row.figures().refunded?.refunds)),
            "refunds",
            "成功退款笔数",
            "Refunds completed with success on the day or in the period, whenever the order was paid.",
        )
        .null_when(NO_REFUNDS),
        column(
            "refund_amount",
            Money(|row: &Row| Some(row.figures().refunded?.amount)),
            "CNY",
            "成功退款金额",
            "What went back with these refunds, including those of orders that are not in the data.",
        )
        .null_when(NO_REFUNDS),
    ]
}

/// A column under the name that it had before.
pub const fn former_net_revenue<Row: ShopRow>() -> ValueColumn<Row> {
    column(
        "net_revenue",
        Money(|row: &Row| Some(row.activity().paid_amount - row.figures().refunded?.amount)),
        "CNY",
        "净支付金额（按退款日）",
        "The former name of net_by_refund, which has the same values. It stays for this version only.",
    )
    .formula("paid_amount - refund_amount")
    .null_when(NO_REFUNDS)
}

/// Views of pages.
pub const fn page_views<Row: ShopRow>() -> ValueColumn<Row> {
    traffic(
        "pv",
        Count(|row| row.traffic().pv),
        "page views",
        "浏览量",
        "Views of the shop's pages; over several days or shops the sum of those with a value.",
    )
}

/// Views of item pages.
pub const fn item_page_views<Row: ShopRow>() -> ValueColumn<Row> {
    traffic(
        "ipv",
        Count(|row| row.traffic().ipv),
        "page views",
        "商品浏览量",
        "Views of the shop's item pages; over several days or shops the sum of those with a value.",
    )
}

/// Views and visitors of a shop.
pub const fn view_columns<Row: ShopRow>(visitors: &VisitorColumns) -> [ValueColumn<Row>; 4] {
    [
        page_views(),
        same(visitors.uv, Count(|row| row.traffic().uv)),
        item_page_views(),
        same(visitors.ipv_uv, Count(|row| row.traffic().ipv_uv)),
    ]
}

/// Visits, and what visitors did.
pub const fn visit_columns<Row: ShopRow>() -> [ValueColumn<Row>; 5] {
    [
        traffic(
            "visits",
            Count(|row| row.traffic().visits),
            "visits",
            "访问次数",
            "Visits to the shop; over several days or shops the sum of those with a value.",
        ),
        traffic(
            "bounces",
            Count(|row| row.traffic().bounces),
            "visits",
            "跳失次数",
            "Visits that saw one page only; over several days or shops the sum of those with a value.",
        ),
        traffic(
            "favorites",
            Count(|row| row.traffic().favorites),
            "items",
            "收藏数",
            "Items added to favourites; over several days or shops the sum of those with a value.",
        ),
        traffic(
            "cart_adds",
            Count(|row| row.traffic().cart_adds),
            "items",
            "加购数",
            "Items added to carts; over several days or shops the sum of those with a value.",
        ),
        traffic(
            "dwell_seconds",
            Count(|row| row.traffic().dwell_seconds),
            "seconds",
            "停留时长",
            "Time spent on the shop's pages; over several days or shops the sum of those with a value.",
        ),
    ]
}

/// What part of the visitors of a shop paid.
pub const fn conversion<Row: ShopRow>(visitors: &VisitorColumns) -> ValueColumn<Row> {
    same(visitors.conversion, Ratio(|row| ratio_known(row.people(|activity| activity.paying_customers), row.traffic().uv)))
}

/// Rates of orders, money and customers.
pub const fn rate_columns<Row: ShopRow>() -> [ValueColumn<Row>; 4] {
    [
        same(PAYMENT_RATE, Ratio(payment_rate)),
        same(VALUE_PER_CUSTOMER, Ratio(|row| money_per(row.activity().paid_amount, row.people(|activity| activity.paying_customers)?))),
        column(
            "order_value",
            Ratio(|row: &Row| money_per(row.activity().paid_amount, row.activity().paid_orders)),
            "CNY per order",
            "笔单价",
            "What was paid for a paid order of the day or the period.",
        )
        .formula("paid_amount / paid_orders")
        .null_when("no order was paid"),
        column(
            "returning_share",
            Share(returning_share),
            "1",
            "老客占比",
            "Returning customers among all customers with a purchase on the day or in the period.",
        )
        .formula("returning_customers / (new_customers + returning_customers)")
        .null_when("nobody has a purchase, or the job maps no customer_id"),
    ]
}

/// Views for each visitor of a shop.
pub const fn pages_per_visitor<Row: ShopRow>(visitors: &VisitorColumns) -> ValueColumn<Row> {
    same(visitors.pages_per_visitor, Ratio(|row| ratio_known(row.traffic().pv, row.traffic().uv)))
}

/// Rates of visits.
pub const fn per_visit_columns<Row: ShopRow>() -> [ValueColumn<Row>; 3] {
    [
        column("bounce_rate", Ratio(|row: &Row| row.figures().bounce_rate()), "1", "跳失率", "Visits of one page among all visits.")
            .formula("bounces / visits")
            .null_when("bounces or visits is null, visits is 0, or a day of a shop has one of them without the other"),
        column(
            "dwell_per_visit",
            Ratio(|row: &Row| row.figures().dwell_per_visit()),
            "seconds per visit",
            "平均访问时长",
            "Time on the shop's pages for each visit.",
        )
        .formula("dwell_seconds / visits")
        .null_when("dwell_seconds or visits is null, visits is 0, or a day of a shop has one of them without the other"),
        column("depth", Ratio(|row: &Row| row.figures().depth()), "page views per visit", "访问深度", "Page views for each visit.")
            .formula("pv / visits")
            .null_when("pv or visits is null, visits is 0, or a day of a shop has one of them without the other"),
    ]
}
