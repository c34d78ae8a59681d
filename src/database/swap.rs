//! The swap: all tables show their new rows at once. Readers wait for a moment, and hardly ever because of a reader before them.

use std::time::Duration;

use postgres::Transaction;
use postgres::error::SqlState;

use super::failure::Failure;
use super::incoming::{Incoming, Manner, attach, empty_partition, indexes_of, rights};
use super::quote::qualified;
use super::standing::Standing;
use crate::job::Postgres;

/// Milliseconds that trials to get all tables may take, with the pauses between them: ten minutes.
const PATIENCE: u64 = 600_000;
/// Milliseconds to wait for the first table of a trial at first, and for all others.
const SHORT_WAIT: u64 = 10;
/// Milliseconds to wait for the first table of a trial at most.
const LONG_WAIT: u64 = 500;
/// Pauses are so many times as long as the wait before them: readers have the tables for most of the time.
const PAUSE: u64 = 4;

/// What a swap was like.
#[derive(Debug, Default)]
pub(super) struct Swapped {
    /// Trials that other queries thwarted.
    pub thwarted: u32,
    /// Tables that the snapshot does not have and that could not be dropped: they are empty.
    pub emptied: Vec<String>,
}

/// Shows the new rows of all tables, and drops the tables that the snapshot does not have.
pub(super) fn swap(
    transaction: &mut Transaction<'_>,
    target: &Postgres,
    standing: &Standing,
    incoming: &[Incoming],
) -> Result<Swapped, Failure> {
    let (mut sql, mut remade) = (String::new(), Vec::new());
    for table in incoming {
        match (&table.manner, standing.tables.get(&table.definition.name)) {
            (Manner::Remade, Some(present)) => {
                let restored = rights(transaction, target, present, &table.definition)?;
                remade.push((&table.definition.name, table.swap(target, standing, &restored)));
            }
            _ => sql += &table.swap(target, standing, ""),
        }
    }
    let gone: Vec<&String> = standing.tables.keys().filter(|name| !incoming.iter().any(|table| table.definition.name == **name)).collect();
    let mut swapped = Swapped { thwarted: lock(transaction, target, standing)?, emptied: Vec::new() };
    transaction.batch_execute(&sql).map_err(|cause| Failure::from(cause).during("cannot swap the tables"))?;
    for (name, sql) in remade {
        let what = format!("table `{name}` has columns of other types, or another key, and must be made anew");
        transaction.batch_execute(&sql).map_err(|cause| Failure::from(cause).during(&what))?;
    }
    for name in gone {
        if !drop_table(transaction, target, name)? {
            empty_table(transaction, target, standing, name)?;
            swapped.emptied.push(name.clone());
        }
    }
    Ok(swapped)
}

/// Gets all tables of huitou for this transaction alone; how many trials queries of others thwarted.
///
/// Who waits for a lock keeps all who come later waiting too, so waits are short, and nearly all of a wait is for the first table of a
/// trial, while the transaction holds no other: a reader who has one table and wants the next must not meet a load that has it and wants
/// his. The table that thwarted a trial is the first one of the next. All waits are shorter than the time after which the server looks for
/// sessions that wait for each other, so that it never is a reader who is sent away.
fn lock(transaction: &mut Transaction<'_>, target: &Postgres, standing: &Standing) -> Result<u32, Failure> {
    let mut tables: Vec<String> = standing.tables.keys().map(|name| qualified(&target.schema, name)).collect();
    let longest = LONG_WAIT.min(standing.deadlock_milliseconds / 2).max(1);
    let (mut wait, mut patience, mut thwarted) = (SHORT_WAIT.min(longest), PATIENCE, 0);
    while patience > 0 {
        transaction.batch_execute("SAVEPOINT trial")?;
        let Some(busy) = first_busy(transaction, &tables, wait, SHORT_WAIT.min(longest))? else {
            transaction.batch_execute("RELEASE SAVEPOINT trial; SET LOCAL lock_timeout = 0")?;
            return Ok(thwarted);
        };
        transaction.batch_execute("ROLLBACK TO SAVEPOINT trial; RELEASE SAVEPOINT trial")?;
        let waited = if busy == 0 { wait } else { SHORT_WAIT.min(longest) };
        if busy == 0 {
            wait = (2 * wait).min(longest);
        }
        if let Some(before) = tables.get_mut(..=busy) {
            before.rotate_right(1);
        }
        thwarted += 1;
        patience = patience.saturating_sub((1 + PAUSE) * waited);
        std::thread::sleep(Duration::from_millis(PAUSE * waited));
    }
    let holders = holders(transaction, standing)?;
    Err(Failure::new(
        format!("queries of others held the tables in each of {thwarted} trials to swap them ({holders})"),
        "end these sessions, or run when they are over",
    ))
}

/// Locks one table after the other: the place of the first that others do not let go, with `wait` milliseconds for the first and
/// `next_wait` for each of the others.
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

/// Who uses the tables.
fn holders(transaction: &mut Transaction<'_>, standing: &Standing) -> Result<String, Failure> {
    const HOLDERS: &str = "SELECT DISTINCT a.pid, coalesce(a.usename::text, ''), coalesce(a.application_name, '')
        FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.relation = ANY($1) AND l.granted AND l.pid <> pg_backend_pid() ORDER BY 1 LIMIT 5";
    let tables: Vec<u32> = standing.tables.values().map(|present| present.oid).collect();
    let mut holders = Vec::new();
    for row in transaction.query(HOLDERS, &[&tables])? {
        let (process, user, application): (i32, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        holders.push(format!("process {process} of {user} {application}").trim_end().to_owned());
    }
    Ok(if holders.is_empty() { "none of them just now".to_owned() } else { holders.join(", ") })
}

/// Drops a table; false where others have built on it.
fn drop_table(transaction: &mut Transaction<'_>, target: &Postgres, name: &str) -> Result<bool, Failure> {
    transaction.batch_execute("SAVEPOINT gone")?;
    let table = qualified(&target.schema, name);
    match transaction.batch_execute(&format!("DROP TABLE {table}; RELEASE SAVEPOINT gone")) {
        Ok(()) => Ok(true),
        Err(cause) if cause.code() == Some(&SqlState::DEPENDENT_OBJECTS_STILL_EXIST) => {
            transaction.batch_execute("ROLLBACK TO SAVEPOINT gone; RELEASE SAVEPOINT gone")?;
            Ok(false)
        }
        Err(cause) => Err(Failure::from(cause).during(&format!("cannot drop table `{name}`"))),
    }
}

/// Leaves a table without rows, since rows of another snapshot would lie.
fn empty_table(transaction: &mut Transaction<'_>, target: &Postgres, standing: &Standing, name: &str) -> Result<(), Failure> {
    const NEW: &str = "empty";
    let Some(present) = standing.tables.get(name) else { return Ok(()) };
    let partitions = target.partitions();
    let old = qualified(&partitions, &present.partition);
    let sql = format!(
        "{}{}ALTER TABLE {} DETACH PARTITION {old};\nDROP TABLE {old};\n{}",
        empty_partition(target, name, NEW, &[]),
        indexes_of(present, &qualified(&partitions, NEW)),
        qualified(&target.schema, name),
        attach(target, name, NEW)
    );
    transaction.batch_execute(&sql).map_err(|cause| Failure::from(cause).during(&format!("cannot empty table `{name}`")))
}
