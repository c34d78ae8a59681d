//! Opened folders: what lies in one is opened, created, renamed and removed by its name there, and no link is followed.
//!
//! A path is resolved anew at each use, and through every link on its way. A name in an opened folder is not: whatever others put in its
//! place meanwhile, nothing outside the folder is written or removed.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::durable::failed;
use super::unfinished::create;
use crate::error::{Error, Problem, Result};

/// Levels of folders that [`Folder::remove`] goes down: more than this program ever creates.
const DEEPEST: usize = 16;

/// Names of a folder that are synced at once: a disk writes its journal once for all that wait for it, instead of once for each.
const SYNCED_AT_ONCE: usize = 16;

/// A folder that is open.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    descriptor: OwnedFd,
}

/// What stands under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file with this number of names.
    File(u64),
    /// A folder.
    Folder,
    /// A link.
    Link,
    /// A pipe, a socket or a device.
    Other,
}

impl Folder {
    /// Opens the folder at a path that a user named; if that is a link, the folder that it leads to.
    ///
    /// # Errors
    /// [`Error::Output`] where it is not a folder or cannot be read.
    pub fn open(path: &Path) -> Result<Folder> {
        let descriptor = rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
        Ok(Folder { path: path.to_path_buf(), descriptor: descriptor.map_err(|cause| failed(path)(cause.into()))? })
    }

    /// Its path, for messages and for readers.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a folder in it.
    ///
    /// # Errors
    /// [`Error::Output`] where there is none of that name, or a link or a file.
    pub fn folder(&self, name: impl AsRef<OsStr>) -> Result<Folder> {
        let path = self.path.join(name.as_ref());
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match rustix::fs::openat(&self.descriptor, name.as_ref(), flags, Mode::empty()) {
            Ok(descriptor) => Ok(Folder { path, descriptor }),
            Err(cause) => Err(self.refused(name.as_ref(), "folder", cause)),
        }
    }

    /// Creates a folder in it, of a name that is free.
    ///
    /// # Errors
    /// [`Error::Output`] where the name is taken, or the system refuses.
    pub fn create_folder(&self, name: impl AsRef<OsStr>) -> Result<Folder> {
        create(|| rustix::fs::mkdirat(&self.descriptor, name.as_ref(), Mode::from_raw_mode(0o777)))
            .map_err(|cause| self.failed(name.as_ref(), cause))?;
        self.folder(name)
    }

    /// Opens a folder in it, which it creates if there is none.
    ///
    /// # Errors
    /// As [`folder`](Folder::folder), and where the system refuses.
    pub fn folder_or_new(&self, name: impl AsRef<OsStr>) -> Result<Folder> {
        match create(|| rustix::fs::mkdirat(&self.descriptor, name.as_ref(), Mode::from_raw_mode(0o777))) {
            Ok(()) => self.sync()?,
            Err(Errno::EXIST) => {}
            Err(cause) => return Err(self.failed(name.as_ref(), cause)),
        }
        self.folder(name)
    }

    /// Creates a file in it, of a name that is free, and opens it for writing.
    ///
    /// # Errors
    /// [`Error::Output`] where the name is taken, or the system refuses.
    pub fn create_file(&self, name: impl AsRef<OsStr>) -> Result<File> {
        create(|| self.open_file(name, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL))
    }

    /// Opens a file in it for reading.
    ///
    /// # Errors
    /// [`Error::Output`] where the name stands for anything but a file, or the system refuses.
    pub fn open_to_read(&self, name: impl AsRef<OsStr>) -> Result<File> {
        let file = self.open_file(name.as_ref(), OFlags::RDONLY | OFlags::NONBLOCK)?;
        match self.kind(name.as_ref())? {
            Some(Kind::File(_)) => Ok(file),
            _ => Err(self.in_the_way(name.as_ref(), "file")),
        }
    }

    /// Opens a file in it for reading and writing, which it creates if there is none.
    ///
    /// # Errors
    /// [`Error::Output`] where the name stands for anything but a file that has no other name, or the system refuses.
    pub fn file_or_new(&self, name: impl AsRef<OsStr>) -> Result<File> {
        let file = self.open_file(name.as_ref(), OFlags::RDWR | OFlags::CREATE | OFlags::NONBLOCK)?;
        match self.kind(name.as_ref())? {
            Some(Kind::File(1)) => Ok(file),
            _ => Err(self.in_the_way(name.as_ref(), "file")),
        }
    }

