//! Integer cells of any width as `i64` or order-preserving keys.

use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use arrow::buffer::ScalarBuffer;
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};

use super::cells;
use super::fault::Faults;
use crate::spec::IdType;

/// A missing count.
pub const NO_COUNT: i64 = i64::MIN;

/// More than any count of a day; a sum over a year of days still fits.
const LARGEST_COUNT: i64 = 1_000_000_000_000_000;

/// Calls `each(row, value)` for every row of an integer array, nulls as `None`. Returns false for an array of another type.
pub fn each(array: &ArrayRef, mut each: impl FnMut(usize, Option<i128>)) -> bool {
    fn walk<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, each: &mut impl FnMut(usize, Option<i128>))
    where
        T::Native: Into<i128>,
    {
        for (row, value) in array.iter().enumerate() {
            each(row, value.map(Into::into));
        }
    }
    match array.data_type() {
        DataType::Int8 => walk(array.as_primitive::<Int8Type>(), &mut each),
        DataType::Int16 => walk(array.as_primitive::<Int16Type>(), &mut each),
        DataType::Int32 => walk(array.as_primitive::<Int32Type>(), &mut each),
        DataType::Int64 => walk(array.as_primitive::<Int64Type>(), &mut each),
        DataType::UInt8 => walk(array.as_primitive::<UInt8Type>(), &mut each),
        DataType::UInt16 => walk(array.as_primitive::<UInt16Type>(), &mut each),
        DataType::UInt32 => walk(array.as_primitive::<UInt32Type>(), &mut each),
        DataType::UInt64 => walk(array.as_primitive::<UInt64Type>(), &mut each),
        _ => return false,
    }
    true
}

/// The order-preserving keys of an array of ids (see [`IdType`]), with arbitrary keys for nulls; `None` for another type.
pub(in crate::input) fn keys(array: &ArrayRef) -> Option<Vec<u64>> {
    fn signed<T: ArrowPrimitiveType>(array: &ArrayRef) -> Vec<u64>
    where
        T::Native: Into<i64>,
    {
        array.as_primitive::<T>().values().iter().map(|value| IdType::key((*value).into())).collect()
    }
    fn unsigned<T: ArrowPrimitiveType>(array: &ArrayRef) -> Vec<u64>
    where
        T::Native: Into<u64>,
    {
        array.as_primitive::<T>().values().iter().map(|value| (*value).into()).collect()
    }
    Some(match array.data_type() {
        DataType::Int8 => signed::<Int8Type>(array),
        DataType::Int16 => signed::<Int16Type>(array),
        DataType::Int32 => signed::<Int32Type>(array),
        DataType::Int64 => signed::<Int64Type>(array),
        DataType::UInt8 => unsigned::<UInt8Type>(array),
        DataType::UInt16 => unsigned::<UInt16Type>(array),
        DataType::UInt32 => unsigned::<UInt32Type>(array),
        DataType::UInt64 => unsigned::<UInt64Type>(array),
        _ => return None,
    })
}

/// The counts of a column; null is [`NO_COUNT`]. So is a value that is not a count, which is recorded as a fault.
pub(in crate::input) fn counts(array: &ArrayRef, column: &'static str, faults: &mut Faults) -> ScalarBuffer<i64> {
    let is_count = |value: i64| (-LARGEST_COUNT..=LARGEST_COUNT).contains(&value);
    let widened = match array.data_type() {
        DataType::Int16 => Some(cells::converted(array.as_primitive::<Int16Type>(), NO_COUNT, i64::from)),
        DataType::Int32 => Some(cells::converted(array.as_primitive::<Int32Type>(), NO_COUNT, i64::from)),
        DataType::Int64 => Some(cells::filled(array.as_primitive::<Int64Type>(), NO_COUNT)),
        _ => None,
    };
    if let Some(counts) = widened
        && counts.iter().filter(|count| !is_count(**count)).count() == array.null_count()
    {
        return counts;
    }
    let mut counts = Vec::with_capacity(array.len());
    each(array, |row, value| {
        let count = value.map(|value| i64::try_from(value).ok().filter(|count| is_count(*count)).ok_or(value));
        if let Some(Err(value)) = count {
            faults.note(row, column, || format!("{value} is too large for a count"));
        }
        counts.push(count.and_then(Result::ok).unwrap_or(NO_COUNT));
    });
    counts.resize(array.len(), NO_COUNT);
    counts.into()
}
