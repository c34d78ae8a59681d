//! At end: the values of a shop at the end of a simulation, of whatever kind the measures of a rule are.

use std::sync::Arc;

use super::figures::ShopFigures;
use super::idle::{IdleMonths, IdleStart};
use super::judge::{Judge, Judgement, is_open, side_of};
use super::month_scores::{MONTHS, MonthScores};
use super::violations::Violations;
use crate::input::records::facts::{Facts, Scores, ViolationKind};
use crate::job::rule::{Condition, Requirement, Rule, Test};
use crate::metric::measure::Measure;
use crate::metric::sums::Sums;
use crate::metric::verdict::Status;
use crate::spec::{Day, Grain};
use crate::statistics::random::Random;

/// A requirement, prepared to be judged in every simulation.
pub struct PreparedRequirement<'a> {
    /// The requirement.
    pub requirement: &'a Requirement,
    /// Its measure.
    pub measure: Measure,
    /// Whether its value comes from simulated days.
    pub is_of_days: bool,
    conditions: Vec<(&'a Condition, Measure)>,
}

/// What is known of the months and violations to come of all shops.
pub struct Prospects {
    scores: Option<MonthScores>,
    idle: Option<IdleMonths>,
    violations: Vec<(ViolationKind, Violations)>,
}

/// A shop in a running cycle, before the simulations.
pub struct Start {
    place: usize,
    months_to_come: usize,
    idle: Option<IdleStart>,
    new_items: Vec<f64>,
    months_to_begin: usize,
}

/// A shop at the end of one simulation.
pub struct AtEnd<'a> {
    judge: &'a Judge<'a>,
    prospects: &'a Prospects,
    start: &'a Start,
    sums: &'a Sums<f64>,
    /// The service scores of the months to come: the same for all requirements.
    scores: Vec<f64>,
}

impl<'a> PreparedRequirement<'a> {
    /// Its measure and those of its conditions.
    pub fn measures(&self) -> impl Iterator<Item = &Measure> {
        self.conditions.iter().map(|(_, measure)| measure).chain([&self.measure])
    }

    /// The requirements of a rule.
    pub fn all(rule: &'a Rule, facts: &Facts) -> Vec<PreparedRequirement<'a>> {
        let scores_are_events = matches!(facts.scores, Some(Scores::Events(_)));
        let is_of_days =
            |measure: &Measure| measure.is_of_days() && (scores_are_events || !matches!(measure, Measure::Score(_) | Measure::ScoreMean));
        let prepared = |requirement: &'a Requirement| {
            let measure = Measure::of(requirement);
            let conditions = requirement.when.iter().map(|condition| (condition, Measure::named(&condition.metric))).collect();
            PreparedRequirement { requirement, is_of_days: is_of_days(&measure), measure, conditions }
        };
        rule.requirements.iter().map(prepared).collect()
    }
}

impl Prospects {
    /// Those that these requirements need.
    pub fn of(shops: &[Arc<ShopFigures>], requirements: &[PreparedRequirement<'_>], as_of: Day) -> Prospects {
        let needs = |is_needed: fn(&Measure) -> bool| requirements.iter().any(|requirement| is_needed(&requirement.measure));
        let mut kinds: Vec<ViolationKind> = requirements
            .iter()
            .filter_map(|requirement| match requirement.measure {
                Measure::Points(kind) => Some(kind),
                Measure::RedLines => Some(ViolationKind::RedLine),
                _ => None,
            })
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        Prospects {
            scores: needs(is_of_service).then(|| MonthScores::of(shops)),
            idle: needs(|measure| *measure == Measure::IdleMonths).then(|| IdleMonths::of(shops, as_of)),
            violations: kinds.into_iter().map(|kind| (kind, Violations::of(shops, kind, as_of))).collect(),
        }
    }
}

impl Start {
    /// Of a shop, which is at that place among all.
    pub fn of(judge: &Judge<'_>, place: usize, prospects: &Prospects) -> Start {
        let Judge { shop, cycle, .. } = judge;
        let months = || Grain::Month.index(cycle.start)..=Grain::Month.index(cycle.end);
        let to_come = |day: Day| (shop.last + 1..=cycle.end).contains(&day);
        Start {
            place,
            months_to_come: months().filter(|month| to_come(Grain::Month.end(*month))).count(),
            idle: prospects.idle.as_ref().map(|_| IdleStart::of(shop, cycle.start, cycle.end)),
            new_items: shop.last_new_items(MONTHS),
            months_to_begin: months().filter(|month| to_come(Grain::Month.start(*month))).count(),
        }
    }

