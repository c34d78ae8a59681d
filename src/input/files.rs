//! Finding the files of an input: a file, a folder, or a pattern, Hive-partitioned or not.

use std::path::{Path, PathBuf};

use crate::error::Problem;

/// One data file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its name in messages and tables: the path as the job has it, then the path below.
    pub label: String,
    /// `key=value` folders on the way to it, outermost first.
    pub partitions: Vec<(String, String)>,
}

/// Finds the data files of `path` (as the job wrote it: `written`), ascending by label: the order that decides between versions without a
/// time.
///
/// A folder means the `.parquet` files below it, without names that begin with `.` or `_`, as in Hive and Spark.
///
/// # Errors
/// A problem at `place` if the path does not exist, or has no data file.
pub fn find(path: &str, written: &str, place: &str) -> Result<Vec<DataFile>, Problem> {
    let problem = |message: String| Problem::new(place, message);
    let plain = Path::new(path);
    let mut files = Vec::new();
    if plain.is_file() {
        files.push(DataFile { path: plain.to_owned(), label: written.to_owned(), partitions: partitions(written) });
    } else if plain.is_dir() {
        walk(plain, written.trim_end_matches('/'), &mut files).map_err(|cause| {
            problem(format!("the folder `{written}` cannot be read: {cause}")).help("give the run permission to read it")
        })?;
        if files.is_empty() {
            return Err(
                problem(format!("the folder `{written}` has no .parquet file")).help("check the path, or whether the export has run")
            );
        }
    } else if path.contains(['*', '?', '[']) {
        // The folder of the job is not a pattern, whatever characters it has.
        let pattern = path.strip_suffix(written).map_or(path.to_owned(), |folder| glob::Pattern::escape(folder) + written);
        let matches = glob::glob(&pattern).map_err(|cause| problem(format!("`{written}` is not a valid pattern: {cause}")))?;
        let (base, written_base) = (
            before_wildcard(path, path.len() - path.strip_suffix(written).map_or(path.len(), str::len)),
            before_wildcard(written, written.len()),
        );
        for found in matches {
            let found = found.map_err(|cause| problem(format!("the pattern `{written}` cannot be followed: {cause}")))?;
            let below = found.strip_prefix(base).unwrap_or(&found).to_string_lossy();
            let label = if written_base.is_empty() { below.into_owned() } else { format!("{written_base}/{below}") };
            if found.is_dir() {
                walk(&found, &label, &mut files).map_err(|cause| problem(format!("the folder `{label}` cannot be read: {cause}")))?;
            } else {
                files.push(DataFile { path: found, partitions: partitions(&label), label });
            }
        }
        if files.is_empty() {
            return Err(problem(format!("no file matches `{written}`")).help("check the pattern, or whether the export has run"));
        }
    } else {
        return Err(problem(format!("there is no file or folder `{written}` (looked at {path})"))
            .help("check the path, or whether the export has run"));
    }
    files.sort_by(|a, b| a.label.cmp(&b.label));
    files.dedup_by(|a, b| a.path == b.path);
    Ok(files)
}

/// The folders of a pattern before its first wildcard, which is looked for in the last `length` bytes only.
fn before_wildcard(pattern: &str, length: usize) -> &str {
    let from = pattern.len() - length;
    let wildcard = pattern.get(from..).and_then(|tail| tail.find(['*', '?', '['])).map_or(pattern.len(), |at| from + at);
    pattern.get(..wildcard).and_then(|head| head.rfind('/')).and_then(|slash| pattern.get(..slash)).unwrap_or_default()
}

fn walk(folder: &Path, label: &str, files: &mut Vec<DataFile>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(['.', '_']) {
            continue;
        }
        let path = entry.path();
        let label = format!("{label}/{name}");
        if path.is_dir() {
            walk(&path, &label, files)?;
        } else if name.ends_with(".parquet") {
            files.push(DataFile { path, partitions: partitions(&label), label });
        }
    }
    Ok(())
}

fn partitions(label: &str) -> Vec<(String, String)> {
    let folders = label.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders
        .split('/')
        .filter_map(|folder| folder.split_once('='))
        .filter(|(key, value)| !key.is_empty() && *value != "__HIVE_DEFAULT_PARTITION__")
        .map(|(key, value)| (key.to_owned(), unescape(value)))
        .collect()
}

/// Decodes `%XX`, by which Hive writes characters that file systems do not allow.
fn unescape(value: &str) -> String {
    let bytes = value.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut position = 0;
    while let Some(&byte) = bytes.get(position) {
        let code = value.get(position + 1..position + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) if byte == b'%' => {
                plain.push(code);
                position += 3;
            }
            _ => {
                plain.push(byte);
                position += 1;
            }
        }
    }
    String::from_utf8(plain).unwrap_or_else(|_| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in ["o/dt=2026-01-02/b.parquet", "o/dt=2026-01-01/a.parquet", "o/_SUCCESS", "o/.x.parquet", "o/readme.txt", "e/x.csv"] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        folder
    }

    fn labels(folder: &tempfile::TempDir, written: &str) -> Result<Vec<String>, String> {
        let path = folder.path().join(written).to_string_lossy().into_owned();
        find(&path, written, "job.yaml:1:1")
            .map(|files| files.into_iter().map(|file| file.label).collect())
            .map_err(|problem| problem.message)
    }

    #[test]
    fn folders_patterns_and_files() {
        let folder = tree();
        let both = ["o/dt=2026-01-01/a.parquet", "o/dt=2026-01-02/b.parquet"];
        assert_eq!(labels(&folder, "o").unwrap(), both);
        assert_eq!(labels(&folder, "o/*/*.parquet").unwrap(), both);
        assert_eq!(labels(&folder, "o/dt=*").unwrap(), both);
        assert_eq!(labels(&folder, "o/dt=2026-01-02/b.parquet").unwrap(), ["o/dt=2026-01-02/b.parquet"]);
        let path = folder.path().join("o").to_string_lossy().into_owned();
        assert_eq!(find(&path, "o", "").unwrap()[1].partitions, [("dt".to_owned(), "2026-01-02".to_owned())]);
    }

    #[test]
    fn nothing_there() {
        let folder = tree();
        assert_eq!(labels(&folder, "e").unwrap_err(), "the folder `e` has no .parquet file");
        assert_eq!(labels(&folder, "o/*.csv").unwrap_err(), "no file matches `o/*.csv`");
        assert!(labels(&folder, "absent").unwrap_err().starts_with("there is no file or folder `absent`"));
    }

    #[test]
    fn escaped_partition_values() {
        assert_eq!(unescape("a%3Db%20c"), "a=b c");
        assert_eq!(unescape("50%"), "50%");
        assert_eq!(unescape("%E5%A4%A9"), "天");
    }
}
