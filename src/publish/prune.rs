//! Removal of old snapshots, never of the latest one.

use std::fs;

use super::durable::{failed, remove, sync_folder};
use super::history::{Entry, history};
use super::layout::{SNAPSHOTS, TMP};
use super::store::Store;
use crate::error::Result;
use crate::spec::Day;

impl Store {
    /// Removes all but the `keep` snapshots with the latest as-of dates, and the experiments of days before these. Never removes the one that `latest` points to, `published`, which a
    /// run has just published, or one whose lists the cool-down of the next night needs. Returns the names of those removed, oldest first.
    /// Each leaves `snapshots` by one rename, so a reader finds it complete or not at all.
    ///
    /// # Errors
    /// `Output` where a folder cannot be moved or removed.
    pub fn prune(&self, keep: usize, published: Option<&str>) -> Result<Vec<String>> {
        let mut entries = history(self.out())?;
        let needed_from = needed_from(&entries);
        let of_experiment = |entry: &Entry| entry.manifest.as_ref().is_ok_and(|manifest| manifest.experiment);
        let counted: Vec<usize> = (0..entries.len()).filter(|at| !of_experiment(&entries[*at])).collect();
        // Experiments take no place from what was published: they go with the published snapshots of their days. They count if there is
        // nothing else.
        let first_kept = match counted.len() {
            0 => entries.len().saturating_sub(keep),
            count if keep == 0 => counted[count - 1] + 1,
            count => counted[count.saturating_sub(keep)],
        };
        let day = |entry: &Entry| entry.manifest.as_ref().ok().map(|manifest| manifest.as_of);
        let kept_from = entries.get(first_kept).and_then(day);
        entries.truncate(first_kept);
        entries.retain(|entry| !(of_experiment(entry) && kept_from.is_some() && day(entry) >= kept_from));
        entries.retain(|entry| !entry.is_latest && Some(entry.name.as_str()) != published && !is_needed(entry, needed_from));
        let mut removed = Vec::new();
        for entry in entries {
            let aside = self.out().join(TMP).join(format!("old-{}", entry.name));
            remove(&aside)?;
            fs::rename(&entry.path, &aside).map_err(failed(&entry.path))?;
            sync_folder(&self.out().join(SNAPSHOTS))?;
            remove(&aside)?;
            removed.push(entry.name);
        }
        Ok(removed)
    }
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
    entry.manifest.as_ref().is_ok_and(|manifest| !manifest.experiment && manifest.cool_down_days > 0 && is_young(manifest.as_of))
}
