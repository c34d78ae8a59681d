//! What the pages of a column may ask for, judged by their headers before any of them is decoded: the Parquet reader makes room for as many
//! values and bytes as a page announces.
//!
//! The field numbers are those of <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>.

use std::io::Read;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use parquet::basic::{Compression, Encoding, Type};
use parquet::column::page::{Page, PageReader};
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::reader::ChunkReader;
use parquet::file::serialized_reader::SerializedPageReader;

use super::prefetch::Prefetched;
use super::thrift::{Compact, Field, STRUCT};

/// The most bytes of a page of few values: a text of some MiB passes, and a page that writers choose is about one.
pub(in crate::input) const MOST_PAGE: u64 = 64 << 20;
/// Bytes for each value of a page of texts, beyond that: writers that have one page for a column have larger ones.
const A_TEXT: u64 = 64;
/// Bytes of levels, and of what encodings add, for each value of a fixed size.
const A_LEVEL: u64 = 16;
/// Values of a nested column that a row group may have whatever its bytes are.
const FREE_VALUES: u64 = 4 << 20;
/// Values of a nested column for each byte.
const VALUES_A_BYTE: u64 = 1 << 10;
/// The most bytes of a header, which holds the least and greatest value of its page.
const MOST_HEADER: usize = 16 << 20;
/// The most bytes that a byte of GZIP becomes.
const GZIP_RATIO: u64 = 1_032;
/// The most bytes that GZIP may become unseen.
const UNSEEN: u64 = 256 << 20;
/// The four bytes that begin a frame of LZ4, whose length is told nowhere.
const LZ4_FRAME: [u8; 4] = [0x04, 0x22, 0x4D, 0x18];
/// The most bytes of such a frame.
const MOST_FRAME: usize = 1 << 20;

/// A page that takes more than it may, or that cannot be as its header says.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::input) enum Refusal {
    /// The file is damaged.
    Damaged(String),
    /// The page is whole, perhaps, and too large.
    TooLarge(String),
}

/// Checks the pages of a column (leaf of the schema) of a row group.
///
/// # Errors
/// The first page that is refused.
pub(in crate::input) fn check(file: &Prefetched, group: &RowGroupMetaData, leaf: usize) -> Result<Sizes, Refusal> {
    let Some(chunk) = group.columns().get(leaf) else { return Ok(Sizes::default()) };
    let name = chunk.column_path().string();
    let damaged = |what: String| Refusal::Damaged(format!("column `{name}`: {what}"));
    if chunk.dictionary_page_offset().unwrap_or(0) < 0 || chunk.data_page_offset() < 0 || chunk.compressed_size() < 0 {
        return Err(damaged("its place in the file is below 0".to_owned()));
    }
    let (mut at, length) = chunk.byte_range();
    let end = at.saturating_add(length);
    let rows = u64::try_from(group.num_rows()).unwrap_or(0);
    let values = match chunk.column_descr().max_rep_level() {
        0 => rows,
        _ => u64::try_from(chunk.num_values()).unwrap_or(0).min(FREE_VALUES.saturating_add(length.saturating_mul(VALUES_A_BYTE))),
    };
    let (mut seen, mut sizes) = (0, Sizes::default());
    while at < end {
        let (header, bytes) = header(file, at, end).ok_or_else(|| damaged(format!("the header of the page at byte {at} is damaged")))?;
        at += bytes;
        let Header { kind, unpacked, packed, count } = header;
        let (Ok(unpacked), Ok(packed), Ok(count)) = (u64::try_from(unpacked), u64::try_from(packed), u64::try_from(count)) else {
            return Err(damaged("a page has a size below 0".to_owned()));
        };
        if packed > end - at {
            return Err(damaged(format!("a page of {packed} bytes ends behind its column")));
        }
        let width = width(chunk);
        match kind {
            Kind::Dictionary => {
                if count.saturating_mul(width.unwrap_or(4)) > unpacked.saturating_mul(8) {
                    return Err(damaged(format!("its dictionary announces {count} values in {unpacked} bytes")));
                }
                sizes.dictionary = sizes.dictionary.max(unpacked);
            }
            Kind::Data => {
                seen += count;
                if seen > values {
                    return Err(damaged(format!("its pages announce {seen} values, and its row group has {values}")));
                }
            }
            Kind::Other => {}
        }
        let most = match (kind, width) {
            (Kind::Data, Some(width)) => MOST_PAGE.saturating_add(count.saturating_mul(width + A_LEVEL)),
            (_, Some(width)) => MOST_PAGE.saturating_add(rows.saturating_mul(width)),
            (Kind::Data, None) => MOST_PAGE.saturating_add(count.saturating_mul(A_TEXT)),
            (_, None) => MOST_PAGE.saturating_add(rows.saturating_mul(A_TEXT)),
        };
        let found = unpacked.max(packed);
        if found > most {
            return Err(too_large(&name, found, most));
        }
        unseen(file, chunk, (at, packed), most).map_err(|()| too_large(&name, most + 1, most))?;
        if kind != Kind::Other {
            sizes.unpacked.push(unpacked);
        }
        at += packed;
    }
    if chunk.column_descr().physical_type() == Type::BYTE_ARRAY && chunk.encodings().any(has_lengths) {
        counts(file, chunk, rows).map_err(damaged)?;
    }
    Ok(sizes)
}

