//! Finding the files of an input, wherever they lie.

use super::files::{self, FoundFiles};
use super::files_in_store;
use crate::error::Problem;
use crate::store::address::Address;

/// Finds the data files of `path` (as the job wrote it: `written`): on a disk, or in a store if it is an address.
///
/// # Errors
/// A problem at `place` if nothing is there, or has no data file, or the store does not list it.
pub fn find(path: &str, written: &str, place: &str) -> Result<FoundFiles, Problem> {
    match Address::parse(path) {
        Ok(None) => files::find(path, written, place),
        Ok(Some(address)) => files_in_store::find(&address, written, place),
        Err(fault) => Err(Problem::new(place, format!("the path {}", fault.what)).help(fault.help)),
    }
}

/// Whether a path that may be missing has nothing yet: a folder with nothing in it but hidden entries, or one that nobody made. `None` for one of the
/// file system.
pub fn is_nothing_in_store(path: &str) -> Option<bool> {
    let address = Address::parse(path).ok()??;
    Some(files_in_store::is_nothing(&address))
}
