//! The list of a snapshot's layers: the file `state.json` in it.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The name of the file.
pub const FILE: &str = "state.json";

/// The layers that the next night begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateList {
    /// The first moment that the reading did not know, local time in microseconds.
    pub end: i64,
    /// The layers by their names in the folder of states: the base first, where there is one.
    pub layers: Vec<String>,
    /// The layer of open files, as this run read them: no run reads orders from it, the next one compares with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<String>,
    /// The files of what the other inputs' files have, by their names there.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// Lines in the layers.
    pub rows: u64,
    /// Bytes of their files. Not written: they differ with the number of threads, and snapshots do not.
    #[serde(skip)]
    pub bytes: u64,
}

impl StateList {
    /// The names of those with lines: all that the run read.
    pub fn with_lines(&self) -> impl Iterator<Item = &String> {
        self.layers.iter().chain(&self.open)
    }

    /// The list in the text of a file; `None` where it is not one.
    pub fn parse(text: &[u8]) -> Option<StateList> {
        serde_json::from_slice(text).ok()
    }

    /// The names of all its files.
    pub fn names(self) -> Vec<String> {
        self.layers.into_iter().chain(self.open).chain(self.inputs).collect()
    }

    /// The text of its file.
    ///
    /// # Errors
    /// [`Error::Bug`] where it cannot be written as JSON.
    pub fn text(&self) -> Result<Vec<u8>> {
        let mut text = serde_json::to_vec_pretty(self).map_err(Error::bug)?;
        text.push(b'\n');
        Ok(text)
    }
}
