//! `huitou run`: runs a job, publishes a snapshot, and prints a summary.

use std::fmt::Write;
use std::path::Path;

use serde_json::json;

use super::arguments::RunOptions;
use super::as_of::{as_of, today};
use super::check::{describe, plan_with_newest};
use super::gc::tell_kept;
use super::language::{add_line, padded, padded_left, say};
use super::output_format::OutputFormat;
use super::progress::Progress;
use super::stdout::{print, refuse_in_snapshots};
use super::threads::pool;
use super::{database, log, memory, peak, restated};
use crate::error::Result;
use crate::job::Job;
use crate::nightly::freshness::STALE;
use crate::nightly::{self, Plan, RunOutcome, StateUse, overlap};
use crate::publish::{Latest, MISSING_DAYS, Manifest, Published, Store, as_of_in_name};
use crate::spec::Day;
use crate::spec::period::iso;

/// Runs a job.
pub fn run(options: &RunOptions) -> Result<()> {
    log::set(options);
    let job = Job::load(&options.job, &options.set, &Plan::catalogue())?;
    let as_of = as_of(&job, options.as_of.as_deref())?;
    let today = today(&job.zone)?;
    let out = options.out.clone().unwrap_or_else(|| job.output.path.clone());
    refuse_in_snapshots(&out)?;
    overlap::refuse_paths(&job, as_of, &out)?;
    pool(options.threads.map(usize::from))?.install(|| {
        let plan = plan(options, job, as_of)?;
        if options.dry_run {
            return plan_with_newest(&plan, &out, OutputFormat::Text);
        }
        tell_plan(&plan);
        overlap::refuse(&plan, &out)?;
        let store = Store::open(&out)?.on(today)?;
        // The plan says how the orders will be read, which opens the state and reads the links of customers.
        if log::is_verbose() {
            log::detail(describe(&plan, &out)?.trim_end());
        }
        let progress = Progress::new(options.progress);
        let snapshot = publish(&plan, &store, &progress, log::info)?;
        show_others(&plan, store, &snapshot, (&out, today), &progress)
    })
}

/// What follows a snapshot that is published: `latest`, old snapshots, the database. Nothing of it follows an experiment.
///
/// # Errors
/// As those of [`database::load`].
pub fn show_others(plan: &Plan, store: Store, snapshot: &Published, (out, today): (&Path, Day), progress: &Progress) -> Result<()> {
    tell_latest(snapshot, out, today);
    if plan.is_experiment {
        return Ok(());
    }
    remove_old(&store, plan.job.output.keep, &snapshot.manifest);
    // The database may let this process wait, and no other run needs to wait for that.
    drop(store);
    database::load(plan.job.output.postgres.as_ref(), out, today, progress)
}

/// Whether a run with these options changes nothing for others.
pub fn is_experiment(options: &RunOptions) -> bool {
    let changes_the_job = !options.set.is_empty() || !options.only.is_empty();
    changes_the_job && !options.publish
}

/// The plan of a run with these options.
///
/// # Errors
/// As those of [`Plan::new`].
pub fn plan(options: &RunOptions, job: Job, as_of: Day) -> Result<Plan> {
    let mut plan = Plan::new(job, as_of, &options.only)?;
    plan.memory_limit = options.memory.unwrap_or_else(memory::default_limit);
    plan.allow_stale = options.allow_stale;
    plan.is_experiment = is_experiment(options);
    plan.state = StateUse::of(plan.job.output.state, !plan.is_experiment && !plan.is_partial).reading_all(options.full);
    Ok(plan)
}

/// Prints what a plan warns of, and which tables it leaves out.
pub fn tell_plan(plan: &Plan) {
    for warning in &plan.warnings {
        log::warning(warning);
    }
    for skipped in &plan.skipped {
        let text = format!("table `{}` is left out: {}", skipped.table, skipped.reason);
        log::event("table_left_out", &text, json!({ "table": skipped.table, "reason": say(&skipped.reason) }));
    }
}