/// The sizes of the pages of a column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::input) struct Sizes {
    /// Bytes of its largest dictionary.
    pub dictionary: u64,
    /// Bytes of each page when it is unpacked, its levels included.
    pub unpacked: Vec<u64>,
}

fn too_large(name: &str, found: u64, most: u64) -> Refusal {
    let shown = |bytes: u64| bytes.div_ceil(1 << 20);
    Refusal::TooLarge(format!(
        "column `{name}`: a page takes {} MiB or more, and its values {} MiB at most: is a cell larger than some MiB?",
        shown(found),
        shown(most)
    ))
}

/// Bytes of a value; `None` for texts.
fn width(chunk: &ColumnChunkMetaData) -> Option<u64> {
    match chunk.column_descr().physical_type() {
        Type::BOOLEAN => Some(1),
        Type::INT32 | Type::FLOAT => Some(4),
        Type::INT64 | Type::DOUBLE => Some(8),
        Type::INT96 => Some(12),
        Type::FIXED_LEN_BYTE_ARRAY => Some(u64::try_from(chunk.column_descr().type_length()).unwrap_or(0)),
        Type::BYTE_ARRAY => None,
    }
}

/// Checks what a page becomes that does not say so, or says so only in its last bytes.
fn unseen(file: &Prefetched, chunk: &ColumnChunkMetaData, (at, packed): (u64, u64), most: u64) -> Result<(), ()> {
    let bytes = || usize::try_from(packed).ok().and_then(|length| file.get_bytes(at, length).ok());
    match chunk.compression() {
        Compression::GZIP(_) if packed.saturating_mul(GZIP_RATIO) > UNSEEN.max(most) => {
            let Some(bytes) = bytes() else { return Ok(()) };
            let unpacked = std::io::copy(&mut MultiGzDecoder::new(bytes.as_ref()).take(most + 1), &mut std::io::sink());
            if unpacked.is_ok_and(|unpacked| unpacked > most) { Err(()) } else { Ok(()) }
        }
        Compression::LZ4 if packed > MOST_FRAME as u64 => {
            if bytes().is_some_and(|bytes| bytes.starts_with(&LZ4_FRAME)) {
                Err(())
            } else {
                Ok(())
            }
        }
        _ => Ok(()),
    }
}

/// Whether texts are encoded behind a list of their lengths.
fn has_lengths(encoding: Encoding) -> bool {
    matches!(encoding, Encoding::DELTA_LENGTH_BYTE_ARRAY | Encoding::DELTA_BYTE_ARRAY)
}

/// Checks that such a list has no more lengths than its page has values.
fn counts(file: &Prefetched, chunk: &ColumnChunkMetaData, rows: u64) -> Result<(), String> {
    let shown = |cause: parquet::errors::ParquetError| cause.to_string();
    let rows = usize::try_from(rows).unwrap_or(usize::MAX);
    let mut pages = SerializedPageReader::new(Arc::new(file.clone()), chunk, rows, None).map_err(shown)?;
    while let Some(page) = pages.get_next_page().map_err(shown)? {
        let (body, count, encoding) = match &page {
            Page::DataPage { buf, num_values, encoding, .. } => (levels(buf, chunk), *num_values, *encoding),
            Page::DataPageV2 { buf, num_values, encoding, def_levels_byte_len, rep_levels_byte_len, .. } => {
                (buf.get((def_levels_byte_len + rep_levels_byte_len) as usize..), *num_values, *encoding)
            }
            Page::DictionaryPage { .. } => continue,
        };
        if !has_lengths(encoding) {
            continue;
        }
        // Values of a block, its parts, the count of all values.
        let mut compact = Compact(body.ok_or("the levels of a page are damaged")?);
        let announced = compact.number().and_then(|_| compact.number()).and_then(|_| compact.number());
        if announced.is_none_or(|announced| announced > u64::from(count)) {
            return Err(format!("a page of {count} values has {} lengths", announced.unwrap_or(0)));
        }
    }
    Ok(())
}

