//! Database: loads the tables of the latest snapshot into PostgreSQL, for programs that read SQL.
//!
//! ```text
//! schema huitou              schema huitou_partitions
//!   customers  ───────────►    customers     the rows that readers see
//!                              new_3         the rows of the next snapshot, not yet visible
//! ```
//!
//! A load is one transaction. Every table of the schema has one partition, which holds all its rows. Binary COPY writes the new rows
//! into new partitions, which get indexes and statistics; then all tables are locked for a moment, and each replaces its old partition
//! by the new one. The tables themselves stay, and with them the views, grants, comments and indexes that other users added. A load that
//! ends before its last step leaves the database unchanged.
//!
//! Beside the tables of the snapshot stand dimensions of days and segments, to which they have foreign keys; views of one grain or scheme
//! each; and the history of small tables, if the job wants one.

mod code_names;
mod days;
mod definition;
mod dimensions;
mod encode;
mod failure;
mod foreign_keys;
mod history;
mod holidays;
mod incoming;
mod ledger;
mod patience;
mod quote;
mod rights;
mod segments;
mod session;
mod state;
mod swap;
mod tls;
mod view;
mod view_builder;
mod view_ledger;
mod view_rules;
mod view_swap;

use postgres::{Client, Transaction};

use self::definition::{ColumnDefinition, Definition};
use self::dimensions::NewRows;
use self::failure::Failure;
use self::foreign_keys::ForeignKey;
use self::history::History;
use self::incoming::IncomingTable;
use self::ledger::LEDGER;
use self::quote::{identifier, literal, qualified};
use self::state::DatabaseState;
use self::swap::Shown;
use self::view_ledger::VIEW_LEDGER;
use self::view_swap::ViewChanges;
use crate::error::Result;
use crate::job::Postgres;
use crate::publish::Snapshot;
use crate::spec::Day;
use crate::spec::period::iso;

/// The result of a load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Load {
    /// The database now shows the snapshot.
    Done {
        /// The tables of the snapshot.
        tables: usize,
        /// The rows of all of them.
        rows: u64,
        /// Attempts to swap the tables that failed because other queries held locks.
        failed_attempts: u32,
        /// Warnings for the user.
        warnings: Vec<String>,
    },
    /// The database showed the snapshot before.
    Already,
    /// The database still shows the snapshot of that name, which has a later as-of date.
    KeptNewer(String),
}

/// Loads a snapshot into the database, unless that shows it already or shows one that must stay: one of a later as-of date that is not
/// after `today`.
///
/// # Errors
/// [`crate::error::Error::Output`] where the database cannot be reached or refuses a statement; it is then unchanged, unless
/// the connection broke during the commit or the time was up: then the message says so. No message contains
/// the password.
pub fn load(target: &Postgres, snapshot: &Snapshot, today: Day) -> Result<Load> {
    let (place, own) = (target.clone(), snapshot.clone());
    patience::within(target, move |connected| try_load(&place, &own, today, connected))
        .map_err(|failure| failure.error(target, &snapshot.path.display().to_string()))
}

fn try_load(target: &Postgres, snapshot: &Snapshot, today: Day, connected: &dyn Fn()) -> Result<Load, Failure> {
    let mut client = session::connect(&target.connection)?;
    connected();
    let mut transaction = session::begin(&mut client)?;
    session::lock_schema(&mut transaction, target)?;
    let state = state::read(&mut transaction, target)?;
    let definitions = definitions(snapshot)?;
    match reason_to_keep(target, snapshot, today, &state)? {
        // Tables that somebody has emptied or changed since are loaded again.
        Some(Load::Already) if !is_as_loaded(&mut transaction, target, snapshot, &state, &definitions)? => {}
        Some(load) => return Ok(load),
        None => {}
    }
    let (histories, mut warnings) = histories(target, snapshot, &state, &definitions)?;
    let history_definitions: Vec<Definition> = histories.iter().map(|history| history.definition.clone()).collect();
    refuse_clashes(target, &state, &[definitions.as_slice(), history_definitions.as_slice()].concat())?;
    create_schemas(&mut transaction, target, &state)?;
    let keys = foreign_keys::of(&definitions);
    let tables = snapshot.manifest.tables.len();
    let mut rows = 0;
    let mut incoming: Vec<IncomingTable> = Vec::new();
    let mut views = ViewChanges::default();
    for (number, definition) in definitions.iter().enumerate() {
        let table = IncomingTable::new(definition.clone(), &state, number);
        let name = definition.name.as_str();
        let own = match name {
            LEDGER => Some(ledger::rows(&snapshot.manifest)?),
            VIEW_LEDGER => {
                views = view_changes(&mut transaction, target, &state, &definitions, &incoming)?;
                Some(view_ledger::rows(&views.entries)?)
            }
            _ => NewRows { target, tables: &incoming }.dimension(&mut transaction, name, &keys, snapshot.manifest.as_of)?,
        };
        let copied = match own {
            Some(own) => table.load(&mut transaction, target, &state, || std::iter::once(Ok(own))).map(|_| 0),
            None => table.load(&mut transaction, target, &state, || snapshot.batches(name)),
        };
        rows += copied.map_err(|failure| failure.during(&format!("table `{name}`")))?;
        incoming.push(table);
    }
    let (keys, broken) = keys_that_hold(&mut transaction, &NewRows { target, tables: &incoming }, keys)?;
    warnings
        .extend(broken.iter().map(|key| format!("rows without their row in the dimension: the foreign key of {} is left out", key.text())));
    let shown = Shown { as_of: snapshot.manifest.as_of, tables: &incoming, foreign_keys: &keys, views: &views, histories: &histories };
    let swapped = swap::swap(&mut transaction, target, &state, &shown)?;
    transaction.commit().map_err(|cause| Failure::of_commit(&cause))?;
    let emptied = |name: &String| {
        format!("the snapshot has no table `{name}`; the one in the database is now empty and stays, because other objects depend on it")
    };
    warnings.extend(swapped.emptied.iter().map(emptied));
    warnings.extend(views.warnings);
    warnings.extend(analyze(&mut client, target, definitions.iter().chain(&history_definitions)));
    Ok(Load::Done { tables, rows, failed_attempts: swapped.failed_attempts, warnings })
}