/// Runs a plan, prints its warnings and its result, the summary by `tell`, and returns its snapshot.
///
/// # Errors
/// As those of [`nightly::run`].
pub fn publish(plan: &Plan, store: &Store, progress: &Progress, tell: fn(&str)) -> Result<Published> {
    publish_by(plan, progress, tell, || nightly::run(plan, store, progress))
}

/// The same with what publishes it.
///
/// # Errors
/// As those of `make`.
pub fn publish_by(plan: &Plan, progress: &Progress, tell: fn(&str), make: impl FnOnce() -> Result<RunOutcome>) -> Result<Published> {
    let outcome = make();
    progress.finish();
    let (published, outcome) = match outcome? {
        RunOutcome::Published(published) => (*published, "published"),
        RunOutcome::Unchanged(published) => (*published, "unchanged"),
    };
    let manifest = &published.manifest;
    tell_warnings(plan, manifest);
    if outcome == "published" {
        print_result(tell, &summary(manifest), manifest, &published.path, outcome);
        match peak::warning(manifest, plan.memory_limit) {
            Some((text, true)) => log::alert(&text),
            Some((text, false)) => log::warning(&text),
            None => {}
        }
    } else {
        let name = &manifest.name;
        let text = format!(
            "snapshot {name} exists already: same job, same inputs, same as-of date. Its files are there with their sizes; \
             `huitou verify {name}` reads them too\n"
        );
        print_result(tell, &text, manifest, &published.path, outcome);
    }
    Ok(published)
}

/// Prints the warnings of the snapshot that were not printed before the run.
fn tell_warnings(plan: &Plan, manifest: &Manifest) {
    for warning in manifest.warnings.iter().filter(|warning| !plan.warnings.contains(warning)) {
        if [STALE, MISSING_DAYS].iter().any(|start| warning.starts_with(start)) { log::alert(warning) } else { log::warning(warning) }
    }
}

/// Says where `latest` stays, if it stays, and how to look at the snapshot then.
pub fn tell_latest(published: &Published, out: &Path, today: Day) {
    let name = &published.manifest.name;
    match &published.latest {
        Latest::KeptNewer(newer) => {
            let text = format!("`latest` stays at {newer}, which has a later as-of date");
            // A replay of an old day knows that; a night that runs as usual does not.
            let is_after_today = as_of_in_name(newer).is_some_and(|day| day > today);
            if is_after_today { log::alert(&format!("{text} than today")) } else { log::warning(&text) }
        }
        Latest::PassedOver(future) => log::alert(&format!(
            "`latest` pointed to {future}, whose as-of date has not come yet: the clock of this machine was wrong when it was made; \
             it points to {name} now, and {future} can be removed"
        )),
        Latest::KeptPublished(current) => {
            let stays = match current {
                Some(current) if current == name => "`latest` points to it already".to_owned(),
                Some(current) => format!("`latest` stays at {current}"),
                None => "there is no `latest` yet".to_owned(),
            };
            let out = out.display();
            log::info(&format!(
                "this run is an experiment (--set or --only): {stays}, and the database and the cool-down of lists do not change; \
                 to look at it: huitou show TABLE --out {out} --snapshot {name}, or huitou report --out {out} --snapshot {name}; \
                 --publish makes it the latest"
            ));
        }
        Latest::Moved | Latest::Already => {}
    }
}

/// Prints the folder of the snapshot to standard output for machines, and the summary to standard error for people. A failure to print
/// does not fail the run, because the snapshot is already published.
fn print_result(tell: fn(&str), text: &str, manifest: &Manifest, path: &Path, outcome: &str) {
    let line = if log::is_json() {
        json!({ "outcome": outcome, "path": path, "manifest": manifest }).to_string()
    } else {
        tell(text.trim_end());
        path.display().to_string()
    };
    if let Err(cause) = print(&format!("{line}\n")) {
        log::warning(&format!("the snapshot is published, but its folder could not be printed: {}", cause.in_a_line()));
    }
}

