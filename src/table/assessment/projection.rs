//! Projection: the probable end of a running cycle, by simulating its remaining days.
//!
//! Each simulation strings together whole weeks drawn from the shop's last quarter of a year, the same weeks for all shops of a cycle,
//! so that common movements stay common (a block bootstrap: H. Künsch, "The Jackknife and the
//! Bootstrap for General Stationary Observations", Annals of Statistics 17, 1989). The weeks are scaled by the season of all
//! shops together a year before, and by the level of the shop, which is as uncertain as past forecasts of the same length were. What is
//! not counted by days is drawn beside them: service scores, months without business, new items, violations. Figures of the platform and
//! snapshots of scores keep their value.
//!
//! Each shop has random numbers of its own: one shop more or less moves the figures of another only as far as they are compared, and a cycle costs
//! what its own shops and their peers do.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashSet;

use super::at_end::{AtEnd, PreparedRequirement, Prospects, Start};
use super::days_to_come::Past;
use super::figures::ShopFigures;
use super::judge::{Judge, Judgement};
use crate::input::records::facts::Facts;
use crate::job::rule::{Peers, Rule, Test};
use crate::metric::assessed::best_of;
use crate::metric::cycle::Cycle;
use crate::metric::ratio::{mean, ratio};
use crate::metric::sums::Sums;
use crate::metric::verdict::{Status, not_bottom};
use crate::spec::Day;
use crate::statistics::random::{Random, mix};

/// The number of simulations.
const SIMULATIONS: i64 = 500;

/// The seed of the random numbers.
const SEED: u64 = 0x6875_6974_6f75;

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
    past: Past<'a>,
    /// By code of a shop: the hash of its id.
    hashes: &'a [u64],
}

/// The threshold of a requirement by the simulated values of peers, by category.
type Limits<'a> = BTreeMap<Option<&'a str>, Option<f64>>;

/// The shops that are drawn: their places, ascending, and the sums of each at the end of a simulation.
type Ends<'a> = (&'a [usize], &'a [Sums<f64>]);

/// A shop in a running cycle, and in how many simulations it meets what is required.
struct Projected<'a> {
    judge: &'a Judge<'a>,
    judgements: &'a [Judgement],
    /// `None` if the shop has no figures.
    start: Option<Start>,
    /// By requirement.
    met: Vec<i64>,
    all_met: i64,
}

impl<'a> Projector<'a> {
    /// A projector for the shops, of which `hashes` has by code the hash of the id.
    pub fn new(shops: &'a [Arc<ShopFigures>], hashes: &'a [u64], as_of: Day) -> Self {
        Projector { past: Past::of(shops, as_of), hashes }
    }

