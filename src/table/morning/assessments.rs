//! Notes about the platform's assessments: requirements that are missed so far, or will probably be.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;

use super::note::{Kind, Note, Severity, first_of_each_shop};
use super::shop_codes::Shops;
use super::wording::{Sentence, Wording, readable};
use crate::history::Context;
use crate::metric::assessed::ASSESSED;
use crate::metric::peers::Best;
use crate::spec::Day;
use crate::spec::currency::CNY;
use crate::spec::period::iso;
use crate::table::read_back::{Row, rows_of};

const AT_LEAST: &str = "{metric}: {value}; {assessment} asks for at least {threshold} by {end}.";
const AT_MOST: &str = "{metric}: {value}; {assessment} allows {threshold} at most until {end}.";
const BELOW: &str = "{metric}: {value}; {assessment} asks for less than {threshold} until {end}.";

/// Where more is worse, what the days to come may have at most.
const LIMIT: &str = "The days to come may have {needed} at most.";
const LOST: &str = "It cannot be met any more in this cycle.";
const FOLLOWS: &str = "By the rule: {consequence}.";
const DOUBTFUL: &str = "As things go it will rather be missed: the chance to pass is {chance}.";

/// The metric of amounts, by default of what is paid, which plans of sales have too.
const PAID: &str = "paid_amount";

/// The unit of rates, as `assessment_results` has it.
const RATE: &str = "rate of the days to come";

/// What the days to come must bring, by the unit in which `assessment_results` says it.
const NEEDED: [(&str, &str, &str); 4] = [
    ("CNY a day", "CNY", "That takes {needed} a day from now on."),
    ("items a day", "items", "That takes {needed} a day from now on."),
    ("mean of the ratings to come", "", "That takes a mean of {needed} from the ratings to come."),
    (RATE, "1", "That takes {needed} in the days to come."),
];

/// The sentences.
pub const TEXTS: [&str; 24] = [
    AT_LEAST,
    AT_MOST,
    BELOW,
    LIMIT,
    LOST,
    DOUBTFUL,
    FOLLOWS,
    NEEDED[0].2,
    NEEDED[2].2,
    NEEDED[3].2,
    // The assessments that come with the program.
    "Tmall quarterly",
    "Tmall annual",
    "Tmall trial",
    "Tmall violations",
    "Window 30 days",
    // What follows by them.
    "shop blocked for 12 days",
    "second level of general violations",
    "third level of general violations",
    "fourth level of general violations",
    "shop blocked for 7 days",
    "shop blocked for 14 days",
    "shop blocked for 21 days and closed to visitors",
    "shop closed for good",
    "shop closed at once",
];

/// What is missed now can be made good while there is more time than this: until then it is no alarm.
const LAST_DAYS: Day = 31;

/// Requirements of a shop, at most, and of them those that cannot be met any more: other lines need their place too.
const MOST: usize = 4;
const MOST_LOST: usize = 2;

/// The requirements at risk.
#[derive(Default)]
pub struct Assessments(Vec<Risk>);

struct Risk {
    shop: u32,
    assessment: String,
    metric: String,
    /// Whether the metric is what was paid, and not what is left of it, or was received.
    is_paid: bool,
    period_start: String,
    period_end: Day,
    test: String,
    value: f64,
    threshold: f64,
    threshold_to_date: f64,
    unit: String,
    needed: Option<(f64, String)>,
    chance: Option<f64>,
    consequence: Option<String>,
    is_missed: bool,
    /// Whether it was missed in a cycle that is complete with the as-of date.
    ends_today: bool,
    /// Whether it is missed by the level that its points reach: to reach it is too much.
    has_level: bool,
}

/// What an assessment takes of what is paid, in major units on each day after the as-of date until its cycle ends.
pub struct Pace {
    /// The assessment, in English.
    pub assessment: String,
    /// So much on each day.
    pub a_day: f64,
    /// The last day of the cycle.
    pub end: Day,
}

impl Assessments {
    /// Hears rows of `assessment_results`.
    pub fn hear(&mut self, as_of: Day, shops: &Shops, batch: &RecordBatch) {
        self.0.extend(rows_of(batch).filter_map(|row| risk(as_of, shops, &row)));
    }

    /// What the requirements that are missed take of what is paid, the most of each shop.
    pub fn paces(&self, context: &Context) -> BTreeMap<u32, Pace> {
        let mut paces: BTreeMap<u32, Pace> = BTreeMap::new();
        for risk in self.0.iter().filter(|risk| risk.is_paid && risk.is_missed && !risk.is_lost()) {
            let Some((a_day, unit)) = &risk.needed else { continue };
            if unit.replace(&context.currency, CNY) == NEEDED[0].0 && paces.get(&risk.shop).is_none_or(|most| most.a_day < *a_day) {
                paces.insert(risk.shop, Pace { assessment: readable(&risk.assessment), a_day: *a_day, end: risk.period_end });
            }
        }
        paces
    }

