//! Detection of the encoding of a text file from its bytes: by the byte order mark, else UTF-8, else GB18030.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use encoding_rs::{DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use crate::error::Problem;

/// Bytes that are read at once.
const CHUNK: usize = 1 << 16;

/// The encoding of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextEncoding {
    /// The encoding as the decoder knows it.
    pub decoder: &'static Encoding,
    /// Its name for people.
    pub name: &'static str,
}

/// Detects the encoding of a file. GB18030 contains GBK, which contains GB2312. A character that is cut off at the end of the file
/// does not exclude an encoding: the check of the last row finds it.
///
/// # Errors
/// A problem where the file cannot be read, has NUL bytes, or is neither UTF-8 nor GB18030, with the first such line.
pub fn detect(path: &Path, place: &str) -> Result<TextEncoding, Problem> {
    let unreadable = |cause: io::Error| Problem::new(place, format!("cannot be read: {cause}"));
    let mut start = [0; 3];
    let length = read_full(&mut File::open(path).map_err(unreadable)?, &mut start).map_err(unreadable)?;
    match start.get(..length).unwrap_or_default() {
        [0xEF, 0xBB, 0xBF] => return announced(path, place, UTF_8, "UTF-8 with BOM").map_err(unreadable)?,
        [0xFF, 0xFE, ..] => return Ok(TextEncoding { decoder: UTF_16LE, name: "UTF-16 (little endian)" }),
        [0xFE, 0xFF, ..] => return Ok(TextEncoding { decoder: UTF_16BE, name: "UTF-16 (big endian)" }),
        _ => {}
    }
    if let Some(line) = line_of_nul(path).map_err(unreadable)? {
        return Err(Problem::new(place, format!("line {line} has a NUL byte, so the file is not text"))
            .help("if it is a table, open it in a spreadsheet program and save it as CSV UTF-8 or XLSX"));
    }
    let Some(not_utf8) = first_fault(path, UTF_8).map_err(unreadable)? else {
        return Ok(TextEncoding { decoder: UTF_8, name: "UTF-8" });
    };
    let Some(not_gb18030) = first_fault(path, GB18030).map_err(unreadable)? else {
        return Ok(TextEncoding { decoder: GB18030, name: "GB18030 (GBK)" });
    };
    let found = format!("neither UTF-8 (not from line {not_utf8} on) nor GB18030, which contains GBK (not from line {not_gb18030} on)");
    Err(Problem::new(place, found).help("save it as CSV UTF-8 and import that"))
}

/// The encoding that the byte order mark of a file announces, if the whole file is valid in it.
fn announced(path: &Path, place: &str, decoder: &'static Encoding, name: &'static str) -> io::Result<Result<TextEncoding, Problem>> {
    Ok(match first_fault(path, decoder)? {
        None => Ok(TextEncoding { decoder, name }),
        Some(line) => Err(Problem::new(place, format!("begins with the byte order mark of UTF-8, but line {line} is not UTF-8"))
            .help("were files of different encodings joined? import each one separately")),
    })
}

/// The first line with bytes that are invalid in the encoding.
fn first_fault(path: &Path, encoding: &'static Encoding) -> io::Result<Option<u64>> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut scratch = vec![0; 3 * CHUNK + 16];
    let mut line = 1;
    let mut fault = None;
    each_chunk(path, |chunk| {
        let mut rest = chunk;
        loop {
            let (result, read, _) = decoder.decode_to_utf8_without_replacement(rest, &mut scratch, false);
            let (done, left) = rest.split_at(read.min(rest.len()));
            line += lines_in(done);
            rest = left;
            match result {
                DecoderResult::InputEmpty => return true,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    fault = Some(line);
                    return false;
                }
            }
        }
    })?;
    Ok(fault)
}

/// The first line with a NUL byte.
fn line_of_nul(path: &Path) -> io::Result<Option<u64>> {
    let mut line = 1;
    let mut found = None;
    each_chunk(path, |chunk| match chunk.iter().position(|byte| *byte == 0) {
        None => {
            line += lines_in(chunk);
            true
        }
        Some(at) => {
            found = Some(line + lines_in(chunk.split_at(at).0));
            false
        }
    })?;
    Ok(found)
}

fn lines_in(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// Passes the file to `take` chunk by chunk, until `take` returns `false`.
fn each_chunk(path: &Path, mut take: impl FnMut(&[u8]) -> bool) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; CHUNK];
    loop {
        let length = read_full(&mut file, &mut buffer)?;
        match buffer.get(..length) {
            Some(chunk) if !chunk.is_empty() && take(chunk) => {}
            _ => return Ok(()),
        }
    }
}

/// Reads until the buffer is full or the file ends.
pub(super) fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(space) = buffer.get_mut(filled..).filter(|space| !space.is_empty()) {
        match reader.read(space) {
            Ok(0) => break,
            Ok(length) => filled += length,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bytes: &[u8]) -> Result<&'static str, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("export.csv");
        std::fs::write(&path, bytes).unwrap();
        detect(&path, "export.csv").map(|encoding| encoding.name).map_err(|problem| problem.message)
    }

    #[test]
    fn the_encodings_that_exports_have() {
        let (gbk, _, _) = GB18030.encode("订单编号,总金额\n");
        assert_eq!(found("订单编号,总金额\n".as_bytes()), Ok("UTF-8"));
        assert_eq!(found("\u{feff}订单编号".as_bytes()), Ok("UTF-8 with BOM"));
        assert_eq!(found(&gbk), Ok("GB18030 (GBK)"));
        assert_eq!(found(b"\xFF\xFEa\0"), Ok("UTF-16 (little endian)"));
        assert_eq!(found(b"plain"), Ok("UTF-8"));
        assert_eq!(found(b""), Ok("UTF-8"));
    }

    #[test]
    fn a_character_that_the_end_cuts_off_excludes_no_encoding() {
        let text = "订单".as_bytes();
        assert_eq!(found(&text[..5]), Ok("UTF-8"));
        let (gbk, _, _) = GB18030.encode("订单");
        assert_eq!(found(&gbk[..3]), Ok("GB18030 (GBK)"));
    }

    #[test]
    fn a_character_may_lie_across_two_chunks() {
        let text = format!("{}订单", "a".repeat(CHUNK - 1));
        assert_eq!(found(text.as_bytes()), Ok("UTF-8"));
        let (gbk, _, _) = GB18030.encode(&text);
        assert_eq!(found(&gbk), Ok("GB18030 (GBK)"));
    }

    #[test]
    fn a_file_that_is_not_text_is_refused_with_the_line() {
        assert_eq!(found(b"a\nb\0c"), Err("line 2 has a NUL byte, so the file is not text".to_owned()));
        let neither = found(b"a\n\xFF\xFF\n").unwrap_err();
        assert!(neither.contains("not from line 2 on"), "{neither}");
        let broken = found(b"\xEF\xBB\xBFa\nb\xFFc\n").unwrap_err();
        assert!(broken.contains("line 2 is not UTF-8"), "{broken}");
    }
}
