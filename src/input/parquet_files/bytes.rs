//! Columns of bytes as text: UUIDs, and columns whose writer did not say that they hold text.
//!
//! Bytes without a length of their own are how older writers store text, so they are text where they can be, and `\x…` in hex digits where
//! they cannot. Bytes of a fixed length are codes of machines: a UUID where the file says so, else hex digits. So each value has one text,
//! and no two values have the same.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

fn is_bytes(data_type: &DataType) -> bool {
    match data_type {
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => true,
        DataType::Dictionary(_, values) => is_bytes(values),
        _ => false,
    }
}

/// The schema of rows whose bytes are text.
pub(in crate::input) fn readable_schema(schema: &Schema) -> Schema {
    let readable = |field: &Arc<Field>| match field.data_type() {
        data_type if is_bytes(data_type) => Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8)),
        _ => Arc::clone(field),
    };
    Schema::new_with_metadata(schema.fields().iter().map(readable).collect::<Vec<_>>(), schema.metadata().clone())
}

/// The rows with their bytes as text; `is_uuid` says which of their columns are UUIDs.
///
/// # Errors
/// The error of Arrow, for a dictionary whose keys are wrong.
pub(in crate::input) fn readable_rows(batch: RecordBatch, is_uuid: impl Fn(usize) -> bool) -> Result<RecordBatch, ArrowError> {
    if !batch.columns().iter().any(|array| is_bytes(array.data_type())) {
        return Ok(batch);
    }
    let columns = batch.columns().iter().enumerate().map(|(at, array)| readable(array, is_uuid(at))).collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new(Arc::new(readable_schema(batch.schema_ref())), columns)
}

fn readable(array: &ArrayRef, is_uuid: bool) -> Result<ArrayRef, ArrowError> {
    let texts: StringArray = match array.data_type() {
        DataType::FixedSizeBinary(width) => {
            let shown = if is_uuid && *width == 16 { uuid } else { |bytes: &[u8]| hex::encode(bytes) };
            array.as_fixed_size_binary().iter().map(|bytes| bytes.map(shown)).collect()
        }
        DataType::Binary => array.as_binary::<i32>().iter().map(|bytes| bytes.map(text)).collect(),
        DataType::LargeBinary => array.as_binary::<i64>().iter().map(|bytes| bytes.map(text)).collect(),
        DataType::BinaryView => array.as_binary_view().iter().map(|bytes| bytes.map(text)).collect(),
        DataType::Dictionary(_, values) if is_bytes(values) => {
            let dictionary = array.as_any_dictionary();
            return take(&readable(dictionary.values(), is_uuid)?, dictionary.keys(), None);
        }
        _ => return Ok(Arc::clone(array)),
    };
    Ok(Arc::new(texts))
}

/// `00112233-4455-6677-8899-aabbccddeeff`.
fn uuid(bytes: &[u8]) -> String {
    let digits = hex::encode(bytes);
    let part = |range| digits.get(range).unwrap_or_default();
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-")
}

/// Text with a control character is none: raw bytes may be UTF-8 by chance.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains(char::is_control) && !text.starts_with(r"\x") => text.to_owned(),
        _ => format!(r"\x{}", hex::encode(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{BinaryArray, DictionaryArray, FixedSizeBinaryArray, Int8Array};

    fn shown(array: impl Array + 'static, is_uuid: bool) -> Vec<Option<String>> {
        let readable = readable(&(Arc::new(array) as ArrayRef), is_uuid).unwrap();
        readable.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
    }

    #[test]
    fn uuids_and_other_bytes_of_a_fixed_length() {
        let values = [Some([0x11; 16]), None, Some(*b"0123456789abcdef")];
        let array = FixedSizeBinaryArray::try_from_sparse_iter_with_size(values.into_iter(), 16).unwrap();
        let [first, last] = ["11111111-1111-1111-1111-111111111111", "30313233-3435-3637-3839-616263646566"].map(str::to_owned);
        assert_eq!(shown(array.clone(), true), [Some(first.clone()), None, Some(last.clone())]);
        let plain = |text: String| Some(text.replace('-', ""));
        assert_eq!(shown(array, false), [plain(first), None, plain(last)]);
    }

    #[test]
    fn bytes_without_a_type_are_text_where_they_can_be() {
        let values: [Option<&[u8]>; 6] = [Some(b"c1"), Some("天".as_bytes()), None, Some(b""), Some(&[0x11, 0x22]), Some(&[0xff])];
        let expected = [Some("c1"), Some("天"), None, Some(""), Some(r"\x1122"), Some(r"\xff")].map(|text| text.map(str::to_owned));
        assert_eq!(shown(BinaryArray::from_iter(values), false), expected);
        // A text that looks like such digits is not taken for them.
        assert_eq!(shown(BinaryArray::from_iter([Some(br"\xff")]), false), [Some(r"\x5c786666".to_owned())]);
        let dictionary =
            DictionaryArray::new(Int8Array::from(vec![Some(1), None, Some(0)]), Arc::new(BinaryArray::from_iter([Some(b"a"), Some(b"b")])));
        assert_eq!(shown(dictionary, false), [Some("b".to_owned()), None, Some("a".to_owned())]);
    }
}
