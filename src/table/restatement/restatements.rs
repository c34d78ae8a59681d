//! restatements: published figures of periods that were over, which this snapshot says differently, and why.

use std::sync::{Mutex, OnceLock, PoisonError};

use super::restated_figure::Restatement;
use crate::error::Result;
use crate::spec::Need;
use crate::spec::cause::Cause;
use crate::table::column::Value::{Count, Date, Money, Number, ShopId, Text, Unit};
use crate::table::column::{ValueColumn, column};
use crate::table::night::{Night, Read, Shared, always};
use crate::table::unit::{Table, Witness};

const SOURCE: &str = "docs/definitions.md, Restatements";
const NOT_COUNTED: &str = "the figure is of a value of a dimension, whose orders are not counted, or the job or the program changed, so that no rows are compared";
const NO_SUM: &str = "the figure is no sum of money, one of both snapshots does not have it, or no rows are compared";

/// The restatements of a night, ascending by their places: none until all other tables are written and compared with the snapshot before.
static RESTATED: Shared<Mutex<Vec<Restatement>>> =
    Shared { name: "restated", not_requested: always, reads: |_| Vec::new(), make: |_| Ok(Mutex::default()) };

/// Gives the table of a night its rows, ascending by their places.
///
/// # Errors
/// None.
pub fn set(night: &Night, restated: Vec<Restatement>) -> Result<()> {
    *night.shared(&RESTATED)?.lock().unwrap_or_else(PoisonError::into_inner) = restated;
    Ok(())
}

/// The table.
pub static TABLE: Table<Restatement> = Table {
    name: "restatements",
    chinese: "历史数据修订",
    question: "Which figures that were published before are others today, and why?",
    grain: "one figure of a period that was over in the snapshot before, where this snapshot says another one; where the job or the program \
            changed since, one row a shop",
    key: &["table", "metric", "shop_id", "grain", "period_start", "dimension"],
    needs: &[Need { input: "orders", column: "" }],
    uses: &[],
    reads: &[Read::Shared(&RESTATED)],
    columns: &[&PLACE, &FIGURES, &LATE_PAYMENT, &LATE_REFUND, &NEW_VERSION, &LATE_ORDER, &VANISHED, &MOVED, &OTHER],
    rows: |night, out| {
        let restated = night.shared(&RESTATED)?;
        out.all(std::mem::take(&mut *restated.lock().unwrap_or_else(PoisonError::into_inner)))
    },
    witness: Witness::Worked("tests/cases/restatement: it says what differs from the snapshot before, which SQL over inputs cannot know"),
    card: OnceLock::new(),
};

static PLACE: [ValueColumn<Restatement>; 6] = [
    column(
        "table",
        Text(|row: &Restatement| Some(row.place.table)),
        "",
        "来源表",
        "The table of the figure: shop_periods, revenue_bridge, cohort_retention, assessment_results or repurchase_intervals; `(job)` where the \
         job or the program changed.",
    )
    .source(SOURCE),
    column(
        "metric",
        Text(|row: &Restatement| Some(&row.place.metric)),
        "",
        "指标",
        "The column of the figure; in assessment_results the metric of the row.",
    ),
    column("shop_id", ShopId(|row: &Restatement| row.place.shop.id()), "", "店铺", "The shop, also one that the inputs do not have any more."),
    column(
        "grain",
        Text(|row: &Restatement| Some(&row.place.grain)),
        "",
        "周期粒度",
        "month, quarter or year; `cycle` in assessment_results, `all` where the figure is of all days, or the job or the program changed.",
    ),
    column(
        "period_start",
        Date(|row: &Restatement| row.place.period_start),
        "date",
        "周期首日",
        "The first day of the period, of the cohort or of the cycle; the as-of date where the figure is of all days.",
    ),
    column(
        "dimension",
        Text(|row: &Restatement| Some(&row.place.dimension)),
        "",
        "维度",
        "What else the row is of: `period 3`, or `channel=search, period 3`, of cohort_retention; the assessment of assessment_results; else \
         `all`.",
    ),
];

