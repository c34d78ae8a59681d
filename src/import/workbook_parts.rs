//! The parts of XLSX workbooks, judged before they are read: the library that reads them keeps in memory what lies between two tags, each
//! cell, and all shared texts, and a packed part may become a thousand times as long.
//!
//! Source: ECMA-376, part 1, 18.3.1 (sheets), 18.4 (shared texts).

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use zip::ZipArchive;

/// Bytes that a part, or a workbook, may have whatever it has when packed.
const FREE: u64 = 64 << 20;
/// Bytes for each packed one: the sheets of exports have some 20.
const RATIO: u64 = 100;
/// The most bytes of a part that is neither cells nor shared texts.
const MOST_OTHER: u64 = 8 << 20;
/// The most bytes of a cell or shared text, with what lies before it.
const MOST_CELL: u64 = 4 << 20;
/// The most bytes that shared texts may take in memory.
const MOST_SHARED: u64 = 384 << 20;
/// Bytes that a shared text takes beside its letters.
const A_SHARED: u64 = 64;

/// Checks what the parts of a workbook become when they are unpacked. A file that is no archive is left to the reader.
///
/// # Errors
/// The part, and what there is too much of.
pub(super) fn check(path: &Path) -> Result<(), String> {
    let file = File::open(path).map_err(|cause| cause.to_string())?;
    let length = file.metadata().map_err(|cause| cause.to_string())?.len();
    let Ok(mut archive) = ZipArchive::new(BufReader::new(file)) else { return Ok(()) };
    let mut all = 0;
    for number in 0..archive.len() {
        let Ok(part) = archive.by_index(number) else { continue };
        let (name, packed) = (String::from_utf8_lossy(part.name_raw()).into_owned(), part.compressed_size());
        let refused = |what: String| format!("its part `{name}` {what}");
        let most = FREE.saturating_add(RATIO.saturating_mul(packed)).min(2 * (FREE + RATIO * length.min(u64::MAX >> 10)) - all);
        let mut scan = Scan::of(&name);
        let (mut part, mut bytes) = (part.take(most + 1), vec![0; 64 << 10]);
        let mut unpacked = 0;
        loop {
            match part.read(&mut bytes) {
                Ok(0) => break,
                Ok(read) => {
                    unpacked += read as u64;
                    scan.add(bytes.get(..read).unwrap_or_default()).map_err(refused)?;
                }
                // What is damaged is found again by the reader, if it needs the part.
                Err(_) => break,
            }
            if unpacked > most {
                return Err(refused(format!("becomes more than {} MiB when it is unpacked, of {packed} bytes", most >> 20)));
            }
        }
        all += unpacked;
    }
    Ok(())
}

/// Where in the text of a part a scan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    /// In a tag, perhaps in an attribute with those quotes.
    Tag {
        quote: Option<u8>,
        is_closed: bool,
    },
    /// In what ends with these letters: a comment, text as it is, an instruction.
    Until(&'static [u8]),
}

/// The lengths that lie between the ends of cells, rows and shared texts.
struct Scan {
    state: State,
    /// The first letters of the tag, or of what may be one.
    tag: Vec<u8>,
    /// The last letters, as many as an end has.
    last: [u8; 3],
    bytes: u64,
    since: u64,
    shared: u64,
    /// The name of the last attribute, and the number in it, and the greatest of such numbers.
    attribute: Vec<u8>,
    number: u64,
    announced: u64,
    is_after_blank: bool,
    most: u64,
    has_cells: bool,
}

/// Letters of a tag that tell which one it is.
const TAG: usize = 64;

impl Scan {
    fn of(name: &str) -> Scan {
        let is_picture = ["/media/", "/embeddings/", "vbaProject.bin", "thumbnail."].iter().any(|place| name.contains(place));
        let has_cells = !name.ends_with("styles.xml") && !name.ends_with("workbook.xml") && !name.ends_with(".rels");
        let most = if is_picture { FREE } else { MOST_OTHER };
        Scan {
            state: State::Text,
            tag: Vec::new(),
            last: [0; 3],
            bytes: 0,
            since: 0,
            shared: 0,
            attribute: Vec::new(),
            number: 0,
            announced: 0,
            is_after_blank: false,
            most,
            has_cells: has_cells && !is_picture,
        }
    }

