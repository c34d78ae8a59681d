//! A list as a sheet: CSV as spreadsheet programs open it, or XLSX. Ids are text in both, since programs that take them for numbers cut off
//! their last digits.

use std::borrow::Cow;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use arrow::util::display::array_value_to_string;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use crate::cli::float_text::{CSV_DIGITS, shortened};
use crate::cli::show::rows::without_formula;
use crate::error::{Error, Problem, Result};
use crate::spec::Kind;
use crate::table::audience::card::TEMPLATE;

/// Rows of a sheet in XLSX, the header among them.
const MOST_ROWS: usize = 1_048_576;

/// Letters of the name of a sheet.
const LONGEST_NAME: usize = 31;

/// The rows of a list in the order in which they are written: a batch and the row in it.
pub type Order<'a> = Vec<(&'a RecordBatch, usize)>;

/// Whether a column has ids.
fn is_id(column: &str) -> bool {
    let kind = TEMPLATE.column(column).map(|column| column.kind);
    matches!(kind, Some(Kind::ShopId | Kind::CustomerId | Kind::CategoryId | Kind::ItemId | Kind::CampaignId))
}

/// A cell as text; `None` for null.
fn cell(array: &ArrayRef, row: usize) -> Result<Option<String>> {
    Ok(if array.is_valid(row) { Some(array_value_to_string(array, row)?) } else { None })
}

/// CSV with the mark by which spreadsheet programs see UTF-8. An id of digits stands there as `="123"`, the form of the exports of seller centres
/// that such programs read as text; `list sent --only` reads each id as what it was.
///
/// # Errors
/// [`Error::Bug`]: cells can always be written.
pub fn csv(columns: &[String], rows: &Order<'_>) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(columns).map_err(Error::bug)?;
    for (batch, row) in rows {
        let cells = batch.columns().iter().zip(columns).map(|(array, name)| {
            let text = shortened(array.data_type(), &cell(array, *row)?.unwrap_or_default(), CSV_DIGITS);
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            Ok(match (is_id(name), array.data_type().is_numeric()) {
                (true, _) if is_number => format!("=\"{text}\""),
                // Its own apostrophe would be taken for one of those below.
                (true, _) if text.starts_with('\'') => format!("'{text}"),
                (false, true) => text,
                _ => match without_formula(&text) {
                    Cow::Borrowed(_) => text,
                    Cow::Owned(escaped) => escaped,
                },
            })
        });
        writer.write_record(cells.collect::<Result<Vec<String>>>()?).map_err(Error::bug)?;
    }
    writer.into_inner().map_err(Error::bug)
}

/// A workbook of one sheet. The same rows give the same bytes.
///
/// # Errors
/// [`Error::Usage`] for more rows than a sheet has.
pub fn xlsx(name: &str, columns: &[String], rows: &Order<'_>) -> Result<Vec<u8>> {
    if rows.len() >= MOST_ROWS {
        let what = format!("{} customers are more than the {} rows of a sheet", rows.len(), MOST_ROWS - 1);
        return Err(Error::Usage(vec![Problem::new("--to", what).help("write CSV, or one shop at a time with --shop")]));
    }
    written(name, columns, rows)
}

fn written(name: &str, columns: &[String], rows: &Order<'_>) -> Result<Vec<u8>> {
    let refused = |cause: XlsxError| Error::bug(cause);
    let mut workbook = Workbook::new();
    // The time of the clock would make other bytes of the same list.
    let made = ExcelDateTime::from_ymd(2000, 1, 1).map_err(refused)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let (bold, money, text) = (Format::new().set_bold(), Format::new().set_num_format("0.00"), Format::new().set_num_format("@"));
    let sheet = workbook.add_worksheet();
    sheet.set_name(name.chars().take(LONGEST_NAME).collect::<String>()).map_err(refused)?;
    for (at, column) in (0_u16..).zip(columns) {
        sheet.write_string_with_format(0, at, column, &bold).map_err(refused)?;
        sheet.set_column_width(at, if is_id(column) { 22 } else { 14 }).map_err(refused)?;
    }
    sheet.set_freeze_panes(1, 0).map_err(refused)?;
    for (line, (batch, row)) in (1_u32..).zip(rows) {
        for ((at, column), array) in (0_u16..).zip(columns).zip(batch.columns()) {
            let Some(shown) = cell(array, *row)? else { continue };
            match array.data_type() {
                DataType::Int64 if !is_id(column) => {
                    // Counts and ranks are far below the integers that a float of a sheet cannot have.
                    sheet.write_number(line, at, array.as_primitive::<Int64Type>().value(*row) as f64)
                }
                DataType::Float64 => sheet.write_number(line, at, array.as_primitive::<Float64Type>().value(*row)),
                DataType::Decimal128(..) => sheet.write_number_with_format(line, at, shown.parse::<f64>().map_err(Error::bug)?, &money),
                _ => sheet.write_string_with_format(line, at, shown, &text),
            }
            .map_err(refused)?;
        }
    }
    workbook.save_to_buffer().map_err(refused)
}
