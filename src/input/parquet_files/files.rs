//! Finding the files of an input on a disk: a file, a folder, or a pattern, Hive-partitioned or not.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use super::file_order::by_name;
use super::left_out::{self, LeftOut, Why, is_hidden, is_unfinished};
use super::partitions::partitions;
use super::patterns::{Folders, before_wildcard, below, parts, shown, spelt};
use super::place::Place;
use crate::error::Problem;

/// One data file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// Where it is.
    pub place: Place,
    /// Its name in messages and tables: the path as the job has it, then the path below.
    pub label: String,
    /// `key=value` folders on the way to it, outermost first. `None` is null, which writers call `__HIVE_DEFAULT_PARTITION__`.
    pub partitions: Vec<(String, Option<String>)>,
}

impl DataFile {
    /// One of that label that need not be there any more.
    pub(in crate::input) fn past(label: &str) -> DataFile {
        DataFile { place: Place::Disk(PathBuf::from(label)), label: label.to_owned(), partitions: partitions(label) }
    }
}

/// The files of an input, and what lies among them and is none.
#[derive(Debug, Default)]
pub struct FoundFiles {
    /// Ascending by label, as [`by_name`] orders them: the order that decides between versions without a time.
    pub files: Vec<DataFile>,
    /// Ascending by reason and label.
    pub left_out: Vec<LeftOut>,
    /// The folders that links led to.
    pub linked: Vec<PathBuf>,
    /// Logs of tables in a store: the program that writes it, and its folder.
    pub logs: Vec<(&'static str, String)>,
}

/// Finds the data files of `path`, which is one of the file system (as the job wrote it: `written`).
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
        found.settle().map_err(|message| problem(message).help(OWN_FILES))?;
        if found.files.is_empty() {
            return Err(found.nothing(place, format!("the folder `{written}` has no Parquet file"), "check the path"));
        }
    } else if path.contains(['*', '?', '[']) {
        found.matches(path, written).map_err(problem)?;
        found.settle().map_err(|message| problem(message).help(OWN_FILES))?;
        if found.files.is_empty() {
            let what = if found.left_out.is_empty() { "no file matches" } else { "no Parquet file matches" };
            return Err(found.nothing(place, format!("{what} `{written}`"), "check the pattern"));
        }
    } else if plain.exists() {
        return Err(
            problem(format!("`{written}` is a pipe, a socket or a device, and only files are read")).help("write it to a file first")
        );
    } else if let Ok(target) = plain.read_link() {
        return Err(problem(format!("`{written}` is a link to {}, which is not there", target.display()))
            .help("check the link, or whether the export has run"));
    } else {
        return Err(problem(format!("there is no file or folder `{written}` (looked at {path})"))
            .help("check the path, or whether the export has run"));
    }
    Ok(found)
}

/// What to do about one file in two partitions.
const OWN_FILES: &str =
    "let each partition have a file of its own; programs that replace equal files by links do not know what a folder says";

/// Whether two names of a file say different things of a partition. Of a folder within one of the same key, as links make them, the inner
/// one counts.
fn is_elsewhere(one: &DataFile, other: &DataFile) -> bool {
    let value = |file: &'_ DataFile, key: &str| file.partitions.iter().rev().find(|(own, _)| own == key).map(|(_, value)| value.clone());
    one.partitions.iter().any(|(key, _)| value(other, key).is_some_and(|other| Some(other) != value(one, key)))
}

/// Whether a path, seen from `here`, leads to its file through no link. `known` has the folders that were looked at: one call of the system for
/// each of them is a fraction of what resolving the whole path of each file takes.
fn leads_through_no_link(path: &Path, here: &Path, known: &mut HashMap<PathBuf, bool>) -> bool {
    let is_spelt_out = path.components().all(|part| matches!(part, Component::Normal(_) | Component::RootDir));
    if !is_spelt_out {
        return path.canonicalize().is_ok_and(|found| found == here.join(path));
    }
    let is_link = |path: &Path| !path.symlink_metadata().is_ok_and(|found| !found.is_symlink());
    let folders: Vec<&Path> = path.ancestors().skip(1).filter(|folder| folder.file_name().is_some()).collect();
    let through_folders = folders.into_iter().rev().all(|folder| match known.get(folder) {
        Some(is_plain) => *is_plain,
        None => *known.entry(folder.to_owned()).or_insert(!is_link(folder)),
    });
    through_folders && !is_link(path)
}

impl FoundFiles {
    fn take(&mut self, path: PathBuf, label: String) {
        self.take_from(Place::Disk(path), label);
    }

    pub(super) fn take_from(&mut self, place: Place, label: String) {
        self.files.push(DataFile { place, partitions: partitions(&label), label });
    }