    /// The place of the shop among all.
    pub fn place(&self) -> usize {
        self.place
    }
}

fn is_of_service(measure: &Measure) -> bool {
    matches!(measure, Measure::ServiceScore { .. } | Measure::ServiceScoreMean | Measure::ServiceMonthsBelow(_))
}

impl<'a> AtEnd<'a> {
    /// Draws what is not counted by days.
    pub fn draw(judge: &'a Judge<'a>, prospects: &'a Prospects, start: &'a Start, sums: &'a Sums<f64>, random: &mut Random) -> AtEnd<'a> {
        let scores = prospects.scores.as_ref().map(|scores| scores.draw(start.place, start.months_to_come, random)).unwrap_or_default();
        AtEnd { judge, prospects, start, sums, scores }
    }

    /// Whether a requirement is met; one that does not apply is. `limit` is the threshold by simulated peers.
    pub fn meets(&self, prepared: &PreparedRequirement<'_>, judgement: &Judgement, limit: Option<f64>, random: &mut Random) -> bool {
        let is_conditional = judgement.status == Status::NotApplicable && !prepared.conditions.is_empty();
        if judgement.status.is_met().is_none() && !is_conditional {
            return true;
        }
        let is_asked = prepared.conditions.iter().all(|(condition, measure)| {
            let now = || self.judge.shop.figure(measure, self.judge.cycle.start, self.judge.last()).value();
            let value = if measure.is_of_days() { measure.over(self.sums) } else { now() };
            value.is_some_and(|value| {
                let value = measure.in_results(value);
                condition.at_least.is_none_or(|least| value >= least) && condition.at_most.is_none_or(|most| value <= most)
            })
        });
        if !is_asked {
            return true;
        }
        let Some(value) = self.value(prepared, judgement, random) else { return judgement.status.is_met().unwrap_or(true) };
        match prepared.requirement.levels.first() {
            // A level is reached with its points, not only above them.
            Some(first) if is_open(&prepared.requirement.test) => value < first.points,
            _ => limit.or(judgement.threshold).is_none_or(|threshold| side_of(prepared.requirement).holds(value, threshold)),
        }
    }

    /// The value of a requirement; `None` where it stays as it is today.
    fn value(&self, prepared: &PreparedRequirement<'_>, judgement: &Judgement, random: &mut Random) -> Option<f64> {
        let Judge { shop, cycle, .. } = self.judge;
        let place = self.start.place;
        match &prepared.measure {
            measure if prepared.is_of_days => measure.over(self.sums),
            Measure::NewItems => self.new_items(prepared, judgement, random),
            measure if is_of_service(measure) => shop.service_at_end(measure, cycle.start, cycle.end, &self.scores),
            Measure::IdleMonths => {
                let (idle, start) = (self.prospects.idle.as_ref()?, self.start.idle.as_ref()?);
                Some(idle.longest(place, start, random) as f64)
            }
            Measure::Points(kind) => Some(self.violations(*kind)?.points_at_end(shop, place, cycle.end, random)),
            Measure::RedLines => {
                Some(self.violations(ViolationKind::RedLine)?.number_at_end(shop, place, (cycle.start, cycle.end), random))
            }
            _ => None,
        }
    }

    fn violations(&self, kind: ViolationKind) -> Option<&Violations> {
        self.prospects.violations.iter().find(|(of, _)| *of == kind).map(|(_, violations)| violations)
    }

    /// Those so far, and as many in each month that begins as in one drawn from a sample, with replacement, of the last twelve: the last
    /// months are themselves a sample of what the shop does. Peers that are not simulated are taken to go on as so far.
    fn new_items(&self, prepared: &PreparedRequirement<'_>, judgement: &Judgement, random: &mut Random) -> Option<f64> {
        let last = &self.start.new_items;
        let sampled: Vec<f64> = (0..last.len()).filter_map(|_| last.get(random.below(last.len())).copied()).collect();
        let to_come = (0..self.start.months_to_begin).filter_map(|_| sampled.get(random.below(sampled.len())));
        let value = judgement.value? + to_come.sum::<f64>();
        // The threshold of peers is that of the days gone, unless it comes from figures of the platform.
        let is_to_date = !matches!(prepared.requirement.test, Test::AtLeast(_) | Test::AtMost(_)) && !judgement.is_prorated;
        Some(if is_to_date { value * self.judge.elapsed(self.judge.last()) } else { value })
    }
}
