//! assessment_summary: each shop's standing in each assessment, in one row.

use std::borrow::Cow;

use arrow::record_batch::RecordBatch;

use super::super::Frame;
use super::assess::ASSESSED;
use super::assess::Assessment;
use crate::error::Result;
use crate::history::Context;
use crate::metric::cycle::Phase;
use crate::metric::ratio::ratio_of;
use crate::metric::verdict::Status;
use crate::spec::{Card, Column, Kind, Need};
use crate::table::night::Read;
use crate::table::unit::{FrameTable, Witness};

const NOT_RUNNING: &str = "the cycle is over, the shop is exempt, a requirement is unknown, or none is judged";
const SOURCE: &str = "docs/definitions.md, Assessment results";

/// What the table and its columns mean.
pub static CARD: Card = Card {
    name: Cow::Borrowed("assessment_summary"),
    chinese: "考核总览",
    question: Cow::Borrowed("Does each shop pass, will it, and what is it weakest at?"),
    grain: "one assessment of the job, shop, and cycle that has begun and does not end before the shop's data",
    key: &["assessment", "shop_id", "period_start"],
    columns: Cow::Borrowed(&[
        Column::new("assessment", Kind::Text, "name", "考核", "The assessment, as its rule file calls it."),
        Column::new("shop_id", Kind::ShopId, "id", "店铺", "The shop."),
        Column::new("period_start", Kind::Date, "date", "周期首日", "The first day of the cycle."),
        Column::new("period_end", Kind::Date, "date", "周期末日", "The last day of the cycle."),
        Column::new("phase", Kind::Text, "name", "阶段", "What is asked in the cycle: exempt (nothing yet), trial (with a lower sales target) or formal.").source(SOURCE),
        Column::new("category", Kind::Text, "name", "主营类目", "The shop's main category.").null_when("the job has no shops input or no category of the shop"),
        Column::new("is_complete", Kind::Flag, "flag", "是否完整", "Whether the cycle is over: its last day is not after the as-of date."),
        Column::new("days_left", Kind::Count, "days", "剩余天数", "Days of the cycle after the as-of date."),
        Column::new("requirements", Kind::Count, "requirements", "考核项数", "What the rule requires."),
        Column::new("passed", Kind::Count, "requirements", "达标项数", "Of these, met, or met so far."),
        Column::new("failed", Kind::Count, "requirements", "未达标项数", "Of these, missed, or missed so far."),
        Column::new("unknown", Kind::Count, "requirements", "未知项数", "Of these, those that cannot be told."),
        Column::new("status", Kind::Text, "name", "状态", "fail or running_fail where any requirement is missed; else unknown where any cannot be told; else pass or running_pass; exempt; not_applicable where none applies.")
            .source(SOURCE),
        Column::new("projected_status", Kind::Text, "name", "预计结果", "pass where pass_probability is a half or more, else fail.").null_when(NOT_RUNNING),
        Column::new("pass_probability", Kind::Share, "1", "通过概率", "The share of 500 simulations of the days to come in which all requirements are met at the end, those whose condition may hold by then included. How often such figures came true: `huitou backtest`.")
            .null_when(NOT_RUNNING),
        Column::new("worst_metric", Kind::Text, "name", "最弱指标", "The requirement with the smallest margin in shares of its threshold, those that are missed first.")
            .formula("the least of margin / |threshold_to_date|")
            .null_when("no requirement is judged"),
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

    /// The phase: exempt also where the shop was not open for long enough when the cycle began.
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

/// The table.
///
/// # Errors
/// [`crate::error::Error::Bug`] where columns and card disagree.
pub fn table(context: &Context, assessments: &[Assessment]) -> Result<RecordBatch> {
    let mut frame = Frame::new(&CARD, context);
    macro_rules! column {
        ($kind:ident, $name:literal, |$row:ident| $value:expr) => {
            frame.$kind($name, assessments.iter().map(|$row: &Assessment| $value))
        };
    }
    column!(text, "assessment", |row| Some(&row.rule.assessment));
    column!(shops, "shop_id", |row| row.shop.shop);
    column!(dates, "period_start", |row| row.cycle.start);
    column!(dates, "period_end", |row| row.cycle.end);
    column!(text, "phase", |row| Some(row.phase().name()));
    column!(text, "category", |row| row.shop.category());
    column!(flags, "is_complete", |row| Some(row.is_complete));
    column!(counts, "days_left", |row| Some(row.days_left()));
    column!(counts, "requirements", |row| Some(row.judgements.len() as i64));
    column!(counts, "passed", |row| Some(row.count(|status| status.is_met() == Some(true))));
    column!(counts, "failed", |row| Some(row.count(|status| status.is_met() == Some(false))));
    column!(counts, "unknown", |row| Some(row.count(|status| status == Status::Unknown)));
    column!(text, "status", |row| Some(row.status().name()));
    column!(text, "projected_status", |row| row.probability().map(|probability| if probability >= 0.5 { "pass" } else { "fail" }));
    column!(numbers, "pass_probability", |row| row.probability());
    column!(text, "worst_metric", |row| row.worst_metric());
    frame.finish()
}
