//! A run: from a plan to a published snapshot.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::record_batch::RecordBatch;
use hashbrown::HashMap;
use rayon::prelude::*;

use super::contacted::{ListRows, Sendings, contacted, unknown_sendings};
use super::fold::{Folded, fold_beside};
use super::freshness;
use super::load::{Loaded, load_from};
use super::manifest::{compared_with, identity, input_entry};
use super::observe::Observer;
use super::plan::Plan;
use super::restated::{Changes, Earlier, Explained, amounts, earlier, restate};
use super::state::{self, Begun, Inputs, StateList, others_read};
use super::steps::{Given, folded};
use crate::error::{Error, Result};
use crate::input::declared::columns;
use crate::input::parquet_files::reopen::unchanged;
use crate::input::rows::decoded::Decoded;
use crate::job::CoolDown;
use crate::partition::Budget;
use crate::publish::{Begin, Draft, EarlierList, Manifest, Published, ReadingEntry, SkippedTable, Store, TableWriter, Work, latest};
use crate::report::{self, brief};
use crate::spec::Card;
use crate::table::audience::lists::UNKNOWN_UNSUBSCRIBED;
use crate::table::catalogue;
use crate::table::forecast::FORECASTS;
use crate::table::forecast::doubts::warnings as forecast_warnings;
use crate::table::item::pairs::LARGE_BASKETS;
use crate::table::morning::brief as brief_table;
use crate::table::night::Night;
use crate::table::repurchase::lifecycle_limits::LIFECYCLE_LIMITS;
use crate::table::restatement::restatements;
use crate::table::shop::unrecorded::UNRECORDED_STEPS;

/// The outcome of a run without errors.
#[derive(Debug)]
pub enum RunOutcome {
    /// A new snapshot.
    Published(Box<Published>),
    /// The same work was done before.
    Unchanged(Box<Published>),
}

/// Runs a plan and publishes its snapshot in the store.
///
/// # Errors
/// [`crate::error::Error::Input`] where rows or files are wrong; [`crate::error::Error::Output`] where the snapshot cannot be written. The
/// latest snapshot is then what it was.
pub fn run(plan: &Plan, store: &Store, observer: &dyn Observer) -> Result<RunOutcome> {
    let earlier = plan.earlier_lists(store.out())?;
    let work = plan.work(&earlier);
    // A snapshot that was once published with `--allow-stale` is not published without it.
    if let Some(published) = store.find(&work)? {
        freshness::refuse(plan, &freshness::of_published(plan, &published.manifest))?;
    }
    match publish(plan, store, (&earlier, &work), (None, None), observer) {
        // A snapshot that stands already lacks nothing but its link.
        Err(Error::Output(cause)) if plan.state.writes && store.find(&work)?.is_none() => {
            // The room that the state took may be what the tables lack: the night comes first.
            match store.prune_states(&layers_of_latest(store)) {
                Ok(removed) if !removed.is_empty() => {
                    let cause = Error::Output(cause);
                    publish(plan, store, (&earlier, &work), (Some(&cause), None), observer)
                }
                _ => Err(Error::Output(cause)),
            }
        }
        done => done,
    }
}

/// Finishes a run of which other processes did the most: reads the small inputs, completes what was `given`, and publishes the snapshot. It leaves
/// no state, and its restatements have no causes: nobody has all lines.
///
/// # Errors
/// As [`run`].
pub fn finish(plan: &Plan, store: &Store, given: &mut Given, observer: &dyn Observer) -> Result<RunOutcome> {
    let earlier = plan.earlier_lists(store.out())?;
    let work = plan.work(&earlier);
    publish(plan, store, (&earlier, &work), (None, Some(given)), observer)
}

/// The layers that the latest snapshot names.
fn layers_of_latest(store: &Store) -> Vec<String> {
    latest(store.out()).ok().flatten().and_then(|latest| state::list_of(&latest.path)).map(StateList::names).unwrap_or_default()
}

