//! A table that is being loaded: its rows go into a new partition that is not yet visible. Also the changes to the table itself when that
//! partition replaces the old one.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::mpsc::sync_channel;

use arrow::record_batch::RecordBatch;
use postgres::Transaction;

use super::definition::{Definition, SqlType};
use super::encode;
use super::failure::Failure;
use super::quote::{identifier, identifiers, qualified};
use super::state::{DatabaseState, ExistingIndex, ExistingTable};
use crate::error::Result as CrateResult;
use crate::job::Postgres;

/// A table that is being loaded.
#[derive(Debug)]
pub(super) struct IncomingTable {
    pub definition: Definition,
    pub change: TableChange,
    /// The name of the new partition until the swap.
    pub partition: String,
}

/// How the table changes when its rows are swapped.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TableChange {
    /// It is new.
    New,
    /// It stays, with these changes for `ALTER TABLE`; views, grants and indexes of other users stay too.
    Kept(Vec<String>),
    /// A type or the key differs: it is dropped and created again, which the server refuses while views depend on it.
    Recreated,
}

impl TableChange {
    /// The change from the existing table to the definition. Columns that other users added stay; columns that huitou no longer has stay
    /// empty, because a view may use them.
    pub fn between(existing: &ExistingTable, definition: &Definition) -> TableChange {
        let key: &[String] = if definition.has_primary_key() { &definition.key } else { &[] };
        if existing.partitioned_by != definition.partitioned_by() || existing.primary_key != key {
            return TableChange::Recreated;
        }
        let mut changes = Vec::new();
        for column in &definition.columns {
            let name = identifier(&column.name);
            match existing.columns.get(&column.name) {
                None => changes.push(format!("ADD COLUMN {}", column.sql())),
                Some(old) if old.type_name != column.sql_type.name() => return TableChange::Recreated,
                Some(old) if column.is_nullable && old.is_not_null => changes.push(format!("ALTER COLUMN {name} DROP NOT NULL")),
                Some(old) if !column.is_nullable && !old.is_not_null => changes.push(format!("ALTER COLUMN {name} SET NOT NULL")),
                Some(_) => {}
            }
        }
        let is_other = |name: &str| !definition.columns.iter().any(|column| column.name == name);
        let filled = existing.columns.iter().filter(|(name, column)| is_other(name) && column.is_not_null && !column.has_default);
        changes.extend(filled.map(|(name, _)| format!("ALTER COLUMN {} DROP NOT NULL", identifier(name))));
        TableChange::Kept(changes)
    }
}

/// The SQL that creates an empty partition `name` like an existing table, with the changes for `ALTER TABLE`.
pub(super) fn empty_partition(target: &Postgres, table: &str, name: &str, changes: &[String]) -> String {
    let (table, partition) = (qualified(&target.schema, table), qualified(&target.partitions(), name));
    let mut sql =
        format!("CREATE TABLE {partition} (LIKE {table} INCLUDING ALL EXCLUDING INDEXES EXCLUDING COMMENTS EXCLUDING STATISTICS);\n");
    if !changes.is_empty() {
        let _ = writeln!(sql, "ALTER TABLE {partition} {};", changes.join(", "));
    }
    sql
}

/// The SQL that gives the partition an equal index for each one of the existing table.
pub(super) fn indexes_of(existing: &ExistingTable, partition: &str) -> String {
    let one = |index: &ExistingIndex| match (index.is_constraint, index.is_unique) {
        (true, _) => format!("ALTER TABLE {partition} ADD {};\n", index.sql),
        (false, true) => format!("CREATE UNIQUE INDEX ON {partition} {};\n", index.sql),
        (false, false) => format!("CREATE INDEX ON {partition} {};\n", index.sql),
    };
    existing.indexes.iter().map(one).collect()
}

impl IncomingTable {
    /// A table of the snapshot, the `number`th.
    pub fn new(definition: Definition, state: &DatabaseState, number: usize) -> IncomingTable {
        let change = state.tables.get(&definition.name).map_or(TableChange::New, |existing| TableChange::between(existing, &definition));
        IncomingTable { definition, change, partition: format!("new_{number}") }
    }

