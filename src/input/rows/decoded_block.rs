//! The bytes of a decoded batch: its columns as an Arrow stream, each named by its position in the input.

use std::io::Cursor;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Field, Schema};
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};

use super::batch::{DecodedBatch, guarded};

/// The name of the column that says which rows the filter keeps.
const KEEP: &str = "keep";

/// The bytes of a batch.
///
/// # Errors
/// The cause, of a column that Arrow cannot write.
pub(super) fn encoded(batch: &DecodedBatch) -> Result<Vec<u8>, String> {
    let of_file = batch.columns.iter().map(|(position, array)| (position.to_string(), Arc::clone(array)));
    let keep = batch.keep.iter().map(|keep| (KEEP.to_owned(), Arc::new(keep.clone()) as ArrayRef));
    let (names, columns): (Vec<String>, Vec<ArrayRef>) = of_file.chain(keep).unzip();
    let fields: Vec<Field> =
        names.into_iter().zip(&columns).map(|(name, column)| Field::new(name, column.data_type().clone(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let options = RecordBatchOptions::new().with_row_count(Some(batch.rows));
    let write = || {
        let rows = RecordBatch::try_new_with_options(Arc::clone(&schema), columns, &options)?;
        let mut writer = StreamWriter::try_new(Vec::new(), &schema)?;
        writer.write(&rows)?;
        writer.into_inner()
    };
    write().map_err(|cause: arrow::error::ArrowError| cause.to_string())
}

/// The batch of these bytes, whose rows begin with `first_row`.
///
/// # Errors
/// What is wrong with the bytes.
pub(super) fn decoded(bytes: &[u8], (first_row, rows): (u64, usize)) -> Result<DecodedBatch, String> {
    let read = || {
        let mut reader = StreamReader::try_new(Cursor::new(bytes), None)?;
        reader.next().transpose()
    };
    let found = guarded(read)?.map_err(|cause| cause.to_string())?.ok_or_else(|| "it has no rows".to_owned())?;
    if found.num_rows() != rows {
        return Err(format!("it has {} rows instead of {rows}", found.num_rows()));
    }
    let mut batch = DecodedBatch { first_row, rows, columns: Vec::with_capacity(found.num_columns()), keep: None };
    for (field, column) in found.schema_ref().fields().iter().zip(found.columns()) {
        match field.name().parse() {
            Ok(position) => batch.columns.push((position, Arc::clone(column))),
            Err(_) => batch.keep = column.as_boolean_opt().cloned(),
        }
    }
    Ok(batch)
}

#[cfg(test)]
mod tests {
    use arrow::array::{
        BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int64Array, NullArray, StringArray, StringViewArray,
        TimestampMicrosecondArray,
    };
    use arrow::datatypes::Int8Type;

    use super::*;

    /// A batch whose row 0 is another one's row 1, with columns of the types that files have.
    fn batch() -> DecodedBatch {
        let states: DictionaryArray<Int8Type> = [Some("待付款"), None, Some("完成")].into_iter().collect();
        let arrays: [ArrayRef; 9] = [
            Arc::new(Int64Array::from(vec![Some(9), None, Some(i64::MIN)])),
            Arc::new(StringArray::from(vec![Some("甲"), Some(""), None])),
            Arc::new(StringViewArray::from(vec![Some("一段比十二个字节长得多的文字"), None, Some("短")])),
            Arc::new(TimestampMicrosecondArray::from(vec![Some(1), None, Some(-1)]).with_timezone("Asia/Shanghai")),
            Arc::new(Decimal128Array::from(vec![Some(12_50), None, Some(-1)]).with_precision_and_scale(18, 2).unwrap()),
            Arc::new(Float64Array::from(vec![Some(4.5), Some(f64::NAN), None])),
            Arc::new(Date32Array::from(vec![Some(20_000), None, Some(0)])),
            Arc::new(states),
            Arc::new(NullArray::new(3)),
        ];
        // Positions need not follow each other.
        let columns = arrays.into_iter().enumerate().map(|(at, array)| (2 * at + 1, array.slice(1, 2))).collect();
        DecodedBatch { first_row: 70, rows: 2, columns, keep: Some(BooleanArray::from(vec![Some(true), None])) }
    }

    #[test]
    fn what_was_decoded_comes_back_as_it_was() {
        let batch = batch();
        let found = decoded(&encoded(&batch).unwrap(), (70, 2)).unwrap();
        assert_eq!((found.first_row, found.rows, &found.keep), (70, 2, &batch.keep));
        assert_eq!(found.columns.len(), batch.columns.len());
        for ((position, array), (as_it_was, before)) in found.columns.iter().zip(&batch.columns) {
            assert_eq!((position, array.data_type()), (as_it_was, before.data_type()));
            // NaN is no number that equals itself: the bits of floats are held against each other.
            let bits = |array: &ArrayRef| {
                let floats = array.as_primitive_opt::<arrow::datatypes::Float64Type>()?;
                Some(floats.iter().map(|value| value.map(f64::to_bits)).collect::<Vec<_>>())
            };
            assert!(bits(array).map_or_else(|| array == before, |own| Some(own) == bits(before)), "{array:?} {before:?}");
        }
    }

    #[test]
    fn rows_without_columns_and_other_rows_than_there_should_be() {
        let nothing = DecodedBatch { first_row: 0, rows: 5, columns: Vec::new(), keep: None };
        let bytes = encoded(&nothing).unwrap();
        let found = decoded(&bytes, (0, 5)).unwrap();
        assert!((found.rows, found.columns.len(), found.keep.is_none()) == (5, 0, true));
        assert_eq!(decoded(&bytes, (0, 6)).unwrap_err(), "it has 5 rows instead of 6");
        assert!(decoded(&bytes[..bytes.len() / 2], (0, 5)).is_err());
        assert!(decoded(&[], (0, 5)).is_err());
    }
}
