//! The swap: all tables show their new rows at once. Readers wait only for a moment, and hardly ever for another reader.

use std::time::Duration;

use postgres::Transaction;
use postgres::error::SqlState;

use super::failure::Failure;
use super::foreign_keys::{self, ForeignKey};
use super::history::{History, is_history};
use super::incoming::{IncomingTable, TableChange, attach, empty_partition, indexes_of};
use super::quote::qualified;
use super::rights::rights;
use super::state::DatabaseState;
use super::view_swap::ViewChanges;
use crate::job::Postgres;
use crate::spec::Day;

/// Milliseconds that all attempts to lock the tables may take, with the pauses between them: ten minutes.
const PATIENCE: u64 = 600_000;
/// Milliseconds to wait for the first table in the first attempt, and for every other table.
const SHORT_WAIT: u64 = 10;
/// Milliseconds to wait at most for the first table of an attempt.
const LONG_WAIT: u64 = 500;
/// A pause is this many times as long as the wait before it, so that readers have the tables for most of the time.
const PAUSE: u64 = 4;

/// The result of a swap.
#[derive(Debug, Default)]
pub(super) struct Swapped {
    /// Attempts that failed because other queries held locks.
    pub failed_attempts: u32,
    /// Tables that the snapshot does not have and that could not be dropped, so that they were emptied.
    pub emptied: Vec<String>,
}

/// All that a load shows.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    pub as_of: Day,
    pub tables: &'a [IncomingTable],
    pub foreign_keys: &'a [ForeignKey],
    pub views: &'a ViewChanges,
    pub histories: &'a [History],
}

/// Shows the new rows of all tables, and drops the tables that the snapshot does not have. Foreign keys and views that are in the way go
/// before the tables change and come back after.
pub(super) fn swap(
    transaction: &mut Transaction<'_>,
    target: &Postgres,
    state: &DatabaseState,
    shown: &Shown<'_>,
) -> Result<Swapped, Failure> {
    let (mut sql, mut recreated) = (String::new(), Vec::new());
    for table in shown.tables {
        let name = &table.definition.name;
        match (&table.change, state.tables.get(name)) {
            (TableChange::Recreated, Some(existing)) => {
                let columns: Vec<&str> = table.definition.columns.iter().map(|column| column.name.as_str()).collect();
                let restored = rights(transaction, (&target.schema, name), (existing.oid, &existing.owner), &columns)?;
                recreated.push((name, table.swap(target, state, &restored)));
            }
            _ => sql += &table.swap(target, state, ""),
        }
    }
    let is_shown = |name: &String| shown.tables.iter().any(|table| table.definition.name == *name);
    let obsolete = state.tables.iter().filter(|(name, existing)| !is_shown(name) && !is_history(existing)).map(|(name, _)| name);
    let without_keys = foreign_keys::drop_all(transaction, target, state)?;
    let mut swapped = Swapped { failed_attempts: lock(transaction, target, state, &shown.views.locked)?, emptied: Vec::new() };
    let execute = |transaction: &mut Transaction<'_>, sql: &str, what: &str| {
        transaction.batch_execute(sql).map_err(|cause| Failure::from(cause).during(what))
    };
    execute(transaction, &without_keys, "cannot drop the foreign keys")?;
    for (name, sql) in &shown.views.dropped {
        execute(transaction, sql, &format!("view `{name}` must be created again, or is no longer made"))?;
    }
    execute(transaction, &sql, "cannot swap the tables")?;
    for (name, sql) in recreated {
        execute(transaction, &sql, &format!("table `{name}` has columns of other types, or another key, and must be created again"))?;
    }
    for name in obsolete {
        if !drop_table(transaction, target, name)? {
            empty_table(transaction, target, state, name)?;
            swapped.emptied.push(name.clone());
        }
    }
    for key in shown.foreign_keys {
        execute(transaction, &key.create(target), &format!("cannot create the foreign key of {}", key.text()))?;
    }
    for (name, sql) in &shown.views.created {
        execute(transaction, sql, &format!("cannot create the view `{name}`"))?;
    }
    for history in shown.histories {
        let sql = history.keep(target, state, shown.as_of);
        execute(transaction, &sql, &format!("table `{}`", history.definition.name))?;
    }
    Ok(swapped)
}

