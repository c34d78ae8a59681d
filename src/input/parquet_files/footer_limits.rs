//! What a footer may ask for, judged before the Parquet reader reads it: that one calls itself for each level of a schema, and makes room
//! for what is announced.
//!
//! The field numbers are those of <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>.

use parquet::file::metadata::ParquetMetaData;

use super::thrift::{Compact, Field, LIST, STRUCT};

/// Levels of groups within each other.
const MOST_LEVELS: usize = 100;
/// Columns and groups of a schema.
const MOST_NODES: usize = 100_000;
/// The least bytes of a column in a row group: its place, and what is required of its metadata.
const LEAST_CHUNK: usize = 8;
/// Rows that a row group may announce whatever it holds: a column of one value takes some bytes for all of them.
const FREE_ROWS: u64 = 4 << 20;
/// Rows for each further byte of the file.
const ROWS_A_BYTE: u64 = 1 << 10;

const DAMAGED: &str = "its footer is damaged";

/// Checks the nesting of the schema and the counts of a footer.
///
/// # Errors
/// What there is too much of.
pub(super) fn check(footer: &[u8]) -> Result<(), String> {
    let mut compact = Compact(footer);
    let (mut last, mut leaves) = (0, None);
    loop {
        let Field { id, kind } = match compact.field(last) {
            Some(Some(field)) => field,
            Some(None) => return Ok(()),
            None => return Err(DAMAGED.to_owned()),
        };
        last = id;
        match (id, kind) {
            // FileMetaData.schema
            (2, LIST) => leaves = Some(schema(&mut compact)?),
            // FileMetaData.row_groups: what follows has nothing that nests.
            (4, LIST) => {
                let (_, groups) = compact.list().ok_or(DAMAGED)?;
                let least = leaves.unwrap_or(0).saturating_mul(LEAST_CHUNK).saturating_mul(groups);
                return if least > compact.0.len() {
                    Err(format!("its footer announces {groups} row groups that it does not hold"))
                } else {
                    Ok(())
                };
            }
            _ => compact.value(kind, 0).ok_or(DAMAGED)?,
        }
    }
}

/// Reads the elements of a schema, which are a tree written from the top, and returns the number of its columns.
fn schema(compact: &mut Compact<'_>) -> Result<usize, String> {
    let (kind, count) = compact.list().ok_or(DAMAGED)?;
    if kind != STRUCT && count > 0 {
        return Err(DAMAGED.to_owned());
    }
    if count > MOST_NODES {
        return Err(format!("its schema has {count} columns and groups, {MOST_NODES} at most"));
    }
    // The parts that each open group still waits for.
    let (mut open, mut leaves): (Vec<u64>, usize) = (Vec::new(), 0);
    for place in 0..count {
        let parts = children(compact).ok_or(DAMAGED)?;
        if parts > (count - place - 1) as u64 {
            return Err(format!("a group of its schema announces {parts} columns, and {} follow", count - place - 1));
        }
        if let Some(waits) = open.last_mut() {
            *waits = waits.saturating_sub(1);
        }
        leaves += usize::from(parts == 0);
        if parts > 0 {
            open.push(parts);
        }
        if open.len() > MOST_LEVELS {
            return Err(format!("the groups of its schema lie more than {MOST_LEVELS} levels within each other"));
        }
        while open.last() == Some(&0) {
            open.pop();
        }
    }
    Ok(leaves)
}

/// Reads an element of the schema, and returns how many follow as its parts.
fn children(compact: &mut Compact<'_>) -> Option<u64> {
    let (mut last, mut children) = (0, 0);
    while let Some(Field { id, kind }) = compact.field(last)? {
        last = id;
        match (id, kind) {
            // SchemaElement.num_children
            (5, 4..=6) => children = u64::try_from(compact.signed()?).ok()?,
            _ => compact.value(kind, 1)?,
        }
    }
    Some(children)
}

/// Checks the rows that a file of so many bytes announces: they are read, or counted, one by one.
///
/// # Errors
/// The row group that announces too many.
pub(super) fn check_rows(metadata: &ParquetMetaData, bytes: u64) -> Result<(), String> {
    let most = FREE_ROWS.saturating_add(bytes.saturating_mul(ROWS_A_BYTE));
    let mut all = 0_u64;
    for (number, group) in metadata.row_groups().iter().enumerate() {
        let rows = u64::try_from(group.num_rows()).map_err(|_| format!("row group {number} has {} rows", group.num_rows()))?;
        all = all.saturating_add(rows);
        if all > most {
            return Err(format!("its first {} row groups announce {all} rows, and no {bytes} bytes hold that many", number + 1));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A footer with a schema of elements that have so many parts each, and row groups.
    fn footer(parts: &[u8], groups: u8) -> Vec<u8> {
        let varint = |number: usize| vec![(number & 0x7f) as u8 | 0x80, (number >> 7 & 0x7f) as u8 | 0x80, (number >> 14) as u8];
        // version: i32 1; schema: a long list of structs.
        let mut bytes = vec![0x15, 0x02, 0x19, 0xfc];
        bytes.extend(varint(parts.len()));
        for parts in parts {
            // name: "n"; num_children: i32.
            bytes.extend([0x48, 0x01, b'n']);
            if *parts > 0 {
                bytes.extend([0x15, parts << 1]);
            }
            bytes.push(0);
        }
        // num_rows: i64 0; row_groups.
        bytes.extend([0x16, 0x00, 0x19, groups << 4 | STRUCT]);
        bytes.extend(vec![0; groups.into()]);
        bytes
    }

    #[test]
    fn a_schema_as_deep_as_files_have_them_and_a_deeper_one() {
        assert_eq!(check(&footer(&[2, 0, 1, 0], 0)), Ok(()));
        let deep = |levels: usize| [vec![1; levels], vec![0]].concat();
        assert_eq!(check(&footer(&deep(MOST_LEVELS), 0)), Ok(()));
        assert_eq!(
            check(&footer(&deep(MOST_LEVELS + 1), 0)).unwrap_err(),
            "the groups of its schema lie more than 100 levels within each other"
        );
        assert!(check(&footer(&deep(10_000), 0)).unwrap_err().contains("more than 100 levels"));
        // Many groups beside each other are not deep.
        let wide = [vec![60], [1, 0].repeat(60)].concat();
        assert_eq!(check(&footer(&wide, 0)), Ok(()));
    }

    #[test]
    fn counts_that_cannot_be() {
        assert_eq!(check(&footer(&[5, 0, 0], 0)).unwrap_err(), "a group of its schema announces 5 columns, and 2 follow");
        assert_eq!(check(&footer(&[2, 0, 0], 3)).unwrap_err(), "its footer announces 3 row groups that it does not hold");
        // A list of 2^62 elements, structs within structs, and ends anywhere.
        assert_eq!(check(&[0x15, 0x02, 0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f]), Err(DAMAGED.to_owned()));
        assert_eq!(check(&vec![0x1c; 100_000]), Err(DAMAGED.to_owned()));
        let whole = footer(&[2, 0, 0], 0);
        for length in 0..whole.len() - 1 {
            assert!(check(&whole[..length]).is_err(), "{length}");
        }
    }
}
