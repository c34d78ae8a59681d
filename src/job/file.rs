//! Files that people write for the program: read whole, as UTF-8, if they are of a size that such a file has.

use std::io;
use std::path::Path;

/// More than any job or rule file has.
const MOST_BYTES: u64 = 1 << 20;

/// Why a file is not read.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// The system does not give it.
    System(io::Error),
    /// It is larger than any job or rule file; its bytes.
    TooLarge(u64),
    /// It is not UTF-8, for the first time in that line.
    NotUtf8 { line: usize },
}

/// The text of the file.
pub(super) fn read(path: &Path) -> Result<String, Unreadable> {
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
