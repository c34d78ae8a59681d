//! Invented: days and rules of shops of which the truth is known.

use crate::job::rule::{AssessedPeriod, Base, ByCategory, Peers, Requirement, Rule, Test, Threshold};
use crate::metric::sums::{Quantity, Sums};
use crate::spec::Grain;

/// A day with so many orders, each of the same amount in minor units.
pub fn sold(orders: i64, minor: i64) -> Sums<i64> {
    let mut day = Sums::default();
    day[Quantity::PaidOrders] = orders;
    day[Quantity::PlacedOrders] = orders;
    day[Quantity::Paid] = orders * minor;
    day
}

/// A rule that asks for at least so much in each calendar quarter.
pub fn rule(metric: &str, least: f64) -> Rule {
    Rule {
        assessment: "quarterly".to_owned(),
        file: String::new(),
        place: String::new(),
        valid_from: None,
        valid_to: None,
        period: AssessedPeriod::Calendar(Grain::Quarter),
        peers: Peers::All,
        open_months: 0,
        min_peers: None,
        requirements: vec![Requirement {
            metric: metric.to_owned(),
            test: Test::AtLeast(Threshold { column: None, value: Some(ByCategory { others: Some(least), ..ByCategory::default() }) }),
            base: Base::Paid,
            k: None,
            standard: None,
            trial_share: None,
            when: Vec::new(),
            levels: Vec::new(),
        }],
    }
}
