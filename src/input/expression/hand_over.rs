//! Arrays handed from Arrow to Polars and back without copying their values.
//!
//! Both have the same memory layout, and each implements the Arrow C data interface. Neither crate has a safe way to the other (Polars
//! removed its own conversions in its pull request 19312), and the fields of both crates' structs are private: what is left is to move a
//! struct of one crate into the equal one of the other.

use std::panic::catch_unwind;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, NullArray, make_array};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, TimeUnit};
use arrow::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi, to_ffi};
use polars::prelude::{CompatLevel, PlSmallStr, Series};
use polars_arrow::ffi::{ArrowArray, ArrowSchema, export_array_to_c, export_field_to_c, import_array_from_c, import_field_from_c};

// `transmute` compares the sizes, and this the alignment. The order of the fields is that of the interface's definition, which is
// fixed for good: https://arrow.apache.org/docs/format/CDataInterface.html#structure-definitions
const _: () = assert!(align_of::<FFI_ArrowArray>() == align_of::<ArrowArray>());
const _: () = assert!(align_of::<FFI_ArrowSchema>() == align_of::<ArrowSchema>());

/// Hands a column to Polars, in a type that it has.
///
/// # Errors
/// The column and its type, where Polars has no such type; a value that does not fit the type.
pub(super) fn to_polars(name: &str, array: &ArrayRef) -> Result<Series, String> {
    let refused = || format!("column `{name}` has the type {}, which expressions cannot read", array.data_type());
    let known = known(array.data_type()).ok_or_else(refused)?;
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let converted = if *array.data_type() == known { Ok(Arc::clone(array)) } else { cast_with_options(array, &known, &options) };
    let converted = converted.map_err(|cause| format!("column `{name}` of the type {}: {cause}", array.data_type()))?;
    // Polars panics over types for which it was not compiled; those of `known` are not among them.
    catch_unwind(std::panic::AssertUnwindSafe(|| hand_over(name, &converted))).unwrap_or_else(|_| Err(refused()))
}

/// The type in which expressions see a column of that type: dictionaries as their values, decimals with 128 bits, whole numbers with 64,
/// so that those of columns of few bits do not begin anew from the other end, times of day as text.
/// `None` for types that they cannot work with.
fn known(data_type: &DataType) -> Option<DataType> {
    use DataType::{
        Boolean, Date32, Date64, Decimal32, Decimal64, Decimal128, Decimal256, Dictionary, Duration, FixedSizeList, Float16, Float32,
        Float64, Int8, Int16, Int32, Int64, LargeList, LargeUtf8, List, Null, RunEndEncoded, Time32, Time64, Timestamp, UInt8, UInt16,
        UInt32, UInt64, Utf8, Utf8View,
    };
    let list = |element: &Arc<Field>| Some(Arc::new(element.as_ref().clone().with_data_type(known(element.data_type())?)));
    Some(match data_type {
        Null | Boolean | Int64 | UInt64 | Float32 | Float64 => data_type.clone(),
        Int8 | Int16 | Int32 | UInt8 | UInt16 | UInt32 => Int64,
        Utf8 | LargeUtf8 | Utf8View | Date32 | Timestamp(..) | Duration(_) => data_type.clone(),
        Date64 => Timestamp(TimeUnit::Millisecond, None),
        Float16 => Float32,
        Time32(_) | Time64(_) => Utf8,
        Decimal32(precision, scale) | Decimal64(precision, scale) | Decimal128(precision, scale) if *scale >= 0 => {
            Decimal128(*precision, *scale)
        }
        Decimal32(..) | Decimal64(..) | Decimal128(..) => Decimal128(38, 0),
        Decimal256(_, scale) => Decimal128(38, (*scale).clamp(0, 38)),
        Dictionary(_, values) => known(values)?,
        RunEndEncoded(_, values) => known(values.data_type())?,
        List(element) => List(list(element)?),
        LargeList(element) => LargeList(list(element)?),
        FixedSizeList(element, _) => List(list(element)?),
        _ => return None,
    })
}

fn hand_over(name: &str, array: &ArrayRef) -> Result<Series, String> {
    let (array, schema) = to_ffi(&array.to_data()).map_err(|cause| cause.to_string())?;
    // SAFETY: both crates declare the structs of the C data interface `repr(C)`, field by field as its definition has them, so that
    // the bytes of one are a value of the other. `transmute` moves the value: only the new owner drops it, by the release callback
    // that came with it. What is imported was made by `to_ffi` just now, so that it is valid, and the schema is the array's own.
    let array = unsafe {
        let schema = std::mem::transmute::<FFI_ArrowSchema, ArrowSchema>(schema);
        let field = import_field_from_c(&schema).map_err(|cause| cause.to_string())?;
        let array = std::mem::transmute::<FFI_ArrowArray, ArrowArray>(array);
        import_array_from_c(array, field.dtype).map_err(|cause| cause.to_string())?
    };
    Series::try_from((PlSmallStr::from_str(name), array)).map_err(|cause| cause.to_string())
}

/// Takes a column back from Polars.
pub(super) fn from_polars(series: &Series) -> Result<ArrayRef, String> {
    // Both crates have arrays of nothing but null, with different numbers of buffers.
    if series.dtype() == &polars::prelude::DataType::Null {
        return Ok(Arc::new(NullArray::new(series.len())));
    }
    let series = series.rechunk();
    let array = series.to_arrow(0, CompatLevel::oldest());
    let field = polars_arrow::datatypes::Field::new(PlSmallStr::EMPTY, array.dtype().clone(), true);
    let schema = export_field_to_c(&field);
    let array = export_array_to_c(array);
    // SAFETY: as in `to_polars`, in the other direction; here `export_field_to_c` and `export_array_to_c` made the structs, of one type.
    let data = unsafe {
        let array = std::mem::transmute::<ArrowArray, FFI_ArrowArray>(array);
        let schema = std::mem::transmute::<ArrowSchema, FFI_ArrowSchema>(schema);
        from_ffi(array, &schema).map_err(|cause| cause.to_string())?
    };
    Ok(make_array(data))
}
