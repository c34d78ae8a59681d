//! Rows as a table, CSV, JSON or Markdown.

use std::borrow::Cow;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Field};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use comfy_table::presets::{ASCII_MARKDOWN, UTF8_BORDERS_ONLY};
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width};

use super::one_language::in_order;
use super::selection::Selected;
use crate::cli::float_text::{CSV_DIGITS, shortened};
use crate::cli::language::{lang, say};
use crate::cli::output_format::RowFormat;
use crate::cli::stdout::terminal_width;
use crate::error::{Error, Result, visible};
use crate::spec::Lang;

/// The number of columns that are named where not all fit.
const NAMED: usize = 6;
/// The least width that sentences need, with the borders.
const SENTENCE: usize = 34;
/// The first characters of a text that a spreadsheet program takes for a formula (OWASP, CSV injection).
const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// What cards say of figures whose unit is in another column.
const UNITS_IN_ROWS: [&str; 2] = ["see unit", "as in unit"];
/// What tables for people show for null.
const NOTHING: &str = "–";

/// The rows as text; `is_wide` includes all columns, even if they do not fit the terminal.
pub fn text(selected: &Selected, format: RowFormat, is_wide: bool, is_for_spreadsheet: bool, is_for_file: bool) -> Result<String> {
    match format {
        RowFormat::Table => table(selected, is_wide),
        RowFormat::Markdown => Ok(format!("{}\n", sheet(selected, format, selected.schema.fields().len())?)),
        RowFormat::Csv if is_for_spreadsheet => spreadsheet_csv(selected),
        // A terminal acts on control characters.
        RowFormat::Csv if !is_for_file && terminal_width().is_some() => {
            csv(selected, |field| field.name(), |cell| visible(&plain(cell)).into_owned())
        }
        RowFormat::Csv => csv(selected, |field| field.name(), plain),
        RowFormat::Json => json(selected),
    }
}

/// A table with as many columns as fit the terminal; with all columns if there is no terminal.
fn table(selected: &Selected, is_wide: bool) -> Result<String> {
    let (table, mut hidden) = fitting(selected, terminal_width().filter(|_| !is_wide))?;
    hidden.extend(selected.told.as_ref().map(|told| told.hidden.clone()));
    Ok(match hidden.as_slice() {
        [] => format!("{table}\n"),
        [one] => format!("{table}\n{}\n", say(&format!("one more column (--wide shows it): {one}"))),
        hidden => {
            let named = hidden.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = if hidden.len() > NAMED { ", …" } else { "" };
            let count = hidden.len();
            let hint = say(&format!("{count} more columns (--wide shows them, --columns some of them): {named}{more}"));
            format!("{table}\n{hint}\n")
        }
    })
}

/// The columns that fit a width, and the names of the others.
fn fitting(selected: &Selected, width: Option<usize>) -> Result<(Table, Vec<String>)> {
    let all = selected.schema.fields().len();
    let table = sheet(selected, RowFormat::Table, all)?;
    let Some(width) = width else { return Ok((table, Vec::new())) };
    // Borders and blanks: three for each column, and one more.
    let widths: Vec<usize> = table.column_max_content_widths().iter().map(|width| usize::from(*width) + 3).collect();
    let first = |columns: usize| widths.iter().take(columns).sum::<usize>();
    let shown = (1..=all).rev().find(|columns| first(*columns) < width).unwrap_or(1);
    let sentence = selected.told.as_ref().and_then(|told| selected.schema.index_of(&told.shown).ok());
    if let Some(sentence) = sentence.filter(|sentence| *sentence >= shown) {
        // Without its sentences the table says little: they go on in further lines, behind the columns that leave room for them.
        let before = (0..=sentence).rev().find(|columns| first(*columns) + SENTENCE < width).unwrap_or(0);
        let room = width.saturating_sub(first(before) + 4);
        let places: Vec<usize> = (0..before).chain([sentence]).chain((before..all).filter(|at| *at != sentence)).collect();
        let moved = in_order(selected, &places)?;
        return Ok((wrapped(sheet(&moved, RowFormat::Table, before + 1)?, before, room), names_from(&moved, before + 1)));
    }
    Ok((sheet(selected, RowFormat::Table, shown)?, names_from(selected, shown)))
}

