//! The history of small tables: `<table>_history` keeps the rows of every night, by its as-of date. Its rows are not exchanged but added,
//! and those of a night that is loaded again replace the ones it had.

use super::definition::{ColumnDefinition, Definition, SqlType};
use super::failure::Failure;
use super::incoming::TableChange;
use super::quote::{identifiers, literal, qualified};
use super::state::{DatabaseState, ExistingTable};
use crate::job::Postgres;
use crate::spec::Day;
use crate::spec::period::iso;

/// The column by which nights are told apart. No result table begins its key with it.
pub(super) const AS_OF: &str = "as_of";

/// Whether a table of huitou is a history, of whatever job: such tables stay when the job no longer asks for them.
pub(super) fn is_history(existing: &ExistingTable) -> bool {
    existing.partitioned_by == AS_OF
}

/// A history to which a load adds rows.
#[derive(Debug)]
pub(super) struct History {
    /// The table whose rows are kept.
    base: String,
    /// The columns of that table.
    columns: Vec<String>,
    pub definition: Definition,
    change: TableChange,
}

impl History {
    /// The history of a table.
    ///
    /// # Errors
    /// A failure where the rows of earlier nights have another key or other types.
    pub fn new(base: &Definition, target: &Postgres, state: &DatabaseState) -> Result<History, Failure> {
        let definition = definition(base);
        let change = state.tables.get(&definition.name).map_or(TableChange::New, |existing| TableChange::between(existing, &definition));
        if change == TableChange::Recreated {
            let (table, name) = (qualified(&target.schema, &definition.name), &definition.name);
            return Err(Failure::new(
                format!("`{}.{name}` has the rows of earlier nights with another key, or with columns of other types", target.schema),
                format!("keep them under another name (CREATE TABLE … AS TABLE {table}), then DROP TABLE {table}: a new history begins"),
            ));
        }
        let columns = base.copied().map(|column| column.name.clone()).collect();
        Ok(History { base: base.name.clone(), columns, definition, change })
    }

    /// The SQL that adds the rows of the night, which the table shows by then.
    pub fn keep(&self, target: &Postgres, state: &DatabaseState, as_of: Day) -> String {
        let (history, base) = (qualified(&target.schema, &self.definition.name), qualified(&target.schema, &self.base));
        let (columns, day) = (identifiers(&self.columns), format!("{}::date", literal(&iso(as_of))));
        format!(
            "{}DELETE FROM {history} WHERE as_of = {day};\nINSERT INTO {history} (as_of, {columns}) SELECT {day}, {columns} FROM {base};\n",
            self.made(target, state)
        )
    }

    /// The SQL that creates the table, or changes it as the table whose rows it keeps has changed.
    fn made(&self, target: &Postgres, state: &DatabaseState) -> String {
        let (schema, name) = (&target.schema, &self.definition.name);
        let history = qualified(schema, name);
        match (&self.change, state.tables.get(name)) {
            (TableChange::Kept(changes), Some(existing)) => {
                let altered = if changes.is_empty() { String::new() } else { format!("ALTER TABLE {history} {};\n", changes.join(", ")) };
                altered + &self.definition.comments(schema, &|column| existing.comment_of(column))
            }
            _ => format!(
                "{}{}CREATE TABLE {} PARTITION OF {history} DEFAULT;\n{}",
                self.definition.create(schema),
                self.definition.indexes(&history, state.supports_nulls_not_distinct),
                qualified(&target.partitions(), name),
                self.definition.comments(schema, &|_| None)
            ),
        }
    }
}

/// The definition of the history of a table. What is not of the key can be null: earlier nights did not have all columns.
pub(super) fn definition(base: &Definition) -> Definition {
    let as_of = ColumnDefinition::new(AS_OF, SqlType::Date, false, "数据截至. The as-of date of the night to which the row belongs.");
    let nullable = |column: &ColumnDefinition| ColumnDefinition {
        is_nullable: column.is_nullable || !base.key.contains(&column.name),
        ..column.clone()
    };
    Definition {
        name: Postgres::history_of(&base.name),
        columns: std::iter::once(as_of).chain(base.copied().map(nullable)).collect(),
        key: std::iter::once(AS_OF.to_owned()).chain(base.key.iter().cloned()).collect(),
        comment: format!("{} The rows of every night, by as_of: choose one as_of before you sum.", base.comment),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_has_the_columns_of_its_table_and_the_night() {
        let column = |name: &str, is_nullable| ColumnDefinition::new(name, SqlType::Text, is_nullable, "");
        let columns = vec![column("shop_id", false), column("grain", true), column("value", false)];
        let base =
            Definition { name: "t".to_owned(), columns, key: vec!["shop_id".to_owned(), "grain".to_owned()], comment: String::new() };
        let history = definition(&base);
        assert_eq!(history.name, "t_history");
        assert_eq!(history.key, ["as_of", "shop_id", "grain"]);
        let columns: Vec<(&str, bool)> = history.columns.iter().map(|column| (column.name.as_str(), column.is_nullable)).collect();
        assert_eq!(columns, [("as_of", false), ("shop_id", false), ("grain", true), ("value", true)]);
    }
}
