//! The output folder of a command line.

use std::path::PathBuf;

use crate::store::address::is_address;

/// Reads the value of `--out`.
///
/// # Errors
/// That it is an address of an object store.
pub(super) fn output_folder(text: &str) -> Result<PathBuf, String> {
    match is_address(text) {
        true => Err("it is an address of an object store, and snapshots are written to a folder of a disk: name a local folder, and copy it to the \
                     store when the run has ended"
            .to_owned()),
        false => Ok(PathBuf::from(text)),
    }
}
