//! Removal of old snapshots, never of the latest one.

use std::collections::BTreeSet;
use std::ffi::OsString;

use super::earlier::is_list;
use super::history::{Entry, history};
use super::layout::{MANIFEST, is_snapshot_name, old_name};
use super::manifest::Manifest;
use super::store::{Folders, Store};
use super::strangers::strangers;
use crate::disk::folder::Kind;
use crate::error::Result;
use crate::spec::Day;

/// What pruning did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// The names of the snapshots removed, oldest first.
    pub removed: Vec<String>,
    /// Snapshots of which only the lists stay, for the cool-down of later nights: their names, and how many other tables they lose.
    pub lists_left: Vec<(String, usize)>,
    /// Snapshots that stay because they have files that this program did not write: their names, and these files.
    pub kept: Vec<(String, Vec<String>)>,
}

impl Store {
    /// Removes all but the snapshots of the `keep` latest as-of dates, of each job and date the one that was published last, and the
    /// experiments of days before these. Never removes the one that `latest` points to, or `published`, which a run has just published. Of
    /// one whose lists the cool-down of the next night needs, the lists stay. Each leaves `snapshots` by one rename, so a reader finds it
    /// complete or not at all.
    ///
    /// # Errors
    /// `Output` where a folder cannot be moved or removed.
    pub fn prune(&self, keep: usize, published: Option<&str>) -> Result<Pruned> {
        let _unfinished = self.unfinished();
        self.prune_or_plan(keep, published, false)
    }

    /// What [`Store::prune`] would do. Changes nothing.
    ///
    /// # Errors
    /// `Output` where the snapshots cannot be read.
    pub fn plan_pruning(&self, keep: usize) -> Result<Pruned> {
        self.prune_or_plan(keep, None, true)
    }

    fn prune_or_plan(&self, keep: usize, published: Option<&str>, is_plan: bool) -> Result<Pruned> {
        let entries = self.removable()?;
        let needed_from = needed_from(&entries);
        let first_kept = first_kept(&entries, keep);
        let mut pruned = Pruned::default();
        for entry in &entries {
            let is_shown = entry.is_latest || Some(entry.name.as_str()) == published;
            let is_old = entry.as_of() < first_kept;
            if is_shown || !(is_old || is_done_again(entry, &entries)) {
                continue;
            }
            if is_needed(entry, needed_from) {
                if let Some(manifest) = entry.manifest.as_ref().ok().filter(|manifest| !manifest.lists_only) {
                    let others = manifest.tables.iter().filter(|table| !is_list(table)).count();
                    pruned.lists_left.push((entry.name.clone(), others));
                }
                if !is_plan {
                    self.keep_lists(entry)?;
                }
                continue;
            }
            let Folders { snapshots, tmp, .. } = self.folders();
            let others = match snapshots.kind(&entry.name)? {
                Some(Kind::Folder) => strangers(&snapshots.folder(&entry.name)?, entry.manifest.as_ref().ok())?,
                _ => Vec::new(),
            };
            if !others.is_empty() {
                pruned.kept.push((entry.name.clone(), others));
                continue;
            }
            if !is_plan {
                let aside = old_name(&entry.name);
                tmp.remove(&aside)?;
                snapshots.rename(&entry.name, tmp, &aside)?;
                snapshots.sync()?;
                tmp.remove(&aside)?;
            }
            pruned.removed.push(entry.name.clone());
        }
        Ok(pruned)
    }

    /// Removes all but the lists from a snapshot. The manifest changes first, by one rename: a crash leaves folders that it does not name,
    /// which the next time removes.
    fn keep_lists(&self, entry: &Entry) -> Result<()> {
        let Ok(manifest) = &entry.manifest else { return Ok(()) };
        if self.folders().snapshots.kind(&entry.name)? != Some(Kind::Folder) {
            return Ok(());
        }
        let mut manifest = manifest.clone();
        if !manifest.lists_only {
            manifest.dropped = manifest.tables.iter().filter(|table| !is_list(table)).map(|table| table.name.clone()).collect();
            manifest.tables.retain(is_list);
            manifest.files.clear();
            manifest.lists_only = true;
            self.replace_manifest(&manifest)?;
        }
        let snapshot = self.folders().snapshots.folder(&entry.name)?;
        let others = strangers(&snapshot, Some(&manifest))?;
        let is_strange = |name: &str| others.iter().any(|other| other == name || other.starts_with(&format!("{name}/")));
        let stays = |name: &OsString| name == MANIFEST || manifest.tables.iter().any(|table| name == table.name.as_str());
        let names = snapshot.names()?;
        let goes = names.iter().filter(|name| !stays(name) && !is_strange(&name.to_string_lossy()));
        goes.into_iter().try_for_each(|name| snapshot.remove(name))
    }

