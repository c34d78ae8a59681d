//! What names the contents of a file without reading them.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// Where a file is, its size, and the times at which its contents and its entry changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileIdentity {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl FileIdentity {
    /// That of an opened file.
    pub fn of(found: &Metadata) -> FileIdentity {
        FileIdentity {
            device: found.dev(),
            inode: found.ino(),
            bytes: found.len(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        }
    }

    /// What is different now; `None` if nothing is.
    pub fn difference(&self, now: &FileIdentity) -> Option<&'static str> {
        match *now {
            now if now == *self => None,
            now if (now.device, now.inode) != (self.device, self.inode) => Some("another file stands in its place"),
            now if now.bytes != self.bytes => Some("it has another size"),
            now if now.modified != self.modified => Some("it was written"),
            _ => Some("its entry changed: its mode, its owner, its names, or its contents with the old time of writing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn a_file_of_the_same_size_and_time_is_another_one() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        std::fs::write(path("a"), "12").unwrap();
        let identity = || FileIdentity::of(&std::fs::metadata(path("a")).unwrap());
        let before = identity();
        assert_eq!(identity(), before);
        let time = std::fs::metadata(path("a")).unwrap().modified().unwrap();
        std::fs::write(path("b"), "34").unwrap();
        File::open(path("b")).unwrap().set_modified(time).unwrap();
        std::fs::rename(path("b"), path("a")).unwrap();
        assert_ne!(identity(), before);
        assert_eq!(before.difference(&identity()), Some("another file stands in its place"));
        let before = identity();
        assert_eq!(before.difference(&before), None);
        std::fs::write(path("a"), "345").unwrap();
        assert_eq!(before.difference(&identity()), Some("it has another size"));
        let before = identity();
        std::fs::hard_link(path("a"), path("c")).unwrap();
        assert!(before.difference(&identity()).unwrap().starts_with("its entry changed"));
    }
}
