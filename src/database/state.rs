//! The state of the database before a load: the tables of huitou, other objects with the same names, and the loaded snapshot.

use std::collections::BTreeMap;

use postgres::Transaction;

use super::failure::Failure;
use super::ledger::LEDGER;
use super::quote::qualified;
use super::view_ledger::{self, VIEW_LEDGER, ViewEntry};
use crate::job::Postgres;
use crate::spec::Day;
use crate::spec::period::parse_day;

/// The state of the database before a load.
#[derive(Debug, Default)]
pub(super) struct DatabaseState {
    /// Whether the server supports `NULLS NOT DISTINCT` for unique indexes (PostgreSQL 15).
    pub supports_nulls_not_distinct: bool,
    /// The server's deadlock timeout.
    pub deadlock_milliseconds: u64,
    pub has_schema: bool,
    pub has_partitions: bool,
    /// The tables of huitou in the schema, by name.
    pub tables: BTreeMap<String, ExistingTable>,
    /// The views that huitou created, as far as they are still there, by name.
    pub views: BTreeMap<String, ExistingView>,
    /// Whether a view that huitou created is gone.
    pub lacks_view: bool,
    /// The kinds of all other objects in the schema that share the names of tables, by name.
    pub others: BTreeMap<String, &'static str>,
    /// The snapshot that the tables show.
    pub loaded: Option<LoadedSnapshot>,
}

/// A table of huitou. Its rows are in a partition in the other schema.
#[derive(Debug, Default)]
pub(super) struct ExistingTable {
    pub oid: u32,
    pub owner: String,
    /// Whether the user may change it.
    pub is_ours: bool,
    pub partition: String,
    pub partitioned_by: String,
    pub primary_key: Vec<String>,
    pub comment: Option<String>,
    pub columns: BTreeMap<String, ExistingColumn>,
    /// All indexes, including those of other users.
    pub indexes: Vec<ExistingIndex>,
}

impl ExistingTable {
    /// The comment of a column, of the table for `None`.
    pub fn comment_of(&self, column: Option<&str>) -> Option<String> {
        match column {
            None => self.comment.clone(),
            Some(column) => self.columns.get(column).and_then(|column| column.comment.clone()),
        }
    }
}

/// A column of a table.
#[derive(Debug)]
pub(super) struct ExistingColumn {
    pub type_name: String,
    pub is_not_null: bool,
    pub has_default: bool,
    pub comment: Option<String>,
}

/// An index of a table.
#[derive(Debug)]
pub(super) struct ExistingIndex {
    pub is_constraint: bool,
    pub is_unique: bool,
    /// What follows `ALTER TABLE … ADD` or `CREATE INDEX ON …` to create an equal index.
    pub sql: String,
}

/// A view of huitou.
#[derive(Debug, Default)]
pub(super) struct ExistingView {
    pub oid: u32,
    pub owner: String,
    /// Whether the user may change it.
    pub is_ours: bool,
    pub entry: ViewEntry,
    pub comment: Option<String>,
    /// In their order.
    pub columns: Vec<ExistingViewColumn>,
}

/// A column of a view.
#[derive(Debug)]
pub(super) struct ExistingViewColumn {
    pub name: String,
    pub type_name: String,
    pub comment: Option<String>,
}

/// The snapshot that a database shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LoadedSnapshot {
    pub name: String,
    pub fingerprint: String,
    pub as_of: Option<Day>,
    pub is_partial: bool,
    pub job: String,
}

const SETTINGS: &str = "SELECT current_setting('server_version_num')::integer,
    (SELECT setting::bigint FROM pg_settings WHERE name = 'deadlock_timeout'),
    EXISTS (SELECT FROM pg_namespace WHERE nspname = $1), EXISTS (SELECT FROM pg_namespace WHERE nspname = $2)";

