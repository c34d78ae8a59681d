//! One requirement of a rule file: which keys depend on each other, and the numbers, conditions and levels.

use std::collections::BTreeMap;

use super::inputs::choice;
use super::keys::{Numbers, Shape};
use super::nearest::advice;
use super::params::integer;
use super::rule::{Base, ByCategory, Condition, Level, Requirement, Test, Threshold, ThresholdColumn};
use super::rule_keys::{ANNUAL_TARGET, CONDITION, METRIC_KEYS, POINT_METRICS, REQUIREMENT, SHOP_METRICS, SHOP_METRICS_PREFIX};
use super::section::{Check, Section, joined};
use super::tree::{Entry, Node, SourceLocation, Value};
use super::values;

/// The parts of the job and the rule file that decide what a requirement may contain.
pub(super) struct RequirementContext<'a> {
    /// The names of the job's inputs.
    pub inputs: &'a [&'a str],
    /// The period of the rule file, if it is valid.
    pub period: Option<&'static str>,
}

/// The key of a mapping by category that applies to all categories not listed.
const OTHERS: &str = "default";

/// Reads one requirement. Reads all parts, so that the problems of each one are noted.
pub(super) fn read(check: &Check<'_>, place: SourceLocation, entries: &[Entry], context: &RequirementContext<'_>) -> Option<Requirement> {
    let section = Section::open(check, "requirements".to_owned(), place, entries, REQUIREMENT);
    let metric = section.value("metric", |_, node| values::text(node).map(|name| (name, node.place)));
    let metric = metric.and_then(|(name, place)| metric_of(&section, &section.path, name, place, context));
    let test = section.value("test", choice);
    let value = by_category(&section, "value");
    let column = column(&section, context);
    let share = section.optional("share", measure);
    let base = section.value("base", choice).and_then(|name| Base::NAMES.into_iter().find(|(known, _)| *known == name));
    let k = section.optional("k", integer);
    let standard = by_category(&section, "standard");
    let trial_share = by_category(&section, "trial_share");
    let when = conditions(&section, context);
    let levels = levels(&section);
    if let Some(test) = test {
        note_keys_of_tests(&section, test);
    }
    if let Some(metric) = &metric {
        note_keys_of_metrics(&section, metric);
    }
    if context.period.is_some_and(|period| period != "rolling_year") {
        section.only_with("trial_share", "`period: rolling_year`");
    }
    let threshold = Threshold { column: column?, value: value? };
    let share = share?;
    let test = match test? {
        "at_least" => Test::AtLeast(threshold),
        "at_most" => Test::AtMost(threshold),
        "not_bottom" => Test::NotBottom { share: share? },
        "at_least_peer_mean" => Test::AtLeastPeerMean,
        _ => Test::AtMostPeerMean,
    };
    Some(Requirement {
        metric: metric?,
        test,
        base: base?.1,
        k: k?,
        standard: standard?,
        trial_share: trial_share?,
        when: when?,
        levels: levels?,
    })
}

/// Notes keys that a test needs and keys that have no meaning with it.
fn note_keys_of_tests(section: &Section<'_>, test: &'static str) {
    if matches!(test, "at_least" | "at_most") {
        let has_levels = test == "at_most" && section.entry("levels").is_some();
        if !has_levels && section.entry("column").is_none() {
            section.needed_by("value", "test", &format!("`test: {test}`"));
        }
    } else {
        for name in ["value", "column", "trial_share"] {
            section.only_with(name, "`test: at_least` or `test: at_most`");
        }
    }
    if test == "not_bottom" {
        section.needed_by("share", "test", "`test: not_bottom`");
    } else {
        section.only_with("share", "`test: not_bottom`");
    }
    if test != "at_most" {
        section.only_with("levels", "`test: at_most`");
    }
}

/// Notes keys that a metric needs and keys that have no meaning with it.
fn note_keys_of_metrics(section: &Section<'_>, metric: &str) {
    for (name, owner) in METRIC_KEYS {
        let with = format!("`metric: {owner}`");
        if metric == owner {
            section.needed_by(name, "metric", &with);
        } else {
            section.only_with(name, &with);
        }
    }
    if metric != "paid_amount" {
        section.only_with("base", "`metric: paid_amount`");
    }
    if !POINT_METRICS.contains(&metric) {
        section.only_with("levels", &format!("a metric that counts points ({})", POINT_METRICS.join(", ")));
    }
}

