//! The beginning of a work: a draft for its tables, or the snapshot that an earlier run made of it.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use super::draft::{Draft, Published};
use super::durable::{failed, sync_folder};
use super::history::Snapshot;
use super::latest;
use super::layout::{MANIFEST, SNAPSHOTS, TMP};
use super::manifest::Manifest;
use super::store::Store;
use super::work::Work;
use crate::error::{Error, Result};

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
                sync_folder(&self.out().join(SNAPSHOTS))?;
                if manifest.experiment && !work.is_experiment() {
                    manifest.experiment = false;
                    self.replace_manifest(&path, &manifest)?;
                }
                let latest = latest::point(self.out(), &manifest, work.is_experiment())?;
                Ok(Begin::Done(Box::new(Published { path, manifest, is_new: false, latest })))
            }
            None => Draft::new(self, work).map(Begin::Work),
        }
    }

    /// Replaces the manifest of the snapshot in `path` by one rename.
    fn replace_manifest(&self, path: &Path, manifest: &Manifest) -> Result<()> {
        let (temporary, place) = (self.out().join(TMP).join(MANIFEST), path.join(MANIFEST));
        let mut text = serde_json::to_vec_pretty(manifest).map_err(Error::bug)?;
        text.push(b'\n');
        let written = File::create(&temporary).and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all()));
        written.map_err(failed(&temporary))?;
        std::fs::rename(&temporary, &place).map_err(failed(&place))?;
        sync_folder(path)
    }
}
