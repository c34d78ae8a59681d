//! `huitou run --as-of FROM..TO --step month`: a snapshot for each date of the past, as the run of that date alone makes it.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use serde_json::json;

use super::arguments::RunOptions;
use super::as_of::{RANGE, range, today};
use super::progress::Progress;
use super::run::{is_experiment, plan, publish, remove_old, tell_latest, tell_plan};
use super::stdout::{print, refuse_in_snapshots};
use super::threads::pool;
use super::{database, log};
use crate::error::{Error, Problem, Result, listed};
use crate::job::Job;
use crate::nightly::{LeftBy, Plan, overlap, state};
use crate::publish::{self, Latest, Published, Store};
use crate::spec::Day;
use crate::spec::period::iso;

/// The most dates that a message names.
const NAMED: usize = 12;

/// Whether these options ask for several dates.
pub fn is_one(options: &RunOptions) -> bool {
    options.step.is_some() || options.as_of.as_ref().is_some_and(|given| given.contains(RANGE))
}

/// Runs a job as of each date, ascending; dates whose snapshots are there are skipped. The database is loaded once, at the end.
pub fn backfill(options: &RunOptions) -> Result<()> {
    log::set(options);
    let job = Job::load(&options.job, &options.set, &Plan::catalogue())?;
    let dates = dates(options, &job)?;
    let today = today(&job.zone)?;
    let out = options.out.clone().unwrap_or_else(|| job.output.path.clone());
    refuse_in_snapshots(&out)?;
    if !is_experiment(options) {
        refuse_to_remove(&dates, job.output.keep, &out)?;
    }
    pool(options.threads.map(usize::from))?.install(|| {
        if options.dry_run {
            return print(&plan_in_words(options, &job, &dates, &out)?);
        }
        let mut work = Backfill { options, job: &job, today, out: &out, done: Vec::new(), told: BTreeSet::new(), store: None };
        let outcome = dates.iter().enumerate().try_for_each(|(at, date)| {
            let name = iso(*date);
            log::set_as_of(Some(name.clone()));
            let text = format!("{name} (date {} of {})", at + 1, dates.len());
            log::event("backfill_date", &text, json!({ "date": at + 1, "dates": dates.len() }));
            work.run(*date)
        });
        log::set_as_of(None);
        work.end(&dates, outcome)
    })
}

/// The dates that the options name.
fn dates(options: &RunOptions, job: &Job) -> Result<Vec<Day>> {
    let given = options.as_of.clone().unwrap_or_default();
    let (from, to) = range(job, &given)?;
    let Some(step) = options.step else {
        let problem = Problem::new("--as-of", format!("`{given}` is a range of dates, and no --step says which of them"));
        return Err(Error::Usage(vec![problem.help("add --step month, week or day")]));
    };
    let dates = step.dates(job.params.week_starts, from, to);
    if dates.is_empty() {
        let problem = Problem::new("--as-of", format!("no week ends from {} to {}", iso(from), iso(to)));
        return Err(Error::Usage(vec![problem.help("give a longer range, or --step day")]));
    }
    Ok(dates)
}

/// Refuses dates whose snapshots the next night would remove again.
fn refuse_to_remove(dates: &[Day], keep: Option<usize>, out: &Path) -> Result<()> {
    let Some(keep) = keep else { return Ok(()) };
    let published = publish::history(out)?.into_iter().filter_map(|entry| entry.manifest.ok()).filter(|manifest| !manifest.experiment);
    let all: BTreeSet<Day> = published.map(|manifest| manifest.as_of).chain(dates.iter().copied()).collect();
    let kept: BTreeSet<Day> = all.iter().rev().take(keep).copied().collect();
    let lost = dates.iter().filter(|date| !kept.contains(date)).count();
    if lost == 0 {
        return Ok(());
    }
    let what = format!("keeps the {keep} latest dates, so that the next run would remove {lost} of the {} of this range", dates.len());
    let help = format!("set it to {} or more, leave it out, or write to another --out with a job that keeps all", all.len());
    Err(Error::Usage(vec![Problem::new("output.keep", what).help(help)]))
}

