//! A file of an export: of which kind it is, by its bytes and not by its name, where its header stands, and its rows below.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::encoding::{self, TextEncoding, read_full};
use super::header::{Header, ROWS, Search};
use super::row::Row;
use super::text_rows::TextRows;
use super::workbook::{self, Kind};
use crate::error::Problem;

/// What stands between cells, the likeliest first.
const SEPARATORS: [(char, &str); 3] = [(',', "comma"), ('\t', "tab"), (';', "semicolon")];

/// How the rows of a file are read.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Format {
    Text(TextEncoding, char),
    Workbook(Kind, String),
}

/// A file whose header was found.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where it is.
    pub path: PathBuf,
    /// What people are told of how it is read.
    pub told: String,
    /// Its header.
    pub header: Header,
    /// Sheets of the workbook behind that one which have such a header, too: they are not read.
    pub other_sheets: Vec<String>,
    format: Format,
}

impl Source {
    /// Looks at the beginning of a file.
    ///
    /// # Errors
    /// All that is wrong with it: it cannot be read, is of no known kind, or has no header with the columns that are needed.
    pub fn find(path: &Path, search: &Search) -> Result<Source, Vec<Problem>> {
        let place = path.display().to_string();
        let mut nearest = Header::default();
        let mut formats = formats(path, &place).map_err(|problem| vec![problem])?.into_iter();
        while let Some(format) = formats.next() {
            let header = header(path, &place, &format, search).map_err(|problem| vec![problem])?;
            if header.is_whole() {
                let told = match &format {
                    Format::Text(encoding, separator) => {
                        let name = SEPARATORS.iter().find(|(mark, _)| mark == separator).map_or("", |(_, name)| name);
                        format!("{}, {name}, header in line {}", encoding.name, header.number)
                    }
                    Format::Workbook(Kind::Xlsx, sheet) => format!("XLSX, sheet `{sheet}`, header in row {}", header.number),
                    Format::Workbook(Kind::Xls, sheet) => format!("XLS, sheet `{sheet}`, header in row {}", header.number),
                };
                let mut other_sheets = Vec::new();
                for other in formats {
                    if let Format::Workbook(_, sheet) = &other
                        && self::header(path, &place, &other, search).is_ok_and(|header| header.is_whole())
                    {
                        other_sheets.push(sheet.clone());
                    }
                }
                return Ok(Source { path: path.to_owned(), told, header, other_sheets, format });
            }
            if (header.found.len(), header.columns.len()) > (nearest.found.len(), nearest.columns.len()) {
                nearest = header;
            }
        }
        Err(nearest.problems(&place, search))
    }

    /// The file's own name.
    pub fn name(&self) -> String {
        self.path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned())
    }

    /// Gives every row below the header that is not blank to `take`, for as long as it wants more.
    ///
    /// # Errors
    /// What is wrong with the file from some row on.
    pub fn each_row(&self, mut take: impl FnMut(&mut Row) -> bool) -> Result<(), Problem> {
        let place = self.path.display().to_string();
        each_row(&self.path, &place, &self.format, &mut |row| row.number <= self.header.number || row.is_blank() || take(row))
    }
}

/// The ways in which a file may be read: as text with one of three separators, or one of the sheets of a workbook.
fn formats(path: &Path, place: &str) -> Result<Vec<Format>, Problem> {
    let unreadable = |cause: std::io::Error| {
        Problem::new(place, format!("cannot be read: {cause}")).help("check the name; give files, not folders, as in exports/*.csv")
    };
    let mut start = [0; 8];
    let length = read_full(&mut File::open(path).map_err(unreadable)?, &mut start).map_err(unreadable)?;
    let kind = match start.get(..length).unwrap_or_default() {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Kind::Xlsx,
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Kind::Xls,
        _ => {
            let encoding = encoding::detect(path, place)?;
            return Ok(SEPARATORS.iter().map(|(separator, _)| Format::Text(encoding, *separator)).collect());
        }
    };
    let sheets = workbook::sheets(path, kind).map_err(|cause| damaged(place, &cause))?;
    Ok(sheets.into_iter().map(|sheet| Format::Workbook(kind, sheet)).collect())
}

fn damaged(place: &str, cause: &str) -> Problem {
    Problem::new(place, format!("is no workbook that can be read: {cause}"))
        .help("it may be cut off, or protected by a password: export it anew, or save it as CSV UTF-8")
}

/// The first row that is a header, or the one that comes nearest.
fn header(path: &Path, place: &str, format: &Format, search: &Search) -> Result<Header, Problem> {
    let mut nearest = Header::default();
    let mut rows = 0;
    each_row(path, place, format, &mut |row| {
        rows += 1;
        let header = Header::of(row, search);
        let is_whole = header.is_whole();
        if nearest.columns.is_empty() || is_whole || header.found.len() > nearest.found.len() {
            nearest = header;
        }
        !is_whole && rows < ROWS
    })?;
    Ok(nearest)
}

fn each_row(path: &Path, place: &str, format: &Format, take: &mut workbook::Take<'_>) -> Result<(), Problem> {
    match format {
        Format::Workbook(kind, sheet) => workbook::each_row(path, *kind, sheet, take).map_err(|cause| damaged(place, &cause)),
        Format::Text(encoding, separator) => {
            let unreadable = |cause: std::io::Error| Problem::new(place, format!("cannot be read: {cause}"));
            let mut rows = TextRows::open(path, *encoding, *separator).map_err(unreadable)?;
            let mut row = Row::default();
            while rows.next(&mut row).map_err(unreadable)? {
                if !take(&mut row) {
                    break;
                }
            }
            Ok(())
        }
    }
}
