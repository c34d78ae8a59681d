//! Judge: the value of each requirement held against its threshold, for one shop in one cycle.

use super::figures::{Figure, ShopFigures};
use super::group::{Group, PeerValues};
use crate::input::facts::Benchmark;
use crate::job::rule::{Condition, Requirement, Rule, Test, Threshold, ThresholdColumn};
use crate::metric::assessed::assessed;
use crate::metric::cycle::{Cycle, Phase};
use crate::metric::measure::Measure;
use crate::metric::peers::Best;
use crate::metric::verdict::{Place, Side, Status, not_bottom};
use crate::spec::Day;

/// What became of one requirement. Values, thresholds and margins are in the measure's own units (minor units of money).
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The measured value.
    pub value: Option<f64>,
    /// What it is held against at the end of the cycle.
    pub threshold: Option<f64>,
    /// What it is held against today: of what accumulates, the part of the days gone.
    pub threshold_to_date: Option<f64>,
    /// The shop among its peers.
    pub place: Place,
    /// How far the value is from the threshold of today; positive is safe.
    pub margin: Option<f64>,
    /// What became of it.
    pub status: Status,
    /// Why it is not judged, where it is not.
    pub reason: Option<String>,
}

/// A shop in a cycle, to be judged by a rule.
pub struct Judge<'a> {
    /// By which rule.
    pub rule: &'a Rule,
    /// Whom.
    pub shop: &'a ShopFigures<'a>,
    /// When.
    pub cycle: Cycle,
    /// Against whom.
    pub group: &'a Group,
    /// Industry figures.
    pub benchmarks: &'a [Benchmark],
    /// Peers that a comparison needs at least.
    pub least_peers: usize,
}

/// The end of a metric that is the good one; of figures that only the platform has, the greater.
pub fn best_of(metric: &str) -> Best {
    assessed(metric).map_or(Best::Most, |metric| metric.best)
}

/// Which side of its threshold a test calls safe.
pub fn side_of(requirement: &Requirement) -> Side {
    match requirement.test {
        Test::AtLeast(_) | Test::AtLeastPeerMean => Side::AtLeast,
        Test::AtMost(_) | Test::AtMostPeerMean => Side::AtMost,
        Test::NotBottom { .. } => Side::better(best_of(&requirement.metric)),
    }
}

