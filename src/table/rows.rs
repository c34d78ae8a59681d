//! Rows of a table: collected into batches and passed to the sink.

use arrow::record_batch::RecordBatch;

use super::column::{TableColumn, ValueColumn};
use crate::error::Result;
use crate::history::Context;
use crate::spec::Card;
use crate::spec::schema::schema;

/// Where finished rows go: the batches of a table come in the order of its key, those of different tables in any order.
pub type Sink<'a> = dyn FnMut(&Card, RecordBatch) -> Result<()> + 'a;

/// The same for tables that several threads make.
pub type SendSink<'a> = dyn FnMut(&Card, RecordBatch) -> Result<()> + Send + 'a;

/// Rows of a batch: as many as a row group of the file has.
pub(super) const BATCH: usize = 131_072;

/// Takes the rows of a table in the order of its key and passes them to the sink, batch by batch. A table without rows has no batch: the
/// writer of its file has the schema.
pub struct RowWriter<'a, Row: 'static> {
    card: &'a Card,
    columns: &'static [&'static [ValueColumn<Row>]],
    context: &'a Context,
    sink: &'a mut Sink<'a>,
    rows: Vec<Row>,
}

impl<'a, Row> RowWriter<'a, Row> {
    /// A writer without rows.
    pub fn new<'s: 'a>(
        card: &'a Card,
        columns: &'static [&'static [ValueColumn<Row>]],
        context: &'a Context,
        sink: &'a mut Sink<'s>,
    ) -> Self {
        RowWriter { card, columns, context, sink, rows: Vec::new() }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// What the sink returns.
    pub fn row(&mut self, row: Row) -> Result<()> {
        self.rows.push(row);
        if self.rows.len() == BATCH { self.flush() } else { Ok(()) }
    }

    /// Adds rows.
    ///
    /// # Errors
    /// What the sink returns.
    pub fn all(&mut self, rows: impl IntoIterator<Item = Row>) -> Result<()> {
        rows.into_iter().try_for_each(|row| self.row(row))
    }

    fn flush(&mut self) -> Result<()> {
        let batch = batch(self.card, self.columns, self.context, &self.rows)?;
        self.rows.clear();
        (self.sink)(self.card, batch)
    }

    /// Passes the remaining rows to the sink.
    ///
    /// # Errors
    /// What the sink returns.
    pub fn finish(self) -> Result<()> {
        let RowWriter { card, columns, context, sink, rows } = self;
        if rows.is_empty() {
            return Ok(());
        }
        let rest = batch(card, columns, context, &rows)?;
        // To write the batch takes memory too.
        drop(rows);
        sink(card, rest)
    }
}

/// The columns that the card has: a job without an input publishes no columns that need it.
pub(super) fn published<'a, Source>(
    card: &'a Card,
    columns: &'a [&'a [TableColumn<Source>]],
) -> impl Iterator<Item = &'a TableColumn<Source>> {
    columns.iter().flat_map(|group| group.iter()).filter(|column| card.column(column.meaning.name).is_some())
}

/// The rows as a batch with the schema of the card, which has these columns or some of them.
///
/// # Errors
/// [`crate::error::Error::Bug`] where Arrow refuses the arrays.
pub fn batch<Row>(card: &Card, columns: &[&[ValueColumn<Row>]], context: &Context, rows: &[Row]) -> Result<RecordBatch> {
    let arrays = published(card, columns).map(|column| column.array(context, rows)).collect();
    Ok(RecordBatch::try_new(schema(card, &context.ids), arrays)?)
}