    /// The notes: of each shop those that come first, and few of those that nobody can do anything about.
    pub fn notes(self, context: &Context) -> Vec<Note> {
        let (lost, open): (Vec<Note>, Vec<Note>) = self.0.into_iter().map(|risk| note(risk, context)).partition(|note| note.is_lost);
        first_of_each_shop([open, first_of_each_shop(lost, MOST_LOST)].concat(), MOST)
    }
}

/// The risk of a requirement whose cycle runs, or ends today: a window of days up to the as-of date always does.
fn risk(as_of: Day, shops: &Shops, row: &Row<'_>) -> Option<Risk> {
    let status = row.text("status")?;
    let ends_today = status == "fail" && row.day("period_end") == Some(as_of);
    let is_missed = status == "running_fail" || ends_today;
    let is_doubtful = row.number("pass_probability").is_some_and(|probability| probability < 0.5);
    if !is_missed && !is_doubtful {
        return None;
    }
    let threshold = row.number("threshold")?;
    let metric = row.text("metric")?;
    Some(Risk {
        shop: shops.code(row)?,
        assessment: row.text("assessment")?,
        is_paid: metric == PAID && row.number("paid") == row.number("value"),
        metric,
        period_start: row.text("period_start")?,
        period_end: row.day("period_end")?,
        test: row.text("test")?,
        value: row.number("value")?,
        threshold,
        threshold_to_date: row.number("threshold_to_date").unwrap_or(threshold),
        unit: row.text("unit")?,
        needed: row.number("needed").zip(row.text("needed_unit")),
        chance: row.number("pass_probability"),
        consequence: row.text("consequence"),
        is_missed,
        ends_today,
        has_level: row.number("level").is_some(),
    })
}

fn note(risk: Risk, context: &Context) -> Note {
    let is_near = risk.period_end - context.as_of <= LAST_DAYS;
    let is_lost = risk.is_lost();
    Note {
        shop: risk.shop,
        kind: Kind::AssessmentAtRisk,
        is_lost,
        // Where nothing helps, nothing is lost by waiting.
        severity: if risk.is_missed && !risk.ends_today && is_near && !is_lost { Severity::Alarm } else { Severity::Watch },
        value: Some(risk.value),
        expected: Some(risk.threshold_to_date),
        sentence: sentence(&risk, &context.currency),
        stake: 0.0,
        table: "assessment_results".to_owned(),
        key: format!("assessment={}, period_start={}, metric={}", risk.assessment, risk.period_start, risk.metric),
        unit: risk.unit,
    }
}

impl Risk {
    /// Whether more of the metric is worse.
    fn is_limit(&self) -> bool {
        match self.test.as_str() {
            "at_most" | "at_most_peer_mean" | "below" => true,
            "not_bottom" => ASSESSED.iter().any(|known| known.name == self.metric && matches!(known.best, Best::Least)),
            _ => false,
        }
    }

    /// Whether nothing that the days to come may bring makes it good: no simulation passes and nothing is said to be needed, or a rate beyond all.
    fn is_lost(&self) -> bool {
        let is_beyond = self.needed.as_ref().is_some_and(|(needed, unit)| unit == RATE && *needed > 1.0);
        // A window that ends today begins anew tomorrow.
        self.is_missed && !self.ends_today && (is_beyond || self.needed.is_none() && self.chance == Some(0.0))
    }
}

fn sentence(risk: &Risk, currency: &str) -> Sentence {
    // Levels of points are reached with their number.
    let template = match risk.is_limit() {
        true if risk.has_level || risk.test == "below" => BELOW,
        true => AT_MOST,
        false => AT_LEAST,
    };
    let chinese = ASSESSED.iter().find(|known| known.name == risk.metric).map_or(risk.metric.as_str(), |known| known.chinese);
    let said = Wording::new(template, currency)
        .named("metric", &readable(&risk.metric), chinese)
        .translated("assessment", &readable(&risk.assessment))
        .text("end", iso(risk.period_end))
        .figure("value", risk.value, &risk.unit)
        .figure("threshold", risk.threshold, &risk.unit)
        .sentence();
    // What follows stands in the rule, in its language; that of the rules that come with the program has a translation.
    let following = |consequence: &String| Wording::new(FOLLOWS, currency).translated("consequence", consequence).sentence();
    let follows = risk.consequence.as_ref().map(following);
    [outlook(risk, currency), follows].into_iter().flatten().fold(said, Sentence::and)
}

/// What it takes, or that nothing helps any more.
fn outlook(risk: &Risk, currency: &str) -> Option<Sentence> {
    if risk.is_lost() {
        return Some(Wording::new(LOST, currency).sentence());
    }
    if !risk.is_missed {
        return risk.chance.map(|chance| Wording::new(DOUBTFUL, currency).figure("chance", chance, "1").sentence());
    }
    let (needed, unit) = risk.needed.as_ref()?;
    let (own, unit, template) = NEEDED.iter().find(|(own, ..)| unit.replace(currency, CNY) == *own)?;
    let template = if *own == RATE && risk.is_limit() { LIMIT } else { template };
    Some(Wording::new(template, currency).figure("needed", *needed, unit).sentence())
}
