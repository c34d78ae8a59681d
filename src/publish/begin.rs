//! The beginning of a work: a draft for its tables, or the snapshot that an earlier run made of it.

use super::draft::{Draft, Published};
use super::durable::sync_folder;
use super::history::Snapshot;
use super::latest;
use super::layout::SNAPSHOTS;
use super::store::Store;
use super::work::Work;
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
    /// Begins the work, or finds it done. If it was done but a crash stopped `latest` from moving, moves it now.
    ///
    /// # Errors
    /// `Output` where the folder cannot be written to.
    pub fn begin(&self, work: &Work) -> Result<Begin> {
        match self.find(work)? {
            Some(Snapshot { path, manifest }) => {
                // A crash may have happened between the rename and its sync.
                sync_folder(&self.out().join(SNAPSHOTS))?;
                let latest = latest::point(self.out(), &manifest)?;
                Ok(Begin::Done(Box::new(Published { path, manifest, is_new: false, latest })))
            }
            None => Draft::new(self, work).map(Begin::Work),
        }
    }
}
