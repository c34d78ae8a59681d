//! `huitou step`: one step of a run that several processes share. Rows come from standard input and go to standard output.

use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use super::arguments::When;
use super::as_of::{as_of, today};
use super::progress::Progress;
use super::run::{publish_by, show_others, tell_plan};
use super::stdout::refuse_in_snapshots;
use super::step_arguments::{ScanOptions, ShareOptions, StepCommand, StepOptions, StepPlanOptions};
use super::threads::pool;
use super::{log, memory};
use crate::disk::unfinished::Unfinished;
use crate::error::{Error, Problem, Result};
use crate::exchange::{Kind, Row, rows};
use crate::job::Job;
use crate::nightly::steps::{self, Asked, Given, StepPlan};
use crate::nightly::{self, Plan, StateUse, overlap};
use crate::partition::Budget;
use crate::publish::Store;
use crate::spec::Day;
use crate::spec::period::iso;

/// Runs a step.
///
/// # Errors
/// Those of the step. What is wrong with the inputs is no error of any step but the first and the last: it goes to the last one as a row.
pub fn step(options: &StepOptions) -> Result<()> {
    end_with_parent();
    match &options.step {
        StepCommand::Plan(options) => plan(options),
        StepCommand::Scan(options) => scan(options),
        StepCommand::Census(options) => shared(options, steps::census),
        StepCommand::Suspects(options) => shared(options, steps::suspects),
        StepCommand::Fold(options) => shared(options, steps::fold),
        StepCommand::Merge(options) => shared(options, steps::merge),
        StepCommand::Finish(options) => finish(options),
    }
}

/// Nobody reads what a step writes once the process that started it is gone.
fn end_with_parent() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::TERM));
}

fn plan(options: &StepPlanOptions) -> Result<()> {
    let StepPlanOptions { job, as_of: day, out, only, set, publish, allow_stale, scans, buckets } = options;
    let loaded = Job::load(job, set, &Plan::catalogue())?;
    let day = as_of(&loaded, day.as_deref())?;
    let out = out.clone().unwrap_or_else(|| loaded.output.path.clone());
    refuse_in_snapshots(&out)?;
    overlap::refuse_paths(&loaded, day, &out)?;
    let asked = Asked {
        folder: std::env::current_dir().unwrap_or_default(),
        job: job.clone(),
        as_of: iso(day),
        out: out.clone(),
        set: set.clone(),
        only: only.clone(),
        publish: *publish,
        allow_stale: *allow_stale,
    };
    pool(None)?.install(|| {
        let plan = plan_of(loaded, day, &asked)?;
        tell_plan(&plan);
        overlap::refuse(&plan, &out)?;
        let count = |count: &Option<u32>| count.map(|count| count as usize);
        let plan = StepPlan::new(&plan, asked.clone(), count(scans), count(buckets))?;
        told(&plan.work, plan.rows()?)
    })
}

/// The plan of a job as of a day, as it was asked for.
fn plan_of(job: Job, day: Day, asked: &Asked) -> Result<Plan> {
    let mut plan = Plan::new(job, day, &asked.only)?;
    plan.allow_stale = asked.allow_stale;
    plan.is_experiment = (!asked.set.is_empty() || !asked.only.is_empty()) && !asked.publish;
    Ok(plan)
}

/// Makes all scans that were given, one after the other.
fn scan(options: &ScanOptions) -> Result<()> {
    let (work, given) = given()?;
    let scratch = Scratch::new();
    let made = pool(Some(1))?.install(|| -> Result<Vec<Row>> {
        let mut made = Vec::new();
        let plan = planned(&given, options.memory).map(|mut plan| {
            // Lines carry the titles of their items.
            plan.state.writes = true;
            plan
        });
        for number in &given.scans {
            let budget = |plan: &Plan| Arc::new(Budget::new(plan.memory_limit, &scratch.path));
            let scanned = plan.as_ref().map_err(Clone::clone).and_then(|plan| steps::scan(plan, &given, *number, &budget(plan)));
            made.extend(or_problems(scanned, *number)?);
        }
        Ok(made)
    })?;
    told(&work, made)
}

/// Runs a step that has rows for others.
fn shared(options: &ShareOptions, make: impl FnOnce(&Plan, Given, &Arc<Budget>) -> Result<Vec<Row>> + Send) -> Result<()> {
    let (work, given) = given()?;
    let scratch = Scratch::new();
    let made = pool(Some(options.threads.map_or(1, usize::from)))?.install(|| {
        let made = planned(&given, options.memory).and_then(|plan| {
            let budget = Arc::new(Budget::new(plan.memory_limit, &scratch.path));
            make(&plan, given, &budget)
        });
        or_problems(made, 0)
    })?;
    told(&work, made)
}

/// What is wrong with the inputs is a row for the step that tells it, and no failure that somebody tries again.
fn or_problems(made: Result<Vec<Row>>, scan: u32) -> Result<Vec<Row>> {
    match made {
        Err(Error::Input(problems)) => Ok(vec![Row { scan, ..Row::json(Kind::Problem, &problems)? }]),
        made => made,
    }
}

/// The work that a step is to do, and what it was given for it.
fn given() -> Result<(String, Given)> {
    let (work, rows) = rows::read(std::io::stdin().lock())?;
    Given::of(&work, rows).map(|given| (work, given))
}

/// The plan that a step was given, made anew.
fn planned(given: &Given, memory: Option<u64>) -> Result<Plan> {
    let asked = &given.plan.asked;
    // Paths are those of the machine that planned, as they were written there.
    std::env::set_current_dir(&asked.folder).map_err(|cause| {
        let what = format!("the folder in which the job was started is not there on this machine: {cause}");
        let help = "start the job in a folder that all machines have, such as that of the job file";
        Error::Output(Problem::new(asked.folder.display().to_string(), what).help(help))
    })?;
    let job = Job::load(&asked.job, &asked.set, &Plan::catalogue())?;
    let day = as_of(&job, Some(&asked.as_of))?;
    let mut plan = plan_of(job, day, asked)?;
    given.plan.check(&plan)?;
    plan.memory_limit = memory.unwrap_or_else(memory::default_limit);
    Ok(plan)
}

fn finish(options: &ShareOptions) -> Result<()> {
    let (_, mut given) = given()?;
    pool(options.threads.map(usize::from))?.install(|| {
        let mut plan = planned(&given, options.memory)?;
        plan.state = StateUse::default();
        let out = given.plan.asked.out.clone();
        let today = today(&plan.job.zone)?;
        let store = Store::open(&out)?.on(today)?;
        let progress = Progress::new(When::Never);
        let snapshot = publish_by(&plan, &progress, log::info, || nightly::finish(&plan, &store, &mut given, &progress))?;
        show_others(&plan, store, &snapshot, (&out, today), &progress)
    })
}

/// Writes the rows of a step.
fn told(work: &str, made: Vec<Row>) -> Result<()> {
    let mut into = BufWriter::new(std::io::stdout().lock());
    rows::write(&mut into, work, made)?;
    into.flush().map_err(|cause| Error::Output(Problem::new("standard output", cause.to_string())))
}

/// Where a step writes what does not fit into its memory: a folder that goes with the step.
struct Scratch {
    path: PathBuf,
    _unfinished: Unfinished,
}

impl Scratch {
    fn new() -> Scratch {
        let path = std::env::temp_dir().join(format!("huitou-step-{}", std::process::id()));
        let removed = path.clone();
        Scratch { path, _unfinished: Unfinished::new(move || drop(std::fs::remove_dir_all(&removed))) }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}
