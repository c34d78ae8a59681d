//! The definition of a result table in PostgreSQL: columns with types, key and comments, all from the schema of its Parquet files,
//! which is that of its card.

use std::fmt::Write;

use arrow::datatypes::{DataType, Field, Schema};

use super::quote::{identifier, identifiers, literal, qualified};
use crate::error::{Error, Result};

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SqlType {
    /// Counts, and ids that fit in signed 64 bits.
    BigInt,
    /// Unsigned ids of 64 bits.
    Unsigned,
    /// Money, exactly.
    Money,
    /// Text, and ids that are text.
    Text,
    /// Days.
    Date,
    /// Shares, ratios and other numbers, with the same bits.
    Double,
    /// Flags.
    Boolean,
    /// The time at which a row was loaded.
    Time,
}

impl SqlType {
    fn of(data_type: &DataType) -> Option<SqlType> {
        Some(match data_type {
            DataType::UInt64 => SqlType::Unsigned,
            DataType::Decimal128(18, 2) => SqlType::Money,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => SqlType::Text,
            DataType::Date32 => SqlType::Date,
            DataType::Float64 => SqlType::Double,
            DataType::Boolean => SqlType::Boolean,
            other if other.is_integer() => SqlType::BigInt,
            _ => return None,
        })
    }

    /// The name, as the server's `format_type` writes it.
    pub fn name(self) -> &'static str {
        match self {
            SqlType::BigInt => "bigint",
            SqlType::Unsigned => "numeric(20,0)",
            SqlType::Money => "numeric(18,2)",
            SqlType::Text => "text",
            SqlType::Date => "date",
            SqlType::Double => "double precision",
            SqlType::Boolean => "boolean",
            SqlType::Time => "timestamp with time zone",
        }
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ColumnDefinition {
    pub name: String,
    pub sql_type: SqlType,
    pub is_nullable: bool,
    /// The default that the server fills in; such a column is not copied.
    pub default: Option<&'static str>,
    pub comment: String,
}

impl ColumnDefinition {
    /// A column that is copied.
    pub fn new(name: &str, sql_type: SqlType, is_nullable: bool, comment: &str) -> ColumnDefinition {
        ColumnDefinition { name: name.to_owned(), sql_type, is_nullable, default: None, comment: comment.to_owned() }
    }

