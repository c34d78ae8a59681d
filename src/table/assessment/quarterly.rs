//! assessment_quarterly: each shop's quarter in the metrics of the platform's assessments, beside its peers.

use arrow::record_batch::RecordBatch;

use super::figures::ShopFigures;
use super::peers::COMPARISONS;
use super::rows::{Row, rows};
use crate::error::Result;
use crate::fold::activity::ActivityFold;
use crate::fold::outcomes::OutcomeFold;
use crate::history::Context;
use crate::input::facts::Facts;
use crate::spec::{Card, Column, Kind, Need};
use crate::table::Frame;
use crate::table::shop::columns::{PAID_ORDERS, PAYMENT_RATE, PLACED_ORDERS};
use crate::table::shop::means::*;

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

const fn score(name: &'static str, chinese: &'static str, definition: &'static str) -> Column {
    Column::new(name, Kind::Ratio, "points, 1 to 5", chinese, definition).null_when(NO_SCORES).source(METRICS)
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
    ($metric:literal, $unit:literal) => {
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
    name: "assessment_quarterly",
    chinese: "季度考核指标",
    question: "Where does each shop stand in the metrics of the platform's quarterly assessment, and where among the shops of its category?",
    grain: "one shop and calendar quarter that has a day between the first day with anything of the shop in any input and the as-of date",
    key: &["shop_id", "quarter"],
    columns: &[
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
        score("dsr_description", "描述相符", "How well goods match their description: the last snapshot in the quarter, or the mean of the ratings of the 180 days that end with the quarter or the as-of date."),
        score("dsr_service", "服务态度", "The service: the last snapshot in the quarter, or the mean of the ratings of the 180 days that end with the quarter or the as-of date."),
        score("dsr_delivery", "发货速度", "How fast the shop ships: the last snapshot in the quarter, or the mean of the ratings of the 180 days that end with the quarter or the as-of date."),
        score("dsr_logistics", "物流服务", "The carrier: the last snapshot in the quarter, or the mean of the ratings of the 180 days that end with the quarter or the as-of date."),
        score("dsr_mean", "店铺动态评分均值", "The plain mean of those of the four scores that there are."),
        Column::new("refund_applications", Kind::Count, "applications", "退款申请数", "Refund applications made in the quarter, whatever became of them.")
            .null_when(NO_REFUNDS),
        Column::new("intervened_refunds", Kind::Count, "applications", "小二介入数", "Of these, those in which the platform intervened by the as-of date.")
            .null_when("the job has no refunds input, or an application of the quarter does not tell whether the platform intervened"),
        Column::new("dispute_rate", Kind::Share, "1", "纠纷率", "The share of the refund applications in which the platform intervened.")
            .formula("intervened_refunds / refund_applications")
            .null_when("intervened_refunds is null or there was no application")
            .source(METRICS),
        Column::new("refund_rate", Kind::Ratio, "1", "退款率", "Refund applications made in the quarter for each order paid in it; an order can have several, and those of orders paid earlier are in it.")
            .formula("refund_applications / paid_orders")
            .null_when("the job has no refunds input, or no order was paid")
            .source(METRICS),
        Column::new("successful_refunds", Kind::Count, "applications", "退款成功数", "Of the applications made in the quarter, those completed with success by the as-of date. It can still grow.")
            .null_when(NO_REFUNDS),
        Column::new("refund_hours", Kind::Ratio, "hours", "平均退款时长", "The mean time from application to success, over the successful_refunds. Biased short while applications of the quarter are open.")
            .null_when("the job has no refunds input, or no application was successful")
            .source(METRICS),
        Column::new("complaints", Kind::Count, "complaints", "投诉数", "Complaints about the shop in the quarter.").null_when(NO_COMPLAINTS),
        Column::new("complaint_rate", Kind::Ratio, "1", "投诉率", "Complaints of the quarter for each order paid in it.")
            .formula("complaints / paid_orders")
            .null_when("the job has no complaints input, or no order was paid")
            .source(METRICS),
        Column::new("shipped_orders", Kind::Count, "orders", "已发货订单数", "Of the orders paid in the quarter, those shipped by the as-of date. It can still grow.")
            .null_when("the job maps no shipped_at"),
        Column::new("delivery_hours", Kind::Ratio, "hours", "平均发货时长", "The mean time from payment to shipping, over the shipped_orders; an order shipped before it was paid counts as 0.")
            .null_when("the job maps no shipped_at, or none of the orders was shipped")
            .source(METRICS),
        Column::new("new_items", Kind::Count, "items", "上新数", "Items that were new on sale, summed over the months of the quarter that have begun by the as-of date.")
            .null_when("the job has no listings input, no month of the quarter has begun, or one that has, and did not end before the shop opened, has no items_new")
            .source(METRICS),
        Column::new("service_score_min", Kind::Ratio, "points", "基础服务考核分最低值", "The worst service score of the quarter's months that are over, each that of the month's last day.")
            .null_when("the job has no service_scores input, no month of the quarter is over, or one that is over, and did not end before the shop opened, has no score")
            .source(METRICS),
        Column::new("service_score_mean", Kind::Ratio, "points", "基础服务考核分均值", "The plain mean of the service scores of the quarter's months that are over.")
            .null_when("the job has no service_scores input, no month of the quarter is over, or one that is over, and did not end before the shop opened, has no score")
            .source(METRICS),
        Column::new("idle_months", Kind::Count, "months", "连续无经营月数", "The longest run of months of the quarter without business: nothing live, no order paid, or no main category. Of the months that are over and do not end before the shop opened; a run that goes on beyond the quarter is longer than this.")
            .null_when("the shop's orders and traffic begin after the quarter's first day, and it was there before: what it sold then is not known")
            .source(METRICS),
        Column::new("violation_points", Kind::Ratio, "points", "一般违规扣分", "Points for general violations from 1 January of the quarter's year to the quarter's end or the as-of date.")
            .null_when(NO_VIOLATIONS)
            .source(METRICS),
        Column::new("serious_violation_points", Kind::Ratio, "points", "严重违规扣分", "Points for serious violations from 1 January of the quarter's year to the quarter's end or the as-of date.")
            .null_when(NO_VIOLATIONS)
            .source(METRICS),
        Column::new("red_line_violations", Kind::Count, "violations", "红线违规数", "Violations of a red line in the quarter, whatever their points.").null_when(NO_VIOLATIONS).source(METRICS),
        peers_with_value!("paid_amount"),
        peer_mean!("paid_amount", "CNY"),
        rank!("paid_amount", "more"),
        peers_with_value!("uv_conversion"),
        peer_mean!("uv_conversion", "1"),
        rank!("uv_conversion", "more"),
        peers_with_value!("payment_rate"),
        peer_mean!("payment_rate", "1"),
        rank!("payment_rate", "more"),
        peers_with_value!("dsr_description"),
        peer_mean!("dsr_description", "points, 1 to 5"),
        rank!("dsr_description", "more"),
        peers_with_value!("dsr_service"),
        peer_mean!("dsr_service", "points, 1 to 5"),
        rank!("dsr_service", "more"),
        peers_with_value!("dsr_delivery"),
        peer_mean!("dsr_delivery", "points, 1 to 5"),
        rank!("dsr_delivery", "more"),
        peers_with_value!("dsr_logistics"),
        peer_mean!("dsr_logistics", "points, 1 to 5"),
        rank!("dsr_logistics", "more"),
        peers_with_value!("dsr_mean"),
        peer_mean!("dsr_mean", "points, 1 to 5"),
        rank!("dsr_mean", "more"),
        peers_with_value!("dispute_rate"),
        peer_mean!("dispute_rate", "1"),
        rank!("dispute_rate", "less"),
        peers_with_value!("refund_rate"),
        peer_mean!("refund_rate", "1"),
        rank!("refund_rate", "less"),
        peers_with_value!("refund_hours"),
        peer_mean!("refund_hours", "hours"),
        rank!("refund_hours", "less"),
        peers_with_value!("complaint_rate"),
        peer_mean!("complaint_rate", "1"),
        rank!("complaint_rate", "less"),
        peers_with_value!("delivery_hours"),
        peer_mean!("delivery_hours", "hours"),
        rank!("delivery_hours", "less"),
        peers_with_value!("new_items"),
        peer_mean!("new_items", "items"),
        rank!("new_items", "more"),
        peers_with_value!("service_score_min"),
        peer_mean!("service_score_min", "points"),
        rank!("service_score_min", "more"),
        peers_with_value!("service_score_mean"),
        peer_mean!("service_score_mean", "points"),
        rank!("service_score_mean", "more"),
        peers_with_value!("idle_months"),
        peer_mean!("idle_months", "months"),
        rank!("idle_months", "less"),
        peers_with_value!("violation_points"),
        peer_mean!("violation_points", "points"),
        rank!("violation_points", "less"),
        peers_with_value!("serious_violation_points"),
        peer_mean!("serious_violation_points", "points"),
        rank!("serious_violation_points", "less"),
        peers_with_value!("red_line_violations"),
        peer_mean!("red_line_violations", "violations"),
        rank!("red_line_violations", "less"),
    ],
    needs: &[Need { input: "orders", column: "" }],
    uses: &["customer_id", "shipped_at", "completed_at", "refund_amount"],
};

/// The table.
///
/// # Errors
/// [`Error::Defect`] where columns and card disagree.
pub fn table(
    context: &Context,
    activity: &ActivityFold,
    outcomes: &OutcomeFold,
    figures: &[ShopFigures<'_>],
    facts: &Facts,
) -> Result<RecordBatch> {
    let rows = rows(context, activity, outcomes, figures, facts);
    let mut frame = Frame::new(&CARD, context);
    macro_rules! column {
        ($kind:ident, $name:expr, |$row:ident| $value:expr) => {
            frame.$kind($name, rows.iter().map(|$row: &Row<'_>| $value))
        };
    }
    column!(shops, "shop_id", |row| row.shop);
    column!(dates, "quarter", |row| row.period.start);
    column!(text, "category", |row| row.category);
    column!(dates, "opened_at", |row| row.opened);
    column!(flags, "is_eligible", |row| Some(row.is_eligible));
    column!(flags, "is_complete", |row| Some(row.is_complete));
    column!(counts, DAYS.name, |row| Some(row.period.days));
    column!(counts, "peers", |row| row.peers);
    column!(money, "paid_amount", |row| Some(row.paid_amount()));
    column!(money, "net_by_payment", |row| Some(row.paid_amount() - row.outcome.refunded));
    column!(money, "net_by_refund", |row| Some(row.paid_amount() - row.period.figures.refunded?.amount));
    column!(money, "settled", |row| context.features.completed.then_some(row.outcome.settled));
    column!(counts, PAID_ORDERS.name, |row| Some(row.period.figures.activity.paid_orders));
    column!(counts, PLACED_ORDERS.name, |row| Some(row.period.figures.activity.placed_orders));
    column!(numbers, PAYMENT_RATE.name, |row| row.payment_rate());
    column!(counts, DAYS_WITH_TRAFFIC.name, |row| Some(row.period.means.days_with_traffic));
    push_means(&mut frame, &rows.iter().map(|row| row.period.means).collect::<Vec<_>>());
    column!(counts, "ratings", |row| row.dsr.ratings);
    for (number, name) in ["dsr_description", "dsr_service", "dsr_delivery", "dsr_logistics"].into_iter().enumerate() {
        column!(numbers, name, |row| row.dsr.scores[number]);
    }
    column!(numbers, "dsr_mean", |row| row.dsr.mean);
    column!(counts, "refund_applications", |row| Some(row.applications?.applications));
    column!(counts, "intervened_refunds", |row| row.applications?.intervened);
    column!(numbers, "dispute_rate", |row| row.applications?.dispute_rate());
    column!(numbers, "refund_rate", |row| row.refund_rate());
    column!(counts, "successful_refunds", |row| Some(row.applications?.successful));
    column!(numbers, "refund_hours", |row| row.applications?.refund_hours());
    column!(counts, "complaints", |row| row.records.complaints);
    column!(numbers, "complaint_rate", |row| row.complaint_rate());
    column!(counts, "shipped_orders", |row| context.features.shipped.then_some(row.outcome.shipped_orders));
    column!(numbers, "delivery_hours", |row| row.delivery_hours());
    column!(counts, "new_items", |row| row.records.new_items);
    column!(numbers, "service_score_min", |row| row.records.service_score_min);
    column!(numbers, "service_score_mean", |row| row.records.service_score_mean);
    column!(counts, "idle_months", |row| row.records.idle_months);
    column!(numbers, "violation_points", |row| row.records.violation_points);
    column!(numbers, "serious_violation_points", |row| row.records.serious_violation_points);
    column!(counts, "red_line_violations", |row| row.records.red_line_violations);
    for (number, comparison) in COMPARISONS.iter().enumerate() {
        let metric = comparison.metric;
        column!(counts, &format!("{metric}_peers"), |row| row.standings[number].peers);
        column!(numbers, &format!("{metric}_peer_mean"), |row| row.standings[number].mean);
        column!(counts, &format!("{metric}_rank"), |row| row.standings[number].rank);
    }
    frame.finish()
}
