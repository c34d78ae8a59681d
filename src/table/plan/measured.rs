//! The plans of a shop beside what it did: a row for each month and measure.

use super::row::{Measure, Phase, ProjectedBy, Row};
use crate::fold::activity::{Activity, ActivityFold};
use crate::fold::outcomes::OutcomeFold;
use crate::history::Context;
use crate::input::records::facts::{Facts, Listing, MonthPlan};
use crate::metric::plan_spread::{DaySales, PlanSpread};
use crate::metric::ratio::{in_units_of, ratio_of};
use crate::spec::period::civil;
use crate::spec::{Day, Grain, NO_DAY};
use crate::table::forecast::months::Row as MonthForecast;
use crate::table::shop::days::of_shop;

/// What the plans are held against.
pub struct Sources<'a> {
    pub context: &'a Context,
    pub facts: &'a Facts,
    pub activity: &'a ActivityFold,
    pub outcomes: &'a OutcomeFold,
    /// The forecasts of all shops; none where the job wants none.
    pub forecasts: &'a [MonthForecast],
}

/// A figure of a month, and what it is expected to come to.
#[derive(Debug, Clone, Copy)]
struct Figure {
    plan: f64,
    actual: Option<f64>,
    expected_by_now: f64,
    projected: Option<(f64, ProjectedBy)>,
}

impl Sources<'_> {
    /// The rows of a shop, ascending by month and measure.
    pub fn rows(&self, shop: u32) -> Vec<Row> {
        let plans = of_shop(self.facts.plans.as_deref().unwrap_or_default(), shop, |plan: &MonthPlan| plan.shop);
        let mut rows = Vec::new();
        let mut year_to_date: Option<(i32, Row)> = None;
        for plan in plans {
            let month = self.month(shop, plan.month);
            let target = plan.sales_target.map(|target| in_units_of(100.0, target as f64));
            if let Some(target) = target {
                let forecast = self.forecasts.iter().find(|row| row.shop() == shop && row.month() == plan.month);
                let forecast = forecast.and_then(MonthForecast::expected).map(|sales| (sales, ProjectedBy::Forecast));
                let figure = month.figure(target, self.net_sales(shop, &month));
                let projected = if month.phase == Phase::Ended { figure.projected } else { forecast.or(figure.projected) };
                rows.push(month.row(Measure::NetSales, Figure { projected, ..figure }));
            }
            if let Some(items) = plan.new_items {
                let listings = of_shop(self.facts.listings.as_deref().unwrap_or_default(), shop, |listing: &Listing| listing.shop);
                let new = listings.iter().find(|listing| listing.month == plan.month).and_then(|listing| listing.new);
                let month = Month { spread: PlanSpread::even(month.days), ..month.clone() };
                rows.push(month.row(Measure::NewItems, month.figure(items as f64, new.map(|new| new as f64))));
            }
            if let Some(target) = target {
                let row = month.row(Measure::Sales, month.figure(target, self.sales(shop, &month)));
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
        Month { shop, month, start, until: start + passed - 1, days, phase, spread, passed: passed as usize, to_come: (end - as_of).max(0) }
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

    /// Whether the shop's orders of a month are known: the first of all was not placed after it.
    fn is_known(&self, shop: u32, month: &Month) -> bool {
        self.first_order(shop).is_some_and(|first| first < month.start + month.days as i32)
    }

    fn paid(&self, shop: u32, month: &Month) -> i64 {
        self.activity.days(shop, month.start, month.until).iter().map(|day| day.paid_amount).sum()
    }

    fn sales(&self, shop: u32, month: &Month) -> Option<f64> {
        self.is_known(shop, month).then(|| in_units_of(100.0, self.paid(shop, month) as f64))
    }

    fn net_sales(&self, shop: u32, month: &Month) -> Option<f64> {
        let refunded = || self.outcomes.between(shop, month.start, month.until).refunded;
        self.is_known(shop, month).then(|| in_units_of(100.0, (self.paid(shop, month) - refunded()) as f64))
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
    /// A figure beside its plan, projected by the spread.
    fn figure(&self, plan: f64, actual: Option<f64>) -> Figure {
        let share = self.spread.share(self.passed).unwrap_or(0.0);
        let (expected_by_now, projected) = match self.phase {
            Phase::Ended => (plan, actual.map(|actual| (actual, ProjectedBy::Ended))),
            Phase::Running => {
                let whole = actual.and_then(|actual| ratio_of(actual, share));
                (plan * share, whole.map(|whole| (whole, ProjectedBy::Spread)))
            }
            Phase::ToCome => (0.0, None),
        };
        Figure { plan, actual, expected_by_now, projected }
    }

    fn row(&self, measure: Measure, figure: Figure) -> Row {
        let Figure { plan, actual, expected_by_now, projected } = figure;
        Row {
            shop: self.shop,
            month: self.month,
            measure,
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

/// The months of a year so far, with one more.
fn plus(before: &Row, month: &Row) -> Row {
    let sum = |one: Option<f64>, other: Option<f64>| Some(one? + other?);
    let projected = before.projected.zip(month.projected).map(|(before, month)| (before.0 + month.0, month.1));
    Row {
        months: before.months + month.months,
        plan: before.plan + month.plan,
        actual: sum(before.actual, month.actual),
        expected_by_now: before.expected_by_now + month.expected_by_now,
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
