//! assessment_results: each requirement of each assessment, shop and cycle, with value, threshold and margin.

use std::sync::{Arc, OnceLock};

use super::assess::{ASSESSED, Assessment, name_of};
use super::judge::Judgement;
use super::outlook::Outlook;
use crate::job::rule::{Base, Requirement};
use crate::metric::assessed::assessed;
use crate::metric::measure::Measure;
use crate::spec::Need;
use crate::table::column::Value::{Count, Date, Flag, Money, Number, Share, Shop, Text, Unit};
use crate::table::column::{ValueColumn, column};
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

const NO_PEERS: &str = "peers are of a category and the shop's is unknown";
const FEW_PEERS: &str = "the shop has no value or is not eligible, or fewer eligible peers have a value than the rule's min_peers";
const NOT_RUNNING: &str = "the cycle is over, the requirement is not judged, or nothing can be done about it day by day";
const NO_LEVELS: &str = "the requirement has no levels or no value";
const NO_AMOUNT: &str = "the metric is not paid_amount";
const SOURCE: &str = "docs/definitions.md, Assessment results";

/// One requirement of one assessment.
pub struct Row {
    assessment: Arc<Assessment>,
    /// The index of the requirement in the rule, and of its judgement in the assessment.
    number: usize,
    probability: Option<f64>,
    measure: Measure,
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "assessment_results",
    chinese: "考核明细",
    question: "Which requirements of the platform does each shop meet, how safe is it, and what does it take until the period ends?",
    grain: "one assessment of the job, shop, cycle that has begun and does not end before the shop's data, and requirement",
    key: &["assessment", "shop_id", "period_start", "metric"],
    needs: &[Need { input: "orders", column: "" }],
    uses: &[],
    reads: &[Read::Shared(&ASSESSED)],
    columns: &[&SUBJECT, &VALUE, &STANDING, &FURTHER],
    rows: |night, out| night.shared(&ASSESSED)?.iter().try_for_each(|assessment| out.all(rows(assessment))),
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// What is judged.
static SUBJECT: [ValueColumn<Row>; 10] = [
    column(
        "assessment",
        Text(|row| Some(row.assessment.rule.assessment.as_str())),
        "",
        "考核",
        "The assessment, as its rule file calls it.",
    ),
    column("shop_id", Shop(|row| row.assessment.shop.shop), "", "店铺", "The shop."),
    column("period_start", Date(|row| row.assessment.cycle.start), "date", "周期首日", "The first day of the cycle."),
    column("metric", Text(|row| Some(row.requirement().metric.as_str())), "", "指标", "The metric, as rule files call it."),
    column("period_end", Date(|row| row.assessment.cycle.end), "date", "周期末日", "The last day of the cycle."),
    column(
        "phase",
        Text(|row| Some(row.assessment.cycle.phase.name())),
        "",
        "阶段",
        "What is asked in the cycle: exempt (nothing yet), trial (with a lower sales target) or formal.",
    ),
    column(
        "is_complete",
        Flag(|row| Some(row.assessment.is_complete)),
        "",
        "是否完整",
        "Whether the cycle is over: its last day is not after the as-of date.",
    ),
    column("category", Text(|row: &Row| row.assessment.shop.category()), "", "主营类目", "The shop's main category.")
        .null_when("the job has no shops input or no category of the shop"),
    column(
        "unit",
        Unit(|row| Some(assessed(&row.requirement().metric).map_or("as in shop_metrics", |metric| metric.unit))),
        "",
        "单位",
        "The unit of value, threshold, margin and peer mean.",
    ),
    column(
        "test",
        Text(|row| Some(name_of(&row.requirement().test))),
        "",
        "判定方式",
        "How the metric is judged: at_least, at_most, not_bottom, at_least_peer_mean or at_most_peer_mean.",
    ),
];

/// The value, its threshold and its peers.
static VALUE: [ValueColumn<Row>; 7] = [
    column(
        "value",
        Number(|row: &Row| row.shown(row.judgement().value)),
        "see unit",
        "数值",
        "What the metric comes to over the cycle, as far as the as-of date knows it.",
    )
    .null_when("there is nothing to measure, or it cannot be determined: see reason"),
    column(
        "threshold",
        Number(|row: &Row| row.shown(row.judgement().threshold)),
        "see unit",
        "标准",
        "What the value is held against at the end of the cycle: the rule's number, the peers' mean, or the worst value that is not among \
         the bottom.",
    )
    .null_when("it cannot be determined: see reason"),
    column(
        "threshold_to_date",
        Number(|row: &Row| row.shown(row.judgement().threshold_to_date)),
        "see unit",
        "当前标准",
        "What the value is held against today: of paid_amount and new_items in a running cycle, the threshold's part of the days gone; \
         else the threshold.",
    )
    .formula("threshold × days gone / days of the cycle")
    .null_when("threshold is null"),
    column(
        "peers",
        Count(|row: &Row| row.judgement().position.peers),
        "shops",
        "有值同行数",
        "Eligible peers with a value, the shop itself included when it is one.",
    )
    .null_when(NO_PEERS),
    column(
        "peer_mean",
        Number(|row: &Row| row.shown(row.judgement().position.mean)),
        "see unit",
        "同行均值",
        "The plain mean of their values.",
    )
    .null_when("too few of them for a comparison"),
    column(
        "rank",
        Count(|row: &Row| row.judgement().position.rank),
        "rank",
        "同行排名",
        "The place of the shop among them, 1 the best; ties share the better place.",
    )
    .null_when(FEW_PEERS),
    column(
        "percentile",
        Share(|row: &Row| row.judgement().position.percentile),
        "1",
        "同行百分位",
        "The share of the other peers that are worse.",
    )
    .formula("peers that are strictly worse / (peers - 1)")
    .null_when(FEW_PEERS),
];

/// Whether the requirement is met, and what it takes to meet it.
static STANDING: [ValueColumn<Row>; 6] = [
    column(
        "status",
        Text(|row: &Row| Some(row.judgement().status.name())),
        "",
        "状态",
        "pass or fail; running_pass or running_fail as it stands in a cycle that runs; exempt; not_applicable where its condition does not \
         hold or there is nothing to measure; unknown.",
    )
    .source(SOURCE),
    column(
        "margin",
        Number(|row: &Row| row.shown(row.judgement().margin)),
        "see unit",
        "余量",
        "How far the value is from threshold_to_date; positive is safe. With levels: how far from the first one, with which the \
         requirement is missed.",
    )
    .null_when("value or threshold is null"),
    column(
        "needed",
        Number(|row: &Row| row.outlook().needed),
        "see needed_unit",
        "每日所需",
        "What the days to come have to bring for the threshold to be met at the end of the cycle, orders and ratings coming as they came \
         so far.",
    )
    .null_when(NOT_RUNNING),
    column(
        "needed_unit",
        Unit(|row: &Row| row.outlook().needed_unit),
        "",
        "所需单位",
        "What needed is: an amount or items a day, the mean of the ratings to come, or the rate of the days to come.",
    )
    .null_when(NOT_RUNNING),
    column(
        "at_risk_from",
        Date(|row: &Row| row.outlook().at_risk_from),
        "date",
        "预警日",
        "The first day on which the requirement is missed if every day is like the mean of the last 28, thresholds of peers being what \
         they are; the as-of date where it is missed already.",
    )
    .null_when("the cycle is over, the requirement is not missed by its end, or it cannot be determined"),
    column(
        "pass_probability",
        Share(|row: &Row| row.probability),
        "1",
        "达标概率",
        "The share of 500 simulations of the days to come in which the requirement is met at the end.",
    )
    .null_when(NOT_RUNNING),
];

/// Columns of only some requirements: levels, amounts by other bases, the reason why they are not judged.
static FURTHER: [ValueColumn<Row>; 8] = [
    column(
        "level",
        Count(|row: &Row| row.level().map(|level| level as i64)),
        "levels",
        "处罚级别",
        "How many of the rule's levels the points have reached.",
    )
    .null_when(NO_LEVELS),
    column(
        "consequence",
        Text(|row: &Row| row.consequence()),
        "",
        "处罚",
        "What follows from the highest level reached, as the rule says.",
    )
    .null_when("no level is reached"),
    column("points_to_next_level", Number(|row: &Row| row.next_level()), "points", "距下一级", "Points that the next level is away.")
        .null_when("there are no levels, or the last one is reached"),
    column("paid", Money(|row: &Row| row.amount(Base::Paid)), "CNY", "支付口径", "Of paid_amount: what was paid in the cycle.")
        .null_when(NO_AMOUNT),
    column(
        "net_by_payment",
        Money(|row: &Row| row.amount(Base::NetByPayment)),
        "CNY",
        "净支付金额（按支付日）",
        "Of paid_amount: less what of these payments was refunded.",
    )
    .null_when(NO_AMOUNT),
    column(
        "net_by_refund",
        Money(|row: &Row| row.amount(Base::NetByRefund)),
        "CNY",
        "净支付金额（按退款日）",
        "Of paid_amount: less what was refunded in the cycle.",
    )
    .null_when("the metric is not paid_amount, or the job has no refunds input"),
    column(
        "settled",
        Money(|row: &Row| row.amount(Base::Settled)),
        "CNY",
        "确认收货金额",
        "Of paid_amount: what was paid for the orders completed in the cycle.",
    )
    .null_when("the metric is not paid_amount, or the job maps no completed_at"),
    column("reason", Text(|row: &Row| row.judgement().reason.as_deref()), "", "原因", "Why the requirement is not judged.")
        .null_when("it is judged"),
];

impl Row {
    fn requirement(&self) -> &Requirement {
        &self.assessment.rule.requirements[self.number]
    }

