//! Which finished snapshot of an output folder a date or a folder means, and which one came before another.

use std::fs;
use std::path::Path;

use super::history::{Entry, Snapshot, date_of, folders, read, read_all};
use super::latest::latest;
use super::layout::{LATEST, MANIFEST};
use super::manifest::Manifest;
use crate::error::{Error, Result};
use crate::spec::Day;

/// The snapshot in a folder: its own one, or the latest one of an output folder; `None` where the folder is neither.
///
/// # Errors
/// [`Error::Input`] where the snapshot is damaged, [`Error::Output`] where the folder cannot be read.
pub fn in_folder(folder: &Path) -> Result<Option<Snapshot>> {
    let Ok(path) = fs::canonicalize(folder) else { return Ok(None) };
    if path.join(MANIFEST).is_file() {
        return read(&path).map(|manifest| Some(Snapshot { path, manifest })).map_err(|problem| Error::Input(vec![problem]));
    }
    if fs::symlink_metadata(folder.join(LATEST)).is_err() {
        return Ok(None);
    }
    latest(folder)
}

/// The snapshot of an as-of date: the one that `latest` points to if it is of that date, else the one that was published last. Those of
/// experiments are passed over, and those of which only the lists are left.
///
/// # Errors
/// [`Error::Input`] where it is damaged, [`Error::Output`] where the folder cannot be read.
pub fn of_date(out: &Path, day: Day) -> Result<Option<Snapshot>> {
    let of_day = folders(out)?.into_iter().filter(|folder| date_of(folder) == Some(day));
    let entries = read_all(out, of_day).into_iter().filter(is_whole);
    let last = entries.max_by(|one, other| order(one).cmp(&order(other)));
    last.map(found).transpose()
}

/// The newest snapshot of the same job and folder with an earlier or the same as-of date, of several of one date the one that was published last. Those
/// of experiments are passed over, and those of which only the lists are left.
///
/// # Errors
/// [`Error::Input`] where it is damaged, [`Error::Output`] where the folder cannot be read.
pub fn before(snapshot: &Snapshot) -> Result<Option<Snapshot>> {
    let Some(out) = snapshot.path.parent().and_then(Path::parent) else { return Ok(None) };
    let published = published_at(&snapshot.path);
    // Of one date, what was published later is no state before it.
    newest_before(out, &snapshot.manifest, &|entry| entry.name != snapshot.manifest.name && entry.published_at() <= published)
}

/// The same of a draft, which is published after all that are there.
///
/// # Errors
/// As for [`before`].
pub fn before_draft(out: &Path, draft: &Manifest) -> Result<Option<Snapshot>> {
    newest_before(out, draft, &|_| true)
}

/// The newest snapshot of the job of `manifest` and of an earlier date, or of the same and with `counts_of_same_day`.
fn newest_before(out: &Path, manifest: &Manifest, counts_of_same_day: &dyn Fn(&Entry) -> bool) -> Result<Option<Snapshot>> {
    let is_before = |entry: &Entry| {
        let is_of_job = entry.manifest.as_ref().is_ok_and(|of_entry| of_entry.job == manifest.job);
        let is_earlier = entry.as_of() < Some(manifest.as_of) || entry.as_of() == Some(manifest.as_of) && counts_of_same_day(entry);
        is_whole(entry) && is_earlier && (is_of_job || entry.manifest.is_err())
    };
    let folders = folders(out)?;
    // From the newest date on: a folder of many nights has many manifests, and each is large.
    for of_date in folders.chunk_by(|one, other| date_of(one) == date_of(other)).rev() {
        if of_date.first().and_then(|folder| date_of(folder)) > Some(manifest.as_of) {
            continue;
        }
        let entries = read_all(out, of_date.iter().cloned()).into_iter().filter(is_before);
        if let Some(last) = entries.max_by(|one, other| order(one).cmp(&order(other))) {
            return found(last).map(Some);
        }
    }
    Ok(None)
}

fn published_at(path: &Path) -> Option<std::time::SystemTime> {
    fs::metadata(path.join(MANIFEST)).and_then(|found| found.modified()).ok()
}

/// Between equal dates the last run wins, which `latest` follows.
fn order(entry: &Entry) -> (bool, Option<std::time::SystemTime>, &str) {
    (entry.is_latest, entry.published_at(), &entry.name)
}

/// Whether it may be meant without its name; a damaged one may, so that its damage is told.
fn is_whole(entry: &Entry) -> bool {
    entry.manifest.as_ref().map_or(true, |manifest| !manifest.experiment && !manifest.lists_only)
}

fn found(entry: Entry) -> Result<Snapshot> {
    let manifest = entry.manifest.map_err(|problem| Error::Input(vec![problem]))?;
    Ok(Snapshot { path: entry.path, manifest })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::super::Store;
    use super::super::fixture::{day, publish, work};
    use super::*;

    /// The jobs of the fixture have one name and are told apart by their text.
    fn published(out: &Path, job: &str, number: i32) -> Snapshot {
        let published = publish(&Store::open(out).unwrap(), &work(job, number)).unwrap();
        Snapshot { path: published.path, manifest: published.manifest }
    }

    #[test]
    fn a_date_means_what_was_published_last_and_no_experiment() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path();
        published(out, "job", 1);
        let again = published(out, "changed", 1);
        publish(&Store::open(out).unwrap(), &work("tried", 1).experiment(true)).unwrap();
        assert_eq!(of_date(out, day(1)).unwrap().map(|found| found.manifest.name), Some(again.manifest.name));
        assert_eq!(of_date(out, day(2)).unwrap(), None);
    }

    #[test]
    fn before_a_snapshot_came_the_newest_of_an_earlier_or_the_same_date() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path();
        let first = published(out, "job", 1);
        let second = published(out, "job", 2);
        let third = published(out, "job", 3);
        publish(&Store::open(out).unwrap(), &work("tried", 3).experiment(true)).unwrap();
        let name = |snapshot: &Snapshot| before(snapshot).unwrap().map(|found| found.manifest.name);
        assert_eq!([name(&first), name(&second), name(&third)], [None, Some(first.manifest.name), Some(second.manifest.name.clone())]);
        std::fs::remove_file(second.path.join("report.html")).unwrap();
        assert_eq!(before(&third).unwrap_err().exit_code(), 3, "a damaged one is not passed over in silence");
    }

    #[test]
    fn a_folder_is_that_of_a_snapshot_or_has_a_latest_one() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("out");
        let only = published(&out, "job", 1);
        let name = |folder: &Path| in_folder(folder).unwrap().map(|found| found.manifest.name);
        let expected = Some(only.manifest.name.clone());
        assert_eq!([name(&only.path), name(&out), name(&out.join("latest"))], [expected.clone(), expected.clone(), expected.clone()]);
        symlink(&only.path, place.path().join("mine")).unwrap();
        assert_eq!(name(&place.path().join("mine")), expected);
        assert_eq!([name(place.path()), name(&place.path().join("nowhere"))], [None, None]);
    }
}