/// The metric of that name: one that the program computes or, if the job has that input, one of `shop_metrics`.
fn metric_of(section: &Section<'_>, path: &str, name: String, place: SourceLocation, context: &RequirementContext<'_>) -> Option<String> {
    let metrics = &section.check.catalogue.metrics;
    if metrics.contains(&name.as_str()) || context.inputs.contains(&SHOP_METRICS) {
        return Some(name);
    }
    let help = format!(
        "{}; any other metric comes from the input `{SHOP_METRICS}`, which the job does not have",
        advice(&name, metrics.iter().copied())
    );
    section.check.note(place, format!("unknown metric `{}` in `{path}`", values::shortened(&name)), help);
    None
}

/// One of the numbers that the shape allows.
pub(super) fn measure(shape: &Shape, node: &Node) -> Result<f64, String> {
    let (Shape::Measure(numbers) | Shape::ByCategory(numbers)) = *shape else { return Err(values::found(node)) };
    values::number(node, f64::MIN, f64::MAX).and_then(|number| if numbers.contains(number) { Ok(number) } else { Err(values::found(node)) })
}

/// A number for all categories, or a mapping of them.
fn by_category(section: &Section<'_>, name: &str) -> Option<Option<ByCategory>> {
    let Some(entry) = section.entry(name) else { return Some(None) };
    let (key, check) = (section.key(name)?, section.check);
    let Shape::ByCategory(numbers) = key.shape else { return None };
    let entries = match &entry.node.value {
        Value::Mapping(entries) if !entries.is_empty() => entries,
        Value::Mapping(_) => {
            section.wrong(key, &entry.node, "an empty mapping");
            return None;
        }
        _ => return section.value(name, measure).map(|number| Some(ByCategory { own: BTreeMap::new(), others: Some(number) })),
    };
    let path = joined(&section.path, name);
    let mut by_category = ByCategory::default();
    let mut is_right = true;
    for entry in check.distinct(&path, entries) {
        match measure(&key.shape, &entry.node) {
            Ok(number) if entry.key == OTHERS => by_category.others = Some(number),
            Ok(number) => {
                by_category.own.insert(entry.key.clone(), number);
            }
            Err(found) => {
                let path = joined(&path, &values::shortened(&entry.key));
                let message = format!("`{path}` must be {}, found {found}", numbers.expected());
                check.note(entry.node.place, message, "a category stands left of the colon, its number right of it");
                is_right = false;
            }
        }
    }
    // Without a default, the share of the other categories could be all or none.
    if is_right && numbers == Numbers::PartOrAll && by_category.others.is_none() {
        check.note(entry.place, format!("`{path}.{OTHERS}` is missing"), "it is for the categories that are not listed; 1 asks for all");
        return None;
    }
    is_right.then_some(Some(by_category))
}

/// The column with the threshold of each shop, if the job has its input.
fn column(section: &Section<'_>, context: &RequirementContext<'_>) -> Option<Option<ThresholdColumn>> {
    let read = |_: &Shape, node: &Node| match values::text(node)?.as_str() {
        ANNUAL_TARGET => Ok((ThresholdColumn::AnnualTarget, "shops", node.place)),
        text => match text.strip_prefix(SHOP_METRICS_PREFIX) {
            Some(name) if !name.trim().is_empty() => Ok((ThresholdColumn::ShopMetric(name.to_owned()), SHOP_METRICS, node.place)),
            _ => Err(values::found(node)),
        },
    };
    let Some((column, input, place)) = section.optional("column", read)? else { return Some(None) };
    if !context.inputs.contains(&input) {
        let message = format!("`{}` needs the input `{input}`, which the job does not have", joined(&section.path, "column"));
        section.check.note(place, message, format!("add `{input}` to the `inputs` of the job file, or write a `value`"));
        return None;
    }
    Some(Some(column))
}

