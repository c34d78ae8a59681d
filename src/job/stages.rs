//! The stage file of a job: read, checked and turned into [`Stages`].

use super::inputs::choice;
use super::named_files::{self, NamedFile};
use super::requirement::bounds;
use super::section::{Check, Section};
use super::stage::{Stage, StageBound, StageFigure, StageRule, Stages};
use super::stage_keys::{STAGE_RULE, STAGES};
use super::tree::{Node, SourceLocation, Value};
use super::values;

/// Reads `stages`; `Some(None)` if the job names no stage file.
pub(super) fn read(job: &Section<'_>) -> Option<Option<Stages>> {
    let Some(NamedFile { source, text }) = named_files::read_one(job, "stages")? else { return Some(None) };
    let entries = named_files::entries(job.check, &source, &text, "stage file", "rules:")?;
    let section = Section::open(job.check, String::new(), source.at(1, 1), &entries, STAGES);
    let rules = rules(&section);
    let metrics = section.section("metrics").and_then(|metrics| metrics_of(&metrics, rules.as_deref()));
    Some(Some(Stages { rules: rules?, metrics: metrics? }))
}

/// The rules, each of which can decide. Reads all, so that the problems of each one are noted.
fn rules(section: &Section<'_>) -> Option<Vec<StageRule>> {
    let (key, entry, check) = (section.key("rules")?, section.entry("rules")?, section.check);
    let items = match &entry.node.value {
        Value::List(items) if !items.is_empty() => items,
        _ => {
            section.wrong(key, &entry.node, &values::found(&entry.node));
            return None;
        }
    };
    let rules: Vec<Option<StageRule>> = items.iter().map(|item| rule(section, item)).collect();
    let known: Vec<(SourceLocation, &StageRule)> =
        items.iter().zip(&rules).filter_map(|(item, rule)| Some((item.place, rule.as_ref()?))).collect();
    for (position, (place, later)) in known.iter().enumerate() {
        let covers = |earlier: &StageRule| earlier.bounds.iter().all(|bound| later.bounds.iter().any(|own| own.implies(bound)));
        if let Some((before, _)) = known.iter().take(position).find(|(_, earlier)| covers(earlier)) {
            let help = format!("whenever it holds, the rule at {} holds, and the first decides: remove one, or put this one first", {
                check.place_text(*before)
            });
            check.note(*place, format!("this rule of `{}` never decides", key.name), help);
        }
    }
    rules.into_iter().collect()
}

fn rule(section: &Section<'_>, item: &Node) -> Option<StageRule> {
    let key = section.key("rules")?;
    let Value::Mapping(entries) = &item.value else {
        section.wrong(key, item, &values::found(item));
        return None;
    };
    let rule = Section::open(section.check, key.name.to_owned(), item.place, entries, STAGE_RULE);
    let stage =
        rule.value("stage", |shape, node| choice(shape, node).and_then(|name| Stage::parse(name).ok_or_else(|| values::found(node))));
    let when = rule.section("when")?;
    let written =
        rule.entry("when").map(|entry| (entry.place, if let Value::Mapping(figures) = &entry.node.value { figures.len() } else { 0 }));
    if let Some((place, 0)) = written {
        section.check.note(place, format!("`{}` has no figure", when.path), "leave `when` out of a rule that always holds");
        return None;
    }
    // With a figure that nobody knows it is not the rule that was meant.
    let is_known = written.is_none_or(|(_, figures)| when.names().count() == figures);
    let bounds = bounds_of(&when).filter(|_| is_known);
    Some(StageRule { stage: stage?, bounds: bounds? })
}

/// The bounds below `when`, in the order in which they are written.
fn bounds_of(when: &Section<'_>) -> Option<Vec<StageBound>> {
    let bounds: Vec<Option<StageBound>> = when
        .names()
        .map(|name| {
            let figure = StageFigure::ALL.into_iter().find(|figure| figure.name() == name)?;
            let section = when.section(name)?;
            let or_unknown = section.value("or_unknown", choice);
            let (at_least, at_most) = bounds(&section)?;
            within_range(section.check, &section, figure, at_least, at_most)?;
            Some(StageBound { figure, at_least, at_most, or_unknown: or_unknown? == "true" })
        })
        .collect();
    bounds.into_iter().collect()
}

/// Notes bounds within which the figure never lies.
fn within_range(check: &Check<'_>, section: &Section<'_>, figure: StageFigure, low: Option<f64>, high: Option<f64>) -> Option<()> {
    let (least, greatest, words) = figure.range();
    let beyond = [("at_least", low.filter(|low| *low > greatest)), ("at_most", high.filter(|high| *high < least))];
    for (name, bound) in beyond {
        if let Some(bound) = bound {
            check.note(section.place_of(name), format!("`{}.{name}` ({bound}) never holds", section.path), words);
            return None;
        }
    }
    Some(())
}

/// The metrics by stage. `rules` are those of the file, if they are right: a stage that none of them gives has no rows.
fn metrics_of(section: &Section<'_>, rules: Option<&[StageRule]>) -> Option<[Vec<String>; 5]> {
    let known = &section.check.catalogue.stage_metrics;
    let mut metrics: [Option<Vec<String>>; 5] = Default::default();
    for (stage, own) in Stage::ALL.into_iter().zip(&mut metrics) {
        *own = section.list(stage.name(), |_, node| values::text(node).and_then(|name| values::known(node, name, known)));
        let is_reached = rules.is_none_or(|rules| rules.iter().any(|rule| rule.stage == stage));
        if let (false, Some(entry)) = (is_reached, section.entry(stage.name())) {
            let message = format!("`{}.{}` has metrics, and no rule has that stage", section.path, stage.name());
            section.check.note(entry.place, message, "add a rule with that `stage`, or remove them");
        }
    }
    let [incubation, growth, maturity, maintenance, bottleneck] = metrics;
    Some([incubation?, growth?, maturity?, maintenance?, bottleneck?])
}
