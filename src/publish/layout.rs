//! The names of files and folders in an output folder: those that this program gives, and no others, are written, moved and removed.

use std::path::Path;

use super::work::DIGITS_IN_NAME;
use crate::spec::Day;
use crate::spec::period::parse_day;

/// The link that readers follow.
pub(super) const LATEST: &str = "latest";
/// The folder of finished snapshots.
pub(super) const SNAPSHOTS: &str = "snapshots";
/// The folder of unfinished files, on the file system of the snapshots so that a rename is enough.
pub(super) const TMP: &str = "tmp";
/// The folder of what runs keep for the next night.
pub(super) const STATE: &str = "state";
/// The file of a snapshot that describes it.
pub(super) const MANIFEST: &str = "manifest.json";
/// The file that marks an output folder.
pub(super) const MARKER: &str = ".huitou";
/// The file whose lock a run holds.
pub(super) const LOCK: &str = ".lock";
/// The link that becomes `latest`, in `tmp`.
pub(super) const UNFINISHED_LINK: &str = "huitou-latest";
/// The file that becomes the manifest of a snapshot, in `tmp`.
pub(super) const UNFINISHED_MANIFEST: &str = "huitou-manifest.json";

const LAYER: &str = ".lines";
const SCRATCH: &str = ".scratch";
const OLD: &str = "old-";
const ASIDE: &str = "aside-";

/// The as-of date with which the name of a snapshot begins, before six digits: `2026-11-21-3f9c2a`. `None` for other names.
pub fn as_of_in_name(name: &str) -> Option<Day> {
    let (day, digits) = name.rsplit_once('-')?;
    let is_digit = |each: u8| each.is_ascii_digit() || (b'a'..=b'f').contains(&each);
    let has_digits = digits.len() == DIGITS_IN_NAME && digits.bytes().all(is_digit);
    parse_day(day).filter(|_| has_digits)
}

/// Whether a name is one of a snapshot.
pub(super) fn is_snapshot_name(name: &str) -> bool {
    as_of_in_name(name).is_some()
}

/// The name of the folder of temporary files of the work with that name, in `tmp`.
pub(super) fn scratch_name(name: &str) -> String {
    format!("{name}{SCRATCH}")
}

/// The name of a file of the state that the run of a snapshot writes.
pub(super) fn layer_name(snapshot: &str, number: usize) -> String {
    format!("{snapshot}-{number}{LAYER}")
}

/// Whether a name is that of a file of a state.
pub(super) fn is_layer_name(name: &str) -> bool {
    let parts = name.strip_suffix(LAYER).and_then(|name| name.rsplit_once('-'));
    parts.is_some_and(|(snapshot, number)| {
        is_snapshot_name(snapshot) && !number.is_empty() && number.bytes().all(|each| each.is_ascii_digit())
    })
}

/// The name of an old snapshot that is being removed, in `tmp`.
pub(super) fn old_name(name: &str) -> String {
    format!("{OLD}{name}")
}

/// The name of a snapshot that stepped aside for the one that replaces it, in `tmp`.
pub(super) fn aside_name(name: &str) -> String {
    format!("{ASIDE}{name}")
}

/// The name of the snapshot that stepped aside under that name.
pub(super) fn stepped_aside(name: &str) -> Option<&str> {
    name.strip_prefix(ASIDE).filter(|name| is_snapshot_name(name))
}

/// Whether a name in `tmp` is one that a run gave.
pub(super) fn is_unfinished_name(name: &str) -> bool {
    let snapshot = name.strip_prefix(OLD).or_else(|| name.strip_prefix(ASIDE)).or_else(|| name.strip_suffix(SCRATCH)).unwrap_or(name);
    [UNFINISHED_LINK, UNFINISHED_MANIFEST].contains(&name) || is_snapshot_name(snapshot)
}

/// Whether a path lies in the snapshots of an output folder, which do not change after they are published; links on its way are followed.
pub fn is_in_snapshots(path: &Path) -> bool {
    let found = path.ancestors().find_map(|above| match above.as_os_str().is_empty() {
        true => Path::new(".").canonicalize().ok(),
        false => above.canonicalize().ok(),
    });
    let is_snapshots = |folder: &Path| folder.ends_with(SNAPSHOTS) && folder.with_file_name(MARKER).is_file();
    found.is_some_and(|found| found.ancestors().any(is_snapshots))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_snapshots_is_known_through_links() {
        let place = tempfile::tempdir().unwrap();
        let path = |below: &str| place.path().join(below);
        std::fs::create_dir_all(path("out/snapshots/2026-11-21-3f9c2a/customers")).unwrap();
        std::fs::create_dir_all(path("mine/snapshots/x")).unwrap();
        std::fs::write(path("out").join(MARKER), "").unwrap();
        std::os::unix::fs::symlink("snapshots/2026-11-21-3f9c2a", path("out/latest")).unwrap();
        for below in ["out/latest", "out/latest/new.csv", "out/latest/customers/new/deep.csv", "out/snapshots/x"] {
            assert!(is_in_snapshots(&path(below)), "{below}");
        }
        for below in ["out/page.html", "mine/snapshots/x/page.html", "new"] {
            assert!(!is_in_snapshots(&path(below)), "{below}");
        }
    }

    #[test]
    fn a_name_begins_with_the_as_of_date() {
        assert_eq!(as_of_in_name("2026-11-21-3f9c2a"), parse_day("2026-11-21"));
        for other in ["2026-11-21", "2026-11-31-3f9c2a", "2026-11-21-3f9c2a.scratch", "2026-11-21T3f9c2a", "十一月二十一-3f9c2a"] {
            assert_eq!(as_of_in_name(other), None, "{other}");
        }
    }

    #[test]
    fn names_that_runs_give_are_known_and_no_others() {
        for name in [
            "2026-11-21-3f9c2a",
            "2026-11-21-3f9c2a.scratch",
            "old-2026-11-21-3f9c2a",
            "aside-2026-11-21-3f9c2a",
            "huitou-latest",
            "huitou-manifest.json",
        ] {
            assert!(is_unfinished_name(name), "{name}");
        }
        for name in
            ["t", "2026-11-21", "2026-11-21-3f9c2", "2026-13-21-3f9c2a", "2026-11-21-3F9C2A", "old-x", "x.scratch", ".lock", "latest", ""]
        {
            assert!(!is_unfinished_name(name) && !is_snapshot_name(name), "{name}");
        }
    }
}
