//! Whether a file is still the one whose footer was read: rows of two files under one name would be a mixture that nobody ever exported.

use std::fs::File;
use std::io::ErrorKind;

use super::open_file::OpenFile;
use crate::disk::identity::FileIdentity;
use crate::error::{Error, Problem, Result, listed};

/// Opens a file again to read its rows.
///
/// # Errors
/// [`Error::Input`] where it is not there any more, or another one, or changed.
pub(in crate::input) fn reopened(opened: &OpenFile) -> Result<File> {
    let path = &opened.file.path;
    let found = File::open(path).and_then(|file| file.metadata().map(|found| (file, FileIdentity::of(&found))));
    let label = || std::iter::once(opened.file.label.clone());
    match found {
        Ok((file, now)) => match opened.identity.difference(&now) {
            None => Ok(file),
            Some(difference) => Err(refused(label(), difference)),
        },
        Err(cause) if cause.kind() == ErrorKind::NotFound => Err(refused(label(), GONE)),
        Err(cause) => Err(Error::system(path, &cause)),
    }
}

/// Checks, after the rows were read, that no file was replaced or changed meanwhile.
///
/// # Errors
/// [`Error::Input`] with all that were.
pub fn unchanged<'a>(files: impl Iterator<Item = &'a OpenFile>) -> Result<()> {
    let mut changed: Vec<(String, &'static str)> = Vec::new();
    for opened in files {
        let path = &opened.file.path;
        let difference = match std::fs::metadata(path) {
            Ok(found) => opened.identity.difference(&FileIdentity::of(&found)),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Some(GONE),
            Err(cause) => return Err(Error::system(path, &cause)),
        };
        changed.extend(difference.map(|difference| (opened.file.label.clone(), difference)));
    }
    match changed.first() {
        None => Ok(()),
        Some((_, first)) => {
            let first = *first;
            Err(refused(changed.into_iter().map(|(label, _)| label), first))
        }
    }
}

/// What is said of a file that is not there any more.
const GONE: &str = "it is not there any more";

/// The files named in a message; the others are counted.
const NAMED: usize = 5;

/// The refusal of files, with the difference of the first one.
fn refused(labels: impl ExactSizeIterator<Item = String>, difference: &str) -> Error {
    let (verb, count) = if labels.len() == 1 { ("was", String::new()) } else { ("were", format!("{} files: ", labels.len())) };
    let of = if count.is_empty() { "" } else { "of the first, " };
    let place = format!("{count}{}", listed(labels, NAMED));
    let problem = Problem::new(place, format!("{verb} replaced, changed or removed while the run read the inputs ({of}{difference})"));
    Error::Input(vec![problem.help("run again when the export has ended; a writer should write to another folder and rename it")])
}
