//! Whether a file is still the one whose footer was read: rows of two files under one name would be a mixture that nobody ever exported.

use std::fs::File;
use std::io::ErrorKind;

use super::open_file::OpenFile;
use super::place::{Place, Source, StoredFile, Unread};
use crate::disk::identity::FileIdentity;
use crate::error::{Error, Problem, Result, listed};
use crate::store::failure::Kind;

/// Opens a file again to read its rows.
///
/// # Errors
/// [`Error::Input`] where it is not there any more, or another one, or changed.
pub(in crate::input) fn reopened(opened: &OpenFile) -> Result<Source> {
    let path = match &opened.file.place {
        Place::Disk(path) => path,
        // It gives no bytes of another object than the one that was listed.
        Place::Store(file) => return Ok(Source::Store(file.clone())),
    };
    let found = File::open(path).and_then(|file| file.metadata().map(|found| (file, FileIdentity::of(&found))));
    let label = || std::iter::once(opened.file.label.clone());
    match found {
        Ok((file, now)) => match opened.identity.and_then(|identity| identity.difference(&now)) {
            None => Ok(Source::Disk(file)),
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
    let mut stored: Vec<(&OpenFile, &StoredFile)> = Vec::new();
    for opened in files {
        let path = match &opened.file.place {
            Place::Disk(path) => path,
            Place::Store(file) => {
                stored.push((opened, file));
                continue;
            }
        };
        let difference = match std::fs::metadata(path) {
            Ok(found) => opened.identity.and_then(|identity| identity.difference(&FileIdentity::of(&found))),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Some(GONE),
            Err(cause) => return Err(Error::system(path, &cause)),
        };
        changed.extend(difference.map(|difference| (opened.file.label.clone(), difference)));
    }
    for same in stored.chunk_by(|(_, one), (_, other)| one.bucket == other.bucket) {
        let Some((first, StoredFile { bucket, .. })) = same.first() else { continue };
        let keys: Vec<&str> = same.iter().map(|(_, file)| file.object.key.as_str()).collect();
        let now = bucket.now(&keys).map_err(|failure| Error::Input(vec![failure.problem(&first.file.label)]))?;
        for ((opened, file), now) in same.iter().zip(now) {
            let difference = now.map_or(Some(GONE), |now| file.object.difference(&now));
            changed.extend(difference.map(|difference| (opened.file.label.clone(), difference)));
        }
    }
    match changed.first() {
        None => Ok(()),
        Some((_, first)) => {
            let first = *first;
            Err(refused(changed.into_iter().map(|(label, _)| label), first))
        }
    }
}

/// Why the bytes of a file cannot be read: because of a damaged file where the system says so.
pub(in crate::input) fn unread(opened: &OpenFile, cause: Unread, damaged: impl FnOnce(String) -> Error) -> Error {
    let label = &opened.file.label;
    match cause {
        Unread::System(cause) => damaged(cause.to_string()),
        Unread::Store(failure) => match failure.kind {
            Kind::Gone => refused(std::iter::once(label.clone()), GONE),
            Kind::Changed => refused(std::iter::once(label.clone()), "it was written"),
            _ => Error::Input(vec![failure.problem(label)]),
        },
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
