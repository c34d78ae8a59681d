//! The beginning of a work: a draft for its tables, or the snapshot that an earlier run made of it.

use std::io::Write;

use super::draft::{Draft, Published};
use super::history::Snapshot;
use super::layout::{MANIFEST, UNFINISHED_MANIFEST};
use super::manifest::Manifest;
use super::store::{Folders, Store};
use super::work::Work;
use crate::disk::durable::failed;
use crate::disk::unfinished;
use crate::error::Result;

/// Whether the work must be done.
#[derive(Debug)]
pub enum Begin {
    /// The work must be done; the draft takes its tables.
    Work(Draft),
    /// The work was done before.
    Done(Box<Published>),
}

impl Store {
    /// Begins the work, or finds it done. If it was done but a crash stopped `latest` from moving, moves it now. The snapshot of an
    /// experiment becomes one like others when the same work is done as none.
    ///
    /// # Errors
    /// `Output` where the folder cannot be written to.
    pub fn begin(&self, work: &Work) -> Result<Begin> {
        match self.find(work)? {
            Some(Snapshot { path, mut manifest }) => {
                // A crash may have happened between the rename and its sync.
                self.folders().snapshots.sync()?;
                if manifest.experiment && !work.is_experiment() {
                    manifest.experiment = false;
                    self.replace_manifest(&manifest)?;
                }
                let latest = unfinished::place(|| self.point_latest(&manifest, work.is_experiment()))?;
                Ok(Begin::Done(Box::new(Published { path, manifest, is_new: false, latest })))
            }
            None => Draft::new(self, work).map(Begin::Work),
        }
    }

    /// Replaces the manifest of a snapshot by one rename.
    pub(super) fn replace_manifest(&self, manifest: &Manifest) -> Result<()> {
        let Folders { snapshots, tmp, .. } = self.folders();
        let snapshot = snapshots.folder(&manifest.name)?;
        unfinished::place(|| {
            tmp.remove(UNFINISHED_MANIFEST)?;
            let mut file = tmp.create_file(UNFINISHED_MANIFEST)?;
            file.write_all(&manifest.text()?).and_then(|()| file.sync_all()).map_err(failed(&tmp.path().join(UNFINISHED_MANIFEST)))?;
            tmp.rename(UNFINISHED_MANIFEST, &snapshot, MANIFEST)?;
            snapshot.sync()
        })
    }
}
