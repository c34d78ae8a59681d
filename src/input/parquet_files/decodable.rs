//! Whether the columns of a file can be decoded: codecs and encryption, as its footer says.

use std::collections::BTreeSet;

use parquet::basic::Compression;
use parquet::file::metadata::ParquetMetaData;

use crate::error::Problem;

/// The codecs that are read, as the Parquet format calls them.
const CODECS: &str = "UNCOMPRESSED, SNAPPY, GZIP, LZ4, LZ4_RAW and ZSTD";

/// The problem of an encrypted file, whose footer cannot be read either.
pub(in crate::input) fn encrypted_file(label: &str) -> Problem {
    Problem::new(label, "the file is encrypted, and huitou reads no encrypted files")
        .help("write it without encryption where only the run can read it")
}

/// What is wrong with those top-level columns of a file; `encrypted` are the leaves that are encrypted.
pub(in crate::input) fn problems(
    label: &str,
    input: &str,
    file: &ParquetMetaData,
    encrypted: &BTreeSet<usize>,
    columns: &[usize],
) -> Vec<Problem> {
    let schema = file.file_metadata().schema_descr();
    let leaves: Vec<usize> = (0..schema.num_columns()).filter(|leaf| columns.contains(&schema.get_column_root_idx(*leaf))).collect();
    let names = |leaves: &BTreeSet<usize>| {
        let names: BTreeSet<&str> = leaves.iter().map(|leaf| schema.get_column_root(*leaf).name()).collect();
        match names.len() {
            1 => format!("the column `{}` is", names.into_iter().collect::<String>()),
            _ => format!("the columns `{}` are", names.into_iter().collect::<Vec<_>>().join("`, `")),
        }
    };
    let encrypted: BTreeSet<usize> = leaves.iter().copied().filter(|leaf| encrypted.contains(leaf)).collect();
    let mut problems = Vec::new();
    if !encrypted.is_empty() {
        let what = format!("input `{input}`: {} encrypted, and huitou reads no encrypted columns", names(&encrypted));
        problems.push(Problem::new(label, what).help("write the file without encryption where only the run can read it"));
    }
    for (codec, name) in [(is_brotli as fn(Compression) -> bool, "BROTLI"), (is_lzo, "LZO")] {
        let in_codec =
            |leaf: &usize| file.row_groups().iter().any(|group| group.columns().get(*leaf).is_some_and(|chunk| codec(chunk.compression())));
        let found: BTreeSet<usize> = leaves.iter().copied().filter(in_codec).collect();
        if !found.is_empty() {
            let what = format!("input `{input}`: {} compressed by {name}, which huitou does not read", names(&found));
            problems.push(Problem::new(label, what).help(format!("write the file anew with one of {CODECS}; the file is not damaged")));
        }
    }
    problems
}

fn is_brotli(codec: Compression) -> bool {
    matches!(codec, Compression::BROTLI(_))
}

fn is_lzo(codec: Compression) -> bool {
    matches!(codec, Compression::LZO)
}
