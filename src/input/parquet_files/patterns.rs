//! Patterns of paths, and the folders on the way to what they match.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::left_out::is_hidden;

/// A name as text. Bytes that are not UTF-8 are shown as `\xFF`, so that two names stay two.
pub(super) fn shown(name: &OsStr) -> String {
    use std::os::unix::ffi::OsStrExt;
    let shown = |chunk: std::str::Utf8Chunk<'_>| {
        let invalid: String = chunk.invalid().iter().map(|byte| format!("\\x{byte:02X}")).collect();
        chunk.valid().to_owned() + &invalid
    };
    name.as_bytes().utf8_chunks().map(shown).collect()
}

/// Folders that were looked at, by device and inode.
#[derive(Default)]
pub(super) struct Folders(BTreeSet<(u64, u64, usize)>);

impl Folders {
    /// Whether a folder was not looked at before, at that level.
    pub fn is_new(&mut self, folder: &Path, level: usize) -> std::io::Result<bool> {
        let found = folder.metadata()?;
        Ok(self.0.insert((found.dev(), found.ino(), level)))
    }
}

/// Whether a pattern matches a path: a wildcard ends at a folder, unless it is `**`.
pub fn matches(pattern: &glob::Pattern, path: &Path) -> bool {
    let options = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::new() };
    pattern.matches_with(&shown(path.as_os_str()), options)
}

/// What lies below a folder.
pub(super) struct Below {
    /// The files and folders that a pattern matches, sorted.
    pub found: Vec<PathBuf>,
    /// The folders that links on the way lead to.
    pub linked: Vec<PathBuf>,
}

/// The files and folders that a pattern matches, down to so many levels below a folder, sorted. Each folder is looked into once, links last.
pub(super) fn below(base: &Path, pattern: &glob::Pattern, depth: usize) -> std::io::Result<Below> {
    let base = if base.as_os_str().is_empty() { Path::new(".") } else { base };
    let (mut seen, mut found, mut linked) = (Folders::default(), Vec::new(), Vec::new());
    let (mut folders, mut links) = (vec![(base.to_owned(), 1)], Vec::new());
    while let Some((folder, level)) = folders.pop().or_else(|| links.pop()) {
        // With `**` the names on the way do not matter; else each folder may be met at several levels.
        if !folder.is_dir() || !seen.is_new(&folder, if depth == usize::MAX { 0 } else { level })? {
            continue;
        }
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.strip_prefix(base).is_ok_and(|below| matches(pattern, below)) {
                found.push(path.clone());
            }
            if level < depth && path.is_dir() {
                if path.is_symlink() {
                    linked.extend(path.canonicalize().ok());
                }
                let kind = if path.is_symlink() { &mut links } else { &mut folders };
                kind.push((path, level + 1));
            }
        }
        // The last is taken first.
        links.sort_by(|one, other| other.cmp(one));
    }
    let here = |path: PathBuf| path.strip_prefix(".").map_or(path.clone(), Path::to_owned);
    let mut found: Vec<PathBuf> = found.into_iter().map(here).collect();
    found.sort();
    Ok(Below { found, linked })
}

/// The names on a path.
pub(super) fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".")
}

/// Whether a pattern spells out the beginning of every hidden name that it matches; else the position of the first name that it does not.
pub(super) fn spelt(pattern: &[&str], names: &[&str]) -> Result<(), usize> {
    let Some((first, rest)) = pattern.split_first() else { return if names.is_empty() { Ok(()) } else { Err(0) } };
    let next = |pattern: &[&str]| spelt(pattern, names.get(1..).unwrap_or_default()).map_err(|at| at + 1);
    let name = names.first();
    if *first == "**" {
        let none = spelt(rest, names);
        return match (none, name) {
            (Err(at), Some(name)) if !is_hidden(name) => next(pattern).map_err(|other| at.max(other)),
            (none, _) => none,
        };
    }
    let name = name.ok_or(0_usize)?;
    let is_match = glob::Pattern::new(first).is_ok_and(|first| first.matches(name));
    let is_spelt = !is_hidden(name) || first.starts_with(['.', '_']) || first.starts_with("[_]") || first.starts_with("[.]");
    if is_match && is_spelt { next(rest) } else { Err(0) }
}

/// The folders of a pattern before its first wildcard, which is looked for in the last `length` bytes only.
pub fn before_wildcard(pattern: &str, length: usize) -> &str {
    let from = pattern.len() - length;
    let wildcard = pattern.get(from..).and_then(|tail| tail.find(['*', '?', '['])).map_or(pattern.len(), |at| from + at);
    pattern.get(..wildcard).and_then(|head| head.rfind('/')).and_then(|slash| pattern.get(..slash)).unwrap_or_default()
}
