//! Id cells: integers as order-preserving keys, text as it is.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::NullBuffer;
use arrow::compute::cast;
use arrow::datatypes::DataType;

use super::id_text::whole;
use super::integers;
use super::text::Texts;
use crate::spec::Id;

/// The longest text id in bytes: a batch of result rows, 65 536 of them, must stay below the 2 GiB of an Arrow text array.
pub const LONGEST_ID: usize = (1 << 15) - 1;

/// The longest text in bytes of values that many rows of a table have: shops, channels, provinces, categories.
pub const LONGEST_NAME: usize = 255;

/// A column of ids.
#[derive(Debug, Clone)]
pub enum Ids {
    /// Keys, and which rows are null.
    Integers(Vec<u64>, Option<NullBuffer>),
    /// Text.
    Texts(Texts),
    /// One id for all rows: the shop that the job names, or a Hive partition.
    Constant(String),
    /// The input has no such column.
    Absent,
}

/// The texts with `13085` for `13085.0`: an id that a program kept as a float is the integer that it was.
fn whole_numbers(texts: Texts) -> Texts {
    if let Texts::Dictionary(keys, values) = texts {
        return Texts::Dictionary(keys, Box::new(whole_numbers(*values)));
    }
    let is_float = |row: usize| texts.get(row).is_some_and(|text| whole(text).len() != text.len());
    if !(0..texts.len()).any(is_float) {
        return texts;
    }
    Texts::Large((0..texts.len()).map(|row| texts.get(row).map(whole)).collect())
}

/// Whether a text has nothing but blanks. The first letter of almost all says that it has not.
#[inline]
pub(in crate::input) fn is_blank(text: &str) -> bool {
    !text.as_bytes().first().is_some_and(u8::is_ascii_graphic) && text.trim().is_empty()
}

impl Ids {
    /// The array as ids; `None` for a type that ids cannot have.
    pub fn of(array: &ArrayRef) -> Option<Ids> {
        if let DataType::Dictionary(_, values) = array.data_type()
            && values.is_integer()
        {
            return Ids::of(&cast(array.as_any_dictionary(), values).ok()?);
        }
        match integers::keys(array) {
            Some(keys) => Some(Ids::Integers(keys, array.nulls().filter(|nulls| nulls.null_count() > 0).cloned())),
            None => Texts::of(array).map(|texts| Ids::Texts(whole_numbers(texts))),
        }
    }

    /// The id in a row, or `None` for a null or an absent column.
    #[inline]
    pub fn get(&self, row: usize) -> Option<Id<'_>> {
        match self {
            Ids::Integers(keys, None) => keys.get(row).copied().map(Id::Integer),
            Ids::Integers(keys, Some(nulls)) => keys.get(row).filter(|_| nulls.is_valid(row)).copied().map(Id::Integer),
            // Exports write an empty text for a missing id, or blanks: such rows are not all of one customer.
            Ids::Texts(texts) => texts.get(row).filter(|text| !is_blank(text)).map(Id::Text),
            Ids::Constant(text) => Some(text.as_str()).filter(|text| !is_blank(text)).map(Id::Text),
            Ids::Absent => None,
        }
    }

    /// Whether the input has the column.
    pub fn is_present(&self) -> bool {
        !matches!(self, Ids::Absent)
    }
}
