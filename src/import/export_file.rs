//! An exported file: its kind (found from its bytes, not from its name), the position of its header, and the rows below that.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::encoding::{self, TextEncoding, read_full};
use super::header::{Header, ROWS, Search, normalized};
use super::row::Row;
use super::text_rows::{BLANK, TextRows};
use super::workbook::{self, WorkbookKind};
use crate::disk::identity::FileIdentity;
use crate::disk::regular;
use crate::error::Problem;

/// Characters that separate cells, the likeliest first. Of blanks, several in a row separate two cells as one does.
const SEPARATORS: [(char, &str); 5] = [(',', "comma"), ('\t', "tab"), (';', "semicolon"), ('|', "vertical bar"), (BLANK, "blanks")];

/// How the rows of a file are read.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Format {
    Text(TextEncoding, char),
    Workbook(WorkbookKind, String),
}

impl Format {
    /// What the report says of it.
    fn summary(&self, header: &Header) -> String {
        let place = |unit: &str| match header.number {
            0 => "no header".to_owned(),
            number => format!("header in {unit} {number}"),
        };
        match self {
            Format::Text(encoding, separator) => {
                let name = SEPARATORS.iter().find(|(mark, _)| mark == separator).map_or("", |(_, name)| name);
                format!("{}, {name}, {}", encoding.name, place("line"))
            }
            Format::Workbook(WorkbookKind::Xlsx, sheet) => format!("XLSX, sheet `{sheet}`, {}", place("row")),
            Format::Workbook(WorkbookKind::Xls, sheet) => format!("XLS, sheet `{sheet}`, {}", place("row")),
        }
    }
}

/// An exported file whose header was found.
#[derive(Debug, Clone)]
pub struct ExportFile {
    /// The path of the file.
    pub path: PathBuf,
    /// How the file is read, for the report: encoding or sheet, separator, line of the header.
    pub format_summary: String,
    /// Its header.
    pub header: Header,
    /// Later sheets of the workbook that also have such a header. They are not read.
    pub other_sheets: Vec<String>,
    format: Format,
    identity: FileIdentity,
}

/// What names the contents of a file now.
fn identity(path: &Path) -> Result<FileIdentity, Problem> {
    let found = regular::check(path).and_then(|()| std::fs::metadata(path));
    found.map(|found| FileIdentity::of(&found)).map_err(|cause| unreadable(&path.display().to_string(), &cause))
}

fn unreadable(place: &str, cause: &std::io::Error) -> Problem {
    Problem::new(place, format!("cannot be read: {cause}")).help("check the name; give files, not folders, as in exports/*.csv")
}

impl ExportFile {
    /// Finds the format and the header of a file. A file without a header has the columns `named`; they are empty for others.
    ///
    /// # Errors
    /// All problems of the file: it cannot be read, its kind is unknown, or it has no header with the required columns.
    pub fn open(path: &Path, search: &Search, named: &[String]) -> Result<ExportFile, Vec<Problem>> {
        let place = path.display().to_string();
        let identity = identity(path).map_err(|problem| vec![problem])?;
        if !named.is_empty() {
            return without_header(path, &place, search, named, identity);
        }
        let mut nearest = Header::default();
        let mut formats = formats(path, &place).map_err(|problem| vec![problem])?.into_iter();
        while let Some(format) = formats.next() {
            let header = header(path, &place, &format, search).map_err(|problem| vec![problem])?;
            if header.is_complete() {
                let format_summary = format.summary(&header);
                let mut other_sheets = Vec::new();
                for other in formats {
                    if let Format::Workbook(_, sheet) = &other
                        && self::header(path, &place, &other, search).is_ok_and(|header| header.is_complete())
                    {
                        other_sheets.push(sheet.clone());
                    }
                }
                return Ok(ExportFile { path: path.to_owned(), format_summary, header, other_sheets, format, identity });
            }
            // Prose has many blanks, and is not a header for that.
            let is_prose = matches!(format, Format::Text(_, BLANK)) && header.found.len() <= nearest.found.len();
            if !is_prose && (header.found.len(), header.columns.len()) > (nearest.found.len(), nearest.columns.len()) {
                nearest = header;
            }
        }
        Err(nearest.problems(&place, search))
    }

    /// Checks that the file is the one that was opened: it is read several times, and rows of two files would be a mixture.
    ///
    /// # Errors
    /// A problem where another file stands in its place, or it was written.
    pub fn unchanged(&self) -> Result<(), Problem> {
        let Some(difference) = self.identity.difference(&identity(&self.path)?) else { return Ok(()) };
        let what = format!("was replaced or changed while it was imported: {difference}");
        Err(Problem::new(self.path.display().to_string(), what).help("import it again when the download has ended"))
    }

    /// The name of the file without its folders.
    pub fn name(&self) -> String {
        self.path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned())
    }

    /// Passes every row below the header that is not blank to `take`, until `take` returns `false`.
    ///
    /// # Errors
    /// A problem where the file cannot be read to its end.
    pub fn each_row(&self, mut take: impl FnMut(&mut Row) -> bool) -> Result<(), Problem> {
        let place = self.path.display().to_string();
        each_row(&self.path, &place, &self.format, &mut |row| row.number <= self.header.number || row.is_blank() || take(row))
    }
}

