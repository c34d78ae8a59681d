//! Whether a file is still the one whose footer was read: rows of two files under one name would be a mixture that nobody ever exported.

use std::fs::File;

use super::identity::FileIdentity;
use super::open_file::OpenFile;
use crate::error::{Error, Problem, Result, listed};

/// Opens a file again to read its rows.
///
/// # Errors
/// [`Error::Input`] where it is not there any more, or another one, or changed.
pub(in crate::input) fn reopened(opened: &OpenFile) -> Result<File> {
    let found = File::open(&opened.file.path).and_then(|file| file.metadata().map(|found| (file, FileIdentity::of(&found))));
    match found {
        Ok((file, identity)) if identity == opened.identity => Ok(file),
        _ => Err(refused(std::iter::once(opened.file.label.clone()))),
    }
}

/// Checks, after the rows were read, that no file was replaced or changed meanwhile.
///
/// # Errors
/// [`Error::Input`] with all that were.
pub fn unchanged<'a>(files: impl Iterator<Item = &'a OpenFile>) -> Result<()> {
    let is_changed = |opened: &&OpenFile| {
        let found = std::fs::metadata(&opened.file.path);
        !found.is_ok_and(|found| FileIdentity::of(&found) == opened.identity)
    };
    let changed: Vec<String> = files.filter(is_changed).map(|opened| opened.file.label.clone()).collect();
    if changed.is_empty() { Ok(()) } else { Err(refused(changed.into_iter())) }
}

/// The files named in a message; the others are counted.
const NAMED: usize = 5;

fn refused(labels: impl ExactSizeIterator<Item = String>) -> Error {
    let (verb, count) = if labels.len() == 1 { ("was", String::new()) } else { ("were", format!("{} files: ", labels.len())) };
    let place = format!("{count}{}", listed(labels, NAMED));
    let problem = Problem::new(place, format!("{verb} replaced, changed or removed while the run read the inputs"));
    Error::Input(vec![problem.help("run again when the export has ended; a writer should write to another folder and rename it")])
}
