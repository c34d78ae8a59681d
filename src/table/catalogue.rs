//! The catalogue: every result table, one line each. The declarations of tables decide what a run builds, skips, folds and reads.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use super::morning::briefing::{self, BRIEFING};
use super::night::{AnyShared, Night, Read, has};
use super::preparation;
use super::read;
use super::request::Request;
use super::rows::SendSink;
use super::unit::AnyTable;
use super::{
    affiliate, alert, assessment, audience, campaign, channel, customer, forecast, group, item, morning, order, plan, repurchase,
    restatement, run, service, shop, stage, total,
};
use arrow::record_batch::RecordBatch;
use rayon::prelude::*;

use crate::error::Result;
use crate::fold::selection::Selection;
use crate::job::strategy::Strategy;
use crate::spec::Card;

/// All result tables, in the order of the manual.
pub static TABLES: &[&dyn AnyTable] = &[
    &shop::shops::TABLE,
    &shop::events::TABLE,
    &shop::daily::TABLE,
    &shop::periods::TABLE,
    &shop::sales_drivers::TABLE,
    &shop::revenue_bridge::TABLE,
    &alert::alerts::TABLE,
    &total::daily::TABLE,
    &total::periods::TABLE,
    &order::payment_funnel::TABLE,
    &order::timing::TABLE,
    &order::promotions::TABLE,
    &order::basket_value::TABLE,
    &order::bands::TABLE,
    &item::items::TABLE,
    &item::days::TABLE,
    &item::refunds::TABLE,
    &channel::traffic_sources::TABLE,
    &channel::value::TABLE,
    &channel::keywords::TABLE,
    &item::pairs::TABLE,
    &affiliate::plans::TABLE,
    &service::conversion::TABLE,
    &assessment::quarterly::TABLE,
    &assessment::results::TABLE,
    &assessment::summary::TABLE,
    &repurchase::cohort_retention::TABLE_BY_DIMENSIONS,
    &repurchase::cohort_value::TABLE_BY_DIMENSIONS,
    &repurchase::intervals::TABLE_BY_DIMENSIONS,
    &repurchase::survival::TABLE_BY_DIMENSIONS,
    &repurchase::interval_histogram::TABLE_BY_DIMENSIONS,
    &repurchase::lifecycle_thresholds::TABLE,
    &customer::customers::TABLE,
    &customer::segment_value::TABLE,
    &customer::segment_migration::TABLE,
    &customer::revenue_concentration::TABLE,
    &customer::identity_effect::TABLE,
    &group::periods::TABLE,
    &group::customers::TABLE,
    &group::segment_value::TABLE,
    &group::cohort_retention::TABLE_BY_DIMENSIONS,
    &group::repurchase_intervals::TABLE_BY_DIMENSIONS,
    &group::overlap::TABLE,
    &forecast::models::TABLE,
    &forecast::calibration::TABLE,
    &forecast::months::TABLE,
    &plan::progress::TABLE,
    &campaign::effect::TABLE,
    &campaign::pooled::TABLE,
    &stage::store_stage::TABLE,
    &stage::metrics::TABLE,
    &audience::lists::TABLE,
    &restatement::restatements::TABLE,
    &morning::brief::TABLE,
    &run::rejects::TABLE,
    &run::inputs::TABLE,
];

/// The cards of all result tables; the lists of strategies are represented by their common shape.
pub fn cards() -> impl Iterator<Item = &'static Card> {
    TABLES.iter().flat_map(|table| std::iter::once(table.card()).chain(table.further_cards()))
}

/// The card of that name, if there is one, including lists of any job.
pub fn card(name: &str) -> Option<Cow<'static, Card>> {
    let known = cards().find(|card| card.name == name).map(Cow::Borrowed);
    known.or_else(|| audience::card::card_named(name).map(Cow::Owned))
}

/// The tables that a job with these strategies can have, each with its maker; a list for each strategy.
pub fn tables_of(strategies: &[Strategy]) -> impl Iterator<Item = (&'static dyn AnyTable, Cow<'static, Card>)> {
    TABLES.iter().flat_map(move |table| table.cards(strategies).into_iter().map(move |card| (*table, card)))
}

/// What a table reads, and the table that it writes too.
pub fn reads_of(table: &'static dyn AnyTable) -> Vec<Read> {
    let followed = table.follows().map_or(&[] as &[Read], |followed| followed.reads());
    [table.reads(), followed].concat()
}

/// The folds that the wanted tables of a job read.
pub fn selection(wanted: &dyn Fn(&str) -> bool, strategies: &[Strategy], request: &Request) -> Selection {
    let mut selection = Selection::default();
    for (table, _) in tables_of(strategies).filter(|(_, card)| wanted(&card.name)) {
        read::select(&reads_of(table), request, &mut selection);
    }
    selection
}

