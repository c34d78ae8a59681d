//! assessment_results: each requirement of each assessment, shop and cycle, with its value, its threshold and how safe it is.

use std::borrow::Cow;

use arrow::record_batch::RecordBatch;

use super::super::Frame;
use super::assess::ASSESSED;
use super::assess::{Assessment, name_of};
use super::judge::Judgement;
use super::outlook::Outlook;
use crate::error::Result;
use crate::history::Context;
use crate::job::rule::{Base, Requirement};
use crate::metric::assessed::assessed;
use crate::metric::measure::Measure;
use crate::spec::{Card, Column, Day, Kind, Need};
use crate::table::night::Read;
use crate::table::unit::{FrameTable, Witness};

const NO_PEERS: &str = "peers are of a category and the shop's is unknown";
const FEW_PEERS: &str = "the shop has no value or is not eligible, or fewer eligible peers have a value than the rule's min_peers";
const NOT_RUNNING: &str = "the cycle is over, the requirement is not judged, or nothing can be done about it day by day";
const NO_LEVELS: &str = "the requirement has no levels or no value";
const NO_AMOUNT: &str = "the metric is not paid_amount";
const SOURCE: &str = "docs/definitions.md, Assessment results";

/// What the table and its columns mean.
pub static CARD: Card = Card {
    name: Cow::Borrowed("assessment_results"),
    chinese: "考核明细",
    question: Cow::Borrowed("Which requirements of the platform does each shop meet, how safe is it, and what does it take until the period ends?"),
    grain: "one assessment of the job, shop, cycle that has begun and does not end before the shop's data, and requirement",
    key: &["assessment", "shop_id", "period_start", "metric"],
    columns: Cow::Borrowed(&[
        Column::new("assessment", Kind::Text, "name", "考核", "The assessment, as its rule file calls it."),
        Column::new("shop_id", Kind::ShopId, "id", "店铺", "The shop."),
        Column::new("period_start", Kind::Date, "date", "周期首日", "The first day of the cycle."),
        Column::new("metric", Kind::Text, "name", "指标", "The metric, as rule files call it."),
        Column::new("period_end", Kind::Date, "date", "周期末日", "The last day of the cycle."),
        Column::new("phase", Kind::Text, "name", "阶段", "What is asked in the cycle: exempt (nothing yet), trial (with a lower sales target) or formal."),
        Column::new("is_complete", Kind::Flag, "flag", "是否完整", "Whether the cycle is over: its last day is not after the as-of date."),
        Column::new("category", Kind::Text, "name", "主营类目", "The shop's main category.").null_when("the job has no shops input or no category of the shop"),
        Column::new("unit", Kind::Text, "unit", "单位", "The unit of value, threshold, margin and peer mean."),
        Column::new("test", Kind::Text, "name", "判定方式", "How the metric is judged: at_least, at_most, not_bottom, at_least_peer_mean or at_most_peer_mean."),
        Column::new("value", Kind::Number, "see unit", "数值", "What the metric comes to over the cycle, as far as the as-of date knows it.")
            .null_when("there is nothing to measure, or it cannot be told: see reason"),
        Column::new("threshold", Kind::Number, "see unit", "标准", "What the value is held against at the end of the cycle: the rule's number, the peers' mean, or the worst value that is not among the bottom.")
            .null_when("it cannot be told: see reason"),
        Column::new("threshold_to_date", Kind::Number, "see unit", "当前标准", "What the value is held against today: of paid_amount and new_items in a running cycle, the threshold's part of the days gone; else the threshold.")
            .formula("threshold × days gone / days of the cycle")
            .null_when("threshold is null"),
        Column::new("peers", Kind::Count, "shops", "有值同行数", "Eligible peers with a value, the shop itself included when it is one.").null_when(NO_PEERS),
        Column::new("peer_mean", Kind::Number, "see unit", "同行均值", "The plain mean of their values.").null_when("too few of them for a comparison"),
        Column::new("rank", Kind::Count, "rank", "同行排名", "The place of the shop among them, 1 the best; ties share the better place.").null_when(FEW_PEERS),
        Column::new("percentile", Kind::Share, "1", "同行百分位", "The share of the other peers that are worse.")
            .formula("peers that are strictly worse / (peers - 1)")
            .null_when(FEW_PEERS),
        Column::new("status", Kind::Text, "name", "状态", "pass or fail; running_pass or running_fail as it stands in a cycle that runs; exempt; not_applicable where its condition does not hold or there is nothing to measure; unknown.")
            .source(SOURCE),
        Column::new("margin", Kind::Number, "see unit", "余量", "How far the value is from threshold_to_date; positive is safe. With levels: how far from the first one, with which the requirement is missed.")
            .null_when("value or threshold is null"),
        Column::new("needed", Kind::Number, "see needed_unit", "每日所需", "What the days to come have to bring for the threshold to be met at the end of the cycle, orders and ratings coming as they came so far.")
            .null_when(NOT_RUNNING),
        Column::new("needed_unit", Kind::Text, "unit", "所需单位", "What needed is: an amount or items a day, the mean of the ratings to come, or the rate of the days to come.").null_when(NOT_RUNNING),
        Column::new("at_risk_from", Kind::Date, "date", "预警日", "The first day on which the requirement is missed if every day is like the mean of the last 28, thresholds of peers being what they are; the as-of date where it is missed already.")
            .null_when("the cycle is over, the requirement is not missed by its end, or nobody can tell"),
        Column::new("pass_probability", Kind::Share, "1", "达标概率", "The share of 500 simulations of the days to come in which the requirement is met at the end.").null_when(NOT_RUNNING),
        Column::new("level", Kind::Count, "levels", "处罚级别", "How many of the rule's levels the points have reached.").null_when(NO_LEVELS),
        Column::new("consequence", Kind::Text, "text", "处罚", "What follows from the highest level reached, as the rule says.").null_when("no level is reached"),
        Column::new("points_to_next_level", Kind::Number, "points", "距下一级", "Points that the next level is away.").null_when("there are no levels, or the last one is reached"),
        Column::new("paid", Kind::Money, "CNY", "支付口径", "Of paid_amount: what was paid in the cycle.").null_when(NO_AMOUNT),
        Column::new("net_by_payment", Kind::Money, "CNY", "按支付口径净额", "Of paid_amount: less what of these payments was refunded.").null_when(NO_AMOUNT),
        Column::new("net_by_refund", Kind::Money, "CNY", "按退款口径净额", "Of paid_amount: less what was refunded in the cycle.").null_when("the metric is not paid_amount, or the job has no refunds input"),
        Column::new("settled", Kind::Money, "CNY", "确认收货金额", "Of paid_amount: what was paid for the orders completed in the cycle.").null_when("the metric is not paid_amount, or the job maps no completed_at"),
        Column::new("reason", Kind::Text, "text", "原因", "Why the requirement is not judged.").null_when("it is judged"),
    ]),
    needs: &[Need { input: "orders", column: "" }],
    uses: &["customer_id", "shipped_at", "completed_at", "refund_amount"],
};