/// Makes the snapshot. Leaves no state where the first trial to publish with one failed, and warns of it: `without_state` says why. What other
/// processes did is `given`.
fn publish(
    plan: &Plan,
    store: &Store,
    (earlier_lists, work): (&[EarlierList], &Work),
    (without_state, mut given): (Option<&Error>, Option<&mut Given>),
    observer: &dyn Observer,
) -> Result<RunOutcome> {
    let draft = match store.begin(work)? {
        Begin::Done(published) => return Ok(RunOutcome::Unchanged(published)),
        Begin::Work(draft) => draft,
    };
    let budget = Arc::new(Budget::new(plan.memory_limit, &draft.scratch()));
    let begun = state::begin(plan, store.out())?;
    let files = begun.files();
    let before = earlier(plan, store.out(), &identity(plan), &begun)?;
    let keeps = plan.state.writes && without_state.is_none();
    let mut attempt = |begun: &Begun| match given.as_deref_mut() {
        None => read_and_fold(plan, (earlier_lists, &before), begun, &draft, (keeps, &budget), observer),
        Some(given) => finish_fold(plan, earlier_lists, given, &budget, observer),
    };
    let read = match attempt(&begun) {
        // Blocks are read when they are needed: only then a damaged one shows.
        Err(cause) => match files.iter().find_map(|file| file.damage()) {
            Some(damage) => {
                budget.clean();
                attempt(&Begun::damaged(&format!("the state of the night before is damaged: {damage}")))?
            }
            None => return Err(cause),
        },
        done => done?,
    };
    let Read { folded: Folded { night, mut warnings, changes }, reading, state, why_not } = read;
    warnings.extend(without_state.map(no_state));
    budget.clean();
    forecast(plan, &night, observer)?;
    observer.phase("tables", plan.tables.len() as u64);
    let (of_tables, restated) = write(plan, &night, &draft, (&before, changes.ok_or(why_not)), observer)?;
    warnings.extend(of_tables);
    warnings.extend(doubts(&night)?);
    let mut manifest = Manifest {
        inputs: night.inputs.iter().map(|input| input_entry(plan, &night.context, input)).collect(),
        skipped: plan.skipped.iter().map(|skipped| SkippedTable { name: skipped.table.clone(), reason: skipped.reason.clone() }).collect(),
        warnings,
        currency: plan.job.currency.clone(),
        partial: plan.is_partial,
        restated,
        compared_with: compared_with(&before),
        cool_down_days: plan.days_of_lists().unwrap_or(0),
        spilled_bytes: budget.spilled_bytes(),
        threads: rayon::current_num_threads(),
        reading: Some(ReadingEntry { state_bytes: state.as_ref().map_or(0, |state| state.bytes), ..reading }),
        ..identity(plan)
    };
    if let Some(state) = &state {
        draft.file(state::FILE, &state.text()?)?;
    }
    if let Some(lang) = plan.job.output.report {
        observer.phase("report", 0);
        let preview = draft.preview(&manifest);
        draft.file(report::FILE, report::page(&preview, lang)?.as_bytes())?;
        draft.file(brief::FILE, brief::brief(&preview, lang, None)?.as_bytes())?;
    }
    unchanged(plan.datasets.values().flat_map(|dataset| &dataset.files))?;
    observer.phase("publish", 0);
    manifest.phases = observer.phases();
    manifest.peak_memory_bytes = observer.peak_memory_bytes();
    let published = draft.publish(manifest)?;
    // To free millions of small values takes a while, for which nobody need wait.
    rayon::spawn(move || drop(night));
    // Only now nothing needs what the night before left.
    if let Some(state) = &state {
        let needed: Vec<String> = state.clone().names().into_iter().chain(layers_of_latest(store)).collect();
        let _ = store.prune_states(&needed);
    }
    Ok(RunOutcome::Published(Box::new(published)))
}

/// What is known when all rows were read and folded.
struct Read {
    folded: Folded,
    reading: ReadingEntry,
    /// What is left for the next night.
    state: Option<StateList>,
    /// Why rows are not compared with those of the snapshot before, where they could be.
    why_not: String,
}