    /// Creates the new partition and copies the rows that `batches` opens; reading and sending overlap. Indexes and statistics follow the
    /// rows. Also creates the table itself if it is new; it is not visible before the commit.
    pub fn load<I: Iterator<Item = CrateResult<RecordBatch>>>(
        &self,
        transaction: &mut Transaction<'_>,
        target: &Postgres,
        state: &DatabaseState,
        batches: impl FnOnce() -> I + Send,
    ) -> Result<u64, Failure> {
        let definition = &self.definition;
        let partition = qualified(&target.partitions(), &self.partition);
        let existing = state.tables.get(&definition.name);
        let (made, indexes) = match (&self.change, existing) {
            (TableChange::Kept(changes), Some(existing)) => {
                (empty_partition(target, &definition.name, &self.partition, changes), indexes_of(existing, &partition))
            }
            _ => {
                let columns: Vec<String> = definition.columns.iter().map(|column| column.sql()).collect();
                let made = format!("CREATE TABLE {partition} ({});\n", columns.join(", "));
                (made, definition.indexes(&partition, state.supports_nulls_not_distinct))
            }
        };
        transaction.batch_execute(&made)?;
        let rows = self.copy(transaction, &partition, batches)?;
        transaction.batch_execute(&format!("{indexes}ANALYZE {partition};"))?;
        if self.change == TableChange::New {
            transaction.batch_execute(&self.create_sql(target, state))?;
        }
        Ok(rows)
    }

    /// The SQL that creates the table without rows, with indexes and comments.
    pub fn create_sql(&self, target: &Postgres, state: &DatabaseState) -> String {
        let definition = &self.definition;
        let indexes = definition.indexes(&qualified(&target.schema, &definition.name), state.supports_nulls_not_distinct);
        format!("{}{indexes}{}", definition.create(&target.schema), definition.comments(&target.schema, &|_| None))
    }

    fn copy<I: Iterator<Item = CrateResult<RecordBatch>>>(
        &self,
        transaction: &mut Transaction<'_>,
        partition: &str,
        batches: impl FnOnce() -> I + Send,
    ) -> Result<u64, Failure> {
        let names: Vec<String> = self.definition.copied().map(|column| column.name.clone()).collect();
        let types: Vec<SqlType> = self.definition.copied().map(|column| column.sql_type).collect();
        // Frozen rows are visible to everybody after the commit, even to a transaction that began before: it must not find empty tables.
        // Only the transaction that created a table can copy frozen rows into it.
        let sql = format!("COPY {partition} ({}) FROM STDIN WITH (FORMAT binary, FREEZE true)", identifiers(&names));
        let mut writer = transaction.copy_in(&sql)?;
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel::<Result<Vec<u8>, Failure>>(4);
            scope.spawn(move || {
                let mut is_wanted = sender.send(Ok(encode::HEADER.to_vec())).is_ok();
                let mut batches = batches();
                while is_wanted && let Some(batch) = batches.next() {
                    let mut block = Vec::new();
                    let encoded = batch.map_err(Failure::from).and_then(|batch| encode::rows(&batch, &types, &mut block));
                    is_wanted = sender.send(encoded.map(|()| block)).is_ok();
                }
                let _ = sender.send(Ok(encode::TRAILER.to_vec()));
            });
            for block in receiver {
                if let Err(broken) = writer.write_all(&block?) {
                    // The server gives the reason at the end of the copy.
                    return Err(match writer.finish() {
                        Err(cause) => Failure::from(cause),
                        Ok(_) => Failure::new(broken.to_string(), ""),
                    });
                }
            }
            Ok(writer.finish()?)
        })
    }

    /// The SQL that replaces the old partition by the new one.
    pub fn swap(&self, target: &Postgres, state: &DatabaseState, restored: &str) -> String {
        let name = &self.definition.name;
        let (schema, partitions) = (&target.schema, target.partitions());
        let table = qualified(schema, name);
        let mut sql = String::new();
        match (&self.change, state.tables.get(name)) {
            (TableChange::Kept(changes), Some(existing)) => {
                let old = qualified(&partitions, &existing.partition);
                let _ = writeln!(sql, "ALTER TABLE {table} DETACH PARTITION {old};\nDROP TABLE {old};");
                if !changes.is_empty() {
                    let _ = writeln!(sql, "ALTER TABLE {table} {};", changes.join(", "));
                }
                sql += &self.definition.comments(schema, &|column| existing.comment_of(column));
            }
            (TableChange::Recreated, _) => {
                let _ = writeln!(sql, "DROP TABLE {table};\n{}{restored}", self.create_sql(target, state));
            }
            _ => {}
        }
        sql + &attach(target, name, &self.partition)
    }
}