impl Judge<'_> {
    /// The last day of the cycle that is known.
    pub fn last(&self) -> Day {
        self.cycle.end.min(self.shop.last)
    }

    /// Whether the cycle is over.
    pub fn is_complete(&self) -> bool {
        self.cycle.end <= self.shop.last
    }

    /// The share of the cycle's days that are gone at the end of a day.
    pub fn elapsed(&self, day: Day) -> f64 {
        f64::from((day - self.cycle.start + 1).max(0)) / f64::from(self.cycle.end - self.cycle.start + 1)
    }

    /// Judges the requirement of that number.
    pub fn judge(&self, number: usize, requirement: &Requirement) -> Judgement {
        let measure = Measure::of(requirement);
        let figure = self.shop.figure(&measure, self.cycle.start, self.last());
        let peers = self.group.values(number, self.rule.peers, self.shop.category);
        let place = match &peers {
            Some(peers) => Place::of(&peers.values, peers.position_of(self.shop.shop), best_of(&requirement.metric), self.least_peers),
            None => Place::default(),
        };
        let threshold = self.threshold(requirement, &measure, peers.as_ref(), &place);
        let limit = threshold.as_ref().ok().copied();
        let part = if !self.is_complete() && measure.accumulates() { self.elapsed(self.last()) } else { 1.0 };
        let today = limit.map(|limit| if side_of(requirement) == Side::AtLeast { limit * part } else { limit });
        let value = figure.value();
        let margin = value.zip(today).map(|(value, today)| side_of(requirement).margin(value, today));
        let (status, reason) = match self.asked(requirement) {
            Asked::Exempt(reason) => (Status::Exempt, Some(reason)),
            Asked::No(reason) => (Status::NotApplicable, Some(reason)),
            Asked::Unknown(reason) => (Status::Unknown, Some(reason)),
            Asked::Yes => match (figure, threshold) {
                (Figure::Unknown(reason), _) | (Figure::Known(_), Err(reason)) => (Status::Unknown, Some(reason)),
                (Figure::Nothing(reason), _) => (Status::NotApplicable, Some(reason.to_owned())),
                (Figure::Known(value), Ok(threshold)) => {
                    let holds = match requirement.levels.first() {
                        // A level is reached with its points, not beyond them.
                        Some(first) if is_open(&requirement.test) => value < first.points,
                        _ => side_of(requirement).holds(value, today.unwrap_or(threshold)),
                    };
                    (Status::of(holds, self.is_complete()), None)
                }
            },
        };
        Judgement { value, threshold: limit, threshold_to_date: today, place, margin, status, reason }
    }

    /// Whether the requirement is asked of the shop in this cycle.
    fn asked(&self, requirement: &Requirement) -> Asked {
        if self.cycle.phase == Phase::Exempt {
            return Asked::Exempt("the shop is in its exempt months".to_owned());
        }
        if !self.group.is_eligible(self.shop.shop) {
            return Asked::Exempt(format!("the shop was not open for {} months when the period began", self.rule.open_months));
        }
        for condition in &requirement.when {
            let Condition { metric, at_least, at_most } = condition;
            let measure = Measure::named(metric);
            match self.shop.figure(&measure, self.cycle.start, self.last()) {
                Figure::Unknown(reason) => return Asked::Unknown(format!("{metric}: {reason}")),
                Figure::Nothing(reason) => return Asked::No(format!("{metric}: {reason}")),
                Figure::Known(value) => {
                    let value = value / measure.scale();
                    if let Some(least) = at_least.filter(|least| value < *least) {
                        return Asked::No(format!("{metric} is {value}; the rule asks from {least} on"));
                    }
                    if let Some(most) = at_most.filter(|most| value > *most) {
                        return Asked::No(format!("{metric} is {value}; the rule asks up to {most}"));
                    }
                }
            }
        }
        Asked::Yes
    }

    /// What the value is held against at the end of the cycle, or why there is nothing.
    fn threshold(&self, requirement: &Requirement, measure: &Measure, peers: Option<&PeerValues>, place: &Place) -> Result<f64, String> {
        let too_few = || match (peers, place.peers) {
            (None, _) => "the shop's category is unknown".to_owned(),
            (_, Some(there)) => format!("{there} eligible peers have a value; {} are needed", self.least_peers),
            _ => "there are no peers".to_owned(),
        };
        match &requirement.test {
            Test::AtLeast(threshold) | Test::AtMost(threshold) => {
                let own = self.own_threshold(threshold, measure).or_else(|| requirement.levels.first().map(|level| level.points));
                let own = own.ok_or_else(|| match self.shop.category {
                    Some(category) => format!("the rule has no value for the category `{category}`"),
                    None => "the rule has no value for shops of unknown category".to_owned(),
                })?;
                let trial = requirement.trial_share.as_ref().filter(|_| self.cycle.phase == Phase::Trial);
                Ok(own * trial.and_then(|share| share.of(self.shop.category)).unwrap_or(1.0))
            }
            Test::NotBottom { share } => {
                let values: Vec<f64> = peers.iter().flat_map(|peers| peers.values.iter().flatten()).copied().collect();
                if values.len() >= self.least_peers {
                    return not_bottom(&values, best_of(&requirement.metric), *share).ok_or_else(too_few);
                }
                let benchmark = self.benchmark(requirement, |row| match *share {
                    0.1 => row.p10,
                    0.2 => row.p20,
                    _ => None,
                });
                benchmark.map(|value| value * measure.scale()).ok_or_else(too_few)
            }
            Test::AtLeastPeerMean | Test::AtMostPeerMean => {
                let benchmark = || self.benchmark(requirement, |row| row.mean).map(|value| value * measure.scale());
                place.mean.or_else(benchmark).ok_or_else(too_few)
            }
        }
    }

    fn own_threshold(&self, threshold: &Threshold, measure: &Measure) -> Option<f64> {
        let column = match &threshold.column {
            None => None,
            Some(ThresholdColumn::AnnualTarget) => self.shop.annual_target.map(|target| target as f64 / 100.0),
            Some(ThresholdColumn::ShopMetric(name)) => {
                self.shop.figure(&Measure::OfPlatform(name.clone()), self.cycle.start, self.last()).value()
            }
        };
        let value = || threshold.value.as_ref().and_then(|value| value.of(self.shop.category));
        column.or_else(value).map(|value| value * measure.scale())
    }

    /// The industry's figure of the cycle, where the peers are too few to be the industry.
    fn benchmark(&self, requirement: &Requirement, figure: impl Fn(&Benchmark) -> Option<f64>) -> Option<f64> {
        let category = self.shop.category?;
        let is_of = |row: &&Benchmark| {
            row.category == category && row.metric == requirement.metric && (self.cycle.start..=self.cycle.end).contains(&row.start)
        };
        self.benchmarks.iter().rfind(is_of).and_then(figure)
    }
}

/// Whether a test has no limit of its own but that of the first level.
fn is_open(test: &Test) -> bool {
    matches!(test, Test::AtLeast(threshold) | Test::AtMost(threshold) if threshold.column.is_none() && threshold.value.is_none())
}

/// Whether a requirement is asked of a shop.
enum Asked {
    Yes,
    Exempt(String),
    No(String),
    Unknown(String),
}
