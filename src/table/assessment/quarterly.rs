//! assessment_quarterly: each shop's quarter in the metrics of the platform's assessments, compared with its peers.

use std::sync::OnceLock;

use super::figures::SHOP_FIGURES;
use super::metric_columns::{METRICS, NO_REFUNDS};
use super::peer_columns::{NO_CATEGORY, PEERS};
use super::rows::{Row, rows};
use crate::fold::activity::ACTIVITY;
use crate::job::rule::Base;
use crate::metric::assessed;
use crate::metric::sums::Quantity;
use crate::spec::{NO_DAY, Need};
use crate::table::column::Value::{Count, Date, Flag, Money, Ratio, Shop, Text};
use crate::table::column::{ValueColumn, column, same};
use crate::table::night::Read;
use crate::table::shop::columns::{PAID_ORDERS, PAYMENT_RATE, PLACED_ORDERS};
use crate::table::shop::means::{DAYS, DAYS_WITH_TRAFFIC, PAYING_CUSTOMER_DAYS, PAYING_DAILY_MEAN, UV_CONVERSION, UV_DAILY_MEAN, UV_SUM};
use crate::table::shop::refunded::NOTHING_SAYS_REFUNDED;
use crate::table::unit::{Table, Witness};

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "assessment_quarterly",
    chinese: "季度考核指标",
    question: "Where does each shop stand in the metrics of the platform's quarterly assessment, and where among the shops of its \
         category?",
    grain: "one shop and calendar quarter that has a day between the first day with anything of the shop in any input and the as-of date",
    key: &["shop_id", "quarter"],
    needs: &[Need { input: "orders", column: "" }],
    uses: &[],
    reads: &[Read::Fold(&ACTIVITY), Read::Shared(&SHOP_FIGURES)],
    columns: &[&QUARTER, &SALES, &METRICS, &PEERS],
    rows: |night, out| out.all(rows(&night.context, night.fold(&ACTIVITY)?.as_ref(), &night.shared(&SHOP_FIGURES)?, &night.facts)),
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The shop and its quarter.
static QUARTER: [ValueColumn<Row>; 8] = [
    column("shop_id", Shop(|row| row.shop.shop), "", "店铺", "The shop."),
    column("quarter", Date(|row| row.period.start), "date", "季度首日", "The first day of the calendar quarter."),
    column("category", Text(|row: &Row| row.shop.category()), "", "主营类目", "The shop's main category, by which it has peers.")
        .null_when(NO_CATEGORY),
    column(
        "opened_at",
        Date(|row: &Row| row.shop.opened.unwrap_or(NO_DAY)),
        "date",
        "入驻日期",
        "The day on which the shop entered the platform.",
    )
    .null_when("the job has no shops input or no opening of the shop"),
    column(
        "is_eligible",
        Flag(|row: &Row| Some(row.is_eligible)),
        "",
        "是否参与考核",
        "Whether the shop entered at least three months before the quarter began; otherwise it is exempt and nobody's peer. A shop of \
         unknown opening is eligible.",
    )
    .formula("opened_at <= quarter - 3 months"),
    column(
        "is_complete",
        Flag(|row| Some(row.is_complete)),
        "",
        "是否完整",
        "Whether the quarter is over: its last day is not after the as-of date. Otherwise all figures are its standing so far.",
    ),
    same(DAYS, Count(|row| Some(row.period.days))),
    column(
        "peers",
        Count(|row: &Row| row.peers()),
        "shops",
        "同行店铺数",
        "Eligible shops of the same category with a row for the quarter, the shop itself included when it is eligible. They compare by \
         every metric but the counts that are only parts of rates, such as intervened_refunds and complaints: a large shop has more of \
         them.",
    )
    .null_when(NO_CATEGORY),
];

/// Sales and conversion.
static SALES: [ValueColumn<Row>; 13] = [
    column(
        "paid_amount",
        Money(|row| row.amount(Base::Paid)),
        "CNY",
        "支付金额",
        "What was paid in the quarter, refunds not deducted: the base that the platform shows and that peers are compared by.",
    ),
    column(
        "net_by_payment",
        Money(|row: &Row| row.amount(Base::NetByPayment)),
        "CNY",
        "净支付金额（按支付日）",
        "What was paid in the quarter less what of these very payments was refunded by the as-of date; restated when a refund comes later.",
    )
    .formula("paid_amount - refunds of the orders paid in the quarter")
    .null_when(NOTHING_SAYS_REFUNDED),
    column(
        "net_by_refund",
        Money(|row: &Row| row.amount(Base::NetByRefund)),
        "CNY",
        "净支付金额（按退款日）",
        "What was paid in the quarter less the refunds completed in it, of whatever payments; never restated.",
    )
    .formula("paid_amount - refunds completed in the quarter")
    .null_when(NO_REFUNDS),
    column(
        "settled",
        Money(|row: &Row| row.amount(Base::Settled)),
        "CNY",
        "确认收货金额",
        "What was paid for the orders that were completed in the quarter, whenever they were paid; refunds are not deducted.",
    )
    .null_when("the job maps no completed_at"),
    same(PAID_ORDERS, Count(|row| Some(row.counted(Quantity::PaidOrders)))),
    same(PLACED_ORDERS, Count(|row| Some(row.counted(Quantity::PlacedOrders)))),
    same(PAYMENT_RATE, Ratio(|row| row.figure(assessed::PAYMENT_RATE))),
    same(DAYS_WITH_TRAFFIC, Count(|row| Some(row.period.figures.means.days_with_traffic))),
    same(UV_SUM, Count(|row| row.period.figures.means.uv_sum)),
    same(UV_DAILY_MEAN, Ratio(|row| row.period.figures.means.uv_daily_mean())),
    same(PAYING_CUSTOMER_DAYS, Count(|row| row.period.figures.means.paying_customer_days)),
    same(PAYING_DAILY_MEAN, Ratio(|row| row.period.figures.means.paying_daily_mean())),
    same(UV_CONVERSION, Ratio(|row| row.figure(assessed::UV_CONVERSION))),
];
