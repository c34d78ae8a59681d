//! Columns of payment_funnel: the counts and amounts of the orders of a period, and how long they waited.

use super::row::{Row, Waited};
use crate::metric::ratio::ratio_known;
use crate::table::column::Value::{Count, Date, Flag, Money, Ratio, Share, Shop, Text};
use crate::table::column::{ValueColumn, column, same};
use crate::table::shop::columns::PLACED_ORDERS;
use crate::table::shop::period_columns::GRAIN;

const NO_SHIPPING: &str = "the job maps no shipped_at, or a month of the period lacks it";
const NO_COMPLETION: &str = "the job maps no completed_at, or a month of the period lacks it";
const NO_PAYMENT: &str = "the job maps neither paid_at nor status: all orders count as paid when placed";
const NO_STATUS: &str = "the job maps no status, so that nothing says which orders were closed";
const NO_SHIPMENTS: &str = "the job maps no paid_at or no shipped_at, or a month of the period lacks it";

/// Orders and money.
pub static ORDERS: [ValueColumn<Row>; 20] = [
    column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
    same(GRAIN, Text(|row| Some(row.grain.name()))),
    column(
        "period_start",
        Date(|row| row.start),
        "date",
        "周期首日",
        "The first day of the period in which the orders were placed, by the calendar, also where the shop's data begin later.",
    ),
    column(
        "is_complete",
        Flag(|row| Some(row.is_complete)),
        "",
        "是否完整",
        "Whether the whole period lies between the first day of the shop in any input and the as-of date. Of a complete period too, orders \
         can still be on their way.",
    ),
    same(PLACED_ORDERS, Count(|row| Some(row.funnel.placed.into()))),
    column(
        "placed_amount",
        Money(|row| Some(row.funnel.placed_amount)),
        "CNY",
        "拍下总金额",
        "What these orders cost when they were placed. Where the job maps no order_amount, it is what was paid for them.",
    ),
    column(
        "paid_orders",
        Count(|row| Some(row.funnel.paid.into())),
        "orders",
        "其中已付款订单数",
        "Of the orders placed in the period, those paid by the as-of date. It can still grow. A later refund does not undo them.",
    ),
    column(
        "paid_amount",
        Money(|row| Some(row.funnel.paid_amount)),
        "CNY",
        "其中已付款金额",
        "What was paid for them. Refunds are not deducted.",
    ),
    column(
        "shipped_orders",
        Count(|row: &Row| row.features.shipped.then(|| row.funnel.shipped.into())),
        "orders",
        "其中已发货订单数",
        "Of the paid orders, those shipped by the as-of date: the first of their lines. A month lacks shipped_at where orders were due to be \
         shipped, none of its orders has one, and those of other months of the shop have: its export had no such column. That is not told of a \
         month that ended less than 30 days before the as-of date and that no month with shipped orders follows.",
    )
    .null_when(NO_SHIPPING),
    column(
        "shipped_amount",
        Money(|row: &Row| row.features.shipped.then_some(row.funnel.shipped_amount)),
        "CNY",
        "其中已发货金额",
        "What was paid for the shipped orders. Refunds are not deducted.",
    )
    .null_when(NO_SHIPPING),
    column(
        "completed_orders",
        Count(|row: &Row| row.features.completed.then(|| row.funnel.completed.into())),
        "orders",
        "其中已完成订单数",
        "Of the paid orders, those completed by the as-of date: the buyer confirmed all their paid lines but those refunded in full, and \
         the money is the shop's. A month lacks completed_at as one lacks shipped_at: money is on its way, and none of its orders has one.",
    )
    .null_when(NO_COMPLETION),
    column(
        "completed_amount",
        Money(|row: &Row| row.features.completed.then_some(row.funnel.completed_amount)),
        "CNY",
        "其中已完成金额",
        "What was paid for the completed orders. Refunds are not deducted.",
    )
    .null_when(NO_COMPLETION),
    column(
        "unpaid_orders",
        Count(|row: &Row| row.unpaid()),
        "orders",
        "未付款订单数",
        "Of the orders placed, those not paid by the as-of date.",
    )
    .formula("placed_orders - paid_orders = unpaid_open_orders + unpaid_closed_orders")
    .null_when(NO_PAYMENT),
    column(
        "unpaid_open_orders",
        Count(|row: &Row| Some(row.unpaid()? - row.closed()?)),
        "orders",
        "待付款订单数",
        "Unpaid orders that are still open: they can be paid.",
    )
    .null_when(NO_STATUS),
    column(
        "unpaid_closed_orders",
        Count(|row: &Row| row.closed()),
        "orders",
        "未付款已关闭订单数",
        "Unpaid orders that were closed: by the buyer, the shop, or the platform when the time to pay was over.",
    )
    .null_when(NO_STATUS),
    column(
        "unpaid_amount",
        Money(|row: &Row| row.features.knows_payment().then_some(row.funnel.unpaid_amount)),
        "CNY",
        "未付款金额",
        "What the unpaid orders cost when they were placed, those closed included.",
    )
    .null_when(NO_PAYMENT),
    column(
        "unpaid_share",
        Share(|row: &Row| ratio_known(row.unpaid(), Some(row.funnel.placed.into()))),
        "1",
        "未付款占比",
        "The share of the orders placed that was not paid by the as-of date.",
    )
    .formula("unpaid_orders / placed_orders")
    .null_when("no order was placed, or unpaid_orders is null"),
    column(
        "due_shipments",
        Count(|row: &Row| Some(row.shipments()?[0])),
        "orders",
        "应发货订单数",
        "Orders that were shipped, and orders that were not although they were paid more than `params.promise_hours` before the end of the \
         as-of date. One that was refunded in full and never shipped is not among them: the refund may have come in time.",
    )
    .null_when(NO_SHIPMENTS),
    column(
        "late_shipments",
        Count(|row: &Row| Some(row.shipments()?[1])),
        "orders",
        "超时发货订单数",
        "Of due_shipments, those not shipped within `params.promise_hours` (48) of the payment: shipped later, or not yet.",
    )
    .null_when(NO_SHIPMENTS),
    column(
        "late_shipment_share",
        Share(|row: &Row| row.shipments().and_then(|[due, late]| ratio_known(Some(late), Some(due)))),
        "1",
        "超时发货占比",
        "The share of the shipments due that were late.",
    )
    .formula("late_shipments / due_shipments")
    .source("docs/definitions.md, Waits of orders")
    .null_when("no shipment was due, or due_shipments is null"),
];

