//! The figures of many customers, a column each: some 70 bytes a customer and no object of its own for anyone.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, LargeStringArray, PrimitiveArray, UInt64Array};
use arrow::buffer::{Buffer, OffsetBuffer};
use arrow::datatypes::{Int32Type, Int64Type, UInt32Type};
use arrow::record_batch::RecordBatch;

use crate::error::{Error, Result};
use crate::spec::Id;

/// The ids of customers by row; texts lie one after the other in one string.
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
    /// How many there are.
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

    /// Adds an id. The first one settles whether ids are integers or texts; `false` where this one differs.
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

    fn into_array(self) -> Result<ArrayRef> {
        Ok(match self {
            CustomerIds::Integer(keys) => Arc::new(UInt64Array::from(keys)),
            CustomerIds::Text { offsets, texts } => {
                let offsets = OffsetBuffer::new(offsets.into());
                Arc::new(LargeStringArray::try_new(offsets, Buffer::from_vec(texts.into_bytes()), None)?)
            }
        })
    }

    fn append(&mut self, array: &ArrayRef) -> Result<()> {
        let fits = if let Some(keys) = array.as_any().downcast_ref::<UInt64Array>() {
            match self {
                CustomerIds::Integer(all) => {
                    all.extend_from_slice(keys.values());
                    true
                }
                CustomerIds::Text { .. } => keys.is_empty(),
            }
        } else if let Some(texts) = array.as_any().downcast_ref::<LargeStringArray>() {
            (0..texts.len()).all(|row| self.push(Id::Text(texts.value(row))))
        } else {
            false
        };
        fits.then_some(()).ok_or_else(mixed)
    }
}

/// What a fold says that was given integer ids and texts.
pub(super) fn mixed() -> Error {
    Error::defect("customer ids of one run are integers in one place and texts in another")
}

macro_rules! customer_columns {
    ($($(#[$documentation:meta])* $name:ident: $arrow:ty;)*) => {
        /// One row per customer with at least one purchase, in the order in which they came.
        #[derive(Debug, Clone, Default)]
        pub struct CustomerColumns {
            /// The customer's id.
            pub customer_id: CustomerIds,
            $($(#[$documentation])* pub $name: Vec<<$arrow as ArrowPrimitiveType>::Native>,)*
        }

        impl CustomerColumns {
            /// The rows as an Arrow batch, without copying them.
            pub fn into_batch(self) -> Result<RecordBatch> {
                Ok(RecordBatch::try_from_iter([
                    ("customer_id", self.customer_id.into_array()?),
                    $((stringify!($name), Arc::new(PrimitiveArray::<$arrow>::new(self.$name.into(), None)) as ArrayRef),)*
                ])?)
            }

            /// Adds the rows of a batch that [`CustomerColumns::into_batch`] made.
            pub fn append(&mut self, batch: &RecordBatch) -> Result<()> {
                let id = batch.column_by_name("customer_id").ok_or_else(|| misfit("customer_id"))?;
                self.customer_id.append(id)?;
                $(self.$name.extend_from_slice(values::<$arrow>(batch, stringify!($name))?);)*
                Ok(())
            }
        }
    };
}

customer_columns! {
    /// Code of the shop.
    shop: UInt32Type;
    /// First purchase day.
    first_day: Int32Type;
    /// Last purchase day.
    last_day: Int32Type;
    /// Distinct purchase days, at least 1.
    purchase_days: UInt32Type;
    /// Purchases.
    orders: UInt32Type;
    /// Items of the purchases.
    quantity: Int64Type;
    /// Paid for the purchases, in minor units.
    paid_amount: Int64Type;
    /// Refunded of that, in minor units.
    refund_amount: Int64Type;
    /// Twice the median of the intervals between purchase days; 0 where there is none.
    doubled_median_interval: UInt32Type;
    /// The interval before the last purchase day; 0 where there is none.
    last_interval: UInt32Type;
    /// Channel code of the first purchase.
    first_channel: UInt32Type;
    /// Category code of the first purchase.
    first_category: UInt32Type;
    /// Province code of the last purchase.
    province: UInt32Type;
}

fn misfit(name: &str) -> Error {
    Error::defect(format!("a partial result of customers has no column {name} of the right type"))
}

fn values<'a, T: ArrowPrimitiveType>(batch: &'a RecordBatch, name: &str) -> Result<&'a [T::Native]> {
    let array = batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref::<PrimitiveArray<T>>());
    Ok(array.filter(|array| array.null_count() == 0).ok_or_else(|| misfit(name))?.values())
}

impl CustomerColumns {
    /// How many customers there are.
    pub fn len(&self) -> usize {
        self.shop.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.shop.is_empty()
    }

    /// How two rows stand to each other in the result: by (shop, customer id).
    #[inline]
    pub fn compare(&self, one: usize, other: usize) -> Ordering {
        self.shop[one].cmp(&self.shop[other]).then_with(|| self.customer_id.get(one).cmp(&self.customer_id.get(other)))
    }

    /// What a customer paid less what was refunded, in minor units.
    #[inline]
    pub fn net_revenue(&self, row: usize) -> i64 {
        self.paid_amount[row] - self.refund_amount[row]
    }

    /// The interval before the last purchase day, `None` with one purchase day.
    #[inline]
    pub fn last_interval(&self, row: usize) -> Option<u32> {
        (self.purchase_days[row] > 1).then_some(self.last_interval[row])
    }

    /// Days from the first purchase day to the last: the sum of all intervals.
    #[inline]
    pub fn interval_days(&self, row: usize) -> i64 {
        i64::from(self.last_day[row]) - i64::from(self.first_day[row])
    }
}
