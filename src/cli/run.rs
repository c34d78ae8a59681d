//! `huitou run`: a job to a snapshot, and a summary at the end.

use std::fmt::Write;
use std::path::Path;

use super::arguments::RunOptions;
use super::progress::Progress;
use super::{database, log, memory, pool, print};
use crate::error::{Error, Problem, Result};
use crate::job::{AsOf, Job};
use crate::nightly::{self, Outcome, Plan};
use crate::publish::{Latest, Manifest, Store};
use crate::spec::Day;
use crate::spec::period::{day_of, iso};

/// Runs a job.
pub fn run(options: &RunOptions) -> Result<()> {
    log::set(options);
    let job = Job::load(&options.job, &options.set, &Plan::catalogue())?;
    let as_of = as_of(&job, options.as_of.as_deref())?;
    let out = options.out.clone().unwrap_or_else(|| job.output.path.clone());
    pool(options.threads.map(usize::from))?.install(|| {
        let keep = job.output.keep;
        let mut plan = Plan::new(job, as_of, &options.only)?;
        plan.memory_limit = options.memory.unwrap_or_else(memory::default_limit);
        if options.dry_run {
            return print(&super::check::describe(&plan, &out)?);
        }
        for warning in &plan.warnings {
            log::warning(warning);
        }
        for skipped in &plan.skipped {
            log::info(&format!("table {} is left out: {}", skipped.card.name, skipped.reason));
        }
        let store = Store::open(&out)?;
        log::detail(super::check::describe(&plan, &out)?.trim_end());
        let progress = Progress::new(options.progress);
        let outcome = nightly::run(&plan, &store, &progress);
        progress.finish();
        let made = match outcome? {
            Outcome::Published(published) => {
                for warning in published.manifest.warnings.iter().filter(|warning| !plan.warnings.contains(warning)) {
                    log::warning(warning);
                }
                tell(&summary(&published.manifest), &published.manifest, &published.path, "published");
                let peak = published.manifest.peak_memory_bytes;
                let limit = plan.memory_limit;
                if peak > limit {
                    let (peak, limit) = (peak.div_ceil(1 << 20), limit >> 20);
                    log::warning(&format!("peak memory was {peak} MiB, the limit {limit} MiB: what cannot go to disk took more"));
                }
                match &published.latest {
                    Latest::KeptNewer(newer) => log::warning(&format!("`latest` stays at {newer}, which knows later days")),
                    Latest::KeptWhole(whole) => log::info(&format!("`latest` stays at {whole}, which has all tables")),
                    Latest::Moved | Latest::Already => {}
                }
                published
            }
            Outcome::Unchanged(published) => {
                let text = format!("snapshot {} is there already: same job, same inputs, same as-of date\n", published.manifest.name);
                tell(&text, &published.manifest, &published.path, "unchanged");
                published
            }
        };
        make_room(&store, keep, &made.manifest.name);
        database::load(plan.job.output.postgres.as_ref(), &out, &progress)
    })
}

/// The as-of date: of the command line, else of the job; yesterday by the clock of the job's timezone.
pub fn as_of(job: &Job, given: Option<&str>) -> Result<Day> {
    let as_of = match given {
        None => job.as_of,
        Some(text) => AsOf::parse(text).ok_or_else(|| {
            Error::Usage(vec![Problem::new("--as-of", format!("`{text}` is no date")).help("give YYYY-MM-DD or `yesterday`")])
        })?,
    };
    let now = jiff::Timestamp::now().to_zoned(job.zone.clone()).date();
    let today = day_of(i32::from(now.year()), i32::from(now.month()), i32::from(now.day()));
    let today = today.ok_or_else(|| Error::bug("the clock shows no date"))?;
    let day = as_of.day(today);
    if day > today {
        // Published, it would keep `latest` from moving until that day has come.
        let place = given.map_or(job.file.display().to_string(), |_| "--as-of".to_owned());
        let what = format!("{} has not come yet, today is {} in {}", iso(day), iso(today), job.timezone);
        return Err(Error::Usage(vec![Problem::new(place, what).help("give a day up to today")]));
    }
    Ok(day)
}

/// Machine output goes to standard output: the folder of the snapshot; the summary is for people. What is published stays
/// published, whether or not anybody can be told.
fn tell(text: &str, manifest: &Manifest, path: &Path, outcome: &str) {
    let line = if log::is_json() {
        serde_json::json!({ "outcome": outcome, "path": path, "manifest": manifest }).to_string()
    } else {
        log::info(text.trim_end());
        path.display().to_string()
    };
    if let Err(cause) = print(&format!("{line}\n")) {
        log::warning(&format!("the snapshot is published, but could not be named: {cause}"));
    }
}

/// Removes the snapshots that the job does not keep. What is published stays published, whether or not there is room made.
fn make_room(store: &Store, keep: Option<usize>, made: &str) {
    match keep.map_or(Ok(Vec::new()), |keep| store.prune(keep, Some(made))) {
        Ok(removed) if removed.is_empty() => {}
        Ok(removed) => log::info(&format!("removed old snapshots (`output.keep`): {}", removed.join(", "))),
        Err(cause) => log::warning(&format!("the snapshot is published, but older ones could not be removed: {cause}")),
    }
}

/// What a finished run says: rows, tables, seconds, memory.
fn summary(manifest: &Manifest) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "snapshot {} as of {}", manifest.name, iso(manifest.as_of));
    let _ = writeln!(
        text,
        "{:<10} {:>13} {:>13} {:>11} {:>9} {:>12} {:>9}",
        "input", "rows", "used", "superseded", "rejected", "after as-of", "filtered"
    );
    for input in &manifest.inputs {
        let rows = &input.equation;
        let _ = writeln!(
            text,
            "{:<10} {:>13} {:>13} {:>11} {:>9} {:>12} {:>9}",
            input.name, rows.rows, rows.used, rows.superseded, rows.rejected, rows.after_as_of, rows.filtered
        );
    }
    let tables: Vec<String> = manifest.tables.iter().map(|table| format!("{} {}", table.name, table.rows)).collect();
    let _ = writeln!(text, "tables (rows): {}", tables.join(", "));
    let phases: Vec<String> = manifest.phases.iter().map(|phase| format!("{} {:.2}", phase.name, phase.seconds)).collect();
    let _ = writeln!(text, "seconds: {:.2} ({}) on {} threads", manifest.seconds(), phases.join(", "), manifest.threads);
    if manifest.peak_memory_bytes > 0 {
        let _ = write!(text, "peak memory: {} MiB", manifest.peak_memory_bytes >> 20);
        let _ = match manifest.spilled_bytes {
            0 => writeln!(text),
            spilled => writeln!(text, ", and {} MiB went to disk for a while", spilled.div_ceil(1 << 20)),
        };
    }
    text
}
