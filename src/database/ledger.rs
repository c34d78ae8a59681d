//! `huitou_snapshot`: the snapshot that the tables of the database show, one row for each table. It is swapped with them, so it always
//! agrees with them.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Int64Array, StringArray};
use arrow::record_batch::RecordBatch;

use super::definition::{ColumnDefinition, Definition, SqlType};
use crate::error::Result;
use crate::publish::Manifest;

/// The name of the table.
pub(super) const LEDGER: &str = "huitou_snapshot";

/// The definition of the table.
pub(super) fn definition() -> Definition {
    let column = |name: &str, sql_type, comment: &str| ColumnDefinition::new(name, sql_type, false, comment);
    let mut columns = vec![
        column("table_name", SqlType::Text, "The table."),
        column("row_count", SqlType::BigInt, "Its rows."),
        column("snapshot", SqlType::Text, "The name of the snapshot: its folder below `snapshots` of the output."),
        column("as_of", SqlType::Date, "The last day that the snapshot knows about."),
        column("fingerprint", SqlType::Text, "SHA-256 of job, inputs and version of huitou."),
        column("is_partial", SqlType::Boolean, "Whether only some of the job's tables were asked for."),
        column("job", SqlType::Text, "The name of the job."),
        column("version", SqlType::Text, "The version of huitou that computed the tables."),
        column("loaded_at", SqlType::Time, "When the tables were loaded, by the database's clock."),
    ];
    if let Some(last) = columns.last_mut() {
        last.default = Some("now()");
    }
    Definition {
        name: LEDGER.to_owned(),
        columns,
        key: vec!["table_name".to_owned()],
        comment: "快照. Which snapshot do the tables of this schema show? One row: one table.".to_owned(),
    }
}

/// The rows for a snapshot: all columns except those that the server fills in.
pub(super) fn rows(manifest: &Manifest) -> Result<RecordBatch> {
    let tables = &manifest.tables;
    let everywhere = |text: &str| Arc::new(StringArray::from_iter_values(tables.iter().map(|_| text))) as ArrayRef;
    let columns: [(&str, ArrayRef); 8] = [
        ("table_name", Arc::new(StringArray::from_iter_values(tables.iter().map(|table| table.name.as_str())))),
        ("row_count", Arc::new(Int64Array::from_iter_values(tables.iter().map(|table| table.rows as i64)))),
        ("snapshot", everywhere(&manifest.name)),
        ("as_of", Arc::new(Date32Array::from_iter_values(tables.iter().map(|_| manifest.as_of)))),
        ("fingerprint", everywhere(&manifest.fingerprint)),
        ("is_partial", Arc::new(BooleanArray::from(vec![manifest.partial; tables.len()]))),
        ("job", everywhere(&manifest.job)),
        ("version", everywhere(&manifest.version)),
    ];
    Ok(RecordBatch::try_from_iter(columns)?)
}

#[cfg(test)]
mod tests {
    use crate::publish::TableEntry;

    use super::*;

    #[test]
    fn the_rows_fill_all_columns_that_are_copied() {
        let table = |name: &str, rows| TableEntry { name: name.to_owned(), rows, parts: Vec::new() };
        let manifest = Manifest { tables: vec![table("customers", 7), table("shop_daily", 2)], ..Manifest::default() };
        let rows = rows(&manifest).unwrap();
        let definition = definition();
        let copied: Vec<&str> = definition.copied().map(|column| column.name.as_str()).collect();
        let schema = rows.schema();
        assert_eq!(copied, schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>());
        assert_eq!((rows.num_rows(), copied.len() + 1), (2, definition.columns.len()));
    }
}
