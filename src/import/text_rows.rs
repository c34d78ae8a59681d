//! Reads the rows of a text file: it decodes them line by line and handles quoted cells, line breaks in cells and every end of line.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

use super::encoding::TextEncoding;
use super::row::{Cell, Row};

/// Lines that a quoted cell has at most. With more, its quotation mark is taken as a typing error.
const MOST_LINES: usize = 100;
/// Bytes that a line has at most; a file with a longer line is not an export.
const LONGEST_LINE: usize = 1 << 20;

/// The separator of which several in a row separate two cells as one does.
pub const BLANK: char = ' ';

/// Reads the rows of a text file.
pub struct TextRows {
    reader: BufReader<DecodeReaderBytes<File, Vec<u8>>>,
    separator: char,
    /// The number of the next line of `reader`.
    line: u64,
    /// Whether the last line ended with a carriage return, to which a line feed may still belong.
    after_return: bool,
    /// Lines that were read ahead and are still to be split, with their numbers.
    ahead: VecDeque<(u64, String)>,
    /// Whether the line read last has no end of line.
    is_open: bool,
}

impl TextRows {
    /// Opens a file with this encoding and separator.
    ///
    /// # Errors
    /// The error of the system where the file cannot be opened.
    pub fn open(path: &Path, encoding: TextEncoding, separator: char) -> io::Result<Self> {
        let decoded = DecodeReaderBytesBuilder::new().encoding(Some(encoding.decoder)).strip_bom(true).build(File::open(path)?);
        Ok(TextRows {
            reader: BufReader::with_capacity(1 << 16, decoded),
            separator,
            line: 1,
            after_return: false,
            ahead: VecDeque::new(),
            is_open: false,
        })
    }

    /// Reads the next row into `row`; returns `false` at the end.
    ///
    /// # Errors
    /// The error of the system, or a line that is too long for an export.
    pub fn next(&mut self, row: &mut Row) -> io::Result<bool> {
        let Some((number, first)) = self.next_line()? else { return Ok(false) };
        row.number = number;
        (row.is_broken, row.is_text, row.is_last_open) = (false, true, false);
        if split(&first, self.separator, &mut row.cells) {
            row.is_last_open = self.is_cut(&first);
            return Ok(true);
        }
        // A quotation mark is open: the cell continues in the following lines.
        let mut text = first.clone();
        let mut lines = Vec::new();
        while lines.len() < MOST_LINES {
            let Some((number, line)) = self.next_line()? else { break };
            text.push('\n');
            text.push_str(&line);
            lines.push((number, line));
            if lines.last().is_some_and(|(_, line)| line.contains('"')) && split(&text, self.separator, &mut row.cells) {
                row.is_last_open = self.is_cut(&text);
                return Ok(true);
            }
        }
        // It never closes: this row is broken, and the lines read ahead are separate rows.
        for line in lines.into_iter().rev() {
            self.ahead.push_front(line);
        }
        row.is_broken = true;
        row.cells.clear();
        row.cells.push(Cell::Text(first));
        Ok(true)
    }

    /// Whether a text may be cut off by the end of the file. A closing quotation mark shows that it is not.
    fn is_cut(&self, text: &str) -> bool {
        self.is_open && self.ahead.is_empty() && !text.ends_with('"')
    }

    fn next_line(&mut self) -> io::Result<Option<(u64, String)>> {
        if let Some(line) = self.ahead.pop_front() {
            return Ok(Some(line));
        }
        let mut bytes = Vec::new();
        let mut is_there = false;
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                break;
            }
            if std::mem::take(&mut self.after_return) && buffer.first() == Some(&b'\n') {
                self.reader.consume(1);
                continue;
            }
            is_there = true;
            self.is_open = true;
            let end = buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let (line, rest) = buffer.split_at(end.unwrap_or(buffer.len()));
            bytes.extend_from_slice(line);
            let taken = line.len() + usize::from(end.is_some());
            self.after_return = rest.first() == Some(&b'\r');
            self.reader.consume(taken);
            if end.is_some() {
                self.is_open = false;
                break;
            }
            if bytes.len() > LONGEST_LINE {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("line {} is longer than {LONGEST_LINE} bytes, so the file is not an export", self.line),
                ));
            }
        }
        if !is_there {
            return Ok(None);
        }
        let number = self.line;
        self.line += 1;
        let text = String::from_utf8(bytes).unwrap_or_else(|cause| String::from_utf8_lossy(cause.as_bytes()).into_owned());
        Ok(Some((number, text)))
    }
}