fn names_from(selected: &Selected, first: usize) -> Vec<String> {
    selected.schema.fields().iter().skip(first).map(|field| field.name().clone()).collect()
}

/// The table with the texts of its last column in lines of a width.
fn wrapped(mut table: Table, last: usize, room: usize) -> Table {
    let room = u16::try_from(room.max(1)).unwrap_or(u16::MAX);
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_constraint(if at == last {
            ColumnConstraint::UpperBoundary(Width::Fixed(room))
        } else {
            ColumnConstraint::ContentWidth
        });
    }
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(u16::MAX);
    table
}

fn sheet(selected: &Selected, format: RowFormat, columns: usize) -> Result<Table> {
    let mut table = Table::new();
    let is_markdown = format == RowFormat::Markdown;
    table.load_style(if is_markdown { ASCII_MARKDOWN } else { UTF8_BORDERS_ONLY }).set_content_arrangement(ContentArrangement::Disabled);
    let fields: Vec<_> = selected.schema.fields().iter().take(columns).collect();
    table.set_header(fields.iter().map(|field| head(field)));
    for (at, field) in fields.iter().enumerate() {
        if field.data_type().is_numeric()
            && !field.name().ends_with("_id")
            && let Some(column) = table.column_mut(at)
        {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    each_row(&selected.batches, |cells| {
        table.add_row(cells.iter().zip(&fields).map(|(cell, field)| {
            let text = cell.text.as_deref().map_or(NOTHING.to_owned(), |text| rounded(text, cell.array, field));
            // A bar would end the cell.
            let text = visible(&text).into_owned();
            if is_markdown { text.replace('|', "\\|") } else { text }
        }));
        Ok(())
    })?;
    Ok(table)
}

/// Floats with four decimals, other values unchanged. Of figures whose unit stands in the row the zeros at the end are left out: some of them
/// are counts and amounts.
fn rounded(text: &str, array: &ArrayRef, field: &Field) -> String {
    if array.data_type() != &DataType::Float64 {
        return text.to_owned();
    }
    let rounded = text.parse().map_or(text.to_owned(), four_decimals);
    let is_of_any_unit = field.metadata().get("unit").is_some_and(|unit| UNITS_IN_ROWS.contains(&unit.as_str()));
    if is_of_any_unit && rounded.contains('.') { rounded.trim_end_matches('0').trim_end_matches('.').to_owned() } else { rounded }
}

/// A number with four decimals, rounded half away from zero as in the report.
fn four_decimals(value: f64) -> String {
    // A number exactly in the middle has all its digits here; other numbers have enough digits to see that they are not.
    let digits = format!("{value:.24}");
    let is_tie =
        digits.rsplit_once('.').is_some_and(|(_, decimals)| decimals.get(4..).is_some_and(|rest| rest.trim_end_matches('0') == "5"));
    if is_tie { format!("{:.4}", value + value.signum() * 0.000_01) } else { format!("{value:.4}") }
}

/// The head of a column for people: its name, in Chinese that of the card.
fn head(field: &Field) -> &str {
    match lang() {
        Lang::Zh => field.metadata().get("chinese").unwrap_or_else(|| field.name()),
        Lang::En => field.name(),
    }
}

fn csv(selected: &Selected, head: impl Fn(&Field) -> &str, shown: impl Fn(&Cell<'_>) -> String) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(selected.schema.fields().iter().map(|field| head(field))).map_err(Error::bug)?;
    each_row(&selected.batches, |cells| writer.write_record(cells.iter().map(&shown)).map_err(Error::bug))?;
    String::from_utf8(writer.into_inner().map_err(Error::bug)?).map_err(Error::bug)
}

fn plain(cell: &Cell<'_>) -> String {
    shortened(cell.array.data_type(), cell.text.as_deref().unwrap_or_default(), CSV_DIGITS)
}

fn without_formulas(cell: &Cell<'_>) -> String {
    let text = plain(cell);
    if cell.array.data_type().is_numeric() { text } else { without_formula(&text).into_owned() }
}

/// A text as spreadsheet programs show it: with an apostrophe before it where they would compute it.
pub fn without_formula(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA_STARTS) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// CSV as spreadsheet programs open it: with the mark by which they see UTF-8, and an apostrophe before texts that they would compute.
fn spreadsheet_csv(selected: &Selected) -> Result<String> {
    Ok(format!("\u{feff}{}", csv(selected, head, without_formulas)?))
}

/// An array of objects, one on each line.
fn json(selected: &Selected) -> Result<String> {
    let mut lines = Vec::new();
    each_row(&selected.batches, |cells| {
        let mut object = serde_json::Map::new();
        for (field, cell) in selected.schema.fields().iter().zip(cells) {
            object.insert(field.name().clone(), value(cell)?);
        }
        lines.push(serde_json::Value::Object(object).to_string());
        Ok(())
    })?;
    Ok(format!("[{}]\n", lines.join(",\n")))
}

fn value(cell: &Cell<'_>) -> Result<serde_json::Value> {
    json_value(cell.array.data_type(), cell.text.as_deref())
}

/// A cell in JSON, by its type and text. Money is a number; up to 90 million million its shortest text is exactly the amount.
pub fn json_value(data_type: &DataType, text: Option<&str>) -> Result<serde_json::Value> {
    let Some(text) = text else { return Ok(serde_json::Value::Null) };
    Ok(match data_type {
        DataType::Boolean => (text == "true").into(),
        DataType::Decimal128(..) | DataType::Float64 => text.parse::<f64>().map_err(Error::bug)?.into(),
        data_type if data_type.is_integer() => serde_json::from_str(text).map_err(Error::bug)?,
        _ => text.into(),
    })
}

/// A cell of a row.
struct Cell<'a> {
    array: &'a ArrayRef,
    /// `None`: null.
    text: Option<String>,
}

fn each_row(batches: &[RecordBatch], mut with: impl FnMut(&[Cell<'_>]) -> Result<()>) -> Result<()> {
    let options = FormatOptions::new();
    for batch in batches {
        let formatters =
            batch.columns().iter().map(|array| ArrayFormatter::try_new(array.as_ref(), &options)).collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            let cells: Vec<Cell<'_>> = batch
                .columns()
                .iter()
                .zip(&formatters)
                .map(|(array, formatter)| Cell { array, text: array.is_valid(row).then(|| formatter.value(row).to_string()) })
                .collect();
            with(&cells)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_go_on_in_further_lines_where_the_terminal_is_narrow() {
        use std::sync::Arc;

        use arrow::array::StringArray;

        use super::super::one_language::in_one_language;

        let column = |name: &'static str, text: &str| (name, Arc::new(StringArray::from(vec![text])) as ArrayRef);
        let sentence = "Sales of 2026-11: 15,000 CNY of the plan of 30,000 CNY, 6,000 CNY behind where it should be by now.";
        let columns = [column("rank", "1"), column("kind", "plan_behind"), column("text_en", sentence), column("text_zh", "目标")];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let selected = Selected { schema: batch.schema(), batches: vec![batch], matching: 1, told: None };
        let selected = in_one_language(selected, Lang::En).unwrap();
        let lines_at = |width: usize| {
            let (table, hidden) = fitting(&selected, Some(width)).unwrap();
            let lines: Vec<String> = table.to_string().lines().map(str::to_owned).collect();
            assert!(lines.iter().all(|line| line.chars().count() <= width), "{lines:#?}");
            let said: Vec<&str> = lines.iter().flat_map(|line| line.split_whitespace()).collect();
            assert!(sentence.split(' ').all(|word| said.contains(&word)), "{lines:#?}");
            (lines.len(), hidden.join(" "))
        };
        // Two borders, the heads and the line below them; the sentence has 99 letters.
        assert_eq!(lines_at(200), (5, String::new()));
        let (lines, hidden) = lines_at(80);
        assert!(lines > 5 && hidden.is_empty(), "{lines} {hidden}");
        // 7 for the rank, and 14 for the kind do not leave 34.
        assert_eq!(lines_at(44).1, "kind");
        assert_eq!(lines_at(36).1, "rank kind");
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        // 17/32 is exactly 0.53125, in binary too; 0.00005 is not.
        assert_eq!([four_decimals(0.53125), four_decimals(-0.53125), four_decimals(0.5312)], ["0.5313", "-0.5313", "0.5312"]);
        assert_eq!([four_decimals(f64::NAN), four_decimals(2.0), four_decimals(1.0 / 3.0)], ["NaN", "2.0000", "0.3333"]);
    }
}
