//! The lists that a command is about: those of a snapshot, or one made anew at a moment of the day.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;

use super::time;
use crate::cli::list_arguments::ListSource;
use crate::cli::log;
use crate::cli::snapshot::snapshot;
use crate::cli::threads::pool;
use crate::error::{Error, Problem, Result, listed};
use crate::history::context::Moment;
use crate::input::declared::columns::{ORDERS, REFUNDS};
use crate::job::strategy::{EXCLUDED, Strategy, TABLE_PREFIX};
use crate::job::{Job, nearest};
use crate::nightly::Plan;
use crate::nightly::list_now::list_now;
use crate::publish::Snapshot;
use crate::spec::DAY_MICROSECONDS;
use crate::spec::currency::CNY;
use crate::spec::period::iso;
use crate::table::audience::card::{card_of, is_of_unpaid, title_of};
use crate::table::read_back::rows_of;
use crate::table::shop::shops;

/// The most shops that a message names.
const MOST_NAMED: usize = 5;

/// Microseconds of an hour.
const HOUR: i64 = 3_600_000_000;

/// A list.
#[derive(Debug)]
pub struct List {
    /// The strategy.
    pub name: String,
    /// What it is for, in a line.
    pub title: String,
    /// Whether it is about unpaid orders, so that these are at stake.
    pub is_of_unpaid: bool,
    /// Its rows, ascending by shop and customer.
    pub rows: Vec<RecordBatch>,
    /// How many customers meet the condition and are left out, by reason.
    pub excluded: BTreeMap<String, u64>,
    /// How many of them are in the cool-down of a list, by its day and table.
    pub cool_down: BTreeMap<(String, String), u64>,
    /// Whether the orders or the refunds are too old by the job, so that nobody is on the list.
    pub is_stale: bool,
}

impl List {
    /// What is to be said where the list is empty or small because its customers are in a cool-down: how many, and since which list.
    pub fn cooling(&self, of: &str, size: u64) -> Vec<String> {
        let (tonight, earlier): (Vec<_>, Vec<_>) = self.cool_down.iter().partition(|((day, _), _)| day == of);
        let sum = |those: &[(&(String, String), &u64)]| those.iter().map(|(_, number)| **number).sum::<u64>();
        let (name, tonight, waiting) = (&self.name, sum(&tonight), sum(&earlier));
        let since = match (earlier.first(), earlier.last()) {
            (Some(((first, _), _)), Some(((last, _), _))) if first == last => {
                format!("{name}: {waiting} are in the cool-down of the list of {first}")
            }
            (Some(((first, _), _)), Some(((last, _), _))) => {
                format!("{name}: {waiting} are in the cool-down of the lists of {first} to {last}")
            }
            _ => String::new(),
        };
        let other = format!("{name}: {tonight} are on another list of {of}, or were sent one on that day");
        // Where more are on the list, they are not why it is as it is.
        [(waiting, since), (tonight, other)]
            .into_iter()
            .filter(|(number, _)| *number > 0 && *number >= size)
            .map(|(_, said)| said)
            .collect()
    }

    /// `nobody meets the condition`, or how many who meet it are left out for which reason, the most frequent first.
    pub fn why_empty(&self) -> String {
        let mut reasons: Vec<(&String, &u64)> = self.excluded.iter().collect();
        reasons.sort_by_key(|(reason, number)| (std::cmp::Reverse(**number), *reason));
        let reasons: Vec<String> = reasons.into_iter().map(|(reason, number)| in_words(reason, *number)).collect();
        match (reasons.is_empty(), self.is_stale) {
            (true, true) => {
                "nobody is known to meet its condition, since the newest orders or refunds are too old (stale_input)".to_owned()
            }
            (true, false) => "nobody meets its condition".to_owned(),
            (false, _) => format!("left out of it are {}", reasons.join(", ")),
        }
    }
}

/// How many are left out for a reason of `audience_excluded`.
fn in_words(reason: &str, number: u64) -> String {
    match reason {
        "do_not_contact" => format!("{number} who unsubscribed"),
        "stale_input" => format!("{number} for want of new orders or refunds (stale_input)"),
        "open_refund" => format!("{number} with an open refund"),
        "recent_order" => format!("{number} who ordered lately"),
        "cool_down" => format!("{number} in a cool-down"),
        "over_size" => format!("{number} beyond the size of the list"),
        other => format!("{number} {other}"),
    }
}