const RELATIONS: &str =
    "SELECT c.oid, c.relname::text, c.relkind::text, pg_get_userbyid(c.relowner)::text, pg_has_role(c.relowner, 'USAGE'),
    (SELECT p.relname::text FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhrelid JOIN pg_namespace n ON n.oid = p.relnamespace
        WHERE i.inhparent = c.oid AND n.nspname = $2 ORDER BY p.oid LIMIT 1),
    (SELECT a.attname::text FROM pg_partitioned_table t JOIN pg_attribute a ON a.attrelid = t.partrelid AND a.attnum = t.partattrs[0]
        WHERE t.partrelid = c.oid),
    obj_description(c.oid, 'pg_class')
    FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE s.nspname = $1";

const COLUMNS: &str = "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef,
    col_description(c.oid, a.attnum)
    FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE s.nspname = $1 AND c.relkind = 'p' AND a.attnum > 0 AND NOT a.attisdropped";

const VIEW_COLUMNS: &str = "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), col_description(c.oid, a.attnum)
    FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE s.nspname = $1 AND c.relkind = 'v' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.oid, a.attnum";

const PRIMARY_KEYS: &str = "SELECT c.relname::text, a.attname::text
    FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
    CROSS JOIN LATERAL unnest(k.conkey) WITH ORDINALITY AS part(number, position)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = part.number
    WHERE s.nspname = $1 AND c.relkind = 'p' ORDER BY c.oid, part.position";

// The definition of an index begins with its name and that of its table; both are cut off, because the new index has others.
const INDEXES: &str = "SELECT x.relname, x.is_constraint, x.is_unique, CASE WHEN x.is_constraint THEN x.sql
        WHEN starts_with(x.sql, x.head) THEN substr(x.sql, length(x.head) + 1) END
    FROM (SELECT c.relname::text, i.indexrelid, k.oid IS NOT NULL AS is_constraint, i.indisunique AS is_unique,
            coalesce(pg_get_constraintdef(k.oid), pg_get_indexdef(i.indexrelid)) AS sql,
            format('CREATE %sINDEX %I ON ONLY %I.%I ', CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END, own.relname, s.nspname, c.relname) AS head
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace s ON s.oid = c.relnamespace
        JOIN pg_class own ON own.oid = i.indexrelid LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u')
        WHERE s.nspname = $1 AND c.relkind = 'p') AS x
    ORDER BY x.is_constraint DESC, x.indexrelid";

/// Reads the state of the database.
pub(super) fn read(transaction: &mut Transaction<'_>, target: &Postgres) -> Result<DatabaseState, Failure> {
    let partitions = target.partitions();
    let row = transaction.query_one(SETTINGS, &[&target.schema, &partitions])?;
    let (version, deadlock): (i32, i64) = (row.try_get(0)?, row.try_get(1)?);
    let mut state = DatabaseState {
        supports_nulls_not_distinct: version >= 150_000,
        deadlock_milliseconds: u64::try_from(deadlock).unwrap_or_default(),
        has_schema: row.try_get(2)?,
        has_partitions: row.try_get(3)?,
        ..DatabaseState::default()
    };
    for row in transaction.query(RELATIONS, &[&target.schema, &partitions])? {
        let (name, kind, partition): (String, String, Option<String>) = (row.try_get(1)?, row.try_get(2)?, row.try_get(5)?);
        match partition {
            Some(partition) if kind == "p" => {
                let (oid, owner, is_ours) = (row.try_get(0)?, row.try_get(3)?, row.try_get(4)?);
                let partitioned_by: Option<String> = row.try_get(6)?;
                let partitioned_by = partitioned_by.unwrap_or_default();
                let existing =
                    ExistingTable { oid, owner, is_ours, partition, partitioned_by, comment: row.try_get(7)?, ..ExistingTable::default() };
                state.tables.insert(name, existing);
            }
            _ => {
                state.others.insert(name, kind_name(&kind));
            }
        }
    }
    for row in transaction.query(COLUMNS, &[&target.schema])? {
        let (table, name): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let column = ExistingColumn {
            type_name: row.try_get(2)?,
            is_not_null: row.try_get(3)?,
            has_default: row.try_get(4)?,
            comment: row.try_get(5)?,
        };
        state.tables.entry(table).and_modify(|existing| drop(existing.columns.insert(name, column)));
    }
    for row in transaction.query(PRIMARY_KEYS, &[&target.schema])? {
        let (table, name): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        state.tables.entry(table).and_modify(|existing| existing.primary_key.push(name));
    }
    for row in transaction.query(INDEXES, &[&target.schema])? {
        let (table, sql): (String, Option<String>) = (row.try_get(0)?, row.try_get(3)?);
        // An index whose definition cannot be split is created by the server itself when the partition is attached.
        let Some(sql) = sql else { continue };
        let index = ExistingIndex { is_constraint: row.try_get(1)?, is_unique: row.try_get(2)?, sql };
        state.tables.entry(table).and_modify(|existing| existing.indexes.push(index));
    }
    read_views(transaction, target, &mut state)?;
    state.loaded = loaded(transaction, target, &state)?;
    Ok(state)
}

