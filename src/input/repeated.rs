//! Rows of one key: of rows of several files the last one counts; different rows of one file are a fault of the file, since none of
//! them is newer.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::advice::name;
use super::columns::{InputKind, TRAFFIC};
use super::dataset::Dataset;
use super::ledger::Ledger;
use super::row_key::row_key;
use super::telling::{SHOWN_VALUES, Telling, telling_columns, told};
use super::whole::is_whole;
use crate::error::{Error, Problem, Result, listed};

/// A row of an input and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placed<T> {
    /// The file's position in the dataset.
    pub file: usize,
    /// The row of the file, from 0.
    pub row: u64,
    /// What was read.
    pub value: T,
}

/// Keeps the last row of each key and records all in the ledger as used or superseded. `rows` are in the order of files and rows, of which
/// the last counts; the result ascends by key.
///
/// # Errors
/// [`Error::Input`] where a file has rows of one key that are not equal.
pub(super) fn last_by_key<T: PartialEq>(
    dataset: &Dataset,
    rows: Vec<Placed<T>>,
    by_key: impl Fn(&T, &T) -> Ordering,
    ledger: &mut Ledger,
) -> Result<Vec<T>> {
    last_agreeing(dataset, rows, by_key, |a, b| a == b, ledger)
}

/// As [`last_by_key`], where `agree` says whether two rows of one key may be in one file.
///
/// # Errors
/// [`Error::Input`] where a file has rows of one key that do not agree.
pub(super) fn last_agreeing<T>(
    dataset: &Dataset,
    mut rows: Vec<Placed<T>>,
    by_key: impl Fn(&T, &T) -> Ordering,
    agree: impl Fn(&T, &T) -> bool,
    ledger: &mut Ledger,
) -> Result<Vec<T>> {
    rows.sort_by(|a, b| by_key(&a.value, &b.value));
    let mut repeats = Repeats::default();
    for rows in rows.chunk_by(|a, b| by_key(&a.value, &b.value).is_eq()) {
        let mut by_file: BTreeMap<usize, Vec<&Placed<T>>> = BTreeMap::new();
        if rows.len() > 1 {
            rows.iter().for_each(|row| by_file.entry(row.file).or_default().push(row));
        }
        for (file, rows) in by_file {
            let disagrees = rows.first().is_some_and(|first| rows.iter().any(|row| !agree(&first.value, &row.value)));
            if disagrees {
                repeats.add(file, rows.iter().map(|row| row.row).collect());
            }
        }
    }
    repeats.check(dataset)?;
    let mut kept: Vec<Placed<T>> = Vec::with_capacity(rows.len());
    for row in rows {
        match kept.last_mut() {
            Some(last) if by_key(&last.value, &row.value).is_eq() => {
                ledger.account(last.file).superseded += 1;
                *last = row;
            }
            _ => kept.push(row),
        }
    }
    for row in &kept {
        ledger.account(row.file).used += 1;
    }
    Ok(kept.into_iter().map(|row| row.value).collect())
}

/// Groups of rows that a message looks at, at most.
const EXAMINED: usize = 500;

/// Different rows of one key in one file.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    /// By file: how many keys have them, and the rows of the first of these keys.
    by_file: BTreeMap<usize, (u64, Vec<Vec<u64>>)>,
}

impl Repeats {
    /// Adds the rows of a key in a file.
    pub fn add(&mut self, file: usize, mut rows: Vec<u64>) {
        rows.sort_unstable();
        let (keys, groups) = self.by_file.entry(file).or_default();
        *keys += 1;
        groups.push(rows);
        // Which keys are found first may follow from the order of codes: those of the first rows are kept.
        if groups.len() >= 2 * EXAMINED {
            groups.sort_unstable();
            groups.truncate(EXAMINED);
        }
    }

    /// Fails if there are any.
    ///
    /// # Errors
    /// [`Error::Input`] with a problem for each file.
    pub fn check(self, dataset: &Dataset) -> Result<()> {
        if self.by_file.is_empty() {
            return Ok(());
        }
        let problem = |(file, (keys, mut groups)): (usize, (u64, Vec<Vec<u64>>))| {
            groups.sort_unstable();
            groups.truncate(EXAMINED);
            problem(dataset, file, keys, &groups)
        };
        Err(Error::Input(self.by_file.into_iter().map(problem).collect()))
    }
}