/// The age of the newest event from which on the as-of date may be that of a wrong clock whatever the job says of freshness, in days.
const UNBELIEVABLE_DAYS: Day = 366;

/// Removes the snapshots that the job does not keep. A failure does not fail the run, because the snapshot is already published.
pub fn remove_old(store: &Store, keep: Option<usize>, published: &Manifest) {
    let Some(keep) = keep else { return };
    let is_stale = published.inputs.iter().any(|input| input.name == "orders" && input.is_stale);
    let age = published.newest_event().map(|event| published.as_of - event);
    if is_stale || age.is_some_and(|days| days > UNBELIEVABLE_DAYS) {
        // A night of a wrong clock would push out true nights, and the lists that say who was contacted.
        return log::alert(
            "the orders are older than usual on the as-of date, as if the clock was ahead: no old snapshot is removed (`output.keep`); \
             the next night with new orders does it, or `huitou gc`",
        );
    }
    match store.prune(keep, Some(&published.name)) {
        Ok(pruned) => {
            tell_kept(&pruned, false);
            if !pruned.removed.is_empty() {
                log::info(&format!("removed old snapshots (`output.keep`): {}", pruned.removed.join(", ")));
            }
        }
        Err(cause) => log::warning(&format!("the snapshot is published, but older ones could not be removed: {}", cause.in_a_line())),
    }
}

/// The summary of a run: rows, tables, seconds, memory.
fn summary(manifest: &Manifest) -> String {
    let mut text = String::new();
    add_line(&mut text, &format!("snapshot {} as of {}", manifest.name, iso(manifest.as_of)));
    let heads = ["rows", "used", "superseded", "rejected", "after as-of", "filtered", "newest event"];
    let heads: Vec<String> = heads.into_iter().zip(WIDTHS).map(|(head, width)| padded_left(&say(head), width)).collect();
    let _ = writeln!(text, "{} {}", padded(&say("input"), 16), heads.join(" "));
    for input in &manifest.inputs {
        let rows = &input.equation;
        let counts = [rows.rows, rows.used, rows.superseded, rows.rejected, rows.after_as_of, rows.filtered];
        let cells = counts.map(|count| count.to_string()).into_iter().chain([input.newest_event.clone().unwrap_or("-".to_owned())]);
        let cells: Vec<String> = cells.zip(WIDTHS).map(|(cell, width)| padded_left(&cell, width)).collect();
        let _ = writeln!(text, "{:<16} {}", input.name, cells.join(" "));
    }
    if let Some(reading) = &manifest.reading {
        add_line(&mut text, &reading.in_words);
        if let Some(others) = reading.others {
            add_line(&mut text, &others.in_words());
        }
    }
    for line in restated::in_words(&manifest.restated) {
        add_line(&mut text, &line);
    }
    let tables: Vec<String> = manifest.tables.iter().map(|table| format!("{} {}", table.name, table.rows)).collect();
    add_line(&mut text, &format!("tables (rows): {}", tables.join(", ")));
    let phases: Vec<String> = manifest.phases.iter().map(|phase| format!("{} {:.2}", say(&phase.name), phase.seconds)).collect();
    add_line(&mut text, &format!("seconds: {:.2} ({}) on {} threads", manifest.seconds(), phases.join(", "), manifest.threads));
    if manifest.peak_memory_bytes > 0 {
        let peak = manifest.peak_memory_bytes >> 20;
        match manifest.spilled_bytes.div_ceil(1 << 20) {
            0 => add_line(&mut text, &format!("peak memory: {peak} MiB")),
            spilled => add_line(&mut text, &format!("peak memory: {peak} MiB, and {spilled} MiB were spilled to disk")),
        }
    }
    text
}

/// The widths of the columns of counts in the summary.
const WIDTHS: [usize; 7] = [13, 13, 11, 9, 12, 9, 12];
