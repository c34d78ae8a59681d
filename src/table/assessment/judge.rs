//! Judge: compares the value of each requirement with its threshold, for one shop in one cycle.

use super::figures::ShopFigures;
use super::group::{Group, PeerValues};
use super::measured::Figure;
use crate::input::records::facts::Benchmark;
use crate::job::rule::{AssessedPeriod, Condition, Peers, Requirement, Rule, Test, Threshold, ThresholdColumn};
use crate::metric::assessed::best_of;
use crate::metric::cycle::{Cycle, Phase};
use crate::metric::measure::Measure;
use crate::metric::peers::PeerPosition;
use crate::metric::ratio::{in_units_of, ratio};
use crate::metric::verdict::{Judged, Side, Status, not_bottom};
use crate::spec::Day;

/// The judgement of one requirement. Values, thresholds and margins are in the measure's own units (minor units for money).
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The measured value.
    pub value: Option<f64>,
    /// The threshold at the end of the cycle.
    pub threshold: Option<f64>,
    /// The threshold today: for a measure that accumulates, the share for the days gone.
    pub threshold_to_date: Option<f64>,
    /// Whether the threshold today is such a share.
    pub is_prorated: bool,
    /// The position of the shop among its peers.
    pub position: PeerPosition,
    /// The distance of the value from the threshold today; positive is safe.
    pub margin: Option<f64>,
    /// The status.
    pub status: Status,
    /// The reason why it is not judged, if so.
    pub reason: Option<String>,
}

/// A shop in a cycle, to be judged by a rule.
pub struct Judge<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// The shop.
    pub shop: &'a ShopFigures,
    /// The cycle.
    pub cycle: Cycle,
    /// The peers.
    pub group: &'a Group,
    /// Industry figures.
    pub benchmarks: &'a [Benchmark],
    /// The fewest peers for a comparison.
    pub least_peers: usize,
}

/// The safe side of a test's threshold.
pub fn side_of(requirement: &Requirement) -> Side {
    match requirement.test {
        Test::AtLeast(_) | Test::AtLeastPeerMean => Side::AtLeast,
        Test::AtMost(_) | Test::AtMostPeerMean => Side::AtMost,
        Test::NotBottom { .. } => Side::better(best_of(&requirement.metric)),
    }
}

