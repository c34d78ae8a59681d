//! The files that the job file names: rule files, strategy files, a stage file. All are found and read; their problems are noted together
//! with those of the job file.

use std::path::{Path, PathBuf};

use super::file::{self, Unreadable};
use super::inputs;
use super::keys::{Key, Shape};
use super::section::{Check, Section};
use super::tree::{self, Entry, Node, SourceLocation, Value};
use super::values;

/// A file that the job names, and where the job names it.
pub(super) struct FileReference {
    /// Its number among all files that the job names.
    pub number: usize,
    /// Its path as the job names it.
    pub file: String,
    /// Where the job names it.
    pub place: String,
}

impl FileReference {
    /// A place in the file; line and column count from 1.
    pub fn at(&self, line: usize, column: usize) -> SourceLocation {
        SourceLocation::Named { file: self.number, line, column }
    }
}

/// A file that the job names, with its text.
pub(super) struct NamedFile {
    pub source: FileReference,
    pub text: String,
}

/// The files that the list of the key `name` names, in its order; `None` for each that cannot be read, which is noted. `None` if the
/// value is not a list.
pub(super) fn read(job: &Section<'_>, name: &str) -> Option<Vec<Option<NamedFile>>> {
    let (Some(key), Some(entry)) = (job.key(name), job.entry(name)) else { return Some(Vec::new()) };
    let (Shape::Files(kind), Value::List(items)) = (&key.shape, &entry.node.value) else {
        job.wrong(key, &entry.node, &values::found(&entry.node));
        return None;
    };
    let mut found: Vec<(PathBuf, SourceLocation)> = Vec::new();
    Some(items.iter().map(|item| named_file(job, key, kind, item, &mut found)).collect())
}

/// The file that the key `name` names; `Some(None)` if it names none. `None` if it cannot be read, which is noted.
pub(super) fn read_one(job: &Section<'_>, name: &str) -> Option<Option<NamedFile>> {
    let (Some(key), Some(entry)) = (job.key(name), job.entry(name)) else { return Some(None) };
    let Shape::File(kind) = &key.shape else { return None };
    named_file(job, key, kind, &entry.node, &mut Vec::new()).map(Some)
}

/// The entries of such a file; none if it has only comments. `kind` is the word for the file and `first` its first line, for messages.
pub(super) fn entries(check: &Check<'_>, source: &FileReference, text: &str, kind: &str, first: &str) -> Option<Vec<Entry>> {
    let root = match tree::parse(text, &|line, column| source.at(line, column)) {
        Ok(root) => root,
        Err(faults) => {
            check.note_all(faults);
            return None;
        }
    };
    match root.value {
        Value::Mapping(entries) => Some(entries),
        _ if root.is_nothing() => Some(Vec::new()),
        _ => {
            let message = format!("a {kind} is a mapping, found {}", values::found(&root));
            check.note(root.place, message, format!("it starts with `{first}`"));
            None
        }
    }
}

/// The file that a value names, with its text. `found` are the files of the items before it in a list.
fn named_file(job: &Section<'_>, key: &Key, kind: &str, item: &Node, found: &mut Vec<(PathBuf, SourceLocation)>) -> Option<NamedFile> {
    let check = job.check;
    let written = values::text(item).map_err(|found| job.wrong(key, item, &found)).ok()?;
    let below = inputs::expanded(check, item.place, key.name, &written)?;
    let path: PathBuf = check.folder.join(&below).components().collect();
    if let Some((_, before)) = found.iter().find(|(other, _)| *other == path) {
        let help = format!("it is at {} too: keep one", check.place_text(*before));
        check.note(item.place, format!("`{}` has `{}` twice", key.name, values::shortened(&written)), help);
        return None;
    }
    found.push((path.clone(), item.place));
    // The name for messages starts where the name of the job file starts.
    let shown: PathBuf = Path::new(check.file).with_file_name("").join(&below).components().collect();
    let shown = shown.display().to_string();
    let number = check.named_file(shown.clone());
    match file::read(&path) {
        Ok(text) => {
            let source = FileReference { number, file: written, place: check.place_text(item.place) };
            return Some(NamedFile { source, text });
        }
        Err(Unreadable::System(cause)) => {
            check.note(item.place, format!("the {kind} {shown} cannot be read: {cause}"), "paths start at the folder of the job file");
        }
        Err(Unreadable::TooLarge(bytes)) => {
            let message = format!("the {kind} {shown} has {bytes} bytes, too many for a {kind}");
            check.note(item.place, message, format!("is this the path of the {kind}?"));
        }
        Err(Unreadable::NotUtf8 { line }) => {
            let place = SourceLocation::Named { file: number, line, column: 1 };
            check.note(place, "is not UTF-8", format!("save the {kind} as UTF-8, not as GBK"));
        }
    }
    None
}