    fn judgement(&self) -> &Judgement {
        &self.assessment.judgements[self.number]
    }

    fn outlook(&self) -> &Outlook {
        &self.assessment.outlooks[self.number]
    }

    /// A number in the unit of results.
    fn shown(&self, value: Option<f64>) -> Option<f64> {
        value.map(|value| self.measure.in_results(value))
    }

    fn level(&self) -> Option<usize> {
        let levels = Some(&self.requirement().levels).filter(|levels| !levels.is_empty())?;
        self.judgement().value.map(|value| levels.iter().filter(|level| level.points <= value).count())
    }

    fn next_level(&self) -> Option<f64> {
        let value = self.judgement().value?;
        self.requirement().levels.iter().find(|level| level.points > value).map(|level| level.points - value)
    }

    fn consequence(&self) -> Option<&str> {
        let level = self.level()?.checked_sub(1)?;
        self.requirement().levels.get(level).map(|level| level.consequence.as_str())
    }

    /// The amount by another base, in minor units.
    fn amount(&self, base: Base) -> Option<i64> {
        if !matches!(self.measure, Measure::Amount(_)) {
            return None;
        }
        let Assessment { shop, cycle, .. } = self.assessment.as_ref();
        let to = cycle.end.min(shop.last);
        shop.figure(&Measure::Amount(base), cycle.start, to).value().and_then(|_| shop.amount(base, cycle.start, to))
    }
}

/// The rows of an assessment, by metric.
fn rows(assessment: &Arc<Assessment>) -> Vec<Row> {
    let projected = assessment.projection.as_ref().map(|projection| projection.by_requirement.as_slice()).unwrap_or_default();
    let row = |(number, requirement)| Row {
        assessment: Arc::clone(assessment),
        number,
        probability: projected.get(number).copied().flatten(),
        measure: Measure::of(requirement),
    };
    let mut rows: Vec<Row> = assessment.rule.requirements.iter().enumerate().map(row).collect();
    rows.sort_by(|one, other| one.requirement().metric.cmp(&other.requirement().metric));
    rows
}