/// Locks all tables of huitou, and these of its views, exclusively. Returns the number of failed attempts.
///
/// A session that waits for a lock also blocks all later ones, so waits are short. Nearly all waiting is for the first table of an
/// attempt, while the transaction holds no other table: otherwise a load that holds one table and waits for the next could deadlock with
/// a reader that does the reverse. The table that was busy comes first in the next attempt. All waits are shorter than the server's
/// deadlock timeout, so that the server never cancels a reader because of a load.
fn lock(transaction: &mut Transaction<'_>, target: &Postgres, state: &DatabaseState, views: &[String]) -> Result<u32, Failure> {
    // A reader of a view locks the view first, and then its tables.
    let mut tables: Vec<String> = views.iter().chain(state.tables.keys()).map(|name| qualified(&target.schema, name)).collect();
    let longest = LONG_WAIT.min(state.deadlock_milliseconds / 2).max(1);
    let (mut wait, mut patience, mut failed_attempts) = (SHORT_WAIT.min(longest), PATIENCE, 0);
    while patience > 0 {
        transaction.batch_execute("SAVEPOINT attempt")?;
        let Some(busy) = first_busy(transaction, &tables, wait, SHORT_WAIT.min(longest))? else {
            transaction.batch_execute("RELEASE SAVEPOINT attempt; SET LOCAL lock_timeout = 0")?;
            return Ok(failed_attempts);
        };
        transaction.batch_execute("ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt")?;
        let waited = if busy == 0 { wait } else { SHORT_WAIT.min(longest) };
        if busy == 0 {
            wait = (2 * wait).min(longest);
        }
        if let Some(before) = tables.get_mut(..=busy) {
            before.rotate_right(1);
        }
        failed_attempts += 1;
        patience = patience.saturating_sub((1 + PAUSE) * waited);
        std::thread::sleep(Duration::from_millis(PAUSE * waited));
    }
    let holders = holders(transaction, state)?;
    Err(Failure::new(
        format!("queries of other users locked the tables in all {failed_attempts} attempts to swap them ({holders})"),
        "end these sessions, or run again after they have ended",
    ))
}

/// Locks one table after the other. Waits `wait` milliseconds for the first and `next_wait` for each of the others. Returns the position
/// of the first table that is busy, or `None` if all are locked.
fn first_busy(transaction: &mut Transaction<'_>, tables: &[String], wait: u64, next_wait: u64) -> Result<Option<usize>, Failure> {
    for (at, table) in tables.iter().enumerate() {
        let wait = if at == 0 { wait } else { next_wait };
        match transaction.batch_execute(&format!("SET LOCAL lock_timeout = {wait}; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")) {
            Ok(()) => {}
            Err(cause) if is_busy(&cause) => return Ok(Some(at)),
            Err(cause) => return Err(Failure::from(cause).during("cannot swap the tables")),
        }
    }
    Ok(None)
}

fn is_busy(cause: &postgres::Error) -> bool {
    cause.code().is_some_and(|code| *code == SqlState::LOCK_NOT_AVAILABLE || *code == SqlState::T_R_DEADLOCK_DETECTED)
}

/// The sessions that hold locks on the tables, as text.
fn holders(transaction: &mut Transaction<'_>, state: &DatabaseState) -> Result<String, Failure> {
    const HOLDERS: &str = "SELECT DISTINCT a.pid, coalesce(a.usename::text, ''), coalesce(a.application_name, '')
        FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.relation = ANY($1) AND l.granted AND l.pid <> pg_backend_pid() ORDER BY 1 LIMIT 5";
    let tables: Vec<u32> = state.tables.values().map(|existing| existing.oid).collect();
    let mut holders = Vec::new();
    for row in transaction.query(HOLDERS, &[&tables])? {
        let (process, user, application): (i32, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        holders.push(format!("process {process} of {user} {application}").trim_end().to_owned());
    }
    Ok(if holders.is_empty() { "none at this moment".to_owned() } else { holders.join(", ") })
}

/// Drops a table; returns `false` if other objects depend on it.
fn drop_table(transaction: &mut Transaction<'_>, target: &Postgres, name: &str) -> Result<bool, Failure> {
    transaction.batch_execute("SAVEPOINT dropping")?;
    let table = qualified(&target.schema, name);
    match transaction.batch_execute(&format!("DROP TABLE {table}; RELEASE SAVEPOINT dropping")) {
        Ok(()) => Ok(true),
        Err(cause) if cause.code() == Some(&SqlState::DEPENDENT_OBJECTS_STILL_EXIST) => {
            transaction.batch_execute("ROLLBACK TO SAVEPOINT dropping; RELEASE SAVEPOINT dropping")?;
            Ok(false)
        }
        Err(cause) => Err(Failure::from(cause).during(&format!("cannot drop table `{name}`"))),
    }
}

/// Empties a table, because rows of another snapshot beside those of this one would be wrong.
fn empty_table(transaction: &mut Transaction<'_>, target: &Postgres, state: &DatabaseState, name: &str) -> Result<(), Failure> {
    const NEW: &str = "empty";
    let Some(existing) = state.tables.get(name) else { return Ok(()) };
    let partitions = target.partitions();
    let old = qualified(&partitions, &existing.partition);
    let sql = format!(
        "{}{}ALTER TABLE {} DETACH PARTITION {old};\nDROP TABLE {old};\n{}",
        empty_partition(target, name, NEW, &[]),
        indexes_of(existing, &qualified(&partitions, NEW)),
        qualified(&target.schema, name),
        attach(target, name, NEW)
    );
    transaction.batch_execute(&sql).map_err(|cause| Failure::from(cause).during(&format!("cannot empty table `{name}`")))
}
