//! The link `latest`, and what it points to.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::history::{self, Snapshot};
use super::layout::LATEST;
use crate::error::{Error, Problem, Result};

/// What happened to the link `latest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Latest {
    /// It now points to this snapshot.
    Moved,
    /// It pointed to this snapshot before.
    Already,
    /// It now points to this snapshot, and pointed to the one of that name, of a day that has not come yet: the clock was wrong when that
    /// was made.
    PassedOver(String),
    /// It still points to the snapshot of that name, which has a later as-of date, so that running an old day again does not
    /// take dashboards back.
    KeptNewer(String),
    /// It still points to the snapshot of that name, if there is one, because this run was an experiment.
    KeptPublished(Option<String>),
}

/// The snapshot that `latest` points to, in its own folder; `None` before the first one. Takes no lock.
///
/// # Errors
/// `Output` where `latest` is not a link, `Input` where the snapshot that it points to is damaged.
pub fn latest(out: &Path) -> Result<Option<Snapshot>> {
    let Some(path) = target(out)? else { return Ok(None) };
    history::read(&path).map(|manifest| Some(Snapshot { path, manifest })).map_err(|problem| Error::Input(vec![problem]))
}

/// The folder that `latest` points to, even if that does not exist.
pub(super) fn target(out: &Path) -> Result<Option<PathBuf>> {
    let link = out.join(LATEST);
    match fs::read_link(&link) {
        Ok(target) => Ok(Some(out.join(target))),
        // Without a folder `out` there is no snapshot.
        Err(cause) if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(cause) if cause.kind() == ErrorKind::InvalidInput => Err(Error::Output(
            Problem::new(link.display().to_string(), "is a file or a folder where huitou keeps a link to the latest snapshot")
                .help("move it away, or write to another --out"),
        )),
        Err(cause) => Err(Error::system(&link, &cause)),
    }
}
