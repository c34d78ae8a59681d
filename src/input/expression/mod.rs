//! SQL expressions over the columns of a file, evaluated by Polars, batch by batch.

mod allowed;
mod functions;
mod hand_over;
mod refused;
mod syntax;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;
use polars::prelude::{Column, DataFrame, Expr, IntoLazy, PlSmallStr, Selector};
use polars::sql::sql_expr;

pub use functions::{FORMS, FUNCTIONS, Function};
use hand_over::{from_polars, to_polars};
pub use refused::Refused;

/// The expressions of one input: those to which columns are mapped, and the filter.
#[derive(Debug, Clone, Default)]
pub struct Expressions {
    columns: Vec<(usize, Expr)>,
    filter: Option<Expr>,
}

/// The values of the expressions over a batch.
#[derive(Debug, Default)]
pub struct Evaluated {
    /// The position of a column in its input, and its values.
    pub columns: Vec<(usize, ArrayRef)>,
    /// Whether the filter keeps each row; null counts as no.
    pub filter: Option<BooleanArray>,
}

impl Expressions {
    /// Parses an SQL expression over the columns of a row.
    ///
    /// # Errors
    /// What it contains but may not: text that is not SQL, or SQL that uses other rows, of which it would see those of its batch only.
    pub fn parse(text: &str) -> Result<Expr, Refused> {
        quieten();
        // Trees are walked and dropped recursively.
        stacker::grow(STACK, || {
            syntax::check(text)?;
            let expression = sql_expr(text).map_err(|cause| Refused::new(first_line(cause)))?;
            Ok(expression.map_expr(literal_name))
        })
    }

    /// Adds the expression to which the column at a position of the input is mapped.
    pub fn column(&mut self, position: usize, expression: Expr) {
        self.columns.push((position, expression.alias(PlSmallStr::from_string(format!("huitou_{position}")))));
    }

    /// Sets the filter.
    pub fn filter(&mut self, expression: Expr) {
        self.filter = Some(expression.alias(PlSmallStr::from_static("huitou_filter")));
    }

    /// Whether there is nothing to evaluate.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.filter.is_none()
    }

    /// The names of the file's columns that the expressions read.
    pub fn roots(&self) -> BTreeSet<String> {
        let all = self.columns.iter().map(|(_, expression)| expression).chain(&self.filter);
        all.flat_map(|expression| expression.clone().meta().root_names()).map(|name| name.to_string()).collect()
    }

    /// Evaluates all expressions over the batch, which has at least the columns of [`Expressions::roots`], and the Hive
    /// partitions that the rows lie in, which are text.
    ///
    /// # Errors
    /// The error of Polars: a missing column, types that do not match.
    pub fn evaluate(&self, batch: &RecordBatch, partitions: &[(String, String)]) -> Result<Evaluated, String> {
        if self.is_empty() {
            return Ok(Evaluated::default());
        }
        let roots = self.roots();
        let mut series = Vec::new();
        for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            if roots.contains(field.name()) {
                series.push(Column::from(to_polars(field.name(), array)?));
            }
        }
        let height = batch.num_rows();
        for (key, value) in partitions {
            if roots.contains(key) && batch.schema_ref().index_of(key).is_err() {
                let value = polars::prelude::Scalar::from(PlSmallStr::from_str(value));
                series.push(Column::new_scalar(PlSmallStr::from_str(key), value, height));
            }
        }
        // A column of its own for expressions that read none: it gives the number of rows for constants.
        series.push(Column::new_scalar(PlSmallStr::from_static("huitou_rows"), polars::prelude::Scalar::from(true), height));
        let frame = DataFrame::new(height, series).map_err(|cause| cause.to_string())?;
        let expressions: Vec<Expr> = self.columns.iter().map(|(_, expression)| expression.clone()).chain(self.filter.clone()).collect();
        // `with_columns` and not `select`: a constant then fills every row.
        let collected = catch_unwind(AssertUnwindSafe(|| frame.lazy().with_columns(expressions).collect()));
        let result = collected.map_err(|_| "Polars panics over it: check which types its functions are given")?.map_err(first_line)?;
        let array = |name: &str| -> Result<ArrayRef, String> {
            let column = result.column(name).map_err(|cause| cause.to_string())?;
            from_polars(column.as_materialized_series())
        };
        let mut evaluated = Evaluated::default();
        for (position, _) in &self.columns {
            evaluated.columns.push((*position, array(&format!("huitou_{position}"))?));
        }
        if self.filter.is_some() {
            let filter = array("huitou_filter")?;
            let found = filter.data_type().clone();
            let filter = filter
                .as_any()
                .downcast_ref::<BooleanArray>()
                .ok_or(format!("a filter is true or false for a row, this one gives {found}"))?;
            evaluated.filter = Some(filter.clone());
        }
        if evaluated.columns.iter().any(|(_, array)| array.len() != height) {
            return Err("an expression must give one value a row; aggregates over all rows cannot be used".to_owned());
        }
        Ok(evaluated)
    }

    /// The types of the expressions over files of that schema.
    ///
    /// # Errors
    /// As [`Expressions::evaluate`].
    pub fn check(&self, schema: &Schema, partitions: &[(String, String)]) -> Result<Evaluated, String> {
        self.evaluate(&RecordBatch::new_empty(Arc::new(schema.clone())), partitions)
    }
}

/// Silences the warnings of Polars for Rust callers, which go to standard error, where `run --quiet` shows errors only: `DATE '2026-01-31'`
/// is a cast that Polars will deprecate. Authors of job files can do nothing about it.
fn quieten() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| polars::error::set_warning_function(|_, _| ()));
}

/// The stack that parsing may use, in bytes.
const STACK: usize = 64 << 20;

/// Turns selectors back into columns: Polars parses a column called `*` as all columns, and one called `^…$` as a pattern.
fn literal_name(node: Expr) -> Expr {
    match node {
        Expr::Selector(Selector::Wildcard) => Expr::Column(PlSmallStr::from_static("*")),
        Expr::Selector(Selector::Matches(name)) => Expr::Column(name),
        node => node,
    }
}

/// The first line of a message of Polars. The query plans that follow do not help authors of job files.
fn first_line(cause: impl std::fmt::Display) -> String {
    cause.to_string().lines().next().unwrap_or_default().to_owned()
}
