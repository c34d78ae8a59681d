//! The output folder, locked by one run at a time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::durable::{create_folders, entries, failed, remove};
use super::history::{Snapshot, find};
use super::latest;
use super::layout::{LATEST, SNAPSHOTS, TMP};
use super::step::step;
use super::work::Work;
use crate::error::{Error, Problem, Result};

/// An output folder that this process may write to. The lock lasts as long as the store and its drafts, and the
/// system releases it however the process ends. Readers need no store: see [`history`](super::history),
/// [`latest`](super::latest).
#[derive(Debug, Clone)]
pub struct Store {
    out: PathBuf,
    _lock: Arc<File>,
}

impl Store {
    /// Creates the folder if it does not exist, locks it, and removes files that crashed runs left.
    ///
    /// # Errors
    /// `Busy` while another run holds the lock; `Output` where the folder cannot be written to.
    pub fn open(out: &Path) -> Result<Store> {
        create_folders(out)?;
        let lock = lock(out)?;
        step("publish::lock", out)?;
        let store = Store { out: out.to_path_buf(), _lock: Arc::new(lock) };
        create_folders(&out.join(SNAPSHOTS))?;
        create_folders(&out.join(TMP))?;
        for leftover in entries(&out.join(TMP))? {
            remove(&leftover)?;
        }
        step("publish::sweep", out)?;
        store.probe_links()?;
        Ok(store)
    }

    /// The output folder.
    pub fn out(&self) -> &Path {
        &self.out
    }

    /// The finished snapshot of a work.
    ///
    /// # Errors
    /// As [`find`](super::find).
    pub fn find(&self, work: &Work) -> Result<Option<Snapshot>> {
        find(&self.out, work)
    }

    /// Tests whether links can be created, so that a disk without links (FAT, some network mounts) or a folder named
    /// `latest` is found before the work and not after it.
    fn probe_links(&self) -> Result<()> {
        latest::target(&self.out)?;
        let probe = self.out.join(TMP).join(LATEST);
        std::os::unix::fs::symlink(SNAPSHOTS, &probe).map_err(|cause| {
            let message = format!("links cannot be created here: {cause}");
            Error::Output(Problem::new(self.out.display().to_string(), message).help("choose an --out on a local disk"))
        })?;
        remove(&probe)
    }
}

/// Takes the lock, and writes the process id into its file.
fn lock(out: &Path) -> Result<File> {
    let path = out.join(".lock");
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed(&path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            let message = match holder.trim() {
                "" => "another run of huitou holds this output folder".to_string(),
                process => format!("another run of huitou holds this output folder (process {process})"),
            };
            let help = "wait for it to end, stop it, or write to another --out; do not delete any file";
            return Err(Error::Busy(Problem::new(out.display().to_string(), message).help(help)));
        }
        Err(TryLockError::Error(cause)) => return Err(Error::system(&path, &cause)),
    }
    // Only for the message above: the system keeps the lock itself, so an outdated process id does no harm.
    let written = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id()));
    written.map_err(failed(&path))?;
    Ok(file)
}

