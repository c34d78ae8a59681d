//! brief: what each shop should know this morning, the most important first.

use std::sync::{OnceLock, PoisonError};

use super::briefing::BRIEFING;
use super::note::Note;
use crate::spec::Need;
use crate::table::column::Value::{Count, Number, Shop, Text, Unit};
use crate::table::column::column;
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

const SPECIFICATION: &str = "docs/definitions.md, Brief";

/// One thing to know, with its place among those of the shop.
pub struct Row {
    rank: i64,
    note: Note,
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "brief",
    chinese: "每日简报",
    question: "What should each shop know this morning, and where does it stand in the tables?",
    grain: "one thing to know of a shop; at most params.brief_size of each",
    key: &["shop_id", "rank"],
    needs: &[Need { input: "orders", column: "" }],
    uses: &[],
    reads: &[Read::Shared(&BRIEFING)],
    columns: &[&[
        column("shop_id", Shop(|row| row.note.shop), "", "店铺", "The shop."),
        column(
            "rank",
            Count(|row| Some(row.rank)),
            "rank",
            "序号",
            "The place among what the shop should know, 1 for the most important: by weight, then by the money at stake.",
        ),
        column(
            "kind",
            Text(|row: &Row| Some(row.note.kind.name())),
            "",
            "类型",
            "alarm: a figure of the last day that is far from what was to be expected: an alarm, or one to be watched that is bad; three at most, and sales, orders, buyers and conversion that go the same way are one. assessment_at_risk: a requirement that is missed so far in a running cycle or in one that ends with the as-of date, or that will rather be missed; four at most, of them two that cannot be met any more. plan_behind: sales or new \
             items of the month are behind. refunds_grow: refunds are expected to take more of the last month's payments than of those of the \
             month before, by a quarter and by 0.02 at least. restated: a requirement of an assessment whose cycle was over passes or fails otherwise \
             than the snapshot before said, or paid_amount or net_by_payment of a month that was over is another one than it published, by 0.01 \
             of it at least; of each shop the most important one: what fails now, then what passes now, then the greatest difference. item_falls: of the items of tier A whose sales of 30 days halved, the one that \
             lost the most. stage_changed: the shop is in another stage since the last month. \
             list_ready: a list with customers to contact, the three with the most at stake.",
        )
        .source(SPECIFICATION),
        column(
            "severity",
            Text(|row: &Row| Some(row.note.severity.name())),
            "",
            "级别",
            "alarm: somebody must look today. watch: this week. info: good to know, or ready to be used.",
        ),
        column(
            "weight",
            Count(|row: &Row| Some(row.note.weight())),
            "",
            "权重",
            "How much it matters: 70 for alarm, 60 for assessment_at_risk, 5 where it cannot be met any more, 50 for plan_behind, 40 for refunds_grow, 35 for restated, 30 for item_falls, 20 for list_ready, 10 for \
             stage_changed, and 30 more for an alarm, 10 more for watch.",
        )
        .source(SPECIFICATION),
        column("text_en", Text(|row: &Row| Some(&row.note.sentence.english)), "", "英文说明", "The sentence in English. Every figure in it is one of the tables."),
        column("text_zh", Text(|row: &Row| Some(&row.note.sentence.chinese)), "", "中文说明", "The sentence in Chinese."),
        column("source_table", Text(|row: &Row| Some(&row.note.table)), "", "来源表", "The table to look into."),
        column(
            "source_key",
            Text(|row: &Row| Some(row.note.key.as_str()).filter(|key| !key.is_empty())),
            "",
            "来源主键",
            "The key of the row there, but for the shop: the columns with their values.",
        )
        .null_when("the whole list of the shop is meant"),
        column("value", Number(|row: &Row| row.note.value), "see unit", "当前值", "What the figure stands at.").null_when("nothing is counted"),
        column("expected", Number(|row: &Row| row.note.expected), "see unit", "应有值", "What it should be by now, or was before.")
            .null_when("nothing is expected"),
        column(
            "unit",
            Unit(|row: &Row| Some(row.note.unit.as_str()).filter(|unit| !unit.is_empty())),
            "",
            "单位",
            "The unit of value and expected.",
        )
        .null_when("value and expected are null"),
    ]],
    rows: |night, out| {
        let briefing = night.shared(&BRIEFING)?;
        let most = night.context.params.brief_size as usize;
        let notes = briefing.lock().unwrap_or_else(PoisonError::into_inner).notes(&night.context, most);
        let mut last = (u32::MAX, 0);
        out.all(notes.into_iter().map(|note| {
            last = if last.0 == note.shop { (note.shop, last.1 + 1) } else { (note.shop, 1) };
            Row { rank: last.1, note }
        }))
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};
