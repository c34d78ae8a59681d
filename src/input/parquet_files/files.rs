//! Finding the files of an input: a file, a folder, or a pattern, Hive-partitioned or not.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::left_out::{self, LeftOut, Why, is_hidden, is_unfinished};
use crate::error::Problem;

/// One data file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its name in messages and tables: the path as the job has it, then the path below.
    pub label: String,
    /// `key=value` folders on the way to it, outermost first. `None` is null, which writers call `__HIVE_DEFAULT_PARTITION__`.
    pub partitions: Vec<(String, Option<String>)>,
}

/// The files of an input, and what lies among them and is none.
#[derive(Debug, Default)]
pub struct FoundFiles {
    /// Ascending by label: the order that decides between versions without a time.
    pub files: Vec<DataFile>,
    /// Ascending by reason and label.
    pub left_out: Vec<LeftOut>,
}

/// Finds the data files of `path` (as the job wrote it: `written`).
///
/// A folder means the Parquet files below it, whatever they are called: their first bytes decide. What is hidden or unfinished by its name
/// is left out as in Spark. The same holds for what a pattern matches by a wildcard; what it spells out is taken.
///
/// # Errors
/// A problem at `place` if the path does not exist, or has no data file.
pub fn find(path: &str, written: &str, place: &str) -> Result<FoundFiles, Problem> {
    // What lies in the folder itself belongs to all that lies below it; the pattern alone would match the folders below.
    if let (Some(folder), Some(written)) = (path.strip_suffix("/**"), written.strip_suffix("/**"))
        && !written.is_empty()
    {
        return find(folder, written, place);
    }
    let problem = |message: String| Problem::new(place, message);
    let plain = Path::new(path);
    let mut found = FoundFiles::default();
    if plain.is_file() {
        found.take(plain.to_owned(), written.to_owned());
    } else if plain.is_dir() {
        found.walk(plain, written.trim_end_matches('/'), &mut Vec::new()).map_err(|cause| {
            problem(format!("the folder `{written}` cannot be read: {cause}")).help("give the run permission to read it")
        })?;
        found.settle();
        if found.files.is_empty() {
            return Err(found.nothing(place, format!("the folder `{written}` has no Parquet file"), "check the path"));
        }
    } else if path.contains(['*', '?', '[']) {
        found.matches(path, written).map_err(problem)?;
        found.settle();
        if found.files.is_empty() {
            let what = if found.left_out.is_empty() { "no file matches" } else { "no Parquet file matches" };
            return Err(found.nothing(place, format!("{what} `{written}`"), "check the pattern"));
        }
    } else {
        return Err(problem(format!("there is no file or folder `{written}` (looked at {path})"))
            .help("check the path, or whether the export has run"));
    }
    Ok(found)
}

impl FoundFiles {
    fn take(&mut self, path: PathBuf, label: String) {
        self.files.push(DataFile { path, partitions: partitions(&label), label });
    }

    fn leave(&mut self, why: Why, label: String) {
        self.left_out.push(LeftOut { why, label });
    }

    /// Takes a file unless its name or its bytes say that it is not data.
    fn judge(&mut self, path: PathBuf, name: &str, label: String) {
        match left_out::judge(&path, name) {
            None => self.take(path, label),
            Some(why) => self.leave(why, label),
        }
    }