/// Reads all inputs, keeps what the next night can use, and folds.
fn read_and_fold(
    plan: &Plan,
    (earlier_lists, before): (&[EarlierList], &Earlier),
    begun: &Begun,
    draft: &Draft,
    (keeps, budget): (bool, &Arc<Budget>),
    observer: &dyn Observer,
) -> Result<Read> {
    let rows = rows_of(earlier_lists)?;
    let keeps = keeps && begun.is_before_the_next();
    let inputs = Inputs::of(plan, begun, keeps.then_some(draft));
    let others = others_read(plan, &inputs.decoded);
    let refunds_then = before.refunds_then(plan);
    let mut loaded = load_from(plan, begun, (Some(&inputs.decoded), refunds_then.as_ref()), budget, observer)?;
    drop(refunds_then);
    let mut warnings: Vec<String> = begun.damage().map(|damage| format!("{damage}; all rows were read anew")).into_iter().collect();
    warnings.extend(judge_loaded(plan, &mut loaded, rows)?);
    let state = match keeps {
        true => {
            observer.phase("state", 0);
            let also = |list: &mut StateList| inputs.keep(plan, begun, draft, list);
            keep(plan, draft, &loaded, (budget, also), &mut warnings)
        }
        false => None,
    };
    let reading = ReadingEntry { others: Some(others), ..std::mem::take(&mut loaded.reading) };
    let before = before.before(plan, &loaded, budget, &mut warnings);
    let mut folded = fold_beside(plan, loaded, before.as_ref().ok(), observer)?;
    folded.warnings.extend(warnings);
    Ok(Read { folded, reading, state, why_not: before.err().unwrap_or_default() })
}

/// The rows of earlier lists.
fn rows_of(earlier_lists: &[EarlierList]) -> Result<Vec<ListRows<'_>>> {
    earlier_lists.iter().map(|list| Ok((list, list.read()?))).collect()
}

/// Refuses inputs that are stale, and adds who was contacted. Returns warnings.
fn judge_loaded(plan: &Plan, loaded: &mut Loaded, rows: Vec<ListRows<'_>>) -> Result<Option<String>> {
    freshness::refuse(plan, &loaded.freshness)?;
    loaded.facts.listed = contacted(&loaded.context, &loaded.facts, rows, Sendings::Lists(&plan.job.strategies))?;
    let days = plan.cool_down_days().filter(|_| plan.job.params.cool_down != CoolDown::Listed);
    Ok(days.and_then(|days| unknown_sendings(&loaded.context, &loaded.facts, &plan.job.strategies, days)))
}

/// The same as [`read_and_fold`] where other processes read and folded the orders.
fn finish_fold(
    plan: &Plan,
    earlier_lists: &[EarlierList],
    given: &mut Given,
    budget: &Arc<Budget>,
    observer: &dyn Observer,
) -> Result<Read> {
    let rows = rows_of(earlier_lists)?;
    let counted = given.counted()?;
    let mut loaded = given.load(plan, budget, observer)?;
    let warnings = judge_loaded(plan, &mut loaded, rows)?;
    observer.phase("fold", 0);
    let others = Some(others_read(plan, &Decoded::default()));
    let orders = plan.datasets.get(columns::ORDERS.name);
    let reading = ReadingEntry { others, ..orders.map(state::reading_of_all).unwrap_or_default() };
    let mut folded = folded(plan, loaded, counted, &given.folded, given.plan.buckets)?;
    folded.warnings.extend(warnings);
    Ok(Read {
        folded,
        reading,
        state: None,
        why_not: "the run was made in steps, and none of them has the lines of all customers".to_owned(),
    })
}

/// Keeps the state, and `also` what follows its list. What hinders that does not hinder the night.
fn keep(
    plan: &Plan,
    draft: &Draft,
    loaded: &Loaded,
    (budget, also): (&Arc<Budget>, impl FnOnce(&mut StateList) -> Result<()>),
    warnings: &mut Vec<String>,
) -> Option<StateList> {
    let (_, ledger) = loaded.ledgers.iter().find(|(name, _)| *name == columns::ORDERS.name)?;
    let source = state::Source { shuffled: &loaded.shuffled, context: &loaded.context, ledger, for_state: &loaded.for_state };
    let kept = state::keep(plan, draft, &source, budget).and_then(|mut list| also(&mut list).map(|()| list));
    match kept {
        Ok(list) => {
            warnings.extend(state::held_open(plan, ledger));
            Some(list)
        }
        Err(cause) => {
            warnings.push(no_state(&cause));
            None
        }
    }
}

fn no_state(cause: &Error) -> String {
    format!("no state is left for the next night, which will read all rows: {}", cause.in_a_line())
}