    fn add(&mut self, bytes: &[u8]) -> Result<(), String> {
        for byte in bytes {
            self.bytes += 1;
            self.since += 1;
            self.last = [self.last[1], self.last[2], *byte];
            self.step(*byte);
            if self.bytes > self.most && (self.since > MOST_CELL || !self.has_cells) {
                return Err(match self.has_cells {
                    true => format!("has a cell or text of more than {} MiB, or as many blanks", MOST_CELL >> 20),
                    false => format!("has more than {} MiB", self.most >> 20),
                });
            }
        }
        // The reader takes memory for as many texts as a part announces.
        if self.announced > MOST_SHARED / A_SHARED {
            return Err(format!("announces {} texts", self.announced));
        }
        if self.shared * A_SHARED + self.bytes > MOST_SHARED && self.shared > 0 {
            return Err(format!("has texts of more than {} MiB", MOST_SHARED >> 20));
        }
        Ok(())
    }

    fn step(&mut self, byte: u8) {
        match self.state {
            State::Text if byte == b'<' => {
                self.tag.clear();
                self.attribute.clear();
                self.number = 0;
                self.state = State::Tag { quote: None, is_closed: false };
            }
            State::Text => {}
            State::Until(end) => {
                if self.last.ends_with(end) {
                    self.state = State::Text;
                }
            }
            State::Tag { quote: Some(quote), is_closed } => {
                if byte.is_ascii_digit() && [&b"count="[..], b"uniqueCount="].contains(&self.attribute.as_slice()) {
                    self.number = self.number.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
                    self.announced = self.announced.max(self.number);
                }
                self.state = State::Tag { quote: (byte != quote).then_some(quote), is_closed };
            }
            State::Tag { quote: None, is_closed } => match byte {
                b'>' => {
                    self.ended(is_closed);
                    self.state = State::Text;
                }
                b'"' | b'\'' => self.state = State::Tag { quote: Some(byte), is_closed: false },
                _ => {
                    // Blanks may stand around the sign of equality.
                    let is_next = byte != b'=' && (self.is_after_blank || self.attribute.ends_with(b"="));
                    if is_next && !byte.is_ascii_whitespace() {
                        self.attribute.clear();
                        self.number = 0;
                    }
                    self.is_after_blank = byte.is_ascii_whitespace();
                    if !self.is_after_blank && self.attribute.len() < TAG {
                        self.attribute.push(byte);
                    }
                    if self.tag.len() < TAG {
                        self.tag.push(byte);
                    }
                    self.state = match self.tag.as_slice() {
                        b"!--" => State::Until(b"-->"),
                        b"![CDATA[" => State::Until(b"]]>"),
                        b"?" => State::Until(b"?>"),
                        _ => State::Tag { quote: None, is_closed: byte == b'/' },
                    };
                }
            },
        }
    }

