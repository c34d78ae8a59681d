//! Database: the tables of the latest snapshot in PostgreSQL, for programs that read SQL.
//!
//! ```text
//! schema huitou              schema huitou_partitions
//!   customers  ───────────►    customers     the rows that readers see
//!                              new_3         the rows of the next snapshot, seen by nobody
//! ```
//!
//! A load is one transaction. Every table of the schema is partitioned into one partition, which holds all its rows. The new rows go by
//! binary COPY into new partitions, which get indexes and statistics; then all tables are locked for a moment, and each gives up
//! its old partition for the new one. The tables themselves stay, and with them the views, grants, comments and further indexes
//! that others have put there. Whatever ends the load before its last step leaves the database as it was.

mod definition;
mod encode;
mod failure;
mod incoming;
mod ledger;
mod quote;
mod session;
mod standing;
mod swap;
mod tls;

use postgres::{Client, Transaction};

use self::definition::{ColumnDefinition, Definition};
use self::failure::Failure;
use self::incoming::Incoming;
use self::ledger::LEDGER;
use self::quote::{identifier, literal, qualified};
use self::standing::Standing;
use crate::error::Result;
use crate::job::Postgres;
use crate::publish::Snapshot;

/// What a load came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Load {
    /// The database shows the snapshot now.
    Done {
        /// The tables of the snapshot.
        tables: usize,
        /// The rows of all of them.
        rows: u64,
        /// Trials to swap the tables that queries of others thwarted.
        thwarted: u32,
        /// What should be known.
        warnings: Vec<String>,
    },
    /// The database showed it before.
    Already,
    /// The database goes on showing the snapshot of that name, which knows later days.
    KeptNewer(String),
    /// The database goes on showing the snapshot of that name, which has all tables, and this one has not.
    KeptWhole(String),
}

/// Shows a snapshot in the database, if it does not show it already or one that is to stay.
///
/// # Errors
/// [`crate::error::Error::Output`] where the database cannot be reached or refuses something; it then is what it was. No message has the
/// password.
pub fn load(target: &Postgres, snapshot: &Snapshot) -> Result<Load> {
    attempt(target, snapshot).map_err(|failure| failure.error(target, &snapshot.path.display().to_string()))
}

fn attempt(target: &Postgres, snapshot: &Snapshot) -> Result<Load, Failure> {
    let mut client = session::connect(&target.connection)?;
    let mut transaction = session::begin(&mut client)?;
    session::hold(&mut transaction, target)?;
    let standing = standing::read(&mut transaction, target)?;
    let definitions = definitions(snapshot)?;
    match nothing_to_do(target, snapshot, &standing)? {
        // What somebody has emptied or changed since is put right.
        Some(Load::Already) if !is_as_loaded(&mut transaction, target, snapshot, &standing, &definitions)? => {}
        Some(load) => return Ok(load),
        None => {}
    }
    refuse_clashes(target, &standing, &definitions)?;
    make_schemas(&mut transaction, target, &standing)?;
    let mut rows = 0;
    let mut incoming = Vec::new();
    for (number, definition) in definitions.into_iter().enumerate() {
        let table = Incoming::new(definition, &standing, number);
        let name = table.definition.name.clone();
        let copied = match name.as_str() {
            LEDGER => {
                let ledger = ledger::rows(&snapshot.manifest);
                table.load(&mut transaction, target, &standing, || std::iter::once(ledger)).map(|_| 0)
            }
            _ => table.load(&mut transaction, target, &standing, || snapshot.batches(&name)),
        };
        rows += copied.map_err(|failure| failure.during(&format!("table `{name}`")))?;
        incoming.push(table);
    }
    let swapped = swap::swap(&mut transaction, target, &standing, &incoming)?;
    transaction.commit().map_err(|cause| Failure::of_commit(&cause))?;
    let left = |name: &String| {
        format!(
            "the snapshot has no table `{name}`; the one in the database has no rows now, and stays for the sake of what others built on it"
        )
    };
    let mut warnings: Vec<String> = swapped.emptied.iter().map(left).collect();
    warnings.extend(analyze(&mut client, target, &incoming));
    Ok(Load::Done { tables: incoming.len() - 1, rows, thwarted: swapped.thwarted, warnings })
}

