//! The rows of one table that differ, in the order of the key: a line for each value, or in JSON an object for each row. CSV and JSON are
//! printed as rows come, so that a table of any size fits; a table for people is held until its end, up to the limit.

use std::borrow::Cow;
use std::io::{BufWriter, Write};

use serde_json::{Map, Value, json};

use super::document::{self, by};
use super::sheets::{Cells, heading, sheet};
use super::sides::Sides;
use crate::cli::diff_arguments::DiffOptions;
use crate::cli::float_text::{CSV_DIGITS, TABLE_DIGITS, apart, difference};
use crate::cli::language::say;
use crate::cli::output_format::RowFormat;
use crate::cli::show::rows::{self, json_value};
use crate::cli::show::shop_names::beside_ids;
use crate::cli::stdout::{Rows, not_printed, print, terminal_width};
use crate::compare::{Cell, Change, ChangeKind, Shape, TableDifference};
use crate::error::{Error, Result, visible};

/// The default limit of rows.
const LIMIT: usize = 20;

/// The columns behind those of the key.
const BEHIND: [&str; 4] = ["column", "old", "new", "difference"];

/// Takes the rows that differ.
pub struct Changes<'a> {
    sides: &'a Sides,
    table: &'a str,
    shape: Shape,
    limit: usize,
    shown: usize,
    sink: Sink,
}

/// Where rows go.
enum Sink {
    /// Held for a table: the cells of each line.
    Held(RowFormat, Vec<Vec<Option<String>>>),
    Csv(Box<csv::Writer<Rows>>),
    Json(BufWriter<Rows>),
}

