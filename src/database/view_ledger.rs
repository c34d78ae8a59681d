//! `huitou_views`: the views of huitou, one row for each. By it a load knows its own views from those of others, and which of them are
//! still right.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::record_batch::RecordBatch;

use super::definition::{ColumnDefinition, Definition, SqlType};
use crate::error::Result;

/// The name of the table.
pub(super) const VIEW_LEDGER: &str = "huitou_views";

/// A row of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ViewEntry {
    pub view: String,
    pub table: String,
    pub rows: String,
    pub definition: String,
}

/// The definition of the table.
pub(super) fn definition() -> Definition {
    let column = |name: &str, comment: &str| ColumnDefinition::new(name, SqlType::Text, false, comment);
    Definition {
        name: VIEW_LEDGER.to_owned(),
        columns: vec![
            column("view_name", "The view."),
            column("table_name", "The table whose rows it shows."),
            column("rows_shown", "Which of its rows; empty for all."),
            column("definition", "What it shows, as huitou writes it in SQL."),
        ],
        key: vec!["view_name".to_owned()],
        comment: "视图. Which views of this schema are huitou's, and what do they show? One row: one view.".to_owned(),
    }
}

/// The rows.
pub(super) fn rows(entries: &[ViewEntry]) -> Result<RecordBatch> {
    let texts = |text: fn(&ViewEntry) -> &str| Arc::new(StringArray::from_iter_values(entries.iter().map(text))) as ArrayRef;
    Ok(RecordBatch::try_from_iter([
        ("view_name", texts(|entry| &entry.view)),
        ("table_name", texts(|entry| &entry.table)),
        ("rows_shown", texts(|entry| &entry.rows)),
        ("definition", texts(|entry| &entry.definition)),
    ])?)
}
