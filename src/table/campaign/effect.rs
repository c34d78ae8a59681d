//! campaign_effect: each campaign before, during and after, and its treated against its control arm.

use std::borrow::Cow;

use arrow::record_batch::RecordBatch;
use rayon::prelude::*;

use super::arms::CAMPAIGN_ARMS;
use super::arms::{ArmFigures, CampaignArms, Effect, seed};
use super::columns::*;
use crate::error::Result;
use crate::fold::activity::ACTIVITY;
use crate::fold::activity::ActivityFold;
use crate::fold::campaigns::CAMPAIGNS;
use crate::fold::campaigns::{CampaignFold, Sold};
use crate::history::Context;
use crate::history::campaigns::Part;
use crate::input::facts::{Arm, Campaign, Facts};
use crate::metric::conversion_difference::conversion_difference;
use crate::metric::ratio::{money_per, ratio};
use crate::metric::revenue_difference::revenue_difference;
use crate::metric::uv_conversion::DailyMeans;
use crate::spec::{Card, Column, Day, Kind, Need, day_of_time};
use crate::table::Frame;
use crate::table::night::Read;
use crate::table::shop::columns::VALUE_PER_CUSTOMER;
use crate::table::shop::days::ShopDays;
use crate::table::shop::means::{
    DAYS_WITH_TRAFFIC, PAYING_CUSTOMER_DAYS, PAYING_DAILY_MEAN, UV_CONVERSION, UV_DAILY_MEAN, UV_SUM, push_means,
};
use crate::table::unit::{FrameTable, Witness};

const OF_ARMS: &str = "the row is that of an arm";
const OF_PERIODS: &str = "the row is that of a period";
const NO_UV: &str = "no day of the period has a UV, or the row is that of an arm";
const NOT_DURING: &str = "the row is not that of during";

const fn of_period(name: &'static str, kind: Kind, unit: &'static str, chinese: &'static str, definition: &'static str) -> Column {
    Column::new(name, kind, unit, chinese, definition).null_when(OF_ARMS)
}

const fn of_arm(name: &'static str, kind: Kind, unit: &'static str, chinese: &'static str, definition: &'static str) -> Column {
    Column::new(name, kind, unit, chinese, definition).null_when(OF_PERIODS)
}