    /// The column as in `CREATE TABLE` and after `ADD COLUMN`.
    pub fn sql(&self) -> String {
        let mut sql = format!("{} {}", identifier(&self.name), self.sql_type.name());
        if let Some(default) = self.default {
            let _ = write!(sql, " DEFAULT {default}");
        }
        if !self.is_nullable {
            sql.push_str(" NOT NULL");
        }
        sql
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Definition {
    pub name: String,
    /// In the order of the file, the key first.
    pub columns: Vec<ColumnDefinition>,
    /// The key columns.
    pub key: Vec<String>,
    pub comment: String,
}

impl Definition {
    /// The table `name` of that schema.
    ///
    /// # Errors
    /// [`Error::Bug`] where the schema is not that of a result table.
    pub fn of(name: &str, schema: &Schema) -> Result<Definition> {
        let text = |key: &str| schema.metadata().get(key).map(String::as_str).unwrap_or_default();
        let key: Vec<String> = text("key").split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        if key.is_empty() || key.iter().any(|name| schema.index_of(name).is_err()) {
            return Err(Error::bug(format!("the files of table `{name}` do not name its key")));
        }
        let columns = schema.fields().iter().map(|field| column(name, field)).collect::<Result<_>>()?;
        let comment = sentences(&[text("chinese"), text("question"), &labelled("One row", text("grain"))]);
        Ok(Definition { name: name.to_owned(), columns, key, comment })
    }

    /// The column by which the table is partitioned, into one partition: the first of the key.
    pub fn partitioned_by(&self) -> &str {
        self.key.first().map(String::as_str).unwrap_or_default()
    }

    /// Whether no column of the key can be null, so that it can be a primary key.
    pub fn has_primary_key(&self) -> bool {
        !self.columns.iter().any(|column| column.is_nullable && self.key.contains(&column.name))
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&ColumnDefinition> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns that are copied.
    pub fn copied(&self) -> impl Iterator<Item = &ColumnDefinition> {
        self.columns.iter().filter(|column| column.default.is_none())
    }

    /// The SQL that creates the partitioned table, without a partition.
    pub fn create(&self, schema: &str) -> String {
        let columns: Vec<String> = self.columns.iter().map(ColumnDefinition::sql).collect();
        let table = qualified(schema, &self.name);
        format!("CREATE TABLE {table} ({}) PARTITION BY RANGE ({});\n", columns.join(", "), identifier(self.partitioned_by()))
    }

    /// The SQL for the key of `table`, and for an index on the shop if the key does not begin with it. `supports_nulls_not_distinct` is
    /// whether the server has `NULLS NOT DISTINCT` (PostgreSQL 15 and later); without that, a key with nulls gets no index.
    pub fn indexes(&self, table: &str, supports_nulls_not_distinct: bool) -> String {
        const SHOP: &str = "shop_id";
        let key = identifiers(&self.key);
        let mut sql = match self.has_primary_key() {
            true => format!("ALTER TABLE {table} ADD PRIMARY KEY ({key});\n"),
            false if supports_nulls_not_distinct => format!("CREATE UNIQUE INDEX ON {table} ({key}) NULLS NOT DISTINCT;\n"),
            false => String::new(),
        };
        if self.partitioned_by() != SHOP && self.columns.iter().any(|column| column.name == SHOP) {
            let _ = writeln!(sql, "CREATE INDEX ON {table} ({});", identifier(SHOP));
        }
        sql
    }

    /// The SQL for the comments on table and columns that are missing or differ. `existing` returns those that are there: of a column by its name,
    /// of the table for `None`.
    pub fn comments(&self, schema: &str, existing: &dyn Fn(Option<&str>) -> Option<String>) -> String {
        let table = qualified(schema, &self.name);
        let mut sql = String::new();
        if existing(None).as_ref() != Some(&self.comment) {
            let _ = writeln!(sql, "COMMENT ON TABLE {table} IS {};", literal(&self.comment));
        }
        for column in self.columns.iter().filter(|column| existing(Some(&column.name)).as_ref() != Some(&column.comment)) {
            let _ = writeln!(sql, "COMMENT ON COLUMN {table}.{} IS {};", identifier(&column.name), literal(&column.comment));
        }
        sql
    }
}

fn column(table: &str, field: &Field) -> Result<ColumnDefinition> {
    let data_type = field.data_type();
    let text = |key: &str| field.metadata().get(key).map(String::as_str).unwrap_or_default();
    let sql_type = SqlType::of(data_type).ok_or_else(|| Error::bug(format!("`{table}.{}` is of type {data_type}", field.name())))?;
    let null_when = if field.is_nullable() { labelled("Null", text("null_when")) } else { String::new() };
    let comment = sentences(&[
        text("chinese"),
        text("description"),
        &labelled("Unit", text("unit")),
        &labelled("Formula", text("formula")),
        &null_when,
    ]);
    Ok(ColumnDefinition { name: field.name().clone(), sql_type, is_nullable: field.is_nullable(), default: None, comment })
}

fn labelled(label: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{label}: {text}") }
}

/// The texts that are not empty, each with a full stop if it does not end in a mark.
fn sentences(texts: &[&str]) -> String {
    let ended = |text: &str| if text.ends_with(['.', '?', '。', '\u{ff1f}']) { text.to_owned() } else { format!("{text}.") };
    texts.iter().copied().filter(|text| !text.is_empty()).map(ended).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use crate::spec::schema::schema;
    use crate::spec::{Card, Column, IdType, IdTypes, Kind};

    use super::*;

    static COLUMNS: [Column; 4] = [
        Column::new("month", Kind::Date, "", "月份", "The month"),
        Column::new("segment", Kind::Text, "", "分组", "Which segment it is.").null_when("all segments together"),
        Column::new("shop_id", Kind::ShopId, "", "店铺", "The shop."),
        Column::new("net_revenue", Kind::Money, "CNY", "净支付金额", "What's left.").formula("paid - refunded").null_when("no sales"),
    ];

    fn definition(key: &'static [&'static str]) -> Definition {
        let card = Card {
            name: Cow::Borrowed("months"),
            chinese: "月报",
            question: Cow::Borrowed("What did a month bring?"),
            grain: "one month of one shop",
            key,
            columns: Cow::Borrowed(&COLUMNS),
            needs: &[],
            uses: &[],
        };
        let id = || IdType::of(&DataType::UInt64).unwrap();
        let ids = IdTypes { shop: id(), customer: id(), category: id(), item: id(), campaign: id() };
        Definition::of("months", &schema(&card, &ids)).unwrap()
    }

    #[test]
    fn a_table_follows_its_card() {
        let definition = definition(&["month"]);
        assert_eq!(
            definition.create("huitou"),
            "CREATE TABLE \"huitou\".\"months\" (\"month\" date NOT NULL, \"segment\" text, \"shop_id\" numeric(20,0) NOT NULL, \
             \"net_revenue\" numeric(18,2)) PARTITION BY RANGE (\"month\");\n"
        );
        assert_eq!(definition.comment, "月报. What did a month bring? One row: one month of one shop.");
        let comments: Vec<&str> = definition.columns.iter().map(|column| column.comment.as_str()).collect();
        assert_eq!(comments[0], "月份. The month.");
        assert_eq!(comments[1], "分组. Which segment it is. Null: all segments together.");
        assert_eq!(comments[3], "净支付金额. What's left. Unit: CNY. Formula: paid - refunded. Null: no sales.");
        let sql = definition.comments("huitou", &|name| (name != Some("net_revenue")).then(|| "another".to_owned()));
        assert_eq!(sql.lines().count(), 5);
        assert!(sql.contains("IS '净支付金额. What''s left."), "{sql}");
        let existing = |name: Option<&str>| {
            let column = |name: &str| definition.columns.iter().find(|column| column.name == name).map(|column| column.comment.clone());
            name.map_or(Some(definition.comment.clone()), column)
        };
        assert_eq!(definition.comments("huitou", &existing), "");
    }

    #[test]
    fn a_key_with_nulls_is_unique_where_the_server_supports_it() {
        assert_eq!(
            definition(&["month"]).indexes("t", false),
            "ALTER TABLE t ADD PRIMARY KEY (\"month\");\nCREATE INDEX ON t (\"shop_id\");\n"
        );
        let key = &["month", "segment", "shop_id"];
        assert_eq!(
            definition(key).indexes("t", true),
            "CREATE UNIQUE INDEX ON t (\"month\", \"segment\", \"shop_id\") NULLS NOT DISTINCT;\nCREATE INDEX ON t (\"shop_id\");\n"
        );
        assert_eq!(definition(key).indexes("t", false), "CREATE INDEX ON t (\"shop_id\");\n");
    }
}