impl Judge<'_> {
    /// The last day of the cycle up to the as-of date.
    pub fn last(&self) -> Day {
        self.cycle.end.min(self.shop.last)
    }

    /// Whether the cycle is over.
    pub fn is_complete(&self) -> bool {
        self.cycle.end <= self.shop.last
    }

    /// The share of the cycle's days that have passed at the end of a day.
    pub fn elapsed(&self, day: Day) -> f64 {
        let days = |from: Day, to: Day| i64::from(to) - i64::from(from) + 1;
        ratio(days(self.cycle.start, day).max(0), days(self.cycle.start, self.cycle.end)).unwrap_or(1.0)
    }

    /// Judges the requirement of that number.
    pub fn judge(&self, number: usize, requirement: &Requirement) -> Judgement {
        let measure = Measure::of(requirement);
        let figure = self.shop.figure(&measure, self.cycle.start, self.last());
        let peers = self.group.values(number, self.rule.peers, self.shop.category());
        let is_compared = self.rule.peers == Peers::All || self.shop.category().is_some();
        let nobody = || PeerPosition { peers: is_compared.then_some(0), ..PeerPosition::default() };
        let position = peers.map_or_else(nobody, |peers| peers.position(self.shop.shop, &requirement.metric));
        let threshold = self.threshold(requirement, &measure, peers, &position);
        let limit = threshold.as_ref().ok().map(|limit| limit.value);
        // Peers have as many days behind them as the shop: only the threshold of a whole cycle has a share for today.
        let is_prorated = threshold.as_ref().is_ok_and(|limit| limit.is_of_whole_cycle)
            && measure.accumulates()
            && side_of(requirement) == Side::AtLeast
            && !self.is_complete();
        let today = limit.map(|limit| if is_prorated { limit * self.elapsed(self.last()) } else { limit });
        let value = figure.value();
        let margin = value.zip(today).map(|(value, today)| side_of(requirement).margin(value, today));
        let (status, reason) = match self.applicability(requirement) {
            Applicability::Exempt(reason) => (Status::Exempt, Some(reason)),
            Applicability::NotApplicable(reason) => (Status::NotApplicable, Some(reason)),
            Applicability::Unknown(reason) => (Status::Unknown, Some(reason)),
            Applicability::Applies => match (figure, threshold) {
                (Figure::Unknown(reason), _) | (Figure::Known(_), Err(reason)) => (Status::Unknown, Some(reason)),
                (Figure::Nothing(reason), _) => (Status::NotApplicable, Some(reason.to_owned())),
                (Figure::Known(value), Ok(threshold)) => {
                    let is_met = match requirement.levels.first() {
                        // A level is reached with its points, not only above them.
                        Some(first) if is_open(&requirement.test) => value < first.points,
                        _ => side_of(requirement).holds(value, today.unwrap_or(threshold.value)),
                    };
                    (Status::of(Judged { is_met, is_complete: self.is_complete() }), None)
                }
            },
        };
        Judgement { value, threshold: limit, threshold_to_date: today, is_prorated, position, margin, status, reason }
    }

    /// Whether the requirement applies to the shop in this cycle.
    fn applicability(&self, requirement: &Requirement) -> Applicability {
        if self.cycle.phase == Phase::Exempt {
            return Applicability::Exempt("the shop is in its exempt months".to_owned());
        }
        if !self.group.is_eligible(self.shop.shop) {
            return Applicability::Exempt(format!("the shop was not open for {} months when the period began", self.rule.open_months));
        }
        for condition in &requirement.when {
            let Condition { metric, at_least, at_most } = condition;
            let measure = Measure::named(metric);
            match self.shop.figure(&measure, self.cycle.start, self.last()) {
                Figure::Unknown(reason) => return Applicability::Unknown(format!("{metric}: {reason}")),
                Figure::Nothing(reason) => return Applicability::NotApplicable(format!("{metric}: {reason}")),
                Figure::Known(value) => {
                    let value = measure.in_results(value);
                    if let Some(least) = at_least.filter(|least| value < *least) {
                        return Applicability::NotApplicable(format!("{metric} is {value}; the rule asks from {least} on"));
                    }
                    if let Some(most) = at_most.filter(|most| value > *most) {
                        return Applicability::NotApplicable(format!("{metric} is {value}; the rule asks up to {most}"));
                    }
                }
            }
        }
        Applicability::Applies
    }

    /// The threshold at the end of the cycle, or the reason why there is none.
    fn threshold(
        &self,
        requirement: &Requirement,
        measure: &Measure,
        peers: Option<&PeerValues>,
        position: &PeerPosition,
    ) -> Result<Limit, String> {
        let too_few = || match position.peers {
            _ if self.rule.peers == Peers::Category && self.shop.category().is_none() => "the shop's category is unknown".to_owned(),
            Some(there) => format!("{there} eligible peers have a value; {} are needed", self.least_peers),
            None => "there are no peers".to_owned(),
        };
        match &requirement.test {
            Test::AtLeast(threshold) | Test::AtMost(threshold) => {
                let own = self.own_threshold(threshold, measure).or_else(|| requirement.levels.first().map(|level| level.points));
                let own = own.ok_or_else(|| match self.shop.category() {
                    Some(category) => format!("the rule has no value for the category `{category}`"),
                    None => "the rule has no value for shops of unknown category".to_owned(),
                })?;
                let trial = requirement.trial_share.as_ref().filter(|_| self.cycle.phase == Phase::Trial);
                Ok(Limit::of_whole_cycle(own * trial.and_then(|share| share.of(self.shop.category())).unwrap_or(1.0)))
            }
            Test::NotBottom { share } => {
                let values = peers.map_or(&[][..], PeerValues::sorted);
                if values.len() >= self.least_peers {
                    return not_bottom(values, best_of(&requirement.metric), *share).map(Limit::to_date).ok_or_else(too_few);
                }
                let benchmark = self.benchmark(requirement, |row| match *share {
                    0.1 => row.p10,
                    0.2 => row.p20,
                    _ => None,
                });
                benchmark.map(|value| Limit::of_whole_cycle(value * measure.scale())).ok_or_else(too_few)
            }
            Test::AtLeastPeerMean | Test::AtMostPeerMean => {
                let benchmark = || self.benchmark(requirement, |row| row.mean).map(|value| Limit::of_whole_cycle(value * measure.scale()));
                position.mean.map(Limit::to_date).or_else(benchmark).ok_or_else(too_few)
            }
        }
    }

    fn own_threshold(&self, threshold: &Threshold, measure: &Measure) -> Option<f64> {
        // Amounts in minor units are whole numbers.
        let in_units = |value: f64| if measure.scale() == 1.0 { value } else { (value * measure.scale()).round() };
        let column = match &threshold.column {
            None => None,
            Some(ThresholdColumn::AnnualTarget) => self.shop.annual_target.map(|target| in_units(in_units_of(100.0, target as f64))),
            Some(ThresholdColumn::ShopMetric(name)) => {
                self.shop.figure(&Measure::OfPlatform(name.clone()), self.cycle.start, self.last()).value().map(in_units)
            }
        };
        column.or_else(|| threshold.value.as_ref().and_then(|value| value.of(self.shop.category())).map(in_units))
    }

    /// The industry's figure, for use when there are too few peers: that of the period that begins with the cycle; for cycles that are not
    /// calendar periods, that of the last period that has begun by then.
    fn benchmark(&self, requirement: &Requirement, figure: impl Fn(&Benchmark) -> Option<f64>) -> Option<f64> {
        let category = self.shop.category()?;
        let is_of_calendar = matches!(self.rule.period, AssessedPeriod::Calendar(_));
        let is_of = |row: &&Benchmark| {
            let is_of_time = if is_of_calendar { row.start == self.cycle.start } else { row.start <= self.cycle.start };
            row.category == category && row.metric == requirement.metric && is_of_time
        };
        self.benchmarks.iter().rfind(is_of).and_then(figure)
    }
}

/// The threshold of a value.
struct Limit {
    value: f64,
    /// Whether it applies to a whole cycle, not to the days that have passed.
    is_of_whole_cycle: bool,
}

impl Limit {
    fn of_whole_cycle(value: f64) -> Limit {
        Limit { value, is_of_whole_cycle: true }
    }

    fn to_date(value: f64) -> Limit {
        Limit { value, is_of_whole_cycle: false }
    }
}

/// Whether a test has no limit of its own, only that of the first level.
pub fn is_open(test: &Test) -> bool {
    matches!(test, Test::AtLeast(threshold) | Test::AtMost(threshold) if threshold.column.is_none() && threshold.value.is_none())
}

/// Whether a requirement applies to a shop, or why it does not.
enum Applicability {
    Applies,
    Exempt(String),
    NotApplicable(String),
    Unknown(String),
}
