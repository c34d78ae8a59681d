//! Finding the files of an input: a file, a folder, or a pattern, Hive-partitioned or not.

use std::collections::{BTreeSet, VecDeque};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::file_order::by_name;
use super::left_out::{self, LeftOut, Why, is_hidden, is_unfinished};
use super::partitions::partitions;
use super::patterns::{Folders, before_wildcard, below, parts, shown, spelt};
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
    /// Ascending by label, as [`by_name`] orders them: the order that decides between versions without a time.
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
        found.walk(plain, written.trim_end_matches('/')).map_err(|cause| {
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

    /// Looks at all files below a folder. Folders that links lead to come after the others, and each folder counts once, however many links
    /// lead to it: they may lead round and round, or to one another in more ways than anybody could follow.
    fn walk(&mut self, folder: &Path, label: &str) -> std::io::Result<()> {
        let mut seen = Folders::default();
        let mut waiting = VecDeque::from([(folder.to_owned(), label.to_owned())]);
        while let Some((folder, label)) = waiting.pop_front() {
            self.walk_from(&folder, &label, &mut seen, &mut waiting)?;
        }
        Ok(())
    }

    /// Looks at a folder and those in it; links to folders wait.
    fn walk_from(
        &mut self,
        folder: &Path,
        label: &str,
        seen: &mut Folders,
        waiting: &mut VecDeque<(PathBuf, String)>,
    ) -> std::io::Result<()> {
        if !seen.is_new(folder, 0)? {
            self.leave(Why::SameFile, format!("{label}/"));
            return Ok(());
        }
        let mut entries = std::fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let name = shown(&entry.file_name());
            let path = entry.path();
            let label = format!("{label}/{name}");
            match (is_hidden(&name), path.is_dir()) {
                (true, is_dir) => self.leave(Why::Hidden, if is_dir { label + "/" } else { label }),
                (false, true) if is_unfinished(&name) => self.leave(Why::Unfinished, label + "/"),
                (false, true) if path.is_symlink() => waiting.push_back((path, label)),
                (false, true) => self.walk_from(&path, &label, seen, waiting)?,
                (false, false) => self.judge(path, &name, label),
            }
        }
        Ok(())
    }

    /// Looks at all files that match a pattern, and all below the folders that do.
    ///
    /// # Errors
    /// Why the pattern cannot be followed.
    fn matches(&mut self, path: &str, written: &str) -> Result<(), String> {
        let (base, written_base) = (
            before_wildcard(path, path.len() - path.strip_suffix(written).map_or(path.len(), str::len)),
            before_wildcard(written, written.len()),
        );
        let wildcards: Vec<&str> = parts(written.get(written_base.len()..).unwrap_or(written)).collect();
        let spells_name = wildcards.last().is_some_and(|last| !last.contains(['*', '?', '[']));
        let pattern = glob::Pattern::new(&wildcards.join("/")).map_err(|cause| format!("`{written}` is not a valid pattern: {cause}"))?;
        let depth = if wildcards.contains(&"**") { usize::MAX } else { wildcards.len() };
        let matches =
            below(Path::new(base), &pattern, depth).map_err(|cause| format!("the pattern `{written}` cannot be followed: {cause}"))?;
        for found in matches {
            let below = shown(found.strip_prefix(base).unwrap_or(&found).as_os_str());
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
                self.walk(&found, &label).map_err(|cause| format!("the folder `{label}` cannot be read: {cause}"))?;
            } else if spells_name {
                self.take(found, label);
            } else {
                self.judge(found.clone(), names.last().unwrap_or(&""), label);
            }
        }
        Ok(())
    }

    fn settle(&mut self) {
        let here = std::env::current_dir().unwrap_or_default();
        // Links to a file are the same file: its rows count once, under the name to which no link leads.
        let is_linked = |file: &DataFile| !file.path.canonicalize().is_ok_and(|path| path == here.join(&file.path));
        let mut files: Vec<(bool, DataFile)> = std::mem::take(&mut self.files).into_iter().map(|file| (is_linked(&file), file)).collect();
        files.sort_by(|(a_linked, a), (b_linked, b)| a_linked.cmp(b_linked).then_with(|| by_name(&a.label, &b.label)));
        files.dedup_by(|(_, a), (_, b)| a.path == b.path);
        let mut seen = BTreeSet::new();
        for (_, file) in files {
            match file.path.metadata() {
                Ok(found) if !seen.insert((found.dev(), found.ino())) => self.leave(Why::SameFile, file.label),
                _ => self.files.push(file),
            }
        }
        self.files.sort_by(|a, b| by_name(&a.label, &b.label));
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

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

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
    fn links_that_lead_round_and_round_are_followed_once() {
        use std::os::unix::fs::symlink;
        let folder = tree();
        symlink(folder.path().join("o"), folder.path().join("o/again")).unwrap();
        symlink("..", folder.path().join("o/dt=2026-01-01/up")).unwrap();
        symlink("../..", folder.path().join("o/dt=2026-01-01/above")).unwrap();
        for written in ["o", "o/**", "o/*", "o/**/*"] {
            assert_eq!(labels(&folder, written), THREE, "{written}");
        }
        assert!(left_out(&folder, "o").contains(&"o/again/".to_owned()), "{:?}", left_out(&folder, "o"));
        // Twenty folders that lead to one another: more ways than anybody could follow.
        let folder = tempfile::tempdir().unwrap();
        let name = |number: usize| format!("o/{number:02}");
        for number in 0..20 {
            std::fs::create_dir_all(folder.path().join(name(number))).unwrap();
            std::fs::write(folder.path().join(name(number)).join("a.parquet"), "PAR1").unwrap();
        }
        for (from, to) in (0..20).flat_map(|from| (0..20).map(move |to| (from, to))) {
            symlink(folder.path().join(name(to)), folder.path().join(name(from)).join(format!("to{to}"))).unwrap();
        }
        let each: Vec<String> = (0..20).map(|number| format!("{}/a.parquet", name(number))).collect();
        for written in ["o", "o/**", "o/*", "o/**/*.parquet"] {
            assert_eq!(labels(&folder, written), each, "{written}");
        }
    }

    #[test]
    fn names_that_are_not_utf8_stay_apart() {
        use std::os::unix::ffi::OsStrExt;
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("o")).unwrap();
        for name in [&b"\xffa.parquet"[..], b"\xfea.parquet"] {
            std::fs::write(folder.path().join("o").join(OsStr::from_bytes(name)), "PAR1").unwrap();
        }
        for written in ["o", "o/*"] {
            assert_eq!(labels(&folder, written), ["o/\\xFEa.parquet", "o/\\xFFa.parquet"], "{written}");
        }
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
