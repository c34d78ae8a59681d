//! assessment_summary: the result of each shop in each assessment, in one row.

use std::sync::{Arc, OnceLock};

use super::assess::{ASSESSED, Assessment};
use crate::metric::cycle::Phase;
use crate::metric::ratio::ratio_of;
use crate::metric::verdict::Status;
use crate::spec::Need;
use crate::table::column::Value::{Count, Date, Flag, Share, Shop, Text};
use crate::table::column::column;
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

const NOT_RUNNING: &str = "the cycle is over, the shop is exempt, a requirement is unknown, or none is judged";
const SOURCE: &str = "docs/definitions.md, Assessment results";

/// One shop in one cycle of one assessment.
pub struct Row {
    assessment: Arc<Assessment>,
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "assessment_summary",
    chinese: "考核总览",
    question: "Does each shop pass, will it, and what is it weakest at?",
    grain: "one assessment of the job, shop, and cycle that has begun and does not end before the shop's data",
    key: &["assessment", "shop_id", "period_start"],
    needs: &[Need { input: "orders", column: "" }],
    uses: &[],
    reads: &[Read::Shared(&ASSESSED)],
    columns: &[&[
        column(
            "assessment",
            Text(|row| Some(row.assessment.rule.assessment.as_str())),
            "",
            "考核",
            "The assessment, as its rule file calls it.",
        ),
        column("shop_id", Shop(|row| row.assessment.shop.shop), "", "店铺", "The shop."),
        column("period_start", Date(|row| row.assessment.cycle.start), "date", "周期首日", "The first day of the cycle."),
        column("period_end", Date(|row| row.assessment.cycle.end), "date", "周期末日", "The last day of the cycle."),
        column(
            "phase",
            Text(|row: &Row| Some(row.assessment.phase().name())),
            "",
            "阶段",
            "What is asked in the cycle: exempt (nothing yet), trial (with a lower sales target) or formal.",
        )
        .source(SOURCE),
        column("category", Text(|row: &Row| row.assessment.shop.category()), "", "主营类目", "The shop's main category.")
            .null_when("the job has no shops input or no category of the shop"),
        column(
            "is_complete",
            Flag(|row| Some(row.assessment.is_complete)),
            "",
            "是否完整",
            "Whether the cycle is over: its last day is not after the as-of date.",
        ),
        column("days_left", Count(|row| Some(row.assessment.days_left())), "days", "剩余天数", "Days of the cycle after the as-of date."),
        column(
            "requirements",
            Count(|row| Some(row.assessment.judgements.len() as i64)),
            "requirements",
            "考核项数",
            "What the rule requires.",
        ),
        column(
            "passed",
            Count(|row| Some(row.assessment.count(|status| status.is_met() == Some(true)))),
            "requirements",
            "达标项数",
            "Of these, met, or met so far.",
        ),
        column(
            "failed",
            Count(|row| Some(row.assessment.count(|status| status.is_met() == Some(false)))),
            "requirements",
            "未达标项数",
            "Of these, missed, or missed so far.",
        ),
        column(
            "unknown",
            Count(|row| Some(row.assessment.count(|status| status == Status::Unknown))),
            "requirements",
            "未知项数",
            "Of these, those that cannot be determined.",
        ),
        column(
            "status",
            Text(|row: &Row| Some(row.assessment.status().name())),
            "",
            "状态",
            "fail or running_fail where any requirement is missed; else unknown where any cannot be determined; else pass or running_pass; \
             exempt; not_applicable where none applies.",
        )
        .source(SOURCE),
        column(
            "projected_status",
            Text(|row: &Row| row.assessment.probability().map(|probability| if probability >= 0.5 { "pass" } else { "fail" })),
            "",
            "预计结果",
            "pass where pass_probability is a half or more, else fail.",
        )
        .null_when(NOT_RUNNING),
        column(
            "pass_probability",
            Share(|row: &Row| row.assessment.probability()),
            "1",
            "通过概率",
            "The share of 500 simulations of the days to come in which all requirements are met at the end, those whose condition may hold \
             by then included. How often such figures came true: `huitou backtest`.",
        )
        .null_when(NOT_RUNNING),
        column(
            "worst_metric",
            Text(|row: &Row| row.assessment.worst_metric()),
            "",
            "最弱指标",
            "The requirement with the smallest margin in shares of its threshold, those that are missed first.",
        )
        .formula("the least of margin / |threshold_to_date|")
        .null_when("no requirement is judged"),
    ]],
    rows: |night, out| out.all(night.shared(&ASSESSED)?.iter().map(|assessment| Row { assessment: Arc::clone(assessment) })),
    witness: Witness::Sql,
    card: OnceLock::new(),
};

impl Assessment {
    fn count(&self, is_counted: fn(Status) -> bool) -> i64 {
        self.judgements.iter().filter(|judgement| is_counted(judgement.status)).count() as i64
    }

    fn probability(&self) -> Option<f64> {
        self.projection.as_ref()?.probability
    }

    fn days_left(&self) -> i64 {
        i64::from((self.cycle.end - self.shop.last).max(0))
    }

    /// The phase: exempt also if the shop was not open for long enough when the cycle began.
    fn phase(&self) -> Phase {
        if self.status() == Status::Exempt { Phase::Exempt } else { self.cycle.phase }
    }

    /// The metric that is missed by most, or met by least.
    fn worst_metric(&self) -> Option<&str> {
        let judged = self.rule.requirements.iter().zip(&self.judgements).filter_map(|(requirement, judgement)| {
            let is_met = judgement.status.is_met()?;
            let margin = judgement.margin?;
            let share = judgement.threshold_to_date.and_then(|threshold| ratio_of(margin, threshold.abs())).unwrap_or(margin);
            Some((is_met, share, requirement.metric.as_str()))
        });
        judged.min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(b.2))).map(|(_, _, metric)| metric)
    }
}
