//! One table of two snapshots.

use std::collections::BTreeSet;

use arrow::array::{Array, ArrayRef};
use arrow::buffer::BooleanBuffer;

use super::cells::{Cell, Difference, differing};
use super::counts::{Counts, Tally, columns};
use super::merge::{Step, steps};
use super::pages::{Filter, Page, Pages, Stop};
use super::shape::Shape;
use crate::error::Result;
use crate::publish::{Snapshot, TableEntry};

/// Which of two snapshots have a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Both.
    Both,
    /// The first alone.
    OnlyA,
    /// The second alone.
    OnlyB,
}

/// How a table of one snapshot differs from that of another.
#[derive(Debug, Clone, PartialEq)]
pub struct TableDifference {
    /// The table.
    pub table: String,
    /// Which of both have it.
    pub presence: Presence,
    /// What their columns have in common.
    pub shape: Shape,
    /// The rows; `None` where they are not compared.
    pub counts: Option<Counts>,
    /// Why they are not compared: why one snapshot does not have the table, if it says so, or what stands between the rows.
    pub reason: Option<String>,
}

impl TableDifference {
    /// Whether both have the table with the same columns and the same rows.
    pub fn is_equal(&self) -> bool {
        self.presence == Presence::Both && self.shape.is_same() && self.counts.as_ref().is_some_and(Counts::is_equal)
    }
}

/// A row that is not the same in both.
#[derive(Debug)]
pub struct Change<'a> {
    /// In which way.
    pub kind: ChangeKind,
    /// The values of its key.
    pub key: Vec<Cell<'a>>,
    /// The columns that differ; none for rows of one snapshot.
    pub cells: Vec<ChangedCell<'a>>,
    /// The row in A.
    pub a: Option<ComparedRow<'a>>,
    /// The row in B.
    pub b: Option<ComparedRow<'a>>,
}

/// A row of one of both snapshots.
#[derive(Debug, Clone, Copy)]
pub struct ComparedRow<'a> {
    values: &'a [ArrayRef],
    row: usize,
}

impl<'a> ComparedRow<'a> {
    /// The value of a column, by its place in [`Shape::columns`].
    pub fn cell(self, column: usize) -> Option<Cell<'a>> {
        Some(Cell { array: self.values.get(column)?, row: self.row })
    }
}

/// In which way a row differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// A alone has its key.
    OnlyA,
    /// B alone has its key.
    OnlyB,
    /// Some of its columns differ.
    Changed,
}

/// A value that differs.
#[derive(Debug)]
pub struct ChangedCell<'a> {
    /// The column, by its place in [`Shape::columns`].
    pub column: usize,
    /// The value in A.
    pub old: Cell<'a>,
    /// The value in B.
    pub new: Cell<'a>,
    /// How much B has more, where the column is a quantity and no value is null.
    pub difference: Option<Difference>,
}

/// The names of all tables of two snapshots, ascending.
pub fn names<'a>(a: &'a Snapshot, b: &'a Snapshot) -> BTreeSet<&'a str> {
    a.manifest.tables.iter().chain(&b.manifest.tables).map(|table| table.name.as_str()).collect()
}

/// Compares a table of two snapshots, and shows each row that differs to `see`, in the order of the key, until that returns `false`.
///
/// # Errors
/// [`crate::error::Error::Input`] where a part is damaged, and the errors of the filter and of `see`.
pub fn compare_table(
    a: &Snapshot,
    b: &Snapshot,
    table: &str,
    filter: Option<Filter<'_>>,
    see: &mut dyn FnMut(&Change<'_>) -> Result<bool>,
) -> Result<TableDifference> {
    let entries = (a.manifest.table(table), b.manifest.table(table));
    let mut found =
        TableDifference { table: table.to_owned(), presence: Presence::Both, shape: Shape::default(), counts: None, reason: None };
    let (entry_a, entry_b) = match entries {
        (Some(a), Some(b)) => (a, b),
        (in_a, _) => {
            let (presence, without) = if in_a.is_some() { (Presence::OnlyA, b) } else { (Presence::OnlyB, a) };
            return Ok(TableDifference { presence, reason: why_not(without, table), ..found });
        }
    };
    found.shape = Shape::of(table, a.schema(table)?.as_ref(), b.schema(table)?.as_ref());
    if found.shape.obstacle.is_some() {
        found.reason.clone_from(&found.shape.obstacle);
    } else if filter.is_none() && are_same_files(entry_a, entry_b) {
        found.counts = Some(Counts { equal: entry_b.rows, ..Counts::default() });
    } else {
        let pages = [Pages::new(a, table, &found.shape, filter), Pages::new(b, table, &found.shape, filter)];
        match Merge::new(&found.shape, see).run(pages) {
            Ok(counts) => found.counts = Some(counts),
            Err(Stop::Unsorted(where_)) => found.reason = Some(where_),
            Err(Stop::Failed(error)) => return Err(error),
        }
    }
    Ok(found)
}

/// Whether the parts of both are the same, byte for byte, by their manifests.
fn are_same_files(a: &TableEntry, b: &TableEntry) -> bool {
    a.rows == b.rows && a.parts.iter().map(|part| &part.sha256).eq(b.parts.iter().map(|part| &part.sha256))
}

/// Why a snapshot does not have a table, if its manifest says so.
fn why_not(snapshot: &Snapshot, table: &str) -> Option<String> {
    let manifest = &snapshot.manifest;
    let skipped = manifest.skipped.iter().find(|skipped| skipped.name == table).map(|skipped| skipped.reason.clone());
    let left = manifest.lists_only.then(|| "only its lists are left, for the cool-down of later nights".to_owned());
    skipped.or(left).or_else(|| manifest.partial.then(|| "the run did not request it".to_owned()))
}

/// A merge under way.
struct Merge<'a> {
    shape: &'a Shape,
    counts: Counts,
    tallies: Vec<Tally>,
    see: &'a mut dyn FnMut(&Change<'_>) -> Result<bool>,
    wants_more: bool,
}

