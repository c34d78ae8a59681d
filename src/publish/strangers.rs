//! Strangers: files in a snapshot that this program did not write, such as somebody's notes or a list that was sent. They are never removed.

use super::layout::MANIFEST;
use crate::disk::folder::{Folder, Kind};
use crate::error::Result;

/// The endings of the files that a run writes beside its tables.
const BESIDE: [&str; 1] = [".html"];

/// The paths below a snapshot's folder that this program never gives, sorted: it writes `manifest.json`, pages, and folders of parts.
///
/// # Errors
/// [`crate::error::Error::Output`] where a folder cannot be read.
pub(super) fn strangers(snapshot: &Folder) -> Result<Vec<String>> {
    let mut others = Vec::new();
    for name in snapshot.names()? {
        let shown = name.to_string_lossy().into_owned();
        match snapshot.kind(&name)? {
            Some(Kind::File(_)) if shown == MANIFEST || BESIDE.iter().any(|ending| shown.ends_with(ending)) => {}
            Some(Kind::Folder) => {
                let table = snapshot.folder(&name)?;
                let parts = table.names()?;
                let strange = parts.iter().map(|part| part.to_string_lossy()).filter(|part| !is_part(part));
                others.extend(strange.map(|part| format!("{shown}/{part}")));
            }
            _ => others.push(shown),
        }
    }
    Ok(others)
}

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
            let found = strangers(&Folder::open(place.path()).unwrap()).unwrap();
            assert_eq!(found.contains(&name.to_owned()), is_strange, "{name}: {found:?}");
        }
        std::os::unix::fs::symlink("notes.txt", place.path().join("link.html")).unwrap();
        assert!(strangers(&Folder::open(place.path()).unwrap()).unwrap().contains(&"link.html".to_owned()));
    }
}
