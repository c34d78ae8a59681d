//! What was sold of one item of a shop, as counters and as columns of a state.

use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowPrimitiveType, PrimitiveArray, UInt32Array};
use arrow::datatypes::{DataType, Field, Int32Type, Int64Type, Schema, UInt32Type};
use arrow::record_batch::RecordBatch;

use super::super::codes::{CodeOf, coded};
use super::super::state_column::values;
use crate::error::Result;
use crate::spec::{Day, NO_DAY};

/// The sums of an item, and the columns of a state that have them.
macro_rules! sold {
    ($($(#[$documentation:meta])* $name:ident: $arrow:ty;)*) => {
        /// What was sold of an item of a shop, and to whom. Of the code of no item, what all customers of the shop did.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct Sold {
            /// The first day on which an order with it was paid; the greatest of all days where none was.
            pub first_sold: Day,
            /// The last such day; [`NO_DAY`] where there is none.
            pub last_sold: Day,
            /// Its category on that day: the last one by code, should it have had several.
            pub category: u32,
            $($(#[$documentation])* pub $name: <$arrow as ArrowPrimitiveType>::Native,)*
        }

        impl Default for Sold {
            fn default() -> Self {
                Sold { first_sold: Day::MAX, last_sold: NO_DAY, category: 0, $($name: 0),* }
            }
        }

        impl Sold {
            /// Adds what was sold otherwise; `None` if a sum overflows.
            pub fn add(&mut self, other: &Sold) -> Option<()> {
                self.first_sold = self.first_sold.min(other.first_sold);
                self.note_category(other.last_sold, other.category);
                $(self.$name = self.$name.checked_add(other.$name)?;)*
                Some(())
            }
        }

        /// The columns of a batch of a state.
        pub(super) struct SoldColumns<'a> {
            shop: &'a [u32],
            item: &'a [u32],
            category: &'a [u32],
            first_sold: &'a [i32],
            last_sold: &'a [i32],
            $($name: &'a [<$arrow as ArrowPrimitiveType>::Native],)*
        }

        impl<'a> SoldColumns<'a> {
            /// The columns of a batch.
            ///
            /// # Errors
            /// [`Error::Bug`] if it is no batch of a state of items.
            pub fn of(batch: &'a RecordBatch) -> Result<Self> {
                Ok(SoldColumns {
                    shop: values::<UInt32Type>(batch, "shop")?,
                    item: values::<UInt32Type>(batch, "item")?,
                    category: values::<UInt32Type>(batch, "category")?,
                    first_sold: values::<Int32Type>(batch, "first_sold")?,
                    last_sold: values::<Int32Type>(batch, "last_sold")?,
                    $($name: values::<$arrow>(batch, stringify!($name))?,)*
                })
            }

            /// The row at a place; `None` beyond the last one.
            pub fn row(&self, place: usize) -> Option<OfItem> {
                Some(OfItem {
                    shop: *self.shop.get(place)?,
                    item: *self.item.get(place)?,
                    sold: Sold {
                        first_sold: *self.first_sold.get(place)?,
                        last_sold: *self.last_sold.get(place)?,
                        category: *self.category.get(place)?,
                        $($name: *self.$name.get(place)?,)*
                    },
                })
            }
        }

        /// A batch of a state.
        pub(super) fn batch(rows: &[OfItem]) -> Result<RecordBatch> {
            let codes = |code: fn(&OfItem) -> u32| Arc::new(UInt32Array::from_iter_values(rows.iter().map(code))) as ArrayRef;
            let field = |name: &str, data_type: DataType| Field::new(name, data_type, false);
            let mut fields = vec![
                coded(field("shop", DataType::UInt32), CodeOf::Shop),
                coded(field("item", DataType::UInt32), CodeOf::Item),
                coded(field("category", DataType::UInt32), CodeOf::Category),
            ];
            let mut arrays = vec![codes(|row| row.shop), codes(|row| row.item), codes(|row| row.sold.category)];
            let mut add = |name: &str, array: ArrayRef| {
                fields.push(field(name, array.data_type().clone()));
                arrays.push(array);
            };
            add("first_sold", column::<Int32Type>(rows, |sold| sold.first_sold));
            add("last_sold", column::<Int32Type>(rows, |sold| sold.last_sold));
            $(add(stringify!($name), column::<$arrow>(rows, |sold| sold.$name));)*
            Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
        }
    };
}

sold! {
    /// What was paid for it, in minor units, in all paid orders.
    paid_amount: Int64Type;
    /// What of that is left, in minor units.
    net_revenue: Int64Type;
    /// What was paid for it in the last 30 days, in minor units.
    amount_30: Int64Type;
    /// The same of the 30 days before.
    amount_30_before: Int64Type;
    /// What the customers of `customers_180` brought within 180 days of their first purchase day, whatever they bought, in minor units.
    net_revenue_180: Int64Type;
    /// Pieces in the paid orders.
    quantity: Int64Type;
    /// Paid orders with it.
    orders: UInt32Type;
    /// Customers who kept it.
    customers: UInt32Type;
    /// Those of them who kept it from their first purchase.
    new_customers: UInt32Type;
    /// Customers who kept it on at least two days.
    rebuyers: UInt32Type;
    /// Of the new customers those whose first purchase day lies at least 90 days before the as-of date.
    customers_90: UInt32Type;
    /// Of these, those with a second purchase day within 90 days.
    repurchased_90: UInt32Type;
    /// Of the new customers those whose first purchase day lies at least 180 days before the as-of date.
    customers_180: UInt32Type;
}

impl Sold {
    /// Notes a day on which it was sold under a category.
    pub(super) fn note_category(&mut self, day: Day, category: u32) {
        self.category = match self.last_sold.cmp(&day) {
            std::cmp::Ordering::Less => category,
            std::cmp::Ordering::Equal => self.category.max(category),
            std::cmp::Ordering::Greater => self.category,
        };
        self.last_sold = self.last_sold.max(day);
    }
}

/// What was sold of an item, with both codes.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfItem {
    pub shop: u32,
    pub item: u32,
    pub sold: Sold,
}

fn column<T: ArrowPrimitiveType>(rows: &[OfItem], value: impl Fn(&Sold) -> T::Native) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::from_iter_values(rows.iter().map(|row| value(&row.sold))))
}