static FIGURES: [ValueColumn<Restatement>; 7] = [
    column("unit", Unit(|row: &Restatement| Some(row.unit.as_str()).filter(|unit| !unit.is_empty())), "", "单位", "The unit of old, new and difference.")
        .null_when("the job or the program changed"),
    column("old", Number(|row: &Restatement| row.old), "see unit", "原值", "What the snapshot before says.")
        .null_when("it does not have the figure, or no rows are compared"),
    column("new", Number(|row: &Restatement| row.new), "see unit", "新值", "What this snapshot says.")
        .null_when("it does not have the figure, or no rows are compared"),
    column("difference", Number(Restatement::difference), "as in unit", "差额", "How much more this snapshot says.")
        .formula("new - old; of sums of money also where one of both does not have the figure, which then counts as 0")
        .null_when("old or new is null and the figure is no sum of money"),
    column("relative", Number(Restatement::relative), "1", "差异率", "The difference for each unit of the old value.")
        .formula("difference / |old|")
        .null_when("difference is null, or old is null or 0"),
    column(
        "cause",
        Text(|row: &Restatement| Some(row.cause.name())),
        "",
        "主要原因",
        "What did most of it: of sums of money the cause with the greatest amount, of counts the one whose orders changed it most, of a ratio \
         the one that did most to the parts of its formula, of other figures the one with the most orders. late_payment: known orders were paid. late_refund: refunds came later, or more or less of the lines went back. new_version: lines \
         or refunds have another status or amount. late_order: lines of days that were over came later. vanished: lines or refunds are gone. moved: orders have another customer, shop or day. \
         other: other inputs, or rows that are not known any more. changed_job, changed_program: no rows are compared.",
    )
    .source(SOURCE),
    column(
        "detail",
        Text(|row: &Restatement| row.detail.as_deref()),
        "",
        "说明",
        "Which keys of the job changed, or from which version of the program to which.",
    )
    .null_when("neither the job nor the program changed"),
];

/// The two columns of a cause.
macro_rules! effect {
    ($cause:expr, $orders:literal, $orders_chinese:literal, $amount:literal, $amount_chinese:literal, $what:literal) => {
        [
            column(
                $orders,
                Count(|row: &Restatement| row.orders($cause)),
                "orders",
                $orders_chinese,
                concat!("Orders of the period, or of the customers, of the figure: ", $what),
            )
            .null_when(NOT_COUNTED),
            column(
                $amount,
                Money(|row: &Restatement| row.amount_of($cause)),
                "CNY",
                $amount_chinese,
                concat!("What these orders did to the figure: ", $what),
            )
            .formula("the amounts of all causes add up to difference")
            .null_when(NO_SUM),
        ]
    };
}

static LATE_PAYMENT: [ValueColumn<Restatement>; 2] = effect!(
    Cause::LatePayment,
    "late_payment_orders",
    "延迟付款订单数",
    "late_payment_amount",
    "延迟付款金额",
    "known orders that were unpaid and are paid."
);
static LATE_REFUND: [ValueColumn<Restatement>; 2] = effect!(
    Cause::LateRefund,
    "late_refund_orders",
    "期后退款订单数",
    "late_refund_amount",
    "期后退款影响金额",
    "known orders with refunds that came later, or of whose lines more, or less, went back."
);
static NEW_VERSION: [ValueColumn<Restatement>; 2] = effect!(
    Cause::NewVersion,
    "new_version_orders",
    "订单更新数",
    "new_version_amount",
    "订单更新影响金额",
    "known orders with a newer version of a line, of another status, amount, quantity or value, or of a refund."
);
static LATE_ORDER: [ValueColumn<Restatement>; 2] = effect!(
    Cause::LateOrder,
    "late_order_orders",
    "补录订单数",
    "late_order_amount",
    "补录订单金额",
    "orders with lines of a day that was over, which were not there."
);
static VANISHED: [ValueColumn<Restatement>; 2] = effect!(
    Cause::Vanished,
    "vanished_orders",
    "消失订单数",
    "vanished_amount",
    "消失订单影响金额",
    "orders with lines or refunds that are gone."
);
static MOVED: [ValueColumn<Restatement>; 2] = effect!(
    Cause::Moved,
    "moved_orders",
    "归属变更订单数",
    "moved_amount",
    "归属变更影响金额",
    "orders that have another customer or shop, or were placed on another day."
);
static OTHER: [ValueColumn<Restatement>; 2] = effect!(
    Cause::Other,
    "other_orders",
    "其他原因订单数",
    "other_amount",
    "其他原因影响金额",
    "orders that changed otherwise, and what no order explains."
);
