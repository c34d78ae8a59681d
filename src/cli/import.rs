//! `huitou import`: converts exports to inputs, and prints the report.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::as_of;
use super::import_arguments::{ImportOptions, PaidOption, PresetOption};
use super::log;
use super::stdout::{print, refuse_in_snapshots};
use crate::disk::regular;
use crate::error::{Error, Problem, Result, visible};
use crate::import::{self, JobFile, Options, PaidMeans, Pseudonyms, SHORTEST_SALT, What};
use crate::input::declared::columns::{ORDERS, REFUNDS};
use crate::job::Status;
use crate::job::keys::{ORDER_STATUSES, REFUND_STATUSES};
use crate::spec::Day;

/// The environment variable with the salt of the pseudonyms.
const SALT: &str = "HUITOU_SALT";
/// The default timezone.
const ZONE: &str = "Asia/Shanghai";

/// Imports the files of an export.
pub fn import(options: &ImportOptions) -> Result<()> {
    let options = parse(options)?;
    refuse_in_snapshots(&options.to)?;
    let report = import::import(&options)?;
    for line in &report.lines {
        if line.is_warning { log::warning(&line.text) } else { log::info(&visible(&line.text)) }
    }
    match report.job {
        JobFile::Written(path) => {
            log::info(&format!("the job is ready: huitou run {}", quoted(&path)));
            print(&format!("{}\n", path.display()))
        }
        JobFile::Kept(path, text) => {
            log::warning(&format!("{} was edited and is kept; the import would have written:", path.display()));
            log::info(&text.trim_end().lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n"));
            print(&format!("{}\n", path.display()))
        }
        JobFile::NoOrders => {
            log::warning(&format!(
                "there are no orders in {} yet, so there is no job: import an order report to the same folder",
                options.to.display()
            ));
            Ok(())
        }
    }
}

/// A path that can be pasted into a shell: quoted if it has characters that a shell interprets.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = path.chars().all(|letter| letter.is_alphanumeric() || "/._-+,:@%".contains(letter));
    if is_plain { path } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

/// The options of the import. Reports all problems of the command line together.
fn parse(options: &ImportOptions) -> Result<Options> {
    let mut problems = Vec::new();
    let what = collect_problems(what(options), &mut problems);
    let pseudonyms = collect_problems(pseudonyms(options), &mut problems).flatten();
    let is_refunds = what.as_ref().is_some_and(|what| what.input().name == REFUNDS.name);
    let meanings = if is_refunds { REFUND_STATUSES } else { ORDER_STATUSES };
    let statuses = collect_problems(statuses(&options.status, meanings), &mut problems);
    let today = collect_problems(today(options.timezone.as_deref().unwrap_or(ZONE)), &mut problems);
    let shop = options.shop.as_ref().map(|shop| shop.trim().to_owned());
    if shop.as_ref().is_some_and(|shop| shop.is_empty() || shop.chars().any(char::is_control)) {
        problems.push(Problem::new("--shop", "the name of a shop is expected"));
    }
    let name = options.name.as_ref().map(|name| name.trim().to_owned());
    if name.as_ref().is_some_and(|name| name.is_empty() || name.chars().any(char::is_control)) {
        problems.push(Problem::new("--name", "the name of the job is expected"));
    }
    match (what, statuses, today) {
        (Some(what), Some(statuses), Some(today)) if problems.is_empty() => Ok(Options {
            what,
            files: options.files.clone(),
            to: options.to.clone(),
            shop,
            paid: options.paid.map(|paid| match paid {
                PaidOption::Net => PaidMeans::Net,
                PaidOption::Gross => PaidMeans::Gross,
            }),
            statuses,
            pseudonyms,
            columns: options.columns.iter().map(|name| name.trim().to_owned()).collect(),
            without_customers: options.without_customers,
            accept_masked: options.accept_masked,
            timezone: options.timezone.clone(),
            name,
            today,
        }),
        _ => Err(Error::Usage(problems)),
    }
}

/// Returns the value, or `None` after adding the problems of the error to `problems`.
fn collect_problems<T>(result: Result<T>, problems: &mut Vec<Problem>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(Error::Usage(found) | Error::Input(found)) => {
            problems.extend(found);
            None
        }
        Err(other) => {
            problems.push(Problem::new("import", other.to_string()));
            None
        }
    }
}

fn usage<T>(place: &str, message: String, help: &str) -> Result<T> {
    Err(Error::Usage(vec![Problem::new(place, message).help(help)]))
}

