//! Reads the columns and rows that the page uses from the Parquet files of a snapshot, as integers.

use arrow::array::{Array, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use std::borrow::Cow;

use super::cells::{Texts, append};
use super::contents::contents;
use super::extract::Extract;
use crate::error::{Error, Result};
use crate::publish::Snapshot;
use crate::spec::card::{Card, Column};
use crate::table;

/// The part of a table that the page uses.
#[derive(Debug)]
pub struct TablePart {
    /// The declaration.
    pub extract: &'static Extract,
    /// The table's card.
    pub card: Cow<'static, Card>,
    /// Number of rows.
    pub rows: usize,
    columns: Vec<(Column, Vec<Option<i64>>)>,
}

/// The parts of all tables that the page uses.
#[derive(Debug, Default)]
pub struct PageSource {
    /// The tables that the snapshot has.
    pub parts: Vec<TablePart>,
    /// The ids of the shops; columns `shop_id` have their numbers.
    pub shops: Texts,
    /// All other texts.
    pub texts: Texts,
}

impl PageSource {
    /// Reads the extracts that [`contents`] declares.
    ///
    /// # Errors
    /// [`Error::Input`] where a file of the snapshot is damaged, [`Error::Bug`] where its schema is not that of the card.
    pub fn read(snapshot: &Snapshot) -> Result<PageSource> {
        let mut source = PageSource::default();
        for extract in contents() {
            if let (Some(_), Some(card)) = (snapshot.manifest.table(extract.table), table::card(extract.table)) {
                let part = TablePart::read(extract, card, snapshot, &mut source.shops, &mut source.texts)?;
                source.parts.push(part);
            }
        }
        Ok(source)
    }

    /// The part of a table.
    pub fn part(&self, table: &str) -> Option<&TablePart> {
        self.parts.iter().find(|part| part.extract.table == table)
    }
}

impl TablePart {
    fn read(
        extract: &'static Extract,
        card: Cow<'static, Card>,
        snapshot: &Snapshot,
        shops: &mut Texts,
        texts: &mut Texts,
    ) -> Result<TablePart> {
        let column = |name: &&'static str| {
            card.column(name).map(|column| (*column, Vec::new())).ok_or_else(|| Error::bug(format!("no column {name} in {}", card.name)))
        };
        let columns = extract.columns.iter().map(column).collect::<Result<Vec<_>>>()?;
        let mut part = TablePart { extract, card, rows: 0, columns };
        for batch in snapshot.batches(extract.table) {
            let batch = batch?;
            let rows = matching(&batch, extract)?;
            part.rows += rows.len();
            for (column, cells) in &mut part.columns {
                let texts = if column.name == "shop_id" { &mut *shops } else { &mut *texts };
                append(column, array(&batch, column.name)?, &rows, texts, cells)?;
            }
        }
        Ok(part)
    }

    /// The columns with their cells.
    pub fn columns(&self) -> impl Iterator<Item = (Column, &[Option<i64>])> {
        self.columns.iter().map(|(column, cells)| (*column, cells.as_slice()))
    }

    /// The cells of a column; none if the part does not have the column.
    pub fn cells(&self, name: &str) -> &[Option<i64>] {
        self.columns.iter().find(|(column, _)| column.name == name).map_or(&[], |(_, cells)| cells)
    }

    /// The cell in a column and row.
    pub fn cell(&self, name: &str, row: usize) -> Option<i64> {
        self.cells(name).get(row).copied().flatten()
    }
}

fn array<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a dyn Array> {
    let array = batch.column_by_name(name).ok_or_else(|| Error::bug(format!("a table of the snapshot has no column `{name}`")))?;
    Ok(array.as_ref())
}

/// The rows of a batch that fulfil `only`.
fn matching(batch: &RecordBatch, extract: &Extract) -> Result<Vec<usize>> {
    let mut rows: Vec<usize> = (0..batch.num_rows()).collect();
    let options = FormatOptions::new();
    for (name, values) in extract.only {
        let array = array(batch, name)?;
        let shown = ArrayFormatter::try_new(array, &options)?;
        rows.retain(|row| array.is_valid(*row) && values.contains(&shown.value(*row).to_string().as_str()));
    }
    Ok(rows)
}