/// Passes every row of a file that is not blank to `take`, until `take` returns `false`: of a workbook those of the first sheet, of a text
/// with the separator by which its first row has most cells.
///
/// # Errors
/// A problem where the file cannot be read.
pub fn each_row_of(path: &Path, take: &mut workbook::Take<'_>) -> Result<(), Problem> {
    let place = path.display().to_string();
    regular::check(path).map_err(|cause| unreadable(&place, &cause))?;
    let mut widest: Option<(usize, Format)> = None;
    for format in formats(path, &place)?.into_iter().filter(|format| !matches!(format, Format::Text(_, BLANK))) {
        let mut cells = 0;
        each_row(path, &place, &format, &mut |row| {
            cells = row.cells.len();
            row.is_blank()
        })?;
        let is_wider = widest.as_ref().is_none_or(|(most, widest)| matches!(widest, Format::Text(..)) && cells > *most);
        if is_wider {
            widest = Some((cells, format));
        }
    }
    widest.map_or(Ok(()), |(_, format)| each_row(path, &place, &format, &mut |row| row.is_blank() || take(row)))
}

/// Opens a file without a header: the format is the one in which the first row has as many cells as columns are named.
fn without_header(path: &Path, place: &str, search: &Search, named: &[String], identity: FileIdentity) -> Result<ExportFile, Vec<Problem>> {
    let mut widest = 0;
    for format in formats(path, place).map_err(|problem| vec![problem])? {
        let mut first = None;
        each_row(path, place, &format, &mut |row| {
            let width = row.cells.iter().rposition(|cell| !cell.shown().is_empty()).map_or(0, |last| last + 1);
            let is_blank = row.is_blank();
            first = (!is_blank).then(|| (width, Header::of(row, search)));
            is_blank
        })
        .map_err(|problem| vec![problem])?;
        let Some((width, row)) = first else { continue };
        if width == named.len() || (width < named.len() && matches!(format, Format::Workbook(..))) {
            let is_header = row.columns.iter().map(|name| normalized(name)).eq(named.iter().map(|name| normalized(name)));
            let header = Header::named(if is_header { row.number } else { 0 }, named.to_vec(), search);
            if !header.is_complete() {
                return Err(header.problems(place, search));
            }
            let format_summary = format.summary(&header);
            return Ok(ExportFile { path: path.to_owned(), format_summary, header, other_sheets: Vec::new(), format, identity });
        }
        widest = widest.max(width);
    }
    let message = match widest {
        0 => "has no rows".to_owned(),
        cells => format!("its first row has {cells} cells, and --columns names {}", named.len()),
    };
    Err(vec![
        Problem::new(place, message).help("name every column of the file in its order, with any name for those that are not imported"),
    ])
}

/// The formats to try: text with each of the separators, or each sheet of a workbook.
fn formats(path: &Path, place: &str) -> Result<Vec<Format>, Problem> {
    let unreadable = |cause: std::io::Error| unreadable(place, &cause);
    let mut start = [0; 8];
    let length = read_full(&mut File::open(path).map_err(unreadable)?, &mut start).map_err(unreadable)?;
    let kind = match start.get(..length).unwrap_or_default() {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => WorkbookKind::Xlsx,
        [0xD0, 0xCF, 0x11, 0xE0, ..] => WorkbookKind::Xls,
        _ => {
            let encoding = encoding::detect(path, place)?;
            return Ok(SEPARATORS.iter().map(|(separator, _)| Format::Text(encoding, *separator)).collect());
        }
    };
    let sheets = workbook::sheets(path, kind).map_err(|cause| damaged(place, &cause))?;
    Ok(sheets.into_iter().map(|sheet| Format::Workbook(kind, sheet)).collect())
}

fn damaged(place: &str, cause: &str) -> Problem {
    Problem::new(place, format!("is not a readable workbook: {cause}"))
        .help("it may be cut off, or protected by a password: export it anew, or save it as CSV UTF-8")
}

/// The first row that is a header, or the row that resembles one most.
fn header(path: &Path, place: &str, format: &Format, search: &Search) -> Result<Header, Problem> {
    let mut nearest = Header::default();
    let mut rows = 0;
    each_row(path, place, format, &mut |row| {
        rows += 1;
        let header = Header::of(row, search);
        let is_whole = header.is_complete();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::options::What;

    #[test]
    fn a_file_that_changes_after_it_was_opened_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.csv");
        std::fs::write(&path, "订单编号,买家会员名,买家实际支付金额,订单状态,订单创建时间\n1,a,5.00,交易成功,2026-03-01 10:00:00\n")
            .unwrap();
        let preset = What::PRESETS.iter().find(|preset| preset.name == "tmall-orders").unwrap();
        let opened = ExportFile::open(&path, &Search::of(preset), &[]).unwrap();
        opened.unchanged().unwrap();
        std::fs::write(&path, "x").unwrap();
        let refused = opened.unchanged().unwrap_err();
        assert!(refused.message.contains("while it was imported: it has another size"), "{refused}");
        std::fs::remove_file(&path).unwrap();
        assert!(opened.unchanged().is_err());
    }
}
