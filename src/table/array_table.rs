//! Tables on whole arrays: each column makes its array from the data of a batch, in a loop of its own.
//!
//! For tables with millions of rows, such as `customers`. A [`super::unit::Table`] collects its rows and calls a function for each row and
//! column; here the loop over rows is inside each column, where the compiler can optimise it.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::record_batch::RecordBatch;

use super::column::TableColumn;
use super::night::Night;
use super::rows::{Sink, published};
use super::unit::{Declared, MakeRows};
use crate::error::Result;
use crate::spec::schema::schema;
use crate::spec::{Card, Column, Kind};

/// A column of a table on whole arrays, made from the `Data` of a batch.
pub type ArrayColumn<Data> = TableColumn<fn(&Data) -> ArrayRef>;

/// A column that is never null, in version 1.
pub const fn array_column<Data>(
    name: &'static str,
    kind: Kind,
    unit: &'static str,
    chinese: &'static str,
    definition: &'static str,
    array: fn(&Data) -> ArrayRef,
) -> ArrayColumn<Data> {
    TableColumn { meaning: Column::new(name, kind, unit, chinese, definition), value: array }
}

/// A column that other tables have too: its shared meaning, with its array here.
pub const fn same_array<Data>(meaning: Column, array: fn(&Data) -> ArrayRef) -> ArrayColumn<Data> {
    TableColumn { meaning, value: array }
}

/// Makes the arrays of the columns.
pub fn arrays_of<Data>(columns: &[ArrayColumn<Data>], data: &Data) -> Vec<ArrayRef> {
    columns.iter().map(|column| (column.value)(data)).collect()
}

/// A result table on whole arrays. Its `rows` return the data of each batch, in the order of the key. They return it for all batches before
/// the first is made, so it refers to the rows of a batch and does not hold them.
pub type ArrayTable<Data> = Declared<fn(&Data) -> ArrayRef, fn(&Night) -> Result<Vec<Data>>>;

impl<Data: Send + Sync + 'static> MakeRows<fn(&Data) -> ArrayRef> for fn(&Night) -> Result<Vec<Data>> {
    /// Makes the next batch while the sink writes one.
    fn make(&self, card: &Card, columns: &'static [&'static [ArrayColumn<Data>]], night: &Night, sink: &mut Sink<'_>) -> Result<()> {
        let schema = schema(card, &night.context.ids);
        let made = |data: Data| -> Result<RecordBatch> {
            let arrays = published(card, columns).map(|column| (column.value)(&data)).collect();
            Ok(RecordBatch::try_new(Arc::clone(&schema), arrays)?)
        };
        let mut batches = self(night)?.into_iter();
        let mut next = batches.next().map(made);
        while let Some(ready) = next.take() {
            let ready = ready?;
            let mut following = batches.next();
            rayon::in_place_scope(|scope| {
                if following.is_some() {
                    scope.spawn(|_| next = following.take().map(made));
                }
                sink(card, ready)
            })?;
        }
        Ok(())
    }
}