    /// The snapshots that pruning counts and may remove: folders of theirs with a manifest, or links to some. Others in `snapshots` are not
    /// this program's, and a day that has not come is that of a wrong clock, which must not push out those of true days.
    fn removable(&self) -> Result<Vec<Entry>> {
        let snapshots = &self.folders().snapshots;
        let mut entries = Vec::new();
        for entry in history(self.out())? {
            let is_ours = match snapshots.kind(&entry.name)? {
                Some(Kind::Folder) => matches!(snapshots.folder(&entry.name)?.kind(MANIFEST)?, Some(Kind::File(_))),
                found => found == Some(Kind::Link) && entry.manifest.is_ok(),
            };
            let is_future = entry.manifest.as_ref().is_ok_and(|manifest| self.is_future(manifest.as_of));
            if is_snapshot_name(&entry.name) && is_ours && !is_future {
                entries.push(entry);
            }
        }
        Ok(entries)
    }
}

/// The first as-of date whose snapshots stay. Experiments take no place from what was published; they count if there is nothing else.
fn first_kept(entries: &[Entry], keep: usize) -> Option<Day> {
    let dates = |wanted: &dyn Fn(&Entry) -> bool| entries.iter().filter(|entry| wanted(entry)).map(Entry::as_of).collect::<BTreeSet<_>>();
    let published = dates(&|entry| !entry.is_experiment());
    match published.is_empty() {
        true => dates(&|_| true).into_iter().rev().nth(keep.saturating_sub(1)).flatten(),
        false if keep == 0 => published.last().copied().flatten().map(|last| last + 1),
        false => published.into_iter().rev().nth(keep - 1).flatten(),
    }
}

/// Whether a later run of the same job published the same as-of date again.
fn is_done_again(entry: &Entry, entries: &[Entry]) -> bool {
    let Ok(manifest) = &entry.manifest else { return false };
    let is_same = |other: &&Entry| {
        let is_alike =
            |other: &Manifest| !other.experiment && !other.lists_only && (other.as_of, &other.job) == (manifest.as_of, &manifest.job);
        other.name != entry.name && other.manifest.as_ref().is_ok_and(is_alike)
    };
    !manifest.experiment
        && entries.iter().filter(is_same).any(|other| (other.published_at(), &other.name) > (entry.published_at(), &entry.name))
}

/// The first day whose lists the cool-down of the next night needs. The next night may use the strategies of any snapshot, so the
/// longest cool-down counts.
fn needed_from(entries: &[Entry]) -> Option<Day> {
    let manifests = || entries.iter().filter_map(|entry| entry.manifest.as_ref().ok()).filter(|manifest| !manifest.experiment);
    let days = manifests().map(|manifest| manifest.cool_down_days).max().filter(|days| *days > 0)?;
    manifests().map(|manifest| manifest.as_of).max().map(|last| last - days)
}

