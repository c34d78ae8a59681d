//! Columns of times and money, and schemas.

use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal128Array, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use super::order::NEVER;
use super::world::World;

/// A schema in which all columns are nullable, as in data warehouses.
pub fn schema(columns: &[(&str, DataType)]) -> SchemaRef {
    Arc::new(Schema::new(columns.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true)).collect::<Vec<_>>()))
}

/// Times of the local wall clock.
#[derive(Debug, Default)]
pub struct Times(Vec<Option<i64>>);

impl Times {
    /// Microseconds without a zone.
    pub const TYPE: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

    /// Adds a second of the calendar; null for [`NEVER`].
    pub fn push(&mut self, world: &World, second: u32) {
        self.0.push((second != NEVER).then(|| world.calendar.micros(second)));
    }

    /// The column.
    pub fn finish(self) -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from(self.0))
    }
}

/// Amounts of money.
#[derive(Debug, Default)]
pub struct Money(Vec<Option<i128>>);

impl Money {
    /// Yuan with two decimals.
    pub const TYPE: DataType = DataType::Decimal128(18, 2);

    /// Adds an amount in fen.
    pub fn push(&mut self, fen: Option<i64>) {
        self.0.push(fen.map(i128::from));
    }

    /// The column.
    pub fn finish(self) -> ArrayRef {
        Arc::new(Decimal128Array::from(self.0).with_data_type(Self::TYPE))
    }
}
