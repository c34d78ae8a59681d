//! Arrow batches as rows of PostgreSQL's binary COPY format (documented in the manual under COPY, "Binary Format").

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, LargeStringArray, UInt64Array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, UInt64Type};
use arrow::record_batch::RecordBatch;

use super::definition::SqlType;
use super::failure::Failure;

/// What precedes the rows: the signature, no flags, no extension.
pub(super) const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What follows the rows.
pub(super) const TRAILER: &[u8] = &(-1_i16).to_be_bytes();

/// Days from 1970-01-01, the epoch of Arrow, to 2000-01-01, the epoch of PostgreSQL.
const FIRST_DAY: i32 = 10_957;

/// The values of a column.
enum ColumnValues<'a> {
    BigInt(&'a Int64Array),
    Unsigned(&'a UInt64Array),
    Money(&'a Decimal128Array),
    Text(&'a LargeStringArray),
    Date(&'a Date32Array),
    Double(&'a Float64Array),
    Boolean(&'a BooleanArray),
}

/// Appends the rows of a batch; `types` are those of its columns.
///
/// # Errors
/// A failure where a text has a NUL, which PostgreSQL cannot store; a bug where a column is not of its type.
pub(super) fn rows(batch: &RecordBatch, types: &[SqlType], out: &mut Vec<u8>) -> Result<(), Failure> {
    let columns = batch.columns().iter().zip(types).map(|(array, sql_type)| widened(array, *sql_type)).collect::<Result<Vec<_>, _>>()?;
    let cells: Vec<ColumnValues<'_>> = columns.iter().zip(types).filter_map(|(array, sql_type)| cells(array, *sql_type)).collect();
    if cells.len() != batch.num_columns() {
        return Err(Failure::bug("a batch has columns of other types than its schema".to_owned()));
    }
    let count = (cells.len() as i16).to_be_bytes();
    for row in 0..batch.num_rows() {
        out.extend(count);
        for (at, cells) in cells.iter().enumerate() {
            if !cell(cells, row, out) {
                let name = batch.schema().fields().get(at).map_or(String::new(), |field| field.name().clone());
                return Err(Failure::new(
                    format!("column `{name}` has a text with a NUL character, which PostgreSQL cannot store"),
                    "map the column to an SQL expression that removes it, such as REPLACE(…)",
                ));
            }
        }
    }
    Ok(())
}

/// The column, cast to the Arrow type of its SQL type.
fn widened(array: &ArrayRef, sql_type: SqlType) -> Result<ArrayRef, Failure> {
    let widened = match sql_type {
        SqlType::BigInt => cast(array, &DataType::Int64),
        SqlType::Text => cast(array, &DataType::LargeUtf8),
        _ => return Ok(array.clone()),
    };
    widened.map_err(|cause| Failure::bug(cause.to_string()))
}

fn cells(array: &ArrayRef, sql_type: SqlType) -> Option<ColumnValues<'_>> {
    Some(match sql_type {
        SqlType::BigInt => ColumnValues::BigInt(array.as_primitive_opt::<Int64Type>()?),
        SqlType::Unsigned => ColumnValues::Unsigned(array.as_primitive_opt::<UInt64Type>()?),
        SqlType::Money => ColumnValues::Money(array.as_primitive_opt::<Decimal128Type>()?),
        SqlType::Text => ColumnValues::Text(array.as_string_opt::<i64>()?),
        SqlType::Date => ColumnValues::Date(array.as_primitive_opt::<Date32Type>()?),
        SqlType::Double => ColumnValues::Double(array.as_primitive_opt::<Float64Type>()?),
        SqlType::Boolean => ColumnValues::Boolean(array.as_boolean_opt()?),
        SqlType::Time => return None,
    })
}

/// Appends the length of a cell and the cell; returns `false` where it cannot be stored.
fn cell(cells: &ColumnValues<'_>, row: usize, out: &mut Vec<u8>) -> bool {
    const NULL: [u8; 4] = (-1_i32).to_be_bytes();
    let array: &dyn Array = match cells {
        ColumnValues::BigInt(array) => *array,
        ColumnValues::Unsigned(array) => *array,
        ColumnValues::Money(array) => *array,
        ColumnValues::Text(array) => *array,
        ColumnValues::Date(array) => *array,
        ColumnValues::Double(array) => *array,
        ColumnValues::Boolean(array) => *array,
    };
    if array.is_null(row) {
        out.extend(NULL);
        return true;
    }
    match cells {
        ColumnValues::BigInt(array) => fixed(&array.value(row).to_be_bytes(), out),
        ColumnValues::Double(array) => fixed(&array.value(row).to_be_bytes(), out),
        ColumnValues::Date(array) => fixed(&(array.value(row).saturating_sub(FIRST_DAY)).to_be_bytes(), out),
        ColumnValues::Boolean(array) => fixed(&[u8::from(array.value(row))], out),
        ColumnValues::Money(array) => numeric(array.value(row), true, out),
        ColumnValues::Unsigned(array) => numeric(i128::from(array.value(row)), false, out),
        ColumnValues::Text(array) => {
            let text = array.value(row).as_bytes();
            if text.contains(&0) {
                return false;
            }
            fixed(text, out);
        }
    }
    true
}

fn fixed(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend((bytes.len() as i32).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Appends a number as PostgreSQL's `numeric`: the number of groups of four decimal digits, the number of groups before the decimal point
/// less one (weight), the sign, the number of digits after the point (scale), the groups. `value` is in hundredths if `has_hundredths`.
fn numeric(value: i128, has_hundredths: bool, out: &mut Vec<u8>) {
    const NEGATIVE: u16 = 0x4000;
    let magnitude = value.unsigned_abs();
    let (mut whole, hundredths) = if has_hundredths { (magnitude / 100, (magnitude % 100) as u16) } else { (magnitude, 0) };
    // From the last group to the first; an unsigned number of 128 bits has 39 digits.
    let mut groups = [0_u16; 11];
    let mut count = 1;
    groups[0] = hundredths * 100;
    while whole > 0 {
        groups[count] = (whole % 10_000) as u16;
        whole /= 10_000;
        count += 1;
    }
    let weight = count as i16 - 2;
    let used = groups[..count].iter().position(|group| *group != 0).map_or(&[][..], |last| &groups[last..count]);
    let weight = if used.is_empty() { 0 } else { weight };
    out.extend((8 + 2 * used.len() as i32).to_be_bytes());
    out.extend((used.len() as i16).to_be_bytes());
    out.extend(weight.to_be_bytes());
    out.extend(if value < 0 { NEGATIVE } else { 0 }.to_be_bytes());
    out.extend(if has_hundredths { 2_u16 } else { 0 }.to_be_bytes());
    used.iter().rev().for_each(|group| out.extend(group.to_be_bytes()));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int16Array, StringViewArray};
    use proptest::prelude::*;

    use super::*;

    /// Groups, weight, sign and scale of a number, then its groups.
    fn parts(value: i128, has_hundredths: bool) -> Vec<i32> {
        let mut out = Vec::new();
        numeric(value, has_hundredths, &mut out);
        assert_eq!(out.len() as i32 - 4, i32::from_be_bytes(out[..4].try_into().unwrap()));
        out[4..].chunks(2).map(|pair| i32::from(i16::from_be_bytes(pair.try_into().unwrap()))).collect()
    }

    #[test]
    fn money_is_encoded_as_in_the_source_of_the_server() {
        // numeric.c: value = sum of digit × 10000^(weight − position); sign 0x4000 for negative numbers.
        for (fen, expected) in [
            (0, vec![0, 0, 0, 2]),
            (1, vec![1, -1, 0, 2, 100]),
            (-1, vec![1, -1, 0x4000, 2, 100]),
            (99, vec![1, -1, 0, 2, 9900]),
            (100, vec![1, 0, 0, 2, 1]),
            (12_34, vec![2, 0, 0, 2, 12, 3400]),
            (9_999_99, vec![2, 0, 0, 2, 9999, 9900]),
            (10_000_00, vec![1, 1, 0, 2, 1]),
            (10_000_01, vec![3, 1, 0, 2, 1, 0, 100]),
            (-100_000_000_00, vec![1, 2, 0x4000, 2, 1]),
            (999_999_999_999_999_999, vec![5, 3, 0, 2, 9999, 9999, 9999, 9999, 9900]),
        ] {
            assert_eq!(parts(fen, true), expected, "{fen}");
        }
        assert_eq!(parts(i128::from(u64::MAX), false), [5, 4, 0, 0, 1844, 6744, 737, 955, 1615]);
        assert_eq!(parts(0, false), [0, 0, 0, 0]);
        assert_eq!(parts(i128::MIN, true)[..4], [11, 9, 0x4000, 2]);
    }

    #[test]
    fn a_row_is_its_cells_with_their_lengths() {
        let batch = RecordBatch::try_from_iter([
            ("id", Arc::new(Int16Array::from(vec![Some(-2), None])) as ArrayRef),
            ("name", Arc::new(StringViewArray::from(vec![Some("é"), Some("")]))),
            ("day", Arc::new(Date32Array::from(vec![Some(FIRST_DAY - 1), None]))),
            ("flag", Arc::new(BooleanArray::from(vec![Some(true), Some(false)]))),
        ])
        .unwrap();
        let mut out = Vec::new();
        rows(&batch, &[SqlType::BigInt, SqlType::Text, SqlType::Date, SqlType::Boolean], &mut out).unwrap();
        let first =
            [&[0, 4][..], &[0, 0, 0, 8], &(-2_i64).to_be_bytes(), &[0, 0, 0, 2, 0xc3, 0xa9, 0, 0, 0, 4], &[0xff; 4], &[0, 0, 0, 1, 1]];
        let second = [&[0, 4][..], &[0xff; 4], &[0, 0, 0, 0], &[0xff; 4], &[0, 0, 0, 1, 0]];
        assert_eq!(out, [first.concat(), second.concat()].concat());
    }

    #[test]
    fn a_text_that_cannot_be_stored_is_named() {
        let batch = RecordBatch::try_from_iter([("channel", Arc::new(StringViewArray::from(vec!["a\0b"])) as ArrayRef)]).unwrap();
        let failure = rows(&batch, &[SqlType::Text], &mut Vec::new()).unwrap_err();
        assert!(failure.message.contains("`channel` has a text with a NUL"), "{}", failure.message);
    }

    proptest! {
        #[test]
        fn every_amount_is_the_sum_of_its_groups(fen in any::<i64>()) {
            let parts = parts(i128::from(fen), true);
            // The last group before the point has the power 0 of 10000, which is 10^6 of the smallest unit that groups can have.
            let power = |position: usize| 10_000_i128.pow((parts[1] - position as i32 + 1) as u32);
            let sum: i128 = parts[4..].iter().enumerate().map(|(position, group)| i128::from(*group) * power(position)).sum();
            let sign = if parts[2] == 0 { 1 } else { -1 };
            prop_assert_eq!(sign * sum, i128::from(fen) * 100);
        }
    }
}
