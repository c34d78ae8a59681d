//! The rule files of a job, and the checks between them.

use super::named_files::{self, NamedFile};
use super::rule::{AssessedPeriod, Rule};
use super::rule_file::{self, ValidityPeriod};
use super::section::{Check, Section};
use super::tree::{SourceLocation, Value};
use crate::spec::Day;
use crate::spec::period::iso;

/// Reads `assessments`. Reads all files, so that the problems of each one are noted.
pub(super) fn read(job: &Section<'_>) -> Option<Vec<Rule>> {
    let inputs = inputs_written(job);
    let (mut times, mut periods) = (Vec::new(), Vec::new());
    let mut rules = Vec::new();
    for file in named_files::read(job, "assessments")? {
        let read = |NamedFile { source, text }: NamedFile| rule_file::read(job.check, &source, &text, &inputs);
        let (in_force, rule) = file.map_or((None, None), read);
        if let (Some(in_force), Some(rule)) = (&in_force, &rule) {
            periods.push((in_force.place, rule.assessment.clone(), rule.period));
        }
        times.extend(in_force);
        rules.push(rule);
    }
    note_overlaps(job.check, &times);
    note_other_phases(job.check, &periods);
    rules.into_iter().collect()
}

/// The names of the inputs in the job file, even of those with problems.
fn inputs_written<'a>(job: &Section<'a>) -> Vec<&'a str> {
    match job.entry("inputs").map(|entry| &entry.node.value) {
        Some(Value::Mapping(entries)) => entries.iter().map(|entry| entry.key.as_str()).collect(),
        _ => Vec::new(),
    }
}

/// Notes each file that judges the same periods as an earlier file.
fn note_overlaps(check: &Check<'_>, times: &[ValidityPeriod]) {
    for (position, later) in times.iter().enumerate() {
        let earlier =
            times.iter().take(position).find(|earlier| earlier.assessment == later.assessment && overlap(earlier, later).is_some());
        if let Some((earlier, (from, to))) = earlier.and_then(|earlier| Some((earlier, overlap(earlier, later)?))) {
            let other = check.place_text(earlier.place);
            check.note(
                later.place,
                format!(
                    "periods that begin {} would be judged by two files of `{}`, here and at {other}",
                    days(from, to),
                    later.assessment
                ),
                "give each file its own time with `valid_from` and `valid_to`",
            );
        }
    }
}

/// Notes each file of rolling years that counts them otherwise than an earlier file of the same assessment: a year of one count would
/// not end where a year of the other begins.
fn note_other_phases(check: &Check<'_>, periods: &[(SourceLocation, String, AssessedPeriod)]) {
    for (position, (place, assessment, period)) in periods.iter().enumerate() {
        let is_other = |(_, name, other): &&(SourceLocation, String, AssessedPeriod)| name == assessment && other != period;
        if let (AssessedPeriod::RollingYear { .. }, Some((before, ..))) = (period, periods.iter().take(position).find(is_other)) {
            let other = check.place_text(*before);
            check.note(
                *place,
                format!("`{assessment}` counts its periods otherwise at {other}: years that began by the one would not end by the other"),
                "give all files of the assessment the same `period`, `exempt_months` and `trial_months`, or another name",
            );
        }
    }
}

/// The first and the last day on which both are valid, if there are any; `None` for a side without limit.
fn overlap(one: &ValidityPeriod, other: &ValidityPeriod) -> Option<(Option<Day>, Option<Day>)> {
    let from = one.from.max(other.from);
    let to = match (one.to, other.to) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    let is_empty = from.zip(to).is_some_and(|(from, to)| from > to);
    (!is_empty).then_some((from, to))
}

/// The words for a range of days, after "begin".
fn days(from: Option<Day>, to: Option<Day>) -> String {
    match (from, to) {
        (Some(from), Some(to)) => format!("from {} to {}", iso(from), iso(to)),
        (Some(from), None) => format!("on or after {}", iso(from)),
        (None, Some(to)) => format!("on or before {}", iso(to)),
        (None, None) => "at any time".to_owned(),
    }
}
