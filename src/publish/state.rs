//! States: what runs keep for the next night in `out/state`, beside the snapshots. A file enters the folder by one rename, complete; the snapshot
//! that needs it names it. What no snapshot needs is removed.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::draft::Draft;
use super::layout::{STATE, is_layer_name, layer_name};
use super::step::step;
use super::store::Store;
use crate::disk::durable::failed;
use crate::disk::folder::{Folder, Kind};
use crate::error::Result;

/// A file of a state that is being written.
#[derive(Debug)]
pub struct UnfinishedLayer {
    scratch: Folder,
    name: String,
    /// The file, to be written to.
    pub file: File,
}

impl UnfinishedLayer {
    /// Its path, for messages.
    pub fn path(&self) -> PathBuf {
        self.scratch.path().join(&self.name)
    }

    /// The same file once more.
    ///
    /// # Errors
    /// `Output` where no descriptor is left.
    pub fn duplicate(&self) -> Result<File> {
        self.file.try_clone().map_err(failed(&self.path()))
    }

    /// Its bytes.
    ///
    /// # Errors
    /// `Output` where the system does not say.
    pub fn size(&self) -> Result<u64> {
        Ok(self.file.metadata().map_err(failed(&self.path()))?.len())
    }
}

/// Opens a file of the states of an output folder; its path is for messages. Takes no lock.
///
/// # Errors
/// `Output` where there is none of that name, or it is no file.
pub fn layer(out: &Path, name: &str) -> Result<(File, PathBuf)> {
    let states = Folder::open(out)?.folder(STATE)?;
    Ok((states.open_to_read(name)?, states.path().join(name)))
}

impl Store {
    /// The folder of the states, which is made where there is none.
    fn states(&self) -> Result<Folder> {
        self.folders().out.folder_or_new(STATE)
    }

    /// Removes the files of states that have none of these names. Returns the names of those that went.
    ///
    /// # Errors
    /// `Output` where the folder cannot be read, or a file not be removed.
    pub fn prune_states(&self, needed: &[String]) -> Result<Vec<String>> {
        let unneeded = self.unneeded_states(needed)?;
        let states = self.states()?;
        step("state::prune", states.path())?;
        unneeded.iter().try_for_each(|name| states.remove(name))?;
        Ok(unneeded)
    }

    /// What [`Store::prune_states`] would remove.
    ///
    /// # Errors
    /// `Output` where the folder cannot be read.
    pub fn unneeded_states(&self, needed: &[String]) -> Result<Vec<String>> {
        let out = &self.folders().out;
        if out.kind(STATE)? != Some(Kind::Folder) {
            return Ok(Vec::new());
        }
        let names = out.folder(STATE)?.names()?.into_iter().filter_map(|name| name.into_string().ok());
        Ok(names.filter(|name| is_layer_name(name) && !needed.contains(name)).collect())
    }
}

impl Draft {
    /// Begins a file of the state.
    ///
    /// # Errors
    /// `Output` where it cannot be created.
    pub fn layer(&self, number: usize) -> Result<UnfinishedLayer> {
        let scratch = self.scratch_folder()?;
        let name = layer_name(&self.name(), number);
        step("state::write", &scratch.path().join(&name))?;
        let file = scratch.create_file(&name)?;
        Ok(UnfinishedLayer { scratch, name, file })
    }

    /// Moves a written file to the states, under a name that is free, and returns that name.
    ///
    /// # Errors
    /// `Output` where the disk is full.
    pub fn keep_layer(&self, layer: UnfinishedLayer) -> Result<String> {
        let states = self.store().states()?;
        layer.file.sync_all().map_err(failed(&layer.path()))?;
        let mut number = 0;
        let name = loop {
            let name = layer_name(&self.name(), number);
            if states.kind(&name)?.is_none() {
                break name;
            }
            number += 1;
        };
        step("state::rename", &layer.path())?;
        layer.scratch.rename(&layer.name, &states, &name)?;
        states.sync()?;
        Ok(name)
    }
}