/// What the shared results say against themselves, of those that were made: forecasts that do not deserve belief, limits of stages that could
/// not be suggested.
fn doubts(night: &Night) -> Result<Vec<String>> {
    let was_made = |name: &str| night.asked().contains(name);
    let mut doubts = Vec::new();
    if was_made(FORECASTS.name)
        && let Some(forecasts) = night.if_requested(&FORECASTS)?
    {
        doubts.extend(forecast_warnings(&night.context, &forecasts));
    }
    if was_made(UNKNOWN_UNSUBSCRIBED.name) {
        doubts.extend(night.shared(&UNKNOWN_UNSUBSCRIBED)?.warning());
    }
    if was_made(LARGE_BASKETS.name) {
        doubts.extend(night.shared(&LARGE_BASKETS)?.warning());
    }
    if was_made(LIFECYCLE_LIMITS.name) {
        doubts.extend(night.shared(&LIFECYCLE_LIMITS)?.warnings(&night.context));
    }
    if was_made(UNRECORDED_STEPS.name) {
        doubts.extend(night.shared(&UNRECORDED_STEPS)?.warnings(night));
    }
    Ok(doubts)
}

/// Makes what tables share before the tables where forecasts are among it, so that the time they take has their name. What else is shared is
/// made beside them: the search for a model of few customers keeps one thread busy.
fn forecast(plan: &Plan, night: &Night, observer: &dyn Observer) -> Result<()> {
    let wants = |name: &str| plan.wants(name);
    if catalogue::asks_for(&FORECASTS, &wants, &night.context.strategies, &night.request) {
        observer.phase("forecast", 0);
        catalogue::prepare(night, &|name| wants(name) && !catalogue::is_last(name))?;
    }
    Ok(())
}

/// Makes all tables and writes them into the draft: first those that say something of the inputs, then those that say something of these.
/// Returns warnings, and how many figures are restated, by cause.
///
/// # Errors
/// [`crate::error::Error::Output`] where they cannot be written.
fn write(
    plan: &Plan,
    night: &Night,
    draft: &Draft,
    (earlier, changes): (&Earlier, std::result::Result<Changes, String>),
    observer: &dyn Observer,
) -> Result<(Vec<String>, BTreeMap<String, u64>)> {
    write_tables(plan, night, draft, &|name| !catalogue::is_last(name), observer)?;
    let (mut warnings, mut restated) = (Vec::new(), BTreeMap::new());
    if !matches!(earlier, Earlier::Nothing) {
        observer.phase("compare", 0);
        let by = match changes {
            Ok(changes) => {
                let (amounts, orders) = amounts(plan, night, changes)?;
                Explained { amounts, orders, why_not: String::new() }
            }
            Err(why_not) => Explained { why_not, ..Explained::default() },
        };
        let (rows, of_rows) = restate(earlier, &draft.preview(&identity(plan)), &night.context, &by)?;
        for row in &rows {
            *restated.entry(row.cause.name().to_owned()).or_default() += 1;
        }
        restatements::set(night, rows)?;
        warnings = of_rows;
    }
    observer.phase("last_tables", 0);
    write_tables(plan, night, draft, &catalogue::is_last, observer)?;
    Ok((warnings, restated))
}

/// Makes the tables of which `is_now` holds. Each is written to its end as soon as it is made: what a table leaves to be encoded keeps a thread
/// busy while another one makes the next table.
fn write_tables(plan: &Plan, night: &Night, draft: &Draft, is_now: &(dyn Fn(&str) -> bool + Sync), observer: &dyn Observer) -> Result<()> {
    let start = |card| draft.result(card, &night.context.ids, &plan.job.currency);
    let cards = plan.tables.par_iter().filter(|card| is_now(&card.name));
    let started: Vec<Result<_>> = cards.map(|card| Ok((card.name.as_ref(), Mutex::new(Some(start(card)?))))).collect();
    let writers: HashMap<&str, Mutex<Option<TableWriter>>> = started.into_iter().collect::<Result<_>>()?;
    let writer = |card: &Card| writers.get(card.name.as_ref()).map(|writer| writer.lock().unwrap_or_else(PoisonError::into_inner));
    let sink = |card: &Card, batch: RecordBatch| match writer(card).as_mut().and_then(|writer| writer.as_mut()) {
        Some(writer) => writer.write(&batch),
        None => Ok(()),
    };
    let made = |card: &Card| {
        let writer = writer(card).and_then(|mut writer| writer.take());
        let Some(writer) = writer else { return Ok(()) };
        writer.finish()?;
        observer.step(1);
        Ok(())
    };
    let is_briefed = plan.wants(brief_table::TABLE.name);
    catalogue::write_some(night, &|name| plan.wants(name) && is_now(name), is_briefed, &sink, &made)
}
