//! Durability: writes files and folders so that they survive a power loss.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use crate::error::{Error, Problem, Result};

/// An error of the system about `path`, for `map_err`.
pub fn failed(path: &Path) -> impl Fn(std::io::Error) -> Error + '_ {
    move |cause| Error::system(path, &cause)
}

/// A file that is being synced in the background.
#[derive(Debug)]
pub struct Syncing {
    path: PathBuf,
    /// `None` where it is synced already, because there was no thread left.
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

impl Syncing {
    /// Starts to sync a written file. Takes the descriptor that wrote it, because the system reports errors of delayed
    /// writing to that one.
    ///
    /// # Errors
    /// [`Error::Output`] where there is no descriptor left, or the disk reports an error.
    pub fn start(path: PathBuf, file: &File) -> Result<Syncing> {
        let own = file.try_clone().map_err(failed(&path))?;
        let thread = std::thread::Builder::new().name("sync".to_string()).spawn(move || own.sync_all()).ok();
        if thread.is_none() {
            file.sync_all().map_err(failed(&path))?;
        }
        Ok(Syncing { path, thread })
    }

    /// Waits until the file is on the disk.
    ///
    /// # Errors
    /// [`Error::Output`] where the disk reports an error.
    pub fn wait(self) -> Result<()> {
        let Some(thread) = self.thread else { return Ok(()) };
        let synced = thread.join().map_err(|_| Error::bug("the thread that syncs a file panicked"))?;
        synced.map_err(failed(&self.path))
    }
}

/// The paths in a folder, sorted; none if the folder does not exist.
///
/// # Errors
/// [`Error::Output`] where it cannot be read.
pub fn entries(path: &Path) -> Result<Vec<PathBuf>> {
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
///
/// # Errors
/// [`Error::Output`] where a file stands in the way, or the system refuses.
pub fn create_folders(path: &Path) -> Result<()> {
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
            let what = match path.is_symlink() {
                true => "is a link that leads to no folder, where a folder is needed",
                false => "is a file where a folder is needed",
            };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_created_at_any_depth() {
        let place = tempfile::tempdir().unwrap();
        let deep = place.path().join("a/b/c");
        create_folders(&deep).unwrap();
        create_folders(&deep).unwrap();
        fs::write(deep.join("file"), "x").unwrap();
        assert_eq!(entries(&deep).unwrap(), vec![deep.join("file")]);
        assert!(entries(&place.path().join("nothing")).unwrap().is_empty());
        assert_eq!(create_folders(&deep.join("file/below")).unwrap_err().exit_code(), 4);
    }
}
