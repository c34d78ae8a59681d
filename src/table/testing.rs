//! A table made alone, for tests: its own folds over the customers of a test, and nothing that it does not declare.

use std::sync::Arc;

use arrow::compute::concat_batches;
use arrow::record_batch::RecordBatch;

use super::night::Night;
use super::read;
use super::request::Request;
use super::unit::AnyTable;
use crate::error::Result;
use crate::fold::folds::Folds;
use crate::fold::selection::Selection;
use crate::history::Context;
use crate::input::facts::Facts;
use crate::spec::schema::schema;

/// The rows of a table as one batch; `feed` shows the customers of the test to the folds.
///
/// # Errors
/// Those of making the table.
pub fn made(
    table: &'static dyn AnyTable,
    context: &Context,
    facts: &Facts,
    request: Request,
    feed: impl FnOnce(&mut Folds),
) -> Result<RecordBatch> {
    let mut selection = Selection::default();
    read::select(table.reads(), &request, &mut selection);
    let mut folds = Folds::start(context, &selection);
    feed(&mut folds);
    let night = Night::new(Arc::new(context.clone()), Arc::new(facts.clone()), request, folds.finish());
    of_night(table, &night)
}

/// The rows of a table of a night as one batch.
///
/// # Errors
/// Those of making the table.
pub fn of_night(table: &'static dyn AnyTable, night: &Night) -> Result<RecordBatch> {
    let mut batches = Vec::new();
    table.write(night, &mut |_, batch| {
        batches.push(batch);
        Ok(())
    })?;
    Ok(concat_batches(&schema(table.card(), &night.context.ids), &batches)?)
}

/// The same of a table that needs no facts, in a job that requests nothing beside its orders.
pub fn plainly_made(table: &'static dyn AnyTable, context: &Context, feed: impl FnOnce(&mut Folds)) -> RecordBatch {
    made(table, context, &Facts::default(), Request::NOTHING, feed).unwrap()
}