fn problem(dataset: &Dataset, file: usize, keys: u64, groups: &[Vec<u64>]) -> Problem {
    let Some(opened) = dataset.files.get(file) else { return Problem::new(&dataset.spec.place, "a file is missing") };
    let input = dataset.input.name;
    let there: Vec<&str> = row_key(dataset.input).iter().copied().filter(|column| dataset.has(column)).collect();
    let key = if there.is_empty() { "shop".to_owned() } else { there.join(", ") };
    let rows = groups.first().map_or(String::new(), |rows| listed(rows.iter().map(u64::to_string), SHOWN_VALUES));
    let is_time = |column: &str| dataset.input.columns.iter().any(|own| own.name == column && own.kind == InputKind::Time);
    let times: Vec<usize> = there.iter().filter(|column| is_time(column)).filter_map(|column| dataset.input.position(column)).collect();
    let columns = telling_columns(opened, &times, groups);
    let told = told(&columns);
    let of_keys = if keys == 1 { "one key has".to_owned() } else { format!("{keys} keys have") };
    let message = format!(
        "input `{input}`: {of_keys} several rows that differ in this file, where one is expected for each {key}: rows {rows} are of one \
         key; {told}"
    );
    Problem::new(&opened.file.label, message).help(help(dataset, &columns))
}

/// What to do: keep the rows of one value, for traffic else make the column the channel.
fn help(dataset: &Dataset, columns: &[Telling]) -> String {
    let is_traffic = dataset.input.name == TRAFFIC.name;
    let one_row =
        "write the file with one row for each, or the rows of a later state as a file of its own, whose name sorts after this one";
    let [column] = columns else { return one_row.to_owned() };
    if column.is_time {
        return "the rows are of parts of a day or month: write the file with one row for each day or month, as the key has it".to_owned();
    }
    let whole = column.values.iter().find(|value| is_whole(value));
    let filter = |value: &str| format!("`filter: {}`", scalar(&format!("{} = {}", name(&column.name), column.literal(value))));
    match (whole, is_traffic) {
        (Some(whole), _) => format!("keep the rows of the whole shop: {} in the job, at this input", filter(whole)),
        (None, true) => format!(
            "keep the rows of the whole shop, if a value stands for it: {} in the job, at this input; if none does, `channel: {}`: these \
             rows are then parts of the shop, and its figures are unknown on days without a row of the whole",
            filter(column.values.first().map_or("…", String::as_str)),
            scalar(&column.name)
        ),
        (None, false) => format!(
            "keep the rows of one value, such as {} in the job, at this input; or {one_row}",
            filter(column.values.first().map_or("…", String::as_str))
        ),
    }
}

/// A text as a YAML scalar.
fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|first: char| first.is_alphabetic()) && !text.contains(": ") && !text.contains(" #");
    if is_plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_conditions_can_be_pasted_into_a_job() {
        assert_eq!(name("终端"), "终端");
        assert_eq!(name("unit price"), "\"unit price\"");
        assert_eq!(name("order"), "\"order\"");
        assert_eq!(scalar("终端 = '所有终端'"), "终端 = '所有终端'");
        assert_eq!(scalar("\"unit price\" = 'it''s'"), "'\"unit price\" = ''it''''s'''");
        assert_eq!(scalar("kind = 'a: b'"), "'kind = ''a: b'''");
    }

    #[test]
    fn the_first_rows_are_kept_whatever_the_order_of_keys() {
        let mut repeats = Repeats::default();
        for row in (0..5_000).rev() {
            repeats.add(0, vec![row * 2 + 1, row * 2]);
        }
        let (keys, groups) = &mut repeats.by_file.get_mut(&0).unwrap();
        groups.sort_unstable();
        assert_eq!((*keys, &groups[0]), (5_000, &vec![0, 1]));
    }
}