    /// Looks at all files below a folder; `above` are the folders on the way to it.
    fn walk(&mut self, folder: &Path, label: &str, above: &mut Vec<PathBuf>) -> std::io::Result<()> {
        let itself = folder.canonicalize()?;
        // A link to a folder above would lead round and round.
        if above.contains(&itself) {
            return Ok(());
        }
        above.push(itself);
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = entry.path();
            let label = format!("{label}/{name}");
            match (is_hidden(&name), path.is_dir()) {
                (true, is_dir) => self.leave(Why::Hidden, if is_dir { label + "/" } else { label }),
                (false, true) if is_unfinished(&name) => self.leave(Why::Unfinished, label + "/"),
                (false, true) => self.walk(&path, &label, above)?,
                (false, false) => self.judge(path, &name, label),
            }
        }
        above.pop();
        Ok(())
    }

    /// Looks at all files that match a pattern, and all below the folders that do.
    ///
    /// # Errors
    /// Why the pattern cannot be followed.
    fn matches(&mut self, path: &str, written: &str) -> Result<(), String> {
        // The folder of the job is not a pattern, whatever characters it has.
        let pattern = path.strip_suffix(written).map_or(path.to_owned(), |folder| glob::Pattern::escape(folder) + written);
        let matches = glob::glob(&pattern).map_err(|cause| format!("`{written}` is not a valid pattern: {cause}"))?;
        let (base, written_base) = (
            before_wildcard(path, path.len() - path.strip_suffix(written).map_or(path.len(), str::len)),
            before_wildcard(written, written.len()),
        );
        let wildcards: Vec<&str> = parts(written.get(written_base.len()..).unwrap_or(written)).collect();
        let spells_name = wildcards.last().is_some_and(|last| !last.contains(['*', '?', '[']));
        for found in matches {
            let found = found.map_err(|cause| format!("the pattern `{written}` cannot be followed: {cause}"))?;
            let below = found.strip_prefix(base).unwrap_or(&found).to_string_lossy().into_owned();
            let within = |below: &str| if written_base.is_empty() { below.to_owned() } else { format!("{written_base}/{below}") };
            let label = within(&below);
            let names: Vec<&str> = parts(&below).collect();
            if let Err(hidden) = spelt(&wildcards, &names) {
                let is_folder = hidden + 1 < names.len() || found.is_dir();
                let hidden = within(&names.get(..=hidden).unwrap_or(&names).join("/"));
                self.leave(Why::Hidden, if is_folder { hidden + "/" } else { hidden });
            } else if let Some(at) = names.iter().position(|name| is_unfinished(name) && !wildcards.contains(name))
                && (at + 1 < names.len() || found.is_dir())
            {
                self.leave(Why::Unfinished, within(&names.get(..=at).unwrap_or(&names).join("/")) + "/");
            } else if found.is_dir() {
                self.walk(&found, &label, &mut Vec::new()).map_err(|cause| format!("the folder `{label}` cannot be read: {cause}"))?;
            } else if spells_name {
                self.take(found, label);
            } else {
                self.judge(found.clone(), names.last().unwrap_or(&""), label);
            }
        }
        Ok(())
    }

    fn settle(&mut self) {
        self.files.sort_by(|a, b| a.label.cmp(&b.label));
        self.files.dedup_by(|a, b| a.path == b.path);
        // Links to a file are the same file: its rows count once.
        let mut seen = BTreeSet::new();
        for file in std::mem::take(&mut self.files) {
            match file.path.metadata() {
                Ok(found) if !seen.insert((found.dev(), found.ino())) => self.leave(Why::SameFile, file.label),
                _ => self.files.push(file),
            }
        }
        self.left_out.sort_unstable();
        self.left_out.dedup();
    }

    /// The problem of an input without a file.
    fn nothing(&self, place: &str, what: String, check: &str) -> Problem {
        let what = match left_out::summary(&self.left_out) {
            Some(left_out) => format!("{what}; not read are {left_out}"),
            None => what,
        };
        let is_export = |left: &LeftOut| [".csv", ".xlsx", ".xls"].iter().any(|ending| left.label.to_lowercase().ends_with(ending));
        let import = if self.left_out.iter().any(is_export) { "; `huitou import` makes Parquet of CSV and XLSX files" } else { "" };
        Problem::new(place, what).help(format!("{check}, or whether the export has run{import}"))
    }
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".")
}

/// Whether a pattern spells out the beginning of every hidden name that it matches; else the position of the first name that it does not.
fn spelt(pattern: &[&str], names: &[&str]) -> Result<(), usize> {
    let Some((first, rest)) = pattern.split_first() else { return if names.is_empty() { Ok(()) } else { Err(0) } };
    let next = |pattern: &[&str]| spelt(pattern, names.get(1..).unwrap_or_default()).map_err(|at| at + 1);
    let name = names.first();
    if *first == "**" {
        let none = spelt(rest, names);
        return match (none, name) {
            (Err(at), Some(name)) if !is_hidden(name) => next(pattern).map_err(|other| at.max(other)),
            (none, _) => none,
        };
    }
    let name = name.ok_or(0_usize)?;
    let is_match = glob::Pattern::new(first).is_ok_and(|first| first.matches(name));
    let is_spelt = !is_hidden(name) || first.starts_with(['.', '_']) || first.starts_with("[_]") || first.starts_with("[.]");
    if is_match && is_spelt { next(rest) } else { Err(0) }
}