/// What follows the levels of a page of the first version: each kind of levels begins with its length.
fn levels<'p>(page: &'p [u8], chunk: &ColumnChunkMetaData) -> Option<&'p [u8]> {
    let kinds = [chunk.column_descr().max_rep_level(), chunk.column_descr().max_def_level()].into_iter().filter(|level| *level > 0).count();
    (0..kinds).try_fold(page, |rest, _| {
        let (length, rest) = rest.split_first_chunk()?;
        rest.get(u32::from_le_bytes(*length) as usize..)
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Data,
    Dictionary,
    Other,
}

/// What the header of a page says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Header {
    kind: Kind,
    unpacked: i64,
    packed: i64,
    count: i64,
}

/// Reads a header, and how many bytes it takes.
fn header(file: &Prefetched, at: u64, end: u64) -> Option<(Header, u64)> {
    let mut length = 256;
    loop {
        let is_all = length as u64 >= end - at || length >= MOST_HEADER;
        let bytes = file.get_bytes(at, usize::try_from(end - at).map_or(length, |left| left.min(length))).ok()?;
        let mut compact = Compact(&bytes);
        match parsed(&mut compact) {
            Some(header) => return Some((header, (bytes.len() - compact.0.len()) as u64)),
            None if is_all => return None,
            None => length *= 16,
        }
    }
}

fn parsed(compact: &mut Compact<'_>) -> Option<Header> {
    let (mut kind, mut unpacked, mut packed, mut count) = (None, None, None, None);
    let mut last = 0;
    while let Some(Field { id, kind: value }) = compact.field(last)? {
        last = id;
        match (id, value) {
            // PageHeader.type, uncompressed_page_size, compressed_page_size
            (1, 4..=6) => kind = Some(compact.signed()?),
            (2, 4..=6) => unpacked = Some(compact.signed()?),
            (3, 4..=6) => packed = Some(compact.signed()?),
            // data_page_header, dictionary_page_header, data_page_header_v2
            (5 | 7 | 8, STRUCT) => count = Some(first(compact)?),
            _ => compact.value(value, 0)?,
        }
    }
    let kind = match kind? {
        0 | 3 => Kind::Data,
        2 => Kind::Dictionary,
        _ => Kind::Other,
    };
    Some(Header { kind, unpacked: unpacked?, packed: packed?, count: count.unwrap_or(0) })
}

/// The first field of a struct: the number of values, whatever the kind of page is.
fn first(compact: &mut Compact<'_>) -> Option<i64> {
    let (mut last, mut count) = (0, 0);
    while let Some(Field { id, kind }) = compact.field(last)? {
        last = id;
        match (id, kind) {
            (1, 4..=6) => count = compact.signed()?,
            _ => compact.value(kind, 1)?,
        }
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_pages_and_what_is_none() {
        // A data page of 3 values: type 0, 40 bytes, 20 packed; statistics of a text behind the encodings.
        let data = [
            0x15, 0x00, 0x15, 0x50, 0x15, 0x28, 0x2c, 0x15, 0x06, 0x15, 0x00, 0x15, 0x06, 0x15, 0x06, 0x1c, 0x18, 0x01, b'a', 0x00, 0x00,
            0x00,
        ];
        let mut compact = Compact(&data);
        assert_eq!(parsed(&mut compact), Some(Header { kind: Kind::Data, unpacked: 40, packed: 20, count: 3 }));
        assert_eq!(compact.0, [0_u8; 0]);
        // A dictionary of 2^31 - 1 values.
        let dictionary = [0x15, 0x04, 0x15, 0x50, 0x15, 0x28, 0x4c, 0x15, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0x15, 0x00, 0x00, 0x00];
        let found = parsed(&mut Compact(&dictionary));
        assert_eq!(found, Some(Header { kind: Kind::Dictionary, unpacked: 40, packed: 20, count: i64::from(i32::MAX) }));
        for length in 0..data.len() {
            assert_eq!(parsed(&mut Compact(&data[..length])), None, "{length}");
        }
        assert_eq!(parsed(&mut Compact(&[0x1c; 10_000])), None);
    }
}
