//! plan_progress: how each shop stands against its plans, where it should stand by now, and where the month will end.

use std::sync::OnceLock;

use super::measured::Sources;
pub use super::row::Row;
use crate::fold::activity::ACTIVITY;
use crate::fold::outcomes::OUTCOMES;
use crate::spec::Need;
use crate::table::channel::CHANNELS;
use crate::table::column::Value::{Count, Date, Money, Number, Ratio, Shop, Text, Unit};
use crate::table::column::column;
use crate::table::forecast::months::MONTH_FORECASTS;
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

const SPECIFICATION: &str = "docs/definitions.md, Plans";
const NO_ACTUAL: &str = "actual is null";

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "plan_progress",
    chinese: "计划完成进度",
    question: "How does each shop stand against its plan, where should it stand by now, and where will the month end?",
    grain: "one measure of a planned month of a shop, past, running or to come; for ad_cost also one channel",
    key: &["shop_id", "month", "measure", "channel"],
    needs: &[Need { input: "orders", column: "" }, Need { input: "plans", column: "" }],
    uses: &[],
    reads: &[Read::Fold(&ACTIVITY), Read::Fold(&OUTCOMES), Read::Shared(&CHANNELS), Read::IfRequested(&MONTH_FORECASTS)],
    columns: &[&[
        column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
        column("month", Date(|row| row.start()), "date", "月份", "The first day of the month."),
        column(
            "measure",
            Text(|row: &Row| Some(row.measure.name())),
            "",
            "计划项",
            "What is planned: sales (paid amount), net_sales (less refunds), ad_cost (money spent on advertising), new_items, and \
             sales_year_to_date, the sales of the planned months of the year up to this one. A measure without a plan for the month has \
             no row.",
        )
        .source(SPECIFICATION),
        column(
            "channel",
            Text(|row| Some(row.channel.as_ref())),
            "",
            "渠道",
            "The traffic source that the plan is for, of ad_cost where the input ad_plans has one; (all) for the plan of the whole shop.",
        ),
        column("unit", Unit(|row: &Row| Some(row.measure.unit())), "", "单位", "The unit of plan, actual and what follows from them."),
        column(
            "months",
            Count(|row| Some(row.months)),
            "months",
            "计划月数",
            "Planned months in the row: 1, and of sales_year_to_date the months of the year with a target up to this one.",
        ),
        column(
            "plan",
            Money(|row| Some(row.plan)),
            "as in unit",
            "计划",
            "The plan of the month: of the input plans sales_target for sales and net_sales, new_items, and ad_budget for ad_cost of \
             (all), else the sum of its channels; budget of the input ad_plans for a channel. Of sales_year_to_date the sum of the months.",
        ),
        column(
            "actual",
            Money(|row: &Row| row.actual),
            "as in unit",
            "实际完成",
            "What is there up to the as-of date: paid in the month; the same less what of these payments was refunded by then; cost of the \
             channel in the input traffic, of all its channels for (all); items_new of the input listings.",
        )
        .null_when(
            "the shop has no order up to the end of the month, nothing says what was refunded (net_sales), listings have no new items of the month, or traffic has no cost of the \
             channel in it",
        )
        .source(SPECIFICATION),
        column("share_done", Number(|row: &Row| row.share_done()), "1", "完成率", "The part of the plan that is there.")
            .formula("actual / plan")
            .null_when("actual is null, or plan is 0"),
        column(
            "expected_by_now",
            Money(|row: &Row| Some(row.expected_by_now)),
            "as in unit",
            "应完成",
            "What of the plan should be there by the end of the as-of date: all of it for a month that has ended, nothing for one that \
             has not begun, and of the running month the part that its spread gives to its days so far.",
        )
        .formula("plan × weights of the month's days up to the as-of date / weights of all its days")
        .source(SPECIFICATION),
        column(
            "spread_by",
            Text(|row: &Row| row.spread_by()),
            "",
            "分摊方式",
            "How the running month is spread over its days: year_before by the shop's sales in the same month a year before, weekday by \
             weekday, promotions on their dates; even where that month is not known in full or has fewer than 30 paid orders, and for \
             new_items.",
        )
        .null_when("no month of the row is running")
        .source(SPECIFICATION),
        column("gap_by_now", Money(|row: &Row| row.gap_by_now()), "as in unit", "进度差", "What is missing to expected_by_now; below 0 what is there beyond it.")
            .formula("expected_by_now − actual")
            .null_when(NO_ACTUAL),
        column(
            "projected",
            Money(|row: &Row| row.projected.map(|(projected, _)| projected)),
            "as in unit",
            "预计完成",
            "What the month is expected to end with. Of sales_year_to_date the sum over its months.",
        )
        .formula("ended: actual; forecast: expected_sales of forecast_months; spread: actual / the part that the spread gives to the days so far")
        .null_when("actual is null, the spread gives nothing to the days so far, or the month has not begun and has no forecast")
        .source(SPECIFICATION),
        column(
            "projected_by",
            Text(|row: &Row| row.projected.map(|(_, by)| by.name())),
            "",
            "预计依据",
            "What projected rests on: ended for a month that is over; forecast, the customers' models, for net_sales where forecast_months has \
             the month; else spread. Of sales_year_to_date that of its last month.",
        )
        .null_when("projected is null"),
        column(
            "projected_gap",
            Money(|row: &Row| row.projected_gap()),
            "as in unit",
            "预计缺口",
            "What is expected to be missing to the plan in the end; below 0 what is expected beyond it.",
        )
        .formula("plan − projected")
        .null_when("projected is null"),
        column(
            "days_to_come",
            Count(|row| Some(row.days_to_come)),
            "days",
            "剩余天数",
            "Days of the month after the as-of date; all of them where it has not begun. Of sales_year_to_date those of its months.",
        ),
        column(
            "needed_per_day",
            Ratio(|row: &Row| row.needed_per_day()),
            "as in unit, per day",
            "日均需完成",
            "What each of the days to come must bring to reach the plan.",
        )
        .formula("(plan − actual) / days_to_come")
        .null_when("actual is null, the plan is reached, or no day is to come"),
        column(
            "status",
            Text(|row: &Row| row.status()),
            "",
            "状态",
            "done where the plan is reached, missed where the month ended without; while it runs ahead or behind where actual is more than \
             5 % beside expected_by_now, else on_track. Of ad_cost these words say how much of the budget is spent, and not that it is good.",
        )
        .null_when("actual is null, the plan is 0 and no budget, or the month has not begun")
        .source(SPECIFICATION),
    ]],
    rows: |night, out| {
        let (activity, outcomes) = (night.fold(&ACTIVITY)?, night.fold(&OUTCOMES)?);
        // Keeps the traffic by channel, with its costs.
        night.shared(&CHANNELS)?;
        let forecasts = night.if_requested(&MONTH_FORECASTS)?;
        let sources = Sources {
            context: &night.context,
            facts: &night.facts,
            activity: &activity,
            outcomes: &outcomes,
            forecasts: forecasts.as_deref().map_or(&[], Vec::as_slice),
        };
        (0..night.context.shops.len() as u32).try_for_each(|shop| out.all(sources.rows(shop)))
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

#[cfg(test)]
mod tests;
