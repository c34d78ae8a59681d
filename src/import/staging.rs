//! Files under way: written under hidden names, which runs leave out, and shown all at once when all of them are whole.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// How the names of files under way begin.
const PREFIX: &str = ".importing-";

/// The files of one import.
#[derive(Debug, Default)]
pub struct Staging {
    files: Vec<Staged>,
    gone: Vec<PathBuf>,
}

#[derive(Debug)]
struct Staged {
    hidden: PathBuf,
    /// Where it is to be; nowhere until that is known.
    shown: Option<PathBuf>,
}

impl Staging {
    /// A hidden path in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// [`Error::Output`] where there can be no such folder.
    pub fn path(&mut self, folder: &Path) -> Result<PathBuf> {
        fs::create_dir_all(folder).map_err(|cause| Error::system(folder, &cause))?;
        let hidden = folder.join(format!("{PREFIX}{}", self.files.len()));
        self.files.push(Staged { hidden: hidden.clone(), shown: None });
        Ok(hidden)
    }

    /// Where a hidden file is to be.
    pub fn show(&mut self, hidden: &Path, shown: PathBuf) {
        if let Some(file) = self.files.iter_mut().find(|file| file.hidden == hidden) {
            file.shown = Some(shown);
        }
    }

    /// A file that is not to be there any more, unless a hidden one takes its place.
    pub fn remove(&mut self, path: PathBuf) {
        self.gone.push(path);
    }

    /// Shows all files that have a place, and removes what they replace.
    ///
    /// # Errors
    /// [`Error::Output`] where the system does not let it.
    pub fn commit(mut self) -> Result<()> {
        let mut shown = Vec::new();
        for file in &mut self.files {
            if let Some(path) = file.shown.take() {
                fs::rename(&file.hidden, &path).map_err(|cause| Error::system(&path, &cause))?;
                shown.push(path);
            }
        }
        for path in self.gone.iter().filter(|path| !shown.contains(path)) {
            match fs::remove_file(path) {
                Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(Error::system(path, &cause)),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Drop for Staging {
    /// What was not shown goes; nobody can be told that it cannot, and no run reads it.
    fn drop(&mut self) {
        for file in &self.files {
            let _ = fs::remove_file(&file.hidden);
            // A folder that was made in vain; one with files in it does not let itself be removed.
            let _ = file.hidden.parent().map(fs::remove_dir);
        }
    }
}