const NOT_PAID: &str = "the job maps no paid_at, or no order was paid";
const NOT_SHIPPED: &str = "the job maps no paid_at or no shipped_at, a month of the period lacks it, or no order was shipped";
const NOT_COMPLETED: &str =
    "the job maps no shipped_at or no completed_at, a month of the period lacks one of them, or no shipped order was completed";
const NO_CASH: &str = "the job maps no paid_at or no completed_at, a month of the period lacks it, or no order was completed";
const NO_MEDIAN: &str = "a column that it needs is not mapped, a month of the period lacks it, or fewer than half of the orders got there";

/// A wait, with the source of its definition.
const fn wait(
    name: &'static str,
    value: fn(&Row) -> Option<f64>,
    unit: &'static str,
    chinese: &'static str,
    definition: &'static str,
    null_when: &'static str,
) -> ValueColumn<Row> {
    column(name, Ratio(value), unit, chinese, definition).source("docs/definitions.md, Waits of orders").null_when(null_when)
}

fn of(waited: Option<Waited>, figure: fn(Waited) -> Option<f64>) -> Option<f64> {
    waited.and_then(figure)
}

const P50_HOURS: &str = "The median of the same orders, interpolated, of times rounded down: to the second within the first hour, to the \
     minute within the first 48 hours, to the hour beyond.";
const P90_HOURS: &str = "Nine in ten of the same orders took less, interpolated, of times rounded down as those of the median.";
const P50_DAYS: &str = "The median of the same orders, interpolated.";
const P90_DAYS: &str = "Nine in ten of the same orders took less, interpolated.";