/// What the table and its columns mean.
pub static CARD: Card = Card {
    name: Cow::Borrowed("campaign_effect"),
    chinese: "活动效果",
    question: Cow::Borrowed("What did each campaign bring: what was sold before, during and after it, and did those it was sent to buy more than those it was held back from?"),
    grain: "one of a campaign's periods, before, during and after it, that has begun by the as-of date, or one of the arms of its audience that has members",
    key: &["campaign_id", "part"],
    columns: Cow::Borrowed(&[
        Column::new("campaign_id", Kind::CampaignId, "id", "活动编号", "The campaign."),
        Column::new(
            "part",
            Kind::Text,
            "name",
            "时段或组别",
            "What of the campaign the row is about: during, its days; before and after, as many days before and after it; treated, those it was sent to; control, those it was held back from.",
        ),
        Column::new("shop_id", Kind::ShopId, "id", "店铺", "The shop."),
        Column::new("campaign_name", Kind::Text, "name", "活动名称", "What the shop calls it; repeats have one name (see campaign_pooled).")
            .null_when("the job maps no name, or the cell is empty"),
        Column::new("from_date", Kind::Date, "date", "起始日期", "The first day of the period; of an arm the day of the first message."),
        Column::new("to_date", Kind::Date, "date", "截止日期", "The last day of the period; of an arm the day on which the last window ends."),
        Column::new(
            "is_complete",
            Kind::Flag,
            "flag",
            "是否完整",
            "Whether the whole period lies between the shop's first day in any input and the as-of date; of an arm, whether no window still runs. What is not complete is not to be compared as final.",
        ),
        of_period("days", Kind::Count, "days", "天数", "Days of the period between the shop's first day in any input and the as-of date."),
        DAYS_WITH_TRAFFIC.null_when(OF_ARMS),
        UV_SUM.null_when(NO_UV),
        UV_DAILY_MEAN.null_when(NO_UV),
        PAYING_CUSTOMER_DAYS.null_when(NO_UV),
        PAYING_DAILY_MEAN.null_when(NO_UV),
        UV_CONVERSION.null_when("no day of the period has a UV or all are 0, or the row is that of an arm"),
        of_period("paid_orders", Kind::Count, "orders", "支付宝成交笔数", "Orders whose payment lies in the period."),
        of_period("paid_amount", Kind::Money, "CNY", "支付宝成交额", "What was paid for these orders."),
        of_period(
            "refund_amount",
            Kind::Money,
            "CNY",
            "退款金额",
            "What of these payments was refunded by the as-of date, whenever that was. It can still grow.",
        ),
        Column::new(
            "net_revenue",
            Kind::Money,
            "CNY",
            "净销售额",
            "What was paid less what of that was refunded by the as-of date: of the orders paid in the period, or of the purchases of the arm's members within their windows.",
        ),
        of_period("paying_customers", Kind::Count, "customers", "成交用户数", "Distinct customers who paid an order in the period."),
        VALUE_PER_CUSTOMER.null_when("nobody paid in the period, or the row is that of an arm"),
        of_period("new_customers", Kind::Count, "customers", "新客数", "Customers whose first purchase lies in the period."),
        of_period(
            "returning_customers",
            Kind::Count,
            "customers",
            "老客数",
            "Distinct customers with a purchase in the period and their first one before it.",
        ),
        Column::new("cost", Kind::Money, "CNY", "活动费用", "What the campaign cost.")
            .null_when("the row is not that of during, or the input has no cost of it"),
        Column::new("net_revenue_before", Kind::Money, "CNY", "活动前净销售额", "net_revenue of the row before.").null_when(NOT_DURING),
        Column::new(
            "return_on_cost",
            Kind::Number,
            "1",
            "费用回报",
            "Net revenue that came with the campaign beyond that of as many days before it, for each yuan of its cost. It is revenue, not profit; and it has the season in it: a promotion that everybody waits for has a high one whatever it cost, and what was only bought earlier because of it is missing after it.",
        )
        .formula("(net_revenue - net_revenue_before) / cost")
        .null_when("the row is not that of during, before or during is not complete, or the cost is 0 or unknown"),
        of_arm(
            "members",
            Kind::Count,
            "customers",
            "人数",
            "Members of the arm whose message was sent by the as-of date, those who never bought included.",
        ),
        of_arm("members_complete", Kind::Count, "customers", "观察期满人数", "Members whose window is over by the end of the as-of date."),
        of_arm(
            "buyers",
            Kind::Count,
            "customers",
            "购买人数",
            "Members with a purchase in their window: params.campaign.window_days from the moment of the message on. A purchase is a paid order that was not refunded in full by the as-of date.",
        ),
        of_arm("purchases", Kind::Count, "orders", "成交订单数", "Purchases of these buyers in their windows."),
        of_arm("conversion", Kind::Share, "1", "转化率", "The share of members who bought.").formula("buyers / members"),
        of_arm(
            "revenue_per_member",
            Kind::Number,
            "CNY per member",
            "人均成交",
            "Net revenue for each member, those who bought nothing included.",
        )
        .formula("net_revenue / members"),
        CONVERSION_DIFFERENCE,
        CONVERSION_LOW,
        CONVERSION_HIGH,
        CONVERSION_P_VALUE,
        CONVERSION_METHOD,
        REVENUE_DIFFERENCE,
        REVENUE_LOW,
        REVENUE_HIGH,
        REVENUE_P_VALUE,
        REVENUE_METHOD,
        Column::new("note", Kind::Text, "text", "说明", "What keeps the row from being read as the effect of the campaign.")
            .null_when("nothing does"),
    ]),
    needs: &[Need { input: "orders", column: "customer_id" }, Need { input: "campaigns", column: "" }],
    uses: &["refund_amount"],
};

/// The table.
pub static TABLE: FrameTable = FrameTable {
    card: &CARD,
    reads: &[Read::Fold(&ACTIVITY), Read::Fold(&CAMPAIGNS), Read::Shared(&CAMPAIGN_ARMS)],
    write: |night, sink| {
        let (activity, campaigns) = (night.fold(&ACTIVITY)?, night.fold(&CAMPAIGNS)?);
        sink(&CARD, table(&night.context, &activity, &campaigns, &night.shared(&CAMPAIGN_ARMS)?, &night.facts)?)
    },
    witness: Witness::Sql,
};

const SEASON: &str = "compares days and not customers: season and promotions are in it";
const NOT_WHOLE: &str = "not complete: some of these days lie after the as-of date or before the shop's data";
const NO_CONTROL: &str = "no control arm: the effect cannot be told from the season";
const NO_TREATED: &str = "no treated arm: there is nothing to compare with";
const RUNNING: &str = "windows still run: the figures are those so far";
const FEW: &str = "fewer than 5 buyers in an arm: no limits of the revenue difference";

