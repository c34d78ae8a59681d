//! Files that end: a pipe, a socket or a device could keep a reader waiting for ever.

use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// Checks that a path does not lead to a pipe, a socket or a device.
///
/// # Errors
/// The error of the system, or one that says so.
pub fn check(path: &Path) -> Result<()> {
    let found = std::fs::metadata(path)?;
    match found.is_file() || found.is_dir() {
        true => Ok(()),
        false => Err(Error::new(
            ErrorKind::InvalidInput,
            "it is a pipe, a socket or a device, and only files are read: write it to a file first",
        )),
    }
}
