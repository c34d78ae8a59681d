//! assessment_quarterly: each shop's quarter in the metrics of the platform's assessments, beside its peers.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;

use super::figures::SHOP_FIGURES;
use super::figures::ShopFigures;
use super::peers::COMPARED;
use super::rows::{Row, rows};
use crate::error::Result;
use crate::fold::activity::ACTIVITY;
use crate::fold::activity::ActivityFold;
use crate::fold::outcomes::OUTCOMES;
use crate::fold::outcomes::OutcomeFold;
use crate::history::Context;
use crate::input::facts::Facts;
use crate::job::rule::Base;
use crate::metric::assessed::{self, Assessed};
use crate::metric::sums::Quantity;
use crate::spec::{Card, Column, Kind, NO_DAY, Need};
use crate::table::Frame;
use crate::table::night::Read;
use crate::table::shop::columns::{PAID_ORDERS, PAYMENT_RATE, PLACED_ORDERS};
use crate::table::shop::means::*;
use crate::table::unit::{FrameTable, Witness};

const NO_REFUNDS: &str = "the job has no refunds input";
const NO_SCORES: &str = "the job has no ratings input, or there is no such score in the quarter (snapshots) or the 180 days (ratings)";
const NO_CATEGORY: &str = "the job has no shops input or no category of the shop";
const NO_COMPARISON: &str =
    "the shop's category is unknown, the shop is not eligible, or fewer eligible peers have a value than the job's min_peers (5)";
const NO_RANK: &str =
    "the shop has no value, its category is unknown, it is not eligible, or fewer eligible peers have a value than the job's min_peers (5)";
const NO_COMPLAINTS: &str = "the job has no complaints input";
const NO_VIOLATIONS: &str = "the job has no violations input";
const METRICS: &str = "docs/definitions.md, Assessment metrics";

/// The column of an assessed metric that means here what it means in rules.
const fn metric(metric: Assessed, kind: Kind) -> Column {
    Column::new(metric.name, kind, metric.unit, metric.chinese, metric.definition)
}

const fn score(score: Assessed) -> Column {
    metric(score, Kind::Ratio).null_when(NO_SCORES).source(METRICS)
}

/// The columns that say where a shop stands with a metric.
macro_rules! peers_with_value {
    ($metric:literal) => {
        Column::new(
            concat!($metric, "_peers"),
            Kind::Count,
            "shops",
            "有值同行数",
            concat!(
                "Eligible shops of the same category that have a value of ",
                $metric,
                " in the quarter, the shop itself included when it is one: among so many it is ranked."
            ),
        )
        .null_when(NO_CATEGORY)
    };
}
macro_rules! peer_mean {
    ($metric:literal, $unit:expr) => {
        Column::new(
            concat!($metric, "_peer_mean"),
            Kind::Ratio,
            $unit,
            "同行均值",
            concat!(
                "The plain mean of ",
                $metric,
                " over the eligible shops of the same category that have a value, the shop itself included."
            ),
        )
        .null_when(NO_COMPARISON)
        .source(METRICS)
    };
}
macro_rules! rank {
    ($metric:literal, $best:literal) => {
        Column::new(
            concat!($metric, "_rank"),
            Kind::Count,
            "rank",
            "同行排名",
            concat!(
                "The place of the shop among these peers by ",
                $metric,
                ", 1 the best; ",
                $best,
                " is better. Ties share the better place."
            ),
        )
        .formula(concat!("1 + peers whose ", $metric, " is strictly better"))
        .null_when(NO_RANK)
        .source(METRICS)
    };
}

