//! The keys of customers: shop and id by row, and their order.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, LargeStringArray, PrimitiveArray, UInt32Array, UInt64Array};
use arrow::buffer::{Buffer, OffsetBuffer};
use arrow::datatypes::{DataType, UInt32Type, UInt64Type};
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::spec::Id;

/// The ids of customers by row; all texts are in one string.
#[derive(Debug, Clone)]
pub enum CustomerIds {
    /// Order-preserving keys of integer ids.
    Integer(Vec<u64>),
    /// Text ids: row `n` lies from `offsets[n]` to `offsets[n + 1]`.
    Text {
        /// One more than there are rows.
        offsets: Vec<i64>,
        /// All texts.
        texts: String,
    },
}

impl Default for CustomerIds {
    fn default() -> Self {
        CustomerIds::Integer(Vec::new())
    }
}

impl CustomerIds {
    /// The number of ids.
    pub fn len(&self) -> usize {
        match self {
            CustomerIds::Integer(keys) => keys.len(),
            CustomerIds::Text { offsets, .. } => offsets.len() - 1,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The id in a row.
    #[inline]
    pub fn get(&self, row: usize) -> Id<'_> {
        match self {
            CustomerIds::Integer(keys) => Id::Integer(keys[row]),
            CustomerIds::Text { offsets, texts } => Id::Text(&texts[offsets[row] as usize..offsets[row + 1] as usize]),
        }
    }

    /// Adds an id. The first one decides whether ids are integers or texts. Returns `false` if this one differs.
    #[inline]
    pub fn push(&mut self, id: Id<'_>) -> bool {
        if self.is_empty() && matches!(id, Id::Text(_)) && matches!(self, CustomerIds::Integer(_)) {
            *self = CustomerIds::Text { offsets: vec![0], texts: String::new() };
        }
        match (self, id) {
            (CustomerIds::Integer(keys), Id::Integer(key)) => keys.push(key),
            (CustomerIds::Text { offsets, texts }, Id::Text(text)) => {
                texts.push_str(text);
                offsets.push(texts.len() as i64);
            }
            _ => return false,
        }
        true
    }

    /// Concatenates the ids of all arrays.
    ///
    /// # Errors
    /// [`Error::Bug`] if an array has no ids, or one has integers and another texts.
    pub fn concatenated(arrays: &[ArrayRef]) -> Result<CustomerIds> {
        let is_text = |array: &ArrayRef| array.as_any().is::<LargeStringArray>();
        if !arrays.iter().any(is_text) {
            return Ok(CustomerIds::Integer(concatenated::<UInt64Type>(arrays)?));
        }
        let (mut offsets, mut texts) = (vec![0], String::new());
        for array in arrays {
            let array = array.as_any().downcast_ref::<LargeStringArray>().ok_or_else(mixed)?;
            for text in array.iter() {
                texts.push_str(text.ok_or_else(|| misfit("customer_id"))?);
                offsets.push(texts.len() as i64);
            }
        }
        Ok(CustomerIds::Text { offsets, texts })
    }

    /// The type of [`CustomerIds::into_array`].
    pub fn data_type(&self) -> DataType {
        match self {
            CustomerIds::Integer(_) => DataType::UInt64,
            CustomerIds::Text { .. } => DataType::LargeUtf8,
        }
    }

    /// The ids as an Arrow array: keys of integers, or texts.
    ///
    /// # Errors
    /// [`Error::Bug`] where Arrow refuses the texts.
    pub fn into_array(self) -> Result<ArrayRef> {
        Ok(match self {
            CustomerIds::Integer(keys) => Arc::new(UInt64Array::from(keys)),
            CustomerIds::Text { offsets, texts } => {
                let offsets = OffsetBuffer::new(offsets.into());
                Arc::new(LargeStringArray::try_new(offsets, Buffer::from_vec(texts.into_bytes()), None)?)
            }
        })
    }

    fn rearranged(self, order: &[u32]) -> CustomerIds {
        match &self {
            CustomerIds::Integer(keys) => CustomerIds::Integer(order.par_iter().map(|row| keys[*row as usize]).collect()),
            CustomerIds::Text { offsets, texts } => {
                let mut moved = (Vec::with_capacity(offsets.len()), String::with_capacity(texts.len()));
                moved.0.push(0);
                for &row in order {
                    moved.1.push_str(&texts[offsets[row as usize] as usize..offsets[row as usize + 1] as usize]);
                    moved.0.push(moved.1.len() as i64);
                }
                CustomerIds::Text { offsets: moved.0, texts: moved.1 }
            }
        }
    }
}

/// The error of a fold with integer ids and texts.
pub(crate) fn mixed() -> Error {
    Error::bug("customer ids of one run are integers in one place and texts in another")
}

/// The error of a fold that gets something other than its own states.
pub(crate) fn misfit(name: &str) -> Error {
    Error::bug(format!("a state of customers has no column {name} of the right type"))
}

/// Concatenates the values of all arrays.
pub(crate) fn concatenated<T: ArrowPrimitiveType>(arrays: &[ArrayRef]) -> Result<Vec<T::Native>> {
    let mut values = Vec::with_capacity(arrays.iter().map(|array| array.len()).sum());
    for array in arrays {
        let array = array.as_any().downcast_ref::<PrimitiveArray<T>>().filter(|array| array.null_count() == 0);
        values.extend_from_slice(array.ok_or_else(|| misfit("of figures"))?.values());
    }
    Ok(values)
}

/// Shop and id of customers, by row.
#[derive(Debug, Clone, Default)]
pub struct CustomerKeys {
    /// Code of the shop.
    pub shop: Vec<u32>,
    /// The customer's id.
    pub id: CustomerIds,
}

impl CustomerKeys {
    /// Compares two rows by (shop, customer id).
    #[inline]
    pub fn compare(&self, one: usize, other: usize) -> Ordering {
        self.shop[one].cmp(&self.shop[other]).then_with(|| match &self.id {
            CustomerIds::Integer(keys) => keys[one].cmp(&keys[other]),
            CustomerIds::Text { .. } => self.id.get(one).cmp(&self.id.get(other)),
        })
    }

