//! Notes about restatements: a figure of a month that was over is another one today than the snapshot before published, or an assessment whose
//! cycle was over has changed its side. Of each shop the most important one: sides before amounts, then what changed most.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;

use super::note::{Kind, Note, Severity};
use super::shop_codes::Shops;
use super::wording::{Sentence, Wording, readable};
use crate::history::Context;
use crate::metric::assessed::ASSESSED;
use crate::spec::cause::Cause;
use crate::table::read_back::{Row, rows_of};
use crate::table::shop::periods;
use crate::table::unit::AnyTable;

const MORE: &str = "{metric} of {month} is {value} now, {difference} ({share}) more than was published before.";
const LESS: &str = "{metric} of {month} is {value} now, {difference} ({share}) less than was published before.";
/// Where nothing was published before.
const NEW: &str = "{metric} of {month} is {value} now; nothing was published before.";
const FAILS: &str =
    "{metric} in {assessment} from {start} on is {value} now and was {old}: {threshold} is asked for, which was met and is missed.";
const PASSES: &str =
    "{metric} in {assessment} from {start} on is {value} now and was {old}: {threshold} is asked for, which was missed and is met.";
const BECAUSE: &str = "Main cause: {cause} ({orders}, {amount}).";
const BECAUSE_OF_ORDERS: &str = "Main cause: {cause} ({orders}).";
const BECAUSE_OF: &str = "Main cause: {cause}.";

/// The sentences, and what causes are called.
pub const TEXTS: [&str; 15] = [
    MORE,
    LESS,
    NEW,
    FAILS,
    PASSES,
    BECAUSE,
    BECAUSE_OF_ORDERS,
    BECAUSE_OF,
    "orders that were paid late",
    "refunds after the month",
    "newer versions of orders",
    "orders that came late",
    "orders that are gone",
    "orders of another customer or day",
    "what no order explains",
];

/// What a cause is called.
fn called(cause: Cause) -> &'static str {
    match cause {
        Cause::LatePayment => "orders that were paid late",
        Cause::LateRefund => "refunds after the month",
        Cause::NewVersion => "newer versions of orders",
        Cause::LateOrder => "orders that came late",
        Cause::Vanished => "orders that are gone",
        Cause::Moved => "orders of another customer or day",
        Cause::Other | Cause::ChangedJob | Cause::ChangedProgram => "what no order explains",
    }
}

/// The amounts that are told.
const AMOUNTS: [&str; 2] = ["paid_amount", "net_by_payment"];

/// From this share of what was published on a change is told: refunds of a few yuan come every night, and are no news.
const LEAST_SHARE: f64 = 0.01;

/// What is heard of restatements, and of assessments whose cycle is over.
#[derive(Default)]
pub struct Restated {
    requirements: BTreeMap<Place, Requirement>,
    notes: Vec<(Place, Heard)>,
}

/// A requirement in a cycle: shop, assessment, first day and metric. Of an amount the assessment is empty.
type Place = (u32, String, String, String);

/// What a requirement asks for.
struct Requirement {
    test: String,
    threshold: f64,
    passes: bool,
}

/// A figure that changed.
struct Heard {
    unit: String,
    old: Option<f64>,
    new: Option<f64>,
    difference: Option<f64>,
    relative: Option<f64>,
    cause: Option<Cause>,
    orders: Option<f64>,
    amount: Option<f64>,
}

impl Requirement {
    /// Whether a value passes; `None` where it depends on other shops, whose values of then are not known.
    fn is_met_by(&self, value: f64) -> Option<bool> {
        match self.test.as_str() {
            "at_least" => Some(value >= self.threshold),
            "at_most" => Some(value <= self.threshold),
            "below" => Some(value < self.threshold),
            _ => None,
        }
    }
}

impl Restated {
    /// Hears rows of `assessment_results`, which come before those of `restatements`.
    pub fn hear_results(&mut self, shops: &Shops, batch: &RecordBatch) {
        for row in rows_of(batch) {
            let Some(passes) = row.text("status").and_then(|status| ["fail", "pass"].iter().position(|known| *known == status)) else {
                continue;
            };
            let place = || Some((shops.code(&row)?, row.text("assessment")?, row.text("period_start")?, row.text("metric")?));
            if let (Some(place), Some(test), Some(threshold)) = (place(), row.text("test"), row.number("threshold")) {
                self.requirements.insert(place, Requirement { test, threshold, passes: passes == 1 });
            }
        }
    }

    /// Hears rows of `restatements`.
    pub fn hear(&mut self, shops: &Shops, batch: &RecordBatch) {
        for row in rows_of(batch) {
            let (Some(table), Some(metric), Some(shop)) = (row.text("table"), row.text("metric"), shops.code(&row)) else { continue };
            let is_month = table == "shop_periods" && row.text("grain").as_deref() == Some("month");
            let assessment = match table.as_str() {
                "assessment_results" => row.text("dimension").unwrap_or_default(),
                _ if is_month && AMOUNTS.contains(&metric.as_str()) => String::new(),
                _ => continue,
            };
            let start = row.text("period_start").unwrap_or_default();
            self.notes.push(((shop, assessment, start, metric), heard(&row)));
        }
    }