/// Whether the database is to stay as it is, by the rules by which the link `latest` stays.
fn nothing_to_do(target: &Postgres, snapshot: &Snapshot, standing: &Standing) -> Result<Option<Load>, Failure> {
    let manifest = &snapshot.manifest;
    let Some(loaded) = &standing.loaded else { return Ok(None) };
    if loaded.fingerprint == manifest.fingerprint && loaded.name == manifest.name {
        return Ok(Some(Load::Already));
    }
    if loaded.job != manifest.job {
        let ledger = qualified(&target.schema, LEDGER);
        return Err(Failure::new(
            format!("the schema `{}` shows the tables of the job `{}`, this one is `{}`", target.schema, loaded.job, manifest.job),
            format!(
                "give each job a schema of its own (`output.postgres.schema`); if it is the same job under a new name: DELETE FROM {ledger}"
            ),
        ));
    }
    if manifest.partial && !loaded.is_partial {
        return Ok(Some(Load::KeptWhole(loaded.name.clone())));
    }
    if loaded.as_of.is_some_and(|as_of| as_of > manifest.as_of) {
        return Ok(Some(Load::KeptNewer(loaded.name.clone())));
    }
    Ok(None)
}

/// Whether the tables are still what the load of this snapshot left: all there, with their columns and as many rows.
fn is_as_loaded(
    transaction: &mut Transaction<'_>,
    target: &Postgres,
    snapshot: &Snapshot,
    standing: &Standing,
    definitions: &[Definition],
) -> Result<bool, Failure> {
    let has_columns = |definition: &Definition| {
        standing.tables.get(&definition.name).is_some_and(|present| {
            let is_there = |column: &ColumnDefinition| {
                present.columns.get(&column.name).is_some_and(|present| present.type_name == column.sql_type.name())
            };
            definition.columns.iter().all(is_there)
        })
    };
    if !definitions.iter().all(has_columns) {
        return Ok(false);
    }
    for table in &snapshot.manifest.tables {
        let counted = transaction.query_one(&format!("SELECT count(*) FROM {}", qualified(&target.schema, &table.name)), &[])?;
        if counted.try_get::<_, i64>(0)? != table.rows as i64 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The tables of the snapshot, and the one that says which snapshot it is.
fn definitions(snapshot: &Snapshot) -> Result<Vec<Definition>, Failure> {
    let mut definitions = Vec::new();
    for table in &snapshot.manifest.tables {
        definitions.push(Definition::of(&table.name, snapshot.schema(&table.name)?.as_ref())?);
    }
    definitions.push(ledger::definition());
    Ok(definitions)
}

/// Refuses to touch what others have made under the names of the tables, and tables of huitou that the user may not change.
fn refuse_clashes(target: &Postgres, standing: &Standing, definitions: &[Definition]) -> Result<(), Failure> {
    let schema = &target.schema;
    let names = definitions.iter().map(|definition| &definition.name);
    let clashes: Vec<String> =
        names.filter_map(|name| standing.others.get(name).map(|kind| format!("`{schema}.{name}` is {kind} of somebody else"))).collect();
    if !clashes.is_empty() {
        return Err(Failure::new(clashes.join(", "), "rename it, or give huitou a schema of its own (`output.postgres.schema`)"));
    }
    let foreign = standing.tables.iter().filter(|(_, present)| !present.is_ours);
    let foreign: Vec<String> = foreign.map(|(name, present)| format!("`{schema}.{name}` belongs to {}", present.owner)).collect();
    if foreign.is_empty() {
        return Ok(());
    }
    let user = &target.connection.user;
    Err(Failure::new(foreign.join(", "), format!("log in as the owner, or make {user} a member of the owner's role")))
}

/// Makes the schemas where they are missing; who has made them may need no right to make others.
fn make_schemas(transaction: &mut Transaction<'_>, target: &Postgres, standing: &Standing) -> Result<(), Failure> {
    const COMMENT: &str = "Result tables of huitou, all of one snapshot: huitou_snapshot says which.";
    const PARTITIONS: &str = "Where the rows of huitou's tables lie; every load makes its partitions anew.";
    for (schema, is_there, comment) in
        [(&target.schema, standing.has_schema, COMMENT), (&target.partitions(), standing.has_partitions, PARTITIONS)]
    {
        if !is_there {
            let name = identifier(schema);
            let sql = format!("CREATE SCHEMA {name}; COMMENT ON SCHEMA {name} IS {}", literal(comment));
            transaction.batch_execute(&sql).map_err(|cause| Failure::from(cause).during(&format!("cannot make the schema `{schema}`")))?;
        }
    }
    Ok(())
}

/// Statistics of the tables as a whole, which need what the load has made final. Without them queries are right and may be slower.
fn analyze(client: &mut Client, target: &Postgres, incoming: &[Incoming]) -> Option<String> {
    let tables: Vec<String> = incoming.iter().map(|table| qualified(&target.schema, &table.definition.name)).collect();
    let cause = client.batch_execute(&format!("ANALYZE {}", tables.join(", "))).err()?;
    Some(format!("the tables are loaded, but the database has no statistics of them yet: {}", Failure::from(cause).message))
}
