//! Rows of one key: of rows of several files the last one counts; different rows of one file, or of two parts of the input, are a fault,
//! since none of them is newer.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::distinguishing::whole_rows;
use super::ledger::Ledger;
use super::partition_parts::Parts;
use super::repeated_help::{across_parts, in_one_file, times_of_key};
use crate::error::{Error, Problem, Result};
use crate::input::mapping::dataset::Dataset;

/// A row of an input and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::input) struct Placed<T> {
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
/// [`Error::Input`] where a file has rows of one key that are not equal in all its columns, or two parts of the input have rows of one key.
pub(in crate::input) fn last_by_key<T: PartialEq>(
    dataset: &Dataset,
    rows: Vec<Placed<T>>,
    by_key: impl Fn(&T, &T) -> Ordering,
    ledger: &mut Ledger,
) -> Result<Vec<T>> {
    let kept = last_placed(dataset, rows, by_key, ledger)?;
    Ok(kept.into_iter().map(|row| row.value).collect())
}

/// As [`last_by_key`], with the places of the rows.
///
/// # Errors
/// As [`last_by_key`].
pub(in crate::input) fn last_placed<T: PartialEq>(
    dataset: &Dataset,
    mut rows: Vec<Placed<T>>,
    by_key: impl Fn(&T, &T) -> Ordering,
    ledger: &mut Ledger,
) -> Result<Vec<Placed<T>>> {
    rows.sort_by(|a, b| by_key(&a.value, &b.value));
    let (parts, mut repeats) = (Parts::of(dataset), Repeats::default());
    for rows in rows.chunk_by(|a, b| by_key(&a.value, &b.value).is_eq()) {
        repeats.note(&parts, rows, |a, b| a == b);
    }
    repeats.check(dataset, &parts)?;
    Ok(last(rows, by_key, ledger))
}

/// Keeps the last row of each key of a set, in which a member may be named again: only rows of one file that do not `agree` are a fault,
/// whatever their other columns are.
///
/// # Errors
/// [`Error::Input`] where a file has rows of one key that do not agree.
pub(in crate::input) fn last_agreeing<T>(
    dataset: &Dataset,
    mut rows: Vec<Placed<T>>,
    by_key: impl Fn(&T, &T) -> Ordering,
    agree: impl Fn(&T, &T) -> bool,
    ledger: &mut Ledger,
) -> Result<Vec<T>> {
    rows.sort_by(|a, b| by_key(&a.value, &b.value));
    let mut repeats = Repeats::default();
    for rows in rows.chunk_by(|a, b| by_key(&a.value, &b.value).is_eq()).filter(|rows| rows.len() > 1) {
        repeats.note_files(rows, &agree);
    }
    repeats.equal.clear();
    repeats.check(dataset, &Parts::default())?;
    Ok(last(rows, by_key, ledger).into_iter().map(|row| row.value).collect())
}

/// The last of the rows of each key, which follow each other.
fn last<T>(rows: Vec<Placed<T>>, by_key: impl Fn(&T, &T) -> Ordering, ledger: &mut Ledger) -> Vec<Placed<T>> {
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
    kept
}

/// Groups of rows that a message looks at, at most.
const EXAMINED: usize = 500;

/// Groups of rows of one key each: how many there are, and the first of them.
#[derive(Debug, Default)]
struct Groups<R> {
    keys: u64,
    groups: Vec<Vec<R>>,
}

impl<R: Ord> Groups<R> {
    fn add(&mut self, mut rows: Vec<R>) {
        rows.sort_unstable();
        self.keys += 1;
        self.groups.push(rows);
        // Which keys are found first may follow from the order of codes: those of the first rows are kept.
        if self.groups.len() >= 2 * EXAMINED {
            self.settle();
        }
    }

    fn merge(&mut self, other: Groups<R>) {
        self.keys += other.keys;
        self.groups.extend(other.groups);
        self.settle();
    }

    fn settle(&mut self) {
        self.groups.sort_unstable();
        self.groups.truncate(EXAMINED);
    }
}