/// The SQL that attaches the partition `new` to the table.
pub(super) fn attach(target: &Postgres, table: &str, new: &str) -> String {
    let partitions = target.partitions();
    format!(
        "ALTER TABLE {} RENAME TO {};\nALTER TABLE {} ATTACH PARTITION {} DEFAULT;\n",
        qualified(&partitions, new),
        identifier(table),
        qualified(&target.schema, table),
        qualified(&partitions, table)
    )
}

#[cfg(test)]
mod tests {
    use crate::database::definition::ColumnDefinition;
    use crate::database::state::ExistingColumn;

    use super::*;

    fn definition(columns: &[(&str, SqlType, bool)]) -> Definition {
        let column = |(name, sql_type, is_nullable): &(&str, SqlType, bool)| ColumnDefinition::new(name, *sql_type, *is_nullable, "");
        let columns = columns.iter().map(column).collect();
        Definition { name: "t".to_owned(), columns, key: vec!["id".to_owned()], comment: String::new() }
    }

    fn existing(columns: &[(&str, &str, bool)], key: &[&str]) -> ExistingTable {
        let column = |(name, type_name, is_not_null): &(&str, &str, bool)| {
            let column =
                ExistingColumn { type_name: (*type_name).to_owned(), is_not_null: *is_not_null, has_default: false, comment: None };
            ((*name).to_owned(), column)
        };
        let columns = columns.iter().map(column).collect();
        let primary_key = key.iter().map(|name| (*name).to_owned()).collect();
        ExistingTable { partitioned_by: "id".to_owned(), primary_key, columns, ..ExistingTable::default() }
    }

    #[test]
    fn a_table_stays_as_long_as_types_and_key_do() {
        let before = existing(&[("id", "bigint", true), ("a", "text", true), ("b", "text", false), ("old", "date", true)], &["id"]);
        let same = definition(&[("id", SqlType::BigInt, false), ("a", SqlType::Text, false), ("b", SqlType::Text, true)]);
        assert_eq!(TableChange::between(&before, &same), TableChange::Kept(vec!["ALTER COLUMN \"old\" DROP NOT NULL".to_owned()]));
        let other = definition(&[
            ("id", SqlType::BigInt, false),
            ("a", SqlType::Text, true),
            ("b", SqlType::Text, false),
            ("new", SqlType::Money, false),
            ("old", SqlType::Date, false),
        ]);
        let changes = ["ALTER COLUMN \"a\" DROP NOT NULL", "ALTER COLUMN \"b\" SET NOT NULL", "ADD COLUMN \"new\" numeric(18,2) NOT NULL"];
        assert_eq!(TableChange::between(&before, &other), TableChange::Kept(changes.map(str::to_owned).to_vec()));
        let text_ids = definition(&[("id", SqlType::Text, false)]);
        assert_eq!(TableChange::between(&before, &text_ids), TableChange::Recreated);
        let nullable_key = definition(&[("id", SqlType::BigInt, true)]);
        assert_eq!(TableChange::between(&before, &nullable_key), TableChange::Recreated);
        let another_key = existing(&[("id", "bigint", true)], &["id", "a"]);
        assert_eq!(TableChange::between(&another_key, &definition(&[("id", SqlType::BigInt, false)])), TableChange::Recreated);
    }
}