/// Reads the views of huitou, which are then no longer among the others.
fn read_views(transaction: &mut Transaction<'_>, target: &Postgres, state: &mut DatabaseState) -> Result<(), Failure> {
    let Some(ledger) = state.tables.get(VIEW_LEDGER) else { return Ok(()) };
    if view_ledger::definition().columns.iter().any(|column| !ledger.columns.contains_key(&column.name)) {
        return Ok(());
    }
    let sql = format!(
        "SELECT v.view_name, v.table_name, v.rows_shown, v.definition, c.oid, pg_get_userbyid(c.relowner)::text,
            pg_has_role(c.relowner, 'USAGE'), obj_description(c.oid, 'pg_class')
        FROM {} v LEFT JOIN (pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace AND s.nspname = $1)
            ON c.relname::text = v.view_name AND c.relkind = 'v'",
        qualified(&target.schema, VIEW_LEDGER)
    );
    for row in transaction.query(&sql, &[&target.schema])? {
        let entry = ViewEntry { view: row.try_get(0)?, table: row.try_get(1)?, rows: row.try_get(2)?, definition: row.try_get(3)? };
        let Some(oid) = row.try_get::<_, Option<u32>>(4)? else {
            state.lacks_view = true;
            continue;
        };
        let (owner, is_ours, comment) = (row.try_get(5)?, row.try_get(6)?, row.try_get(7)?);
        state.others.remove(&entry.view);
        state.views.insert(entry.view.clone(), ExistingView { oid, owner, is_ours, entry, comment, columns: Vec::new() });
    }
    for row in transaction.query(VIEW_COLUMNS, &[&target.schema])? {
        let (view, name): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let column = ExistingViewColumn { name, type_name: row.try_get(2)?, comment: row.try_get(3)? };
        state.views.entry(view).and_modify(|existing| existing.columns.push(column));
    }
    Ok(())
}

fn loaded(transaction: &mut Transaction<'_>, target: &Postgres, state: &DatabaseState) -> Result<Option<LoadedSnapshot>, Failure> {
    const NEEDED: [&str; 5] = ["snapshot", "fingerprint", "as_of", "is_partial", "job"];
    let Some(ledger) = state.tables.get(LEDGER) else { return Ok(None) };
    if NEEDED.iter().any(|name| !ledger.columns.contains_key(*name)) {
        return Ok(None);
    }
    let table = qualified(&target.schema, LEDGER);
    let sql = format!("SELECT snapshot, fingerprint, to_char(as_of, 'YYYY-MM-DD'), is_partial, job FROM {table} LIMIT 1");
    let Some(row) = transaction.query_opt(&sql, &[])? else { return Ok(None) };
    let as_of: String = row.try_get(2)?;
    Ok(Some(LoadedSnapshot {
        name: row.try_get(0)?,
        fingerprint: row.try_get(1)?,
        as_of: parse_day(&as_of),
        is_partial: row.try_get(3)?,
        job: row.try_get(4)?,
    }))
}

fn kind_name(kind: &str) -> &'static str {
    match kind {
        "v" => "a view",
        "m" => "a materialized view",
        "i" | "I" => "an index",
        "S" => "a sequence",
        "f" => "a foreign table",
        _ => "a table",
    }
}
