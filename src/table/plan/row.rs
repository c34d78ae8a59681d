//! The row of a plan: what was planned, what is there, what should be there by now, and what follows from them.

use crate::metric::ratio::ratio_of;
use crate::spec::Grain;

/// A deviation from what should be there by now that is no news: the part of it by which a shop is still on track.
const ON_TRACK: f64 = 0.05;

/// What a plan is about, in the order of the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// What was paid, less what of it was refunded.
    NetSales,
    /// Items newly put on sale.
    NewItems,
    /// What was paid.
    Sales,
    /// What was paid from the first planned month of the year on.
    SalesYearToDate,
}

impl Measure {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
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
}

/// Where a month lies beside the as-of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Its last day is not after the as-of date.
    Ended,
    /// The as-of date lies in it, and is not its last day.
    Running,
    /// It has not begun.
    ToCome,
}

/// The source of a projection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProjectedBy {
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

/// A month of a shop by one measure. Figures are in the unit of the measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub shop: u32,
    /// The number of the month, as [`Grain::Month`] counts them.
    pub month: i32,
    pub measure: Measure,
    pub phase: Phase,
    /// Planned months in the row.
    pub months: i64,
    pub days_to_come: i64,
    pub plan: f64,
    pub actual: Option<f64>,
    pub expected_by_now: f64,
    /// Whether the running month is spread evenly; `None` where none of the row runs.
    pub is_even: Option<bool>,
    pub projected: Option<(f64, ProjectedBy)>,
}

impl Row {
    pub fn start(&self) -> i32 {
        Grain::Month.start(self.month)
    }

    pub fn share_done(&self) -> Option<f64> {
        ratio_of(self.actual?, self.plan)
    }

    pub fn gap(&self) -> Option<f64> {
        Some(self.expected_by_now - self.actual?)
    }

    pub fn projected_gap(&self) -> Option<f64> {
        Some(self.plan - self.projected?.0)
    }

    pub fn spread_by(&self) -> Option<&'static str> {
        self.is_even.map(|is_even| if is_even { "even" } else { "year_before" })
    }

    pub fn needed_per_day(&self) -> Option<f64> {
        let missing = self.plan - self.actual?;
        if missing > 0.0 { ratio_of(missing, self.days_to_come as f64) } else { None }
    }

    pub fn status(&self) -> Option<&'static str> {
        let actual = self.actual?;
        match self.phase {
            Phase::ToCome => None,
            _ if actual >= self.plan => Some("done"),
            Phase::Ended => Some("missed"),
            Phase::Running if actual > self.expected_by_now * (1.0 + ON_TRACK) => Some("ahead"),
            Phase::Running if actual < self.expected_by_now * (1.0 - ON_TRACK) => Some("behind"),
            Phase::Running => Some("on_track"),
        }
    }
}
