//! Judged days: each metric of a shop against what is expected of it, and how grave a deviation is.

use std::sync::Arc;

use super::driver::driver;
use super::metric_days::MetricDays;
use super::metrics::{Metric, PAID_AMOUNT};
use crate::metric::event_days::EventDays;
use crate::metric::expectation::{EventPlaces, Expectation, WATCH, WINDOW, by_event, by_weekday};
use crate::metric::figure_days::Missing;
use crate::spec::Day;
use crate::table::shop::driver_spans::DriverDays;

/// The score from which a deviation is an alarm.
const ALARM: f64 = 5.0;
/// A score below this says that two numbers are equal.
const ROUNDING: f64 = 1e-9;
/// So many days in a row on one side that each are to be watched are an alarm.
const WATCHES: usize = 3;

/// How grave a deviation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Severity {
    None,
    Watch,
    Alarm,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Severity::None => "none",
            Severity::Watch => "watch",
            Severity::Alarm => "alarm",
        }
    }
}

/// A metric of a shop on a day.
pub struct Row {
    pub(super) shop: u32,
    pub(super) date: Day,
    pub(super) metric: &'static Metric,
    pub(super) name: Arc<str>,
    pub(super) channel: Option<Arc<str>>,
    pub(super) value: Option<f64>,
    pub(super) expectation: Option<Expectation>,
    pub(super) severity: Severity,
    pub(super) reason: Option<&'static str>,
    pub(super) event: Option<Arc<str>>,
    pub(super) driver: Option<&'static str>,
}

impl Row {
    pub(super) fn score(&self) -> Option<f64> {
        Some(self.expectation?.score(self.value?))
    }

    /// Whether the value is above what is expected; `None` where both are equal but for rounding, or nothing is expected.
    pub(super) fn is_above(&self) -> Option<bool> {
        self.score().filter(|score| score.abs() >= ROUNDING).map(|score| score > 0.0)
    }
}

/// The days of a shop, as alerts judge them.
pub(super) struct JudgedShop<'a> {
    pub shop: u32,
    pub first: Day,
    pub events: &'a EventDays,
    /// By day of the shop: whether no event changes it.
    pub is_usual: &'a [bool],
    /// By day of the shop: whether its UV is counted from page views.
    pub is_counted: &'a [bool],
    pub sales: Option<&'a DriverDays>,
}

impl JudgedShop<'_> {
    /// The rows of a metric for its last `days` days, ascending.
    pub fn rows(&self, metric: &MetricDays, days: usize) -> Vec<Row> {
        let places = metric.figures.all().days.len();
        let from = places.saturating_sub(days);
        // Days before the first of them may begin a row of watches.
        let rows = (from.saturating_sub(WATCHES - 1)..places).map(|place| (place, self.judge(metric, place)));
        let (mut side, mut in_a_row) = (None, 0);
        let mut found = Vec::with_capacity(days.min(places));
        for (place, mut row) in rows {
            let score = row.score().unwrap_or(0.0);
            let outside = (score.abs() >= WATCH).then_some(score > 0.0);
            in_a_row = if outside.is_some() && outside == side { in_a_row + 1 } else { usize::from(outside.is_some()) };
            side = outside;
            row.severity = match score.abs() {
                score if score >= ALARM || in_a_row >= WATCHES => Severity::Alarm,
                _ if outside.is_some() => Severity::Watch,
                _ => Severity::None,
            };
            if place >= from {
                row.driver = self.driver(&row, place);
                found.push(row);
            }
        }
        found
    }

    fn judge(&self, metric: &MetricDays, place: usize) -> Row {
        let date = self.first + place as Day;
        let event = self.events.on(date);
        let figures = metric.figures.like(place);
        let figure = figures.days.get(place).copied().unwrap_or(Err(Missing::Unknown));
        let (expectation, reason) = match (figure, &event) {
            (Err(Missing::Unknown), _) => (None, Some("no_data")),
            (Err(Missing::NoDenominator), _) => (None, Some("no_denominator")),
            (Ok(_), Some(_)) => {
                let places = self.event_places(date);
                let expectation = places.and_then(|places| by_event(figures, self.is_usual, place, places));
                (expectation, expectation.is_none().then_some("event"))
            }
            (Ok(_), None) => {
                let expectation = by_weekday(figures, self.is_usual, place);
                (expectation, expectation.is_none().then_some("history"))
            }
        };
        Row {
            shop: self.shop,
            date,
            metric: metric.metric,
            name: Arc::clone(&metric.name),
            channel: metric.channel.clone(),
            value: figure.ok().map(|figure| figure.value),
            expectation,
            severity: Severity::None,
            reason,
            event: event.map(|event| event.name.into()),
            driver: None,
        }
    }

    /// Where a day of an event and the same day a year before lie; `None` where that is not a day of the shop.
    fn event_places(&self, date: Day) -> Option<EventPlaces> {
        let event = self.events.on(date)?;
        let then = event.year_ago?;
        let place = |day: Day| usize::try_from(i64::from(day) - i64::from(self.first)).ok();
        Some(EventPlaces { first: place(event.first)?, then: place(then.day)?, then_first: place(then.first)? })
    }

    /// What moved the sales of a day that is out of the ordinary.
    fn driver(&self, row: &Row, place: usize) -> Option<&'static str> {
        let is_above = row.is_above().filter(|_| row.metric == &PAID_AMOUNT && row.severity != Severity::None)?;
        let day = |place: usize| self.first + place as Day;
        let sales = self.sales?;
        // Visitors of another source are no reason for more or fewer of them.
        let is_alike = |at: &usize| self.is_counted.get(*at) == self.is_counted.get(place);
        match self.event_places(row.date).filter(|_| row.event.is_some()) {
            Some(places) => driver(sales, row.date, std::iter::once(places.then).filter(is_alike).map(day), is_above),
            None => {
                let weeks = (7..=WINDOW).step_by(7).filter_map(|before| place.checked_sub(before));
                let usual = weeks.filter(|at| self.is_usual.get(*at).copied().unwrap_or(false));
                driver(sales, row.date, usual.filter(is_alike).map(day), is_above)
            }
        }
    }
}
