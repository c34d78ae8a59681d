//! A run: plan to snapshot.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use rayon::slice::ParallelSliceMut;

use super::load::{Loaded, load};
use super::observe::Observer;
use super::plan::Plan;
use crate::error::{Error, Result};
use crate::history::census::Findings;
use crate::history::pass;
use crate::history::refunds::{RefundIndex, asked};
use crate::history::settle::Settled;
use crate::history::{Context, conflicts::Conflicts};
use crate::input::facts::{Facts, Refund, Scores};
use crate::input::ledger::{Account, Ledger, Reason, Reject};
use crate::input::refunds::Application;
use crate::partition::Budget;
use crate::publish::{Begin, Draft, InputEntry, InputFile, Manifest, Published, RowEquation, SkippedTable, Store, TableWriter};
use crate::spec::period::iso;
use crate::spec::{Card, Day, NO_DAY, NO_TIME, day_of_time};
use crate::table::{self, Suite};

/// What came of a run; a foreseen outcome, not an error.
#[derive(Debug)]
pub enum Outcome {
    /// A new snapshot.
    Published(Box<Published>),
    /// The same work was done before.
    Unchanged(Box<Published>),
}

/// Runs a plan and publishes its snapshot in the store.
///
/// # Errors
/// [`Error::Input`] where rows or files are wrong; [`Error::Output`] where the snapshot cannot be written. The latest
/// snapshot is then what it was.
pub fn run(plan: &Plan, store: &Store, observer: &dyn Observer) -> Result<Outcome> {
    let draft = match store.begin(&plan.work())? {
        Begin::Done(published) => return Ok(Outcome::Unchanged(published)),
        Begin::Work(draft) => draft,
    };
    let budget = Arc::new(Budget::new(plan.memory_limit, &draft.scratch()));
    let mut loaded = load(plan, &budget, observer)?;
    close(plan, &mut loaded.ledgers)?;
    observer.phase("fold", loaded.shuffled.buckets() as u64);
    let types = ["order_id", "line_id", "customer_id"].map(|column| plan.id_type(column));
    let wants = |table: &str| plan.wants(table);
    let mut findings = count_orders(&mut loaded)?;
    let mut refunds = RefundIndex::new(std::mem::take(&mut loaded.applications), &mut findings);
    let context = &loaded.context;
    let start = || Suite::new(context, &wants);
    let passed = pass::run(&loaded.shuffled, &refunds, &findings, &types, &start, &|| observer.step(1))?;
    // The lines are folded: their memory is free for the tables.
    loaded.shuffled = Default::default();
    budget.clean();
    let mut warnings = plan.warnings.clone();
    let found = Found { settled: &passed.settled, conflicts: &passed.conflicts, refunds: &refunds, unknown_rated: findings.unknown_rated };
    enter(plan, &mut loaded, &found, &mut warnings);
    close(plan, &mut loaded.ledgers)?;
    warnings.extend(nothing_used(plan, &loaded.ledgers));
    loaded.context.first_days = passed.settled.first_days.clone();
    loaded.context.first_days.resize(loaded.context.shops.len(), NO_DAY);
    settle_facts(&mut loaded, std::mem::take(&mut refunds).into_applications(), &passed.settled);
    observer.phase("write", plan.tables.len() as u64);
    write(plan, &loaded, passed.fold, &draft, observer)?;
    observer.phase("publish", 0);
    let manifest = Manifest {
        job: plan.job.name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        inputs: loaded.ledgers.iter().map(|(name, ledger)| input_entry(plan, name, ledger)).collect(),
        skipped: plan
            .skipped
            .iter()
            .map(|skipped| SkippedTable { name: skipped.card.name.to_owned(), reason: skipped.reason.clone() })
            .collect(),
        warnings,
        partial: plan.is_partial,
        phases: observer.phases(),
        peak_memory_bytes: observer.peak_memory_bytes(),
        spilled_bytes: budget.spilled_bytes(),
        threads: rayon::current_num_threads(),
        ..Manifest::default()
    };
    draft.publish(manifest).map(|published| Outcome::Published(Box::new(published)))
}

