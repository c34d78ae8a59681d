//! The contents of an unpublished snapshot, which the draft shares with the writers of its tables.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::manifest::{FileEntry, TableEntry};
use crate::disk::durable::Syncing;

/// The contents of a draft, shared with the writers of its tables.
pub(super) type Contents = Arc<Mutex<DraftContents>>;

/// The contents of a draft.
#[derive(Debug, Default)]
pub(super) struct DraftContents {
    /// Names of tables and files, begun or done.
    pub(super) names: Vec<String>,
    /// Finished tables.
    pub(super) tables: Vec<TableEntry>,
    pub(super) files: Vec<FileEntry>,
    /// Parts that are being synced to the disk.
    pub(super) syncing: Vec<Syncing>,
}

/// Locks the contents. A panic of another writer does no harm: it leaves no half-changed list, because entries are pushed as a whole.
pub(super) fn locked(contents: &Contents) -> MutexGuard<'_, DraftContents> {
    contents.lock().unwrap_or_else(PoisonError::into_inner)
}
