//! The link `latest`: what it points to, and the one rename that publishes all tables of a snapshot together.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::durable::{failed, remove, sync_folder};
use super::history::{self, Snapshot};
use super::layout::{LATEST, SNAPSHOTS, TMP};
use super::manifest::Manifest;
use super::step::step;
use crate::error::{Error, Problem, Result};

/// What happened to the link `latest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Latest {
    /// It now points to this snapshot.
    Moved,
    /// It pointed to this snapshot before.
    Already,
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

/// Points `latest` to the finished snapshot of `manifest`, unless it points to one with a later as-of date, or the run was an experiment.
/// Between equal dates the last run wins.
pub(super) fn point(out: &Path, manifest: &Manifest, is_experiment: bool) -> Result<Latest> {
    let before = target(out)?;
    if is_experiment {
        let name = before.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        return Ok(Latest::KeptPublished(name));
    }
    let path = out.join(SNAPSHOTS).join(&manifest.name);
    if before.as_ref() == Some(&path) {
        return Ok(Latest::Already);
    }
    // A link to a damaged or removed snapshot is replaced whatever its date.
    if let Some(Ok(current)) = before.as_deref().map(history::read)
        && current.as_of > manifest.as_of
    {
        return Ok(Latest::KeptNewer(current.name));
    }
    let old = fs::read_link(out.join(LATEST)).ok();
    let swapped = swap(out, &Path::new(SNAPSHOTS).join(&manifest.name)).and_then(|()| step("publish::done", out));
    if let Err(problem) = swapped {
        // An error code promises that `latest` is unchanged, so the link is restored; the snapshot stays and the next
        // run of the same work finds it. If restoring fails as well, there is nothing left to try.
        let link = out.join(LATEST);
        if fs::read_link(&link).ok() != old {
            let _ = match old {
                Some(old) => rename_link(out, &old),
                None => remove(&link),
            };
        }
        return Err(problem);
    }
    Ok(Latest::Moved)
}

fn swap(out: &Path, target: &Path) -> Result<()> {
    step("publish::link", out)?;
    rename_link(out, target)?;
    step("publish::swapped", out)?;
    sync_folder(out)
}

/// Creates the link under another name and renames it over the old one: the only way to replace a link atomically.
fn rename_link(out: &Path, target: &Path) -> Result<()> {
    let link = out.join(LATEST);
    let temporary = out.join(TMP).join(LATEST);
    remove(&temporary)?;
    symlink(target, &temporary).map_err(failed(&temporary))?;
    step("publish::swap", out)?;
    fs::rename(&temporary, &link).map_err(failed(&link))
}
