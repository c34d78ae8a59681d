//! Projection: the probable end of a running cycle, by simulating its remaining days.
//!
//! Each simulation strings together whole weeks drawn from the shop's last quarter of a year, the same weeks for all shops,
//! so that common movements stay common (a block bootstrap: H. Künsch, "The Jackknife and the
//! Bootstrap for General Stationary Observations", Annals of Statistics 17, 1989). The weeks are scaled by the season of all
//! shops together a year before, and by a level of the shop's own, as uncertain as past forecasts of the same length were for the shops.
//! The service scores of future months are drawn from those of the last twelve. Other measures that are not counted by days (violations,
//! idle months) keep their value.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::figures::ShopFigures;
use super::judge::{Judge, Judgement, side_of};
use super::season::Season;
use crate::input::records::facts::{Facts, Scores};
use crate::job::rule::{Condition, Peers, Requirement, Rule, Test};
use crate::metric::assessed::best_of;
use crate::metric::measure::Measure;
use crate::metric::ratio::{mean, ratio, ratio_of};
use crate::metric::sums::Sums;
use crate::metric::verdict::{Status, not_bottom};
use crate::spec::Day;
use crate::statistics::random::Random;

/// The number of simulations.
const SIMULATIONS: i64 = 500;

/// Weeks that simulations draw from.
const WEEKS: usize = 13;

/// The projected end of a cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// The share of the simulations in which all requirements are met; `None` if one of them is unknown.
    pub probability: Option<f64>,
    /// By requirement: the share of the simulations in which it is met; `None` if it is not judged.
    pub by_requirement: Vec<Option<f64>>,
}

/// Projects the cycles of all groups.
pub struct Projector<'a> {
    shops: &'a [Arc<ShopFigures>],
    season: Season<'a>,
    as_of: Day,
}

/// The remaining days of a shop's cycle.
struct RemainingDays {
    shop: u32,
    /// The sums of the cycle so far; of the ratings, those that will still count at its end.
    so_far: Sums<f64>,
    /// The last weeks, the latest first.
    weeks: Vec<Week>,
}

/// A past week.
struct Week {
    whole: Sums<f64>,
    /// The sums of its first days, as many as the cycle has beyond whole weeks.
    first_days: Sums<f64>,
}

/// A requirement, prepared to be judged in every simulation.
struct PreparedRequirement<'a> {
    requirement: &'a Requirement,
    measure: Measure,
    conditions: Vec<(&'a Condition, Measure)>,
    /// Whether simulations change its value.
    is_simulated: bool,
}

impl<'a> Projector<'a> {
    /// A projector for the shops.
    pub fn new(shops: &'a [Arc<ShopFigures>], as_of: Day) -> Self {
        Projector { shops, season: Season::new(shops), as_of }
    }

