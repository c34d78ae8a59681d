//! Foreign keys from the result tables to the dimensions: shops, days, segments. A load drops them before it swaps the rows, since the
//! server would refuse to exchange the rows of a dimension that others refer to, and creates them again with the rows in place.

use std::fmt::Write;

use postgres::Transaction;

use super::days::{DATE, DAYS};
use super::definition::{Definition, SqlType};
use super::failure::Failure;
use super::quote::{identifier, identifiers, qualified};
use super::segments::{self, SEGMENTS};
use super::state::DatabaseState;
use crate::job::Postgres;

/// The dimension of shops: a result table.
pub(super) const SHOPS: &str = "shops";

/// The key of shops.
pub(super) const SHOP_ID: &str = "shop_id";

/// Columns that name a shop.
const SHOP_COLUMNS: [&str; 3] = [SHOP_ID, "shop_a", "shop_b"];

/// Columns that name a segment of the row's scheme.
const SEGMENT_COLUMNS: [&str; 3] = ["segment", "from_segment", "to_segment"];

/// Rows that were rejected name whatever the input has, and figures that changed what it had: also shops that there are not.
const WITHOUT: [&str; 2] = ["rejects", "restatements"];

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ForeignKey {
    pub table: String,
    pub columns: Vec<String>,
    pub dimension: &'static str,
    referenced: Vec<String>,
}

impl ForeignKey {
    /// The SQL that creates it; the server names it.
    pub fn create(&self, target: &Postgres) -> String {
        let (table, dimension) = (qualified(&target.schema, &self.table), qualified(&target.schema, self.dimension));
        let (columns, referenced) = (identifiers(&self.columns), identifiers(&self.referenced));
        format!("ALTER TABLE {table} ADD FOREIGN KEY ({columns}) REFERENCES {dimension} ({referenced});\n")
    }

    /// Whether all rows of `table` have their row in `dimension`, both by their names with the schema.
    pub fn holds(&self, transaction: &mut Transaction<'_>, table: &str, dimension: &str) -> Result<bool, Failure> {
        let is_there: Vec<String> = self.columns.iter().map(|column| format!("f.{} IS NOT NULL", identifier(column))).collect();
        let pairs = self.columns.iter().zip(&self.referenced);
        let is_same: Vec<String> = pairs.map(|(column, key)| format!("d.{} = f.{}", identifier(key), identifier(column))).collect();
        let sql = format!(
            "SELECT NOT EXISTS (SELECT FROM {table} f WHERE {} AND NOT EXISTS (SELECT FROM {dimension} d WHERE {}))",
            is_there.join(" AND "),
            is_same.join(" AND ")
        );
        Ok(transaction.query_one(&sql, &[])?.try_get(0)?)
    }

    /// What it is, for a message.
    pub fn text(&self) -> String {
        format!("`{}` ({}) to `{}`", self.table, self.columns.join(", "), self.dimension)
    }
}

/// The foreign keys of tables with these definitions, as far as the dimensions are among them.
pub(super) fn of(definitions: &[Definition]) -> Vec<ForeignKey> {
    let dimension = |name: &str| definitions.iter().find(|definition| definition.name == name);
    let (shops, days, has_segments) = (dimension(SHOPS), dimension(DAYS), dimension(SEGMENTS).is_some());
    let shop_type = shops.and_then(|shops| shops.column(SHOP_ID)).map(|column| column.sql_type);
    let mut keys = Vec::new();
    let is_dimension = |name: &str| [SHOPS, DAYS, SEGMENTS].contains(&name);
    for definition in
        definitions.iter().filter(|definition| !is_dimension(&definition.name) && !WITHOUT.contains(&definition.name.as_str()))
    {
        let mut add = |columns: &[&str], dimension, referenced: &[&str]| {
            let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            keys.push(ForeignKey { table: definition.name.clone(), columns: owned(columns), dimension, referenced: owned(referenced) });
        };
        let type_of = |name: &str| definition.column(name).map(|column| column.sql_type);
        for name in SHOP_COLUMNS.iter().filter(|name| shop_type.is_some() && type_of(name) == shop_type) {
            add(&[name], SHOPS, &[SHOP_ID]);
        }
        for name in definition.key.iter().filter(|name| days.is_some() && type_of(name) == Some(SqlType::Date)) {
            add(&[name], DAYS, &[DATE]);
        }
        let [scheme, segment] = segments::KEY;
        for name in SEGMENT_COLUMNS.iter().filter(|name| has_segments && type_of(scheme).is_some() && type_of(name).is_some()) {
            add(&[scheme, name], SEGMENTS, &[scheme, segment]);
        }
    }
    keys
}