/// Removes the folder at `path`, by way of `out/tmp` so that it disappears at once.
pub(super) fn set_aside(out: &Path, path: &Path) -> Result<()> {
    if fs::symlink_metadata(path).is_err() {
        return Ok(());
    }
    let aside = out.join(TMP).join("damaged");
    remove(&aside)?;
    fs::rename(path, &aside).map_err(failed(path))?;
    remove(&aside)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::super::fixture::{day, ids, leftovers, publish, rows, work};
    use super::super::schema::CARD;
    use super::super::{Begin, InputEntry, Latest, Manifest, Published, RowEquation, history, verify};
    use super::*;

    fn link(out: &Path) -> String {
        fs::read_link(out.join(LATEST)).unwrap().display().to_string()
    }

    #[test]
    fn tables_are_published_together() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("deep/out");
        assert_eq!(history(&out).unwrap(), Vec::new());
        assert_eq!(super::super::latest(&out).unwrap(), None);

        let work = work("job", 1);
        let published = publish(&Store::open(&out).unwrap(), &work).unwrap();
        assert!(published.is_new);
        assert_eq!(published.latest, Latest::Moved);
        assert_eq!(link(&out), format!("snapshots/{}", work.name()));
        let latest = super::super::latest(&out).unwrap().unwrap();
        assert_eq!((&latest.path, &latest.manifest), (&published.path, &published.manifest));
        assert_eq!(latest.path, out.join("snapshots").join(work.name()));
        assert_eq!(latest.manifest.as_of, day(1));
        assert_eq!(latest.manifest.job, "nightly");
        assert_eq!(latest.manifest.files[0].file, "report.html");
        assert_eq!(verify(&latest).unwrap(), Vec::new());
        assert_eq!(leftovers(&out), 0);
    }

    #[test]
    fn the_same_work_is_done_once() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(place.path()).unwrap();
        let first = publish(&store, &work("job", 1)).unwrap();
        let again = publish(&store, &work("job", 1)).unwrap();
        assert_eq!(again, Published { is_new: false, latest: Latest::Already, ..first });
    }

    #[test]
    fn running_an_old_day_again_does_not_move_latest() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(place.path()).unwrap();
        publish(&store, &work("job", 5)).unwrap();
        let newer = Latest::KeptNewer(work("job", 5).name());
        assert_eq!(publish(&store, &work("job", 4)).unwrap().latest, newer);
        assert_eq!(publish(&store, &work("job", 4)).unwrap().latest, newer, "done before");
        assert_eq!(publish(&store, &work("job, changed", 5)).unwrap().latest, Latest::Moved, "the same day, the last run wins");
        assert_eq!(publish(&store, &work("job", 5)).unwrap().latest, Latest::Moved, "done before, but not the latest any more");
        assert_eq!(publish(&store, &work("job", 6)).unwrap().latest, Latest::Moved);
        let days: Vec<_> =
            history(place.path()).unwrap().into_iter().map(|entry| (entry.manifest.unwrap().as_of, entry.is_latest)).collect();
        assert_eq!(days, [(day(4), false), (day(5), false), (day(5), false), (day(6), true)]);
    }

    #[test]
    fn an_experiment_moves_nothing_until_its_work_is_done_as_none() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(place.path()).unwrap();
        let experiment = work("job, changed", 6).experiment(true);
        let first = publish(&store, &experiment).unwrap();
        assert_eq!((first.latest, first.manifest.experiment), (Latest::KeptPublished(None), true));
        assert_eq!(super::super::latest(place.path()).unwrap(), None);
        publish(&store, &work("job", 5)).unwrap();
        let kept = Latest::KeptPublished(Some(work("job", 5).name()));
        assert_eq!(publish(&store, &experiment).unwrap().latest, kept, "done before");
        // An experiment that does what was published leaves that as it is.
        let same = publish(&store, &work("job", 5).experiment(true)).unwrap();
        assert_eq!((same.latest, same.manifest.experiment, same.is_new), (kept, false, false));
        let published = publish(&store, &work("job, changed", 6)).unwrap();
        assert_eq!((published.latest, published.manifest.experiment, published.is_new), (Latest::Moved, false, false));
        let read = super::super::latest(place.path()).unwrap().unwrap();
        assert_eq!((&read.manifest, verify(&read).unwrap()), (&published.manifest, Vec::new()));
        assert_eq!(leftovers(place.path()), 0);
    }

    #[test]
    fn pruning_counts_no_experiments() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(place.path()).unwrap();
        let experiment = |number| publish(&store, &work("changed", number).experiment(true)).unwrap();
        (1..=3).for_each(|number| drop(experiment(number)));
        assert_eq!(store.prune(2, None).unwrap(), [work("changed", 1).name()], "there is nothing else");
        (2..=4).for_each(|number| drop(publish(&store, &work("job", number)).unwrap()));
        (4..=6).for_each(|number| drop(experiment(number)));
        // Days 3 and 4 stay, and the experiments of these days and of later ones.
        let removed: std::collections::BTreeSet<String> = store.prune(2, None).unwrap().into_iter().collect();
        assert_eq!(removed, [work("changed", 2).name(), work("job", 2).name()].into());
    }

    #[test]
    fn a_crash_between_the_two_renames_is_repaired() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(place.path()).unwrap();
        publish(&store, &work("job", 1)).unwrap();
        let before = link(place.path());
        publish(&store, &work("job", 2)).unwrap();
        fs::remove_file(place.path().join(LATEST)).unwrap();
        symlink(&before, place.path().join(LATEST)).unwrap();
        let healed = publish(&store, &work("job", 2)).unwrap();
        assert_eq!((healed.is_new, healed.latest), (false, Latest::Moved));
        assert_eq!(link(place.path()), format!("snapshots/{}", work("job", 2).name()));
    }

    #[test]
    fn leftovers_of_crashed_runs_are_removed() {
        let place = tempfile::tempdir().unwrap();
        let tmp = place.path().join(TMP);
        fs::create_dir_all(tmp.join("2026-11-21-abcdef/customers")).unwrap();
        fs::write(tmp.join("2026-11-21-abcdef/customers/part-0000.parquet"), "PAR1").unwrap();
        symlink("snapshots/nowhere", tmp.join(LATEST)).unwrap();
        Store::open(place.path()).unwrap();
        assert_eq!(leftovers(place.path()), 0);
    }

    #[test]
    fn a_draft_that_is_not_published_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(place.path()).unwrap();
        let Begin::Work(draft) = store.begin(&work("job", 1)).unwrap() else { panic!("nothing is there yet") };
        let mut table = draft.result(&CARD, &ids(), "CNY").unwrap();
        table.write(&rows(0, 10)).unwrap();
        // Publishing half a table would be a bug.
        let problem = draft.publish(Manifest::default()).unwrap_err();
        assert!(problem.to_string().contains("`sample` was begun and not finished"), "{problem}");
        assert_eq!(leftovers(place.path()), 0);
        assert_eq!(history(place.path()).unwrap(), Vec::new());
        assert!(publish(&store, &work("job", 1)).unwrap().is_new);
    }

    #[test]
    fn rows_that_are_unaccounted_for_are_a_bug() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(place.path()).unwrap();
        let Begin::Work(draft) = store.begin(&work("job", 1)).unwrap() else { panic!("nothing is there yet") };
        let equation = RowEquation { rows: 3, used: 2, ..RowEquation::default() };
        let inputs = vec![InputEntry { name: "orders".to_string(), equation, ..InputEntry::default() }];
        let problem = draft.publish(Manifest { inputs, ..Manifest::default() }).unwrap_err();
        assert_eq!(problem.exit_code(), 1);
        assert!(problem.to_string().contains("`orders`"), "{problem}");
        assert_eq!(super::super::latest(place.path()).unwrap(), None);
    }

    #[test]
    fn names_in_a_snapshot_are_plain_and_taken_once() {
        let place = tempfile::tempdir().unwrap();
        let Begin::Work(draft) = Store::open(place.path()).unwrap().begin(&work("job", 1)).unwrap() else { panic!("nothing is there yet") };
        draft.file("report.html", b"x").unwrap();
        for name in ["report.html", "manifest.json", "../report.html", "", "a/b", ".hidden"] {
            assert_eq!(draft.file(name, b"x").unwrap_err().exit_code(), 1, "{name}");
        }
    }

    #[test]
    fn a_damaged_snapshot_is_shown_and_replaced() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(place.path()).unwrap();
        let first = publish(&store, &work("job", 1)).unwrap();
        let part = first.path.join(&first.manifest.tables[0].parts[1].file);

        let mut bytes = fs::read(&part).unwrap();
        bytes[100] ^= 1;
        fs::write(&part, &bytes).unwrap();
        let snapshot = store.find(&work("job", 1)).unwrap().unwrap();
        let problems = verify(&snapshot).unwrap();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].place, part.display().to_string());

        fs::remove_file(&part).unwrap();
        let broken = history(place.path()).unwrap().remove(0);
        assert!(broken.is_latest);
        assert!(broken.manifest.unwrap_err().to_string().contains("part-0001.parquet: is missing"));
        assert_eq!(super::super::latest(place.path()).unwrap_err().exit_code(), 3);

        let again = publish(&store, &work("job", 1)).unwrap();
        assert!(again.is_new);
        assert_eq!(verify(&store.find(&work("job", 1)).unwrap().unwrap()).unwrap(), Vec::new());
        assert_eq!(leftovers(place.path()), 0);
    }

    #[test]
    fn a_name_taken_by_other_work_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(place.path()).unwrap();
        let published = publish(&store, &work("job", 1)).unwrap();
        let manifest = published.path.join("manifest.json");
        let text = fs::read_to_string(&manifest).unwrap().replace(work("job", 1).fingerprint(), &"0".repeat(64));
        fs::write(&manifest, text).unwrap();
        assert_eq!(store.begin(&work("job", 1)).unwrap_err().exit_code(), 4);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        fs::write(&file, "x").unwrap();
        for out in [file.clone(), file.join("out")] {
            let problem = Store::open(&out).unwrap_err();
            assert_eq!(problem.exit_code(), 4);
            assert!(problem.to_string().contains(&file.display().to_string()), "{problem}");
        }
        // Root may write everywhere, so permissions show only to others.
        use std::os::unix::fs::PermissionsExt;
        let locked = place.path().join("locked");
        fs::create_dir(&locked).unwrap();
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
        if fs::write(locked.join("probe"), "x").is_err() {
            assert_eq!(Store::open(&locked).unwrap_err().exit_code(), 4);
        }
    }

    #[test]
    fn a_folder_in_the_place_of_the_link_is_found_before_the_work() {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join(LATEST)).unwrap();
        let problem = Store::open(place.path()).unwrap_err();
        assert_eq!(problem.exit_code(), 4);
        assert!(problem.to_string().contains("move it away"), "{problem}");
    }

    #[test]
    fn pruning_keeps_what_the_cool_down_of_lists_looks_at() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(place.path()).unwrap();
        let with_lists = |number| {
            let Begin::Work(draft) = store.begin(&work("job", number)).unwrap() else { panic!("nothing is there yet") };
            draft.publish(Manifest { cool_down_days: 3, ..Manifest::default() }).unwrap()
        };
        publish(&store, &work("job", 5)).unwrap();
        for number in [1, 4, 6, 7] {
            with_lists(number);
        }
        // The night of day 8 looks at the lists of days 5 to 7; the snapshot of day 5 has none.
        assert_eq!(store.prune(1, None).unwrap(), [work("job", 1).name(), work("job", 5).name()]);
    }

    #[test]
    fn pruning_keeps_the_last_days_and_the_latest() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(place.path()).unwrap();
        for number in [1, 2, 3, 4] {
            publish(&store, &work("job", number)).unwrap();
        }
        assert_eq!(store.prune(3, None).unwrap(), [work("job", 1).name()]);
        assert_eq!(store.prune(3, None).unwrap(), Vec::<String>::new());
        // Set by hand, to an old day and with an absolute path: it stays.
        fs::remove_file(place.path().join(LATEST)).unwrap();
        symlink(place.path().join(SNAPSHOTS).join(work("job", 2).name()), place.path().join(LATEST)).unwrap();
        assert_eq!(store.prune(0, None).unwrap(), [work("job", 3).name(), work("job", 4).name()]);
        assert_eq!(history(place.path()).unwrap().len(), 1);
        // The replay of an older day stays for whoever asked for it.
        publish(&store, &work("job", 1)).unwrap();
        assert_eq!(store.prune(1, Some(&work("job", 1).name())).unwrap(), Vec::<String>::new());
        assert_eq!(store.prune(1, None).unwrap(), [work("job", 1).name()]);
        assert_eq!(leftovers(place.path()), 0);
    }
}
