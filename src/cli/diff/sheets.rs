//! The difference of two snapshots as tables for people, and as lines of CSV.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};

use super::document::status;
use super::left_out::LeftOut;
use super::sides::Sides;
use crate::cli::float_text::{CSV_DIGITS, TABLE_DIGITS, apart, difference};
use crate::cli::language::{add_line, say};
use crate::cli::output_format::RowFormat;
use crate::cli::show::rows;
use crate::cli::show::selection::Selected;
use crate::compare::{ColumnCount, Counts, Difference, Largest, Presence, Shape, TableDifference};
use crate::error::{Result, listed};
use crate::spec::Lang;

/// The most equal tables that are named.
const NAMED: usize = 8;

/// The cells of a column of a sheet.
pub enum Cells {
    /// Numbers of rows.
    Counts(Vec<Option<u64>>),
    /// Texts.
    Texts(Vec<Option<String>>),
}

/// What the name of a column says, for its head in Chinese.
fn in_words(name: &str) -> &str {
    match name {
        "change" => "kind of change",
        "rows_a" => "rows in A",
        "rows_b" => "rows in B",
        "only_a" => "rows in A only",
        "only_b" => "rows in B only",
        "changed" => "rows changed",
        "equal" => "rows equal",
        "largest_difference" => "largest difference",
        "difference" => "B less A",
        "old" => "value in A",
        "new" => "value in B",
        "key" => "key of that row",
        other => other,
    }
}

/// A sheet with these columns, whose heads are Chinese for people who read Chinese.
pub fn sheet(columns: Vec<(&str, Cells)>) -> Result<Selected> {
    let (mut fields, mut arrays) = (Vec::new(), Vec::<ArrayRef>::new());
    for (name, cells) in columns {
        let array: ArrayRef = match cells {
            Cells::Counts(counts) => {
                Arc::new(counts.into_iter().map(|count| count.and_then(|count| i64::try_from(count).ok())).collect::<Int64Array>())
            }
            Cells::Texts(texts) => Arc::new(texts.into_iter().collect::<StringArray>()),
        };
        let chinese = BTreeMap::from([("chinese".to_owned(), Lang::Zh.message(in_words(name)).into_owned())]);
        fields.push(Field::new(name, array.data_type().clone(), true).with_metadata(chinese));
        arrays.push(array);
    }
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)?;
    Ok(Selected { schema, matching: batch.num_rows(), batches: vec![batch], told: None })
}

/// The columns that differ, the tables that differ, and what else there is to say: the shortest comes last, above the prompt.
pub fn text(sides: &Sides, found: &[TableDifference], left_out: &[LeftOut], format: RowFormat) -> Result<String> {
    let mut text = heading(sides);
    let different: Vec<(&TableDifference, &Counts)> =
        found.iter().filter_map(|table| Some((table, table.counts.as_ref().filter(|counts| !counts.is_equal())?))).collect();
    let columns: Vec<(&TableDifference, &ColumnCount)> =
        different.iter().flat_map(|(table, counts)| counts.columns.iter().map(move |column| (*table, column))).collect();
    if !columns.is_empty() {
        let largest = |of: fn(&Shape, &ColumnCount) -> Option<String>| {
            Cells::Texts(columns.iter().map(|(table, column)| of(&table.shape, column)).collect())
        };
        let sheet = sheet(vec![
            ("table", Cells::Texts(columns.iter().map(|(table, _)| Some(table.table.clone())).collect())),
            ("column", Cells::Texts(columns.iter().map(|(_, column)| Some(column.column.clone())).collect())),
            ("changed", Cells::Counts(columns.iter().map(|(_, column)| Some(column.cells)).collect())),
            ("largest_difference", largest(|_, column| Some(difference(column.largest.as_ref()?.difference, TABLE_DIGITS)))),
            ("old", largest(|_, column| old_and_new(column)[0].clone())),
            ("new", largest(|_, column| old_and_new(column)[1].clone())),
            ("key", largest(key)),
        ])?;
        text += &rows::text(&sheet, format, true, false, false)?;
        text.push('\n');
    }
    if !different.is_empty() {
        let count = |of: fn(&Counts) -> u64| Cells::Counts(different.iter().map(|(_, counts)| Some(of(counts))).collect());
        let tables = sheet(vec![
            ("table", Cells::Texts(different.iter().map(|(table, _)| Some(table.table.clone())).collect())),
            ("rows_a", count(Counts::rows_a)),
            ("rows_b", count(Counts::rows_b)),
            ("only_a", count(|counts| counts.only_a)),
            ("only_b", count(|counts| counts.only_b)),
            ("changed", count(|counts| counts.changed)),
            ("equal", count(|counts| counts.equal)),
        ])?;
        text += &rows::text(&tables, format, true, false, false)?;
        text.push('\n');
    }
    for table in found {
        table_in_words(sides, table, &mut text);
    }
    if !left_out.is_empty() {
        let tables = listed(left_out.iter().map(|left| left.table.clone()), NAMED);
        add_line(&mut text, &format!("left out, since they lack a column that --shop or --where needs: {tables}"));
    }
    let equal: Vec<String> = found.iter().filter(|table| table.is_equal()).map(|table| table.table.clone()).collect();
    match equal.len() {
        0 => {}
        all if all == found.len() => {
            let rows: u64 = found.iter().filter_map(|table| table.counts.as_ref()).map(|counts| counts.equal).sum();
            add_line(&mut text, &format!("all {all} tables are equal, with {rows} rows"));
        }
        some => add_line(&mut text, &format!("{some} tables are equal: {}", listed(equal.into_iter(), NAMED))),
    }
    // Nothing stands below the last sheet where nothing else is to be said.
    Ok(format!("{}\n", text.trim_end()))
}