/// Some lists of one time.
#[derive(Debug)]
pub struct Found {
    /// The snapshot, or the moment.
    pub of: String,
    /// The job that made them.
    pub job: String,
    /// Of what time the lists are: `2026-11-21`, or `2026-11-21T14:00`.
    pub label: String,
    /// The end of what they know, local time in microseconds.
    pub end: i64,
    /// Whether they were made at a moment, and not of a whole day.
    pub is_of_moment: bool,
    /// The currency of amounts.
    pub currency: String,
    /// The lists, ascending by name.
    pub lists: Vec<List>,
}

/// Finds the lists that a command names; all of a snapshot where it names none. `clock` is what the clock shows where the command read it
/// already.
///
/// # Errors
/// [`Error::Usage`] for a list, a shop or a snapshot that is not there; [`Error::Input`] where the snapshot or an input is damaged.
pub fn find(source: &ListSource, name: Option<&str>, clock: Option<i64>) -> Result<Found> {
    let job = source.job.as_ref().map(|path| Job::load(path, &[], &Plan::catalogue())).transpose()?;
    let own = job.as_ref().map(|job| job.output.path.clone());
    let out = source.out.clone().or(own).unwrap_or_else(|| PathBuf::from("out"));
    match (job, &source.now, name) {
        (Some(job), Some(now), Some(name)) => {
            let clock = clock.map_or_else(|| time::now(&job.zone), Ok)?;
            at_moment(job, time::parse("--now", now, clock)?, source, name, &out)
        }
        (_, Some(_), None) => {
            let problem = Problem::new("--now", "makes one list, and none is named");
            Err(Error::Usage(vec![problem.help("name it, as in huitou list unpaid_reminder --now now --job JOB")]))
        }
        _ => of_snapshot(&snapshot(&out, &source.snapshot)?, name, source.shop.as_deref()),
    }
}

fn of_snapshot(snapshot: &Snapshot, name: Option<&str>, shop: Option<&str>) -> Result<Found> {
    let manifest = &snapshot.manifest;
    let names: Vec<&str> = manifest.tables.iter().filter_map(|table| list_name(&table.name)).collect();
    if let Some(name) = name.filter(|name| !names.contains(name)) {
        let what = format!("the snapshot {} has no list `{name}`", manifest.name);
        let skipped = manifest.skipped.iter().find(|skipped| list_name(&skipped.name) == Some(name));
        let help = match (skipped, nearest(name, names.iter().copied())) {
            (Some(skipped), _) => skipped.reason.clone(),
            (None, Some(close)) => format!("did you mean `{close}`?"),
            (None, None) if names.is_empty() => NO_LISTS.to_owned(),
            (None, None) => format!("it has {}", names.join(", ")),
        };
        return Err(Error::Usage(vec![Problem::new(snapshot.path.display().to_string(), what).help(help)]));
    }
    let mut reasons = Reasons::new();
    let (mut in_lists, mut known) = (BTreeSet::new(), BTreeSet::new());
    for batch in snapshot.batches(&Strategy::table_of(EXCLUDED)) {
        count(&of_shop(&batch?, shop, &mut in_lists)?, &mut reasons);
    }
    let is_stale = manifest.inputs.iter().any(|input| [ORDERS.name, REFUNDS.name].contains(&input.name.as_str()) && input.is_stale);
    let mut lists = Vec::new();
    for own in names.into_iter().filter(|own| name.is_none_or(|name| name == *own)) {
        let table = Strategy::table_of(own);
        let rows = snapshot.batches(&table).map(|batch| of_shop(&batch?, shop, &mut in_lists)).collect::<Result<Vec<_>>>()?;
        let schema = snapshot.schema(&table)?;
        let title = schema.metadata().get("question").and_then(|question| title_of(question)).unwrap_or(own).to_owned();
        let is_of_unpaid = schema.metadata().get("grain").is_some_and(|grain| is_of_unpaid(grain));
        let LeftOut { excluded, cool_down } = reasons.remove(own).unwrap_or_default();
        lists.push(List { name: own.to_owned(), title, is_of_unpaid, rows, excluded, cool_down, is_stale });
    }
    for batch in snapshot.columns(shops::TABLE.name, &[SHOP]) {
        known.extend(rows_of(&batch?).filter_map(|row| row.text(SHOP)));
    }
    // A shop of which nobody is on a list is known by the table of shops alone.
    if let Some(shop) = shop.filter(|shop| !in_lists.contains(*shop) && !known.contains(*shop)) {
        known.extend(in_lists);
        let close = nearest(shop, known.iter().map(String::as_str)).map(|close| format!("did you mean `{close}`?"));
        let close = close.unwrap_or_else(|| format!("it has {}", listed(known.iter().cloned(), MOST_NAMED)));
        return Err(Error::Usage(vec![Problem::new("--shop", format!("the snapshot {} has no shop `{shop}`", manifest.name)).help(close)]));
    }
    Ok(Found {
        of: manifest.name.clone(),
        job: manifest.job.clone(),
        label: iso(manifest.as_of),
        end: (i64::from(manifest.as_of) + 1) * DAY_MICROSECONDS,
        is_of_moment: false,
        currency: if manifest.currency.is_empty() { CNY.to_owned() } else { manifest.currency.clone() },
        lists,
    })
}

