//! The finished snapshots of an output folder, and whether they are complete.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::layout::{LATEST, MANIFEST, SNAPSHOTS, as_of_in_name, is_snapshot_name};
use super::manifest::Manifest;
use super::strangers::strangers;
use super::work::Work;
use crate::disk::durable::{entries, failed};
use crate::disk::folder::Folder;
use crate::disk::regular;
use crate::error::{Error, Problem, Result};
use crate::spec::Day;

/// A finished snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Its own folder, never the link `latest`, so that all files read below it are of one snapshot.
    pub path: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
}

/// An entry of the history: a snapshot, or a damaged folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The name of the folder.
    pub name: String,
    /// The folder.
    pub path: PathBuf,
    /// The manifest, or the problem of a damaged folder.
    pub manifest: Result<Manifest, Problem>,
    /// Whether `latest` points to it.
    pub is_latest: bool,
}

impl Entry {
    /// The as-of date, with which the name begins.
    pub(super) fn as_of(&self) -> Option<Day> {
        as_of_in_name(&self.name)
    }

    /// Whether it is the snapshot of an experiment.
    pub(super) fn is_experiment(&self) -> bool {
        self.manifest.as_ref().is_ok_and(|manifest| manifest.experiment)
    }

    /// When its folder came into `snapshots`, as its disk has it.
    pub(super) fn published_at(&self) -> Option<SystemTime> {
        fs::metadata(self.path.join(MANIFEST)).and_then(|found| found.modified()).ok()
    }
}

/// The snapshots below `out` by as-of date and name; none if the folder does not exist. Takes no lock, because a run
/// adds only complete snapshots.
///
/// # Errors
/// `Output` where the folder cannot be read.
pub fn history(out: &Path) -> Result<Vec<Entry>> {
    Ok(read_all(out, folders(out)?))
}

/// The folders below `out` that are named as snapshots are, by name: a name begins with the as-of date, so the order of the names is that of the
/// dates.
pub(super) fn folders(out: &Path) -> Result<Vec<PathBuf>> {
    Ok(entries(&out.join(SNAPSHOTS))?.into_iter().filter(|path| is_snapshot_name(&name_of(path)) && path.is_dir()).collect())
}

/// The as-of date of a snapshot's folder.
pub(super) fn date_of(folder: &Path) -> Option<Day> {
    as_of_in_name(&name_of(folder))
}

/// Reads the manifests of snapshots of `out`.
pub(super) fn read_all(out: &Path, folders: impl IntoIterator<Item = PathBuf>) -> Vec<Entry> {
    // Resolved, because a user may have set the link to an absolute path.
    let latest = fs::canonicalize(out.join(LATEST)).ok();
    let entry = |path: PathBuf| {
        let name = name_of(&path);
        Entry { manifest: read(&path), is_latest: latest.is_some() && latest == fs::canonicalize(&path).ok(), name, path }
    };
    folders.into_iter().map(entry).collect()
}

/// The finished snapshot of a work; `None` if there is none, or only a damaged one or its lists, which publishing replaces.
///
/// # Errors
/// `Output` where the name is taken by other work with the same first digits of the fingerprint.
pub fn find(out: &Path, work: &Work) -> Result<Option<Snapshot>> {
    let path = out.join(SNAPSHOTS).join(work.name());
    let Ok(manifest) = read(&path) else { return Ok(None) };
    if manifest.lists_only {
        return Ok(None);
    }
    if manifest.fingerprint != work.fingerprint() {
        let problem = Problem::new(path.display().to_string(), "the name is taken by a snapshot of another job, other inputs or version")
            .help("the short hashes are equal by chance; move that folder away or write to another --out");
        return Err(Error::Output(problem));
    }
    Ok(Some(Snapshot { path, manifest }))
}

