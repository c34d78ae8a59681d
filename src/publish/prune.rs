//! Old snapshots make room, the latest never does.

use std::fs;

use super::durable::{failed, remove, sync_folder};
use super::history::history;
use super::{SNAPSHOTS, Store, TMP};
use crate::error::Result;

impl Store {
    /// Removes all but the `keep` snapshots with the latest as-of dates, and never the one that `latest` points to.
    /// The names of those removed, oldest first. Each leaves `snapshots` by one rename, so a reader finds it whole or
    /// not at all.
    ///
    /// # Errors
    /// `Output` where a folder cannot be moved or removed.
    pub fn prune(&self, keep: usize) -> Result<Vec<String>> {
        let mut entries = history(self.out())?;
        entries.truncate(entries.len().saturating_sub(keep));
        entries.retain(|entry| !entry.is_latest);
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