    /// Projects the cycles of these judges, which are of one group; `None` if nothing is required of the shop.
    pub fn project(&self, rule: &Rule, facts: &Facts, judges: &[Judge<'_>], judged: &[Vec<Judgement>]) -> Vec<Option<Projection>> {
        let Some(cycle) = judges.first().map(|judge| judge.cycle) else { return Vec::new() };
        let days_left = (cycle.end - self.as_of).max(0) as usize;
        let remaining: Vec<RemainingDays> = self.shops.iter().map(|shop| self.remaining_days(shop, cycle.start, cycle.end)).collect();
        let scores_are_events = matches!(facts.scores, Some(Scores::Events(_)));
        let is_simulated =
            |measure: &Measure| measure.is_of_days() && (scores_are_events || !matches!(measure, Measure::Score(_) | Measure::ScoreMean));
        let requirements: Vec<PreparedRequirement<'_>> = rule
            .requirements
            .iter()
            .map(|requirement| {
                let measure = Measure::of(requirement);
                let conditions = requirement.when.iter().map(|condition| (condition, Measure::named(&condition.metric))).collect();
                PreparedRequirement { requirement, is_simulated: is_simulated(&measure), measure, conditions }
            })
            .collect();
        let blocks: Vec<f64> = (0..days_left.div_ceil(7)).map(|week| self.season.factor(self.as_of, week as i32 * 7, 7)).collect();
        let spread = self.season.spread(self.as_of, days_left as i32);
        let positions: Vec<Option<usize>> =
            judges.iter().map(|judge| remaining.binary_search_by_key(&judge.shop.shop, |days| days.shop).ok()).collect();
        let mut met = vec![vec![0i64; requirements.len()]; judges.len()];
        let mut all_met = vec![0i64; judges.len()];
        // One random stream for each cycle, independent of the other cycles.
        let mut random = Random::new(SEED ^ ((cycle.start as u64) << 32) ^ cycle.end as u64);
        for _ in 0..SIMULATIONS {
            let weights = Weights::draw(&blocks, days_left, &mut random);
            let ends: Vec<Sums<f64>> = remaining.iter().map(|days| days.end(&weights, (spread * random.normal()).exp())).collect();
            let limits: Vec<BTreeMap<Option<&str>, Option<f64>>> =
                requirements.iter().map(|requirement| self.limits(rule, requirement, judges, &ends)).collect();
            for (number, (judge, judgements)) in judges.iter().zip(judged).enumerate() {
                let Some(end) = positions.get(number).copied().flatten().and_then(|at| ends.get(at)) else { continue };
                let mut is_all = true;
                for (which, (requirement, judgement)) in requirements.iter().zip(judgements).enumerate() {
                    let limit = limits[which].get(&judge.shop.category()).copied().flatten();
                    let is_met = requirement.is_met(judge, judgement, end, limit, &mut random);
                    met[number][which] += i64::from(is_met);
                    is_all &= is_met;
                }
                all_met[number] += i64::from(is_all);
            }
        }
        let share = |count: i64| ratio(count, SIMULATIONS);
        judged
            .iter()
            .zip(met)
            .zip(all_met)
            .map(|((judgements, met), all_met)| {
                let by_requirement: Vec<Option<f64>> =
                    judgements.iter().zip(met).map(|(judgement, met)| judgement.status.is_met().and_then(|_| share(met))).collect();
                // A measure that is unknown today is unknown at the end.
                let is_known = judgements.iter().all(|judgement| judgement.status != Status::Unknown);
                let probability = share(all_met).filter(|_| is_known);
                by_requirement.iter().any(Option::is_some).then_some(Projection { probability, by_requirement })
            })
            .collect()
    }

    fn remaining_days(&self, shop: &ShopFigures, start: Day, end: Day) -> RemainingDays {
        let so_far = shop.sums_that_count_on(start, end);
        let rest = (end - self.as_of).max(0) % 7;
        let weeks = (0..WEEKS as i32).map(|week| self.as_of - 7 * (week + 1) + 1).filter(|first| *first >= shop.first);
        let week = |first: Day| Week { whole: shop.sums(first, first + 6), first_days: shop.sums(first, first + rest - 1) };
        RemainingDays { shop: shop.shop, so_far, weeks: weeks.map(week).collect() }
    }

    /// The limits from the simulated values of a requirement's peers, by category; empty if the limit does not move.
    fn limits<'j>(
        &self,
        rule: &Rule,
        prepared: &PreparedRequirement<'_>,
        judges: &'j [Judge<'_>],
        ends: &[Sums<f64>],
    ) -> BTreeMap<Option<&'j str>, Option<f64>> {
        let mut limits = BTreeMap::new();
        let test = &prepared.requirement.test;
        if !prepared.is_simulated || !matches!(test, Test::NotBottom { .. } | Test::AtLeastPeerMean | Test::AtMostPeerMean) {
            return limits;
        }
        for judge in judges {
            let category = judge.shop.category();
            if limits.contains_key(&category) || (category.is_none() && rule.peers == Peers::Category) {
                continue;
            }
            let is_peer =
                |shop: &ShopFigures| judge.group.is_eligible(shop.shop) && (rule.peers == Peers::All || shop.category() == category);
            let peers = self.shops.iter().zip(ends).filter(|(shop, _)| is_peer(shop));
            let values: Vec<f64> = peers.filter_map(|(_, end)| prepared.measure.over(end)).collect();
            let limit = match *test {
                _ if values.len() < judge.least_peers => None,
                Test::NotBottom { share } => not_bottom(&values, best_of(&prepared.requirement.metric), share),
                _ => mean(&values),
            };
            limits.insert(category, limit);
        }
        limits
    }
}

