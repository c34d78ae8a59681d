//! Copies of a file beside it: where the number of a row is its id, their rows count twice.

use std::collections::BTreeMap;

use crate::input::parquet_files::open_file::{ColumnSource, OpenFile};

/// A warning for each file that has the size and the footer of an earlier one, in an input whose rows have numbers for ids. A footer has the
/// sizes and the ranges of all columns, so that other rows hardly ever have the same one.
pub(super) fn warnings(input: &str, files: &[OpenFile]) -> Vec<String> {
    let mut first: BTreeMap<(u64, &str), &str> = BTreeMap::new();
    let mut warnings = Vec::new();
    let is_numbered = |file: &&OpenFile| file.sources.iter().any(|source| matches!(source, ColumnSource::Row(_)));
    for file in files.iter().filter(is_numbered).filter(|file| file.rows() > 0) {
        let label = file.file.label.as_str();
        match first.get(&(file.bytes, file.footer.as_str())) {
            None => drop(first.insert((file.bytes, &file.footer), label)),
            Some(other) => warnings.push(format!(
                "{input}: {label} looks like a copy of {other}: with `$row` as the id, the {} rows of both count; if it is one, remove it",
                file.rows()
            )),
        }
    }
    warnings
}