fn is_needed(entry: &Entry, needed_from: Option<Day>) -> bool {
    let is_young = |day: Day| needed_from.is_some_and(|from| day >= from);
    // Whatever its own job looks back to: the next night may look back further.
    let has_lists = |manifest: &Manifest| manifest.tables.iter().any(is_list);
    entry.manifest.as_ref().is_ok_and(|manifest| !manifest.experiment && has_lists(manifest) && is_young(manifest.as_of))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::super::fixture::{day, ids, leftovers, publish, publish_lists, rows, work};
    use super::super::layout::{LATEST, SNAPSHOTS};
    use super::super::schema::CARD;
    use super::super::{Begin, Manifest, Work, earlier_lists};
    use super::*;
    use crate::disk::folder::Folder;
    use crate::spec::schema::schema;

    #[test]
    fn pruning_counts_no_experiments() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(place.path()).unwrap();
        let experiment = |number| publish(&store, &work("changed", number).experiment(true)).unwrap();
        (1..=3).for_each(|number| drop(experiment(number)));
        assert_eq!(store.prune(2, None).unwrap().removed, [work("changed", 1).name()], "there is nothing else");
        (2..=4).for_each(|number| drop(publish(&store, &work("job", number)).unwrap()));
        (4..=6).for_each(|number| drop(experiment(number)));
        // Days 3 and 4 stay, and the experiments of these days and of later ones.
        let removed: std::collections::BTreeSet<String> = store.prune(2, None).unwrap().removed.into_iter().collect();
        assert_eq!(removed, [work("changed", 2).name(), work("job", 2).name()].into());
    }

    #[test]
    fn only_snapshots_are_pruned() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(place.path()).unwrap();
        (1..=3).for_each(|number| drop(publish(&store, &work("job", number)).unwrap()));
        let others = ["notes", "2020-01-01-abcdef", "2020-01-01"].map(|name| place.path().join(SNAPSHOTS).join(name));
        for folder in &others {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("file"), "theirs").unwrap();
        }
        assert_eq!(store.prune(1, None).unwrap().removed, [work("job", 1).name(), work("job", 2).name()]);
        for folder in &others {
            assert_eq!(fs::read_to_string(folder.join("file")).unwrap(), "theirs");
        }
    }

    #[test]
    fn what_others_put_into_a_snapshot_stays() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(place.path()).unwrap();
        (1..=3).for_each(|number| drop(publish(&store, &work("job", number)).unwrap()));
        let note = place.path().join(SNAPSHOTS).join(work("job", 1).name()).join("sent.csv");
        fs::write(&note, "theirs").unwrap();
        let pruned = store.prune(1, None).unwrap();
        assert_eq!(pruned.removed, [work("job", 2).name()]);
        assert_eq!(pruned.kept, [(work("job", 1).name(), vec!["sent.csv".to_owned()])]);
        // Where only lists stay, too.
        for number in [4, 5, 6] {
            publish_lists(&store, &work("job", number));
        }
        let lists = place.path().join(SNAPSHOTS).join(work("job", 5).name());
        fs::write(lists.join("notes.txt"), "theirs").unwrap();
        fs::write(lists.join("sample/notes.txt"), "theirs").unwrap();
        store.prune(1, None).unwrap();
        assert_eq!(files_of(place.path(), &work("job", 5)), ["audience_winback", "manifest.json", "notes.txt", "sample"]);
        assert_eq!(fs::read_to_string(note).unwrap(), "theirs");
        // A damaged snapshot with files of others is not replaced.
        let damaged = place.path().join(SNAPSHOTS).join(work("job", 1).name());
        fs::remove_dir_all(damaged.join("sample")).unwrap();
        let refused = publish(&store, &work("job", 1)).unwrap_err();
        assert!(refused.to_string().contains("has files of others: sent.csv"), "{refused}");
        assert_eq!(leftovers(place.path()), 0);
    }

    fn files_of(place: &Path, work: &Work) -> Vec<String> {
        let folder = Folder::open(&place.join(SNAPSHOTS).join(work.name())).unwrap();
        folder.names().unwrap().into_iter().map(|name| name.into_string().unwrap()).collect()
    }

    #[test]
    fn of_a_snapshot_that_the_cool_down_needs_only_the_lists_stay() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(place.path()).unwrap();
        publish(&store, &work("job", 5)).unwrap();
        for number in [1, 4, 6, 7] {
            publish_lists(&store, &work("job", number));
        }
        // The night of day 8 looks at the lists of days 5 to 7; the snapshot of day 5 has none.
        let removed = [work("job", 1).name(), work("job", 4).name(), work("job", 5).name()];
        // Of days 4 and 6 the table of those who were left out goes, and the one that is no list.
        let stripped = [(work("job", 4).name(), 2), (work("job", 6).name(), 2)];
        assert_eq!(store.plan_pruning(1).unwrap().lists_left, stripped);
        let pruned = store.prune(1, None).unwrap();
        assert_eq!((pruned.removed, pruned.lists_left), ([&removed[0], &removed[2]].map(String::clone).to_vec(), stripped.to_vec()));
        assert_eq!(store.plan_pruning(1).unwrap(), Pruned::default(), "of them is nothing more to remove");
        assert_eq!(files_of(place.path(), &work("job", 4)), ["audience_winback", "manifest.json"], "day 7 less 3");
        assert_eq!(files_of(place.path(), &work("job", 6)), ["audience_winback", "manifest.json"]);
        assert_eq!(files_of(place.path(), &work("job", 7)).len(), 5);
        let lists: Vec<_> = earlier_lists(place.path(), day(5), day(8)).unwrap().iter().map(|list| list.as_of).collect();
        assert_eq!(lists, [day(6), day(7)]);
        let entries = history(place.path()).unwrap();
        assert!(entries.iter().all(|entry| entry.manifest.is_ok()));
        assert_eq!(store.prune(1, None).unwrap().removed, Vec::<String>::new());
        // An experiment with the same work does not make one of it: its lists still count.
        let Begin::Work(draft) = store.begin(&work("job", 4).experiment(true)).unwrap() else { panic!("only its lists are left") };
        let mut table = draft.table("audience_winback", schema(&CARD, &ids())).unwrap();
        table.write(&rows(0, 3)).unwrap();
        table.finish().unwrap();
        let again = draft.publish(Manifest { job: "nightly".to_owned(), cool_down_days: 3, ..Manifest::default() }).unwrap();
        assert!(!again.manifest.experiment && again.is_new);
        assert_eq!(leftovers(place.path()), 0);
        // What only has its lists is done again when it is asked for.
        let again = publish_lists(&store, &work("job", 6));
        assert!(again.is_new && files_of(place.path(), &work("job", 6)).len() == 5);
    }

    #[test]
    fn ten_runs_of_one_date_keep_one() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(place.path()).unwrap();
        publish(&store, &work("job", 1)).unwrap();
        let set_time = |work: &Work, seconds: u64| {
            let manifest = place.path().join(SNAPSHOTS).join(work.name()).join(MANIFEST);
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            fs::File::open(manifest).unwrap().set_modified(time).unwrap();
        };
        let runs: Vec<Work> = (0..10).map(|run| work(&format!("job, edited {run} times"), 2)).collect();
        for (run, work) in runs.iter().enumerate() {
            publish(&store, work).unwrap();
            set_time(work, 1_000 + run as u64);
        }
        let removed = store.prune(2, None).unwrap().removed;
        assert_eq!(removed.len(), 9);
        assert!(!removed.contains(&runs[9].name()));
        let left: Vec<String> = history(place.path()).unwrap().into_iter().map(|entry| entry.name).collect();
        assert_eq!(left, [work("job", 1).name(), runs[9].name()]);
        // With lists, all of them count for the cool-down, which does not know after which of them customers were contacted.
        let lists: Vec<Work> = (0..2).map(|run| work(&format!("lists, edited {run} times"), 3)).collect();
        for (run, work) in lists.iter().enumerate() {
            publish_lists(&store, work);
            set_time(work, 2_000 + run as u64);
        }
        for _ in 0..2 {
            assert_eq!(store.prune(3, None).unwrap().removed, Vec::<String>::new());
            assert_eq!(files_of(place.path(), &lists[0]), ["audience_winback", "manifest.json"]);
            assert_eq!(files_of(place.path(), &lists[1]).len(), 5);
        }
    }

    #[test]
    fn pruning_keeps_the_last_days_and_the_latest() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(place.path()).unwrap();
        for number in [1, 2, 3, 4] {
            publish(&store, &work("job", number)).unwrap();
        }
        assert_eq!(store.prune(3, None).unwrap().removed, [work("job", 1).name()]);
        assert_eq!(store.prune(3, None).unwrap().removed, Vec::<String>::new());
        // Set by hand, to an old day and with an absolute path: it stays.
        fs::remove_file(place.path().join(LATEST)).unwrap();
        symlink(place.path().join(SNAPSHOTS).join(work("job", 2).name()), place.path().join(LATEST)).unwrap();
        assert_eq!(store.prune(0, None).unwrap().removed, [work("job", 3).name(), work("job", 4).name()]);
        assert_eq!(history(place.path()).unwrap().len(), 1);
        // The replay of an older day stays for whoever asked for it.
        publish(&store, &work("job", 1)).unwrap();
        assert_eq!(store.prune(1, Some(&work("job", 1).name())).unwrap().removed, Vec::<String>::new());
        assert_eq!(store.prune(1, None).unwrap().removed, [work("job", 1).name()]);
        assert_eq!(leftovers(place.path()), 0);
    }
}
