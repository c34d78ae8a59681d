//! Assess: judges every shop in every cycle by every rule, requirement by requirement, and projects the cycles that still run.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::figures::{SHOP_FIGURES, ShopFigures};
use super::group::Group;
use super::judge::{Judge, Judgement};
use super::outlook::{Outlook, outlook};
use super::projection::{Projection, Projector};
use crate::history::Context;
use crate::input::records::facts::Facts;
use crate::job::rule::{Rule, Test};
use crate::metric::cycle::{Cycle, cycles};
use crate::metric::verdict::Status;
use crate::spec::Day;
use crate::table::night::{Read, Shared};

/// One shop in one cycle of one assessment.
pub struct Assessment {
    /// The rule in force in the cycle.
    pub rule: Arc<Rule>,
    /// The shop.
    pub shop: Arc<ShopFigures>,
    /// The cycle.
    pub cycle: Cycle,
    /// Whether the cycle is over.
    pub is_complete: bool,
    /// By requirement: the judgement.
    pub judgements: Vec<Judgement>,
    /// By requirement: what it takes to meet it by the end, if the cycle runs.
    pub outlooks: Vec<Outlook>,
    /// The projection of the end, if the cycle runs.
    pub projection: Option<Projection>,
}

impl Assessment {
    /// The status of the whole.
    pub fn status(&self) -> Status {
        let all: Vec<Status> = self.judgements.iter().map(|judgement| judgement.status).collect();
        Status::of_all(&all)
    }
}

/// A cycle of a shop that its rule judges.
#[derive(Clone, Copy)]
struct ShopCycle<'a> {
    rule: &'a Arc<Rule>,
    /// The position of the shop among all.
    place: usize,
    cycle: Cycle,
}

/// All assessments, by (assessment, shop, start of the cycle).
pub(super) fn assess(context: &Context, shops: &[Arc<ShopFigures>], facts: &Facts) -> Vec<Arc<Assessment>> {
    // Shops under one rule on the same days compare with the same group, which is made once.
    let mut by_group: BTreeMap<(usize, Day, Day), Vec<ShopCycle<'_>>> = BTreeMap::new();
    for (number, rule) in context.rules.iter().enumerate() {
        let is_of_its_time = |start: Day| rule.valid_from.is_none_or(|from| from <= start) && rule.valid_to.is_none_or(|to| start <= to);
        for (place, shop) in shops.iter().enumerate() {
            for cycle in cycles(rule.period, shop.opened, shop.begin, context.as_of) {
                if is_of_its_time(cycle.start) {
                    by_group.entry((number, cycle.start, cycle.end)).or_default().push(ShopCycle { rule, place, cycle });
                }
            }
        }
    }
    let groups: Vec<Vec<ShopCycle<'_>>> = by_group.into_values().collect();
    let hashes = context.shops.hashes();
    let projector = Projector::new(shops, &hashes, context.as_of);
    let assessed = |cycles: &Vec<ShopCycle<'_>>| of_group(context, shops, facts, &projector, cycles).into_iter().map(Arc::new);
    let mut all: Vec<Arc<Assessment>> = groups.par_iter().flat_map_iter(assessed).collect();
    all.sort_by(|a, b| (&a.rule.assessment, a.shop.shop, a.cycle.start).cmp(&(&b.rule.assessment, b.shop.shop, b.cycle.start)));
    all
}

/// Makes the assessments of shops that compare with one group.
fn of_group(
    context: &Context,
    shops: &[Arc<ShopFigures>],
    facts: &Facts,
    projector: &Projector<'_>,
    cycles: &[ShopCycle<'_>],
) -> Vec<Assessment> {
    let Some(ShopCycle { rule, cycle, .. }) = cycles.first().copied() else { return Vec::new() };
    let last = cycle.end.min(context.as_of);
    let least_peers = rule.min_peers.map_or(context.params.min_peers as usize, |least| least as usize);
    let categories = cycles.iter().map(|of| shops[of.place].category()).collect();
    let group = Group::new(rule, shops, &categories, (cycle.start, last), least_peers);
    let benchmarks = facts.benchmarks.as_deref().unwrap_or_default();
    let judge = |of: &ShopCycle<'_>| Judge { rule, shop: &shops[of.place], cycle: of.cycle, group: &group, benchmarks, least_peers };
    let is_complete = cycle.end <= context.as_of;
    let judges: Vec<Judge<'_>> = cycles.iter().map(judge).collect();
    let judged: Vec<Vec<Judgement>> = judges
        .iter()
        .map(|judge| rule.requirements.iter().enumerate().map(|(number, requirement)| judge.judge(number, requirement)).collect())
        .collect();
    let projections = if is_complete { Vec::new() } else { projector.project(rule, facts, &judges, &judged) };
    let mut projections = projections.into_iter();
    cycles
        .iter()
        .zip(&judges)
        .zip(judged)
        .map(|((of, judge), judgements)| Assessment {
            rule: Arc::clone(rule),
            shop: Arc::clone(&shops[of.place]),
            cycle: of.cycle,
            is_complete,
            outlooks: rule
                .requirements
                .iter()
                .zip(&judgements)
                .map(|(requirement, judgement)| outlook(judge, requirement, judgement))
                .collect(),
            judgements,
            projection: projections.next().flatten(),
        })
        .collect()
}

/// The result of every shop in every assessment of the job's rule files.
pub static ASSESSED: Shared<Vec<Arc<Assessment>>> = Shared {
    name: "assessed",
    not_requested: |request| (!request.has_rules).then_some("the job names no rule files (`assessments`)"),
    reads: |_| vec![Read::Shared(&SHOP_FIGURES)],
    make: |night| Ok(assess(&night.context, &night.shared(&SHOP_FIGURES)?, &night.facts)),
};

/// The name of a test in rule files and results.
pub fn name_of(test: &Test) -> &'static str {
    match test {
        Test::AtLeast(_) => "at_least",
        Test::AtMost(_) => "at_most",
        Test::NotBottom { .. } => "not_bottom",
        Test::AtLeastPeerMean => "at_least_peer_mean",
        Test::AtMostPeerMean => "at_most_peer_mean",
    }
}
