//! The row of a plan: what was planned, what is there, what should be there by now, and what follows from them.

use std::sync::Arc;

use crate::metric::ratio::{money_per, ratio};
use crate::spec::{Day, Grain};

/// A deviation from what should be there by now that is no news: the part of it by which a shop is still on track.
pub const ON_TRACK: f64 = 0.05;

/// What a plan is about, in the order of the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Measure {
    AdCost,
    NetSales,
    NewItems,
    Sales,
    SalesYearToDate,
}

impl Measure {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Measure::AdCost => "ad_cost",
            Measure::NetSales => "net_sales",
            Measure::NewItems => "new_items",
            Measure::Sales => "sales",
            Measure::SalesYearToDate => "sales_year_to_date",
        }
    }

    /// The unit of its figures.
    pub fn unit(self) -> &'static str {
        match self {
            Measure::NewItems => "items",
            _ => "CNY",
        }
    }

    /// A figure, items or minor units of money, in hundredths of its unit. Money is so anyway, and items are that parts of them can be
    /// expected.
    pub fn in_hundredths(self, figure: i64) -> i64 {
        match self {
            Measure::NewItems => figure.saturating_mul(100),
            _ => figure,
        }
    }
}

/// Where a month lies beside the as-of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Its last day is not after the as-of date.
    Ended,
    /// The as-of date lies in it, and is not its last day.
    Running,
    /// It has not begun.
    ToCome,
}

/// The source of a projection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProjectedBy {
    /// The month has ended: the figure itself.
    Ended,
    /// `forecast_months`.
    Forecast,
    /// The spread of the plan: what is there by the part of the month that should be.
    Spread,
}

impl ProjectedBy {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            ProjectedBy::Ended => "ended",
            ProjectedBy::Forecast => "forecast",
            ProjectedBy::Spread => "spread",
        }
    }
}

/// A planned month of a shop by one measure.
#[derive(Debug, Clone)]
pub struct Row {
    pub(super) shop: u32,
    /// The number of the month, as [`Grain::Month`] counts them.
    pub(super) month: i32,
    pub(super) measure: Measure,
    /// The channel, or the word for all.
    pub(super) channel: Arc<str>,
    pub(super) phase: Phase,
    /// Planned months in the row.
    pub(super) months: i64,
    pub(super) days_to_come: i64,
    /// In hundredths of the unit of the measure, as what follows.
    pub(super) plan: i64,
    pub(super) actual: Option<i64>,
    pub(super) expected_by_now: i64,
    /// Whether the running month is spread evenly; `None` where none of the row runs.
    pub(super) is_even: Option<bool>,
    pub(super) projected: Option<(i64, ProjectedBy)>,
}

impl Row {
    pub(super) fn start(&self) -> Day {
        Grain::Month.start(self.month)
    }

    pub(super) fn share_done(&self) -> Option<f64> {
        ratio(self.actual?, self.plan)
    }

    pub(super) fn gap_by_now(&self) -> Option<i64> {
        Some(self.expected_by_now - self.actual?)
    }

    pub(super) fn projected_gap(&self) -> Option<i64> {
        Some(self.plan - self.projected?.0)
    }

    pub(super) fn spread_by(&self) -> Option<&'static str> {
        self.is_even.map(|is_even| if is_even { "even" } else { "year_before" })
    }

    pub(super) fn needed_per_day(&self) -> Option<f64> {
        let missing = self.plan - self.actual?;
        if missing > 0 { money_per(missing, self.days_to_come) } else { None }
    }

    pub(super) fn status(&self) -> Option<&'static str> {
        let (actual, expected) = (self.actual?, self.expected_by_now as f64);
        match self.phase {
            Phase::ToCome => None,
            // To have planned nothing is no success; of a budget of nothing all is spent.
            _ if self.plan == 0 && !matches!(self.measure, Measure::AdCost) => None,
            _ if actual >= self.plan => Some("done"),
            Phase::Ended => Some("missed"),
            Phase::Running if actual as f64 > expected * (1.0 + ON_TRACK) => Some("ahead"),
            Phase::Running if (actual as f64) < expected * (1.0 - ON_TRACK) => Some("behind"),
            Phase::Running => Some("on_track"),
        }
    }
}