/// Which snapshots are compared.
pub fn heading(sides: &Sides) -> String {
    let mut text = format!("A: {}\nB: {}\n", sides.a.manifest.name, sides.b.manifest.name);
    for remark in sides.remarks() {
        add_line(&mut text, &remark);
    }
    text.push('\n');
    text
}

/// Both values between which the largest difference lies.
fn both(largest: &Largest, digits: usize) -> [Option<String>; 2] {
    let data_type = if matches!(largest.difference, Difference::Float(_)) { DataType::Float64 } else { DataType::Utf8 };
    apart(&data_type, largest.old.clone(), largest.new.clone(), digits)
}

fn old_and_new(column: &ColumnCount) -> [Option<String>; 2] {
    column.largest.as_ref().map_or([None, None], |largest| both(largest, TABLE_DIGITS))
}

/// The key of the row with the largest difference.
fn key(shape: &Shape, column: &ColumnCount) -> Option<String> {
    let values = shape.key.iter().zip(&column.largest.as_ref()?.key);
    Some(values.map(|(name, value)| format!("{name}={}", value.as_deref().unwrap_or("null"))).collect::<Vec<_>>().join(" "))
}

/// What is to be said of a table beside its rows.
fn table_in_words(sides: &Sides, found: &TableDifference, text: &mut String) {
    let table = &found.table;
    let (without, side) = match found.presence {
        Presence::OnlyA => (&sides.b, "A"),
        Presence::OnlyB => (&sides.a, "B"),
        Presence::Both => {
            if let (None, Some(reason)) = (&found.counts, &found.reason) {
                add_line(text, &format!("`{table}` is not compared: {reason}"));
            }
            return columns_in_words(found, text);
        }
    };
    let why = found.reason.as_ref().map_or(String::new(), |reason| format!("; {}: {}", without.manifest.name, say(reason)));
    text.push_str(&format!("{}{why}\n", say(&format!("`{table}` is in {side} only"))));
}

/// The columns that are not in both, or have another type.
pub fn columns_in_words(found: &TableDifference, text: &mut String) {
    let table = &found.table;
    for (columns, side) in [(&found.shape.only_a, "A"), (&found.shape.only_b, "B")] {
        if !columns.is_empty() {
            let columns = listed(columns.iter().map(|column| format!("`{column}`")), usize::MAX);
            add_line(text, &format!("`{table}`: columns in {side} only: {columns}"));
        }
    }
    for change in &found.shape.types {
        add_line(text, &format!("`{table}`: `{}` is {} in A and {} in B", change.column, change.a, change.b));
    }
}

/// A line for each table, and below it one for each of its columns that differs.
pub fn lines(found: &[TableDifference]) -> Result<String> {
    let mut lines: Vec<Line> = Vec::new();
    for table in found {
        let mut line = Line {
            table: table.table.clone(),
            status: status(table).to_owned(),
            reason: table.reason.as_ref().map(|reason| say(reason)),
            ..Line::default()
        };
        if let Some(counts) = &table.counts {
            line.counts = [counts.rows_a(), counts.rows_b(), counts.only_a, counts.only_b, counts.changed, counts.equal].map(Some);
        }
        lines.push(line);
        for column in table.counts.iter().flat_map(|counts| &counts.columns) {
            let largest = column.largest.as_ref();
            let [old, new] = largest.map_or([None, None], |largest| both(largest, CSV_DIGITS));
            lines.push(Line {
                table: table.table.clone(),
                column: Some(column.column.clone()),
                status: "different".to_owned(),
                counts: [None, None, None, None, Some(column.cells), None],
                largest: largest.map(|largest| difference(largest.difference, CSV_DIGITS)),
                old,
                new,
                key: key(&table.shape, column),
                reason: None,
            });
        }
        let shape = &table.shape;
        let alone =
            shape.only_a.iter().map(|column| (column, "only_a", None)).chain(shape.only_b.iter().map(|column| (column, "only_b", None)));
        let types = shape.types.iter().map(|change| (&change.column, "type", Some((&change.a, &change.b))));
        for (column, status, types) in alone.chain(types) {
            let (old, new) = types.map_or((None, None), |(a, b)| (Some(a.clone()), Some(b.clone())));
            lines.push(Line {
                table: table.table.clone(),
                column: Some(column.clone()),
                status: status.to_owned(),
                old,
                new,
                ..Line::default()
            });
        }
    }
    let texts = |of: fn(&Line) -> Option<String>| Cells::Texts(lines.iter().map(of).collect());
    let mut columns = vec![
        ("table", texts(|line| Some(line.table.clone()))),
        ("column", texts(|line| line.column.clone())),
        ("status", texts(|line| Some(line.status.clone()))),
    ];
    for (at, name) in ["rows_a", "rows_b", "only_a", "only_b", "changed", "equal"].into_iter().enumerate() {
        columns.push((name, Cells::Counts(lines.iter().map(|line| line.counts.get(at).copied().flatten()).collect())));
    }
    columns.extend([
        ("largest_difference", texts(|line| line.largest.clone())),
        ("old", texts(|line| line.old.clone())),
        ("new", texts(|line| line.new.clone())),
        ("key", texts(|line| line.key.clone())),
        ("reason", texts(|line| line.reason.clone())),
    ]);
    rows::text(&sheet(columns)?, RowFormat::Csv, true, false, false)
}

/// A line of CSV.
#[derive(Debug, Default)]
struct Line {
    table: String,
    column: Option<String>,
    status: String,
    counts: [Option<u64>; 6],
    largest: Option<String>,
    old: Option<String>,
    new: Option<String>,
    key: Option<String>,
    reason: Option<String>,
}