/// The table.
pub static TABLE: FrameTable = FrameTable {
    card: &CARD,
    reads: &[Read::Shared(&ASSESSED)],
    write: |night, sink| sink(&CARD, table(&night.context, &night.shared(&ASSESSED)?)?),
    witness: Witness::Sql,
};

/// One requirement of one assessment.
struct Row<'a> {
    assessment: &'a Assessment,
    requirement: &'a Requirement,
    judgement: &'a Judgement,
    outlook: &'a Outlook,
    probability: Option<f64>,
    measure: Measure,
}

impl Row<'_> {
    /// A number in the unit of results.
    fn shown(&self, value: Option<f64>) -> Option<f64> {
        value.map(|value| self.measure.in_results(value))
    }

    fn level(&self) -> Option<usize> {
        let levels = Some(&self.requirement.levels).filter(|levels| !levels.is_empty())?;
        self.judgement.value.map(|value| levels.iter().filter(|level| level.points <= value).count())
    }

    fn next_level(&self) -> Option<f64> {
        let value = self.judgement.value?;
        self.requirement.levels.iter().find(|level| level.points > value).map(|level| level.points - value)
    }

    fn consequence(&self) -> Option<&str> {
        let level = self.level()?.checked_sub(1)?;
        self.requirement.levels.get(level).map(|level| level.consequence.as_str())
    }

    /// What the amount comes to on another base, in minor units.
    fn amount(&self, base: Base) -> Option<i64> {
        if !matches!(self.measure, Measure::Amount(_)) {
            return None;
        }
        let Assessment { shop, cycle, .. } = self.assessment;
        let to = cycle.end.min(shop.last);
        shop.figure(&Measure::Amount(base), cycle.start, to).value().and_then(|_| shop.amount(base, cycle.start, to))
    }

    fn risk(&self) -> Day {
        self.outlook.at_risk_from
    }
}

