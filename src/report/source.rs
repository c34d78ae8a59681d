//! Reads the columns and rows that the page uses from the Parquet files of a snapshot, as integers.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Date32Type;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use std::borrow::Cow;

use super::cells::{Texts, append, array};
use super::chances::{self, Chances};
use super::contents::contents;
use super::extract::{Extract, Thinning};
use super::largest::largest_of_batch;
use super::listed_items::ListedItems;
use super::lists::{self, List};
use crate::error::{Error, Result};
use crate::publish::Snapshot;
use crate::spec::card::{Card, Column, Kind};
use crate::spec::{Day, Grain};
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
    /// The ids of the shops; columns of shops have their numbers.
    pub shops: Texts,
    /// All other texts.
    pub texts: Texts,
    /// The chances of segments to buy again, which no table has.
    pub chances: Chances,
    /// The lists, whose tables the page has no rows of.
    pub lists: Vec<List>,
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
                let mut listed = ListedItems::default();
                if let (Thinning::DaysOfItems(_), Some(items)) = (extract.thin, source.part("items")) {
                    listed = ListedItems::of(items.cells("shop_id"), items.cells("item_id"), &source.shops, &source.texts);
                }
                let part = TablePart::read(extract, card, snapshot, &listed, &mut source.shops, &mut source.texts)?;
                source.parts.push(part);
            }
        }
        source.chances = chances::read(snapshot)?;
        source.lists = lists::read(snapshot)?;
        Ok(source)
    }

    /// What the shops of the page are called: the name of a single one, or its id where the inputs do not say; `None` for any other number.
    pub fn only_shop(&self) -> Option<&str> {
        let [shop] = self.shops.all() else { return None };
        let code = self.part("shops").and_then(|part| part.cell("name", 0));
        let name = code.and_then(|code| self.texts.all().get(usize::try_from(code).ok()?));
        Some(name.filter(|name| !name.trim().is_empty()).unwrap_or(shop))
    }

    /// The texts in a column of a table, each as often as it is there; none where the page does not have it.
    pub fn texts_of(&self, table: &str, column: &str) -> impl Iterator<Item = &String> {
        let cells = self.part(table).map_or(&[] as &[Option<i64>], |part| part.cells(column));
        cells.iter().filter_map(|code| self.texts.all().get(usize::try_from((*code)?).ok()?))
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
        listed: &ListedItems,
        shops: &mut Texts,
        texts: &mut Texts,
    ) -> Result<TablePart> {
        let column = |name: &&'static str| {
            card.column(name).map(|column| (*column, Vec::new())).ok_or_else(|| Error::bug(format!("no column {name} in {}", card.name)))
        };
        // A job without the input of a column has no such column.
        let schema = snapshot.schema(extract.table)?;
        let is_published =
            |name: &&&'static str| schema.column_with_name(name).is_some() || card.column(name).is_none_or(|column| column.needs.is_none());
        let columns = extract.columns.iter().filter(is_published).map(column).collect::<Result<Vec<_>>>()?;
        let mut part = TablePart { extract, card, rows: 0, columns };
        let as_of = snapshot.manifest.as_of;
        // The last complete month, before which such rows are not shown.
        let first_month = Grain::Month.start(Grain::Month.index(as_of) - 1);
        for batch in snapshot.batches(extract.table) {
            let batch = batch?;
            let mut rows = matching(&batch, extract)?;
            match extract.thin {
                Thinning::Largest { by, of } => {
                    if let [_, month] = of {
                        rows = since(&batch, rows, month, first_month)?;
                    }
                    rows = largest_of_batch(&batch, &rows, &part.card, by, of)?;
                }
                Thinning::DaysOfItems(days) => rows = listed.rows_of(&batch, since(&batch, rows, "date", as_of - days + 1)?)?,
                _ => {}
            }
            part.rows += rows.len();
            for (column, cells) in &mut part.columns {
                let texts = if column.kind == Kind::ShopId { &mut *shops } else { &mut *texts };
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

/// Of some rows of a batch those of a day or later.
fn since(batch: &RecordBatch, mut rows: Vec<usize>, column: &str, first: Day) -> Result<Vec<usize>> {
    let days = array(batch, column)?.as_primitive::<Date32Type>();
    rows.retain(|row| days.is_valid(*row) && days.value(*row) >= first);
    Ok(rows)
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
