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
use super::workbook_parts;

/// Cells that a row has at most: the limit of spreadsheet programs.
const MOST_CELLS: u32 = 16_384;
/// The most bytes of a text: spreadsheet programs stop at 32,767 letters.
const LONGEST_TEXT: usize = 1 << 20;
/// The most bytes of the texts of a row.
const MOST_TEXT: usize = 16 << 20;
/// Places that a sheet may have whatever it has, and for each cell that is there.
const FEW: u64 = 1 << 22;
const SPREAD: u64 = 64;

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

/// The names of the sheets. Judges the workbook: it is asked before any row is read.
///
/// # Errors
/// The cause, where the file cannot be read.
pub fn sheets(path: &Path, kind: WorkbookKind) -> Result<Vec<String>, String> {
    catch_panic(|| match kind {
        WorkbookKind::Xlsx => {
            workbook_parts::check(path)?;
            Ok(xlsx(path)?.sheet_names())
        }
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
    let (mut cells, mut places, mut texts) = (0_u64, 0_u64, 0);
    while let Some(cell) = reader.next_cell().map_err(|cause| cause.to_string())? {
        let (number, column) = cell.get_position();
        if row.number != u64::from(number) + 1 {
            if !row.cells.is_empty() && !take(&mut row) {
                return Ok(());
            }
            row.number = u64::from(number) + 1;
            row.cells.clear();
            texts = 0;
        }
        if column >= MOST_CELLS {
            return Err(format!("row {} has more than {MOST_CELLS} cells", row.number));
        }
        let column = column as usize;
        cells += 1;
        if row.cells.len() <= column {
            places += (column + 1 - row.cells.len()) as u64;
            row.cells.resize(column + 1, Cell::Empty);
        }
        if places > FEW.max(SPREAD * cells) {
            return Err("its cells lie too far apart to be a table".to_owned());
        }
        let length = text_of(cell.get_value()).map_or(0, str::len);
        texts += length;
        if length > LONGEST_TEXT || texts > MOST_TEXT {
            return Err(format!("row {} has texts of {texts} bytes; a cell holds 32,767 letters", row.number));
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

/// The text of a cell that has one.
fn text_of<'v>(value: &'v DataRef<'_>) -> Option<&'v str> {
    match value {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Some(text),
        DataRef::SharedString(text) => Some(text),
        _ => None,
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::write::SimpleFileOptions;

    const NAMES: &str = "http://schemas.openxmlformats.org";

    /// What is read of a workbook whose one sheet has these rows: how many, or the cause.
    fn read(rows: &str) -> Result<usize, String> {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.xlsx");
        let mut archive = zip::ZipWriter::new(File::create(&path).unwrap());
        let mut part = |name: &str, text: String| {
            archive.start_file(name, SimpleFileOptions::default()).unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        };
        let office = format!("{NAMES}/officeDocument/2006/relationships");
        let relation = |kind: &str, target: &str| {
            let packages = format!("{NAMES}/package/2006/relationships");
            format!("<Relationships xmlns='{packages}'><Relationship Id='r1' Type='{office}/{kind}' Target='{target}'/></Relationships>")
        };
        let main = format!("{NAMES}/spreadsheetml/2006/main");
        part("_rels/.rels", relation("officeDocument", "xl/workbook.xml"));
        let one = "<sheets><sheet name='a' sheetId='1' r:id='r1'/></sheets>";
        part("xl/workbook.xml", format!("<workbook xmlns='{main}' xmlns:r='{office}'>{one}</workbook>"));
        part("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/a.xml"));
        part("xl/worksheets/a.xml", format!("<worksheet xmlns='{main}'><sheetData>{rows}</sheetData></worksheet>"));
        archive.finish().unwrap();
        assert_eq!(sheets(&path, WorkbookKind::Xlsx)?, ["a"]);
        let mut count = 0;
        each_row(&path, WorkbookKind::Xlsx, "a", &mut |_| {
            count += 1;
            true
        })?;
        Ok(count)
    }

    fn text(place: &str, text: &str) -> String {
        format!("<row><c r='{place}' t='inlineStr'><is><t>{text}</t></is></c></row>")
    }

    #[test]
    fn rows_of_tables_are_read_and_cells_far_apart_or_too_long_are_not() {
        assert_eq!(read(&(1..=2_000).map(|row| text(&format!("E{row}"), "手机壳")).collect::<String>()), Ok(2_000));
        // A note far to the right of a few rows.
        assert_eq!(read(&(1..=200).map(|row| text(&format!("XFD{row}"), "a")).collect::<String>()), Ok(200));
        let far = read(&(1..=2_000).map(|row| text(&format!("XFD{row}"), "a")).collect::<String>());
        assert_eq!(far.unwrap_err(), "its cells lie too far apart to be a table");
        assert_eq!(read(&text("A1", &"a".repeat(40_000))), Ok(1));
        let long = read(&text("A1", &"a".repeat((1 << 20) + 1))).unwrap_err();
        assert_eq!(long, "row 1 has texts of 1048577 bytes; a cell holds 32,767 letters");
    }
}
