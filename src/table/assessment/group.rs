//! Groups: the eligible shops of one rule in one span of days, with their values of each requirement, for whoever is compared.

use super::figures::ShopFigures;
use crate::job::rule::{Peers, Rule};
use crate::metric::cycle::was_open;
use crate::metric::measure::Measure;
use crate::spec::Day;

/// The eligible shops of a span of days.
pub struct Group {
    /// By shop code.
    members: Vec<Member>,
}

struct Member {
    shop: u32,
    category: Option<String>,
    /// By requirement.
    values: Vec<Option<f64>>,
}

/// The peers of a shop by one requirement.
pub struct PeerValues {
    /// By shop code.
    pub shops: Vec<u32>,
    /// Their values.
    pub values: Vec<Option<f64>>,
}

impl PeerValues {
    /// The position of a shop among them.
    pub fn position_of(&self, shop: u32) -> Option<usize> {
        self.shops.binary_search(&shop).ok()
    }
}

impl Group {
    /// The shops that a rule can compare from one day to another, of which the later one is not after the as-of date.
    pub fn new(rule: &Rule, shops: &[ShopFigures<'_>], from: Day, to: Day) -> Group {
        let measures: Vec<Measure> = rule.requirements.iter().map(Measure::of).collect();
        let eligible = shops.iter().filter(|shop| shop.begin <= to && was_open(shop.opened, rule.open_months, from));
        let members = eligible.map(|shop| Member {
            shop: shop.shop,
            category: shop.category.map(str::to_owned),
            values: measures.iter().map(|measure| shop.figure(measure, from, to).value()).collect(),
        });
        Group { members: members.collect() }
    }

    /// Whether a shop is among them.
    pub fn is_eligible(&self, shop: u32) -> bool {
        self.members.binary_search_by_key(&shop, |member| member.shop).is_ok()
    }

    /// The values of the requirement of that number that a shop of that category compares with; `None` where its category
    /// is unknown and peers are those of a category.
    pub fn values(&self, requirement: usize, peers: Peers, category: Option<&str>) -> Option<PeerValues> {
        if peers == Peers::Category && category.is_none() {
            return None;
        }
        let is_peer = |member: &&Member| peers == Peers::All || member.category.as_deref() == category;
        let members: Vec<&Member> = self.members.iter().filter(is_peer).collect();
        Some(PeerValues {
            shops: members.iter().map(|member| member.shop).collect(),
            values: members.iter().map(|member| member.values.get(requirement).copied().flatten()).collect(),
        })
    }
}