/// What a backfill would do.
fn plan_in_words(options: &RunOptions, job: &Job, dates: &[Day], out: &Path) -> Result<String> {
    let mut text = String::new();
    for date in dates {
        let plan = plan(options, job.clone(), *date)?;
        overlap::refuse(&plan, out)?;
        // What earlier dates add to the lists may give a later date a new name.
        let found = publish::find(out, &plan.work(&plan.earlier_lists(out)?))?;
        let state = found.map_or_else(|| "to do".to_owned(), |found| found.manifest.name);
        let _ = writeln!(text, "{} {}", iso(*date), super::language::say(&state));
    }
    Ok(text)
}

/// A backfill under way.
struct Backfill<'a> {
    options: &'a RunOptions,
    job: &'a Job,
    today: Day,
    out: &'a Path,
    /// The snapshots of the dates so far.
    done: Vec<Published>,
    /// The warnings of plans that were printed: most are the same for each date.
    told: BTreeSet<String>,
    /// Held from the first date to the last, so that no other run comes between.
    store: Option<Store>,
}

impl Backfill<'_> {
    /// Publishes the snapshot of a date, or finds it.
    fn run(&mut self, date: Day) -> Result<()> {
        let (options, out) = (self.options, self.out);
        overlap::refuse_paths(self.job, date, out)?;
        let mut plan = plan(options, self.job.clone(), date)?;
        plan.state.left_by = LeftBy::DateBefore(self.done.last().map(|published| (published.path.clone(), published.manifest.as_of)));
        if self.done.is_empty() {
            tell_plan(&plan);
        }
        for warning in plan.warnings.iter().filter(|warning| self.told.insert((*warning).clone()) && !self.done.is_empty()) {
            log::warning(warning);
        }
        overlap::refuse(&plan, out)?;
        if self.store.is_none() {
            self.store = Some(Store::open(out)?.on(self.today)?);
        }
        let Some(store) = &self.store else { return Ok(()) };
        let progress = Progress::new(options.progress).of_date(&iso(date));
        let published = publish(&plan, store, &progress, log::detail)?;
        let name = &published.manifest.name;
        match published.is_new {
            true => log::info(&format!("{}: snapshot {name}, {:.2} seconds", iso(date), published.manifest.seconds())),
            false => log::info(&format!("{}: skipped, {name} is there", iso(date))),
        }
        if !matches!(published.latest, Latest::KeptNewer(_)) {
            tell_latest(&published, out, self.today);
        }
        self.done.push(published);
        Ok(())
    }

    /// Says what is done, and loads the database.
    fn end(self, dates: &[Day], outcome: Result<()>) -> Result<()> {
        if let Err(error) = outcome {
            let names = listed(self.done.iter().map(|published| iso(published.manifest.as_of)), NAMED);
            let stopped = dates.get(self.done.len()).copied().map(iso).unwrap_or_default();
            log::alert(&match self.done.len() {
                0 => format!("the backfill stopped at {stopped}: no date is done; the same command begins there again"),
                some => format!(
                    "the backfill stopped at {stopped}: {some} of {} dates are done ({names}); the same command goes on from there",
                    dates.len()
                ),
            });
            return Err(error);
        }
        if let Some(store) = &self.store {
            let of_latest = publish::latest(self.out)?.and_then(|latest| state::list_of(&latest.path));
            store.prune_states(&of_latest.map(state::StateList::names).unwrap_or_default())?;
        }
        let new = self.done.iter().filter(|published| published.is_new).count();
        log::info(&format!("{new} snapshots were made, {} were there", self.done.len() - new));
        let Some(last) = self.done.last() else { return Ok(()) };
        if let Latest::KeptNewer(newer) = &last.latest {
            log::info(&format!("`latest` stays at {newer}, which has a later as-of date"));
        }
        if is_experiment(self.options) {
            return Ok(());
        }
        if let Some(store) = &self.store {
            remove_old(store, self.job.output.keep, &last.manifest);
        }
        let progress = Progress::new(self.options.progress);
        // The database may let this process wait, and no other run needs to wait for that.
        drop(self.store);
        database::load(self.job.output.postgres.as_ref(), self.out, self.today, &progress)
    }
}