/// Reads the manifest of the snapshot in `path` and checks that all its files are there with their sizes.
pub(super) fn read(path: &Path) -> Result<Manifest, Problem> {
    let file = path.join(MANIFEST);
    let manifest = Manifest::read(&file).map_err(|cause| damaged(&file, cause))?;
    if manifest.name != name_of(path) {
        return Err(damaged(&file, format!("it is the manifest of {}", manifest.name)));
    }
    for (name, bytes, _) in files(&manifest) {
        if !Path::new(name).components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(damaged(&file, format!("it names `{name}`, which is not in the snapshot")));
        }
        let file = path.join(name);
        match fs::metadata(&file) {
            Ok(found) if found.len() == bytes => {}
            Ok(found) => return Err(damaged(&file, format!("has {} bytes where the manifest says {bytes}", found.len()))),
            Err(cause) if cause.kind() == ErrorKind::NotFound => return Err(damaged(&file, "is missing".to_string())),
            Err(cause) => return Err(damaged(&file, cause.to_string())),
        }
    }
    for table in &manifest.tables {
        let named: BTreeSet<&str> = table.parts.iter().map(|part| part.file.as_str()).collect();
        // Readers take every Parquet file of a table's folder.
        let folder = entries(&path.join(&table.name)).map_err(|cause| damaged(&path.join(&table.name), cause.to_string()))?;
        let is_named = |found: &Path| found.strip_prefix(path).is_ok_and(|below| below.to_str().is_some_and(|below| named.contains(below)));
        let is_read = |found: &Path| found.extension().is_some_and(|ending| ending == "parquet");
        if let Some(found) = folder.iter().find(|found| is_read(found) && !is_named(found)) {
            return Err(damaged(found, "is not part of the snapshot, and who reads the table reads it too".to_owned()));
        }
    }
    Ok(manifest)
}

fn damaged(place: &Path, message: String) -> Problem {
    Problem::new(place.display().to_string(), message).help("the snapshot is damaged; run the job again as of its date to replace it")
}

/// Compares every byte of a snapshot with its manifest. Returns a problem for each file whose SHA-256 differs, and for each that was added.
///
/// # Errors
/// `Output` where a file cannot be read.
pub fn verify(snapshot: &Snapshot) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for (name, _, expected) in files(&snapshot.manifest) {
        let path = snapshot.path.join(name);
        let found = sha256(&path).map_err(failed(&path))?;
        if found != expected {
            problems.push(Problem::new(path.display().to_string(), format!("has SHA-256 {found} where the manifest says {expected}")));
        }
    }
    for other in strangers(&Folder::open(&snapshot.path)?, Some(&snapshot.manifest))? {
        let what = "is not part of the snapshot: somebody put it there after it was published";
        problems.push(Problem::new(snapshot.path.join(other).display().to_string(), what));
    }
    Ok(problems)
}

/// Checks the parts of a table against the manifest, before somebody relies on what they say.
///
/// # Errors
/// [`Error::Input`] with the first part that is not the one that was published.
pub fn verify_table(snapshot: &Snapshot, table: &str) -> Result<()> {
    for part in snapshot.manifest.table(table).iter().flat_map(|entry| &entry.parts) {
        let path = snapshot.path.join(&part.file);
        let found = regular::check(&path).and_then(|()| sha256(&path)).map_err(|cause| cause.to_string());
        let wrong = match found {
            Ok(found) if found == part.sha256 => continue,
            Ok(_) => "its SHA-256 is not that of the manifest".to_owned(),
            Err(cause) => cause,
        };
        return Err(Error::Input(vec![Problem::new(path.display().to_string(), wrong)]));
    }
    Ok(())
}

/// Path, size and hash of each file that a manifest lists.
fn files(manifest: &Manifest) -> impl Iterator<Item = (&str, u64, &str)> {
    let parts = manifest.tables.iter().flat_map(|table| &table.parts).map(|part| (part.file.as_str(), part.bytes, part.sha256.as_str()));
    parts.chain(manifest.files.iter().map(|file| (file.file.as_str(), file.bytes, file.sha256.as_str())))
}

fn sha256(path: &Path) -> std::io::Result<String> {
    use std::io::Read;
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(hash.finalize())),
            length => hash.update(&buffer[..length]),
        }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
