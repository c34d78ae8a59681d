//! Files that are replaced as a whole: written beside their place and renamed to it, so that a full disk or a crash leaves the old one.

use std::io::Write;
use std::path::Path;

use super::durable::failed;
use super::folder::{Folder, Kind};
use super::unfinished::Unfinished;
use crate::error::{Error, Problem, Result};

/// Writes a file in the place of the one that may be there. Where a user named a link, the file that it leads to is replaced; a device or
/// a pipe (`/dev/stdout`) is written to as it is.
///
/// # Errors
/// [`Error::Output`] where the system refuses, or a folder stands there. The old file is then unchanged.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    // `/dev/stdout` is a link to what stands for a pipe and has no path.
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return std::fs::write(path, bytes).map_err(failed(path));
    }
    let path = &std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Some(name) = path.file_name() else { return Err(not_a_file(path)) };
    // A folder that is missing is reported as the file that cannot be written.
    let folder = match Folder::open(parent) {
        Ok(folder) => folder,
        Err(Error::Output(problem)) => return Err(Error::Output(Problem { place: path.display().to_string(), ..problem })),
        Err(cause) => return Err(cause),
    };
    match folder.kind(name)? {
        None | Some(Kind::File(_)) => {}
        Some(Kind::Folder | Kind::Link | Kind::Other) => return Err(not_a_file(path)),
    }
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}", std::process::id()));
    let shown = parent.join(&beside);
    // Only a killed process of the same id can have left it.
    folder.remove(&beside)?;
    let unfinished = shown.clone();
    let _unfinished = Unfinished::new(move || drop(std::fs::remove_file(&unfinished)));
    let mut file = folder.create_file(&beside)?;
    if let Ok(old) = std::fs::metadata(path) {
        // A disk without permissions (FAT, some network mounts) has none to keep.
        let _ = file.set_permissions(old.permissions());
    }
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed(&shown));
    let replaced = written.and_then(|()| folder.rename(&beside, &folder, name));
    if replaced.is_err() {
        let _ = folder.remove(&beside);
        return replaced;
    }
    folder.sync()
}

fn not_a_file(path: &Path) -> Error {
    Error::Output(Problem::new(path.display().to_string(), "is not a file, so no file can replace it").help("name another file"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_is_replaced_and_what_a_link_leads_to_as_well() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        replace(&path("page"), b"first").unwrap();
        replace(&path("page"), b"second").unwrap();
        assert_eq!(fs::read(path("page")).unwrap(), b"second");
        symlink("page", path("link")).unwrap();
        replace(&path("link"), b"third").unwrap();
        assert_eq!(fs::read(path("page")).unwrap(), b"third");
        assert!(path("link").is_symlink());
        replace(Path::new("/dev/null"), b"nothing").unwrap();
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_is_no_file_stays() {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("folder")).unwrap();
        symlink("nowhere", place.path().join("dangling")).unwrap();
        for path in ["folder", "folder/..", "nowhere/page", "dangling"] {
            assert_eq!(replace(&place.path().join(path), b"x").unwrap_err().exit_code(), 4, "{path}");
        }
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
    }
}
