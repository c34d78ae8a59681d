//! The rows of workbooks: XLSX sheets are read cell by cell while they are unpacked, XLS sheets as a whole.

use std::fs::File;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use calamine::{Data, DataRef, ExcelDateTime, Reader, Xls, Xlsx};

use super::compound_file::CompoundFile;
use super::row::{Cell, Row};
use super::sheet_records;
use super::time::of_serial;

/// Cells that a row has at most: the limit of spreadsheet programs.
const MOST_CELLS: u32 = 16_384;

/// The kinds of workbooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkbookKind {
    /// Office Open XML.
    Xlsx,
    /// Excel 97 to 2003.
    Xls,
}

/// Receives the rows of a sheet; returns whether it wants more.
pub type Take<'a> = dyn FnMut(&mut Row) -> bool + 'a;

/// The names of the sheets.
///
/// # Errors
/// The cause, where the file cannot be read.
pub fn sheets(path: &Path, kind: WorkbookKind) -> Result<Vec<String>, String> {
    catch_panic(|| match kind {
        WorkbookKind::Xlsx => Ok(xlsx(path)?.sheet_names()),
        WorkbookKind::Xls => Ok(xls(path)?.sheet_names()),
    })
}

/// Passes the rows of a sheet to `take`.
///
/// # Errors
/// The cause, where the file cannot be read.
pub fn each_row(path: &Path, kind: WorkbookKind, sheet: &str, take: &mut Take<'_>) -> Result<(), String> {
    catch_panic(|| match kind {
        WorkbookKind::Xlsx => each_xlsx_row(&mut xlsx(path)?, sheet, take),
        WorkbookKind::Xls => {
            let range = xls(path)?.worksheet_range(sheet).map_err(|cause| cause.to_string())?;
            let (first, left) = range.start().unwrap_or_default();
            for (number, cells) in range.rows().enumerate() {
                let cells = (0..left).map(|_| Cell::Empty).chain(cells.iter().map(cell_of_data)).collect();
                let mut row = Row { number: u64::from(first) + number as u64 + 1, cells, ..Row::default() };
                if !take(&mut row) {
                    break;
                }
            }
            Ok(())
        }
    })
}

/// Turns a panic of the library that reads workbooks into an error: a damaged workbook must not end the program.
fn catch_panic<T>(read: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err("the workbook is damaged".to_owned()))
}

fn xlsx(path: &Path) -> Result<Xlsx<BufReader<File>>, String> {
    Xlsx::new(open(path)?).map_err(|cause| cause.to_string())
}

fn xls(path: &Path) -> Result<Xls<BufReader<File>>, String> {
    if let Some(records) = CompoundFile::open(path)?.stream(&["Workbook", "Book"])? {
        sheet_records::check(&records)?;
    }
    Xls::new(open(path)?).map_err(|cause| cause.to_string())
}

fn open(path: &Path) -> Result<BufReader<File>, String> {
    File::open(path).map(BufReader::new).map_err(|cause| cause.to_string())
}

/// Passes the rows of an XLSX sheet that have cells.
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
            *place = cell_of_reference(cell.get_value());
        }
    }
    if !row.cells.is_empty() {
        take(&mut row);
    }
    Ok(())
}

fn cell_of_reference(value: &DataRef<'_>) -> Cell {
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

fn cell_of_data(value: &Data) -> Cell {
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

/// A number that the workbook formats as a date is a time; one that it formats as a duration stays a number.
fn of_time(serial: ExcelDateTime) -> Cell {
    let time = if serial.is_duration() { None } else { of_serial(serial) };
    time.map_or(Cell::Number(serial.as_f64()), Cell::Time)
}
