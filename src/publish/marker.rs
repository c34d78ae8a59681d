//! The marker of an output folder: a run empties and removes only in folders that carry it.

use std::ffi::OsString;
use std::io::Write;

use super::layout::{MANIFEST, MARKER, SNAPSHOTS, is_snapshot_name};
use super::manifest::Manifest;
use crate::disk::folder::{Folder, Kind};
use crate::error::{Error, Problem, Result, listed};

const TEXT: &str = "This is an output folder of huitou. Keep this file: huitou writes only into folders that have it or are empty.\n";

/// What a new disk has before anybody writes to it.
const EMPTY_DISK: &str = "lost+found";

/// Checks that the folder is an output folder, or marks it as one if it is empty or has a snapshot of a version without markers.
///
/// # Errors
/// [`Error::Output`] where it has files of others and no marker.
pub(super) fn check(out: &Folder) -> Result<()> {
    let names = out.names()?;
    match out.kind(MARKER)? {
        Some(Kind::File(_)) => return Ok(()),
        Some(_) => return Err(refused(out, format!("`{MARKER}` in it is not a file"), &names)),
        None => {}
    }
    if names.iter().any(|name| name != EMPTY_DISK) && !has_snapshot(out)? {
        return Err(refused(out, format!("it is not empty, and it has no file `{MARKER}`"), &names));
    }
    let mut file = match out.create_file(MARKER) {
        Ok(file) => file,
        // Another run marked it meanwhile.
        Err(_) if matches!(out.kind(MARKER)?, Some(Kind::File(_))) => return Ok(()),
        Err(cause) => return Err(cause),
    };
    file.write_all(TEXT.as_bytes()).and_then(|()| file.sync_all()).map_err(|cause| Error::system(&out.path().join(MARKER), &cause))?;
    out.sync()
}

/// Whether the folder has a snapshot of this program.
fn has_snapshot(out: &Folder) -> Result<bool> {
    if out.kind(SNAPSHOTS)? != Some(Kind::Folder) {
        return Ok(false);
    }
    let snapshots = out.folder(SNAPSHOTS)?;
    let is_snapshot = |name: &OsString| {
        let is_named = name.to_str().is_some_and(is_snapshot_name);
        is_named
            && Manifest::read(&snapshots.path().join(name).join(MANIFEST))
                .is_ok_and(|manifest| Some(manifest.name.as_str()) == name.to_str())
    };
    Ok(snapshots.names()?.iter().any(is_snapshot))
}

fn refused(out: &Folder, what: String, names: &[OsString]) -> Error {
    let place = out.path().display().to_string();
    let shown = listed(names.iter().map(|name| format!("`{}`", name.display())), 5);
    let message = format!("this is not an output folder of huitou: {what}; found {shown}");
    let help = format!(
        "choose a new or an empty folder, such as {}; if it is an output folder whose `{MARKER}` was lost, create that file",
        out.path().join("huitou").display()
    );
    Error::Output(Problem::new(place, message).help(help))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::fixture::{publish, work};
    use super::super::{Store, latest};
    use super::*;

    #[test]
    fn a_folder_of_others_is_refused_and_stays_as_it_was() {
        for (folder, file) in
            [("tmp", "tmp/t"), ("snapshots/2026-11-21-3f9c2a", "snapshots/2026-11-21-3f9c2a/x"), ("a", ".lock"), ("a", "a/b")]
        {
            let place = tempfile::tempdir().unwrap();
            fs::create_dir_all(place.path().join(folder)).unwrap();
            fs::write(place.path().join(file), "theirs").unwrap();
            let refused = Store::open(place.path()).unwrap_err();
            assert_eq!(refused.exit_code(), 4, "{file}");
            assert!(refused.to_string().contains("not an output folder of huitou"), "{refused}");
            assert_eq!(fs::read_to_string(place.path().join(file)).unwrap(), "theirs");
            let entries = fs::read_dir(place.path()).unwrap().count();
            assert_eq!(entries, if file == ".lock" { 2 } else { 1 }, "nothing was added");
        }
    }

    #[test]
    fn an_empty_folder_and_a_new_disk_are_marked() {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join(EMPTY_DISK)).unwrap();
        Store::open(place.path()).unwrap();
        assert!(place.path().join(MARKER).is_file());
        fs::write(place.path().join("note"), "theirs").unwrap();
        Store::open(place.path()).unwrap();
        assert_eq!(fs::read_to_string(place.path().join("note")).unwrap(), "theirs");
    }

    #[test]
    fn a_folder_with_a_snapshot_and_no_marker_gets_one() {
        let place = tempfile::tempdir().unwrap();
        publish(&Store::open(place.path()).unwrap(), &work("job", 1)).unwrap();
        fs::remove_file(place.path().join(MARKER)).unwrap();
        publish(&Store::open(place.path()).unwrap(), &work("job", 2)).unwrap();
        assert!(place.path().join(MARKER).is_file());
        assert_eq!(latest(place.path()).unwrap().unwrap().manifest.name, work("job", 2).name());
    }

    #[test]
    fn a_marker_that_is_no_file_marks_nothing() {
        let place = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/dev/null", place.path().join(MARKER)).unwrap();
        assert_eq!(Store::open(place.path()).unwrap_err().exit_code(), 4);
    }
}
