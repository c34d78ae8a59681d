//! `huitou list sent`: remembers that a list was sent.

use std::path::{Path, PathBuf};

use super::found::find;
use super::time;
use crate::cli::as_of::today;
use crate::cli::list_arguments::SentOptions;
use crate::cli::log;
use crate::cli::stdout::print;
use crate::error::{Error, Problem, Result, listed};
use crate::import::sent::{Recorded, Sending, ids_in_file, record};
use crate::job::Job;
use crate::nightly::Plan;
use crate::table::read_back::rows_of;

/// The most ids that a message names.
const MOST_NAMED: usize = 5;

/// Records a list that was sent.
pub fn sent(options: &SentOptions) -> Result<()> {
    let Some(file) = &options.source.job else {
        let problem = Problem::new("--job", "is missing: what was sent is remembered in the inputs of the job");
        return Err(Error::Usage(vec![problem.help("name the job file with --job")]));
    };
    let job = Job::load(file, &[], &Plan::catalogue())?;
    let clock = time::now(&job.zone)?;
    let at = time::parse("--at", &options.at, clock)?;
    let only = options.only.as_deref().map(ids_in_file).transpose()?;
    let found = find(&options.source, Some(&options.name), Some(clock))?;
    if found.job != job.name {
        let what = format!("the snapshot {} is one of the job `{}`, and --job names the job `{}`", found.of, found.job, job.name);
        let help = "name the job whose list was sent with --job, or the output folder of this job with --out";
        return Err(Error::Usage(vec![
            Problem::new(options.source.out.as_ref().unwrap_or(&job.output.path).display().to_string(), what).help(help),
        ]));
    }
    if at < found.end {
        let what =
            format!("{} lies before {}, up to which the list of {} knows its customers", time::shown(at), time::shown(found.end), found.of);
        return Err(Error::Usage(vec![
            Problem::new("--at", what).help("give the time at which the messages went out; --snapshot names another night"),
        ]));
    }
    let Some(list) = found.lists.first() else { return Err(Error::bug("a list that was found is not there")) };
    let mut shops: Vec<String> = list.rows.iter().flat_map(rows_of).filter_map(|row| row.text("shop_id")).collect();
    shops.dedup();
    if options.cost.is_some() && shops.len() > 1 {
        let what = format!("the list has customers of {} shops, and nobody knows what each of them paid", shops.len());
        return Err(Error::Usage(vec![Problem::new("--cost", what).help("record one shop at a time with --shop")]));
    }
    let today = today(&job.zone)?;
    let sending = Sending {
        job: &job,
        strategy: &list.name,
        list: &found.label,
        at,
        rows: &list.rows,
        only: only.as_ref(),
        cost: options.cost,
        today,
    };
    let recorded = record(&sending)?;
    tell(&recorded, &list.name, at, (options.only.as_deref(), file));
    print(&recorded.files.iter().map(|path| format!("{}\n", beside(file, &job, path).display())).collect::<String>())
}

/// A path below the folder of the job, as seen from where the user is.
fn beside(file: &Path, job: &Job, path: &Path) -> PathBuf {
    let folder = file.parent().unwrap_or(Path::new(""));
    path.strip_prefix(&job.folder).map_or(path.to_owned(), |below| folder.join(below))
}

/// Says what was recorded. The files are that of `--only`, and the job.
fn tell(recorded: &Recorded, name: &str, at: i64, (only, job_file): (Option<&Path>, &Path)) {
    let Recorded { campaigns, treated, control, control_before, earlier, not_sent, unknown, control_sent, files, is_named_now } = recorded;
    let named = |ids: &[String]| listed(ids.iter().cloned(), MOST_NAMED);
    let file = only.map_or(String::new(), |file| file.display().to_string());
    if !unknown.is_empty() {
        log::warning(&format!("{file}: {} ids are not on the list, and are not recorded: {}", unknown.len(), named(unknown)));
    }
    if !control_sent.is_empty() {
        log::warning(&format!(
            "{file}: {} ids are of the control arm, which was to be left alone: they stay in it, since moving them would undo the random \
             choice: {}",
            control_sent.len(),
            named(control_sent)
        ));
    }
    if let Some((number, first)) = earlier {
        log::warning(&format!("{number} customers of {name} are recorded already, sent at {}: they stay as they are", time::shown(*first)));
    }
    if files.is_empty() {
        log::info("nothing was written");
        tell_named(*is_named_now, job_file);
        return;
    }
    if *not_sent > 0 {
        log::info(&format!("{not_sent} customers of the treated arm are not in {file}: they are in no arm"));
    }
    log::info(&format!("{name} was sent at {} to {treated} customers; {control} are held out", time::shown(at)));
    if !campaigns.is_empty() {
        log::info(&format!("new campaigns: {}", listed(campaigns.iter().cloned(), MOST_NAMED)));
    }
    tell_named(*is_named_now, job_file);
    if *control == 0 {
        log::warning("nobody is held out: what the messages did cannot be told from the season");
    }
    if let Some((_, first)) = earlier.filter(|(_, first)| *control_before > 0 && *treated > 0 && *first != at) {
        let (first, at) = (time::shown(first), time::shown(at));
        log::warning(&format!(
            "{control_before} of the control arm are recorded from {first} on, and those of this message from {at} on: campaign_effect compares what \
             they bought in windows that begin at different times, so send a list to all at one time where you can"
        ));
    }
}

fn tell_named(is_named_now: bool, job_file: &Path) {
    if is_named_now {
        log::info(&format!("{} names the inputs `campaigns` and `audiences` now", job_file.display()));
    }
}