/// A row.
struct Row<'a> {
    campaign: &'a Campaign,
    part: &'static str,
    days: (Day, Day),
    is_complete: bool,
    /// Days with data and their means, and what was sold; `None` of an arm.
    period: Option<(i64, DailyMeans, Sold)>,
    /// Net revenue before, of the row of during.
    before: Option<i64>,
    return_on_cost: Option<f64>,
    arm: Option<&'a ArmFigures>,
    effect: Effect,
    note: Option<&'static str>,
}

/// The table.
///
/// # Errors
/// [`crate::error::Error::Bug`] where columns and card disagree.
pub fn table(context: &Context, activity: &ActivityFold, fold: &CampaignFold, arms: &[CampaignArms], facts: &Facts) -> Result<RecordBatch> {
    let campaigns = facts.campaigns.as_deref().unwrap_or_default();
    let mut by_shop: Vec<(u32, usize)> = campaigns.iter().enumerate().map(|(position, campaign)| (campaign.shop, position)).collect();
    by_shop.sort_unstable();
    let mut rows: Vec<(usize, Row<'_>)> = Vec::new();
    for of_shop in by_shop.chunk_by(|(one, _), (other, _)| one == other) {
        let days = of_shop.first().and_then(|(shop, _)| ShopDays::of(context, activity, facts, *shop));
        for (_, position) in of_shop {
            let Some(campaign) = campaigns.get(*position) else { continue };
            rows.extend(periods(context, days.as_ref(), fold, *position, campaign).into_iter().map(|row| (*position, row)));
        }
    }
    let of_arms: Vec<Vec<(usize, Row<'_>)>> = campaigns
        .par_iter()
        .zip(arms)
        .enumerate()
        .map(|(position, (campaign, arms))| compared(campaign, arms).into_iter().map(|row| (position, row)).collect())
        .collect();
    rows.extend(of_arms.into_iter().flatten());
    // Campaigns come by id; their parts by name.
    rows.sort_by_key(|(position, row)| (*position, row.part));
    let rows: Vec<Row<'_>> = rows.into_iter().map(|(_, row)| row).collect();
    fill(context, &rows)
}

/// The periods of a campaign that have begun.
fn periods<'a>(context: &Context, days: Option<&ShopDays>, fold: &CampaignFold, position: usize, campaign: &'a Campaign) -> Vec<Row<'a>> {
    let net = |part: Part| {
        let sold = fold.sold(position, part);
        sold.paid_amount - sold.refunded
    };
    let is_complete = |(first, last): (Day, Day)| days.is_some_and(|days| days.first <= first && last <= days.last);
    // Nothing is known before 1970: a campaign without an end in sight has no days before it.
    let begun = Part::ALL.into_iter().filter(|part| (0..=context.as_of).contains(&part.days(campaign).0));
    let row = |part: Part| {
        let (first, last) = part.days(campaign);
        let figures = days.and_then(|days| {
            let (from, until) = (first.max(days.first), last.min(days.last));
            days.figures.get(usize::try_from(from - days.first).ok()?..usize::try_from(until - days.first).ok()? + 1)
        });
        let figures = figures.unwrap_or_default();
        let means = DailyMeans::over(figures.iter().map(|day| (day.traffic.uv, Some(day.activity.paying_customers))));
        let is_whole = is_complete((first, last));
        let is_during = part == Part::During;
        let is_comparable = is_during && is_whole && is_complete(Part::Before.days(campaign));
        let more = net(Part::During) - net(Part::Before);
        Row {
            campaign,
            part: part.name(),
            days: (first, last),
            is_complete: is_whole,
            period: Some((figures.len() as i64, means, fold.sold(position, part))),
            before: is_during.then(|| net(Part::Before)),
            return_on_cost: campaign.cost.filter(|_| is_comparable).and_then(|cost| ratio(more, cost)),
            arm: None,
            effect: Effect::default(),
            note: Some(if is_whole { SEASON } else { NOT_WHOLE }),
        }
    };
    begun.map(row).collect()
}

