//! A table on its way into the database: its rows go into a new partition that nobody sees, and what has to happen to the table itself
//! when that partition takes the place of the one before.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::mpsc::sync_channel;

use arrow::record_batch::RecordBatch;
use postgres::Transaction;

use super::definition::{Definition, SqlType};
use super::encode;
use super::failure::Failure;
use super::quote::{identifier, identifiers, qualified};
use super::standing::{Present, PresentIndex, Standing};
use crate::error::Result as CrateResult;
use crate::job::Postgres;

/// A table on its way.
#[derive(Debug)]
pub(super) struct Incoming {
    pub definition: Definition,
    pub manner: Manner,
    /// The new partition, as it is called until the swap.
    pub partition: String,
}

/// What has to happen to the table when its rows are swapped.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// It was not there.
    New,
    /// It stays, with these changes behind `ALTER TABLE`; views, grants and further indexes of others stay too.
    Kept(Vec<String>),
    /// A type or the key is another one: it is dropped and made anew, which the server refuses while views are built on it.
    Remade,
}

impl Manner {
    /// How a table that is there becomes that of the definition. Columns that others added stay; so do those that huitou no longer has,
    /// empty, since a view may show them.
    fn between(present: &Present, definition: &Definition) -> Manner {
        let key: &[String] = if definition.has_primary_key() { &definition.key } else { &[] };
        if present.partitioned_by != definition.partitioned_by() || present.primary_key != key {
            return Manner::Remade;
        }
        let mut changes = Vec::new();
        for column in &definition.columns {
            let name = identifier(&column.name);
            match present.columns.get(&column.name) {
                None => changes.push(format!("ADD COLUMN {}", column.sql())),
                Some(old) if old.type_name != column.sql_type.name() => return Manner::Remade,
                Some(old) if column.is_nullable && old.is_not_null => changes.push(format!("ALTER COLUMN {name} DROP NOT NULL")),
                Some(old) if !column.is_nullable && !old.is_not_null => changes.push(format!("ALTER COLUMN {name} SET NOT NULL")),
                Some(_) => {}
            }
        }
        let is_other = |name: &str| !definition.columns.iter().any(|column| column.name == name);
        let filled = present.columns.iter().filter(|(name, column)| is_other(name) && column.is_not_null && !column.has_default);
        changes.extend(filled.map(|(name, _)| format!("ALTER COLUMN {} DROP NOT NULL", identifier(name))));
        Manner::Kept(changes)
    }
}

/// Makes an empty partition like a table that is there, as `name`, with the changes behind `ALTER TABLE`.
pub(super) fn empty_partition(target: &Postgres, table: &str, name: &str, changes: &[String]) -> String {
    let (table, partition) = (qualified(&target.schema, table), qualified(&target.partitions(), name));
    let mut sql =
        format!("CREATE TABLE {partition} (LIKE {table} INCLUDING ALL EXCLUDING INDEXES EXCLUDING COMMENTS EXCLUDING STATISTICS);\n");
    if !changes.is_empty() {
        let _ = writeln!(sql, "ALTER TABLE {partition} {};", changes.join(", "));
    }
    sql
}

/// Gives the partition an index for each of the table that is there.
pub(super) fn indexes_of(present: &Present, partition: &str) -> String {
    let one = |index: &PresentIndex| match (index.is_constraint, index.is_unique) {
        (true, _) => format!("ALTER TABLE {partition} ADD {};\n", index.sql),
        (false, true) => format!("CREATE UNIQUE INDEX ON {partition} {};\n", index.sql),
        (false, false) => format!("CREATE INDEX ON {partition} {};\n", index.sql),
    };
    present.indexes.iter().map(one).collect()
}

impl Incoming {
    /// A table of the snapshot, the `number`th.
    pub fn new(definition: Definition, standing: &Standing, number: usize) -> Incoming {
        let manner = standing.tables.get(&definition.name).map_or(Manner::New, |present| Manner::between(present, &definition));
        Incoming { definition, manner, partition: format!("new_{number}") }
    }

