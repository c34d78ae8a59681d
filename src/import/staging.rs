//! Staging: files are written under hidden names, which runs ignore, and become visible together when all of them are complete.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use crate::disk::unfinished::{self, Unfinished};
use crate::error::{Error, Result};

/// How the names of staged files begin.
const PREFIX: &str = ".importing-";

/// The files of one import.
#[derive(Debug, Default)]
pub struct Staging {
    files: Vec<Staged>,
    /// Files that `commit` removes.
    obsolete: Vec<PathBuf>,
}

#[derive(Debug)]
struct Staged {
    hidden: PathBuf,
    /// Its final path; `None` until that is known.
    shown: Option<PathBuf>,
    _unfinished: Unfinished,
}

impl Staging {
    /// A hidden path in a folder, which is created if it does not exist.
    ///
    /// # Errors
    /// [`Error::Output`] where the folder cannot be created.
    pub fn path(&mut self, folder: &Path) -> Result<PathBuf> {
        fs::create_dir_all(folder).map_err(|cause| Error::system(folder, &cause))?;
        let hidden = folder.join(format!("{PREFIX}{}", self.files.len()));
        // A killed import may have left a file of that name.
        match fs::remove_file(&hidden) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(Error::system(&hidden, &cause)),
            _ => {}
        }
        let path = hidden.clone();
        let unfinished = Unfinished::new(move || drop(fs::remove_file(&path)));
        self.files.push(Staged { hidden: hidden.clone(), shown: None, _unfinished: unfinished });
        Ok(hidden)
    }

    /// Sets the final path of a hidden file.
    pub fn show(&mut self, hidden: &Path, shown: PathBuf) {
        if let Some(file) = self.files.iter_mut().find(|file| file.hidden == hidden) {
            file.shown = Some(shown);
        }
    }

    /// Marks a file for removal, unless a hidden one replaces it.
    pub fn remove(&mut self, path: PathBuf) {
        self.obsolete.push(path);
    }

    /// Moves all files with a final path there, and removes the obsolete ones.
    ///
    /// # Errors
    /// [`Error::Output`] where a file cannot be moved or removed.
    pub fn commit(mut self) -> Result<()> {
        unfinished::place(|| self.show_all())
    }

    fn show_all(&mut self) -> Result<()> {
        let mut shown = Vec::new();
        for file in &mut self.files {
            if let Some(path) = file.shown.take() {
                let failed = |cause: std::io::Error| Error::system(&path, &cause);
                if has_bytes_of(&path, &file.hidden) {
                    // Its time of change stays: a night need not read it again.
                    fs::remove_file(&file.hidden).map_err(failed)?;
                } else {
                    fs::File::open(&file.hidden).and_then(|written| written.sync_all()).map_err(failed)?;
                    fs::rename(&file.hidden, &path).map_err(failed)?;
                }
                shown.push(path);
            }
        }
        for path in self.obsolete.iter().filter(|path| !shown.contains(path)) {
            match fs::remove_file(path) {
                Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(Error::system(path, &cause)),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whether a file is there already with all the bytes of another one.
fn has_bytes_of(path: &Path, other: &Path) -> bool {
    let size = |path: &Path| fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file).map(|found| found.len());
    size(path).is_some() && size(path) == size(other) && same_bytes(path, other).unwrap_or(false)
}

fn same_bytes(path: &Path, other: &Path) -> std::io::Result<bool> {
    let [mut one, mut other] = [BufReader::new(fs::File::open(path)?), BufReader::new(fs::File::open(other)?)];
    loop {
        let (own, others) = (one.fill_buf()?, other.fill_buf()?);
        let length = own.len().min(others.len());
        if length == 0 || own.get(..length) != others.get(..length) {
            return Ok(own.is_empty() && others.is_empty());
        }
        one.consume(length);
        other.consume(length);
    }
}

impl Drop for Staging {
    /// Removes the files that are still hidden. Ignores failures: there is no caller to report them to, and no run reads the files.
    fn drop(&mut self) {
        for file in &self.files {
            let _ = fs::remove_file(&file.hidden);
            // Removes the folder if it is empty; the system refuses to remove one with files.
            let _ = file.hidden.parent().map(fs::remove_dir);
        }
    }
}
