//! alerts: which figures of the last days are out of the ordinary, by what the same weekdays and the same events before lead to expect.

use std::sync::OnceLock;

use rayon::prelude::*;

use super::judged::{JudgedShop, Row};
use super::metric_days::{MetricDays, Sources, newest_refund};
use crate::error::Result;
use crate::fold::activity::ACTIVITY;
use crate::fold::alert_days::ALERT_DAYS;
use crate::fold::paying_groups::PAYING_GROUPS;
use crate::input::records::facts::TrafficDays;
use crate::metric::event_days::EventDays;
use crate::spec::Need;
use crate::table::channel::CHANNELS;
use crate::table::column::Value::{Date, Flag, Number, Ratio, Shop, Text, Unit};
use crate::table::column::{ValueColumn, column};
use crate::table::night::{Night, Read};
use crate::table::rows::RowWriter;
use crate::table::shop::days::ShopDays;
use crate::table::shop::driver_spans::DriverDays;
use crate::table::unit::{Table, Witness};

const SOURCE: &str = "docs/definitions.md, Alerts";
const NO_EXPECTATION: &str = "nothing is expected: see reason";

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "alerts",
    chinese: "经营异动预警",
    question: "Which figures of the last days are out of the ordinary, in which direction, and what moved sales?",
    grain: "one metric of a shop on one of the last `params.alert_days` days to the as-of date, this one included, also where nothing is \
         wrong; a metric whose input or column the job does not have has no rows",
    key: &["shop_id", "date", "metric"],
    needs: &[Need { input: "orders", column: "" }],
    uses: &[],
    reads: &[Read::Fold(&ACTIVITY), Read::Fold(&ALERT_DAYS), Read::Fold(&PAYING_GROUPS), Read::Shared(&CHANNELS)],
    columns: &[&METRIC, &EXPECTATION, &JUDGEMENT],
    rows: write,
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// What is measured.
const METRIC: [ValueColumn<Row>; 6] = [
    column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
    column("date", Date(|row| row.date), "date", "日期", "The local calendar day in the timezone of the job."),
    column(
        "metric",
        Text(|row: &Row| Some(&row.name)),
        "",
        "指标",
        "As in shop_daily: placed_orders, paid_amount, paying_customers, new_customers, returning_share, value_per_customer, conversion, \
         payment_rate, uv, refund_amount. And refund_share, refund_amount / paid_amount of the day; disputes, refund applications of the \
         day in which the platform intervened by the as-of date; unpaid_share, which part of the orders placed on the day was not paid by \
         its end; late_shipments, paid orders whose promised time of shipping (`params.promise_hours`) ended on the day and that were not \
         shipped by then; and uv: with the name of a channel, the visitors who came by it.",
    )
    .source(SOURCE),
    column("channel", Text(|row: &Row| row.channel.as_deref()), "", "流量来源", "The channel, of a metric of one.")
        .null_when("the metric is of the whole shop"),
    column("unit", Unit(|row: &Row| Some(row.metric.unit)), "", "单位", "The unit of value, expected, expected_lower and expected_upper."),
    column("value", Ratio(|row: &Row| row.value), "see unit", "数值", "The metric on the day.")
        .null_when("it is not known, or its denominator is 0: see reason"),
];

/// What was to be expected.
const EXPECTATION: [ValueColumn<Row>; 4] = [
    column(
        "expected",
        Ratio(|row: &Row| Some(row.expectation?.expected)),
        "see unit",
        "预期值",
        "What the day was to bring: the median of the same weekday over the eight weeks before, times the level of the last two of them. On \
         a day of an event and the two days after it: the same day of the same event a year before, times the growth of ordinary days \
         since. Of fewer than 5 pieces a day the mean of all days. A day with visitors from rows of traffic is compared with such days only, and one \
         whose visitors are counted from page views likewise.",
    )
    .source(SOURCE)
    .null_when(NO_EXPECTATION),
    column(
        "expected_lower",
        Ratio(|row: &Row| Some(row.expectation?.band().0)),
        "see unit",
        "预期下限",
        "The least value that is not to be watched: its score is -3, or it is 0.",
    )
    .source(SOURCE)
    .null_when(NO_EXPECTATION),
    column(
        "expected_upper",
        Ratio(|row: &Row| Some(row.expectation?.band().1)),
        "see unit",
        "预期上限",
        "The largest value that is not to be watched: its score is 3; or it is the largest that a share can be. refund_share is no such share: what \
         goes back on a day was mostly paid before, so it and this limit can pass 1.",
    )
    .source(SOURCE)
    .null_when(NO_EXPECTATION),
    column(
        "score",
        Number(Row::score),
        "standard deviations",
        "偏离分数",
        "By how many standard deviations the value lies above what is expected, negative below it, where chance is even: the square root \
         of counts and amounts, the arc sine of shares. A standard deviation is never smaller than that of chance alone (Poisson, \
         binomial, the spread of what customers pay).",
    )
    .source(SOURCE)
    .null_when(NO_EXPECTATION),
];

