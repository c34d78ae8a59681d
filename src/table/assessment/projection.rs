//! Projection: the probable end of a running cycle, by simulating its remaining days.
//!
//! Each simulation strings together whole weeks drawn from the shop's last quarter of a year, the same weeks for all shops,
//! so that common movements stay common (a block bootstrap: H. Künsch, "The Jackknife and the
//! Bootstrap for General Stationary Observations", Annals of Statistics 17, 1989). The weeks are scaled by the season of all
//! shops together a year before, and by the level of the shop, which is as uncertain as past forecasts of the same length were. What is
//! not counted by days is drawn beside them: service scores, months without business, new items, violations. Figures of the platform and
//! snapshots of scores keep their value.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::at_end::{AtEnd, PreparedRequirement, Prospects, Start};
use super::figures::ShopFigures;
use super::judge::{Judge, Judgement};
use super::level::Level;
use super::rare_days::RareDays;
use super::season::Season;
use super::weeks::{AllWeeks, Week, Weights};
use crate::input::records::facts::Facts;
use crate::job::rule::{Peers, Rule, Test};
use crate::metric::assessed::best_of;
use crate::metric::ratio::{mean, ratio};
use crate::metric::sums::Sums;
use crate::metric::verdict::{Status, not_bottom};
use crate::spec::Day;
use crate::statistics::random::Random;

/// The number of simulations.
const SIMULATIONS: i64 = 500;

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
    weeks: AllWeeks,
    as_of: Day,
}

/// The remaining days of a shop's cycle.
struct RemainingDays {
    /// The sums of the cycle so far; of the ratings, those that will still count at its end.
    so_far: Sums<f64>,
    /// The last weeks, the latest first.
    weeks: Vec<Week>,
}

impl<'a> Projector<'a> {
    /// A projector for the shops.
    pub fn new(shops: &'a [Arc<ShopFigures>], as_of: Day) -> Self {
        Projector { shops, season: Season::new(shops), weeks: AllWeeks::of(shops, as_of), as_of }
    }

    /// Projects the cycles of these judges, which are of one group; `None` if nothing is required of the shop.
    pub fn project(&self, rule: &Rule, facts: &Facts, judges: &[Judge<'_>], judged: &[Vec<Judgement>]) -> Vec<Option<Projection>> {
        let Some(cycle) = judges.first().map(|judge| judge.cycle) else { return Vec::new() };
        let days_left = (cycle.end - self.as_of).max(0);
        let remaining: Vec<RemainingDays> = self.shops.iter().map(|shop| self.remaining_days(shop, cycle.start, cycle.end)).collect();
        let requirements = PreparedRequirement::all(rule, facts);
        let prospects = Prospects::of(self.shops, &requirements, self.as_of);
        let blocks: Vec<f64> =
            (0..(days_left + 6).div_euclid(7)).map(|week| self.season.factor(self.as_of, week * 7, 7).unwrap_or(1.0)).collect();
        let level = Level::of(self.shops, &self.season, self.as_of, days_left);
        let rare = RareDays::of(self.shops, &requirements, cycle.start, self.as_of);
        let starts: Vec<Option<Start>> = judges
            .iter()
            .map(|judge| self.shops.binary_search_by_key(&judge.shop.shop, |shop| shop.shop).ok())
            .zip(judges)
            .map(|(place, judge)| place.map(|place| Start::of(judge, place, &prospects)))
            .collect();
        let mut met = vec![vec![0i64; requirements.len()]; judges.len()];
        let mut all_met = vec![0i64; judges.len()];
        // One random stream for each cycle, independent of the other cycles.
        let mut random = Random::new(SEED ^ ((cycle.start as u64) << 32) ^ cycle.end as u64);
        for _ in 0..SIMULATIONS {
            let weights = Weights::draw(&blocks, days_left as usize, &mut random);
            let common = level.common_spread * random.normal();
            let mut end_of = |(place, (days, mean)): (usize, (&RemainingDays, &f64))| {
                let own = level.own_spread * random.normal();
                let mut end = weights.end(&days.so_far, &days.weeks, (mean + common + own).exp());
                rare.draw(place, &days.so_far, &mut end, &mut random);
                end
            };
            let ends: Vec<Sums<f64>> = remaining.iter().zip(&level.means).enumerate().map(&mut end_of).collect();
            let limits: Vec<BTreeMap<Option<&str>, Option<f64>>> =
                requirements.iter().map(|requirement| self.limits(rule, requirement, judges, &ends)).collect();
            for (number, ((judge, judgements), start)) in judges.iter().zip(judged).zip(&starts).enumerate() {
                let Some(start) = start else { continue };
                let Some(end) = ends.get(start.place()) else { continue };
                let at_end = AtEnd::draw(judge, &prospects, start, end, &mut random);
                let mut is_all = true;
                for (which, (requirement, judgement)) in requirements.iter().zip(judgements).enumerate() {
                    let limit = limits[which].get(&judge.shop.category()).copied().flatten();
                    let is_met = at_end.meets(requirement, judgement, limit, &mut random);
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
        let rest = (end - self.as_of).max(0) % 7;
        RemainingDays { so_far: shop.sums_that_count_on(start, end), weeks: self.weeks.of_shop(shop, self.as_of, rest) }
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
        if !prepared.is_of_days || !matches!(test, Test::NotBottom { .. } | Test::AtLeastPeerMean | Test::AtMostPeerMean) {
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
