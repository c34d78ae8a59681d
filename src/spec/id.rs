//! Ids: integers or text from the shop's systems, compared as values and never as hashes.

use std::sync::Arc;

use arrow::array::{ArrayRef, LargeStringBuilder, PrimitiveBuilder, StringBuilder, StringViewBuilder};
use arrow::datatypes::{self as types, ArrowPrimitiveType, DataType};

/// One id. Integers are carried as keys: numbers whose order as `u64` is the order of the ids,
/// so that signed and unsigned ids sort alike (see [`IdType::key`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Id<'a> {
    /// The order-preserving key of an integer id.
    Integer(u64),
    /// A text id.
    Text(&'a str),
}

impl PartialOrd for IdType {
    /// Orders types by width, if both can hold the same ids.
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        self.agrees_with(other).then(|| self.width().cmp(&other.width()))
    }
}

/// The type of an id column in the result tables: that of the input, dictionaries as Utf8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdType(DataType);

impl IdType {
    /// The id type of an input column; `None` if ids cannot have that type.
    pub fn of(data_type: &DataType) -> Option<IdType> {
        match data_type {
            DataType::Dictionary(_, values) => match values.as_ref() {
                DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Some(IdType(DataType::Utf8)),
                other if other.is_integer() => Some(IdType(other.clone())),
                _ => None,
            },
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Some(IdType(data_type.clone())),
            other if other.is_integer() => Some(IdType(other.clone())),
            _ => None,
        }
    }

    /// Utf8, the default.
    pub fn text() -> IdType {
        IdType(DataType::Utf8)
    }

    /// The Arrow type of the result column.
    pub fn data_type(&self) -> &DataType {
        &self.0
    }

    /// Whether the ids are integers.
    pub fn is_integer(&self) -> bool {
        self.0.is_integer()
    }

    /// Whether the same id has the same key, or the same text, in columns of both types.
    pub fn agrees_with(&self, other: &IdType) -> bool {
        self.is_integer() == other.is_integer() && self.0.is_unsigned_integer() == other.0.is_unsigned_integer()
    }

    /// The rank of a type among those that agree: the wider of two has the higher one.
    fn width(&self) -> usize {
        match self.0 {
            DataType::LargeUtf8 => 1,
            DataType::Utf8View => 2,
            _ => self.0.primitive_width().unwrap_or(0),
        }
    }

    /// The order-preserving key of a signed integer id.
    pub fn key(value: i64) -> u64 {
        (value as u64) ^ (1 << 63)
    }

    /// The signed integer of a key.
    pub fn signed(key: u64) -> i64 {
        (key ^ (1 << 63)) as i64
    }

    /// An id as text.
    pub fn show(&self, id: Id<'_>) -> String {
        match id {
            Id::Integer(key) if self.0.is_unsigned_integer() => key.to_string(),
            Id::Integer(key) => IdType::signed(key).to_string(),
            Id::Text(text) => text.to_owned(),
        }
    }

    /// The id that [`IdType::show`] shows as this text; `None` where no id of this type does.
    pub fn read<'a>(&self, text: &'a str) -> Option<Id<'a>> {
        if self.0.is_unsigned_integer() {
            text.parse().ok().map(Id::Integer)
        } else if self.is_integer() {
            text.parse().ok().map(|value| Id::Integer(IdType::key(value)))
        } else {
            Some(Id::Text(text))
        }
    }

    /// The ids as an Arrow array of this type; `None` becomes null. Integer ids given to a text type are shown as text.
    pub fn array<'a>(&self, mut ids: impl Iterator<Item = Option<Id<'a>>>) -> ArrayRef {
        self.array_of(&mut ids)
    }

    /// Compiled once: some two hundred iterators come here, and each type would have a loop for each of them.
    fn array_of<'a>(&self, ids: &mut dyn Iterator<Item = Option<Id<'a>>>) -> ArrayRef {
        fn integers<'a, T: ArrowPrimitiveType>(
            ids: &mut dyn Iterator<Item = Option<Id<'a>>>,
            native: impl Fn(u64) -> T::Native,
        ) -> ArrayRef {
            let mut builder = PrimitiveBuilder::<T>::with_capacity(ids.size_hint().0);
            for id in ids {
                builder.append_option(match id {
                    Some(Id::Integer(key)) => Some(native(key)),
                    _ => None,
                });
            }
            Arc::new(builder.finish())
        }
        macro_rules! text {
            ($builder:expr) => {{
                let mut builder = $builder;
                for id in ids {
                    match id {
                        Some(Id::Text(text)) => builder.append_value(text),
                        Some(id) => builder.append_value(self.show(id)),
                        None => builder.append_null(),
                    }
                }
                Arc::new(builder.finish()) as ArrayRef
            }};
        }
        match self.0 {
            DataType::Int8 => integers::<types::Int8Type>(ids, |key| IdType::signed(key) as i8),
            DataType::Int16 => integers::<types::Int16Type>(ids, |key| IdType::signed(key) as i16),
            DataType::Int32 => integers::<types::Int32Type>(ids, |key| IdType::signed(key) as i32),
            DataType::Int64 => integers::<types::Int64Type>(ids, IdType::signed),
            DataType::UInt8 => integers::<types::UInt8Type>(ids, |key| key as u8),
            DataType::UInt16 => integers::<types::UInt16Type>(ids, |key| key as u16),
            DataType::UInt32 => integers::<types::UInt32Type>(ids, |key| key as u32),
            DataType::UInt64 => integers::<types::UInt64Type>(ids, |key| key),
            DataType::LargeUtf8 => text!(LargeStringBuilder::new()),
            DataType::Utf8View => text!(StringViewBuilder::new()),
            _ => text!(StringBuilder::new()),
        }
    }
}
