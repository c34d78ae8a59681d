//! The rows of workbooks: XLSX sheets cell by cell as they are unpacked, older ones (XLS) sheet by sheet.

use std::fs::File;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use calamine::{Data, DataRef, ExcelDateTime, Reader, Xls, Xlsx};

use super::row::{Cell, Row};
use super::time::of_serial;

/// Cells that a row has at most: as many as the programs that write workbooks can have.
const MOST_CELLS: u32 = 16_384;

/// The kinds of workbooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Office Open XML.
    Xlsx,
    /// Excel 97 to 2003.
    Xls,
}

/// What takes the rows of a sheet, for as long as it wants more.
pub type Take<'a> = dyn FnMut(&mut Row) -> bool + 'a;

/// The names of the sheets.
///
/// # Errors
/// What is wrong with the file.
pub fn sheets(path: &Path, kind: Kind) -> Result<Vec<String>, String> {
    guarded(|| match kind {
        Kind::Xlsx => Ok(xlsx(path)?.sheet_names()),
        Kind::Xls => Ok(xls(path)?.sheet_names()),
    })
}

/// Gives the rows of a sheet to `take`.
///
/// # Errors
/// What is wrong with the file.
pub fn each_row(path: &Path, kind: Kind, sheet: &str, take: &mut Take<'_>) -> Result<(), String> {
    guarded(|| match kind {
        Kind::Xlsx => each_xlsx_row(&mut xlsx(path)?, sheet, take),
        Kind::Xls => {
            let range = xls(path)?.worksheet_range(sheet).map_err(|cause| cause.to_string())?;
            let (first, left) = range.start().unwrap_or_default();
            for (number, cells) in range.rows().enumerate() {
                let cells = (0..left).map(|_| Cell::Empty).chain(cells.iter().map(of_data)).collect();
                let mut row = Row { number: u64::from(first) + number as u64 + 1, cells, ..Row::default() };
                if !take(&mut row) {
                    break;
                }
            }
            Ok(())
        }
    })
}

/// A damaged workbook must not end the program, whatever the code that reads it makes of it.
fn guarded<T>(read: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err("the workbook is damaged".to_owned()))
}

fn xlsx(path: &Path) -> Result<Xlsx<BufReader<File>>, String> {
    Xlsx::new(open(path)?).map_err(|cause| cause.to_string())
}

fn xls(path: &Path) -> Result<Xls<BufReader<File>>, String> {
    Xls::new(open(path)?).map_err(|cause| cause.to_string())
}

fn open(path: &Path) -> Result<BufReader<File>, String> {
    File::open(path).map(BufReader::new).map_err(|cause| cause.to_string())
}

/// Rows without cells are left out, as sheets leave them out themselves.
fn each_xlsx_row(workbook: &mut Xlsx<BufReader<File>>, sheet: &str, take: &mut Take<'_>) -> Result<(), String> {
    let mut reader = workbook.worksheet_cells_reader(sheet).map_err(|cause| cause.to_string())?;
    let mut row = Row::default();
    while let Some(cell) = reader.next_cell().map_err(|cause| cause.to_string())? {
        let (number, column) = cell.get_position();
        if row.number != u64::from(number) + 1 {
            if !row.cells.is_empty() && !take(&mut row) {
                return Ok(());
            }
            row.number = u64::from(number) + 1;
            row.cells.clear();
        }
        if column >= MOST_CELLS {
            return Err(format!("row {} has more than {MOST_CELLS} cells", row.number));
        }
        let column = column as usize;
        if row.cells.len() <= column {
            row.cells.resize(column + 1, Cell::Empty);
        }
        if let Some(place) = row.cells.get_mut(column) {
            *place = of_reference(cell.get_value());
        }
    }
    if !row.cells.is_empty() {
        take(&mut row);
    }
    Ok(())
}

fn of_reference(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => of_text(text),
        DataRef::SharedString(text) => of_text(text),
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::Bool(flag) => of_text(if *flag { "true" } else { "false" }),
        DataRef::DateTime(serial) => of_time(*serial),
        DataRef::Error(fault) => Cell::Fault(fault.to_string()),
    }
}

fn of_data(value: &Data) -> Cell {
    match value {
        Data::Empty => Cell::Empty,
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => of_text(text),
        Data::Int(number) => Cell::Number(*number as f64),
        Data::Float(number) => Cell::Number(*number),
        Data::Bool(flag) => of_text(if *flag { "true" } else { "false" }),
        Data::DateTime(serial) => of_time(*serial),
        Data::Error(fault) => Cell::Fault(fault.to_string()),
    }
}

fn of_text(text: &str) -> Cell {
    if text.is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) }
}

/// A number that is shown as a date; one that is shown as a duration is a number.
fn of_time(serial: ExcelDateTime) -> Cell {
    let time = if serial.is_duration() { None } else { of_serial(serial) };
    time.map_or(Cell::Number(serial.as_f64()), Cell::Time)
}
