//! Text cells of any Arrow layout, read one by one without copying.

use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, LargeStringArray, StringArray, StringViewArray};
use arrow::datatypes::{
    ArrowDictionaryKeyType, ArrowNativeType, DataType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};

use super::cells;

/// The position of null in a dictionary.
pub const NO_VALUE: u32 = u32::MAX;

/// A column of text.
#[derive(Debug, Clone)]
pub enum Texts {
    /// Utf8.
    Utf8(StringArray),
    /// LargeUtf8.
    Large(LargeStringArray),
    /// Utf8View.
    View(StringViewArray),
    /// A dictionary: for each row the position of its value, or [`NO_VALUE`].
    Dictionary(Vec<u32>, Box<Texts>),
}

impl Texts {
    /// The array as text; `None` for another type.
    pub fn of(array: &ArrayRef) -> Option<Texts> {
        fn keys<K: ArrowDictionaryKeyType>(array: &DictionaryArray<K>) -> Vec<u32> {
            let values = array.keys().values().iter();
            let mut keys: Vec<u32> = values.map(|key| u32::try_from(key.as_usize()).unwrap_or(NO_VALUE)).collect();
            if let Some(nulls) = array.nulls() {
                cells::fill(&mut keys, nulls, NO_VALUE);
            }
            keys
        }
        match array.data_type() {
            DataType::Utf8 => Some(Texts::Utf8(array.as_string::<i32>().clone())),
            DataType::LargeUtf8 => Some(Texts::Large(array.as_string::<i64>().clone())),
            DataType::Utf8View => Some(Texts::View(array.as_string_view().clone())),
            DataType::Dictionary(key, _) => {
                let keys = match key.as_ref() {
                    DataType::Int8 => keys(array.as_dictionary::<Int8Type>()),
                    DataType::Int16 => keys(array.as_dictionary::<Int16Type>()),
                    DataType::Int32 => keys(array.as_dictionary::<Int32Type>()),
                    DataType::Int64 => keys(array.as_dictionary::<Int64Type>()),
                    DataType::UInt8 => keys(array.as_dictionary::<UInt8Type>()),
                    DataType::UInt16 => keys(array.as_dictionary::<UInt16Type>()),
                    DataType::UInt32 => keys(array.as_dictionary::<UInt32Type>()),
                    DataType::UInt64 => keys(array.as_dictionary::<UInt64Type>()),
                    _ => return None,
                };
                Some(Texts::Dictionary(keys, Box::new(Texts::of(array.as_any_dictionary().values())?)))
            }
            _ => None,
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        match self {
            Texts::Utf8(array) => array.len(),
            Texts::Large(array) => array.len(),
            Texts::View(array) => array.len(),
            Texts::Dictionary(keys, _) => keys.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text in a row, or `None` for a null.
    #[inline]
    pub fn get(&self, row: usize) -> Option<&str> {
        match self {
            Texts::Utf8(array) => array.is_valid(row).then(|| array.value(row)),
            Texts::Large(array) => array.is_valid(row).then(|| array.value(row)),
            Texts::View(array) => array.is_valid(row).then(|| array.value(row)),
            Texts::Dictionary(keys, values) => values.get(keys.get(row).copied().filter(|key| *key != NO_VALUE)? as usize),
        }
    }
}
