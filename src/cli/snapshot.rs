//! Finds the snapshot that a command names.

use std::path::Path;

use crate::error::{Error, Problem, Result};
use crate::job::nearest;
use crate::publish::{self, Snapshot};
use crate::spec::period::{iso, parse_day};

/// The snapshot with this name, or of this as-of date, in an output folder; `latest` is the one that the link points to.
pub fn snapshot(out: &Path, name: &str) -> Result<Snapshot> {
    named(out, name, "--snapshot")
}

/// The same, where another option or argument names it.
pub fn named(out: &Path, name: &str, option: &str) -> Result<Snapshot> {
    let place = out.display().to_string();
    if name == "latest" {
        return publish::latest(out)?.ok_or_else(|| {
            let experiments: Vec<String> = publish::history(out).unwrap_or_default().into_iter().map(|entry| entry.name).collect();
            let (what, help) = match experiments.last() {
                None => ("there is no snapshot", "run a job first, or name its output folder with --out".to_owned()),
                Some(last) => ("no snapshot is the latest: there are only experiments (--set, --only)", format!("--snapshot {last}")),
            };
            Error::Usage(vec![Problem::new(place, what).help(help)])
        });
    }
    if let Some(day) = parse_day(name) {
        return publish::of_date(out, day)?.ok_or_else(|| {
            let what = format!("there is no snapshot as of {} in {}", iso(day), out.display());
            Error::Usage(vec![Problem::new(option, what).help("`huitou history` lists them")])
        });
    }
    let entries = publish::history(out)?;
    match entries.iter().find(|entry| entry.name == name) {
        Some(entry) => {
            let manifest = entry.manifest.clone().map_err(|problem| Error::Input(vec![problem]))?;
            Ok(Snapshot { path: entry.path.clone(), manifest })
        }
        None => {
            let help = match nearest(name, entries.iter().map(|entry| entry.name.as_str())) {
                Some(close) => format!("did you mean `{close}`? `huitou history` lists them"),
                None => "`huitou history` lists them".to_owned(),
            };
            Err(Error::Usage(vec![Problem::new(option, format!("there is no snapshot `{name}` in {place}")).help(help)]))
        }
    }
}
