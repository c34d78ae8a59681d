//! Names: columns of the files whose names are almost those of the input, and that nothing reads.

use std::collections::BTreeSet;

use super::advice::scalar;
use crate::input::declared::columns::Input;
use crate::input::parquet_files::open_file::{ColumnSource, OpenFile};

/// What the job says about the columns of an input.
pub(in crate::input) struct Mapped<'a> {
    pub input: &'static Input,
    /// By column: whether it is wanted.
    pub wanted: &'a [bool],
    /// By column: its name in the job, else its standard name.
    pub written: &'a [&'a str],
    /// The columns that the expressions read.
    pub roots: &'a BTreeSet<String>,
}

/// Warnings of columns that are wanted and not there, beside columns of almost the same name that nothing reads: the file may have the
/// column in capitals, or with a typing error, and figures without it would be wrong.
pub(in crate::input) fn warnings(mapped: &Mapped<'_>, files: &[OpenFile]) -> Vec<String> {
    let Mapped { input, wanted, written, roots } = mapped;
    let is_free = |name: &str| !written.contains(&name) && !roots.contains(name) && input.position(name).is_none();
    let mut warnings = Vec::new();
    for (position, column) in input.columns.iter().enumerate() {
        if !wanted[position] || written[position] != column.name {
            continue;
        }
        let lacks = |file: &&OpenFile| file.rows() > 0 && file.sources.get(position) == Some(&ColumnSource::Absent);
        let mut found = files.iter().filter(lacks).filter_map(|file| Some((similar(file, column.name, &is_free)?, file)));
        if let Some((name, file)) = found.next() {
            let more = found.count();
            let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
            let written = scalar(&name);
            warnings.push(format!(
                "input `{}`: {}{more} has `{name}`, which is not mapped: is it `{}`? Then write `{}: {written}` under `columns:`",
                input.name, file.file.label, column.name, column.name
            ));
        }
    }
    warnings
}

/// The column of a file whose name is almost that of a column of the input, among those that are free.
fn similar(file: &OpenFile, column: &str, is_free: &dyn Fn(&str) -> bool) -> Option<String> {
    let fields = file.metadata.schema().fields().iter().map(|field| field.name().as_str());
    let names = fields.chain(file.file.partitions.iter().map(|(key, _)| key.as_str()));
    names.filter(|name| is_free(name)).find(|name| is_almost(name, column)).map(str::to_owned)
}

/// What to write in the job for a column that is missed, where a file has one whose name is almost the same.
pub(in crate::input) fn hint(files: &[OpenFile], column: &str) -> Option<String> {
    let (name, file) = files.iter().find_map(|file| Some((similar(file, column, &|name| name != column)?, file)))?;
    let written = scalar(&name);
    Some(format!("{} has `{name}`: if it is that, write `{column}: {written}` under `columns:`", file.file.label))
}

/// Whether two names differ in capitals and separators only, or by one slip in a long name.
fn is_almost(name: &str, column: &str) -> bool {
    let letters = |name: &str| name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let (name, column) = (letters(name), letters(column));
    name == column || column.len() >= LONG && strsim::damerau_levenshtein(&name, &column) == 1
}

/// From so many letters on, a name with one slip is still the same name.
const LONG: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_separators_and_slips() {
        for (name, column) in [
            ("REFUND_AMOUNT", "refund_amount"),
            ("RefundAmount", "refund_amount"),
            ("refund-amount", "refund_amount"),
            ("Refund Amount ", "refund_amount"),
            ("refund_amuont", "refund_amount"),
            ("UV", "uv"),
        ] {
            assert!(is_almost(name, column), "{name}");
        }
        for (name, column) in
            [("refund", "refund_amount"), ("pv", "uv"), ("dates", "date"), ("order_amount", "paid_amount"), ("店铺", "shop_id")]
        {
            assert!(!is_almost(name, column), "{name}");
        }
    }
}