/// Whether any of the wanted tables reads a shared result, itself or through others.
pub fn asks_for(shared: &'static dyn AnyShared, wanted: &dyn Fn(&str) -> bool, strategies: &[Strategy], request: &Request) -> bool {
    let mut left: Vec<Read> = tables_of(strategies).filter(|(_, card)| wanted(&card.name)).flat_map(|(table, _)| reads_of(table)).collect();
    while let Some(read) = left.pop() {
        match read {
            Read::Shared(read) | Read::IfRequested(read) if read.name() == shared.name() => return has(read, request),
            Read::Shared(read) | Read::IfRequested(read) if has(read, request) => left.extend(read.reads(request)),
            _ => {}
        }
    }
    false
}

/// Whether a table is made when all before it are written: it says something of these.
pub fn is_last(name: &str) -> bool {
    [restatement::restatements::TABLE.name, morning::brief::TABLE.name].contains(&name)
}

/// Makes the shared results that the wanted tables read.
///
/// # Errors
/// Those of making them.
pub fn prepare(night: &Night, wanted: &dyn Fn(&str) -> bool) -> Result<()> {
    let tables = tables_of(&night.context.strategies).filter(|(_, card)| wanted(&card.name));
    preparation::prepare(night, &tables.flat_map(|(table, _)| reads_of(table)).collect::<Vec<Read>>())
}

/// Makes the wanted tables and passes their rows to `sink`, which must ignore rows of other tables.
///
/// # Errors
/// What the sink returns; [`crate::error::Error::Bug`] if a table does not fit its card, or reads something that it does not declare.
pub fn write(night: &Night, wanted: &(dyn Fn(&str) -> bool + Sync), sink: &mut SendSink<'_>) -> Result<()> {
    let sink = Mutex::new(sink);
    let shared = |card: &Card, batch: RecordBatch| sink.lock().unwrap_or_else(PoisonError::into_inner)(card, batch);
    write_some(night, wanted, wanted(morning::brief::TABLE.name), &shared, &|_| Ok(()))
}

/// The same of a run that makes its tables in several steps, to a sink of several threads; `is_briefed` says whether its brief is to hear of
/// these. `made` hears of each table when the sink has all its rows.
///
/// # Errors
/// As for [`write`]; what `made` returns.
pub fn write_some(
    night: &Night,
    wanted: &(dyn Fn(&str) -> bool + Sync),
    is_briefed: bool,
    sink: &(dyn Fn(&Card, RecordBatch) -> Result<()> + Sync),
    made: &(dyn Fn(&Card) -> Result<()> + Sync),
) -> Result<()> {
    let is_wanted = |table: &'static dyn AnyTable| table.cards(&night.context.strategies).iter().any(|card| wanted(&card.name));
    let mut tables: Vec<&'static dyn AnyTable> = TABLES.iter().copied().filter(|table| is_wanted(*table)).collect();
    let followed: Vec<&str> = tables.iter().filter_map(|table| table.follows()).map(|table| table.card().name.as_ref()).collect();
    tables.retain(|table| !followed.contains(&table.card().name.as_ref()));
    // What takes longest comes first: begun last, it would keep one thread busy while the others have nothing left to do.
    tables.sort_by_key(|table| table.follows().unwrap_or(*table).card().name != customer::customers::TABLE.card().name);
    let briefing = if is_briefed { Some(night.shared(&BRIEFING)?) } else { None };
    // A table that waits for a shared result which another one makes would hold its thread.
    prepare(night, wanted)?;
    let make = |table: &'static dyn AnyTable| {
        let mut own = |card: &Card, batch: RecordBatch| {
            if !wanted(&card.name) {
                return Ok(());
            }
            if let Some(briefing) = &briefing {
                briefing::hear(briefing, card, &batch);
            }
            sink(card, batch)
        };
        night.make(&table.card().name, &reads_of(table), |night| table.write(night, &mut own))?;
        let cards =
            table.cards(&night.context.strategies).into_iter().chain(table.follows().map(|followed| Cow::Borrowed(followed.card())));
        cards.filter(|card| wanted(&card.name)).try_for_each(|card| made(&card))
    };
    let (last, others): (Vec<_>, Vec<_>) = tables.into_iter().partition(|table| is_last(&table.card().name));
    let results: Vec<Result<()>> = others.into_par_iter().with_max_len(1).map(make).collect();
    results.into_iter().collect::<Result<()>>()?;
    last.into_iter().try_for_each(make)
}