    /// The row of a customer of a shop, of keys that ascend.
    pub fn find(&self, shop: u32, customer: Id<'_>) -> Option<usize> {
        let (mut low, mut high) = (0, self.shop.len());
        while low < high {
            let middle = low.midpoint(high);
            match (*self.shop.get(middle)?, self.id.get(middle)).cmp(&(shop, customer)) {
                Ordering::Equal => return Some(middle),
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// The first row of each ascending run.
    pub fn runs(&self) -> Vec<usize> {
        (0..self.shop.len()).into_par_iter().filter(|&row| row == 0 || self.compare(row - 1, row).is_ge()).collect()
    }

    /// Ids and shops as Arrow arrays.
    pub(crate) fn into_arrays(self) -> Result<[ArrayRef; 2]> {
        Ok([self.id.into_array()?, Arc::new(UInt32Array::from(self.shop))])
    }

    /// Concatenates the keys of all arrays.
    pub(crate) fn concatenated(ids: &[ArrayRef], shops: &[ArrayRef]) -> Result<CustomerKeys> {
        Ok(CustomerKeys { shop: concatenated::<UInt32Type>(shops)?, id: CustomerIds::concatenated(ids)? })
    }

    /// The keys in that order of rows; `None` keeps their order.
    pub(crate) fn rearranged(self, order: Option<&[u32]>) -> CustomerKeys {
        match order {
            None => self,
            Some(order) => {
                CustomerKeys { shop: order.par_iter().map(|row| self.shop[*row as usize]).collect(), id: self.id.rearranged(order) }
            }
        }
    }
}
