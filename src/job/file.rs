//! Reads files that people write for the program: UTF-8 of limited size.

use std::io;
use std::path::Path;

use crate::disk::regular;

/// Bytes that a job or rule file has at most.
const MOST_BYTES: u64 = 1 << 20;

/// Why a file cannot be read.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// The error of the system.
    System(io::Error),
    /// It is too large; its bytes.
    TooLarge(u64),
    /// It is not UTF-8; the first such line.
    NotUtf8 { line: usize },
}

/// The text of the file.
pub(super) fn read(path: &Path) -> Result<String, Unreadable> {
    regular::check(path).map_err(Unreadable::System)?;
    let bytes = std::fs::metadata(path).map_err(Unreadable::System)?.len();
    if bytes > MOST_BYTES {
        return Err(Unreadable::TooLarge(bytes));
    }
    String::from_utf8(std::fs::read(path).map_err(Unreadable::System)?).map_err(|cause| {
        let valid = cause.utf8_error().valid_up_to();
        let line = 1 + cause.as_bytes().iter().take(valid).filter(|byte| **byte == b'\n').count();
        Unreadable::NotUtf8 { line }
    })
}
