//! Which columns of a file are encrypted, as its footer says. The Parquet reader skips these fields.
//!
//! The footer is a struct in Thrift's compact protocol (<https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>),
//! with the field numbers of <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>.

use std::collections::BTreeSet;

/// `FileMetaData.row_groups`, `RowGroup.columns`, `ColumnChunk.crypto_metadata`.
const ENCRYPTED: [i16; 3] = [4, 1, 8];

/// The leaves of the schema that are encrypted in any row group. What of the footer cannot be read is left to the Parquet reader.
pub(in crate::input) fn encrypted_leaves(footer: &[u8]) -> BTreeSet<usize> {
    let mut compact = Compact { bytes: footer, leaves: BTreeSet::new() };
    let _ = compact.fields(0, 0, 0);
    compact.leaves
}

struct Compact<'a> {
    bytes: &'a [u8],
    leaves: BTreeSet<usize>,
}

/// No footer nests deeper; a damaged one might.
const DEEPEST: usize = 24;

const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;

impl Compact<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn skip(&mut self, bytes: usize) -> Option<()> {
        self.bytes = self.bytes.get(bytes..)?;
        Some(())
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// Reads the fields of a struct, which lies so deep; `matched` are the steps of [`ENCRYPTED`] that led to it, and `element` is its
    /// position in its list.
    fn fields(&mut self, depth: usize, matched: usize, element: usize) -> Option<()> {
        let mut id = 0_i16;
        loop {
            let header = self.byte()?;
            if header == 0 {
                return Some(());
            }
            id = match header >> 4 {
                0 => {
                    let zigzag = self.number()?;
                    i16::try_from((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64)).ok()?
                }
                delta => id.checked_add(i16::from(delta))?,
            };
            // Only structs that lie on the way are counted: their depth is that of the steps before them.
            let is_next = matched == depth && ENCRYPTED.get(matched) == Some(&id);
            if is_next && matched + 1 == ENCRYPTED.len() {
                self.leaves.insert(element);
            }
            self.value(header & 0x0f, depth + 1, if is_next { matched + 1 } else { 0 })?;
        }
    }

    /// Skips a value of a type, apart from what is looked for in it.
    fn value(&mut self, kind: u8, depth: usize, matched: usize) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        match kind {
            // Booleans, whose value is their type.
            1 | 2 => Some(()),
            3 => self.skip(1),
            4..=6 => self.number().map(|_| ()),
            7 => self.skip(8),
            BINARY => {
                let bytes = self.number()?;
                self.skip(usize::try_from(bytes).ok()?)
            }
            LIST | SET => {
                let header = self.byte()?;
                let count = if header >> 4 == 15 { self.number()? } else { u64::from(header >> 4) };
                (0..count).try_for_each(|element| self.element(header & 0x0f, depth, matched, element as usize))
            }
            MAP => {
                let count = self.number()?;
                let kinds = if count == 0 { 0 } else { self.byte()? };
                (0..count).try_for_each(|_| {
                    self.element(kinds >> 4, depth, 0, 0)?;
                    self.element(kinds & 0x0f, depth, 0, 0)
                })
            }
            STRUCT => self.fields(depth, matched, 0),
            13 => self.skip(16),
            _ => None,
        }
    }

    /// As [`Compact::value`] within a list or map, where a Boolean takes a byte.
    fn element(&mut self, kind: u8, depth: usize, matched: usize, element: usize) -> Option<()> {
        match kind {
            1 | 2 => self.skip(1),
            STRUCT if depth <= DEEPEST => self.fields(depth, matched, element),
            kind => self.value(kind, depth + 1, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Row groups of three columns each, of which those have crypto metadata.
    fn footer(encrypted: &[[bool; 3]]) -> Vec<u8> {
        // version: i32 1; schema: a list of one empty struct; num_rows: i64 64.
        let mut bytes = vec![0x15, 0x02, 0x19, 0x1c, 0x00, 0x16, 0x80, 0x01];
        bytes.extend([0x19, (encrypted.len() as u8) << 4 | STRUCT]);
        for columns in encrypted {
            bytes.extend([0x19, 0x3c]);
            for is_encrypted in columns {
                // file_path: "p"; file_offset: i64 4; perhaps crypto_metadata: a union with an empty struct.
                bytes.extend([0x18, 0x01, b'p', 0x16, 0x08]);
                if *is_encrypted {
                    bytes.extend([0x6c, 0x1c, 0x00, 0x00]);
                }
                bytes.push(0);
            }
            // total_byte_size, and the end of the row group.
            bytes.extend([0x16, 0x02, 0x00]);
        }
        // key_value_metadata: a list of one struct, whose field 8 is none of a column.
        bytes.extend([0x19, 0x1c, 0x8c, 0x00, 0x00, 0x00]);
        bytes
    }

    #[test]
    fn encrypted_columns_are_found_in_all_row_groups() {
        assert_eq!(encrypted_leaves(&footer(&[[false, false, false]])), BTreeSet::new());
        assert_eq!(encrypted_leaves(&footer(&[[false, true, true]])), BTreeSet::from([1, 2]));
        assert_eq!(encrypted_leaves(&footer(&[[true, false, false], [false, false, true]])), BTreeSet::from([0, 2]));
    }

    #[test]
    fn damaged_footers_end_without_harm() {
        let whole = footer(&[[false, true, true]]);
        for length in 0..whole.len() {
            encrypted_leaves(&whole[..length]);
        }
        // Structs within structs, and a list of 2^63 elements.
        encrypted_leaves(&vec![0x1c; 100_000]);
        encrypted_leaves(&vec![0x19; 100_000]);
        encrypted_leaves(&[0x19, 0xf3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);
    }
}
