//! Tables on whole arrays: each column makes its array from the data of a batch, in a loop of its own.
//!
//! For tables with millions of rows, such as `customers`. A [`super::unit::Table`] collects its rows and calls a function for each row and
//! column; here the loop over rows is inside each column, where the compiler can optimise it.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use arrow::array::ArrayRef;
use arrow::record_batch::RecordBatch;

use super::column::TableColumn;
use super::night::{Night, Read};
use super::rows::Sink;
use super::unit::{AnyTable, Witness};
use crate::error::Result;
use crate::spec::schema::schema;
use crate::spec::{Card, Column, Kind, Need};

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

/// A result table on whole arrays. Registered by one line in [`super::catalogue::TABLES`], like every table.
pub struct ArrayTable<Data: 'static> {
    /// The name of the table and of its folder.
    pub name: &'static str,
    /// The Chinese name.
    pub chinese: &'static str,
    /// The question that the table answers.
    pub question: &'static str,
    /// What one row is.
    pub grain: &'static str,
    /// The key columns, which come first; rows are unique and sorted by them.
    pub key: &'static [&'static str],
    /// Inputs and columns without which the table cannot be built.
    pub needs: &'static [Need],
    /// Columns of the orders input that it uses when they are mapped.
    pub uses: &'static [&'static str],
    /// The folds and shared results from which the arrays are computed. The table can read nothing else.
    pub reads: &'static [Read],
    /// All columns in the order of the file.
    pub columns: &'static [ArrayColumn<Data>],
    /// Returns the data of each batch, in the order of the key. It is returned for all batches before the first is made, so it refers to
    /// the rows of a batch and does not hold them.
    pub batches: fn(&Night) -> Result<Vec<Data>>,
    /// The independent check of the table.
    pub witness: Witness,
    /// The card, made at first use.
    pub card: OnceLock<Card>,
}

impl<Data: Send + Sync> AnyTable for ArrayTable<Data> {
    fn card(&'static self) -> &'static Card {
        self.card.get_or_init(|| Card {
            name: Cow::Borrowed(self.name),
            chinese: self.chinese,
            question: Cow::Borrowed(self.question),
            grain: self.grain,
            key: self.key,
            columns: self.columns.iter().map(|column| column.meaning).collect(),
            needs: self.needs,
            uses: self.uses,
        })
    }

    fn reads(&self) -> &'static [Read] {
        self.reads
    }

    fn witness(&self) -> Witness {
        self.witness
    }

    /// Makes the next batch while the sink writes one.
    fn write(&'static self, night: &Night, sink: &mut Sink<'_>) -> Result<()> {
        let (card, columns) = (self.card(), self.columns);
        let schema = schema(card, &night.context.ids);
        let made = |data: Data| -> Result<RecordBatch> { Ok(RecordBatch::try_new(Arc::clone(&schema), arrays_of(columns, &data))?) };
        let mut batches = (self.batches)(night)?.into_iter();
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