    /// Makes the new partition and fills it with the rows that `batches` opens, which go over while the next ones are read. Indexes and
    /// statistics come after the rows. The table itself, if it is new, is made too: nobody sees it before the end.
    pub fn load<I: Iterator<Item = CrateResult<RecordBatch>>>(
        &self,
        transaction: &mut Transaction<'_>,
        target: &Postgres,
        standing: &Standing,
        batches: impl FnOnce() -> I + Send,
    ) -> Result<u64, Failure> {
        let definition = &self.definition;
        let partition = qualified(&target.partitions(), &self.partition);
        let present = standing.tables.get(&definition.name);
        let (made, indexes) = match (&self.manner, present) {
            (Manner::Kept(changes), Some(present)) => {
                (empty_partition(target, &definition.name, &self.partition, changes), indexes_of(present, &partition))
            }
            _ => {
                let columns: Vec<String> = definition.columns.iter().map(|column| column.sql()).collect();
                let made = format!("CREATE TABLE {partition} ({});\n", columns.join(", "));
                (made, definition.indexes(&partition, standing.knows_equal_nulls))
            }
        };
        transaction.batch_execute(&made)?;
        let rows = self.copy(transaction, &partition, batches)?;
        transaction.batch_execute(&format!("{indexes}ANALYZE {partition};"))?;
        if self.manner == Manner::New {
            transaction.batch_execute(&self.make_table(target, standing))?;
        }
        Ok(rows)
    }

    /// The table without rows, with indexes and comments.
    pub fn make_table(&self, target: &Postgres, standing: &Standing) -> String {
        let definition = &self.definition;
        let indexes = definition.indexes(&qualified(&target.schema, &definition.name), standing.knows_equal_nulls);
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
        // Frozen rows are there for everybody once the load is final, for a transaction that began before it too: it must not find empty
        // tables. Only the transaction that made a table can fill it like that.
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
                    // The server says why when it is asked for the end.
                    return Err(match writer.finish() {
                        Err(cause) => Failure::from(cause),
                        Ok(_) => Failure::new(broken.to_string(), ""),
                    });
                }
            }
            Ok(writer.finish()?)
        })
    }

    /// Puts the new partition into the place of the old one.
    pub fn swap(&self, target: &Postgres, standing: &Standing, restored: &str) -> String {
        let name = &self.definition.name;
        let (schema, partitions) = (&target.schema, target.partitions());
        let table = qualified(schema, name);
        let mut sql = String::new();
        match (&self.manner, standing.tables.get(name)) {
            (Manner::Kept(changes), Some(present)) => {
                let old = qualified(&partitions, &present.partition);
                let _ = writeln!(sql, "ALTER TABLE {table} DETACH PARTITION {old};\nDROP TABLE {old};");
                if !changes.is_empty() {
                    let _ = writeln!(sql, "ALTER TABLE {table} {};", changes.join(", "));
                }
                sql += &self.definition.comments(schema, &|column| match column {
                    None => present.comment.clone(),
                    Some(column) => present.columns.get(column).and_then(|column| column.comment.clone()),
                });
            }
            (Manner::Remade, _) => {
                let _ = writeln!(sql, "DROP TABLE {table};\n{}{restored}", self.make_table(target, standing));
            }
            _ => {}
        }
        sql + &attach(target, name, &self.partition)
    }
}

/// Shows the partition `new` in the table.
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

