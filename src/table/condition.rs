//! A condition in SQL over the rows of a result table.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal128Type, Field, Float64Type, Schema};

use crate::input::expression::{Expressions, Refused};
use crate::metric::ratio::in_units_of;

/// Why a condition cannot be evaluated, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub cause: String,
    /// What to write instead.
    pub help: &'static str,
}

impl Refusal {
    fn types(cause: impl std::fmt::Display) -> Self {
        Refusal { cause: cause.to_string(), help: "money is a number here, text stands in single quotes, and a day is DATE '2026-01-31'" }
    }
}

/// A condition: true or false for a row.
#[derive(Debug, Clone)]
pub struct Condition(Expressions);

impl Condition {
    /// Parses a condition, as it would follow WHERE.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Condition, Refused> {
        let mut expressions = Expressions::default();
        expressions.column(0, Expressions::parse(text)?);
        Ok(Condition(expressions))
    }

    /// The columns that it names.
    pub fn columns(&self) -> BTreeSet<String> {
        self.0.roots()
    }

    /// Evaluates the condition for the rows of a batch, which has all of its columns: true, false or null.
    ///
    /// # Errors
    /// If it cannot be evaluated, or its result is neither true nor false.
    pub fn evaluate(&self, batch: &RecordBatch) -> Result<BooleanArray, Refusal> {
        let seen = self.in_numbers(batch).map_err(Refusal::types)?;
        self.0.check(seen.schema_ref(), &[]).map_err(Refusal::types)?;
        let mut found = self.0.evaluate(&seen, &[]).map_err(Refusal::types)?.columns.into_iter();
        let array = found.next().map(|(_, array)| array).ok_or_else(|| Refusal::types("it gives nothing"))?;
        array.as_boolean_opt().cloned().ok_or_else(|| Refusal {
            cause: format!("it gives {} where a condition is true or false", array.data_type()),
            help: "compare what it gives with something, such as > 0",
        })
    }

    /// The columns that the condition names. Money is a number of the currency's unit, as people write it; a hundredth of a whole
    /// number of minor units is the float that its decimal text is read as, so that `= 99.9` holds for 99.90.
    fn in_numbers(&self, batch: &RecordBatch) -> Result<RecordBatch, arrow::error::ArrowError> {
        let named = self.columns();
        let schema = batch.schema();
        let mut fields = Vec::new();
        let mut columns: Vec<ArrayRef> = Vec::new();
        for (field, array) in schema.fields().iter().zip(batch.columns()).filter(|(field, _)| named.contains(field.name())) {
            let array: ArrayRef = match array.data_type() {
                DataType::Decimal128(..) => {
                    Arc::new(array.as_primitive::<Decimal128Type>().unary::<_, Float64Type>(|minor| in_units_of(100.0, minor as f64)))
                }
                DataType::Utf8View => cast(array, &DataType::LargeUtf8)?,
                _ => Arc::clone(array),
            };
            fields.push(Field::new(field.name(), array.data_type().clone(), true));
            columns.push(array);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
    }
}
