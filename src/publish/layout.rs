//! The names of files and folders in an output folder.

/// The link that readers follow.
pub(super) const LATEST: &str = "latest";
/// The folder of finished snapshots.
pub(super) const SNAPSHOTS: &str = "snapshots";
/// The folder of unfinished files, on the file system of the snapshots so that a rename is enough.
pub(super) const TMP: &str = "tmp";
/// The file of a snapshot that describes it.
pub(super) const MANIFEST: &str = "manifest.json";