    /// The notes: of each shop one. Of equals the payments come before what was left of them, and newer months before older ones, which is
    /// the descending order of their keys.
    pub fn notes(self, context: &Context) -> Vec<Note> {
        let Restated { requirements, notes } = self;
        let note = |(place, heard): (Place, Heard)| match requirements.get(&place) {
            Some(requirement) => of_requirement(place, heard, requirement, context),
            None if place.1.is_empty() => of_amount(place, heard, context),
            None => None,
        };
        let mut first: BTreeMap<u32, Note> = BTreeMap::new();
        for note in notes.into_iter().filter_map(note) {
            let is_first = first.get(&note.shop).is_none_or(|other| {
                let order =
                    note.weight().cmp(&other.weight()).then(note.stake.total_cmp(&other.stake)).then_with(|| note.key.cmp(&other.key));
                order.is_gt()
            });
            if is_first {
                first.insert(note.shop, note);
            }
        }
        first.into_values().collect()
    }
}

fn heard(row: &Row<'_>) -> Heard {
    let cause = row.text("cause").and_then(|name| Cause::COUNTED.into_iter().find(|cause| cause.name() == name));
    let of_cause = |what: &str| cause.and_then(|cause| row.number(&format!("{}_{what}", cause.name())));
    Heard {
        unit: row.text("unit").unwrap_or_default(),
        old: row.number("old"),
        new: row.number("new"),
        difference: row.number("difference"),
        relative: row.number("relative"),
        orders: of_cause("orders"),
        amount: of_cause("amount"),
        cause,
    }
}

/// A requirement of a cycle that was over, where it is on the other side now.
fn of_requirement(place: Place, heard: Heard, requirement: &Requirement, context: &Context) -> Option<Note> {
    let (old, new) = heard.old.zip(heard.new)?;
    let (was_met, is_met) = requirement.is_met_by(old).zip(requirement.is_met_by(new))?;
    // What the table says of today is what counts.
    if was_met == is_met || is_met != requirement.passes {
        return None;
    }
    let (_, assessment, start, metric) = &place;
    let chinese = ASSESSED.iter().find(|known| known.name == metric).map_or(metric.as_str(), |known| known.chinese);
    let assessment = readable(assessment);
    let said = Wording::new(if is_met { PASSES } else { FAILS }, &context.currency)
        .named("metric", &readable(metric), chinese)
        .translated("assessment", &assessment)
        .text("start", start.as_str())
        .figure("value", new, &heard.unit)
        .figure("old", old, &heard.unit)
        .figure("threshold", requirement.threshold, &heard.unit)
        .sentence();
    // What was passed and is failed may still be contested.
    let severity = if is_met { Severity::Watch } else { Severity::Alarm };
    Some(note(&place, "assessment_results", severity, 0.0, said, heard, context))
}

/// An amount of a month that was over, where it changed by more than a trifle.
fn of_amount(place: Place, heard: Heard, context: &Context) -> Option<Note> {
    let (difference, new) = (heard.difference?, heard.new.unwrap_or(0.0));
    if difference == 0.0 || heard.relative.is_some_and(|share| share.abs() < LEAST_SHARE) {
        return None;
    }
    let (_, _, start, metric) = &place;
    let template = match heard.relative {
        Some(_) if difference > 0.0 => MORE,
        Some(_) => LESS,
        None => NEW,
    };
    let english = readable(metric);
    let chinese = periods::TABLE.card().column(metric).map_or_else(|| english.clone(), |column| column.chinese.to_owned());
    let said = Wording::new(template, &context.currency)
        .named("metric", &english, &chinese)
        .text("month", start.get(..7).unwrap_or(start))
        .figure("value", new, &heard.unit)
        .figure("difference", difference.abs(), &heard.unit)
        .figure("share", heard.relative.unwrap_or(0.0).abs(), "1")
        .sentence();
    Some(note(&place, "shop_periods", Severity::Watch, difference.abs(), said, heard, context))
}

fn note(place: &Place, table: &str, severity: Severity, stake: f64, said: Sentence, heard: Heard, context: &Context) -> Note {
    let (shop, assessment, start, metric) = place;
    let (grain, dimension) = if assessment.is_empty() { ("month", "all") } else { ("cycle", assessment.as_str()) };
    let sentence = match because(&heard, &context.currency) {
        Some(because) => said.and(because),
        None => said,
    };
    Note {
        shop: *shop,
        kind: Kind::Restated,
        is_lost: false,
        severity,
        value: heard.new,
        expected: heard.old,
        unit: heard.unit,
        stake,
        table: "restatements".to_owned(),
        key: format!("table={table}, metric={metric}, grain={grain}, period_start={start}, dimension={dimension}"),
        sentence,
    }
}

/// The main cause, with its orders and what they did.
fn because(heard: &Heard, currency: &str) -> Option<Sentence> {
    let cause = heard.cause?;
    let template = match (heard.orders.filter(|orders| *orders > 0.0), heard.amount) {
        (Some(_), Some(_)) => BECAUSE,
        (Some(_), None) => BECAUSE_OF_ORDERS,
        (None, _) => BECAUSE_OF,
    };
    let name = called(cause);
    let wording = Wording::new(template, currency).translated("cause", name);
    let said = wording.figure("orders", heard.orders.unwrap_or(0.0), "orders").figure("amount", heard.amount.unwrap_or(0.0), "CNY");
    Some(said.sentence())
}

#[cfg(test)]
mod tests;
