//! Assessment records: what the platform's own records say of a shop's quarter, by the definitions of the assessed metrics.

use super::figures::ShopFigures;
use crate::input::facts::Facts;
use crate::metric::measure::{Measure, Part};
use crate::spec::Day;

/// What complaints, listings, service scores and violations come to in a quarter; `None` where they do not tell.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Records {
    pub complaints: Option<i64>,
    pub new_items: Option<i64>,
    pub service_score_min: Option<f64>,
    pub service_score_mean: Option<f64>,
    pub idle_months: Option<i64>,
    pub violation_points: Option<f64>,
    pub serious_violation_points: Option<f64>,
    pub red_line_violations: Option<i64>,
}

impl Records {
    /// The records of the days from the quarter's first one to its last one, or the as-of date.
    pub fn of(figures: &ShopFigures, facts: &Facts, first: Day, last: Day) -> Records {
        let figure = |metric: &str| figures.figure(&Measure::named(metric), first, last).value();
        let count = |metric: &str| figure(metric).map(|value| value as i64);
        // Complaints alone are no assessed metric: only their rate is.
        let complaints = figures.sums(first, last)[Part::Complaints as usize] as i64;
        Records {
            complaints: facts.complaints.is_some().then_some(complaints),
            new_items: count("new_items"),
            service_score_min: figure("service_score_min"),
            service_score_mean: figure("service_score_mean"),
            idle_months: count("idle_months"),
            violation_points: figure("violation_points"),
            serious_violation_points: figure("serious_violation_points"),
            red_line_violations: count("red_line_violations"),
        }
    }
}
