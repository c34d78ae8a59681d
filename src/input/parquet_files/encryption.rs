//! Which columns of a file are encrypted, as its footer says. The Parquet reader skips these fields.
//!
//! The footer is a struct with the field numbers of <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>.

use std::collections::BTreeSet;

use super::thrift::{Compact, Field, LIST, STRUCT};

/// `FileMetaData.row_groups`, `RowGroup.columns`, `ColumnChunk.crypto_metadata`.
const ENCRYPTED: [i16; 3] = [4, 1, 8];

/// The leaves of the schema that are encrypted in any row group. What of the footer cannot be read is left to the Parquet reader.
pub(in crate::input) fn encrypted_leaves(footer: &[u8]) -> BTreeSet<usize> {
    let mut search = Search { compact: Compact(footer), leaves: BTreeSet::new() };
    let _ = search.fields(0, 0, 0);
    search.leaves
}

struct Search<'a> {
    compact: Compact<'a>,
    leaves: BTreeSet<usize>,
}

impl Search<'_> {
    /// Reads the fields of a struct, which lies so deep; `matched` are the steps of [`ENCRYPTED`] that led to it, and `element` is its
    /// position in its list.
    fn fields(&mut self, depth: usize, matched: usize, element: usize) -> Option<()> {
        let mut last = 0;
        while let Some(Field { id, kind }) = self.compact.field(last)? {
            last = id;
            // Only structs that lie on the way are looked into: their depth is that of the steps before them.
            if matched != depth || ENCRYPTED.get(matched) != Some(&id) {
                self.compact.value(kind, depth + 1)?;
                continue;
            }
            if matched + 1 == ENCRYPTED.len() {
                self.leaves.insert(element);
            }
            match kind {
                LIST if matched + 1 < ENCRYPTED.len() => {
                    let (kind, count) = self.compact.list()?;
                    for element in 0..count {
                        match kind {
                            STRUCT => self.fields(depth + 1, matched + 1, element)?,
                            kind => self.compact.element(kind, depth + 1)?,
                        }
                    }
                }
                kind => self.compact.value(kind, depth + 1)?,
            }
        }
        Some(())
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
