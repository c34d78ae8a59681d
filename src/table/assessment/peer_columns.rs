//! Peer columns: the position of a shop among the shops of its category, by every compared metric.

use super::rows::Row;
use crate::metric::assessed::*;
use crate::table::column::Value::{Count, Ratio};
use crate::table::column::{ValueColumn, column};

pub(super) const NO_CATEGORY: &str = "the job has no shops input or no category of the shop";
const NO_COMPARISON: &str =
    "the shop's category is unknown, the shop is not eligible, or fewer eligible peers have a value than the job's min_peers (5)";
const NO_RANK: &str =
    "the shop has no value, its category is unknown, it is not eligible, or fewer eligible peers have a value than the job's min_peers (5)";
const SOURCE: &str = "docs/definitions.md, Assessment metrics";

/// The columns of the position by each of these metrics; given the metric, its name, and whether more or less is better.
macro_rules! compared {
    ($($metric:ident $name:literal $best:literal;)*) => {
        [$(
            column(
                concat!($name, "_peers"),
                Count(|row: &Row| row.position($name).peers),
                "shops",
                "有值同行数",
                concat!(
                    "Eligible shops of the same category that have a value of ",
                    $name,
                    " in the quarter, the shop itself included when it is one: among so many it is ranked."
                ),
            )
            .null_when(NO_CATEGORY),
            column(
                concat!($name, "_peer_mean"),
                Ratio(|row: &Row| row.position($name).mean),
                $metric.unit,
                "同行均值",
                concat!(
                    "The plain mean of ",
                    $name,
                    " over the eligible shops of the same category that have a value, the shop itself included."
                ),
            )
            .null_when(NO_COMPARISON)
            .source(SOURCE),
            column(
                concat!($name, "_rank"),
                Count(|row: &Row| row.position($name).rank),
                "rank",
                "同行排名",
                concat!(
                    "The place of the shop among these peers by ",
                    $name,
                    ", 1 the best; ",
                    $best,
                    " is better. Ties share the better place."
                ),
            )
            .formula(concat!("1 + peers whose ", $name, " is strictly better"))
            .null_when(NO_RANK)
            .source(SOURCE),
        )*]
    };
}

/// By metric: peers with a value, their mean, and the shop's rank.
pub(super) static PEERS: [ValueColumn<Row>; 60] = compared! {
    PAID_AMOUNT "paid_amount" "more";
    UV_CONVERSION "uv_conversion" "more";
    PAYMENT_RATE "payment_rate" "more";
    DSR_DESCRIPTION "dsr_description" "more";
    DSR_SERVICE "dsr_service" "more";
    DSR_DELIVERY "dsr_delivery" "more";
    DSR_LOGISTICS "dsr_logistics" "more";
    DSR_MEAN "dsr_mean" "more";
    DISPUTE_RATE "dispute_rate" "less";
    REFUND_RATE "refund_rate" "less";
    REFUND_HOURS "refund_hours" "less";
    COMPLAINT_RATE "complaint_rate" "less";
    DELIVERY_HOURS "delivery_hours" "less";
    NEW_ITEMS "new_items" "more";
    SERVICE_SCORE_MIN "service_score_min" "more";
    SERVICE_SCORE_MEAN "service_score_mean" "more";
    IDLE_MONTHS "idle_months" "less";
    VIOLATION_POINTS "violation_points" "less";
    SERIOUS_VIOLATION_POINTS "serious_violation_points" "less";
    RED_LINE_VIOLATIONS "red_line_violations" "less";
};
