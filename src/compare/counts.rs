//! How many rows and cells differ, and by how much at most.

use super::cells::{Cell, Difference};
use super::pages::Page;
use super::shape::Shape;
use crate::error::Result;

/// The rows of a table in both snapshots. Of filtered tables, those rows for which the filter holds in A or in B.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counts {
    /// Rows whose keys A alone has.
    pub only_a: u64,
    /// Rows whose keys B alone has.
    pub only_b: u64,
    /// Rows of both in which a compared column differs.
    pub changed: u64,
    /// Rows of both in which none does.
    pub equal: u64,
    /// The columns that differ in some row, in the order of the table.
    pub columns: Vec<ColumnCount>,
}

impl Counts {
    /// The rows of A.
    pub fn rows_a(&self) -> u64 {
        self.only_a + self.changed + self.equal
    }

    /// The rows of B.
    pub fn rows_b(&self) -> u64 {
        self.only_b + self.changed + self.equal
    }

    /// Whether all rows are equal.
    pub fn is_equal(&self) -> bool {
        self.only_a == 0 && self.only_b == 0 && self.changed == 0
    }
}

/// How often a column differs.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnCount {
    /// The column.
    pub column: String,
    /// The rows in which it differs.
    pub cells: u64,
    /// The largest difference; `None` for columns that are no quantities, and where one of both values is always null.
    pub largest: Option<Largest>,
}

/// The largest difference of a column, the first of several by the key.
#[derive(Debug, Clone, PartialEq)]
pub struct Largest {
    /// How much B has more.
    pub difference: Difference,
    /// The value in A.
    pub old: Option<String>,
    /// The value in B.
    pub new: Option<String>,
    /// The key of the row, null as `None`.
    pub key: Vec<Option<String>>,
}

/// What is counted so far of one column.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    cells: u64,
    largest: Option<Largest>,
}

impl Tally {
    /// Counts the rows of `rows` in which a column differs; `a` and `b` are the first rows of both pages that are compared.
    pub fn add(
        &mut self,
        is_quantity: bool,
        column: usize,
        (a, from_a): (&Page, usize),
        (b, from_b): (&Page, usize),
        rows: &[usize],
    ) -> Result<()> {
        self.cells += rows.len() as u64;
        let (Some(old), Some(new)) = (a.values.get(column), b.values.get(column)) else { return Ok(()) };
        for row in rows.iter().filter(|_| is_quantity) {
            let (old, new) = (Cell { array: old, row: from_a + row }, Cell { array: new, row: from_b + row });
            let Some(difference) = Difference::of(old, new) else { continue };
            if self.largest.as_ref().is_none_or(|largest| difference.is_larger_than(largest.difference)) {
                self.largest = Some(Largest { difference, old: old.text()?, new: new.text()?, key: b.key(new.row)? });
            }
        }
        Ok(())
    }
}

/// The columns that differ.
pub(super) fn columns(shape: &Shape, tallies: Vec<Tally>) -> Vec<ColumnCount> {
    let named = shape.columns.iter().zip(tallies).filter(|(_, tally)| tally.cells > 0);
    named.map(|(column, tally)| ColumnCount { column: column.clone(), cells: tally.cells, largest: tally.largest }).collect()
}
