//! What lies in an input's folder, or matches its pattern, and is not data, by its name or its first bytes.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A file or folder that is not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// Why.
    pub why: Why,
    /// Its name as that of a data file; a folder ends with `/`.
    pub label: String,
}

/// Why a file or folder is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Its name begins with `.` or `_`, by which writers mark what is no data, or not yet.
    Hidden,
    /// Its name ends as that of a file which is being written or copied.
    Unfinished,
    /// Its bytes do not begin as those of a Parquet file.
    NotParquet,
    /// Another name of a file that is read.
    SameFile,
}

impl Why {
    /// The name in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            Why::Hidden => "hidden",
            Why::Unfinished => "unfinished",
            Why::NotParquet => "not_parquet",
            Why::SameFile => "same_file",
        }
    }

    /// What all files left out for this reason have in common.
    fn said(self) -> &'static str {
        match self {
            Why::Hidden => "hidden by a name that begins with `.` or `_`",
            Why::Unfinished => "unfinished by the name",
            Why::NotParquet => "not Parquet by the first bytes",
            Why::SameFile => "another name of a file that is read",
        }
    }
}

/// Whether a name is hidden. Partitions such as `_year=2026` are not: Spark writes them for columns whose names begin with `_`.
pub fn is_hidden(name: &str) -> bool {
    name.starts_with('.') && name != "." && name != ".." || name.starts_with('_') && !name.contains('=')
}

/// How programs call a file until it is whole: HDFS, browsers, and those that rename it at the end.
const UNFINISHED: [&str; 9] =
    ["._copying_", ".tmp", ".temp", ".part", ".partial", ".inprogress", ".in-progress", ".crdownload", ".filepart"];

/// Whether a name says that a file, or what a folder holds, is not whole yet.
pub fn is_unfinished(name: &str) -> bool {
    let name = name.to_lowercase();
    UNFINISHED.iter().any(|ending| name.ends_with(ending))
}

/// Endings that say Parquet: such a file is data even if its bytes are not Parquet, and it is then damaged.
const ENDINGS: [&str; 3] = [".parquet", ".parq", ".pq"];

/// The first bytes of Parquet files; those with the second ones are encrypted, which is reported when their footer is read.
const MAGIC: [&[u8; 4]; 2] = [b"PAR1", b"PARE"];

/// Why a file of a folder, which is not hidden, is not data; `None` for data, and for what cannot be read, which its reader reports.
pub(in crate::input) fn judge(path: &Path, name: &str) -> Option<Why> {
    if is_unfinished(name) {
        return Some(Why::Unfinished);
    }
    // To open a pipe would wait for its writer.
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        return Some(Why::NotParquet);
    }
    if says_parquet(name) {
        return None;
    }
    let mut first = Vec::with_capacity(4);
    File::open(path).and_then(|file| file.take(4).read_to_end(&mut first)).ok()?;
    (!is_parquet(&first)).then_some(Why::NotParquet)
}

/// Whether a name says Parquet.
pub(super) fn says_parquet(name: &str) -> bool {
    let name = name.to_lowercase();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether the first four bytes are those of a Parquet file.
pub(super) fn is_parquet(first: &[u8]) -> bool {
    MAGIC.iter().any(|magic| first == magic.as_slice())
}

/// How many are left out for which reason, and the first of each; `None` for none.
pub fn summary(left_out: &[LeftOut]) -> Option<String> {
    let part = |why: Why| {
        let mut labels = left_out.iter().filter(|left| left.why == why).map(|left| left.label.as_str());
        let first = labels.next()?;
        Some(match labels.count() {
            0 => format!("1 {} (`{first}`)", why.said()),
            more => format!("{} {} (`{first}` first)", more + 1, why.said()),
        })
    };
    let parts: Vec<String> = [Why::Hidden, Why::Unfinished, Why::NotParquet, Why::SameFile].into_iter().filter_map(part).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The warnings about what is left out of an input.
pub fn warnings(input: &str, written: &str, left_out: &[LeftOut]) -> Vec<String> {
    let warning = summary(left_out).map(|said| format!("input `{input}`: files and folders of `{written}` that are not read: {said}"));
    warning.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_names_and_partitions() {
        for name in ["_SUCCESS", "_temporary", ".part-0.parquet.crc", ".x=1", "_", "_committed_123"] {
            assert!(is_hidden(name), "{name}");
        }
        for name in ["_year=2026", "part-0", "year=2026", "a_b", ".", "..", "000000_0"] {
            assert!(!is_hidden(name), "{name}");
        }
    }

    #[test]
    fn bytes_tell_what_names_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let judged = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            judge(&path, name)
        };
        assert_eq!(judged("000000_0", b"PAR1 and more"), None);
        assert_eq!(judged("data.csv", b"PAR1"), None);
        assert_eq!(judged("encrypted", b"PARE and more"), None);
        assert_eq!(judged("a.csv", b"order_id,paid"), Some(Why::NotParquet));
        assert_eq!(judged("short", b"PA"), Some(Why::NotParquet));
        assert_eq!(judged("empty", b""), Some(Why::NotParquet));
        // By name it is Parquet, so by its bytes it is damaged.
        assert_eq!(judged("A.PARQUET", b"order_id,paid"), None);
        assert_eq!(judged("a.parquet.tmp", b"PAR1"), Some(Why::Unfinished));
        assert_eq!(judged("a.parquet._COPYING_", b"PAR1"), Some(Why::Unfinished));
        assert_eq!(judge(&folder.path().join("absent"), "absent"), None);
    }

    #[test]
    fn what_is_left_out_is_counted_and_named() {
        assert_eq!(summary(&[]), None);
        let left = |why, label: &str| LeftOut { why, label: label.to_owned() };
        let all = [left(Why::Hidden, "o/.crc"), left(Why::Hidden, "o/_delta_log/"), left(Why::NotParquet, "o/readme.txt")];
        let expected = "2 hidden by a name that begins with `.` or `_` (`o/.crc` first), 1 not Parquet by the first bytes (`o/readme.txt`)";
        assert_eq!(summary(&all).unwrap(), expected);
        let warning = format!("input `orders`: files and folders of `o` that are not read: {expected}");
        assert_eq!(warnings("orders", "o", &all), [warning]);
    }
}
