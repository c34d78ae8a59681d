//! Strangers: files in a snapshot that this program did not write, such as somebody's notes or a list that was sent. They are never removed.

use super::layout::MANIFEST;
use super::manifest::Manifest;
use crate::disk::folder::{Folder, Kind};
use crate::error::Result;

/// The paths below a snapshot's folder that this program did not put there, sorted: what its manifest does not name. Where the manifest
/// cannot be read, the names decide: this program writes `manifest.json`, pages, and folders of parts.
///
/// # Errors
/// [`crate::error::Error::Output`] where a folder cannot be read.
pub(super) fn strangers(snapshot: &Folder, manifest: Option<&Manifest>) -> Result<Vec<String>> {
    let is_file = |name: &str| match manifest {
        Some(manifest) => manifest.files.iter().any(|file| file.file == name) || manifest.lists_only && name.ends_with(PAGE),
        None => name.ends_with(PAGE),
    };
    let mut others = Vec::new();
    for name in snapshot.names()? {
        let shown = name.to_string_lossy().into_owned();
        match snapshot.kind(&name)? {
            Some(Kind::File(_)) if shown == MANIFEST || is_file(&shown) => {}
            Some(Kind::Folder) => {
                let table = manifest.and_then(|manifest| manifest.table(&shown));
                let is_dropped = manifest.is_none_or(|manifest| manifest.dropped.contains(&shown));
                let is_own = |path: &str, part: &str| match table {
                    Some(table) => table.parts.iter().any(|known| known.file == path),
                    None => is_dropped && is_part(part),
                };
                for part in snapshot.folder(&name)?.names()? {
                    let part = part.to_string_lossy();
                    let path = format!("{shown}/{part}");
                    if !is_own(&path, &part) {
                        others.push(path);
                    }
                }
            }
            _ => others.push(shown),
        }
    }
    Ok(others)
}

/// The ending of the pages that a run writes beside its tables.
const PAGE: &str = ".html";

/// Whether a name is one of a part: `part-0000.parquet`, and more digits where there are more parts.
pub(super) fn is_part(name: &str) -> bool {
    let digits = name.strip_prefix("part-").and_then(|rest| rest.strip_suffix(".parquet"));
    digits.is_some_and(|digits| digits.len() >= 4 && digits.bytes().all(|each| each.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_a_run_writes_is_no_stranger() {
        let place = tempfile::tempdir().unwrap();
        for (name, is_strange) in [
            ("manifest.json", false),
            ("report.html", false),
            ("customers/part-0000.parquet", false),
            ("customers/part-12345.parquet", false),
            ("customers/sent.csv", true),
            ("customers/part-1.parquet", true),
            ("notes.txt", true),
            ("photos/a.jpg", true),
        ] {
            let path = place.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "x").unwrap();
            let found = strangers(&Folder::open(place.path()).unwrap(), None).unwrap();
            assert_eq!(found.contains(&name.to_owned()), is_strange, "{name}: {found:?}");
        }
        std::os::unix::fs::symlink("notes.txt", place.path().join("link.html")).unwrap();
        assert!(strangers(&Folder::open(place.path()).unwrap(), None).unwrap().contains(&"link.html".to_owned()));
    }
}