/// The conditions of `when`.
fn conditions(section: &Section<'_>, context: &RequirementContext<'_>) -> Option<Vec<Condition>> {
    let (Some(key), Some(entry)) = (section.key("when"), section.entry("when")) else { return Some(Vec::new()) };
    let entries = match &entry.node.value {
        Value::Mapping(entries) if !entries.is_empty() => entries,
        Value::Mapping(_) => {
            section.wrong(key, &entry.node, "an empty mapping");
            return None;
        }
        _ => {
            section.wrong(key, &entry.node, &values::found(&entry.node));
            return None;
        }
    };
    let path = joined(&section.path, key.name);
    let conditions: Vec<Option<Condition>> =
        section.check.distinct(&path, entries).into_iter().map(|entry| condition(section, &path, entry, context)).collect();
    conditions.into_iter().collect()
}

/// One condition: a metric with one bound or two.
fn condition(section: &Section<'_>, path: &str, entry: &Entry, context: &RequirementContext<'_>) -> Option<Condition> {
    let check = section.check;
    let metric = metric_of(section, path, entry.key.clone(), entry.place, context);
    if let Some((needed, metric)) = METRIC_KEYS.into_iter().find(|(_, metric)| *metric == entry.key) {
        let message = format!("`{metric}` cannot be a condition, since nothing says with which `{needed}`");
        check.note(entry.place, message, "make it a separate requirement");
        return None;
    }
    let path = joined(path, &values::shortened(&entry.key));
    let Value::Mapping(entries) = &entry.node.value else {
        let message = format!("`{path}` must be a mapping such as {{ at_least: 10 }}, found {}", values::found(&entry.node));
        check.note(entry.node.place, message, "");
        return None;
    };
    let (at_least, at_most) = bounds(&Section::open(check, path, entry.place, entries, CONDITION))?;
    Some(Condition { metric: metric?, at_least, at_most })
}

/// The bounds of a section with the keys of [`CONDITION`], of which it must have one.
pub(super) fn bounds(section: &Section<'_>) -> Option<(Option<f64>, Option<f64>)> {
    let (at_least, at_most) = (section.optional("at_least", measure), section.optional("at_most", measure));
    if section.entry("at_least").is_none() && section.entry("at_most").is_none() {
        let message = format!("`{}` has neither `at_least` nor `at_most`", section.path);
        section.check.note(section.place, message, "a condition is a bound of the metric");
        return None;
    }
    let (at_least, at_most) = (at_least?, at_most?);
    if let (Some(low), Some(high)) = (at_least, at_most)
        && low > high
    {
        let message = format!("`{}` never holds: `at_least` ({low}) is above `at_most` ({high})", section.path);
        section.check.note(section.place, message, "both bounds must hold");
        return None;
    }
    Some((at_least, at_most))
}

/// The levels, ascending.
fn levels(section: &Section<'_>) -> Option<Vec<Level>> {
    let (Some(key), Some(entry)) = (section.key("levels"), section.entry("levels")) else { return Some(Vec::new()) };
    let Value::Mapping(entries) = &entry.node.value else {
        section.wrong(key, &entry.node, &values::found(&entry.node));
        return None;
    };
    if entries.is_empty() {
        section.wrong(key, &entry.node, "an empty mapping");
        return None;
    }
    let path = joined(&section.path, key.name);
    let mut levels: Vec<Level> = Vec::new();
    let mut is_right = true;
    for entry in section.check.distinct(&path, entries) {
        let written = Node { place: entry.place, value: Value::Scalar { text: entry.key.clone(), quoted: false } };
        let points = values::decimal(&entry.key).filter(|points| *points > 0.0);
        match (points, levels.last()) {
            (None, _) => section.wrong(key, &written, &format!("{} for points", values::found(&written))),
            (Some(points), Some(last)) if points <= last.points => {
                section.wrong(key, &written, &format!("{} after `{}`", values::found(&written), last.points));
            }
            _ => {}
        }
        let consequence = values::text(&entry.node).map_err(|found| {
            let path = joined(&path, &values::shortened(&entry.key));
            section.check.note(entry.node.place, format!("`{path}` must be text, found {found}"), "it says what follows from the points");
        });
        match (points, consequence) {
            (Some(points), Ok(consequence)) if levels.last().is_none_or(|last| points > last.points) => {
                levels.push(Level { points, consequence });
            }
            _ => is_right = false,
        }
    }
    is_right.then_some(levels)
}