/// Waits, and the money on its way.
pub static WAITS: [ValueColumn<Row>; 18] = [
    wait(
        "hours_to_pay_mean",
        |row| of(row.payment, |waited| waited.mean),
        "hours",
        "平均付款时长（小时）",
        "Hours from placed to paid, the mean over the paid orders, from whole seconds.",
        NOT_PAID,
    ),
    wait("hours_to_pay_p50", |row| of(row.payment, |waited| waited.p50), "hours", "付款时长中位数（小时）", P50_HOURS, NOT_PAID),
    wait("hours_to_pay_p90", |row| of(row.payment, |waited| waited.p90), "hours", "付款时长90分位（小时）", P90_HOURS, NOT_PAID),
    wait(
        "hours_to_pay_km_median",
        |row| of(row.payment, |waited| waited.km_median),
        "hours",
        "付款时长中位数（含未付款，小时）",
        "The time by which half of the orders placed were paid, with those that still wait (Kaplan–Meier, censored at the end of the as-of \
         date). An order closed unpaid never gets there and waits on; of times rounded down as those of the median.",
        NO_MEDIAN,
    ),
    wait(
        "hours_to_ship_mean",
        |row| of(row.shipping, |waited| waited.mean),
        "hours",
        "平均发货时长（小时）",
        "Hours from paid to shipped, the mean over the shipped orders, from whole seconds. An order shipped before it was paid took none.",
        NOT_SHIPPED,
    ),
    wait("hours_to_ship_p50", |row| of(row.shipping, |waited| waited.p50), "hours", "发货时长中位数（小时）", P50_HOURS, NOT_SHIPPED),
    wait("hours_to_ship_p90", |row| of(row.shipping, |waited| waited.p90), "hours", "发货时长90分位（小时）", P90_HOURS, NOT_SHIPPED),
    wait(
        "hours_to_ship_km_median",
        |row| of(row.shipping, |waited| waited.km_median),
        "hours",
        "发货时长中位数（含未发货，小时）",
        "The time by which half of the paid orders were shipped, with those that still wait (Kaplan–Meier, censored at the end of the as-of \
         date). An order refunded before it was shipped never gets there and waits on; of times rounded down as those of the median.",
        NO_MEDIAN,
    ),
    column(
        "shipped_completed_orders",
        Count(|row: &Row| (row.features.shipped && row.features.completed).then(|| row.funnel.shipped_completed.into())),
        "orders",
        "已发货且已完成订单数",
        "Of the shipped orders, those completed by the as-of date: the orders of days_to_complete.",
    )
    .null_when("the job maps no shipped_at or no completed_at, or a month of the period lacks one of them"),
    wait(
        "days_to_complete_mean",
        |row| of(row.completion, |waited| waited.mean),
        "days",
        "平均收货时长（天）",
        "Days from the day of shipping to that of completion, the mean over the shipped orders that were completed.",
        NOT_COMPLETED,
    ),
    wait("days_to_complete_p50", |row| of(row.completion, |waited| waited.p50), "days", "收货时长中位数（天）", P50_DAYS, NOT_COMPLETED),
    wait("days_to_complete_p90", |row| of(row.completion, |waited| waited.p90), "days", "收货时长90分位（天）", P90_DAYS, NOT_COMPLETED),
    wait(
        "days_to_complete_km_median",
        |row| of(row.completion, |waited| waited.km_median),
        "days",
        "收货时长中位数（含未完成，天）",
        "The days by which half of the shipped orders were completed, with those that still wait (Kaplan–Meier, censored at the as-of date). \
         An order refunded in full never gets there and waits on.",
        NO_MEDIAN,
    ),
    wait(
        "cash_days_mean",
        |row| of(row.cash, |waited| waited.mean),
        "days",
        "平均回款天数",
        "Days from the day of payment to that of completion, when the money is the shop's, the mean over the completed orders.",
        NO_CASH,
    ),
    wait("cash_days_p50", |row| of(row.cash, |waited| waited.p50), "days", "回款天数中位数", P50_DAYS, NO_CASH),
    wait("cash_days_p90", |row| of(row.cash, |waited| waited.p90), "days", "回款天数90分位", P90_DAYS, NO_CASH),
    wait(
        "cash_days_km_median",
        |row| of(row.cash, |waited| waited.km_median),
        "days",
        "回款天数中位数（含未完成）",
        "The days by which half of the paid orders were completed, with those that still wait (Kaplan–Meier, censored at the as-of date). An \
         order refunded in full never gets there and waits on.",
        NO_MEDIAN,
    ),
    column(
        "paid_not_completed_amount",
        Money(|row: &Row| row.features.completed.then_some(row.funnel.uncompleted_amount)),
        "CNY",
        "在途金额",
        "Money on its way: what was paid, less what of it was refunded, for the orders that were neither completed nor refunded in full by \
         the as-of date.",
    )
    .null_when(NO_COMPLETION),
];