impl<'a> Merge<'a> {
    fn new(shape: &'a Shape, see: &'a mut dyn FnMut(&Change<'_>) -> Result<bool>) -> Merge<'a> {
        Merge { shape, counts: Counts::default(), tallies: vec![Tally::default(); shape.columns.len()], see, wants_more: true }
    }

    fn run(mut self, [mut pages_a, mut pages_b]: [Pages<'_>; 2]) -> Result<Counts, Stop> {
        let (mut page_a, mut page_b) = (pages_a.read()?, pages_b.read()?);
        let mut at = (0, 0);
        loop {
            match (&page_a, &page_b) {
                (Some(a), Some(b)) => {
                    let (steps, next) = steps(a, b, at)?;
                    at = next;
                    for step in steps {
                        match step {
                            Step::OnlyA(from, rows) => self.alone(ChangeKind::OnlyA, a, from..from + rows)?,
                            Step::OnlyB(from, rows) => self.alone(ChangeKind::OnlyB, b, from..from + rows)?,
                            Step::Both(from_a, from_b, rows) => self.both((a, from_a), (b, from_b), rows)?,
                        }
                    }
                }
                (Some(a), None) => {
                    self.alone(ChangeKind::OnlyA, a, at.0..a.rows())?;
                    at.0 = a.rows();
                }
                (None, Some(b)) => {
                    self.alone(ChangeKind::OnlyB, b, at.1..b.rows())?;
                    at.1 = b.rows();
                }
                (None, None) => break,
            }
            if page_a.as_ref().is_some_and(|a| at.0 == a.rows()) {
                (page_a, at.0) = (pages_a.read()?, 0);
            }
            if page_b.as_ref().is_some_and(|b| at.1 == b.rows()) {
                (page_b, at.1) = (pages_b.read()?, 0);
            }
        }
        self.counts.columns = columns(self.shape, self.tallies);
        Ok(self.counts)
    }

    /// Rows that one side alone has.
    fn alone(&mut self, kind: ChangeKind, page: &Page, rows: std::ops::Range<usize>) -> Result<()> {
        for row in rows.filter(|row| page.holds(*row)) {
            match kind {
                ChangeKind::OnlyA => self.counts.only_a += 1,
                _ => self.counts.only_b += 1,
            }
            if self.wants_more {
                let key = page.keys.iter().map(|array| Cell { array, row }).collect();
                let of_row = Some(ComparedRow { values: &page.values, row });
                let (a, b) = if kind == ChangeKind::OnlyA { (of_row, None) } else { (None, of_row) };
                self.wants_more = (self.see)(&Change { kind, key, cells: Vec::new(), a, b })?;
            }
        }
        Ok(())
    }

    /// Rows of both with the same keys.
    fn both(&mut self, (a, from_a): (&Page, usize), (b, from_b): (&Page, usize), rows: usize) -> Result<()> {
        let holds = match (&a.holds, &b.holds) {
            (Some(in_a), Some(in_b)) => Some(&in_a.slice(from_a, rows) | &in_b.slice(from_b, rows)),
            _ => None,
        };
        let mut any = BooleanBuffer::new_unset(rows);
        let mut found = Vec::new();
        for (column, (old, new)) in a.values.iter().zip(&b.values).enumerate() {
            let mut differs = differing(&old.slice(from_a, rows), &new.slice(from_b, rows))?;
            if let Some(holds) = &holds {
                differs = &differs & holds;
            }
            let places: Vec<usize> = differs.set_indices().collect();
            if let (false, Some(tally)) = (places.is_empty(), self.tallies.get_mut(column)) {
                tally.add(self.shape.are_quantities.get(column) == Some(&true), column, (a, from_a), (b, from_b), &places)?;
                any = &any | &differs;
                found.push((column, differs));
            }
        }
        let (changed, all) = (any.count_set_bits(), holds.map_or(rows, |holds| holds.count_set_bits()));
        self.counts.changed += changed as u64;
        self.counts.equal += (all - changed) as u64;
        for row in any.set_indices() {
            if !self.wants_more {
                break;
            }
            let key = b.keys.iter().map(|array| Cell { array, row: from_b + row }).collect();
            let cells = found.iter().filter(|(_, differs)| differs.value(row)).filter_map(|(column, _)| {
                let (old, new) = (a.values.get(*column)?, b.values.get(*column)?);
                let (old, new) = (Cell { array: old, row: from_a + row }, Cell { array: new, row: from_b + row });
                let is_quantity = self.shape.are_quantities.get(*column) == Some(&true);
                let difference = if is_quantity { Difference::of(old, new) } else { None };
                Some(ChangedCell { column: *column, old, new, difference })
            });
            let [of_a, of_b] = [(a, from_a), (b, from_b)].map(|(page, from)| Some(ComparedRow { values: &page.values, row: from + row }));
            let change = Change { kind: ChangeKind::Changed, key, cells: cells.collect(), a: of_a, b: of_b };
            self.wants_more = (self.see)(&change)?;
        }
        Ok(())
    }
}