/// The arms of a campaign, and how they compare.
fn compared<'a>(campaign: &'a Campaign, arms: &'a CampaignArms) -> Vec<Row<'a>> {
    let effect = if arms.has_both() {
        Effect { conversion: conversion_difference(arms.counts()), revenue: revenue_difference(&[arms.spending()], seed(campaign.id.id())) }
    } else {
        Effect::default()
    };
    let note = |arm: Arm| match arm {
        Arm::Treated if arms.control.members == 0 => Some(NO_CONTROL),
        Arm::Control if arms.treated.members == 0 => Some(NO_TREATED),
        _ if !arms.is_complete() => Some(RUNNING),
        Arm::Treated if effect.revenue.is_some_and(|revenue| revenue.interval.is_none()) => Some(FEW),
        _ => None,
    };
    let row = |(arm, figures): (Arm, &'a ArmFigures)| Row {
        campaign,
        part: arm.name(),
        days: (day_of_time(figures.from), day_of_time(figures.until - 1)),
        is_complete: figures.is_complete(),
        period: None,
        before: None,
        return_on_cost: None,
        arm: Some(figures),
        effect: if arm == Arm::Treated { effect } else { Effect::default() },
        note: note(arm),
    };
    [(Arm::Control, &arms.control), (Arm::Treated, &arms.treated)].into_iter().filter(|(_, arm)| arm.members > 0).map(row).collect()
}

fn fill(context: &Context, rows: &[Row<'_>]) -> Result<RecordBatch> {
    let sold = |of: fn(&Sold) -> i64| rows.iter().map(move |row| row.period.as_ref().map(|(_, _, sold)| of(sold)));
    let arm = |of: fn(&ArmFigures) -> i64| rows.iter().map(move |row| row.arm.map(of));
    let net = |row: &Row<'_>| match (&row.period, row.arm) {
        (Some((_, _, sold)), _) => Some(sold.paid_amount - sold.refunded),
        (None, arm) => arm.map(|arm| arm.spending.total()),
    };
    let means: Vec<DailyMeans> = rows.iter().map(|row| row.period.map_or_else(DailyMeans::default, |(_, means, _)| means)).collect();
    let mut frame = Frame::new(&CARD, context);
    frame
        .campaigns("campaign_id", rows.iter().map(|row| row.campaign.id.id()))
        .text("part", rows.iter().map(|row| Some(row.part)))
        .shops("shop_id", rows.iter().map(|row| row.campaign.shop))
        .text("campaign_name", rows.iter().map(|row| row.campaign.name.as_deref()))
        .dates("from_date", rows.iter().map(|row| row.days.0))
        .dates("to_date", rows.iter().map(|row| row.days.1))
        .flags("is_complete", rows.iter().map(|row| Some(row.is_complete)))
        .counts("days", rows.iter().map(|row| row.period.map(|(days, _, _)| days)))
        .counts(DAYS_WITH_TRAFFIC.name, rows.iter().map(|row| row.period.map(|(_, means, _)| means.days_with_traffic)));
    push_means(&mut frame, &means);
    frame
        .counts("paid_orders", sold(|sold| sold.paid_orders))
        .money("paid_amount", sold(|sold| sold.paid_amount))
        .money("refund_amount", sold(|sold| sold.refunded))
        .money("net_revenue", rows.iter().map(net))
        .counts("paying_customers", sold(|sold| sold.paying_customers))
        .numbers(
            VALUE_PER_CUSTOMER.name,
            rows.iter().map(|row| row.period.and_then(|(_, _, sold)| money_per(sold.paid_amount, sold.paying_customers))),
        )
        .counts("new_customers", sold(|sold| sold.new_customers))
        .counts("returning_customers", sold(|sold| sold.purchasing_customers - sold.new_customers))
        .money("cost", rows.iter().map(|row| row.campaign.cost.filter(|_| row.before.is_some())))
        .money("net_revenue_before", rows.iter().map(|row| row.before))
        .numbers("return_on_cost", rows.iter().map(|row| row.return_on_cost))
        .counts("members", arm(|arm| arm.members))
        .counts("members_complete", arm(|arm| arm.complete))
        .counts("buyers", arm(ArmFigures::buyers))
        .counts("purchases", arm(|arm| arm.purchases))
        .numbers("conversion", rows.iter().map(|row| row.arm.and_then(|arm| ratio(arm.buyers(), arm.members))))
        .numbers("revenue_per_member", rows.iter().map(|row| row.arm.and_then(|arm| money_per(arm.spending.total(), arm.members))));
    push_effects(&mut frame, &rows.iter().map(|row| row.effect).collect::<Vec<_>>());
    frame.text("note", rows.iter().map(|row| row.note)).finish()
}