fn what(options: &ImportOptions) -> Result<What> {
    let known = match options.preset {
        PresetOption::TmallOrders => 0,
        PresetOption::TmallItems => 1,
        PresetOption::SycmTraffic => 2,
        PresetOption::TbkOrders => 3,
        PresetOption::SycmItems => 4,
        PresetOption::Generic => return import::generic(options.input.as_deref().unwrap_or(ORDERS.name), map(&options.map)?),
    };
    if !options.map.is_empty() || options.input.is_some() {
        return usage(
            "--map",
            "the preset knows its columns already".to_owned(),
            "leave out --map and --input, or use the preset `generic`",
        );
    }
    What::PRESETS.get(known).map(|preset| What::Known(preset)).ok_or_else(|| Error::bug("a preset is missing"))
}

/// Our names of columns and those of the files, from `OURS=THEIRS` and from YAML files.
fn map(options: &[String]) -> Result<BTreeMap<String, String>> {
    const HELP: &str =
        "give ours=theirs, as in --map paid_amount=实付金额, or a YAML file with a line `paid_amount: 实付金额` for each column";
    let mut map = BTreeMap::new();
    for option in options {
        let is_file = option.ends_with(".yaml") || option.ends_with(".yml");
        if is_file && !option.contains('=') {
            let text = regular::check(option.as_ref())
                .and_then(|()| std::fs::read_to_string(option))
                .map_err(|cause| Error::Usage(vec![Problem::new(option, cause.to_string()).help(HELP)]))?;
            let pairs: BTreeMap<String, String> =
                serde_yaml::from_str(&text).map_err(|cause| Error::Usage(vec![Problem::new(option, cause.to_string()).help(HELP)]))?;
            map.extend(pairs);
        } else {
            match option.split_once('=') {
                Some((ours, theirs)) if !theirs.trim().is_empty() => map.insert(ours.trim().to_owned(), theirs.trim().to_owned()),
                _ => return usage("--map", format!("`{option}` is not a pair of columns"), HELP),
            };
        }
    }
    Ok(map)
}

fn statuses(options: &[String], meanings: &[Status]) -> Result<BTreeMap<String, Status>> {
    let names = meanings.iter().map(|meaning| meaning.name()).collect::<Vec<_>>().join(", ");
    let parse = |option: &String| {
        // A status may contain an equals sign; a meaning does not.
        let (status, meaning) = option.rsplit_once('=')?;
        let meaning = meanings.iter().copied().find(|known| known.name() == meaning.trim())?;
        Some((status.trim().to_owned(), meaning))
    };
    let parsed = options.iter().map(|option| {
        let problem = || Problem::new("--status", format!("`{option}` is not STATUS=MEANING")).help(format!("meanings are {names}"));
        parse(option).ok_or_else(|| Error::Usage(vec![problem()]))
    });
    parsed.collect()
}

/// The pseudonyms, if requested. The salt is not an argument, because other users and the shell's history see those.
fn pseudonyms(options: &ImportOptions) -> Result<Option<Pseudonyms>> {
    if !options.pseudonymise {
        return Ok(None);
    }
    const HELP: &str = "create one once and keep it secret: head -c 32 /dev/urandom | base64 > salt.txt, then --salt-file salt.txt";
    let (place, salt) = match &options.salt_file {
        Some(file) => (file.display().to_string(), read_salt(file)?),
        None => (SALT.to_owned(), std::env::var(SALT).unwrap_or_default().trim().as_bytes().to_vec()),
    };
    if salt.is_empty() {
        return usage(&place, "there is no salt".to_owned(), HELP);
    }
    if salt.len() < SHORTEST_SALT {
        return usage(&place, format!("the salt has {} bytes, at least {SHORTEST_SALT} are needed", salt.len()), HELP);
    }
    Pseudonyms::new(&salt).map(Some)
}

fn read_salt(file: &Path) -> Result<Vec<u8>> {
    // Longer than any salt: a file that does not end is not read to its end.
    const LONGEST: u64 = 1 << 20;
    let mut bytes = Vec::new();
    let read = regular::check(file).and_then(|()| File::open(file)?.take(LONGEST).read_to_end(&mut bytes)).map(|_| bytes);
    match read {
        // A trailing line end, which editors add, is not part of the salt.
        Ok(bytes) => Ok(bytes.trim_ascii().to_vec()),
        Err(cause) => usage(&file.display().to_string(), format!("cannot be read: {cause}"), "check the name of the salt file"),
    }
}

/// Today in a timezone.
fn today(timezone: &str) -> Result<Day> {
    let Ok(zone) = jiff::tz::TimeZoneDatabase::bundled().get(timezone) else {
        return usage("--timezone", format!("`{timezone}` is not a timezone"), "give a name such as Asia/Shanghai");
    };
    as_of::today(&zone)
}