/// The seed of the random numbers.
const SEED: u64 = 0x6875_6974_6f75;

/// The weight of each past week, whole and in part, including the season.
struct Weights {
    whole: [f64; WEEKS],
    part: [f64; WEEKS],
}

impl Weights {
    fn draw(blocks: &[f64], days_left: usize, random: &mut Random) -> Weights {
        let mut weights = Weights { whole: [0.0; WEEKS], part: [0.0; WEEKS] };
        // The past weeks are themselves a sample: drawing from a sample of them allows for true rates of the shop that differ from
        // those of these weeks.
        let sampled: [usize; WEEKS] = std::array::from_fn(|_| random.below(WEEKS));
        for (number, factor) in blocks.iter().enumerate() {
            let week = sampled[random.below(WEEKS)];
            let kind = if (number + 1) * 7 <= days_left { &mut weights.whole } else { &mut weights.part };
            kind[week] += factor;
        }
        weights
    }
}

impl RemainingDays {
    /// The sums at the end of the cycle.
    fn end(&self, weights: &Weights, level: f64) -> Sums<f64> {
        let mut end = self.so_far;
        // A young shop has fewer weeks, which are drawn more often.
        let count = self.weeks.len().max(1);
        for (week, (whole, part)) in weights.whole.iter().zip(&weights.part).enumerate() {
            let Some(week) = self.weeks.get(week % count) else { continue };
            let drawn = week.whole.with(&week.first_days, |all, first| level * (whole * all + part * first));
            end = end.with(&drawn, |end, more| end + more);
        }
        end
    }
}

impl PreparedRequirement<'_> {
    /// Whether a requirement is met at the end of a simulation; one that does not apply is met.
    fn is_met(&self, judge: &Judge<'_>, judgement: &Judgement, end: &Sums<f64>, limit: Option<f64>, random: &mut Random) -> bool {
        let is_conditional = judgement.status == Status::NotApplicable && !self.conditions.is_empty();
        if judgement.status.is_met().is_none() && !is_conditional {
            return true;
        }
        let is_asked = self.conditions.iter().all(|(condition, measure)| {
            let now = || judge.shop.figure(measure, judge.cycle.start, judge.last()).value();
            let value = if measure.is_of_days() { measure.over(end) } else { now() };
            value.is_some_and(|value| {
                let value = measure.in_results(value);
                condition.at_least.is_none_or(|least| value >= least) && condition.at_most.is_none_or(|most| value <= most)
            })
        });
        if !is_asked {
            return true;
        }
        let side = side_of(self.requirement);
        let value = match (&self.measure, self.is_simulated) {
            (measure, true) => measure.over(end),
            (measure, false) if measure.accumulates() => judgement.value.and_then(|value| ratio_of(value, judge.elapsed(judge.last()))),
            (Measure::ServiceScore { without }, _) => judge.shop.service_score_at(judge.cycle.start, judge.cycle.end, *without, random),
            // As today.
            _ => return judgement.status.is_met().unwrap_or(true),
        };
        value.zip(limit.or(judgement.threshold)).is_none_or(|(value, threshold)| side.holds(value, threshold))
    }
}
