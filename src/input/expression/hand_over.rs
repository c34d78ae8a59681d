//! Arrays handed from Arrow to Polars and back without copying their values.
//!
//! Both have the same memory layout, and each implements the Arrow C data interface. Neither crate has a safe way to the other (Polars
//! removed its own conversions in its pull request 19312), and the fields of both crates' structs are private: what is left is to move a
//! struct of one crate into the equal one of the other.

use arrow::array::{ArrayRef, make_array};
use arrow::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi, to_ffi};
use polars::prelude::{CompatLevel, PlSmallStr, Series};
use polars_arrow::ffi::{ArrowArray, ArrowSchema, export_array_to_c, export_field_to_c, import_array_from_c, import_field_from_c};

// `transmute` compares the sizes, and this the alignment. The order of the fields is that of the interface's definition, which is
// fixed for good: https://arrow.apache.org/docs/format/CDataInterface.html#structure-definitions
const _: () = assert!(align_of::<FFI_ArrowArray>() == align_of::<ArrowArray>());
const _: () = assert!(align_of::<FFI_ArrowSchema>() == align_of::<ArrowSchema>());

/// Hands an array to Polars.
pub(super) fn to_polars(name: &str, array: &ArrayRef) -> Result<Series, String> {
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
