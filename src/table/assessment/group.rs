//! Groups: the eligible shops of one rule in one span of days, with their values of each requirement, to compare shops with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::figures::ShopFigures;
use crate::job::rule::{Peers, Rule};
use crate::metric::assessed::best_of;
use crate::metric::cycle::was_open;
use crate::metric::measure::Measure;
use crate::metric::peers::{PeerPosition, PeerRanks};
use crate::spec::Day;

/// The eligible shops of a span of days.
pub struct Group {
    eligible: BTreeSet<u32>,
    /// By category, for each requirement; under `None` where all shops are peers.
    peers: BTreeMap<Option<String>, Vec<PeerValues>>,
}

/// The peers of a shop by one requirement.
pub struct PeerValues {
    /// Ascending.
    shops: Vec<u32>,
    /// Their values.
    values: Vec<Option<f64>>,
    /// The existing values, ascending.
    sorted: Vec<f64>,
    ranks: PeerRanks,
}

impl PeerValues {
    /// The existing values, ascending.
    pub fn sorted(&self) -> &[f64] {
        &self.sorted
    }

    /// The position of a shop among them; the shop need not be one of them.
    pub fn position(&self, shop: u32, metric: &str) -> PeerPosition {
        PeerPosition::among(&self.ranks, &self.sorted, &self.values, self.shops.binary_search(&shop).ok(), best_of(metric))
    }
}

impl Group {
    /// Collects the shops that a rule compares with those of some categories, from one day to another, which is not after the as-of date.
    /// With fewer than `least` values there is no comparison.
    pub fn new(
        rule: &Rule,
        shops: &[Arc<ShopFigures>],
        categories: &BTreeSet<Option<&str>>,
        (from, to): (Day, Day),
        least: usize,
    ) -> Group {
        let measures: Vec<Measure> = rule.requirements.iter().map(Measure::of).collect();
        let is_wanted = |shop: &&Arc<ShopFigures>| rule.peers == Peers::All || categories.contains(&shop.category());
        let is_eligible = |shop: &&Arc<ShopFigures>| shop.begin <= to && was_open(shop.opened, rule.open_months, from);
        let (mut eligible, mut members) = (BTreeSet::new(), BTreeMap::<Option<String>, Vec<(u32, Vec<Option<f64>>)>>::new());
        for shop in shops.iter().filter(is_wanted).filter(is_eligible) {
            eligible.insert(shop.shop);
            let key = if rule.peers == Peers::All { None } else { shop.category().map(str::to_owned) };
            // A shop without a category is not a peer of any shop.
            if rule.peers == Peers::All || key.is_some() {
                let values = measures.iter().map(|measure| shop.figure(measure, from, to).value()).collect();
                members.entry(key).or_default().push((shop.shop, values));
            }
        }
        let peer_values = |members: &[(u32, Vec<Option<f64>>)], requirement: usize| {
            let values: Vec<Option<f64>> = members.iter().map(|(_, values)| values.get(requirement).copied().flatten()).collect();
            let mut sorted: Vec<f64> = values.iter().flatten().copied().collect();
            sorted.sort_unstable_by(f64::total_cmp);
            let best = best_of(rule.requirements.get(requirement).map_or("", |requirement| requirement.metric.as_str()));
            let ranks = PeerRanks::of(&values, best, least);
            PeerValues { shops: members.iter().map(|(shop, _)| *shop).collect(), values, sorted, ranks }
        };
        let peers = members
            .into_iter()
            .map(|(key, members)| (key, (0..measures.len()).map(|requirement| peer_values(&members, requirement)).collect()));
        Group { eligible, peers: peers.collect() }
    }

    /// Whether the group has the shop.
    pub fn is_eligible(&self, shop: u32) -> bool {
        self.eligible.contains(&shop)
    }

    /// The peers of a shop of that category by the requirement of that number; `None` without any.
    pub fn values(&self, requirement: usize, peers: Peers, category: Option<&str>) -> Option<&PeerValues> {
        let key = if peers == Peers::All { None } else { Some(category?.to_owned()) };
        self.peers.get(&key)?.get(requirement)
    }
}
