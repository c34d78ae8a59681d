//! Layouts: the names of the columns of a tally's state, and which of its keys are codes.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int32Array, Int64Array};
use arrow::datatypes::{DataType, Field, Int32Type, Int64Type, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;

use super::codes::{CodeOf, coded};
use crate::error::{Error, Result};

/// A key column.
#[derive(Debug, Clone, Copy)]
pub enum Key {
    /// Codes of that dictionary; the column has its name.
    Code(CodeOf),
    /// The same in a column of another name.
    Named(CodeOf, &'static str),
    /// Numbers with the same meaning in every process, in a column of that name.
    Number(&'static str),
}

/// The columns of a state: `K` Int32 keys, the Int32 position, `N` Int64 counters.
#[derive(Debug, Clone, Copy)]
pub struct Layout<const K: usize, const N: usize> {
    /// The keys of a line.
    pub keys: [Key; K],
    /// The name of the position of a cell: a day, a period, a number of days.
    pub position: &'static str,
    /// The names of the counters.
    pub counters: [&'static str; N],
}

impl<const K: usize, const N: usize> Layout<K, N> {
    fn schema(&self) -> SchemaRef {
        let key = |key: &Key| match key {
            Key::Code(of) => coded(Field::new(of.name(), DataType::Int32, false), *of),
            Key::Named(of, name) => coded(Field::new(*name, DataType::Int32, false), *of),
            Key::Number(name) => Field::new(*name, DataType::Int32, false),
        };
        let position = Field::new(self.position, DataType::Int32, false);
        let counters = self.counters.iter().map(|name| Field::new(*name, DataType::Int64, false));
        Arc::new(Schema::new(self.keys.iter().map(key).chain([position]).chain(counters).collect::<Vec<_>>()))
    }

    /// Whether a batch has this layout.
    pub fn fits(&self, batch: &RecordBatch) -> bool {
        batch.schema().fields() == self.schema().fields()
    }

    /// Calls `add` with key, position and counters of each row of a batch. `add` returns `None` if it cannot add them.
    ///
    /// # Errors
    /// [`Error::Bug`] if the batch has another layout, or a row cannot be added.
    pub fn rows(&self, batch: &RecordBatch, mut add: impl FnMut([i32; K], i32, &[i64; N]) -> Option<()>) -> Result<()> {
        if !self.fits(batch) {
            return Err(Error::bug(format!("a state of the columns {} where {} are expected", batch.schema(), self.schema())));
        }
        let keys: Vec<&[i32]> = batch.columns()[..=K].iter().map(|column| column.as_primitive::<Int32Type>().values().as_ref()).collect();
        let counters: Vec<&[i64]> =
            batch.columns()[K + 1..].iter().map(|column| column.as_primitive::<Int64Type>().values().as_ref()).collect();
        for row in 0..batch.num_rows() {
            let (key, counters) = (std::array::from_fn(|number| keys[number][row]), std::array::from_fn(|number| counters[number][row]));
            add(key, keys[K][row], &counters).ok_or_else(|| Error::bug(format!("a tally cannot add {counters:?} at {key:?}")))?;
        }
        Ok(())
    }
}

/// The rows of a state that is being built.
pub struct Rows<'a, const K: usize, const N: usize> {
    layout: &'a Layout<K, N>,
    keys: [Vec<i32>; K],
    positions: Vec<i32>,
    counters: [Vec<i64>; N],
}

impl<'a, const K: usize, const N: usize> Rows<'a, K, N> {
    /// No rows yet.
    pub fn new(layout: &'a Layout<K, N>) -> Self {
        let (keys, counters) = (std::array::from_fn(|_| Vec::new()), std::array::from_fn(|_| Vec::new()));
        Rows { layout, keys, positions: Vec::new(), counters }
    }

    /// Adds the counters of a cell.
    pub fn push(&mut self, key: [i32; K], position: i32, counters: [i64; N]) {
        self.keys.iter_mut().zip(key).for_each(|(column, value)| column.push(value));
        self.positions.push(position);
        self.counters.iter_mut().zip(counters).for_each(|(column, value)| column.push(value));
    }

    /// The batch.
    ///
    /// # Errors
    /// [`Error::Bug`] where Arrow refuses the arrays.
    pub fn into_batch(self) -> Result<RecordBatch> {
        let keys = self.keys.into_iter().chain([self.positions]).map(|column| Arc::new(Int32Array::from(column)) as ArrayRef);
        let counters = self.counters.into_iter().map(|column| Arc::new(Int64Array::from(column)) as ArrayRef);
        Ok(RecordBatch::try_new(self.layout.schema(), keys.chain(counters).collect())?)
    }
}
