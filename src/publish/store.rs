//! The output folder, locked by one run at a time.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use super::history::{Snapshot, find};
use super::layout::{MANIFEST, SNAPSHOTS, TMP, UNFINISHED_LINK, is_unfinished_name, stepped_aside};
use super::lock::lock;
use super::manifest::Manifest;
use super::step::step;
use super::strangers::strangers;
use super::work::Work;
use super::{latest, marker};
use crate::disk::durable::create_folders;
use crate::disk::folder::{Folder, Kind};
use crate::disk::unfinished::Unfinished;
use crate::error::{Error, Problem, Result, listed};
use crate::spec::Day;
use crate::spec::period::iso;

/// An output folder that this process may write to. The lock lasts as long as the store and its drafts, and the
/// system releases it however the process ends. Readers need no store: see [`history`](super::history),
/// [`latest`](super::latest).
#[derive(Debug, Clone)]
pub struct Store {
    folders: Arc<Folders>,
    today: Option<Day>,
}

/// The folders of a store, opened once: what a run writes or removes lies in one of them by name,
/// so no link is followed; spilled data go to a new folder in `tmp`.
#[derive(Debug)]
pub(super) struct Folders {
    pub out: Folder,
    pub snapshots: Folder,
    pub tmp: Folder,
    _lock: File,
}

impl Store {
    /// Creates the folder if it does not exist, marks it as an output folder, locks it, and removes files that crashed runs left.
    ///
    /// # Errors
    /// `Busy` while another run holds the lock; `Output` where the folder cannot be written to, or has files of others and no marker.
    pub fn open(path: &Path) -> Result<Store> {
        create_folders(path)?;
        let out = Folder::open(path)?;
        marker::check(&out)?;
        let lock = lock(&out)?;
        step("publish::lock", path)?;
        let (snapshots, tmp) = (out.folder_or_new(SNAPSHOTS)?, out.folder_or_new(TMP)?);
        restore(&tmp, &snapshots)?;
        sweep(&tmp)?;
        step("publish::sweep", path)?;
        let store = Store { folders: Arc::new(Folders { out, snapshots, tmp, _lock: lock }), today: None };
        store.probe_links()?;
        Ok(store)
    }

    /// The same store on a day: snapshots of later days than that, which a wrong clock made, hold up nothing.
    ///
    /// # Errors
    /// `Usage` where the latest snapshot has events of later days: then it is today's clock that is wrong.
    pub fn on(self, today: Day) -> Result<Store> {
        let store = Store { today: Some(today), ..self };
        if let Ok(Some(latest)) = latest::latest(store.out())
            && let Some(event) = latest.manifest.newest_event().filter(|event| store.is_future(*event))
        {
            let what = format!(
                "the clock of this machine shows {}, and the latest snapshot {} has events of {}",
                iso(today),
                latest.manifest.name,
                iso(event)
            );
            let help = "set the clock; if it is right, the clock was ahead when that snapshot was made, or the dates of these events are wrong: \
                        move the folder of that snapshot away, and leave out of tonight's mailing whom its lists reached";
            return Err(Error::Usage(vec![Problem::new(store.out().display().to_string(), what).help(help)]));
        }
        Ok(store)
    }

    /// The output folder.
    pub fn out(&self) -> &Path {
        self.folders.out.path()
    }

    pub(super) fn folders(&self) -> &Folders {
        &self.folders
    }

    /// Whether a day has not come yet. One day later is still today somewhere.
    pub(super) fn is_future(&self, day: Day) -> bool {
        self.today.is_some_and(|today| day > today + 1)
    }

    /// The finished snapshot of a work.
    ///
    /// # Errors
    /// As [`find`](super::find).
    pub fn find(&self, work: &Work) -> Result<Option<Snapshot>> {
        find(self.out(), work)
    }

    /// What a signal that ends this process takes away.
    pub(super) fn unfinished(&self) -> Unfinished {
        let folders = Arc::clone(&self.folders);
        // Where the disk refuses, the next run removes it.
        Unfinished::new(move || drop(sweep(&folders.tmp)))
    }

    /// Whether a snapshot of that name was published and not as an experiment, whatever is left of it.
    pub(super) fn was_published(&self, name: &str) -> bool {
        let path = self.folders().snapshots.path().join(name);
        match Manifest::read(&path.join(MANIFEST)) {
            Ok(manifest) => !manifest.experiment,
            Err(_) => latest::target(self.out()).is_ok_and(|latest| latest.as_ref() == Some(&path)),
        }
    }

    /// Whether a damaged or shortened snapshot stands under that name, which a new one may replace; `false` if nothing does.
    ///
    /// # Errors
    /// `Output` where something else stands there, or the snapshot has files that this program did not write.
    pub(super) fn can_be_replaced(&self, name: &str) -> Result<bool> {
        let snapshots = &self.folders().snapshots;
        let refused = |what: String| {
            let problem = Problem::new(snapshots.path().join(name).display().to_string(), what);
            Err(Error::Output(problem.help("move it away, and run again")))
        };
        match snapshots.kind(name)? {
            None => Ok(false),
            Some(Kind::Folder) if matches!(snapshots.folder(name)?.kind(MANIFEST)?, Some(Kind::File(_))) => {
                let manifest = Manifest::read(&snapshots.path().join(name).join(MANIFEST)).ok();
                match strangers(&snapshots.folder(name)?, manifest.as_ref())? {
                    others if others.is_empty() => Ok(true),
                    others => refused(format!("the snapshot is damaged, and has files of others: {}", listed(others.into_iter(), 5))),
                }
            }
            Some(_) => refused("has the name of the snapshot and is not one".to_owned()),
        }
    }

