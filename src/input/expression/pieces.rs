//! Pieces of a batch that are evaluated on their own, so that the texts made of its rows fit in memory.

use std::ops::Range;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::DataType;

use super::growth::Growth;

/// Bytes of texts that are made at a time.
const AT_A_TIME: u64 = 64 << 20;
/// The most bytes that may be made of one row.
const MOST_OF_A_ROW: u64 = 512 << 20;
/// The most bytes of the values of one batch.
pub(super) const MOST_OF_A_BATCH: u64 = 256 << 20;
/// Bytes of a value of another type as a text.
const SCALAR: u64 = 40;

/// The rows of a batch in pieces, of which no more is made than fits; `columns` are those that the expressions read.
///
/// # Errors
/// A row of which too much would be made.
pub(super) fn pieces(columns: &[&ArrayRef], rows: usize, growth: Growth) -> Result<Vec<Range<usize>>, String> {
    let bytes: Vec<u64> = (0..rows).map(|row| columns.iter().map(|column| length(column, row)).sum()).collect();
    let mut pieces = Vec::new();
    let (mut from, mut made) = (0, 0_u64);
    for (row, bytes) in bytes.into_iter().enumerate() {
        let of_row = growth.own.saturating_add(growth.times.saturating_mul(bytes));
        if of_row > MOST_OF_A_ROW {
            let most = MOST_OF_A_ROW >> 20;
            return Err(format!("of a row with texts of {bytes} bytes, more than {most} MiB can be made: cut them by LEFT(a, 1000) first"));
        }
        if made.saturating_add(of_row) > AT_A_TIME && row > from {
            pieces.push(from..row);
            (from, made) = (row, 0);
        }
        made = made.saturating_add(of_row);
    }
    pieces.push(from..rows);
    Ok(pieces)
}

/// Bytes of a value.
fn length(column: &ArrayRef, row: usize) -> u64 {
    let length = match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value_length(row) as u64,
        DataType::LargeUtf8 => column.as_string::<i64>().value_length(row) as u64,
        // The length is the first part of a view.
        DataType::Utf8View => column.as_string_view().views().get(row).map_or(0, |view| u64::from(*view as u32)),
        DataType::List(_)
        | DataType::LargeList(_)
        | DataType::FixedSizeList(..)
        | DataType::Dictionary(..)
        | DataType::RunEndEncoded(..) => column.slice(row, 1).to_data().get_slice_memory_size().map_or(0, |bytes| bytes as u64),
        _ => 0,
    };
    SCALAR.max(length)
}

/// Bytes of all texts of a column.
pub(super) fn bytes(column: &ArrayRef) -> u64 {
    (0..column.len()).map(|row| length(column, row)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::StringArray;
    use std::sync::Arc;

    #[test]
    fn as_many_rows_at_a_time_as_fit() {
        let column: ArrayRef = Arc::new(StringArray::from_iter_values((0..8).map(|_| "a".repeat(1 << 20))));
        let of = |growth| pieces(&[&column], 8, growth);
        assert_eq!(of(Growth::default()).unwrap(), vec![0..8; 1]);
        assert_eq!(of(Growth { own: 10, times: 7 }).unwrap(), vec![0..8; 1]);
        // 20 MiB a row: three of them in 64.
        assert_eq!(of(Growth { own: 0, times: 20 }).unwrap(), [0..3, 3..6, 6..8]);
        assert_eq!(of(Growth { own: 0, times: 400 }).unwrap().len(), 8);
        assert!(of(Growth { own: 0, times: 600 }).unwrap_err().contains("more than 512 MiB"));
        assert_eq!(pieces(&[], 0, Growth { own: 10, times: 7 }).unwrap(), vec![0..0; 1]);
    }
}
