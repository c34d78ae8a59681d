//! Standard output: what commands print, and the width of the terminal that shows it.

use std::io::{ErrorKind, Write, stdout};
use std::path::Path;

use crate::disk::replace::replace;
use crate::error::{Error, Problem, Result};
use crate::publish::is_in_snapshots;

/// Prints to standard output. A reader that has stopped reading (`| head`) is not an error.
pub fn print(text: &str) -> Result<()> {
    match stdout().lock().write_all(text.as_bytes()) {
        Err(cause) if cause.kind() != ErrorKind::BrokenPipe => Err(not_printed(&cause)),
        _ => Ok(()),
    }
}

/// Standard output for rows that come one after the other. A reader that has stopped reading is not an error.
#[derive(Debug)]
pub struct Rows;

impl Write for Rows {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match stdout().lock().write_all(bytes) {
            Err(cause) if cause.kind() != ErrorKind::BrokenPipe => Err(cause),
            _ => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match stdout().lock().flush() {
            Err(cause) if cause.kind() != ErrorKind::BrokenPipe => Err(cause),
            _ => Ok(()),
        }
    }
}

/// The error that rows could not be printed.
pub fn not_printed(cause: &std::io::Error) -> Error {
    Error::Output(Problem::new("standard output", cause.to_string()))
}

/// Prints a document for programs.
pub fn print_json(document: &serde_json::Value) -> Result<()> {
    print(&format!("{}\n", serde_json::to_string_pretty(document).map_err(Error::bug)?))
}

/// Writes to the file, which appears complete or not at all, or prints where none is named.
pub fn print_or_write(text: &str, to: Option<&Path>) -> Result<()> {
    match to {
        Some(file) => refuse_in_snapshots(file).and_then(|()| replace(file, text.as_bytes())),
        None => print(text),
    }
}

/// Refuses to write a file, or into a folder, that lies in the snapshots of an output folder.
pub fn refuse_in_snapshots(to: &Path) -> Result<()> {
    if !is_in_snapshots(to) {
        return Ok(());
    }
    let what = "is in the folder of the snapshots, which do not change after they are published";
    Err(Error::Usage(vec![Problem::new(to.display().to_string(), what).help("name another place with --to")]))
}

/// The width of the terminal that the output goes to; `None` if it goes elsewhere.
pub fn terminal_width() -> Option<usize> {
    terminal_size::terminal_size_of(stdout()).map(|(terminal_size::Width(width), _)| usize::from(width))
}