/// Splits a line into cells; returns `false` where a quotation mark stays open.
///
/// A cell is quoted if it begins with a quotation mark, which blanks may precede. Two quotation marks within stand for one. Text after
/// the closing mark belongs to the cell, because not every program that writes exports follows the rules.
fn split(line: &str, separator: char, cells: &mut Vec<Cell>) -> bool {
    cells.clear();
    let mut rest = line;
    loop {
        let (cell, behind) = match rest.trim_start_matches(' ').strip_prefix('"') {
            None => match rest.split_once(separator) {
                Some((cell, behind)) => (cell.to_owned(), Some(behind)),
                None => (rest.to_owned(), None),
            },
            Some(inner) => match quoted(inner, separator) {
                Some(found) => found,
                None => return false,
            },
        };
        cells.push(if cell.is_empty() { Cell::Empty } else { Cell::Text(cell) });
        match behind {
            Some(behind) => rest = behind,
            None => break,
        }
    }
    if separator == BLANK {
        cells.retain(|cell| *cell != Cell::Empty);
    }
    true
}

/// The cell that begins after a quotation mark, and the text after its separator; `None` where the mark does not close.
fn quoted(text: &str, separator: char) -> Option<(String, Option<&str>)> {
    let mut cell = String::new();
    let mut rest = text;
    loop {
        let (inner, behind) = rest.split_once('"')?;
        cell.push_str(inner);
        match behind.strip_prefix('"') {
            Some(more) => {
                cell.push('"');
                rest = more;
            }
            None => {
                let (more, behind) = match behind.split_once(separator) {
                    Some((more, behind)) => (more, Some(behind)),
                    None => (behind, None),
                };
                cell.push_str(more);
                return Some((cell, behind));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::encoding::detect;
    use super::*;

    /// The rows of a file: number, whether it is broken, cells joined by `|`.
    fn rows(bytes: &[u8], separator: char) -> Vec<(u64, bool, String)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("export.csv");
        std::fs::write(&path, bytes).unwrap();
        let mut reader = TextRows::open(&path, detect(&path, "").unwrap(), separator).unwrap();
        let (mut row, mut rows) = (Row::default(), Vec::new());
        while reader.next(&mut row).unwrap() {
            let cells: Vec<String> = row.cells.iter().map(Cell::shown).collect();
            rows.push((row.number, row.is_broken, cells.join("|")));
        }
        rows
    }

    fn row(number: u64, text: &str) -> (u64, bool, String) {
        (number, false, text.to_owned())
    }

    #[test]
    fn every_end_of_line_and_the_numbers_that_people_see() {
        let expected = [row(1, "a|b"), row(2, "1|2"), row(3, ""), row(4, "3|")];
        for end in ["\n", "\r\n", "\r"] {
            assert_eq!(rows(format!("a,b{end}1,2{end}{end}3,{end}").as_bytes(), ','), expected, "{end:?}");
        }
        assert_eq!(rows(b"a\r\nb\nc\rd", ','), [row(1, "a"), row(2, "b"), row(3, "c"), row(4, "d")]);
    }

    #[test]
    fn quoted_cells_with_separators_breaks_and_quotes() {
        let text = "\"a,b\", \"c\"\"d\"\r\n\"two\r\nlines\",x\n\"=\"\"123\"\"\",=\"456\"\n5\"x,\"y\"z\n";
        assert_eq!(rows(text.as_bytes(), ','), [row(1, "a,b|c\"d"), row(2, "two\nlines|x"), row(4, "123|456"), row(5, "5\"x|yz")]);
    }

    #[test]
    fn a_mark_that_never_closes_breaks_its_own_row_only() {
        assert_eq!(rows(b"a,\"b\nc,d\ne,f\n", ','), [(1, true, "a,\"b".to_owned()), row(2, "c|d"), row(3, "e|f")]);
        let many = format!("\"open\n{}", "x\n".repeat(300));
        assert_eq!(rows(many.as_bytes(), ',').len(), 301);
    }

    #[test]
    fn encodings_are_decoded_and_byte_order_marks_are_removed() {
        let (gbk, _, _) = encoding_rs::GB18030.encode("订单;金额\n甲;1\n");
        assert_eq!(rows(&gbk, ';'), [row(1, "订单|金额"), row(2, "甲|1")]);
        assert_eq!(rows("\u{feff}订单\t金额".as_bytes(), '\t'), [row(1, "订单|金额")]);
        let wide: Vec<u8> = "\u{feff}订,单".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(rows(&wide, ','), [row(1, "订|单")]);
        assert_eq!(rows(b"", ','), []);
    }
}