/// What to do where a snapshot has no lists.
pub const NO_LISTS: &str = "it has no lists: name strategy files under `strategies` of the job, and run it again";

fn at_moment(job: Job, end: i64, source: &ListSource, name: &str, out: &Path) -> Result<Found> {
    let moment = Moment { end, every: i64::from(source.every) * HOUR };
    let strategy = job.strategies.iter().find(|strategy| strategy.name == name);
    let title = strategy.map_or(String::new(), |strategy| strategy.title.clone());
    let of_unpaid = strategy.is_some_and(|strategy| is_of_unpaid(card_of(strategy).grain));
    let (currency, job_name) = (job.currency.clone(), job.name.clone());
    let made = pool(None)?.install(|| list_now(job, name, moment, out))?;
    made.warnings.iter().for_each(|warning| log::warning(warning));
    let (mut reasons, mut in_lists, shop) = (Reasons::new(), BTreeSet::new(), source.shop.as_deref());
    for batch in &made.excluded {
        count(&of_shop(batch, shop, &mut in_lists)?, &mut reasons);
    }
    let rows = made.list.iter().map(|batch| of_shop(batch, shop, &mut in_lists)).collect::<Result<Vec<_>>>()?;
    let shown = time::shown(end);
    let LeftOut { excluded, cool_down } = reasons.remove(name).unwrap_or_default();
    let list = List { name: name.to_owned(), title, is_of_unpaid: of_unpaid, rows, excluded, cool_down, is_stale: made.is_stale };
    Ok(Found { label: shown.replace(' ', "T"), of: shown, job: job_name, end, is_of_moment: true, currency, lists: vec![list] })
}

/// The strategy of a list's table; `None` for other tables.
fn list_name(table: &str) -> Option<&str> {
    table.strip_prefix(TABLE_PREFIX).filter(|name| *name != EXCLUDED)
}

/// The column with the shops.
const SHOP: &str = "shop_id";

/// By strategy: who is left out.
type Reasons = BTreeMap<String, LeftOut>;

/// How many are left out of a list for each reason, and of them those in a cool-down by the day and table of its list.
#[derive(Debug, Default)]
struct LeftOut {
    excluded: BTreeMap<String, u64>,
    cool_down: BTreeMap<(String, String), u64>,
}

fn count(batch: &RecordBatch, reasons: &mut Reasons) {
    for row in rows_of(batch) {
        let (strategy, reason) = (row.text("strategy").unwrap_or_default(), row.text("reason").unwrap_or_default());
        let left_out = reasons.entry(strategy).or_default();
        *left_out.excluded.entry(reason).or_default() += 1;
        if let Some(other) = row.text("other_date").zip(row.text("other_list")) {
            *left_out.cool_down.entry(other).or_default() += 1;
        }
    }
}

/// The rows of a shop, or all where none is named. Adds the shops of all rows to `shops`.
fn of_shop(batch: &RecordBatch, shop: Option<&str>, shops: &mut BTreeSet<String>) -> Result<RecordBatch> {
    let Some(shop) = shop else { return Ok(batch.clone()) };
    let found: Vec<String> = rows_of(batch).map(|row| row.text(SHOP).unwrap_or_default()).collect();
    let keep: BooleanArray = found.iter().map(|found| Some(found == shop)).collect();
    shops.extend(found);
    Ok(filter_record_batch(batch, &keep)?)
}