    fn open_file(&self, name: impl AsRef<OsStr>, flags: OFlags) -> Result<File> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match rustix::fs::openat(&self.descriptor, name.as_ref(), flags, Mode::from_raw_mode(0o666)) {
            Ok(descriptor) => Ok(File::from(descriptor)),
            Err(cause) => Err(self.refused(name.as_ref(), "file", cause)),
        }
    }

    /// What stands under a name; `None` if nothing does.
    ///
    /// # Errors
    /// [`Error::Output`] where the system refuses.
    pub fn kind(&self, name: impl AsRef<OsStr>) -> Result<Option<Kind>> {
        match rustix::fs::statat(&self.descriptor, name.as_ref(), AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => Ok(Some(match FileType::from_raw_mode(found.st_mode) {
                // The width of the number of names differs between systems.
                #[allow(clippy::unnecessary_cast)]
                FileType::RegularFile => Kind::File(found.st_nlink as u64),
                FileType::Directory => Kind::Folder,
                FileType::Symlink => Kind::Link,
                _ => Kind::Other,
            })),
            Err(Errno::NOENT) => Ok(None),
            Err(cause) => Err(self.failed(name.as_ref(), cause)),
        }
    }

    /// The names in it, sorted.
    ///
    /// # Errors
    /// [`Error::Output`] where it cannot be read.
    pub fn names(&self) -> Result<Vec<OsString>> {
        use std::os::unix::ffi::OsStrExt;
        let read = || -> Result<Vec<OsString>, Errno> {
            let mut names = Vec::new();
            for entry in Dir::read_from(&self.descriptor)? {
                let entry = entry?;
                let name = entry.file_name().to_bytes();
                if name != b"." && name != b".." {
                    names.push(OsStr::from_bytes(name).to_owned());
                }
            }
            Ok(names)
        };
        let mut names = read().map_err(|cause| failed(&self.path)(cause.into()))?;
        names.sort();
        Ok(names)
    }

    /// Removes a file, a link, or a folder with what is in it; does nothing if there is nothing of that name. A link is removed, not what
    /// it leads to.
    ///
    /// # Errors
    /// [`Error::Output`] where the system refuses.
    pub fn remove(&self, name: impl AsRef<OsStr>) -> Result<()> {
        self.remove_to_depth(name.as_ref(), DEEPEST)
    }

    fn remove_to_depth(&self, name: &OsStr, levels: usize) -> Result<()> {
        let flags = match self.kind(name)? {
            None => return Ok(()),
            Some(Kind::Folder) if levels == 0 => {
                let place = self.path.join(name).display().to_string();
                return Err(Error::Output(Problem::new(place, "lies deeper than any folder of huitou").help("move it away")));
            }
            Some(Kind::Folder) => {
                let folder = match self.folder(name) {
                    Ok(folder) => folder,
                    // Another thread removes it too: the end of a run that fails because a signal takes its files away.
                    Err(_) if self.kind(name)?.is_none() => return Ok(()),
                    Err(cause) => return Err(cause),
                };
                folder.names()?.iter().try_for_each(|below| folder.remove_to_depth(below, levels - 1))?;
                AtFlags::REMOVEDIR
            }
            Some(_) => AtFlags::empty(),
        };
        match rustix::fs::unlinkat(&self.descriptor, name, flags) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(cause) => Err(self.failed(name, cause)),
        }
    }

    /// Renames what stands under a name to another name, here or in another folder of the same disk.
    ///
    /// # Errors
    /// [`Error::Output`] where the system refuses.
    pub fn rename(&self, name: impl AsRef<OsStr>, to: &Folder, new: impl AsRef<OsStr>) -> Result<()> {
        rustix::fs::renameat(&self.descriptor, name.as_ref(), &to.descriptor, new.as_ref()).map_err(|cause| to.failed(new.as_ref(), cause))
    }

    /// Exchanges what stands under a name with what stands under the same name in another folder of the same disk, at once. Returns `false`
    /// where the disk cannot (NFS); nothing has changed then.
    ///
    /// # Errors
    /// [`Error::Output`] where the system refuses.
    pub fn exchange(&self, name: impl AsRef<OsStr>, with: &Folder) -> Result<bool> {
        let name = name.as_ref();
        match rustix::fs::renameat_with(&self.descriptor, name, &with.descriptor, name, RenameFlags::EXCHANGE) {
            Ok(()) => Ok(true),
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(false),
            Err(cause) => Err(with.failed(name, cause)),
        }
    }

    /// Creates a link of a name that is free.
    ///
    /// # Errors
    /// The error of the system.
    pub fn link(&self, name: impl AsRef<OsStr>, target: &Path) -> std::io::Result<()> {
        Ok(create(|| rustix::fs::symlinkat(target, &self.descriptor, name.as_ref()))?)
    }

    /// Makes the names in it durable. Syncing a file alone keeps its bytes, not its name.
    ///
    /// # Errors
    /// [`Error::Output`] where the disk reports an error.
    pub fn sync(&self) -> Result<()> {
        rustix::fs::fsync(&self.descriptor).map_err(|cause| failed(&self.path)(cause.into()))
    }

    /// Syncs everything in it, including the names: files first, each folder after what is in it.
    ///
    /// # Errors
    /// [`Error::Output`] where the disk reports an error.
    pub fn sync_all(&self) -> Result<()> {
        let names = self.names()?;
        let next = AtomicUsize::new(0);
        let sync_next = || -> Result<()> {
            while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                match self.kind(name)? {
                    Some(Kind::Folder) => self.folder(name)?.sync_all()?,
                    _ => self.open_file(name, OFlags::RDONLY)?.sync_all().map_err(failed(&self.path.join(name)))?,
                }
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let helper = |_| std::thread::Builder::new().name("sync".to_owned()).spawn_scoped(scope, sync_next).ok();
            // Where there is no thread left, this one syncs all.
            let helpers: Vec<_> = (1..names.len().min(SYNCED_AT_ONCE)).map_while(helper).collect();
            let panicked = |_| Err(Error::bug("a thread that syncs a folder panicked"));
            helpers.into_iter().map(|helper| helper.join().unwrap_or_else(panicked)).fold(sync_next(), Result::and)
        })?;
        self.sync()
    }

    fn failed(&self, name: &OsStr, cause: Errno) -> Error {
        failed(&self.path.join(name))(cause.into())
    }

    /// The error of opening a name: that of the system, unless what stands there is something else than was wanted.
    fn refused(&self, name: &OsStr, wanted: &str, cause: Errno) -> Error {
        match cause {
            Errno::LOOP | Errno::NOTDIR | Errno::ISDIR | Errno::NXIO => self.in_the_way(name, wanted),
            cause => self.failed(name, cause),
        }
    }

    fn in_the_way(&self, name: &OsStr, wanted: &str) -> Error {
        let found = match self.kind(name) {
            Ok(Some(Kind::Link)) => "a link, and huitou follows none where it writes",
            Ok(Some(Kind::Folder)) => "a folder",
            Ok(Some(Kind::File(1))) => "a file",
            Ok(Some(Kind::File(_))) => "a file that has a second name (a hard link)",
            _ => "neither a file nor a folder",
        };
        let problem = Problem::new(self.path.join(name).display().to_string(), format!("a {wanted} is needed here, and it is {found}"));
        Error::Output(problem.help("move it away, or write to another --out"))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_is_removed_and_never_followed() {
        let place = tempfile::tempdir().unwrap();
        let others = place.path().join("others");
        fs::create_dir(&others).unwrap();
        fs::write(others.join("file"), "theirs").unwrap();
        let own = place.path().join("own");
        fs::create_dir(&own).unwrap();
        symlink(&others, own.join("folder")).unwrap();
        symlink(others.join("file"), own.join("file")).unwrap();
        symlink(others.join("new"), own.join("dangling")).unwrap();
        fs::hard_link(others.join("file"), own.join("second_name")).unwrap();
        let folder = Folder::open(&own).unwrap();
        let refused = [
            folder.folder("folder").map(|_| ()),
            folder.folder_or_new("folder").map(|_| ()),
            folder.file_or_new("file").map(|_| ()),
            folder.file_or_new("dangling").map(|_| ()),
            folder.file_or_new("second_name").map(|_| ()),
            folder.create_file("dangling").map(|_| ()),
        ];
        for refused in refused {
            assert_eq!(refused.unwrap_err().exit_code(), 4);
        }
        for name in ["folder", "file", "dangling", "second_name", "nothing"] {
            folder.remove(name).unwrap();
        }
        assert!(folder.names().unwrap().is_empty());
        assert_eq!(fs::read_to_string(others.join("file")).unwrap(), "theirs");
        assert_eq!(fs::read_dir(&others).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_was_replaced_by_a_link_is_still_the_one_that_was_opened() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        fs::create_dir(path("own")).unwrap();
        fs::create_dir(path("others")).unwrap();
        fs::write(path("others").join("part"), "theirs").unwrap();
        let folder = Folder::open(&path("own")).unwrap();
        fs::rename(path("own"), path("moved")).unwrap();
        symlink(path("others"), path("own")).unwrap();
        drop(folder.create_file("part").unwrap());
        folder.remove("part").unwrap();
        drop(folder.create_folder("deep").unwrap().create_file("file").unwrap());
        folder.sync_all().unwrap();
        assert_eq!(fs::read_to_string(path("others").join("part")).unwrap(), "theirs");
        assert_eq!(fs::read_dir(path("others")).unwrap().count(), 1);
        assert!(path("moved").join("deep/file").is_file());
    }

    #[test]
    fn all_names_are_synced_and_one_that_cannot_be_is_told() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        for number in 0..3 * SYNCED_AT_ONCE {
            drop(folder.create_folder(format!("{number}")).unwrap().create_file("file").unwrap());
        }
        folder.sync_all().unwrap();
        symlink("file", place.path().join("20/link")).unwrap();
        assert!(folder.sync_all().unwrap_err().to_string().contains("20/link"));
    }

    #[test]
    fn what_stands_in_the_way_is_named() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("file"), "x").unwrap();
        fs::create_dir(place.path().join("folder")).unwrap();
        symlink("folder", place.path().join("link")).unwrap();
        let folder = Folder::open(place.path()).unwrap();
        let message = |refused: Error| refused.to_string();
        assert!(message(folder.folder("file").unwrap_err()).contains("a folder is needed here, and it is a file"));
        assert!(message(folder.file_or_new("folder").unwrap_err()).contains("a file is needed here, and it is a folder"));
        assert!(message(folder.folder("link").unwrap_err()).contains("it is a link"));
    }
}
