//! The parts of campaigns: the periods before, during and after them, and the arms of their audiences.

use rayon::prelude::*;

use super::arms::{ArmFigures, CampaignArms, Effect, seed};
use crate::fold::activity::ActivityFold;
use crate::fold::campaigns::{CampaignFold, Sold};
use crate::history::Context;
use crate::history::campaigns::CampaignPart;
use crate::input::records::facts::{Arm, Campaign, Facts};
use crate::metric::conversion_difference::conversion_difference;
use crate::metric::ratio::ratio;
use crate::metric::revenue_difference::revenue_difference;
use crate::metric::uv_conversion::DailyMeans;
use crate::spec::{Day, day_of_time};
use crate::table::shop::days::ShopDays;

const SEASON: &str = "compares days and not customers: season and promotions are in it";
const NOT_WHOLE: &str = "not complete: some of these days lie after the as-of date or before the shop's data";
const NO_CONTROL: &str = "no control arm: the effect cannot be told from the season";
const NO_TREATED: &str = "no treated arm: there is nothing to compare with";
const RUNNING: &str = "windows still run: the figures are those so far";
const FEW: &str = "fewer than 5 buyers in an arm: no limits of the revenue difference";

/// A period of a campaign, or an arm of its audience.
pub struct Row {
    /// The campaign.
    pub campaign: Campaign,
    /// The name of the period or the arm.
    pub part: &'static str,
    /// The first and the last day.
    pub days: (Day, Day),
    /// Whether the data cover all days, or no window still runs.
    pub is_complete: bool,
    /// Sales; `None` for an arm.
    pub period: Option<Period>,
    /// Net revenue before; only in the row of during.
    pub before: Option<i64>,
    /// Revenue above that before for each yuan of cost; only in the row of during.
    pub return_on_cost: Option<f64>,
    /// Buyers; `None` for a period.
    pub arm: Option<Members>,
    /// The comparison of the arms; only in the row of the treated.
    pub effect: Effect,
    /// The reason why the row is not the effect.
    pub note: Option<&'static str>,
}

/// Days of a period with data, their means, and sales.
#[derive(Clone, Copy)]
pub struct Period {
    /// Days with data.
    pub days: i64,
    /// Their daily means.
    pub means: DailyMeans,
    /// Sales.
    pub sold: Sold,
}

/// The members of an arm, and their purchases.
#[derive(Clone, Copy)]
pub struct Members {
    /// Members, those who never bought included.
    pub members: i64,
    /// Of them, those whose window is over.
    pub complete: i64,
    /// Of them, those who bought.
    pub buyers: i64,
    /// Purchases within the windows.
    pub purchases: i64,
    /// Their net revenue, in minor units.
    pub net_revenue: i64,
}

impl Row {
    /// Net revenue in the period, or of the members.
    pub fn net_revenue(&self) -> Option<i64> {
        match self.period {
            Some(Period { sold, .. }) => Some(sold.paid_amount - sold.refunded),
            None => self.arm.map(|arm| arm.net_revenue),
        }
    }
}

impl AsRef<Effect> for Row {
    fn as_ref(&self) -> &Effect {
        &self.effect
    }
}

/// The parts of all campaigns. Campaigns come by id; their parts by name.
pub fn rows(context: &Context, activity: &ActivityFold, fold: &CampaignFold, arms: &[CampaignArms], facts: &Facts) -> Vec<Row> {
    let campaigns = facts.campaigns.as_deref().unwrap_or_default();
    let mut by_shop: Vec<(u32, usize)> = campaigns.iter().enumerate().map(|(position, campaign)| (campaign.shop, position)).collect();
    by_shop.sort_unstable();
    let mut rows: Vec<(usize, Row)> = Vec::new();
    for of_shop in by_shop.chunk_by(|(one, _), (other, _)| one == other) {
        let days = of_shop.first().and_then(|(shop, _)| ShopDays::of(context, activity, facts, *shop));
        for (_, position) in of_shop {
            let Some(campaign) = campaigns.get(*position) else { continue };
            rows.extend(periods(context, days.as_ref(), fold, *position, campaign).into_iter().map(|row| (*position, row)));
        }
    }
    let of_arms: Vec<Vec<(usize, Row)>> = campaigns
        .par_iter()
        .zip(arms)
        .enumerate()
        .map(|(position, (campaign, arms))| compared(campaign, arms).into_iter().map(|row| (position, row)).collect())
        .collect();
    rows.extend(of_arms.into_iter().flatten());
    rows.sort_by_key(|(position, row)| (*position, row.part));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// The periods of a campaign that have begun.
fn periods(context: &Context, days: Option<&ShopDays>, fold: &CampaignFold, position: usize, campaign: &Campaign) -> Vec<Row> {
    let net = |part: CampaignPart| {
        let sold = fold.sold(position, part);
        sold.paid_amount - sold.refunded
    };
    let is_complete = |(first, last): (Day, Day)| days.is_some_and(|days| days.first <= first && last <= days.last);
    // There are no data before 1970: the period before a very long campaign may begin earlier, and is left out.
    let begun = CampaignPart::ALL.into_iter().filter(|part| (0..=context.as_of).contains(&part.days(campaign).0));
    let row = |part: CampaignPart| {
        let (first, last) = part.days(campaign);
        let figures = days.and_then(|days| {
            let (from, until) = (first.max(days.first), last.min(days.last));
            days.figures.get(usize::try_from(from - days.first).ok()?..usize::try_from(until - days.first).ok()? + 1)
        });
        let figures = figures.unwrap_or_default();
        let means = DailyMeans::over(figures.iter().map(|day| (day.traffic.uv, Some(day.activity.paying_customers))));
        let is_whole = is_complete((first, last));
        let is_during = part == CampaignPart::During;
        let is_comparable = is_during && is_whole && is_complete(CampaignPart::Before.days(campaign));
        let more = net(CampaignPart::During) - net(CampaignPart::Before);
        Row {
            campaign: campaign.clone(),
            part: part.name(),
            days: (first, last),
            is_complete: is_whole,
            period: Some(Period { days: figures.len() as i64, means, sold: fold.sold(position, part) }),
            before: is_during.then(|| net(CampaignPart::Before)),
            return_on_cost: campaign.cost.filter(|_| is_comparable).and_then(|cost| ratio(more, cost)),
            arm: None,
            effect: Effect::default(),
            note: Some(if is_whole { SEASON } else { NOT_WHOLE }),
        }
    };
    begun.map(row).collect()
}

/// The arms of a campaign, and their comparison.
fn compared(campaign: &Campaign, arms: &CampaignArms) -> Vec<Row> {
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
    let row = |(arm, figures): (Arm, &ArmFigures)| Row {
        campaign: campaign.clone(),
        part: arm.name(),
        days: (day_of_time(figures.from), day_of_time(figures.until - 1)),
        is_complete: figures.is_complete(),
        period: None,
        before: None,
        return_on_cost: None,
        arm: Some(Members {
            members: figures.members,
            complete: figures.complete,
            buyers: figures.buyers(),
            purchases: figures.purchases,
            net_revenue: figures.spending.total(),
        }),
        effect: if arm == Arm::Treated { effect } else { Effect::default() },
        note: note(arm),
    };
    [(Arm::Control, &arms.control), (Arm::Treated, &arms.treated)].into_iter().filter(|(_, arm)| arm.members > 0).map(row).collect()
}