/// The table.
///
/// # Errors
/// [`crate::error::Error::Bug`] where columns and card disagree.
pub fn table(context: &Context, assessments: &[Assessment]) -> Result<RecordBatch> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for assessment in assessments {
        let first = rows.len();
        for (number, requirement) in assessment.rule.requirements.iter().enumerate() {
            let (Some(judgement), Some(outlook)) = (assessment.judgements.get(number), assessment.outlooks.get(number)) else { continue };
            let projected = assessment.projection.as_ref().and_then(|projection| projection.by_requirement.get(number));
            let probability = projected.copied().flatten();
            rows.push(Row { assessment, requirement, judgement, outlook, probability, measure: Measure::of(requirement) });
        }
        rows[first..].sort_by(|a, b| a.requirement.metric.cmp(&b.requirement.metric));
    }
    let mut frame = Frame::new(&CARD, context);
    macro_rules! column {
        ($kind:ident, $name:literal, |$row:ident| $value:expr) => {
            frame.$kind($name, rows.iter().map(|$row: &Row<'_>| $value))
        };
    }
    column!(text, "assessment", |row| Some(&row.assessment.rule.assessment));
    column!(shops, "shop_id", |row| row.assessment.shop.shop);
    column!(dates, "period_start", |row| row.assessment.cycle.start);
    column!(text, "metric", |row| Some(&row.requirement.metric));
    column!(dates, "period_end", |row| row.assessment.cycle.end);
    column!(text, "phase", |row| Some(row.assessment.cycle.phase.name()));
    column!(flags, "is_complete", |row| Some(row.assessment.is_complete));
    column!(text, "category", |row| row.assessment.shop.category());
    column!(text, "unit", |row| Some(assessed(&row.requirement.metric).map_or("as in shop_metrics", |metric| metric.unit)));
    column!(text, "test", |row| Some(name_of(&row.requirement.test)));
    column!(numbers, "value", |row| row.shown(row.judgement.value));
    column!(numbers, "threshold", |row| row.shown(row.judgement.threshold));
    column!(numbers, "threshold_to_date", |row| row.shown(row.judgement.threshold_to_date));
    column!(counts, "peers", |row| row.judgement.position.peers);
    column!(numbers, "peer_mean", |row| row.shown(row.judgement.position.mean));
    column!(counts, "rank", |row| row.judgement.position.rank);
    column!(numbers, "percentile", |row| row.judgement.position.percentile);
    column!(text, "status", |row| Some(row.judgement.status.name()));
    column!(numbers, "margin", |row| row.shown(row.judgement.margin));
    column!(numbers, "needed", |row| row.outlook.needed);
    column!(text, "needed_unit", |row| row.outlook.needed_unit);
    column!(dates, "at_risk_from", |row| row.risk());
    column!(numbers, "pass_probability", |row| row.probability);
    column!(counts, "level", |row| row.level().map(|level| level as i64));
    column!(text, "consequence", |row| row.consequence());
    column!(numbers, "points_to_next_level", |row| row.next_level());
    column!(money, "paid", |row| row.amount(Base::Paid));
    column!(money, "net_by_payment", |row| row.amount(Base::NetByPayment));
    column!(money, "net_by_refund", |row| row.amount(Base::NetByRefund));
    column!(money, "settled", |row| row.amount(Base::Settled));
    column!(text, "reason", |row| row.judgement.reason.as_deref());
    frame.finish()
}
