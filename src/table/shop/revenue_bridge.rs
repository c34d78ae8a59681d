//! revenue_bridge: revenue on four bases, and what lies between them: by payment, by refund, settled, and what is still to be refunded.

mod rows;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use super::columns::NO_REFUNDS;
use super::means::DAYS;
use super::period_columns::{GRAIN, IS_COMPLETE, PERIOD_START};
use super::refunded::NOTHING_SAYS_REFUNDED;
use super::unrecorded::UNRECORDED_STEPS;
use crate::fold::activity::ACTIVITY;
use crate::fold::outcomes::OUTCOMES;
use crate::fold::refund_days::REFUND_DAYS;
use crate::spec::Need;
use crate::table::column::Value::{Count, Date, Flag, Money, Share, Shop, Text};
use crate::table::column::{column, same};
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};
use rows::Row;

const NO_COMPLETION: &str = "the job maps no completed_at, or a month of the period or the one before it lacks it";
const NOT_SETTLED: &str =
    "the job maps no completed_at, a month of the period or the one before it lacks it, or nothing says what was refunded";
const NOT_EXPECTED: &str = "the job has no refunds input, the period is not complete, it has fewer than 6 older cohorts, or nothing of its \
     payments, or of those of an older cohort at some age, has gone back yet although something did later, or they would come to more than was paid";

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "revenue_bridge",
    chinese: "收入口径对照",
    question: "What is the revenue of a period: by payment, by refund or settled; what lies between them, and what is still to be refunded?",
    grain: "one shop, grain and period, the same as in shop_periods",
    key: &["shop_id", "grain", "period_start"],
    needs: &[Need { input: "orders", column: "" }],
    uses: &[],
    reads: &[Read::Fold(&ACTIVITY), Read::Fold(&OUTCOMES), Read::Fold(&REFUND_DAYS), Read::Shared(&UNRECORDED_STEPS)],
    columns: &[&[
        column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
        same(GRAIN, Text(|row| Some(row.grain.name()))),
        same(PERIOD_START, Date(|row| row.start)),
        same(DAYS, Count(|row| Some(row.days))),
        same(IS_COMPLETE, Flag(|row| Some(row.is_complete))),
        column(
            "paid_amount",
            Money(|row| Some(row.paid)),
            "CNY",
            "支付金额",
            "What was paid in the period. Refunds are not deducted.",
        ),
        column(
            "refunds_of_payments",
            Money(|row: &Row| row.of_payments),
            "CNY",
            "本期支付的退款",
            "What went back by the as-of date of the orders paid in the period, whenever it went back: refunded_of_paid of shop_periods. It \
             can still grow.",
        )
        .source("docs/definitions.md, Refunds")
        .null_when(NOTHING_SAYS_REFUNDED),
        column(
            "net_by_payment",
            Money(Row::net_by_payment),
            "CNY",
            "净支付金额（按支付日）",
            "What is left by the as-of date of the payments of the period. Restated when a refund comes later.",
        )
        .formula("paid_amount - refunds_of_payments = net_by_refund + refunds_of_earlier_payments - refunds_after_period")
        .source("docs/definitions.md, Refunds")
        .null_when(NOTHING_SAYS_REFUNDED),
        column(
            "refunds_in_period",
            Money(|row: &Row| Some(row.dated?.in_period)),
            "CNY",
            "本期完成的退款",
            "The refunds completed in the period, of whatever payments: refund_amount of shop_periods.",
        )
        .source("docs/definitions.md, Refunds")
        .null_when(NO_REFUNDS),
        column(
            "net_by_refund",
            Money(|row: &Row| Some(row.paid - row.dated?.in_period)),
            "CNY",
            "净支付金额（按退款日）",
            "What was paid in the period less what went back in it: what the books of the period say. Never restated by later refunds.",
        )
        .formula("paid_amount - refunds_in_period")
        .source("docs/definitions.md, Refunds")
        .null_when(NO_REFUNDS),
        column(
            "refunds_of_earlier_payments",
            Money(|row: &Row| Some(row.dated?.in_period - row.dated?.of_both)),
            "CNY",
            "本期退款中属于早前支付的",
            "Of the refunds completed in the period, those of orders that were not paid in it: earlier ones. Refunds of orders that are not \
             in the data are among them, since such orders mostly lie before its first day.",
        )
        .null_when(NO_REFUNDS),
        column(
            "refunds_of_unknown_orders",
            Money(|row: &Row| Some(row.dated?.in_period - row.dated?.of_known_orders)),
            "CNY",
            "其中订单不在数据中的",
            "Of refunds_of_earlier_payments, those whose order is not in the data.",
        )
        .null_when(NO_REFUNDS),
        column(
            "refunds_after_period",
            Money(|row: &Row| Some(row.of_payments? - row.dated?.of_both)),
            "CNY",
            "本期支付在期后的退款",
            "Of the refunds of the payments of the period, those that were not completed in it: later ones. What only the status of lines \
             says was refunded has no day and is among them.",
        )
        .null_when(NO_REFUNDS),
        column(
            "refunds_without_day",
            Money(|row: &Row| Some(row.of_payments? - row.dated?.of_payments)),
            "CNY",
            "其中没有退款日期的",
            "Of refunds_after_period, what the status of lines says was refunded beyond what the refunds input has of these lines, or, \
             where it names no line, of their orders.",
        )
        .null_when(NO_REFUNDS),
        column(
            "settled_amount",
            Money(|row: &Row| row.settled),
            "CNY",
            "确认收货金额",
            "What was paid for the orders completed in the period, whenever they were paid. Refunds are not deducted: it is what assessments \
             call settled. Orders are mostly completed in the month in which they were placed or the one after it: where one of these lacks \
             completed_at, as payment_funnel says, nobody knows the amount.",
        )
        .null_when(NO_COMPLETION),
        column(
            "refunds_of_settled",
            Money(|row: &Row| row.settled_refunded),
            "CNY",
            "确认收货订单的退款",
            "What went back of these orders by the as-of date.",
        )
        .null_when(NOT_SETTLED),
        column(
            "settled",
            Money(|row: &Row| Some(row.settled? - row.settled_refunded?)),
            "CNY",
            "确认收货净额",
            "What is left by the as-of date of the orders completed in the period.",
        )
        .formula("settled_amount - refunds_of_settled")
        .source("docs/definitions.md, Refunds")
        .null_when(NOT_SETTLED),
        column(
            "refund_share",
            Share(Row::refund_share),
            "1",
            "退款金额占比",
            "The part of the payments of the period that went back by the as-of date.",
        )
        .formula("refunds_of_payments / paid_amount")
        .source("docs/definitions.md, Refunds")
        .null_when("paid_amount is 0, or refunds_of_payments is null"),
        column(
            "older_cohorts",
            Count(|row| Some(row.older_cohorts)),
            "periods",
            "更早的完整周期数",
            "Complete periods of the grain before this one in which anything was paid: the cohorts of payments from which the expectation \
             comes.",
        ),
        column(
            "refunds_expected",
            Money(|row: &Row| row.expected),
            "CNY",
            "预计退款总额",
            "What the refunds of the payments of the period are expected to come to in the end, rounded: by the chain ladder over the cohorts \
             of payments of the shop and grain, whose ages are the days after the end of the period, with development factors by volume and \
             without a tail beyond the oldest cohort; refunds_without_day as they are.",
        )
        .formula("(refunds_of_payments - refunds_without_day) × the product of the development factors from its age on + refunds_without_day")
        .source("Mack 1993, ASTIN Bulletin 23, 213–225")
        .null_when(NOT_EXPECTED),
        column(
            "refund_share_expected",
            Share(Row::refund_share_expected),
            "1",
            "预计退款金额占比",
            "Where refund_share is expected to settle.",
        )
        .formula("refunds_expected / paid_amount")
        .null_when("paid_amount is 0, or refunds_expected is null"),
        column(
            "refund_maturity",
            Share(Row::refund_maturity),
            "1",
            "退款成熟度",
            "The share of the expected refunds that has been seen: 1 says that nothing more is expected.",
        )
        .formula("refunds_of_payments / refunds_expected")
        .null_when("refunds_expected is 0 or null"),
    ]],
    rows: rows::write,
    witness: Witness::Sql,
    card: OnceLock::new(),
};
