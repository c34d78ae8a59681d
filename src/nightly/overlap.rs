//! Output inside an input: the tables of one night would be the input of the next.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::plan::Plan;
use crate::error::{Error, Problem, Result};
use crate::input::mapping::dataset::Dataset;
use crate::input::parquet_files::left_out::{is_hidden, is_unfinished};
use crate::input::parquet_files::patterns::{before_wildcard, matches};
use crate::job::{InputSpec, Job};
use crate::spec::Day;
use crate::spec::period::iso;
use crate::store::address::is_address;

/// A file that a run as of a day would write, below the output folder.
fn part(as_of: Day) -> PathBuf {
    Path::new("snapshots").join(format!("{}-000000", iso(as_of))).join("customers/part-0000.parquet")
}

/// Refuses an output folder whose files an input of the job would read by its path: one that lies in the folder of an input, or matches its
/// pattern. For before the files are opened: later nights would find the tables of the first ones among them.
///
/// # Errors
/// [`Error::Usage`] with every such input.
pub fn refuse_paths(job: &Job, as_of: Day, out: &Path) -> Result<()> {
    let out = resolved(out);
    let reads = |spec: &&InputSpec| takes(&spec.path, &spec.written_path, &out, &part(as_of));
    refused(job.inputs.iter().filter(|(_, spec)| reads(spec)), &out)
}

/// Refuses the same of the files that were found, and of the folders that links in the inputs lead to.
///
/// # Errors
/// [`Error::Usage`] with every such input.
pub fn refuse(plan: &Plan, out: &Path) -> Result<()> {
    let out = resolved(out);
    let is_below = |file: &Path| file.canonicalize().is_ok_and(|path| path.starts_with(&out));
    let leads = |folder: &PathBuf| out.join(part(plan.as_of)).strip_prefix(folder).is_ok_and(|below| !below.iter().any(is_passed_over));
    let reads = |dataset: &&Dataset| {
        dataset.files.iter().any(|file| file.file.place.on_disk().is_some_and(is_below)) || dataset.linked.iter().any(leads)
    };
    refused(plan.datasets.values().filter(reads).map(|dataset| (dataset.input.name, &dataset.spec)), &out)
}

fn refused<'a>(inputs: impl Iterator<Item = (&'a str, &'a InputSpec)>, out: &Path) -> Result<()> {
    let problems: Vec<Problem> = inputs
        .map(|(name, spec)| {
            let what = format!(
                "input `{name}`: `{}` reads what lies in the output folder {}, so the next run would read its own tables",
                spec.written_path,
                out.display()
            );
            let help = "write to a folder outside of the input, with `output.path` or --out; lists of earlier runs are read from a copy";
            Problem::new(&spec.place, what).help(help)
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Usage(problems)) }
}

/// Whether an input of that path reads a part that a run writes into the folder.
fn takes(path: &str, written: &str, out: &Path, part: &Path) -> bool {
    if is_address(path) {
        return false;
    }
    let plain = Path::new(path.strip_suffix("/**").unwrap_or(path));
    if plain.is_dir() {
        return out.join(part).strip_prefix(resolved(plain)).is_ok_and(|below| !below.iter().any(is_passed_over));
    }
    if plain.is_file() {
        return false;
    }
    // The folders before the first wildcard are resolved, as the output folder is; the rest is matched.
    let base = before_wildcard(path, written.len());
    let rest = path.get(base.len()..).unwrap_or_default().trim_start_matches('/');
    let Ok(pattern) = glob::Pattern::new(rest) else { return false };
    let Ok(below) = out.join(part).strip_prefix(resolved(Path::new(base))).map(Path::to_path_buf) else { return false };
    // All files below a folder that matches are read.
    below.ancestors().any(|path| matches(&pattern, path)) && !below.iter().any(is_passed_over)
}

/// Whether an input never looks into a folder of that name.
fn is_passed_over(name: &std::ffi::OsStr) -> bool {
    let name = name.to_string_lossy();
    is_hidden(&name) || is_unfinished(&name)
}

/// The path without links and without `..`, as far as it exists.
fn resolved(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut missing: Vec<OsString> = Vec::new();
    for above in path.ancestors() {
        if let Ok(found) = above.canonicalize() {
            return missing.iter().rev().fold(found, |path, name| path.join(name));
        }
        missing.push(above.file_name().unwrap_or_default().to_owned());
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::period::parse_day;

    #[test]
    fn folders_and_patterns_that_would_read_the_output_are_known() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().display().to_string();
        std::fs::create_dir_all(place.path().join("data/orders")).unwrap();
        std::fs::write(place.path().join("data/file.parquet"), "PAR1").unwrap();
        std::os::unix::fs::symlink("data", place.path().join("link")).unwrap();
        let takes = |written: &str, out: &str| {
            let part = part(parse_day("2026-11-21").unwrap());
            takes(&format!("{root}/{written}"), written, &resolved(&place.path().join(out)), &part)
        };
        for (written, out) in [
            ("data", "data/out"),
            ("data", "data"),
            ("link", "data/out"),
            ("data", "link/deep/out"),
            ("data/**", "data/out"),
            ("data/*", "data/out"),
            ("data/**/*.parquet", "data/out"),
            ("d*/o*", "data/out"),
            ("data/out/snapshots/*/customers", "data/out"),
            ("data/*/*/*/*/*.parquet", "data/out"),
            ("data/**/2026-*/**", "data/out"),
        ] {
            assert!(takes(written, out), "{written} reads {out}");
        }
        for (written, out) in [
            ("data/orders", "data/out"),
            ("data/orders", "out"),
            ("data/*.parquet", "data/out"),
            ("data/o*s", "data/out"),
            ("data/file.parquet", "data/out"),
            ("data", "data/.out"),
            ("data", "database"),
            ("data/*/*.parquet", "data/out"),
        ] {
            assert!(!takes(written, out), "{written} does not read {out}");
        }
    }
}