impl<'a> Changes<'a> {
    /// Begins to print the rows of a table that both snapshots have.
    pub fn begin(options: &DiffOptions, sides: &'a Sides, table: &'a str) -> Result<Changes<'a>> {
        let shape = Shape::of(table, sides.a.schema(table)?.as_ref(), sides.b.schema(table)?.as_ref());
        let limit = options.limit.unwrap_or(LIMIT);
        let sink = match options.format {
            RowFormat::Csv => {
                let mut writer = csv::Writer::from_writer(Rows);
                let head = ["change"].into_iter().chain(shape.key.iter().map(String::as_str)).chain(BEHIND);
                writer.write_record(head).map_err(csv_failed)?;
                Sink::Csv(Box::new(writer))
            }
            RowFormat::Json => {
                let mut writer = BufWriter::new(Rows);
                let mut head = document::head(sides);
                head.insert("rows".to_owned(), Value::Null);
                let head = serde_json::to_string_pretty(&head).map_err(Error::bug)?;
                // The rows come where null stands.
                let head = head.trim_end_matches("null\n}");
                writer.write_all(head.as_bytes()).and_then(|()| writer.write_all(b"[")).map_err(|cause| not_printed(&cause))?;
                Sink::Json(writer)
            }
            format => Sink::Held(format, Vec::new()),
        };
        Ok(Changes { sides, table, shape, limit: if limit == 0 { usize::MAX } else { limit }, shown: 0, sink })
    }

    /// Takes a row; `false` when the limit is reached.
    pub fn see(&mut self, change: &Change<'_>) -> Result<bool> {
        let lines = if matches!(self.sink, Sink::Json(_)) { Vec::new() } else { self.lines(change)? };
        match &mut self.sink {
            Sink::Held(_, held) => held.extend(lines),
            Sink::Csv(writer) => {
                let is_terminal = terminal_width().is_some();
                for line in lines {
                    let cells = line.iter().map(|cell| cell.as_deref().unwrap_or_default());
                    // A terminal acts on control characters.
                    let cells = cells.map(|cell| if is_terminal { visible(cell) } else { Cow::Borrowed(cell) });
                    writer.write_record(cells.map(|cell| cell.into_owned())).map_err(csv_failed)?;
                }
            }
            Sink::Json(writer) => {
                let row = object(change, &self.shape)?;
                let start = if self.shown == 0 { "\n    " } else { ",\n    " };
                write!(writer, "{start}{row}").map_err(|cause| not_printed(&cause))?;
            }
        }
        self.shown += 1;
        Ok(self.shown < self.limit)
    }

    /// Prints what is left, and returns how many rows were shown.
    pub fn end(self, found: &TableDifference) -> Result<usize> {
        match self.sink {
            Sink::Csv(mut writer) => writer.flush().map_err(|cause| not_printed(&cause))?,
            Sink::Json(mut writer) => {
                let end = if self.shown == 0 { "]" } else { "\n  ]" };
                let rest = json!({ "is_equal": found.is_equal(), "table": document::table(found)? });
                let rest = serde_json::to_string_pretty(&rest).map_err(Error::bug)?;
                // The rest of the object whose beginning was printed.
                let rest = rest.strip_prefix('{').unwrap_or(&rest);
                writeln!(writer, "{end},{rest}").and_then(|()| writer.flush()).map_err(|cause| not_printed(&cause))?;
            }
            Sink::Held(format, held) => {
                let text = if format == RowFormat::Table { heading(self.sides) } else { String::new() };
                let heads = ["change"].into_iter().chain(self.shape.key.iter().map(String::as_str)).chain(BEHIND);
                let column = |at: usize| Cells::Texts(held.iter().map(|line| line.get(at).cloned().flatten()).collect());
                let rows = sheet(heads.enumerate().map(|(at, name)| (name, column(at))).collect())?;
                let rows = if format == RowFormat::Table { beside_ids(rows, self.table, &self.sides.b)? } else { rows };
                let rows = if held.is_empty() { String::new() } else { rows::text(&rows, format, true, false, false)? };
                print(&format!("{text}{rows}"))?;
            }
        }
        Ok(self.shown)
    }

    /// The lines of a row: one for each value that differs, and one for a row of one snapshot.
    fn lines(&self, change: &Change<'_>) -> Result<Vec<Vec<Option<String>>>> {
        let key = change.key.iter().map(Cell::text).collect::<Result<Vec<_>>>()?;
        // People read the table; a file is for programs.
        let shown_kind = match self.sink {
            Sink::Held(RowFormat::Table, _) => say(kind(change.kind)),
            _ => kind(change.kind).to_owned(),
        };
        let start = || std::iter::once(Some(shown_kind.clone())).chain(key.iter().cloned());
        if change.cells.is_empty() {
            return Ok(vec![start().chain(BEHIND.map(|_| None)).collect()]);
        }
        let digits = if matches!(self.sink, Sink::Csv(_)) { CSV_DIGITS } else { TABLE_DIGITS };
        let cells = change.cells.iter().map(|cell| {
            let column = self.shape.columns.get(cell.column).cloned();
            let difference = cell.difference.map(|by| difference(by, digits));
            let [old, new] = apart(cell.new.array.data_type(), cell.old.text()?, cell.new.text()?, digits);
            Ok(start().chain([column, old, new, difference]).collect())
        });
        cells.collect()
    }
}

/// In which way a row differs.
fn kind(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::OnlyA => "only_a",
        ChangeKind::OnlyB => "only_b",
        ChangeKind::Changed => "changed",
    }
}

/// A row in JSON.
fn object(change: &Change<'_>, shape: &Shape) -> Result<Value> {
    let value = |cell: &Cell<'_>| json_value(cell.array.data_type(), cell.text()?.as_deref());
    let (mut key, mut columns) = (Map::new(), Map::new());
    for (name, cell) in shape.key.iter().zip(&change.key) {
        key.insert(name.clone(), value(cell)?);
    }
    for cell in &change.cells {
        let Some(name) = shape.columns.get(cell.column) else { continue };
        let difference = cell.difference.map(by).transpose()?;
        columns.insert(name.clone(), json!({ "old": value(&cell.old)?, "new": value(&cell.new)?, "difference": difference }));
    }
    Ok(json!({ "change": kind(change.kind), "key": key, "columns": columns }))
}

fn csv_failed(cause: csv::Error) -> Error {
    match cause.into_kind() {
        csv::ErrorKind::Io(cause) => not_printed(&cause),
        other => Error::bug(format!("{other:?}")),
    }
}