    pub(super) fn leave(&mut self, why: Why, label: String) {
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
        let (mut seen, mut waiting) = (Folders::default(), VecDeque::new());
        self.walk_from(folder, label, &mut seen, &mut waiting)?;
        self.follow(waiting, seen)
    }

    /// Looks at the folders that links lead to.
    fn follow(&mut self, mut waiting: VecDeque<(PathBuf, String)>, mut seen: Folders) -> std::io::Result<()> {
        while let Some((folder, label)) = waiting.pop_front() {
            self.linked.extend(folder.canonicalize().ok());
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
        let written_base = before_wildcard(written, written.len());
        let wildcards: Vec<&str> = parts(written.get(written_base.len()..).unwrap_or(written)).collect();
        // A variable before the first wildcard is replaced in the path; what begins with the wildcard ends both alike.
        let base = match path.strip_suffix(written) {
            Some(_) => before_wildcard(path, written.len()),
            None => Path::new(path).ancestors().nth(wildcards.len()).and_then(Path::to_str).unwrap_or_default(),
        };
        let spells_name = wildcards.last().is_some_and(|last| !last.contains(['*', '?', '[']));
        let pattern = glob::Pattern::new(&wildcards.join("/")).map_err(|cause| format!("`{written}` is not a valid pattern: {cause}"))?;
        let depth = if wildcards.contains(&"**") { usize::MAX } else { wildcards.len() };
        let matches =
            below(Path::new(base), &pattern, depth).map_err(|cause| format!("the pattern `{written}` cannot be followed: {cause}"))?;
        // A folder counts once, whichever match it lies below, and what links lead to comes last.
        let (mut seen, mut waiting) = (Folders::default(), VecDeque::new());
        self.linked.extend(matches.linked);
        for found in matches.found {
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
            } else if found.is_dir() && found.is_symlink() {
                waiting.push_back((found, label));
            } else if found.is_dir() {
                let walked = self.walk_from(&found, &label, &mut seen, &mut waiting);
                walked.map_err(|cause| format!("the folder `{label}` cannot be read: {cause}"))?;
            } else if spells_name && found.is_file() {
                self.take(found, label);
            } else {
                self.judge(found.clone(), names.last().unwrap_or(&""), label);
            }
        }
        self.follow(waiting, seen).map_err(|cause| format!("a folder that a link below `{written}` leads to cannot be read: {cause}"))
    }

    /// Puts the files in their order, each under one name.
    ///
    /// # Errors
    /// A file that lies in two partitions: its rows would count in one of them.
    fn settle(&mut self) -> Result<(), String> {
        let here = std::env::current_dir().unwrap_or_default();
        // Links to a file are the same file: its rows count once, under the name to which no link leads.
        let mut known = HashMap::new();
        let mut is_linked = |file: &DataFile| !file.place.on_disk().is_some_and(|path| leads_through_no_link(path, &here, &mut known));
        let mut files: Vec<(bool, DataFile)> = std::mem::take(&mut self.files).into_iter().map(|file| (is_linked(&file), file)).collect();
        files.sort_by(|(a_linked, a), (b_linked, b)| a_linked.cmp(b_linked).then_with(|| by_name(&a.label, &b.label)));
        files.dedup_by(|(_, a), (_, b)| a.place == b.place);
        let mut seen: BTreeMap<(u64, u64), usize> = BTreeMap::new();
        for (_, file) in files {
            let found = file.place.on_disk().and_then(|path| path.metadata().ok()).map(|found| (found.dev(), found.ino()));
            match found.and_then(|found| seen.get(&found)).and_then(|place| self.files.get(*place)) {
                Some(other) if is_elsewhere(other, &file) => {
                    return Err(format!(
                        "`{}` and `{}` are one file with two names, and lie in different partitions: whose rows are they?",
                        other.label, file.label
                    ));
                }
                Some(_) => self.leave(Why::SameFile, file.label),
                None => {
                    seen.extend(found.map(|found| (found, self.files.len())));
                    self.files.push(file);
                }
            }
        }
        self.order();
        Ok(())
    }

    /// Puts the files in their order.
    pub(super) fn order(&mut self) {
        self.files.sort_by(|a, b| by_name(&a.label, &b.label));
        self.left_out.sort_unstable();
        self.left_out.dedup();
    }

    /// The problem of an input without a file.
    pub(super) fn nothing(&self, place: &str, what: String, check: &str) -> Problem {
        let what = match left_out::summary(&self.left_out) {
            Some(left_out) => format!("{what}; not read are {left_out}"),
            None => what,
        };
        let is_export = |left: &LeftOut| [".csv", ".xlsx", ".xls"].iter().any(|ending| left.label.to_lowercase().ends_with(ending));
        let import = if self.left_out.iter().any(is_export) { "; `huitou import` makes Parquet of CSV and XLSX files" } else { "" };
        Problem::new(place, what).help(format!("{check}, or whether the export has run{import}"))
    }
}
