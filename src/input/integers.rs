//! Integer cells of any width as `i64` or order-preserving keys.

use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};

use crate::spec::IdType;

/// Calls `each(row, value)` for every row of an integer array, nulls as `None`; false where the array is of another type.
pub fn each(array: &ArrayRef, mut each: impl FnMut(usize, Option<i128>)) -> bool {
    fn walk<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, each: &mut impl FnMut(usize, Option<i128>))
    where
        T::Native: Into<i128>,
    {
        if array.null_count() == 0 {
            for (row, value) in array.values().iter().enumerate() {
                each(row, Some((*value).into()));
            }
        } else {
            for (row, value) in array.iter().enumerate() {
                each(row, value.map(Into::into));
            }
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

/// The order-preserving key of an id of that type (see [`IdType`]).
pub fn key(data_type: &DataType, value: i128) -> u64 {
    if data_type.is_unsigned_integer() { value as u64 } else { IdType::key(value as i64) }
}