/// What the table and its columns mean.
pub static CARD: Card = Card {
    name: Cow::Borrowed("assessment_quarterly"),
    chinese: "季度考核指标",
    question: Cow::Borrowed("Where does each shop stand in the metrics of the platform's quarterly assessment, and where among the shops of its category?"),
    grain: "one shop and calendar quarter that has a day between the first day with anything of the shop in any input and the as-of date",
    key: &["shop_id", "quarter"],
    columns: Cow::Borrowed(&[
        Column::new("shop_id", Kind::ShopId, "id", "店铺", "The shop."),
        Column::new("quarter", Kind::Date, "date", "季度首日", "The first day of the calendar quarter."),
        Column::new("category", Kind::Text, "name", "主营类目", "The shop's main category, by which it has peers.").null_when(NO_CATEGORY),
        Column::new("opened_at", Kind::Date, "date", "入驻日期", "The day on which the shop entered the platform.")
            .null_when("the job has no shops input or no opening of the shop"),
        Column::new(
            "is_eligible",
            Kind::Flag,
            "flag",
            "是否参与考核",
            "Whether the shop entered at least three months before the quarter began; otherwise it is exempt and nobody's peer. A shop of unknown opening is eligible.",
        )
        .formula("opened_at <= quarter - 3 months"),
        Column::new("is_complete", Kind::Flag, "flag", "是否完整", "Whether the quarter is over: its last day is not after the as-of date. Otherwise all figures are its standing so far."),
        DAYS,
        Column::new("peers", Kind::Count, "shops", "同行店铺数", "Eligible shops of the same category with a row for the quarter, the shop itself included when it is eligible. They compare by every metric but the counts that are only parts of rates, such as intervened_refunds and complaints: a large shop has more of them.")
            .null_when(NO_CATEGORY),
        Column::new(
            "paid_amount",
            Kind::Money,
            "CNY",
            "支付宝成交额",
            "What was paid in the quarter, refunds not deducted: the base that the platform shows and that peers are compared by.",
        ),
        Column::new("net_by_payment", Kind::Money, "CNY", "按支付口径净额", "What was paid in the quarter less what of these very payments was refunded by the as-of date; restated when a refund comes later.")
            .formula("paid_amount - refunds of the orders paid in the quarter"),
        Column::new("net_by_refund", Kind::Money, "CNY", "按退款口径净额", "What was paid in the quarter less the refunds completed in it, of whatever payments; never restated.")
            .formula("paid_amount - refunds completed in the quarter")
            .null_when(NO_REFUNDS),
        Column::new("settled", Kind::Money, "CNY", "确认收货金额", "What was paid for the orders that were completed in the quarter, whenever they were paid; refunds are not deducted.")
            .null_when("the job maps no completed_at"),
        PAID_ORDERS,
        PLACED_ORDERS,
        PAYMENT_RATE,
        DAYS_WITH_TRAFFIC,
        UV_SUM,
        UV_DAILY_MEAN,
        PAYING_CUSTOMER_DAYS,
        PAYING_DAILY_MEAN,
        UV_CONVERSION,
        Column::new("ratings", Kind::Count, "ratings", "评价数", "Ratings behind the scores: of the four scores the one given most often, over the 180 days that end with the quarter or the as-of date; of each customer and calendar month the first three.")
            .null_when("the job has no ratings input, or one of snapshots, which do not tell"),
        score(assessed::DSR_DESCRIPTION),
        score(assessed::DSR_SERVICE),
        score(assessed::DSR_DELIVERY),
        score(assessed::DSR_LOGISTICS),
        score(assessed::DSR_MEAN),
        metric(assessed::REFUND_APPLICATIONS, Kind::Count)
            .null_when(NO_REFUNDS),
        metric(assessed::INTERVENED_REFUNDS, Kind::Count)
            .null_when("the job has no refunds input, or an application of the quarter does not tell whether the platform intervened"),
        metric(assessed::DISPUTE_RATE, Kind::Share)
            .formula("intervened_refunds / refund_applications")
            .null_when("intervened_refunds is null or there was no application")
            .source(METRICS),
        metric(assessed::REFUND_RATE, Kind::Ratio)
            .formula("refund_applications / paid_orders")
            .null_when("the job has no refunds input, or no order was paid")
            .source(METRICS),
        Column::new("successful_refunds", Kind::Count, "applications", "退款成功数", "Of the applications made in the quarter, those completed with success by the as-of date. It can still grow.")
            .null_when(NO_REFUNDS),
        metric(assessed::REFUND_HOURS, Kind::Ratio)
            .null_when("the job has no refunds input, or no application was successful")
            .source(METRICS),
        Column::new("complaints", Kind::Count, "complaints", "投诉数", "Complaints about the shop in the quarter.").null_when(NO_COMPLAINTS),
        metric(assessed::COMPLAINT_RATE, Kind::Ratio)
            .formula("complaints / paid_orders")
            .null_when("the job has no complaints input, or no order was paid")
            .source(METRICS),
        Column::new("shipped_orders", Kind::Count, "orders", "已发货订单数", "Of the orders paid in the quarter, those shipped by the as-of date. It can still grow.")
            .null_when("the job maps no shipped_at"),
        metric(assessed::DELIVERY_HOURS, Kind::Ratio)
            .null_when("the job maps no shipped_at, or none of the orders was shipped")
            .source(METRICS),
        metric(assessed::NEW_ITEMS, Kind::Count)
            .null_when("the job has no listings input, no month of the quarter has begun, or one that has, and did not end before the shop opened, has no items_new")
            .source(METRICS),
        metric(assessed::SERVICE_SCORE_MIN, Kind::Ratio)
            .null_when("the job has no service_scores input, no month of the quarter is over, or one that is over, and did not end before the shop opened, has no score")
            .source(METRICS),
        metric(assessed::SERVICE_SCORE_MEAN, Kind::Ratio)
            .null_when("the job has no service_scores input, no month of the quarter is over, or one that is over, and did not end before the shop opened, has no score")
            .source(METRICS),
        metric(assessed::IDLE_MONTHS, Kind::Count)
            .null_when("the shop's orders and traffic begin after the quarter's first day, and it was there before: what it sold then is not known")
            .source(METRICS),
        metric(assessed::VIOLATION_POINTS, Kind::Ratio)
            .null_when(NO_VIOLATIONS)
            .source(METRICS),
        metric(assessed::SERIOUS_VIOLATION_POINTS, Kind::Ratio)
            .null_when(NO_VIOLATIONS)
            .source(METRICS),
        metric(assessed::RED_LINE_VIOLATIONS, Kind::Count).null_when(NO_VIOLATIONS).source(METRICS),
        peers_with_value!("paid_amount"),
        peer_mean!("paid_amount", assessed::PAID_AMOUNT.unit),
        rank!("paid_amount", "more"),
        peers_with_value!("uv_conversion"),
        peer_mean!("uv_conversion", assessed::UV_CONVERSION.unit),
        rank!("uv_conversion", "more"),
        peers_with_value!("payment_rate"),
        peer_mean!("payment_rate", assessed::PAYMENT_RATE.unit),
        rank!("payment_rate", "more"),
        peers_with_value!("dsr_description"),
        peer_mean!("dsr_description", assessed::DSR_DESCRIPTION.unit),
        rank!("dsr_description", "more"),
        peers_with_value!("dsr_service"),
        peer_mean!("dsr_service", assessed::DSR_SERVICE.unit),
        rank!("dsr_service", "more"),
        peers_with_value!("dsr_delivery"),
        peer_mean!("dsr_delivery", assessed::DSR_DELIVERY.unit),
        rank!("dsr_delivery", "more"),
        peers_with_value!("dsr_logistics"),
        peer_mean!("dsr_logistics", assessed::DSR_LOGISTICS.unit),
        rank!("dsr_logistics", "more"),
        peers_with_value!("dsr_mean"),
        peer_mean!("dsr_mean", assessed::DSR_MEAN.unit),
        rank!("dsr_mean", "more"),
        peers_with_value!("dispute_rate"),
        peer_mean!("dispute_rate", assessed::DISPUTE_RATE.unit),
        rank!("dispute_rate", "less"),
        peers_with_value!("refund_rate"),
        peer_mean!("refund_rate", assessed::REFUND_RATE.unit),
        rank!("refund_rate", "less"),
        peers_with_value!("refund_hours"),
        peer_mean!("refund_hours", assessed::REFUND_HOURS.unit),
        rank!("refund_hours", "less"),
        peers_with_value!("complaint_rate"),
        peer_mean!("complaint_rate", assessed::COMPLAINT_RATE.unit),
        rank!("complaint_rate", "less"),
        peers_with_value!("delivery_hours"),
        peer_mean!("delivery_hours", assessed::DELIVERY_HOURS.unit),
        rank!("delivery_hours", "less"),
        peers_with_value!("new_items"),
        peer_mean!("new_items", assessed::NEW_ITEMS.unit),
        rank!("new_items", "more"),
        peers_with_value!("service_score_min"),
        peer_mean!("service_score_min", assessed::SERVICE_SCORE_MIN.unit),
        rank!("service_score_min", "more"),
        peers_with_value!("service_score_mean"),
        peer_mean!("service_score_mean", assessed::SERVICE_SCORE_MEAN.unit),
        rank!("service_score_mean", "more"),
        peers_with_value!("idle_months"),
        peer_mean!("idle_months", assessed::IDLE_MONTHS.unit),
        rank!("idle_months", "less"),
        peers_with_value!("violation_points"),
        peer_mean!("violation_points", assessed::VIOLATION_POINTS.unit),
        rank!("violation_points", "less"),
        peers_with_value!("serious_violation_points"),
        peer_mean!("serious_violation_points", assessed::SERIOUS_VIOLATION_POINTS.unit),
        rank!("serious_violation_points", "less"),
        peers_with_value!("red_line_violations"),
        peer_mean!("red_line_violations", assessed::RED_LINE_VIOLATIONS.unit),
        rank!("red_line_violations", "less"),
    ]),
    needs: &[Need { input: "orders", column: "" }],
    uses: &["customer_id", "shipped_at", "completed_at", "refund_amount"],
};