/// The histories to which the load adds rows, and warnings about those that get none.
fn histories(
    target: &Postgres,
    snapshot: &Snapshot,
    state: &DatabaseState,
    definitions: &[Definition],
) -> Result<(Vec<History>, Vec<String>), Failure> {
    let (mut histories, mut warnings) = (Vec::new(), Vec::new());
    for name in &target.history {
        let definition = definitions.iter().find(|definition| definition.name == *name && snapshot.manifest.table(name).is_some());
        match definition {
            Some(definition) => histories.push(History::new(definition, target, state)?),
            None => warnings.push(format!(
                "the snapshot has no table `{name}`: `{}` gets no rows of {}",
                Postgres::history_of(name),
                iso(snapshot.manifest.as_of)
            )),
        }
    }
    Ok((histories, warnings))
}

/// What must change of the views for the new rows of the tables.
fn view_changes(
    transaction: &mut Transaction<'_>,
    target: &Postgres,
    state: &DatabaseState,
    definitions: &[Definition],
    incoming: &[IncomingTable],
) -> Result<ViewChanges, Failure> {
    let new = NewRows { target, tables: incoming };
    let wanted = view_rules::views(&target.schema, definitions, &mut |table, column| new.values(transaction, table, column))?;
    view_swap::changes(transaction, target, state, &wanted, incoming)
}

/// The foreign keys that hold, and those that do not: a night must not fail because of them.
fn keys_that_hold(
    transaction: &mut Transaction<'_>,
    new: &NewRows<'_>,
    keys: Vec<ForeignKey>,
) -> Result<(Vec<ForeignKey>, Vec<ForeignKey>), Failure> {
    let (mut hold, mut broken) = (Vec::new(), Vec::new());
    for key in keys {
        let (Some(table), Some(dimension)) = (new.of(&key.table), new.of(key.dimension)) else { continue };
        if key.holds(transaction, &table, &dimension)? { hold.push(key) } else { broken.push(key) }
    }
    Ok((hold, broken))
}

/// Why the database must stay as it is, by the rules of the link `latest`; `None` if the snapshot must be loaded.
fn reason_to_keep(target: &Postgres, snapshot: &Snapshot, today: Day, state: &DatabaseState) -> Result<Option<Load>, Failure> {
    let manifest = &snapshot.manifest;
    let Some(loaded) = &state.loaded else { return Ok(None) };
    if loaded.fingerprint == manifest.fingerprint && loaded.name == manifest.name {
        return Ok(Some(Load::Already));
    }
    if loaded.job != manifest.job {
        let ledger = qualified(&target.schema, LEDGER);
        return Err(Failure::new(
            format!("the schema `{}` shows the tables of the job `{}`, this one is `{}`", target.schema, loaded.job, manifest.job),
            format!(
                "give each job its own schema (`output.postgres.schema`); if it is the same job under a new name: DELETE FROM {ledger}"
            ),
        ));
    }
    // A later day than tomorrow is that of a wrong clock.
    if loaded.as_of.is_some_and(|as_of| as_of > manifest.as_of && as_of <= today + 1) {
        return Ok(Some(Load::KeptNewer(loaded.name.clone())));
    }
    Ok(None)
}