/// What gives a table that is made anew the owner and the rights of the one before, in the columns that it still has.
pub(super) fn rights(
    transaction: &mut Transaction<'_>,
    target: &Postgres,
    present: &Present,
    definition: &Definition,
) -> Result<String, Failure> {
    const RIGHTS: &str = "SELECT format('GRANT %s%s ON %I.%I TO %s%s', x.privilege_type, CASE WHEN x.attname IS NOT NULL THEN format(' (%I)', x.attname) END,
            s.nspname, c.relname, CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END,
            CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' END)
        FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace CROSS JOIN LATERAL (
            SELECT NULL::name AS attname, e.* FROM aclexplode(c.relacl) e
            UNION ALL SELECT a.attname, e.* FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) e
                WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attname::text = ANY($2)) x
        WHERE c.oid = $1 AND x.grantee <> c.relowner ORDER BY 1";
    let names: Vec<&str> = definition.columns.iter().map(|column| column.name.as_str()).collect();
    let mut sql = String::new();
    for row in transaction.query(RIGHTS, &[&present.oid, &names])? {
        let right: String = row.try_get(0)?;
        let _ = writeln!(sql, "{right};");
    }
    let user: String = transaction.query_one("SELECT current_user::text", &[])?.try_get(0)?;
    if user != present.owner {
        // Last, since who gives a table away has no rights left to give.
        let table = qualified(&target.schema, &definition.name);
        let _ = writeln!(sql, "ALTER TABLE {table} OWNER TO {};", identifier(&present.owner));
    }
    Ok(sql)
}

#[cfg(test)]
mod tests {
    use crate::database::definition::ColumnDefinition;
    use crate::database::standing::PresentColumn;

    use super::*;

    fn definition(columns: &[(&str, SqlType, bool)]) -> Definition {
        let column = |(name, sql_type, is_nullable): &(&str, SqlType, bool)| ColumnDefinition {
            name: (*name).to_owned(),
            sql_type: *sql_type,
            is_nullable: *is_nullable,
            default: None,
            comment: String::new(),
        };
        let columns = columns.iter().map(column).collect();
        Definition { name: "t".to_owned(), columns, key: vec!["id".to_owned()], comment: String::new() }
    }

    fn present(columns: &[(&str, &str, bool)], key: &[&str]) -> Present {
        let column = |(name, type_name, is_not_null): &(&str, &str, bool)| {
            let column = PresentColumn { type_name: (*type_name).to_owned(), is_not_null: *is_not_null, has_default: false, comment: None };
            ((*name).to_owned(), column)
        };
        let columns = columns.iter().map(column).collect();
        let primary_key = key.iter().map(|name| (*name).to_owned()).collect();
        Present { partitioned_by: "id".to_owned(), primary_key, columns, ..Present::default() }
    }

    #[test]
    fn a_table_stays_as_long_as_types_and_key_do() {
        let before = present(&[("id", "bigint", true), ("a", "text", true), ("b", "text", false), ("old", "date", true)], &["id"]);
        let same = definition(&[("id", SqlType::BigInt, false), ("a", SqlType::Text, false), ("b", SqlType::Text, true)]);
        assert_eq!(Manner::between(&before, &same), Manner::Kept(vec!["ALTER COLUMN \"old\" DROP NOT NULL".to_owned()]));
        let other = definition(&[
            ("id", SqlType::BigInt, false),
            ("a", SqlType::Text, true),
            ("b", SqlType::Text, false),
            ("new", SqlType::Money, false),
            ("old", SqlType::Date, false),
        ]);
        let changes = ["ALTER COLUMN \"a\" DROP NOT NULL", "ALTER COLUMN \"b\" SET NOT NULL", "ADD COLUMN \"new\" numeric(18,2) NOT NULL"];
        assert_eq!(Manner::between(&before, &other), Manner::Kept(changes.map(str::to_owned).to_vec()));
        let text_ids = definition(&[("id", SqlType::Text, false)]);
        assert_eq!(Manner::between(&before, &text_ids), Manner::Remade);
        let nullable_key = definition(&[("id", SqlType::BigInt, true)]);
        assert_eq!(Manner::between(&before, &nullable_key), Manner::Remade);
        let another_key = present(&[("id", "bigint", true)], &["id", "a"]);
        assert_eq!(Manner::between(&another_key, &definition(&[("id", SqlType::BigInt, false)])), Manner::Remade);
    }
}
