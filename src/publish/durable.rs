//! Durability: writes files and folders so that they survive a power loss.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use crate::error::{Error, Problem, Result};

/// An error of the system about `path`, for `map_err`.
pub(super) fn failed(path: &Path) -> impl Fn(std::io::Error) -> Error + '_ {
    move |cause| Error::system(path, &cause)
}

/// A file that is being synced in the background.
#[derive(Debug)]
pub(super) struct Syncing {
    path: PathBuf,
    thread: JoinHandle<std::io::Result<()>>,
}

impl Syncing {
    /// Starts to sync a written file. Takes the descriptor that wrote it, because the system reports errors of delayed
    /// writing to that one.
    pub(super) fn start(path: PathBuf, file: &File) -> Result<Syncing> {
        let file = file.try_clone().map_err(failed(&path))?;
        let thread = std::thread::Builder::new().name("sync".to_string()).spawn(move || file.sync_all()).map_err(failed(&path))?;
        Ok(Syncing { path, thread })
    }

    /// Waits until the file is on the disk.
    pub(super) fn wait(self) -> Result<()> {
        let synced = self.thread.join().map_err(|_| Error::bug("the thread that syncs a file panicked"))?;
        synced.map_err(failed(&self.path))
    }
}

/// Makes the names in the folder durable. Syncing a file alone keeps its bytes, not its name.
pub(super) fn sync_folder(path: &Path) -> Result<()> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(failed(path))
}

/// Syncs everything below `path`, including the names: files first, each folder after its entries.
pub(super) fn sync_tree(path: &Path) -> Result<()> {
    for entry in entries(path)? {
        if entry.is_dir() {
            sync_tree(&entry)?;
        } else {
            File::open(&entry).and_then(|file| file.sync_all()).map_err(failed(&entry))?;
        }
    }
    sync_folder(path)
}

/// The paths in a folder, sorted; none if the folder does not exist.
pub(super) fn entries(path: &Path) -> Result<Vec<PathBuf>> {
    let folder = match fs::read_dir(path) {
        Ok(folder) => folder,
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(Error::system(path, &cause)),
    };
    let mut paths = folder.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>().map_err(failed(path))?;
    paths.sort();
    Ok(paths)
}

/// Creates the folder and those above it, so that they survive a power loss.
pub(super) fn create_folders(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        create_folders(parent)?;
    }
    match fs::create_dir(path) {
        // Another process created it meanwhile, or the path ends in `..`.
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists && path.is_dir() => return Ok(()),
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => {
            let what = "is a file where a folder is needed";
            return Err(Error::Output(Problem::new(path.display().to_string(), what).help("move it away, or write to another --out")));
        }
        made => made.map_err(failed(path))?,
    }
    // A parent folder that may be searched but not read (a mount point) cannot be synced; the new folder still works.
    match File::open(parent.unwrap_or(Path::new("."))) {
        Ok(folder) => folder.sync_all().map_err(failed(path)),
        Err(_) => Ok(()),
    }
}

/// Removes a file, a link, or a folder with its contents; does nothing if it does not exist.
pub(super) fn remove(path: &Path) -> Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(cause) => Err(cause),
    };
    match removed {
        Err(cause) if cause.kind() != ErrorKind::NotFound => Err(Error::system(path, &cause)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_made_and_removed_at_any_depth() {
        let place = tempfile::tempdir().unwrap();
        let deep = place.path().join("a/b/c");
        create_folders(&deep).unwrap();
        create_folders(&deep).unwrap();
        fs::write(deep.join("file"), "x").unwrap();
        sync_tree(place.path()).unwrap();
        assert_eq!(entries(&deep).unwrap(), vec![deep.join("file")]);
        remove(&place.path().join("a")).unwrap();
        remove(&place.path().join("a")).unwrap();
        assert!(entries(&deep).unwrap().is_empty());
    }

    #[test]
    fn a_link_is_removed_not_what_it_points_to() {
        let place = tempfile::tempdir().unwrap();
        let kept = place.path().join("kept");
        create_folders(&kept).unwrap();
        let link = place.path().join("link");
        std::os::unix::fs::symlink(&kept, &link).unwrap();
        remove(&link).unwrap();
        assert!(kept.is_dir());
        assert!(!link.is_symlink());
    }
}