/// Rows of one key that are no states of one row.
#[derive(Debug, Default)]
pub(in crate::input) struct Repeats {
    /// By file: rows that differ.
    by_file: BTreeMap<usize, Groups<u64>>,
    /// By file: rows that are equal in all that was read of them; its other columns may distinguish them.
    equal: BTreeMap<usize, Vec<Vec<u64>>>,
    /// Files and rows of different parts of the input.
    across: Groups<(usize, u64)>,
}

impl Repeats {
    /// Notes the rows of a key, in the order of files and rows. `agree` says whether two rows are equal in all that was read of them.
    pub fn note<T>(&mut self, parts: &Parts, rows: &[Placed<T>], agree: impl Fn(&T, &T) -> bool) {
        let [first, others @ ..] = rows else { return };
        if others.is_empty() {
            return;
        }
        if others.iter().any(|row| parts.of_file(row.file) != parts.of_file(first.file)) {
            self.across.add(rows.iter().map(|row| (row.file, row.row)).collect());
        }
        self.note_files(rows, &agree);
    }

    fn note_files<T>(&mut self, rows: &[Placed<T>], agree: &impl Fn(&T, &T) -> bool) {
        let mut by_file: BTreeMap<usize, Vec<&Placed<T>>> = BTreeMap::new();
        rows.iter().for_each(|row| by_file.entry(row.file).or_default().push(row));
        for (file, rows) in by_file.into_iter().filter(|(_, rows)| rows.len() > 1) {
            let differ = rows.first().is_some_and(|first| rows.iter().any(|row| !agree(&first.value, &row.value)));
            let rows = rows.iter().map(|row| row.row).collect();
            if differ {
                self.by_file.entry(file).or_default().add(rows);
            } else {
                self.equal.entry(file).or_default().push(rows);
            }
        }
    }

    /// Adds what another thread noted.
    pub fn merge(&mut self, other: Repeats) {
        other.by_file.into_iter().for_each(|(file, groups)| self.by_file.entry(file).or_default().merge(groups));
        other.equal.into_iter().for_each(|(file, groups)| self.equal.entry(file).or_default().extend(groups));
        self.across.merge(other.across);
    }

    /// Fails if there are any. Reads the other columns of rows that are equal so far.
    ///
    /// # Errors
    /// [`Error::Input`] with a problem for each file, and one for the parts.
    pub fn check(mut self, dataset: &Dataset, parts: &Parts) -> Result<()> {
        let times = times_of_key(dataset);
        for (file, groups) in std::mem::take(&mut self.equal) {
            let Some(opened) = dataset.files.get(file) else { continue };
            for rows in whole_rows(opened, &times, groups) {
                self.by_file.entry(file).or_default().add(rows);
            }
        }
        let mut problems: Vec<Problem> = Vec::new();
        if self.across.keys > 0 {
            self.across.settle();
            let of_rows = |rows: &Vec<(usize, u64)>| rows.iter().map(|(file, _)| parts.of_file(*file)).collect::<BTreeSet<u32>>();
            let columns = parts.distinguishing(&self.across.groups.iter().flat_map(of_rows).collect());
            problems.push(across_parts(dataset, self.across.keys, &self.across.groups, &columns));
        }
        for (file, mut groups) in self.by_file {
            groups.settle();
            problems.push(in_one_file(dataset, file, groups.keys, &groups.groups));
        }
        if problems.is_empty() { Ok(()) } else { Err(Error::Input(problems)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rows_are_kept_whatever_the_order_of_keys() {
        let (mut groups, mut other) = (Groups::default(), Groups::default());
        for row in (0..5_000_u64).rev() {
            let half = if row % 2 == 0 { &mut groups } else { &mut other };
            half.add(vec![row * 2 + 1, row * 2]);
        }
        groups.merge(other);
        assert_eq!((groups.keys, &groups.groups[0], &groups.groups[1]), (5_000, &vec![0, 1], &vec![2, 3]));
    }
}
