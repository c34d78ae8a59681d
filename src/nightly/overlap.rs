//! Output inside an input: the tables of one night would be the input of the next.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::plan::Plan;
use crate::error::{Error, Problem, Result};
use crate::input::parquet_files::left_out::{is_hidden, is_unfinished};
use crate::input::parquet_files::patterns::{before_wildcard, matches};

/// The file that a run would write first, below the output folder.
const PART: &str = "snapshots/2000-01-01-000000/customers/part-0000.parquet";

/// Refuses an output folder whose files an input would read: one that lies in the folder of an input, matches its pattern, or holds files
/// that were found.
///
/// # Errors
/// [`Error::Usage`] with every such input.
pub fn refuse(plan: &Plan, out: &Path) -> Result<()> {
    let out = resolved(out);
    let mut problems = Vec::new();
    for (name, dataset) in &plan.datasets {
        let reads = |path: &Path| path.canonicalize().is_ok_and(|path| path.starts_with(&out));
        if takes(&dataset.spec.path, &dataset.spec.written_path, &out) || dataset.files.iter().any(|file| reads(&file.file.path)) {
            let what = format!(
                "input `{name}`: `{}` reads what lies in the output folder {}, so the next run would read its own tables",
                dataset.spec.written_path,
                out.display()
            );
            let help = "write to a folder outside of the input, with `output.path` or --out; lists of earlier runs are read from a copy";
            problems.push(Problem::new(&dataset.spec.place, what).help(help));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Usage(problems)) }
}

/// Whether an input of that path reads a part that a run writes into the folder.
fn takes(path: &str, written: &str, out: &Path) -> bool {
    let plain = Path::new(path.strip_suffix("/**").unwrap_or(path));
    if plain.is_dir() {
        return out.join(PART).strip_prefix(resolved(plain)).is_ok_and(|below| !below.iter().any(is_passed_over));
    }
    if plain.is_file() {
        return false;
    }
    // The folders before the first wildcard are resolved, as the output folder is; the rest is matched.
    let base = before_wildcard(path, written.len());
    let rest = path.get(base.len()..).unwrap_or_default().trim_start_matches('/');
    let Ok(pattern) = glob::Pattern::new(rest) else { return false };
    let Ok(below) = out.join(PART).strip_prefix(resolved(Path::new(base))).map(Path::to_path_buf) else { return false };
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

    #[test]
    fn folders_and_patterns_that_would_read_the_output_are_known() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().display().to_string();
        std::fs::create_dir_all(place.path().join("data/orders")).unwrap();
        std::fs::write(place.path().join("data/file.parquet"), "PAR1").unwrap();
        std::os::unix::fs::symlink("data", place.path().join("link")).unwrap();
        let takes = |written: &str, out: &str| takes(&format!("{root}/{written}"), written, &resolved(&place.path().join(out)));
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
