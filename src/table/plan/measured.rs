//! The plans of a shop beside what it did: a row for each month, measure and channel.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::row::{Measure, Phase, ProjectedBy, Row};
use crate::fold::activity::{Activity, ActivityFold};
use crate::fold::outcomes::OutcomeFold;
use crate::history::Context;
use crate::input::records::ad_plans::ALL_CHANNELS;
use crate::input::records::channel_days::{ChannelDay, ChannelFigure};
use crate::input::records::facts::{AdPlan, Facts, Listing, MonthPlan};
use crate::metric::plan_spread::{DaySales, PlanSpread};
use crate::metric::ratio::ratio_of;
use crate::spec::period::civil;
use crate::spec::{Day, Grain, NO_DAY};
use crate::table::forecast::months::Row as MonthForecast;
use crate::table::shop::days::of_shop;

/// What the plans are held against.
pub(super) struct Sources<'a> {
    pub context: &'a Context,
    pub facts: &'a Facts,
    pub activity: &'a ActivityFold,
    pub outcomes: &'a OutcomeFold,
    /// The forecasts of all shops; none where the job wants none.
    pub forecasts: &'a [MonthForecast],
}

impl Sources<'_> {
    /// The rows of a shop, ascending by month, measure and channel.
    pub fn rows(&self, shop: u32) -> Vec<Row> {
        let plans = of_shop(self.facts.plans.as_deref().unwrap_or_default(), shop, |plan: &MonthPlan| plan.shop);
        let budgets = of_shop(self.facts.ad_plans.as_deref().unwrap_or_default(), shop, |plan: &AdPlan| plan.shop);
        let traffic: Vec<ChannelDay> = self.facts.channel_traffic.iter().flat_map(|traffic| traffic.of_shop(shop)).collect();
        let months: BTreeSet<i32> = plans.iter().map(|plan| plan.month).chain(budgets.iter().map(|plan| plan.month)).collect();
        let mut rows = Vec::new();
        let mut year_to_date: Option<(i32, Row)> = None;
        for month in months {
            let plan = plans.iter().find(|plan| plan.month == month);
            let month = self.month(shop, month);
            self.ad_costs(&month, plan.and_then(|plan| plan.ad_budget), (budgets, &traffic), &mut rows);
            let target = plan.and_then(|plan| plan.sales_target);
            if let Some(target) = target {
                rows.push(self.net_sales(&month, target));
            }
            if let Some(items) = plan.and_then(|plan| plan.new_items) {
                let month = Month { spread: PlanSpread::even(month.days), ..month.clone() };
                rows.push(month.row(Measure::NewItems, ALL_CHANNELS.into(), items, self.new_items(&month)));
            }
            if let Some(target) = target {
                let row = month.row(Measure::Sales, ALL_CHANNELS.into(), target, self.paid(&month));
                let (year, _, _) = civil(month.start);
                let before = year_to_date.filter(|(of, _)| *of == year).map(|(_, row)| row);
                let sum = before.map_or_else(|| row.clone(), |before| plus(&before, &row));
                rows.push(row);
                rows.push(Row { measure: Measure::SalesYearToDate, ..sum.clone() });
                year_to_date = Some((year, sum));
            }
        }
        rows
    }

    /// The costs of advertising: of the whole shop, and of each channel with a budget.
    fn ad_costs(&self, month: &Month, budget: Option<i64>, (budgets, traffic): (&[AdPlan], &[ChannelDay]), rows: &mut Vec<Row>) {
        let of_month = || budgets.iter().filter(|plan| plan.month == month.month);
        // Without a budget of the whole shop that of its channels together.
        let sum = of_month().map(|plan| plan.budget).reduce(i64::saturating_add);
        let costs = self.costs(month, traffic);
        let mut planned: Vec<(Arc<str>, i64, Option<i64>)> =
            of_month().map(|plan| (plan.channel.as_str().into(), plan.budget, costs.get(plan.channel.as_str()).copied())).collect();
        if let Some(budget) = budget.or(sum) {
            planned.push((ALL_CHANNELS.into(), budget, costs.into_values().reduce(|sum, cost| sum + cost)));
        }
        planned.sort_by(|one, other| one.0.cmp(&other.0));
        rows.extend(planned.into_iter().map(|(channel, budget, cost)| month.row(Measure::AdCost, channel, budget, cost)));
    }

    /// The cost of each channel of which one is known, over the days of a month; `days` are those of the shop.
    fn costs(&self, month: &Month, days: &[ChannelDay]) -> BTreeMap<&str, i64> {
        let channels = self.facts.channel_traffic.as_ref().map_or(&[][..], |traffic| &traffic.channels);
        let mut costs = BTreeMap::new();
        for of_channel in days.chunk_by(|one, other| one.channel == other.channel) {
            let from = of_channel.partition_point(|day| day.day < month.start);
            let to = of_channel.partition_point(|day| day.day <= month.until);
            let known = of_channel.get(from..to).unwrap_or_default().iter().filter_map(|day| day.figure(ChannelFigure::Cost));
            let name = of_channel.first().and_then(|day| channels.get(day.channel as usize));
            if let (Some(name), Some(cost)) = (name, known.reduce(|sum, cost| sum + cost)) {
                costs.insert(name.as_str(), cost);
            }
        }
        costs
    }

    /// Net sales, projected by the forecast of the customers where there is one.
    fn net_sales(&self, month: &Month, target: i64) -> Row {
        let refunded = || self.outcomes.between(month.shop, month.start, month.until).refunded;
        let row = month.row(
            Measure::NetSales,
            ALL_CHANNELS.into(),
            target,
            self.paid(month).filter(|_| self.context.features.refunded).map(|paid| paid - refunded()),
        );
        let forecast = self.forecasts.iter().find(|forecast| forecast.shop() == month.shop && forecast.month() == month.month);
        let expected = forecast.filter(|_| month.phase != Phase::Ended).and_then(MonthForecast::expected);
        let projected = expected.map(|sales| ((sales * 100.0).round() as i64, ProjectedBy::Forecast));
        Row { projected: projected.or(row.projected), ..row }
    }

    /// What was paid in a month; unknown before the shop's first order.
    fn paid(&self, month: &Month) -> Option<i64> {
        let is_known = self.first_order(month.shop).is_some_and(|first| first < month.start + month.days as i32);
        let days = || self.activity.days(month.shop, month.start, month.until);
        is_known.then(|| days().iter().map(|day| day.paid_amount).sum())
    }

    fn new_items(&self, month: &Month) -> Option<i64> {
        let listings = of_shop(self.facts.listings.as_deref().unwrap_or_default(), month.shop, |listing: &Listing| listing.shop);
        listings.iter().find(|listing| listing.month == month.month).and_then(|listing| listing.new)
    }

    fn month(&self, shop: u32, month: i32) -> Month {
        let as_of = self.context.as_of;
        let (start, end) = (Grain::Month.start(month), Grain::Month.end(month));
        let phase = match () {
            () if end <= as_of => Phase::Ended,
            () if start <= as_of => Phase::Running,
            () => Phase::ToCome,
        };
        let days = (end - start + 1) as usize;
        let spread = if phase == Phase::Running { self.spread(shop, month, days) } else { PlanSpread::even(days) };
        // Days of the month up to the as-of date.
        let passed = (as_of.min(end) - start + 1).max(0);
        let to_come = days as i32 - passed;
        Month { shop, month, start, until: start + passed - 1, days, phase, spread, passed: passed as usize, to_come }
    }

    /// The spread of a month by the shop's sales a year before, if all of that month is known.
    fn spread(&self, shop: u32, month: i32, days: usize) -> PlanSpread {
        let (start, end) = (Grain::Month.start(month - 12), Grain::Month.end(month - 12));
        if self.first_order(shop).is_none_or(|first| first > start) {
            return PlanSpread::even(days);
        }
        let sales = |day: Activity| DaySales { paid_orders: day.paid_orders, paid_amount: day.paid_amount };
        let before: Vec<DaySales> = self.activity.days(shop, start, end).into_iter().map(sales).collect();
        PlanSpread::of(days, weekday(Grain::Month.start(month)), &before, weekday(start))
    }

    fn first_order(&self, shop: u32) -> Option<Day> {
        self.context.first_days.get(shop as usize).copied().filter(|day| *day != NO_DAY)
    }
}