/// The table.
pub static TABLE: FrameTable = FrameTable {
    card: &CARD,
    reads: &[Read::Fold(&ACTIVITY), Read::Fold(&OUTCOMES), Read::Shared(&SHOP_FIGURES)],
    write: |night, sink| {
        let (activity, outcomes) = (night.fold(&ACTIVITY)?, night.fold(&OUTCOMES)?);
        sink(&CARD, table(&night.context, &activity, &outcomes, &night.shared(&SHOP_FIGURES)?, &night.facts)?)
    },
    witness: Witness::Sql,
};

/// The table.
///
/// # Errors
/// [`Error::Bug`] where columns and card disagree.
pub fn table(
    context: &Context,
    activity: &ActivityFold,
    outcomes: &OutcomeFold,
    figures: &[Arc<ShopFigures>],
    facts: &Facts,
) -> Result<RecordBatch> {
    let rows = rows(context, activity, outcomes, figures, facts);
    let mut frame = Frame::new(&CARD, context);
    macro_rules! column {
        ($kind:ident, $name:expr, |$row:ident| $value:expr) => {
            frame.$kind($name, rows.iter().map(|$row: &Row<'_>| $value))
        };
    }
    macro_rules! metric {
        (counts, $name:expr) => {
            frame.counts($name, rows.iter().map(|row| row.count($name)))
        };
        (numbers, $name:expr) => {
            frame.numbers($name, rows.iter().map(|row| row.figure($name)))
        };
    }
    column!(shops, "shop_id", |row| row.shop.shop);
    column!(dates, "quarter", |row| row.period.start);
    column!(text, "category", |row| row.shop.category());
    column!(dates, "opened_at", |row| row.shop.opened.unwrap_or(NO_DAY));
    column!(flags, "is_eligible", |row| Some(row.is_eligible));
    column!(flags, "is_complete", |row| Some(row.is_complete));
    column!(counts, DAYS.name, |row| Some(row.period.days));
    column!(counts, "peers", |row| row.compared.peers);
    column!(money, "paid_amount", |row| row.amount(Base::Paid));
    column!(money, "net_by_payment", |row| row.amount(Base::NetByPayment));
    column!(money, "net_by_refund", |row| row.amount(Base::NetByRefund));
    column!(money, "settled", |row| row.amount(Base::Settled));
    column!(counts, PAID_ORDERS.name, |row| Some(row.counted(Quantity::PaidOrders)));
    column!(counts, PLACED_ORDERS.name, |row| Some(row.counted(Quantity::PlacedOrders)));
    metric!(numbers, PAYMENT_RATE.name);
    column!(counts, DAYS_WITH_TRAFFIC.name, |row| Some(row.period.means.days_with_traffic));
    column!(counts, UV_SUM.name, |row| row.period.means.uv_sum);
    column!(numbers, UV_DAILY_MEAN.name, |row| row.period.means.uv_daily_mean());
    column!(counts, PAYING_CUSTOMER_DAYS.name, |row| row.period.means.paying_customer_days);
    column!(numbers, PAYING_DAILY_MEAN.name, |row| row.period.means.paying_daily_mean());
    metric!(numbers, UV_CONVERSION.name);
    column!(counts, "ratings", |row| row.ratings());
    metric!(numbers, "dsr_description");
    metric!(numbers, "dsr_service");
    metric!(numbers, "dsr_delivery");
    metric!(numbers, "dsr_logistics");
    metric!(numbers, "dsr_mean");
    metric!(counts, "refund_applications");
    metric!(counts, "intervened_refunds");
    metric!(numbers, "dispute_rate");
    metric!(numbers, "refund_rate");
    column!(counts, "successful_refunds", |row| facts.refunds.is_some().then(|| row.counted(Quantity::Successful)));
    metric!(numbers, "refund_hours");
    column!(counts, "complaints", |row| facts.complaints.is_some().then(|| row.counted(Quantity::Complaints)));
    metric!(numbers, "complaint_rate");
    column!(counts, "shipped_orders", |row| context.features.shipped.then_some(row.shipped_orders));
    metric!(numbers, "delivery_hours");
    metric!(counts, "new_items");
    metric!(numbers, "service_score_min");
    metric!(numbers, "service_score_mean");
    metric!(counts, "idle_months");
    metric!(numbers, "violation_points");
    metric!(numbers, "serious_violation_points");
    metric!(counts, "red_line_violations");
    for (number, Assessed { name, .. }) in COMPARED.iter().enumerate() {
        column!(counts, &format!("{name}_peers"), |row| row.compared.positions[number].peers);
        column!(numbers, &format!("{name}_peer_mean"), |row| row.compared.positions[number].mean);
        column!(counts, &format!("{name}_rank"), |row| row.compared.positions[number].rank);
    }
    frame.finish()
}
