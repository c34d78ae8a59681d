//! A table made alone, for tests: its own folds over the customers of a test, and nothing that it does not declare.

use std::sync::Arc;

use arrow::compute::concat_batches;
use arrow::record_batch::RecordBatch;

use super::customers::{Customer, give};
use crate::error::Result;
use crate::fold::folds::{Folds, Gathered};
use crate::fold::selection::Selection;
use crate::history::{Context, Fold};
use crate::input::records::facts::Facts;
use crate::spec::schema::schema;
use crate::table::night::Night;
use crate::table::read;
use crate::table::request::Request;
use crate::table::unit::AnyTable;

/// The batches of a table of a night, each written under the table's own card.
///
/// # Errors
/// Those of making the table.
pub fn batches(table: &'static dyn AnyTable, night: &Night) -> Result<Vec<RecordBatch>> {
    let mut batches = Vec::new();
    table.write(night, &mut |card, batch| {
        assert_eq!(card.name, table.card().name);
        batches.push(batch);
        Ok(())
    })?;
    Ok(batches)
}

/// The rows of a table of a night as one batch.
pub fn of_night(table: &'static dyn AnyTable, night: &Night) -> RecordBatch {
    let card = table.card().published(&|need| night.context.inputs.has(need));
    concat_batches(&schema(&card, &night.context.ids), &batches(table, night).unwrap()).unwrap()
}

/// The night of a job without small inputs that requests nothing, with what folds gathered.
pub fn night_of(context: &Context, gathered: Gathered) -> Night {
    Night::new(Arc::new(context.clone()), Arc::default(), Request::NOTHING, gathered)
}

/// A table of such a night.
pub fn made_of(table: &'static dyn AnyTable, context: &Context, gathered: Gathered) -> RecordBatch {
    of_night(table, &night_of(context, gathered))
}

/// A table whose folds met parts of the customers apart; by turns the parts are absorbed as they are and merged as states.
pub fn made_with(table: &'static dyn AnyTable, context: &Context, facts: &Facts, request: Request, parts: &[&[Customer]]) -> RecordBatch {
    let mut selection = Selection::default();
    read::select(table.reads(), &request, &mut selection);
    // As threads and as processes do.
    let mut folds = Folds::start(context, &selection);
    for (number, part) in parts.iter().enumerate() {
        let mut own = Folds::start(context, &selection);
        give(&mut own, *part);
        if number % 2 == 0 { folds.absorb(own).unwrap() } else { folds.merge(&own.state().unwrap()).unwrap() }
    }
    of_night(table, &Night::new(Arc::new(context.clone()), Arc::new(facts.clone()), request, folds.finish()))
}

/// A table that needs no facts, in a job that requests nothing beside its orders.
pub fn made(table: &'static dyn AnyTable, context: &Context, customers: &[Customer]) -> RecordBatch {
    made_with(table, context, &Facts::default(), Request::NOTHING, &[customers])
}
