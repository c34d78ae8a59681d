//! The names of files and folders in an output folder: those that this program gives, and no others, are written, moved and removed.

use super::work::DIGITS_IN_NAME;
use crate::spec::period::parse_day;

/// The link that readers follow.
pub(super) const LATEST: &str = "latest";
/// The folder of finished snapshots.
pub(super) const SNAPSHOTS: &str = "snapshots";
/// The folder of unfinished files, on the file system of the snapshots so that a rename is enough.
pub(super) const TMP: &str = "tmp";
/// The file of a snapshot that describes it.
pub(super) const MANIFEST: &str = "manifest.json";
/// The file that marks an output folder.
pub(super) const MARKER: &str = ".huitou";
/// The file whose lock a run holds.
pub(super) const LOCK: &str = ".lock";
/// The snapshot that is on its way out, in `tmp`.
pub(super) const DAMAGED: &str = "damaged";

const SCRATCH: &str = ".scratch";
const OLD: &str = "old-";

/// Whether a name is one of a snapshot: its as-of date and six digits, `2026-11-21-3f9c2a`.
pub(super) fn is_snapshot_name(name: &str) -> bool {
    let Some((day, digits)) = name.rsplit_once('-') else { return false };
    let is_digit = |each: u8| each.is_ascii_digit() || (b'a'..=b'f').contains(&each);
    parse_day(day).is_some() && digits.len() == DIGITS_IN_NAME && digits.bytes().all(is_digit)
}

/// The name of the folder of temporary files of the work with that name, in `tmp`.
pub(super) fn scratch_name(name: &str) -> String {
    format!("{name}{SCRATCH}")
}

/// The name of an old snapshot that is being removed, in `tmp`.
pub(super) fn old_name(name: &str) -> String {
    format!("{OLD}{name}")
}

/// Whether a name in `tmp` is one that a run gave.
pub(super) fn is_unfinished_name(name: &str) -> bool {
    let snapshot = name.strip_prefix(OLD).or_else(|| name.strip_suffix(SCRATCH)).unwrap_or(name);
    [LATEST, MANIFEST, DAMAGED].contains(&name) || is_snapshot_name(snapshot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_runs_give_are_known_and_no_others() {
        for name in ["2026-11-21-3f9c2a", "2026-11-21-3f9c2a.scratch", "old-2026-11-21-3f9c2a", "damaged", "latest", "manifest.json"] {
            assert!(is_unfinished_name(name), "{name}");
        }
        for name in ["t", "2026-11-21", "2026-11-21-3f9c2", "2026-13-21-3f9c2a", "2026-11-21-3F9C2A", "old-x", "x.scratch", ".lock", ""] {
            assert!(!is_unfinished_name(name) && !is_snapshot_name(name), "{name}");
        }
    }
}