/// The folders of a pattern before its first wildcard, which is looked for in the last `length` bytes only.
fn before_wildcard(pattern: &str, length: usize) -> &str {
    let from = pattern.len() - length;
    let wildcard = pattern.get(from..).and_then(|tail| tail.find(['*', '?', '['])).map_or(pattern.len(), |at| from + at);
    pattern.get(..wildcard).and_then(|head| head.rfind('/')).and_then(|slash| pattern.get(..slash)).unwrap_or_default()
}

/// How writers spell a null in the name of a partition.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

fn partitions(label: &str) -> Vec<(String, Option<String>)> {
    let folders = label.rsplit_once('/').map_or("", |(folders, _)| folders);
    let keys_and_values = folders.split('/').filter_map(|folder| folder.split_once('=')).filter(|(key, _)| !key.is_empty());
    keys_and_values.map(|(key, value)| (unescape(key), (value != NULL).then(|| unescape(value)))).collect()
}

/// Decodes `%XX`, by which Hive writes characters that file systems do not allow.
fn unescape(value: &str) -> String {
    let bytes = value.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut position = 0;
    while let Some(&byte) = bytes.get(position) {
        let code = value.get(position + 1..position + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) if byte == b'%' => {
                plain.push(code);
                position += 3;
            }
            _ => {
                plain.push(byte);
                position += 1;
            }
        }
    }
    String::from_utf8(plain).unwrap_or_else(|_| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let parquet =
            ["o/dt=2026-01-02/b.parquet", "o/dt=2026-01-01/a", "o/.x.parquet", "o/_temporary/0/c.parquet", "o/_batch=1/d.PARQUET"];
        for file in parquet.into_iter().chain(["o/_SUCCESS", "o/readme.txt", "e/x.csv"]) {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, if parquet.contains(&file) { "PAR1" } else { "" }).unwrap();
        }
        folder
    }

    fn found(folder: &tempfile::TempDir, written: &str) -> Result<FoundFiles, String> {
        let path = folder.path().join(written).to_string_lossy().into_owned();
        find(&path, written, "job.yaml:1:1").map_err(|problem| problem.message)
    }

    fn labels(folder: &tempfile::TempDir, written: &str) -> Vec<String> {
        found(folder, written).unwrap().files.into_iter().map(|file| file.label).collect()
    }

    fn left_out(folder: &tempfile::TempDir, written: &str) -> Vec<String> {
        found(folder, written).unwrap().left_out.into_iter().map(|left| left.label).collect()
    }

    const THREE: [&str; 3] = ["o/_batch=1/d.PARQUET", "o/dt=2026-01-01/a", "o/dt=2026-01-02/b.parquet"];
    const LEFT: [&str; 4] = ["o/.x.parquet", "o/_SUCCESS", "o/_temporary/", "o/readme.txt"];

    #[test]
    fn folders_and_patterns_have_one_rule() {
        let folder = tree();
        for written in ["o", "o/", "o/*", "o/**", "o/**/*", "*", "*/"] {
            assert_eq!(labels(&folder, written), THREE, "{written}");
        }
        for written in ["o", "o/*", "o/**/*", "o/**"] {
            assert_eq!(left_out(&folder, written), LEFT, "{written}");
        }
        assert_eq!(labels(&folder, "o/dt=*"), THREE[1..]);
        assert_eq!(labels(&folder, "o/*/*.parquet"), THREE[2..]);
        assert_eq!(labels(&folder, "o/dt=2026-01-02/b.parquet"), THREE[2..]);
        let partitions = |written: &str, at: usize| found(&folder, written).unwrap().files[at].partitions.clone();
        assert_eq!(partitions("o", 1), [("dt".to_owned(), Some("2026-01-01".to_owned()))]);
        assert_eq!(partitions("o/*", 0), [("_batch".to_owned(), Some("1".to_owned()))]);
    }

    #[test]
    fn a_pattern_may_name_what_is_hidden() {
        let folder = tree();
        assert_eq!(labels(&folder, "o/_temporary"), ["o/_temporary/0/c.parquet"]);
        assert_eq!(labels(&folder, "o/_temp*/*"), ["o/_temporary/0/c.parquet"]);
        assert_eq!(labels(&folder, "o/**/_temporary/**/*.parquet"), ["o/_temporary/0/c.parquet"]);
        assert_eq!(labels(&folder, "o/.*.parquet"), ["o/.x.parquet"]);
        // Its last name is spelt out, so that nothing is left to judge.
        assert_eq!(labels(&folder, "*/readme.txt"), ["o/readme.txt"]);
        // Not by a wildcard for one letter either.
        assert_eq!(found(&folder, "o/?temporary/*").unwrap_err().split(';').next(), Some("no Parquet file matches `o/?temporary/*`"));
    }

    #[test]
    fn nothing_there() {
        let folder = tree();
        let expected = "the folder `e` has no Parquet file; not read are 1 not Parquet by the first bytes (`e/x.csv`)";
        assert_eq!(found(&folder, "e").unwrap_err(), expected);
        let path = folder.path().join("e").to_string_lossy().into_owned();
        let help = "check the path, or whether the export has run; `huitou import` makes Parquet of CSV and XLSX files";
        assert_eq!(find(&path, "e", "").unwrap_err().help, help);
        assert_eq!(found(&folder, "o/*.csv").unwrap_err(), "no file matches `o/*.csv`");
        assert!(found(&folder, "absent").unwrap_err().starts_with("there is no file or folder `absent`"));
    }

    #[test]
    #[cfg(unix)]
    fn a_link_to_a_folder_above_is_followed_once() {
        let folder = tree();
        std::os::unix::fs::symlink(folder.path().join("o"), folder.path().join("o/again")).unwrap();
        assert_eq!(labels(&folder, "o"), THREE);
    }

    #[test]
    fn partition_values_escaped_and_null() {
        assert_eq!(unescape("a%3Db%20c"), "a=b c");
        assert_eq!(unescape("50%"), "50%");
        assert_eq!(unescape("%E5%A4%A9"), "天");
        let of = |label| partitions(label).into_iter().map(|(key, value)| format!("{key}={value:?}")).collect::<Vec<_>>();
        assert_eq!(of("o/dt=__HIVE_DEFAULT_PARTITION__/%E5%BA%97=1/x"), ["dt=None", "店=Some(\"1\")"]);
    }

    #[test]
    fn folders_that_are_not_whole_and_further_names_of_a_file_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["o/a.parquet", "o/c.tmp/part-0.parquet", "o/d._COPYING_/0/x.parquet", "o/e/b.parquet"] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "PAR1").unwrap();
        }
        std::os::unix::fs::symlink("a.parquet", folder.path().join("o/latest.parquet")).unwrap();
        std::fs::hard_link(folder.path().join("o/a.parquet"), folder.path().join("o/hard.parquet")).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, folder.path().join("o/pipe.parquet"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        let left = ["o/hard.parquet", "o/latest.parquet", "o/pipe.parquet", "o/c.tmp/", "o/d._COPYING_/"];
        for written in ["o", "o/*"] {
            let path = folder.path().join(written).to_string_lossy().into_owned();
            let found = find(&path, written, "job.yaml:1:1").unwrap();
            let files: Vec<&str> = found.files.iter().map(|file| file.label.as_str()).collect();
            assert_eq!(files, ["o/a.parquet", "o/e/b.parquet"], "{written}");
            let labels: BTreeSet<&str> = found.left_out.iter().map(|left| left.label.as_str()).collect();
            assert_eq!(labels, left.into(), "{written}");
        }
        // What a pattern spells out is taken.
        let path = folder.path().join("o/c.tmp/*").to_string_lossy().into_owned();
        assert_eq!(find(&path, "o/c.tmp/*", "").unwrap().files.len(), 1);
    }
}