/// A warning where no order counts: a run before the first day of the data, or a filter that keeps nothing. The tables
/// are then empty as they should be, but whoever watches should know why.
fn nothing_used(plan: &Plan, ledgers: &[(&'static str, Ledger)]) -> Option<String> {
    let total = ledgers.iter().find(|(name, _)| *name == "orders")?.1.total();
    let Account { rows, used, superseded: _, rejected, after_as_of, filtered } = total;
    let of = format!("of {rows} rows {after_as_of} lie after that day, {filtered} are filtered out, {rejected} rejected");
    (used == 0).then(|| format!("no order counts as of {}, so tables of orders are empty: {of}", iso(plan.as_of)))
}

/// Stops the run where an input has too many rejected rows.
fn close(plan: &Plan, ledgers: &mut [(&'static str, Ledger)]) -> Result<()> {
    let mut problems = Vec::new();
    for (name, ledger) in ledgers {
        if let Some(dataset) = plan.datasets.get(name) {
            match ledger.close(dataset, plan.job.params.max_reject_share) {
                Ok(()) => {}
                Err(Error::Input(found)) => problems.extend(found),
                Err(other) => return Err(other),
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Input(problems)) }
}

/// What counting and settling found beside the histories.
struct Found<'a> {
    settled: &'a Settled,
    conflicts: &'a Conflicts,
    refunds: &'a RefundIndex,
    unknown_rated: usize,
}

/// Takes the census, and lets go what it is made of.
fn count_orders(loaded: &mut Loaded) -> Result<Findings> {
    let rated = std::mem::take(&mut loaded.rated_orders);
    let Some(censuses) = loaded.censuses.take() else { return Ok(Findings::default()) };
    let asked = asked(&loaded.applications, &loaded.shuffled.provisional_shops());
    censuses.count(rated, asked, loaded.shuffled.customers_are_text())
}

/// Enters what settling found in the ledgers of orders and refunds, and counts what is only a warning.
fn enter(plan: &Plan, loaded: &mut Loaded, found: &Found<'_>, warnings: &mut Vec<String>) {
    let Found { settled, conflicts, refunds, unknown_rated } = found;
    let context = &loaded.context;
    let shop_name = |shop: u32| context.shops.id(shop).map(|id| context.ids.shop.show(id));
    let has = |column: &str| plan.datasets.get("orders").is_some_and(|orders| orders.has(column));
    for (name, ledger) in &mut loaded.ledgers {
        if *name == "orders" {
            for accounts in [&settled.accounts, &conflicts.superseded] {
                for (file, account) in accounts.iter().enumerate() {
                    ledger.account(file).add(account);
                }
            }
            for conflict in &conflicts.rejected {
                let [order, line, customer] = conflict.keys.clone();
                ledger.reject(Reject {
                    file: conflict.file as usize,
                    row: u64::from(conflict.row),
                    reason: Reason::CustomerConflict,
                    detail: format!("customer_id: {customer}, another line of the order has {}", conflict.other),
                    keys: [shop_name(conflict.shop), Some(order), has("line_id").then_some(line), Some(customer)],
                });
            }
            let Account { rows, superseded, .. } = ledger.total();
            if superseded > 0 && !has("line_id") && !has("modified_at") {
                warnings.push(format!(
                    "orders: {superseded} of {rows} rows are taken for older versions of an order, by their place in the files, since \
                     neither line_id nor modified_at is mapped; if they are lines, map line_id (`$row` where lines have no id)"
                ));
            }
        }
        if *name == "refunds" {
            let applications = refunds.applications();
            for position in &settled.excessive_refunds {
                if let Some(application) = applications.get(*position as usize) {
                    ledger.account(application.file as usize).used -= 1;
                    ledger.reject(Reject {
                        file: application.file as usize,
                        row: u64::from(application.row),
                        reason: Reason::RefundExceedsPaid,
                        detail: "with the refunds before it, it exceeds what was paid for the order".to_owned(),
                        keys: [shop_name(application.refund.shop), Some(plan.id_type("order_id").show(application.order.id())), None, None],
                    });
                }
            }
            let unknown = refunds.unknown();
            if unknown > 0 {
                warnings.push(format!("unknown_order: {unknown} refund applications belong to orders that are not there"));
            }
        }
        if *name == "ratings" && *unknown_rated > 0 {
            warnings.push(format!("unknown_order: {unknown_rated} ratings belong to orders that are not there"));
        }
    }
}

/// The facts that only the settled histories complete: refunds without those that exceed, each shop's first day.
fn settle_facts(loaded: &mut Loaded, applications: Vec<Application>, settled: &Settled) {
    let excessive: HashSet<u32> = settled.excessive_refunds.iter().copied().collect();
    let facts = &mut loaded.facts;
    facts.refunds = loaded.context.features.refunds.then(|| {
        let kept = applications.into_iter().enumerate().filter(|(at, _)| !excessive.contains(&(*at as u32)));
        let mut refunds: Vec<Refund> = kept.map(|(_, application)| application.refund).collect();
        refunds.par_sort_unstable_by_key(|refund| (refund.shop, refund.created, refund.completed, refund.amount, refund.intervened));
        refunds
    });
    facts.first_days = first_days(&loaded.context, facts);
}

/// By shop code: the first day with anything of the shop in any input.
fn first_days(context: &Context, facts: &Facts) -> Vec<Day> {
    let mut days = context.first_days.clone();
    let mut note = |shop: u32, day: Day| {
        if let Some(first) = days.get_mut(shop as usize)
            && (*first == NO_DAY || day < *first)
        {
            *first = day;
        }
    };
    facts.traffic.iter().flatten().for_each(|row| note(row.shop, row.day));
    facts
        .refunds
        .iter()
        .flatten()
        .filter(|refund| refund.created != NO_TIME)
        .for_each(|refund| note(refund.shop, day_of_time(refund.created)));
    match &facts.scores {
        Some(Scores::Events(days)) => days.iter().for_each(|row| note(row.shop, row.day)),
        Some(Scores::Snapshots(days)) => days.iter().for_each(|row| note(row.shop, row.day)),
        None => {}
    }
    days
}

/// Makes all tables and writes them into the draft.
fn write(plan: &Plan, loaded: &Loaded, suite: Suite, draft: &Draft, observer: &dyn Observer) -> Result<()> {
    let context = &loaded.context;
    let mut writers: HashMap<&'static str, TableWriter> = HashMap::new();
    for card in &plan.tables {
        writers.insert(card.name, draft.result(card, &context.ids)?);
    }
    let mut sink = |card: &'static Card, batch| match writers.get_mut(card.name) {
        Some(writer) => writer.write(&batch),
        None => Ok(()),
    };
    suite.finish(context, &loaded.facts, &|name| plan.wants(name), &mut sink)?;
    let labels = |name: &str| -> Vec<String> {
        plan.datasets.get(name).map_or(Vec::new(), |dataset| dataset.files.iter().map(|file| file.file.label.clone()).collect())
    };
    let ledgers: Vec<(&str, Vec<String>, &Ledger)> = loaded.ledgers.iter().map(|(name, ledger)| (*name, labels(name), ledger)).collect();
    table::rejects::write(context, &ledgers, &mut sink)?;
    let mut files: Vec<table::inputs::FileRow<'_>> = Vec::new();
    for (name, ledger) in &loaded.ledgers {
        if let Some(dataset) = plan.datasets.get(name) {
            for (at, file) in dataset.files.iter().enumerate() {
                files.push((name, &file.file.label, file.bytes, ledger.accounts.get(at).copied().unwrap_or_default()));
            }
        }
    }
    sink(&table::inputs::CARD, table::inputs::table(context, files)?)?;
    for card in &plan.tables {
        if let Some(writer) = writers.remove(card.name) {
            writer.finish()?;
            observer.step(1);
        }
    }
    Ok(())
}

fn input_entry(plan: &Plan, name: &str, ledger: &Ledger) -> InputEntry {
    let dataset = plan.datasets.get(name);
    let files = dataset.map_or(Vec::new(), |dataset| {
        let file = |file: &crate::input::dataset::OpenFile| InputFile {
            path: file.file.label.clone(),
            bytes: file.bytes,
            fingerprint: file.fingerprint.clone(),
            rows: file.rows(),
        };
        dataset.files.iter().map(file).collect()
    });
    let Account { rows, used, superseded, rejected, after_as_of, filtered } = ledger.total();
    InputEntry {
        name: name.to_owned(),
        path: dataset.map_or(String::new(), |dataset| dataset.spec.written_path.clone()),
        files,
        equation: RowEquation { rows, used, superseded, rejected, after_as_of, filtered },
    }
}
