//! Drift: files of one input that do not have the same columns, because the export changed in between.

use crate::error::Problem;
use crate::input::declared::columns::{Input, REFUNDS};
use crate::input::parquet_files::open_file::{ColumnSource, OpenFile};

/// Files with rows that lack a column which other files have: the first of them, how many they are, and a file that has it.
fn lacking(files: &[OpenFile], position: usize) -> Option<(&OpenFile, usize, &OpenFile)> {
    let is_absent = |file: &&OpenFile| file.sources.get(position) == Some(&ColumnSource::Absent);
    let having = files.iter().find(|file| !is_absent(file))?;
    let mut lacking = files.iter().filter(|file| file.rows() > 0).filter(is_absent);
    Some((lacking.next()?, 1 + lacking.count(), having))
}

/// The keys of rows.
const KEYS: [&str; 6] = ["shop_id", "order_id", "line_id", "customer_id", "linked_id", "refund_id"];

/// Whether rows without that key are like no rows that have it. A refund that names no line counts for its order.
fn is_key(input: &Input, column: &str) -> bool {
    KEYS.contains(&column) && !(input.name == REFUNDS.name && column == "line_id")
}

/// Problems of keys that some files have and others lack: rows without a key cannot be matched with rows that have it.
pub(in crate::input) fn problems(input: &Input, files: &[OpenFile]) -> Vec<Problem> {
    let problem = |(position, name): (usize, &str)| {
        let (file, count, having) = lacking(files, position)?;
        let more = if count > 1 { format!(" (and {} more)", count - 1) } else { String::new() };
        let what = format!("input `{}`: no column `{name}`, which {} has", input.name, having.file.label);
        let help = "an id is in all files of an input or in none: write the file anew with it, or take the file out of the input's path";
        Some(Problem::new(format!("{}{more}", file.file.label), what).help(help))
    };
    let keys = input.columns.iter().enumerate().filter(|(_, column)| is_key(input, column.name));
    keys.filter_map(|(position, column)| problem((position, column.name))).collect()
}

/// Warnings of other columns that some files have and others lack. They count as null there.
pub(in crate::input) fn warnings(input: &Input, files: &[OpenFile]) -> Vec<String> {
    let warning = |(position, name): (usize, &str)| {
        let (file, count, _) = lacking(files, position)?;
        let all = files.len();
        let label = &file.file.label;
        Some(format!("input `{}`: {count} of {all} files have no column `{name}`, {label} first: it counts as null there", input.name))
    };
    let columns = input.columns.iter().enumerate();
    columns.filter_map(|(position, column)| warning((position, column.name))).collect()
}
