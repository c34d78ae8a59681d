//! Tables whose logs say which of their files count: Delta, Hudi, Iceberg, Paimon. Read as Parquet files, rows that were deleted or
//! rewritten count again.

use std::collections::BTreeSet;
use std::path::Path;

use super::files::DataFile;

/// A table by its log.
struct Log {
    /// The program that writes it.
    kind: &'static str,
    /// Its folder, below that of the table.
    folder: &'static str,
}

/// The log in a folder, if it is that of a table.
fn log(folder: &Path) -> Option<Log> {
    let is_folder = |name: &str| folder.join(name).is_dir();
    let is_iceberg = || {
        let mut entries = std::fs::read_dir(folder.join("metadata")).into_iter().flatten().flatten();
        entries.any(|entry| entry.file_name().to_string_lossy().ends_with(".metadata.json"))
    };
    [("Delta", "_delta_log"), ("Hudi", ".hoodie")]
        .into_iter()
        .find(|(_, name)| is_folder(name))
        .or_else(|| (is_folder("metadata") && is_iceberg()).then_some(("Iceberg", "metadata")))
        .or_else(|| (is_folder("snapshot") && is_folder("manifest") && is_folder("schema")).then_some(("Paimon", "snapshot")))
        .map(|(kind, folder)| Log { kind, folder })
}

/// The warnings about tables to which these files of an input belong: their logs lie in a folder on the way to the files.
pub(in crate::input) fn warnings<'f>(input: &str, files: impl Iterator<Item = &'f DataFile>) -> Vec<String> {
    let mut seen: BTreeSet<&Path> = BTreeSet::new();
    let mut warnings = BTreeSet::new();
    for file in files {
        let mut label = Path::new(&file.label).parent();
        for folder in file.place.on_disk().into_iter().flat_map(|path| path.ancestors().skip(1)) {
            if !seen.insert(folder) {
                break;
            }
            if let Some(Log { kind, folder: name }) = log(folder) {
                // As the job writes the path, as far as that leads.
                let shown = label.filter(|label| !label.as_os_str().is_empty()).map_or_else(|| folder.join(name), |label| label.join(name));
                warnings.insert(said(input, kind, &shown.display().to_string()));
            }
            label = label.and_then(Path::parent);
        }
    }
    warnings.into_iter().collect()
}

/// The warning about the table of a log in that folder.
pub(in crate::input) fn said(input: &str, kind: &str, folder: &str) -> String {
    format!(
        "input `{input}`: `{folder}/` is the log of a {kind} table, which huitou does not read: all Parquet files of the table count, also those \
         that the log has removed, so that deleted rows and old states of rows may count; write the rows of the table to a folder of their own, \
         with a program that knows {kind}, and let the job read that"
    )
}

#[cfg(test)]
mod tests {
    use super::super::place::Place;
    use super::*;

    #[test]
    fn the_log_of_a_table_is_found_from_any_folder_below_it() {
        for (kind, log, file) in [
            ("Delta", "t/_delta_log/0.json", "t/dt=1/a.parquet"),
            ("Hudi", "t/.hoodie/hoodie.properties", "t/a.parquet"),
            ("Iceberg", "t/metadata/v1.metadata.json", "t/data/x=1/a.parquet"),
            ("Paimon", "t/snapshot/LATEST", "t/bucket-0/a.parquet"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            for name in [log, file, "t/manifest/m", "t/schema/s"] {
                let path = folder.path().join(name);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, "").unwrap();
            }
            let found = |label: &str| {
                warnings(
                    "orders",
                    [DataFile { place: Place::Disk(folder.path().join(file)), label: label.to_owned(), partitions: Vec::new() }].iter(),
                )
            };
            let log = log.rsplit_once('/').unwrap().0;
            let warnings = &found(file)[..];
            assert!(
                matches!(warnings, [one] if one.starts_with(&format!("input `orders`: `{log}/` is the log of a {kind} table"))),
                "{warnings:?}"
            );
            // A path that begins below the table.
            assert!(matches!(&found("a.parquet")[..], [one] if one.contains(&format!("{log}/` is the log of a {kind} table"))));
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("metadata")).unwrap();
        std::fs::write(folder.path().join("metadata/readme.json"), "").unwrap();
        let plain = DataFile { place: Place::Disk(folder.path().join("a.parquet")), label: "a.parquet".to_owned(), partitions: Vec::new() };
        assert_eq!(warnings("orders", [plain].iter()), Vec::<String>::new());
    }
}
