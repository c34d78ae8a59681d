//! The parts of campaigns: the periods before, during and after them, and the arms of their audiences.

use rayon::prelude::*;

use super::arms::{ArmFigures, CampaignArms, Effect, seed};
use crate::fold::activity::ActivityFold;
use crate::fold::campaigns::{CampaignFold, Sold};
use crate::history::Context;
use crate::history::campaigns::CampaignPart;
use crate::input::records::facts::{Arm, Campaign, Facts};
use crate::metric::conversion_difference::conversion_difference;
use crate::metric::ratio::ratio_of;
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
const UNSETTLED: &str = "the limits of the revenue difference hold 0: what the message brought is not settled";

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
    /// Revenue above that of the control arm for each unit of cost; only in the row of the treated.
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
        Row {
            campaign: campaign.clone(),
            part: part.name(),
            days: (first, last),
            is_complete: is_whole,
            period: Some(Period { days: figures.len() as i64, means, sold: fold.sold(position, part) }),
            before: is_during.then(|| net(CampaignPart::Before)),
            return_on_cost: None,
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
        Arm::Treated if effect.revenue.is_some_and(|revenue| !revenue.is_settled()) => Some(UNSETTLED),
        _ => None,
    };
    let row = |(arm, figures): (Arm, &ArmFigures)| Row {
        campaign: campaign.clone(),
        part: arm.name(),
        days: (day_of_time(figures.from), day_of_time(figures.until - 1)),
        is_complete: figures.is_complete(),
        period: None,
        before: None,
        return_on_cost: if arm == Arm::Treated { returned(campaign, arms, effect) } else { None },
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

/// What the message brought beyond what its members would have paid anyway, for each unit of the campaign's cost. `None` where that is not
/// settled, since such a return may as well be a loss, while windows run, and where the cost is 0 or unknown.
fn returned(campaign: &Campaign, arms: &CampaignArms, effect: Effect) -> Option<f64> {
    let revenue = effect.revenue.filter(|revenue| arms.is_complete() && revenue.is_settled())?;
    ratio_of(revenue.difference * arms.treated.members as f64, campaign.cost? as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::values::codes::OwnedId;
    use crate::metric::revenue_difference::Spending;

    /// An arm of 100 members, of whom so many paid so much each.
    fn arm(buyers: usize, revenue: i64, complete: i64) -> ArmFigures {
        let spending = Spending::new(100, vec![revenue; buyers]);
        ArmFigures { members: 100, complete, from: 0, until: 86_400_000_000, purchases: buyers as i64, spending }
    }

    /// The row of the treated.
    fn treated(cost: Option<i64>, arms: CampaignArms) -> Row {
        let campaign = Campaign { id: OwnedId::Integer(1), shop: 0, name: None, starts: 0, ends: 0, cost };
        compared(&campaign, &arms).into_iter().find(|row| row.part == "treated").unwrap()
    }

    #[test]
    fn a_return_is_what_the_message_brought_where_that_is_settled() {
        // 60 × 10.00 against 50 × 1.00 of as many members: 5.50 more of each, 550 of all, for 110.00.
        let known = CampaignArms { treated: arm(60, 10_00, 100), control: arm(50, 1_00, 100) };
        let row = treated(Some(110_00), known.clone());
        assert!((row.return_on_cost.unwrap() - 5.0).abs() < 1e-9);
        assert_eq!(row.note, None);
        for cost in [None, Some(0)] {
            assert_eq!(treated(cost, known.clone()).return_on_cost, None);
        }
        // The row of the control has neither the comparison nor the return.
        let campaign = Campaign { id: OwnedId::Integer(1), shop: 0, name: None, starts: 0, ends: 0, cost: Some(110_00) };
        assert!(compared(&campaign, &known).iter().all(|row| row.part == "treated" || row.return_on_cost.is_none()));
    }

    #[test]
    fn a_return_that_may_be_a_loss_is_none() {
        let of = |treated_arm, control| treated(Some(110_00), CampaignArms { treated: treated_arm, control });
        // 10.00 of half of the members of either arm: no difference, and limits on both sides of 0.
        let even = of(arm(50, 10_00, 100), arm(50, 10_00, 100));
        assert_eq!((even.return_on_cost, even.note), (None, Some(UNSETTLED)));
        // 4 buyers: no limits.
        assert_eq!(
            (of(arm(60, 10_00, 100), arm(4, 1_00, 100)).return_on_cost, of(arm(60, 10_00, 100), arm(4, 1_00, 100)).note),
            (None, Some(FEW))
        );
        // A window still runs.
        let runs = of(arm(60, 10_00, 99), arm(50, 1_00, 100));
        assert_eq!((runs.return_on_cost, runs.note), (None, Some(RUNNING)));
        // Nobody was held back.
        let none = ArmFigures { members: 0, complete: 0, purchases: 0, spending: Spending::default(), ..arm(0, 0, 0) };
        let alone = of(arm(60, 10_00, 100), none);
        assert_eq!((alone.return_on_cost, alone.note), (None, Some(NO_CONTROL)));
    }
}