    /// Tests whether links can be created, so that a disk without links (FAT, some network mounts) or a folder named
    /// `latest` is found before the work and not after it.
    fn probe_links(&self) -> Result<()> {
        latest::target(self.out())?;
        let tmp = &self.folders.tmp;
        let _unfinished = self.unfinished();
        tmp.link(UNFINISHED_LINK, Path::new(SNAPSHOTS)).map_err(|cause| {
            let message = format!("links cannot be created here: {cause}");
            Error::Output(Problem::new(self.out().display().to_string(), message).help("choose an --out on a local disk"))
        })?;
        tmp.remove(UNFINISHED_LINK)
    }
}

/// Puts back a snapshot that stepped aside for another one, where a kill came between the two renames.
fn restore(tmp: &Folder, snapshots: &Folder) -> Result<()> {
    for name in tmp.names()? {
        if let Some(snapshot) = name.to_str().and_then(stepped_aside)
            && snapshots.kind(snapshot)?.is_none()
        {
            tmp.rename(&name, snapshots, snapshot)?;
            snapshots.sync()?;
        }
    }
    Ok(())
}

/// Removes what runs left in `tmp`.
fn sweep(tmp: &Folder) -> Result<()> {
    tmp.names()?.iter().filter(|name| name.to_str().is_some_and(is_unfinished_name)).try_for_each(|name| tmp.remove(name))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::super::fixture::{day, ids, leftovers, link, publish, rows, work};
    use super::super::layout::LOCK;
    use super::super::schema::CARD;
    use super::super::{Begin, InputEntry, Latest, Published, RowEquation, history, verify};
    use super::*;

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
    fn leftovers_of_crashed_runs_are_removed() {
        let place = tempfile::tempdir().unwrap();
        Store::open(place.path()).unwrap();
        let tmp = place.path().join(TMP);
        fs::create_dir_all(tmp.join("2026-11-21-abcdef/customers")).unwrap();
        fs::write(tmp.join("2026-11-21-abcdef/customers/part-0000.parquet"), "PAR1").unwrap();
        symlink("snapshots/nowhere", tmp.join(UNFINISHED_LINK)).unwrap();
        Store::open(place.path()).unwrap();
        assert_eq!(leftovers(place.path()), 0);
        // A snapshot that had stepped aside comes back, unless the one that replaces it is there.
        for (is_replaced, left) in [(false, true), (true, true)] {
            fs::create_dir_all(tmp.join("aside-2026-11-20-abcdef/old")).unwrap();
            assert_eq!(place.path().join(SNAPSHOTS).join("2026-11-20-abcdef").exists(), is_replaced);
            Store::open(place.path()).unwrap();
            assert_eq!(place.path().join(SNAPSHOTS).join("2026-11-20-abcdef/old").exists(), left);
            assert_eq!(leftovers(place.path()), 0);
        }
        // What no run left stays.
        for name in ["note", "manifest.json", "latest", "damaged"] {
            fs::write(tmp.join(name), "theirs").unwrap();
            Store::open(place.path()).unwrap();
            assert_eq!(fs::read_to_string(tmp.join(name)).unwrap(), "theirs");
        }
    }

    #[test]
    fn a_link_in_the_place_of_a_folder_or_of_the_lock_is_refused() {
        for name in [TMP, SNAPSHOTS, LOCK] {
            let place = tempfile::tempdir().unwrap();
            let (out, others) = (place.path().join("out"), place.path().join("others"));
            Store::open(&out).unwrap();
            fs::create_dir_all(&others).unwrap();
            fs::write(others.join("file"), "theirs").unwrap();
            fs::remove_file(out.join(name)).or_else(|_| fs::remove_dir(out.join(name))).unwrap();
            symlink(others.join(if name == LOCK { "file" } else { "" }), out.join(name)).unwrap();
            let refused = Store::open(&out).unwrap_err();
            assert!(refused.to_string().contains("it is a link"), "{refused}");
            assert_eq!(fs::read_to_string(others.join("file")).unwrap(), "theirs");
        }
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

        // A second copy of a part would count twice for who reads the folder.
        let (copy, note) = (part.with_file_name("part-0009.parquet"), part.with_file_name("note.txt"));
        fs::write(&note, "theirs").unwrap();
        assert!(verify(&snapshot).unwrap().iter().any(|problem| problem.place == note.display().to_string()));
        fs::remove_file(&note).unwrap();
        fs::copy(&part, &copy).unwrap();
        let doubled = history(place.path()).unwrap().remove(0).manifest.unwrap_err();
        assert!(doubled.to_string().contains("part-0009.parquet: is not part of the snapshot"), "{doubled}");
        fs::remove_file(&copy).unwrap();

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
}