/// What that means.
const JUDGEMENT: [ValueColumn<Row>; 6] = [
    column(
        "severity",
        Text(|row: &Row| Some(row.severity.name())),
        "",
        "预警级别",
        "none; watch from a score of 3 or -3 on; alarm from 5 or -5 on, and on the third and each further day in a row that is to be watched \
         on one side. none too where nothing is expected.",
    )
    .source(SOURCE),
    column(
        "direction",
        Text(|row: &Row| row.is_above().map(|is_above| if is_above { "up" } else { "down" })),
        "",
        "方向",
        "Whether the value is above (up) or below (down) what is expected.",
    )
    .null_when("nothing is expected, or exactly the value"),
    column(
        "is_good",
        Flag(|row: &Row| row.is_above().map(|is_above| is_above == row.metric.higher_is_better)),
        "",
        "是否有利",
        "Whether the direction is the favourable one: up, and down for unpaid_share, late_shipments, refund_amount, refund_share, disputes.",
    )
    .null_when("direction is null"),
    column(
        "reason",
        Text(|row: &Row| row.reason),
        "",
        "无预期原因",
        "Why nothing is expected. no_data: the value is not known: no traffic row of the day, or the day lies after the shop's newest order, \
         unless it had visitors on every day since and other shops have orders of the day, or after the newest refund of all shops. no_denominator: nobody to divide by. event: the same event a year before is not known, or its visitors come from another source. \
         history: fewer than 28 of the 56 days before, or than 4 of the weekday, are known, of the same source of visitors and without events, nothing was paid or refunded on them, or, for value_per_customer, by fewer than 20 customers.",
    )
    .null_when("something is expected"),
    column(
        "event",
        Text(|row: &Row| row.event.as_deref()),
        "",
        "活动或事件",
        "The event of the day by the input events, or the one that ended on one of the two days before.",
    )
    .null_when("there is none"),
    column(
        "driver",
        Text(|row: &Row| row.driver),
        "",
        "主要驱动因素",
        "Of paid_amount, which factor moved most in the direction of the deviation, by the attribution of sales_drivers, the day against \
         those from which it is expected: traffic, conversion, mix (of new and returning customers), frequency (orders per customer), \
         basket (items per order) or price.",
    )
    .source(SOURCE)
    .null_when("the metric is another one, severity is none, or a day has no UV or no customer"),
];

fn write(night: &Night, out: &mut RowWriter<'_, Row>) -> Result<()> {
    let (context, facts) = (night.context.as_ref(), night.facts.as_ref());
    let (activity, alert_days) = (night.fold(&ACTIVITY)?, night.fold(&ALERT_DAYS)?);
    let paying_groups = night.fold(&PAYING_GROUPS)?;
    // The channels of the traffic are kept where a table reads this.
    night.shared(&CHANNELS)?;
    let sources = Sources {
        context,
        facts,
        activity: &activity,
        alert_days: &alert_days,
        refunds_until: newest_refund(facts),
        has_uv: facts.traffic.iter().flat_map(TrafficDays::iter).any(|day| day.uv.is_some()),
    };
    for shop in 0..context.shops.len() as u32 {
        let Some(days) = ShopDays::of(context, sources.activity, facts, shop) else { continue };
        let of_shop = facts.events.iter().flatten().filter(|event| event.shop.is_none_or(|of| of == shop));
        let events = EventDays::of(of_shop.map(|event| (event.name.as_str(), event.day)));
        let is_usual: Vec<bool> = (days.first..=days.last).map(|day| !events.has(day)).collect();
        let sales = DriverDays::of(context, &paying_groups, facts, shop);
        let is_counted: Vec<bool> = days.figures.iter().map(|day| day.uv_sources.is_counted()).collect();
        let judged =
            JudgedShop { shop, first: days.first, events: &events, is_usual: &is_usual, is_counted: &is_counted, sales: sales.as_ref() };
        let metrics: Vec<MetricDays> = sources.of_shop(&days);
        let shown = context.params.alert_days.max(0) as usize;
        let mut rows: Vec<Row> = metrics.par_iter().flat_map_iter(|metric| judged.rows(metric, shown)).collect();
        rows.sort_by(|one, other| (one.date, &one.name).cmp(&(other.date, &other.name)));
        out.all(rows)?;
    }
    Ok(())
}
