//! The swap: the one rename of the link `latest` that publishes all tables of a snapshot together.

use std::fs;
use std::path::Path;

use super::history;
use super::latest::{Latest, target};
use super::layout::{LATEST, SNAPSHOTS, UNFINISHED_LINK};
use super::manifest::Manifest;
use super::step::step;
use super::store::{Folders, Store};
use crate::disk::durable::failed;
use crate::disk::folder::Kind;
use crate::error::Result;

impl Store {
    /// Points `latest` to the finished snapshot of `manifest`, unless it points to one with a later as-of date that has come, or the run was
    /// an experiment. Between equal dates the last run wins.
    pub(super) fn point_latest(&self, manifest: &Manifest, is_experiment: bool) -> Result<Latest> {
        let out = self.out();
        let before = target(out)?;
        if is_experiment {
            let name = before.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
            return Ok(Latest::KeptPublished(name));
        }
        let path = out.join(SNAPSHOTS).join(&manifest.name);
        if before.as_ref() == Some(&path) {
            return Ok(Latest::Already);
        }
        let mut moved = Latest::Moved;
        // A link to a damaged or removed snapshot is replaced whatever its date.
        if let Some(Ok(current)) = before.as_deref().map(history::read)
            && current.as_of > manifest.as_of
        {
            if !self.is_future(current.as_of) {
                return Ok(Latest::KeptNewer(current.name));
            }
            moved = Latest::PassedOver(current.name);
        }
        let old = fs::read_link(out.join(LATEST)).ok();
        let swapped = self.swap(&Path::new(SNAPSHOTS).join(&manifest.name)).and_then(|()| step("publish::done", out));
        if let Err(problem) = swapped {
            // An error code promises that `latest` is unchanged, so the link is restored; the snapshot stays and the next
            // run of the same work finds it. If restoring fails as well, there is nothing left to try.
            if fs::read_link(out.join(LATEST)).ok() != old {
                let _ = match old {
                    Some(old) => self.rename_link(&old),
                    None => self.remove_link(),
                };
            }
            return Err(problem);
        }
        Ok(moved)
    }

    fn swap(&self, target: &Path) -> Result<()> {
        step("publish::link", self.out())?;
        self.rename_link(target)?;
        step("publish::swapped", self.out())?;
        self.folders().out.sync()
    }

    /// Creates the link under another name and renames it over the old one: the only way to replace a link atomically.
    fn rename_link(&self, target: &Path) -> Result<()> {
        let Folders { out, tmp, .. } = self.folders();
        tmp.remove(UNFINISHED_LINK)?;
        tmp.link(UNFINISHED_LINK, target).map_err(failed(&tmp.path().join(UNFINISHED_LINK)))?;
        step("publish::swap", out.path())?;
        tmp.rename(UNFINISHED_LINK, out, LATEST)
    }

    fn remove_link(&self) -> Result<()> {
        let out = &self.folders().out;
        if out.kind(LATEST)? == Some(Kind::Link) { out.remove(LATEST) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::super::fixture::{day, leftovers, link, publish, publish_lists, work};
    use super::super::{Begin, InputEntry, history, verify};
    use super::*;

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
    fn a_snapshot_of_a_day_that_has_not_come_holds_up_nothing() {
        let place = tempfile::tempdir().unwrap();
        let store = || Store::open(place.path()).unwrap().on(day(5)).unwrap();
        let with_lists = |number| publish_lists(&store(), &work("job", number));
        // A night whose clock stood years ahead.
        let ahead = with_lists(4_000);
        assert_eq!(ahead.latest, Latest::Moved);
        assert_eq!(with_lists(2).latest, Latest::PassedOver(ahead.manifest.name.clone()));
        assert_eq!(link(place.path()), format!("snapshots/{}", work("job", 2).name()));
        assert_eq!(with_lists(3).latest, Latest::Moved);
        // It is not one of those kept, and its day decides nothing about the lists of others.
        assert_eq!(store().prune(1, None).unwrap().removed, Vec::<String>::new());
        with_lists(5);
        with_lists(6);
        assert_eq!(store().prune(1, None).unwrap().removed, [work("job", 2).name()]);
    }

    #[test]
    fn a_clock_that_stands_behind_the_data_takes_nothing_back() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(place.path()).unwrap();
        let Begin::Work(draft) = store.begin(&work("job", 5)).unwrap() else { panic!("nothing is there yet") };
        let orders = InputEntry { name: "orders".to_owned(), newest_event: Some("2026-11-25".to_owned()), ..InputEntry::default() };
        draft.publish(Manifest { inputs: vec![orders], ..Manifest::default() }).unwrap();
        drop(store);
        let on = |number| Store::open(place.path()).unwrap().on(day(number));
        // Day 5 is 25 November. One day before, it may be the timezone.
        assert!(on(4).is_ok() && on(5).is_ok() && on(400).is_ok());
        let refused = on(3).unwrap_err();
        assert_eq!(refused.exit_code(), 2);
        assert!(refused.to_string().contains("has events of 2026-11-25") && refused.to_string().contains("set the clock"), "{refused}");
    }

    #[test]
    fn a_folder_in_the_place_of_the_link_is_found_before_the_work() {
        let place = tempfile::tempdir().unwrap();
        Store::open(place.path()).unwrap();
        fs::create_dir(place.path().join(LATEST)).unwrap();
        let problem = Store::open(place.path()).unwrap_err();
        assert_eq!(problem.exit_code(), 4);
        assert!(problem.to_string().contains("move it away"), "{problem}");
    }
}
