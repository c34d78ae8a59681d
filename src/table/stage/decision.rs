//! The decision: which rule holds for a shop in each month, and which stage the shop is in, since when and why.

use super::figures::Figures;
use crate::job::stage::{Stage, StageBound, StageRule};
use crate::spec::{Day, Grain, NO_DAY};

/// The stage of a shop in a month.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The stage; `None` as long as no rule ever held.
    pub stage: Option<Stage>,
    /// The first day of the first month of the stage, or [`NO_DAY`].
    pub since: Day,
    /// The number of the first rule that holds in the month, from 1, and its stage.
    pub candidate: Option<(i64, Stage)>,
    /// What the stage rests on, in words.
    pub reason: String,
}

/// The decisions of a shop's months, which follow one another from the month `first` on.
pub fn decisions(rules: &[StageRule], first: i32, months: &[Figures]) -> Vec<Decision> {
    let mut decisions: Vec<Decision> = Vec::with_capacity(months.len());
    for (month, figures) in (first..).zip(months) {
        let holding = (1..).zip(rules).find(|(_, rule)| rule.bounds.iter().all(|bound| bound.holds(figures.value(bound.figure))));
        let candidate = holding.map(|(number, rule)| (number, rule.stage));
        let (stage, since) = match (decisions.last(), candidate) {
            // The first stage needs no second month: there is none to stay in.
            (None | Some(Decision { stage: None, .. }), Some((_, stage))) => (Some(stage), Grain::Month.start(month)),
            (None | Some(Decision { stage: None, .. }), None) => (None, NO_DAY),
            (Some(Decision { stage: Some(before), candidate: Some((_, last)), .. }), Some((_, stage)))
                if stage != *before && stage == *last =>
            {
                (Some(stage), Grain::Month.start(month))
            }
            (Some(before), _) => (before.stage, before.since),
        };
        let reason = reason(holding, stage, figures);
        decisions.push(Decision { stage, since, candidate, reason });
    }
    decisions
}

fn reason(holding: Option<(i64, &StageRule)>, stage: Option<Stage>, figures: &Figures) -> String {
    match holding {
        None => "no rule holds".to_owned(),
        Some((number, rule)) if Some(rule.stage) != stage => {
            format!("rule {number} ({}) holds for the first month; a stage changes with the second", rule.stage.name())
        }
        Some((number, rule)) if rule.bounds.is_empty() => format!("rule {number} holds: no rule before it does"),
        Some((number, rule)) => {
            let bounds: Vec<String> = rule.bounds.iter().flat_map(|bound| sentences(bound, figures)).collect();
            format!("rule {number} holds: {}", bounds.join(" and "))
        }
    }
}

fn sentences(bound: &StageBound, figures: &Figures) -> Vec<String> {
    let name = bound.figure.name();
    if figures.value(bound.figure).is_none() {
        return vec![format!("{name} is unknown")];
    }
    let low = bound.at_least.map(|low| format!("{name} >= {low}"));
    low.into_iter().chain(bound.at_most.map(|high| format!("{name} <= {high}"))).collect()
}
