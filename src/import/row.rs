//! A row as a file has it: its number as people see it, and its cells before they are parsed.

use crate::spec::iso_time;

/// A cell of a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text, as all cells of text files are.
    Text(String),
    /// A number of a workbook.
    Number(f64),
    /// A time of a workbook: local, in microseconds since 1970-01-01.
    Time(i64),
    /// An error that a workbook shows in place of a value, such as `#N/A`.
    Fault(String),
}

/// What a position without a cell holds.
static EMPTY: Cell = Cell::Empty;

/// A row.
#[derive(Debug, Default)]
pub struct Row {
    /// The line of the text file, or the row of the sheet, in which the row begins; from 1.
    pub number: u64,
    /// Its cells.
    pub cells: Vec<Cell>,
    /// Whether a quotation mark opens in the row and never closes.
    pub is_broken: bool,
    /// Whether the row is of a text file. Those have a cell for each one of the header; rows of sheets leave out empty cells.
    pub is_text: bool,
    /// Whether the file ends in this row without an end of line, so that its last cell may be cut off.
    pub is_last_open: bool,
}

impl Row {
    /// The cell at a position; empty where the row is too short.
    pub fn cell(&self, position: usize) -> &Cell {
        self.cells.get(position).unwrap_or(&EMPTY)
    }

    /// Whether all cells are empty.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| match cell {
            Cell::Empty => true,
            Cell::Text(text) => plain(text).is_empty(),
            _ => false,
        })
    }
}

impl Cell {
    /// The cell as people read it, without the padding that exports add.
    pub fn shown(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) => plain(text).to_owned(),
            Cell::Number(number) => number.to_string(),
            Cell::Time(micros) => iso_time(*micros),
            Cell::Fault(text) => text.clone(),
        }
    }
}

/// A text without the padding that exports add so that spreadsheet programs do not convert values: blanks, tabs and byte order marks
/// at both ends, `="…"`, `=` before digits, a leading apostrophe.
pub fn plain(text: &str) -> &str {
    let blank = |letter: char| letter.is_whitespace() || matches!(letter, '\u{feff}' | '\u{200b}' | '\0');
    let mut plain = text.trim_matches(blank);
    if let Some(inner) = plain.strip_prefix('=') {
        if let Some(quoted) = inner.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
            plain = quoted;
        } else if inner.starts_with(|letter: char| letter.is_ascii_digit()) {
            plain = inner;
        }
    }
    plain.strip_prefix('\'').unwrap_or(plain).trim_matches(blank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_padding_that_exports_add_is_removed() {
        for text in ["123", " 123\t", "=\"123\"", "=123", "'123", "\t123", "\u{feff}123", "=\"'123 \"", "\u{3000}123"] {
            assert_eq!(plain(text), "123", "{text:?}");
        }
        assert_eq!(plain("=SUM(A1)"), "=SUM(A1)");
        assert_eq!(plain("\"quoted\""), "\"quoted\"");
        assert_eq!(plain("="), "=");
        assert_eq!(plain("=\""), "=\"");
    }
}
