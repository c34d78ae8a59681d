//! Metric columns of assessment_quarterly: ratings, refunds, shipping, new items, service and violations.

use super::rows::Row;
use crate::metric::assessed::*;
use crate::table::column::Value::{self, Count, Ratio, Share};
use crate::table::column::{ValueColumn, column};

pub(super) const NO_REFUNDS: &str = "the job has no refunds input";
const NO_SCORES: &str = "the job has no ratings input, or there is no such score in the quarter (snapshots) or the 180 days (ratings)";
const NO_COMPLAINTS: &str = "the job has no complaints input";
const NO_VIOLATIONS: &str = "the job has no violations input";
const SOURCE: &str = "docs/definitions.md, Assessment metrics";

/// The column of an assessed metric with the same meaning as in rules.
const fn metric(metric: Assessed, value: Value<Row>) -> ValueColumn<Row> {
    column(metric.name, value, metric.unit, metric.chinese, metric.definition)
}

const fn score(score: Assessed, value: Value<Row>) -> ValueColumn<Row> {
    metric(score, value).null_when(NO_SCORES).source(SOURCE)
}

/// All metrics but those of sales, with the counts behind them.
pub(super) static METRICS: [ValueColumn<Row>; 23] = [
    column(
        "ratings",
        Count(|row: &Row| row.ratings()),
        "ratings",
        "评价数",
        "Ratings behind the scores: of the four scores the one given most often, over the 180 days that end with the quarter or the as-of \
         date; of each customer and calendar month the first three.",
    )
    .null_when("the job has no ratings input, or one of snapshots, which do not show it"),
    score(DSR_DESCRIPTION, Ratio(|row| row.figure(DSR_DESCRIPTION))),
    score(DSR_SERVICE, Ratio(|row| row.figure(DSR_SERVICE))),
    score(DSR_DELIVERY, Ratio(|row| row.figure(DSR_DELIVERY))),
    score(DSR_LOGISTICS, Ratio(|row| row.figure(DSR_LOGISTICS))),
    score(DSR_MEAN, Ratio(|row| row.figure(DSR_MEAN))),
    metric(REFUND_APPLICATIONS, Count(|row| row.count(REFUND_APPLICATIONS))).null_when(NO_REFUNDS),
    metric(INTERVENED_REFUNDS, Count(|row| row.count(INTERVENED_REFUNDS)))
        .null_when("the job has no refunds input, or an application of the quarter does not say whether the platform intervened"),
    metric(DISPUTE_RATE, Share(|row| row.figure(DISPUTE_RATE)))
        .formula("intervened_refunds / refund_applications")
        .null_when("intervened_refunds is null or there was no application")
        .source(SOURCE),
    metric(REFUND_RATE, Ratio(|row| row.figure(REFUND_RATE)))
        .formula("refund_applications / paid_orders")
        .null_when("the job has no refunds input, or no order was paid")
        .source(SOURCE),
    column(
        "successful_refunds",
        Count(|row: &Row| row.successful_refunds()),
        "applications",
        "退款成功数",
        "Of the applications made in the quarter, those completed with success by the as-of date. It can still grow.",
    )
    .null_when(NO_REFUNDS),
    metric(REFUND_HOURS, Ratio(|row| row.figure(REFUND_HOURS)))
        .null_when("the job has no refunds input, or no application was successful")
        .source(SOURCE),
    column("complaints", Count(|row: &Row| row.complaints()), "complaints", "投诉数", "Complaints about the shop in the quarter.")
        .null_when(NO_COMPLAINTS),
    metric(COMPLAINT_RATE, Ratio(|row| row.figure(COMPLAINT_RATE)))
        .formula("complaints / paid_orders")
        .null_when("the job has no complaints input, or no order was paid")
        .source(SOURCE),
    column(
        "shipped_orders",
        Count(|row: &Row| row.shipped_orders()),
        "orders",
        "已发货订单数",
        "Of the orders paid in the quarter, those shipped by the as-of date. It can still grow.",
    )
    .null_when("the job maps no shipped_at"),
    metric(DELIVERY_HOURS, Ratio(|row| row.figure(DELIVERY_HOURS)))
        .null_when("the job maps no shipped_at, or none of the orders was shipped")
        .source(SOURCE),
    metric(NEW_ITEMS, Count(|row| row.count(NEW_ITEMS)))
        .null_when(
            "the job has no listings input, no month of the quarter has begun, or one that has, and did not end before the shop opened, \
             has no items_new",
        )
        .source(SOURCE),
    metric(SERVICE_SCORE_MIN, Ratio(|row| row.figure(SERVICE_SCORE_MIN)))
        .null_when(
            "the job has no service_scores input, no month of the quarter is over, or one that is over, and did not end before the shop \
             opened, has no score",
        )
        .source(SOURCE),
    metric(SERVICE_SCORE_MEAN, Ratio(|row| row.figure(SERVICE_SCORE_MEAN)))
        .null_when(
            "the job has no service_scores input, no month of the quarter is over, or one that is over, and did not end before the shop \
             opened, has no score",
        )
        .source(SOURCE),
    metric(IDLE_MONTHS, Count(|row| row.count(IDLE_MONTHS)))
        .null_when(
            "the shop's orders and traffic begin after the quarter's first day, and it was there before: what it sold then is not known",
        )
        .source(SOURCE),
    metric(VIOLATION_POINTS, Ratio(|row| row.figure(VIOLATION_POINTS))).null_when(NO_VIOLATIONS).source(SOURCE),
    metric(SERIOUS_VIOLATION_POINTS, Ratio(|row| row.figure(SERIOUS_VIOLATION_POINTS))).null_when(NO_VIOLATIONS).source(SOURCE),
    metric(RED_LINE_VIOLATIONS, Count(|row| row.count(RED_LINE_VIOLATIONS))).null_when(NO_VIOLATIONS).source(SOURCE),
];