/// A month of a shop beside the as-of date.
#[derive(Debug, Clone)]
struct Month {
    shop: u32,
    month: i32,
    start: Day,
    /// The last of its days up to the as-of date; the day before it where there is none.
    until: Day,
    days: usize,
    phase: Phase,
    spread: PlanSpread,
    passed: usize,
    to_come: i32,
}

impl Month {
    /// A measure of the month, projected by the spread.
    fn row(&self, measure: Measure, channel: Arc<str>, plan: i64, actual: Option<i64>) -> Row {
        let share = self.spread.share(self.passed).unwrap_or(0.0);
        let plan = measure.in_hundredths(plan);
        let actual = actual.map(|actual| measure.in_hundredths(actual));
        let (expected_by_now, projected) = match self.phase {
            Phase::Ended => (plan, actual.map(|actual| (actual, ProjectedBy::Ended))),
            Phase::Running => {
                let whole = actual.and_then(|actual| ratio_of(actual as f64, share));
                ((plan as f64 * share).round() as i64, whole.map(|whole| (whole.round() as i64, ProjectedBy::Spread)))
            }
            Phase::ToCome => (0, None),
        };
        Row {
            shop: self.shop,
            month: self.month,
            measure,
            channel,
            phase: self.phase,
            months: 1,
            days_to_come: i64::from(self.to_come),
            plan,
            actual,
            expected_by_now,
            is_even: (self.phase == Phase::Running).then(|| self.spread.is_even()),
            projected,
        }
    }
}

/// The months of a year so far, with one more. Months before the shop's first order brought nothing to its year.
fn plus(before: &Row, month: &Row) -> Row {
    let (actual, projected) = match before.actual {
        None => (month.actual, month.projected),
        Some(actual) => (
            month.actual.map(|month| actual + month),
            before.projected.zip(month.projected).map(|(before, month)| (before.0.saturating_add(month.0), month.1)),
        ),
    };
    Row {
        months: before.months + month.months,
        days_to_come: before.days_to_come + month.days_to_come,
        plan: before.plan.saturating_add(month.plan),
        actual,
        expected_by_now: before.expected_by_now.saturating_add(month.expected_by_now),
        is_even: before.is_even.or(month.is_even),
        projected,
        ..month.clone()
    }
}

/// The day of the week, 0 for Monday.
fn weekday(day: Day) -> usize {
    // The first of January 1970 was a Thursday.
    (day + 3).rem_euclid(7) as usize
}
