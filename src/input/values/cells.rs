//! Cells: columns of numbers as plain slices, in which a number that no cell can have stands for null.

use arrow::array::{Array, PrimitiveArray};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use arrow::datatypes::{ArrowNativeType, ArrowPrimitiveType};

/// The values, with `missing` for null. Without nulls they are not copied.
pub(in crate::input) fn filled<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, missing: T::Native) -> ScalarBuffer<T::Native> {
    match array.nulls() {
        None => array.values().clone(),
        Some(nulls) => {
            let mut values = array.values().to_vec();
            fill(&mut values, nulls, missing);
            values.into()
        }
    }
}

/// The values converted one by one, with `missing` for null.
pub(in crate::input) fn converted<T: ArrowPrimitiveType, V: ArrowNativeType>(
    array: &PrimitiveArray<T>,
    missing: V,
    mut convert: impl FnMut(T::Native) -> V,
) -> ScalarBuffer<V> {
    let values = array.values().iter();
    let converted: Vec<V> = match array.nulls() {
        None => values.map(|value| convert(*value)).collect(),
        Some(nulls) => values.zip(nulls.iter()).map(|(value, is_valid)| if is_valid { convert(*value) } else { missing }).collect(),
    };
    converted.into()
}

/// Replaces nulls by `missing`.
pub(in crate::input) fn fill<V: Copy>(values: &mut [V], nulls: &NullBuffer, missing: V) {
    for row in (!nulls.inner()).set_indices() {
        values[row] = missing;
    }
}
