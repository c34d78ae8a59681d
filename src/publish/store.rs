//! The output folder, held by one run at a time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::draft::{Draft, Published};
use super::durable::{create_folders, entries, failed, remove};
use super::history::{Snapshot, find};
use super::step::step;
use super::work::Work;
use super::{LATEST, SNAPSHOTS, TMP, latest};
use crate::error::{Error, Problem, Result};

/// An output folder that this process may write to. The lock lives as long as the store and its drafts, and the
/// system releases it however the process ends. Readers need no store: see [`history`](super::history),
/// [`latest`](super::latest).
#[derive(Debug, Clone)]
pub struct Store {
    out: PathBuf,
    _lock: Arc<File>,
}

/// How a run goes on.
#[derive(Debug)]
pub enum Begin {
    /// The work is to be done, and the draft takes its tables.
    Work(Draft),
    /// The work was done before: nothing is left to do.
    Done(Published),
}

impl Store {
    /// Creates the folder where it is missing, takes its lock and removes what crashed runs left behind.
    ///
    /// # Errors
    /// `Busy` while another run holds it; `Output` where it cannot be written to.
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

    /// The finished snapshot of that work.
    ///
    /// # Errors
    /// As [`find`](super::find).
    pub fn find(&self, work: &Work) -> Result<Option<Snapshot>> {
        find(&self.out, work)
    }

    /// Begins the work, or finds it done. Where it was done but a crash kept `latest` from moving, that is made good.
    ///
    /// # Errors
    /// `Output` where the folder cannot be written to.
    pub fn begin(&self, work: &Work) -> Result<Begin> {
        match self.find(work)? {
            Some(Snapshot { path, manifest }) => {
                // A crash may have come between the rename and its sync.
                super::durable::sync_folder(&self.out.join(SNAPSHOTS))?;
                let latest = latest::point(&self.out, &manifest)?;
                Ok(Begin::Done(Published { path, manifest, is_new: false, latest }))
            }
            None => Draft::new(self, work).map(Begin::Work),
        }
    }

    /// Tries at once what the last step needs, so that a disk without links (FAT, some network mounts) or a folder in
    /// the place of `latest` is found before the work and not after it.
    fn probe_links(&self) -> Result<()> {
        latest::target(&self.out)?;
        let probe = self.out.join(TMP).join(LATEST);
        std::os::unix::fs::symlink(SNAPSHOTS, &probe).map_err(|cause| {
            let message = format!("links cannot be made here: {cause}");
            Error::Output(Problem::new(self.out.display().to_string(), message).help("choose an --out on a local disk"))
        })?;
        remove(&probe)
    }
}

/// Takes the lock, whose file says who has it.
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
            let help = "wait for it to end, stop it, or write to another --out; nothing is to be deleted";
            return Err(Error::Busy(Problem::new(out.display().to_string(), message).help(help)));
        }
        Err(TryLockError::Error(cause)) => return Err(Error::output(&path, cause)),
    }
    // Only for the message above: the lock itself is the system's, so a stale number harms nothing.
    let said = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id()));
    said.map_err(failed(&path))?;
    Ok(file)
}

/// Moves whatever lies at `path` out of the way, into `out/tmp`.
pub(super) fn set_aside(out: &Path, path: &Path) -> Result<()> {
    if fs::symlink_metadata(path).is_err() {
        return Ok(());
    }
    let aside = out.join(TMP).join("damaged");
    remove(&aside)?;
    fs::rename(path, &aside).map_err(failed(path))?;
    remove(&aside)
}