/// The SQL that drops all foreign keys from tables of huitou to its dimensions.
pub(super) fn drop_all(transaction: &mut Transaction<'_>, target: &Postgres, state: &DatabaseState) -> Result<String, Failure> {
    const KEYS: &str = "SELECT c.relname::text, k.conname::text FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class d ON d.oid = k.confrelid
        JOIN pg_namespace s ON s.oid = c.relnamespace AND s.oid = d.relnamespace
        WHERE k.contype = 'f' AND k.conparentid = 0 AND s.nspname = $1 AND d.relname::text = ANY($2) ORDER BY 1, 2";
    let mut sql = String::new();
    for row in transaction.query(KEYS, &[&target.schema, &[SHOPS, DAYS, SEGMENTS].as_slice()])? {
        let (table, name): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        if state.tables.contains_key(&table) {
            let _ = writeln!(sql, "ALTER TABLE {} DROP CONSTRAINT {};", qualified(&target.schema, &table), identifier(&name));
        }
    }
    Ok(sql)
}

#[cfg(test)]
mod tests {
    use crate::database::definition::ColumnDefinition;

    use super::*;

    fn table(name: &str, key: &[&str], columns: &[(&str, SqlType)]) -> Definition {
        let columns = columns.iter().map(|(name, sql_type)| ColumnDefinition::new(name, *sql_type, false, "")).collect();
        Definition { name: name.to_owned(), columns, key: key.iter().map(|name| (*name).to_owned()).collect(), comment: String::new() }
    }

    #[test]
    fn shops_days_of_keys_and_segments_are_referred_to() {
        let shops = table("shops", &["shop_id"], &[("shop_id", SqlType::Text), ("first_day", SqlType::Date)]);
        let daily =
            table("shop_daily", &["shop_id", "date"], &[("shop_id", SqlType::Text), ("date", SqlType::Date), ("seen", SqlType::Date)]);
        let ways = table(
            "segment_migration",
            &["shop_id", "scheme", "from_segment", "to_segment"],
            &[
                ("shop_id", SqlType::Text),
                ("scheme", SqlType::Text),
                ("from_segment", SqlType::Text),
                ("to_segment", SqlType::Text),
                ("from_date", SqlType::Date),
            ],
        );
        let rejects = table("rejects", &["row"], &[("row", SqlType::BigInt), ("shop_id", SqlType::Text)]);
        let other_ids = table("inputs", &["input"], &[("input", SqlType::Text), ("shop_id", SqlType::BigInt)]);
        let dimensions = [super::super::days::definition(), segments::definition()];
        let all = [[shops, daily, ways, rejects, other_ids].as_slice(), dimensions.as_slice()].concat();
        let found: Vec<String> = of(&all).iter().map(ForeignKey::text).collect();
        assert_eq!(
            found,
            [
                "`shop_daily` (shop_id) to `shops`",
                "`shop_daily` (date) to `days`",
                "`segment_migration` (shop_id) to `shops`",
                "`segment_migration` (scheme, from_segment) to `segments`",
                "`segment_migration` (scheme, to_segment) to `segments`",
            ]
        );
        // Without the dimensions there is nothing to refer to.
        assert_eq!(of(&all[1..5]), []);
    }
}