/// Whether the tables are still as the load of this snapshot left them: all of them exist, with their columns and numbers of rows.
fn is_as_loaded(
    transaction: &mut Transaction<'_>,
    target: &Postgres,
    snapshot: &Snapshot,
    state: &DatabaseState,
    definitions: &[Definition],
) -> Result<bool, Failure> {
    let has_columns = |definition: &Definition| {
        state.tables.get(&definition.name).is_some_and(|existing| {
            let is_there = |column: &ColumnDefinition| {
                existing.columns.get(&column.name).is_some_and(|existing| existing.type_name == column.sql_type.name())
            };
            definition.columns.iter().all(is_there)
        })
    };
    if state.lacks_view || !definitions.iter().all(has_columns) {
        return Ok(false);
    }
    for name in &target.history {
        let (history, Some(table)) = (Postgres::history_of(name), snapshot.manifest.table(name)) else { continue };
        if !state.tables.contains_key(&history) {
            return Ok(false);
        }
        let sql = format!(
            "SELECT count(*) FROM {} WHERE as_of = {}::date",
            qualified(&target.schema, &history),
            literal(&iso(snapshot.manifest.as_of))
        );
        if transaction.query_one(&sql, &[])?.try_get::<_, i64>(0)? != table.rows as i64 {
            return Ok(false);
        }
    }
    for table in &snapshot.manifest.tables {
        let counted = transaction.query_one(&format!("SELECT count(*) FROM {}", qualified(&target.schema, &table.name)), &[])?;
        if counted.try_get::<_, i64>(0)? != table.rows as i64 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The tables of the snapshot, the dimensions beside them, the table that names the snapshot, and that of the views. The order is that of
/// the load: what is made of the rows of other tables comes after them.
fn definitions(snapshot: &Snapshot) -> Result<Vec<Definition>, Failure> {
    let mut definitions = Vec::new();
    for table in &snapshot.manifest.tables {
        definitions.push(Definition::of(&table.name, snapshot.schema(&table.name)?.as_ref())?);
    }
    definitions.extend(dimensions::definitions(&definitions));
    definitions.push(ledger::definition());
    definitions.push(view_ledger::definition());
    Ok(definitions)
}

/// Refuses to change objects of other users that have the names of the tables, and tables of huitou that the user may not change.
fn refuse_clashes(target: &Postgres, state: &DatabaseState, definitions: &[Definition]) -> Result<(), Failure> {
    let schema = &target.schema;
    let names = definitions.iter().map(|definition| &definition.name);
    let clashes: Vec<String> = names
        .filter_map(|name| state.others.get(name).map(|kind| format!("`{schema}.{name}` is {kind} that huitou did not create")))
        .collect();
    if !clashes.is_empty() {
        return Err(Failure::new(clashes.join(", "), "rename it, or give huitou its own schema (`output.postgres.schema`)"));
    }
    let tables = state.tables.iter().map(|(name, existing)| (name, &existing.owner, existing.is_ours));
    let views = state.views.iter().map(|(name, existing)| (name, &existing.owner, existing.is_ours));
    let foreign = tables.chain(views).filter(|(_, _, is_ours)| !is_ours);
    let foreign: Vec<String> = foreign.map(|(name, owner, _)| format!("`{schema}.{name}` belongs to {owner}")).collect();
    if foreign.is_empty() {
        return Ok(());
    }
    let user = &target.connection.user;
    Err(Failure::new(foreign.join(", "), format!("log in as the owner, or make {user} a member of the owner's role")))
}

/// Creates the schemas that are missing. A user for whom they exist needs no right to create schemas.
fn create_schemas(transaction: &mut Transaction<'_>, target: &Postgres, state: &DatabaseState) -> Result<(), Failure> {
    const COMMENT: &str = "Result tables of huitou, all of one snapshot: huitou_snapshot says which.";
    const PARTITIONS: &str = "Where the rows of huitou's tables lie; every load makes its partitions anew.";
    for (schema, is_there, comment) in
        [(&target.schema, state.has_schema, COMMENT), (&target.partitions(), state.has_partitions, PARTITIONS)]
    {
        if !is_there {
            let name = identifier(schema);
            let sql = format!("CREATE SCHEMA {name}; COMMENT ON SCHEMA {name} IS {}", literal(comment));
            transaction
                .batch_execute(&sql)
                .map_err(|cause| Failure::from(cause).during(&format!("cannot create the schema `{schema}`")))?;
        }
    }
    Ok(())
}

/// Collects statistics of the tables, after the load is committed. A failure gives only a warning: without statistics queries are correct,
/// but may be slower.
fn analyze<'a>(client: &mut Client, target: &Postgres, definitions: impl Iterator<Item = &'a Definition>) -> Option<String> {
    let tables: Vec<String> = definitions.map(|definition| qualified(&target.schema, &definition.name)).collect();
    let cause = client.batch_execute(&format!("ANALYZE {}", tables.join(", "))).err()?;
    Some(format!("the tables are loaded, but the database has no statistics of them yet: {}", Failure::from(cause).message))
}