    /// A tag has ended; `is_closed` if it has no text, or is one that closes another.
    fn ended(&mut self, is_closed: bool) {
        let (is_end, tag) = self.tag.strip_prefix(b"/").map_or((is_closed, self.tag.as_slice()), |tag| (true, tag));
        let name = tag.split(|letter| letter.is_ascii_whitespace() || *letter == b'/').next().unwrap_or_default();
        let name = name.rsplit(|letter| *letter == b':').next().unwrap_or_default();
        if is_end && [&b"c"[..], b"row", b"si"].contains(&name) {
            self.since = 0;
            self.shared += u64::from(name == b"si");
        }
        // What follows the cells is not read.
        if is_end && name == b"sheetData" {
            self.most = u64::MAX;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::write::SimpleFileOptions;

    /// What is said of a workbook with one part of that name, which is these pieces, each so many times.
    fn said(name: &str, pieces: &[(&str, usize)]) -> Result<(), String> {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.xlsx");
        let mut archive = zip::ZipWriter::new(File::create(&path).unwrap());
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        for (piece, times) in pieces {
            let chunk = piece.repeat((1 << 16) / piece.len() + 1);
            let whole = *times / (chunk.len() / piece.len());
            (0..whole).for_each(|_| archive.write_all(chunk.as_bytes()).unwrap());
            archive.write_all(piece.repeat(times - whole * (chunk.len() / piece.len())).as_bytes()).unwrap();
        }
        archive.finish().unwrap();
        check(&path)
    }

    const SHEET: &str = "xl/worksheets/sheet1.xml";

    #[test]
    fn tables_pass() {
        assert_eq!(
            said(SHEET, &[("<worksheet><sheetData>", 1), ("<row><c r='A1' t='s'><v>1</v></c></row>", 300_000), ("</sheetData>", 1)]),
            Ok(())
        );
        // Cells without values, and many lines behind the cells.
        assert_eq!(said(SHEET, &[("<row r='1'><c r='A1' s='1'/></row>", 300_000)]), Ok(()));
        assert_eq!(said(SHEET, &[("<row><c/></row></sheetData>", 1), ("<mergeCell ref='A1:B2'/>", 500_000)]), Ok(()));
        let head = "<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main' count='900000' uniqueCount='500000'>";
        assert_eq!(said("xl/sharedStrings.xml", &[(head, 1), ("<si><t>手机壳</t></si>", 500_000)]), Ok(()));
        assert_eq!(said(SHEET, &[("<row><c><v>", 1), ("a", 3 << 20), ("</v></c></row>", 1)]), Ok(()));
        assert_eq!(said("xl/media/image1.png", &[("a<", 10 << 20)]), Ok(()));
    }

    #[test]
    fn what_becomes_too_large_is_refused() {
        let cell = "has a cell or text of more than 4 MiB, or as many blanks";
        for (before, filling, after) in [
            ("<sheetData>", " ", "<row>"),
            ("<row><c><v>", "a", "</v></c></row>"),
            ("<row><c><is>", "<r><t>a</t></r>", "</is></c></row>"),
            ("<row a='", "></c>", "'>"),
            ("<!--", "</c>", "-->"),
            ("<![CDATA[", "</c>", "]]>"),
            ("<?", "</c>", "?>"),
        ] {
            let said = said(SHEET, &[("<row><c/></row>", 1), (before, 1), (filling, (20 << 20) / filling.len()), (after, 1)]);
            assert_eq!(said, Err(format!("its part `{SHEET}` {cell}")), "{before}");
        }
        let blanks = said(SHEET, &[("<c></c>", 23 << 20)]).unwrap_err();
        assert!(blanks.contains("MiB when it is unpacked, of "), "{blanks}");
        assert_eq!(said("xl/media/image1.png", &[("a", 70 << 20)]).unwrap_err(), "its part `xl/media/image1.png` has more than 64 MiB");
        assert!(said("xl/styles.xml", &[("<xf/><c/>", 1 << 20)]).unwrap_err().contains("has more than 8 MiB"));
        for head in [
            "<sst uniqueCount='4000000000'>",
            "<sst xmlns=\"a\" count=\"1\" uniqueCount=\"18446744073709551615\">",
            "<sst\ncount='9999999'/>",
            "<sst uniqueCount = '4000000000'>",
        ] {
            let announced = said("xl/sharedStrings.xml", &[(head, 1), ("<si><t>a</t></si>", 1)]).unwrap_err();
            assert!(announced.starts_with("its part `xl/sharedStrings.xml` announces "), "{announced}");
        }
        let shared = said("xl/sharedStrings.xml", &[("<si/>", 7 << 20)]).unwrap_err();
        assert_eq!(shared, "its part `xl/sharedStrings.xml` has texts of more than 384 MiB");
    }
}
