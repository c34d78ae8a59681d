//! One rule file: its text checked against the declared keys and turned into a [`Rule`].

use super::inputs::choice;
use super::named_files::{self, FileReference};
use super::params::integer;
use super::requirement::{self, RequirementContext};
use super::rule::{AssessedPeriod, Peers, Requirement, Rule};
use super::rule_keys::{PERIOD_KEYS, RULE};
use super::section::{Check, Section};
use super::tree::{SourceLocation, Value};
use super::values;
use crate::spec::period::iso;
use crate::spec::{Day, Grain};

/// The time for which the rules of a file are valid.
pub(super) struct ValidityPeriod {
    pub assessment: String,
    /// Where the file names the assessment.
    pub place: SourceLocation,
    pub from: Option<Day>,
    pub to: Option<Day>,
}

/// Reads a rule file. Returns its time even if something else in it is wrong. `inputs` are the names of the job's inputs.
pub(super) fn read(check: &Check<'_>, source: &FileReference, text: &str, inputs: &[&str]) -> (Option<ValidityPeriod>, Option<Rule>) {
    let Some(entries) = named_files::entries(check, source, text, "rule file", "assessment: NAME") else { return (None, None) };
    let section = Section::open(check, String::new(), source.at(1, 1), &entries, RULE);
    let in_force = in_force(&section);
    let rule = rule(&section, source, inputs, in_force.as_ref());
    (in_force, rule)
}

/// The name of the assessment and its time.
fn in_force(section: &Section<'_>) -> Option<ValidityPeriod> {
    let assessment = section.value("assessment", |_, node| values::name(node));
    let from = section.optional("valid_from", |_, node| values::date(node));
    let to = section.optional("valid_to", |_, node| values::date(node));
    let (from, to) = (from?, to?);
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        let message = format!("`valid_from` ({}) must not be after `valid_to` ({})", iso(from), iso(to));
        section.check.note(section.place_of("valid_to"), message, "a period is judged if it begins on one of these days or between them");
        return None;
    }
    Some(ValidityPeriod { assessment: assessment?, place: section.place_of("assessment"), from, to })
}

/// Reads all parts, so that the problems of each one are noted.
fn rule(section: &Section<'_>, source: &FileReference, inputs: &[&str], in_force: Option<&ValidityPeriod>) -> Option<Rule> {
    let name = section.value("period", choice);
    let period = period(section, name);
    let peers = section.value("peers", choice).map(|name| if name == "all" { Peers::All } else { Peers::Category });
    let open_months = section.section("eligible").and_then(|eligible| eligible.value("open_months", integer));
    let min_peers = section.optional("min_peers", integer);
    let requirements = requirements(section, &RequirementContext { inputs, period: name });
    let in_force = in_force?;
    Some(Rule {
        assessment: in_force.assessment.clone(),
        file: source.file.clone(),
        place: source.place.clone(),
        valid_from: in_force.from,
        valid_to: in_force.to,
        period: period?,
        peers: peers?,
        open_months: open_months?,
        min_peers: min_peers?,
        requirements: requirements?,
    })
}

/// The period of that name, with the keys that only this period has.
fn period(section: &Section<'_>, name: Option<&'static str>) -> Option<AssessedPeriod> {
    let exempt_months = section.value("exempt_months", integer);
    let trial_months = section.value("trial_months", integer);
    let [from_day, to_day, days] = ["from_day", "to_day", "days"].map(|name| section.optional(name, integer::<u32>));
    let name = name?;
    for (key, period, is_needed) in PERIOD_KEYS {
        let with = format!("`period: {period}`");
        if name != period {
            section.only_with(key, &with);
        } else if is_needed {
            section.needed_by(key, "period", &with);
        }
    }
    match name {
        "rolling_year" => Some(AssessedPeriod::RollingYear { exempt_months: exempt_months?, trial_months: trial_months? }),
        "window" => {
            let (from_day, to_day) = (from_day??, to_day??);
            if from_day > to_day {
                let message = format!("`from_day` ({from_day}) must not be after `to_day` ({to_day})");
                section.check.note(section.place_of("to_day"), message, "the window has both days and those between them");
                return None;
            }
            Some(AssessedPeriod::Window { from_day, to_day })
        }
        "trailing" => Some(AssessedPeriod::Trailing { days: days?? }),
        "month" => Some(AssessedPeriod::Calendar(Grain::Month)),
        "quarter" => Some(AssessedPeriod::Calendar(Grain::Quarter)),
        "year" => Some(AssessedPeriod::Calendar(Grain::Year)),
        _ => None,
    }
}

/// The requirements, each of another metric.
fn requirements(section: &Section<'_>, context: &RequirementContext<'_>) -> Option<Vec<Requirement>> {
    let (key, entry, check) = (section.key("requirements")?, section.entry("requirements")?, section.check);
    let items = match &entry.node.value {
        Value::List(items) if !items.is_empty() => items,
        _ => {
            section.wrong(key, &entry.node, &values::found(&entry.node));
            return None;
        }
    };
    let mut judged: Vec<(&str, SourceLocation)> = Vec::new();
    let mut requirements = Vec::new();
    for item in items {
        let Value::Mapping(entries) = &item.value else {
            section.wrong(key, item, &values::found(item));
            requirements.push(None);
            continue;
        };
        requirements.push(requirement::read(check, item.place, entries, context));
        let metric = entries.iter().find(|entry| entry.key == "metric").map(|entry| &entry.node);
        let Some((name, place)) = metric.and_then(|node| Some((node.text()?, node.place))) else { continue };
        match judged.iter().find(|(before, _)| *before == name) {
            None => judged.push((name, place)),
            Some((_, before)) => {
                let help = format!("it is at {} too: keep one", check.place_text(*before));
                check.note(place, format!("`{}` has the metric `{}` twice", key.name, values::shortened(name)), help);
            }
        }
    }
    requirements.into_iter().collect()
}