    /// Projects the cycles of these judges, which are of one group; `None` if nothing is required of the shop.
    pub fn project(&self, rule: &Rule, facts: &Facts, judges: &[Judge<'_>], judged: &[Vec<Judgement>]) -> Vec<Option<Projection>> {
        let Some(cycle) = judges.first().map(|judge| judge.cycle) else { return Vec::new() };
        let requirements = PreparedRequirement::all(rule, facts);
        let prospects = Prospects::of(self.past.shops, &requirements, self.past.as_of);
        let mut all: Vec<Projected<'_>> =
            judges.iter().zip(judged).map(|(judge, judgements)| self.before_simulations(judge, judgements, &prospects)).collect();
        let own: HashSet<usize> = all.iter().filter_map(|projected| projected.start.as_ref().map(Start::place)).collect();
        let compares = requirements.iter().any(has_moving_limit);
        let is_peer = |shop: &ShopFigures| judges.first().is_some_and(|judge| judge.group.is_eligible(shop.shop));
        let drawn = self.past.shops.iter().enumerate().filter(|(place, shop)| own.contains(place) || (compares && is_peer(shop)));
        let (places, mut randoms): (Vec<usize>, Vec<Random>) = drawn.map(|(place, shop)| (place, self.random_of(shop, cycle))).unzip();
        let days = self.past.days_to_come(cycle, &requirements, &places);
        let mut random = Random::new(seed_of(cycle));
        for _ in 0..SIMULATIONS {
            let common = days.draw(&mut random);
            let ends = days.ends(&common, &mut randoms);
            let drawn = (places.as_slice(), ends.as_slice());
            let limits: Vec<Limits<'_>> = requirements.iter().map(|requirement| self.limits(rule, requirement, judges, drawn)).collect();
            for projected in &mut all {
                projected.count(&requirements, &prospects, drawn, &limits, &mut randoms);
            }
        }
        all.iter().map(Projected::projection).collect()
    }

    fn before_simulations<'j>(&self, judge: &'j Judge<'j>, judgements: &'j [Judgement], prospects: &Prospects) -> Projected<'j> {
        let place = self.past.shops.binary_search_by_key(&judge.shop.shop, |shop| shop.shop).ok();
        let start = place.map(|place| Start::of(judge, place, prospects));
        Projected { judge, judgements, start, met: vec![0; judgements.len()], all_met: 0 }
    }

    /// The random numbers of a shop in a cycle.
    fn random_of(&self, shop: &ShopFigures, cycle: Cycle) -> Random {
        let hash = self.hashes.get(shop.shop as usize).copied().unwrap_or(0);
        Random::new(mix(seed_of(cycle) ^ hash))
    }

    /// The limits from the simulated values of a requirement's peers, by category; empty if the limit does not move.
    fn limits<'j>(&self, rule: &Rule, prepared: &PreparedRequirement<'_>, judges: &'j [Judge<'_>], (places, ends): Ends<'_>) -> Limits<'j> {
        let mut limits = BTreeMap::new();
        if !has_moving_limit(prepared) {
            return limits;
        }
        for judge in judges {
            let category = judge.shop.category();
            if limits.contains_key(&category) || (category.is_none() && rule.peers == Peers::Category) {
                continue;
            }
            let is_peer =
                |shop: &ShopFigures| judge.group.is_eligible(shop.shop) && (rule.peers == Peers::All || shop.category() == category);
            let drawn = places.iter().zip(ends).filter_map(|(place, end)| Some((self.past.shops.get(*place)?, end)));
            let values: Vec<f64> = drawn.filter(|(shop, _)| is_peer(shop)).filter_map(|(_, end)| prepared.measure.over(end)).collect();
            let limit = match prepared.requirement.test {
                _ if values.len() < judge.least_peers => None,
                Test::NotBottom { share } => not_bottom(&values, best_of(&prepared.requirement.metric), share),
                _ => mean(&values),
            };
            limits.insert(category, limit);
        }
        limits
    }
}

impl Projected<'_> {
    /// Counts which requirements are met at the end of one simulation. `limits` are the thresholds of the requirements by their peers, `randoms` the
    /// random numbers of the shops that are drawn.
    fn count(
        &mut self,
        requirements: &[PreparedRequirement<'_>],
        prospects: &Prospects,
        (places, ends): Ends<'_>,
        limits: &[Limits<'_>],
        randoms: &mut [Random],
    ) {
        let Some(start) = &self.start else { return };
        let Ok(at) = places.binary_search(&start.place()) else { return };
        let (Some(end), Some(random)) = (ends.get(at), randoms.get_mut(at)) else { return };
        let at_end = AtEnd::draw(self.judge, prospects, start, end, random);
        let mut is_all = true;
        for (which, (requirement, judgement)) in requirements.iter().zip(self.judgements).enumerate() {
            let limit = limits[which].get(&self.judge.shop.category()).copied().flatten();
            let is_met = at_end.meets(requirement, judgement, limit, random);
            self.met[which] += i64::from(is_met);
            is_all &= is_met;
        }
        self.all_met += i64::from(is_all);
    }

    /// The shares of all simulations.
    fn projection(&self) -> Option<Projection> {
        let share = |met: i64| ratio(met, SIMULATIONS);
        let of_one = |(judgement, met): (&Judgement, &i64)| judgement.status.is_met().and_then(|_| share(*met));
        let by_requirement: Vec<Option<f64>> = self.judgements.iter().zip(&self.met).map(of_one).collect();
        // A measure that is unknown today is unknown at the end.
        let is_known = self.judgements.iter().all(|judgement| judgement.status != Status::Unknown);
        let probability = share(self.all_met).filter(|_| is_known);
        by_requirement.iter().any(Option::is_some).then_some(Projection { probability, by_requirement })
    }
}

/// Whether the threshold of a requirement follows from what its peers do in the days to come.
fn has_moving_limit(prepared: &PreparedRequirement<'_>) -> bool {
    prepared.is_of_days && matches!(prepared.requirement.test, Test::NotBottom { .. } | Test::AtLeastPeerMean | Test::AtMostPeerMean)
}

/// One seed for each cycle, so that cycles are independent of each other.
fn seed_of(cycle: Cycle) -> u64 {
    SEED ^ ((cycle.start as u64) << 32) ^ cycle.end as u64
}
