//! The figures of many customers in columns: some 70 to 130 bytes a customer, and no object for each.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, PrimitiveArray};
use arrow::datatypes::{Field, Int32Type, Int64Type, Schema, UInt32Type};
use arrow::record_batch::RecordBatch;
use rayon::prelude::*;

use super::super::codes::{CodeOf, coded};
use super::keys::{CustomerKeys, concatenated, misfit};
use super::order::ascending;
use crate::error::Result;

/// The columns of a state before the figures.
pub(crate) const KEYS: [&str; 2] = ["customer_id", "shop"];

/// Columns of figures by customer. Their states are Arrow batches; they are sorted by (shop, customer id) at the end.
macro_rules! customer_columns {
    ($(#[$meaning:meta])* $columns:ident { $($(#[$documentation:meta])* $name:ident: $arrow:ty;)* }) => {
        $(#[$meaning])*
        #[derive(Debug, Clone, Default)]
        pub struct $columns {
            /// Shop and id.
            pub keys: CustomerKeys,
            $($(#[$documentation])* pub $name: Vec<<$arrow as ArrowPrimitiveType>::Native>,)*
        }

        impl $columns {
            /// The columns of a state, in their order.
            const NAMES: &[&str] = &[KEYS[0], KEYS[1], $(stringify!($name)),*];

            /// The number of customers.
            pub fn len(&self) -> usize {
                self.keys.shop.len()
            }

            /// Whether there is none.
            pub fn is_empty(&self) -> bool {
                self.keys.shop.is_empty()
            }

            /// The rows as an Arrow batch, without copying them. Leaves out the columns that no table reads, which are empty.
            pub fn into_batch(self) -> Result<RecordBatch> {
                let [id, shop] = self.keys.into_arrays()?;
                let figures = [$(Arc::new(PrimitiveArray::<$arrow>::new(self.$name.into(), None)) as ArrayRef),*];
                let rows = id.len();
                let columns = Self::NAMES.iter().copied().zip([id, shop].into_iter().chain(figures));
                $crate::fold::customer::columns::batch(columns.filter(|(_, array)| array.len() == rows))
            }

            /// Combines the rows of all batches, ascending by (shop, customer id). Sorts one column after the other and frees
            /// the unsorted one, so that memory never holds all of them twice.
            ///
            /// # Errors
            /// [`Error::Bug`] if batches are not of this kind, or have a customer twice.
            pub fn in_order(batches: Vec<RecordBatch>) -> Result<Self> {
                let mut arrays = Self::NAMES.iter().map(|name| named(&batches, name)).collect::<Result<Vec<_>>>()?.into_iter();
                drop(batches);
                let mut next = || arrays.next().unwrap_or_default();
                let keys = CustomerKeys::concatenated(&next(), &next())?;
                let order = ascending(&keys)?;
                let order = order.as_deref();
                Ok(Self { keys: keys.rearranged(order), $($name: rearranged::<$arrow>(next(), order)?),* })
            }
        }
    };
}

pub(crate) use customer_columns;

/// The columns that are codes, with their dictionaries.
const CODES: [(&str, CodeOf); 7] = [
    ("shop", CodeOf::Shop),
    ("first_channel", CodeOf::Channel),
    ("first_category", CodeOf::Category),
    ("province", CodeOf::Province),
    ("first_item", CodeOf::Item),
    ("last_item", CodeOf::Item),
    ("unpaid_item", CodeOf::Item),
];

/// Named columns as a batch, whose schema names the dictionaries of codes.
pub(crate) fn batch<'a>(columns: impl Iterator<Item = (&'a str, ArrayRef)>) -> Result<RecordBatch> {
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for (name, array) in columns {
        let field = Field::new(name, array.data_type().clone(), false);
        let of = CODES.iter().find(|(other, _)| *other == name).map(|(_, of)| *of);
        fields.push(of.map_or(field.clone(), |of| coded(field, of)));
        arrays.push(array);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}

customer_columns! {
    /// One row per customer with at least one purchase.
    CustomerColumns {
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
        /// Second purchase day, [`crate::spec::NO_DAY`] where there is none; only `customers` reads it, and the next two.
        second_day: Int32Type;
        /// Paid for the first purchase, in minor units.
        first_order_amount: Int64Type;
        /// Item code of the first purchase.
        first_item: UInt32Type;
        /// Purchase days up to the day from which segment_migration starts; only that table reads them, and the next four.
        days_before: UInt32Type;
        /// The purchases up to then.
        orders_before: UInt32Type;
        /// The last of these days; 0 where there is none.
        last_day_before: Int32Type;
        /// The interval before that one; 0 where there is none.
        last_interval_before: UInt32Type;
        /// What was paid for the purchases up to that day less what is refunded of them by the as-of date, in minor units.
        net_revenue_before: Int64Type;
        /// Net revenue of the purchases of the first purchase day, in minor units; only the forecast reads it, and the next two.
        first_day_revenue: Int64Type;
        /// Last purchase day up to the end of the calibration of the shop's models; [`crate::spec::NO_DAY`] for customers who came later.
        calibration_last_day: Int32Type;
        /// Purchase days up to then.
        calibration_purchase_days: UInt32Type;
        /// Seconds from the beginning of the last purchase day to the latest payment on it; only lists read it, and all that follow.
        last_paid_second: UInt32Type;
        /// The first day on which a purchase was completed; [`crate::spec::NO_DAY`] if none was.
        first_completed: Int32Type;
        /// Item code of the last purchase.
        last_item: UInt32Type;
    }
}

/// The columns that only some tables read.
const NOT_ALWAYS: [&str; 14] = [
    "second_day",
    "first_order_amount",
    "first_item",
    "days_before",
    "orders_before",
    "last_day_before",
    "last_interval_before",
    "net_revenue_before",
    "first_day_revenue",
    "calibration_last_day",
    "calibration_purchase_days",
    "last_paid_second",
    "first_completed",
    "last_item",
];

/// The column of that name from all batches; none for a column that no table reads.
pub(crate) fn named(batches: &[RecordBatch], name: &str) -> Result<Vec<ArrayRef>> {
    let arrays: Vec<ArrayRef> = batches.iter().filter_map(|batch| batch.column_by_name(name).cloned()).collect();
    let is_whole = arrays.len() == batches.len() || (arrays.is_empty() && NOT_ALWAYS.contains(&name));
    if is_whole { Ok(arrays) } else { Err(misfit(name)) }
}

pub(crate) fn rearranged<T: ArrowPrimitiveType>(arrays: Vec<ArrayRef>, order: Option<&[u32]>) -> Result<Vec<T::Native>> {
    let values = concatenated::<T>(&arrays)?;
    drop(arrays);
    Ok(match order {
        None => values,
        Some(_) if values.is_empty() => values,
        Some(order) => order.par_iter().map(|row| values[*row as usize]).collect(),
    })
}

impl CustomerColumns {
    /// Paid less refunded, in minor units.
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
