//! Arrays of result columns, one function for each kind of value.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray};
use arrow::datatypes::DataType;

use crate::history::Context;
use crate::input::values::codes::OwnedId;
use crate::spec::schema::{MONEY_PRECISION, MONEY_SCALE};
use crate::spec::{Day, Id, NO_DAY};

/// Shops by code.
pub fn shops(context: &Context, codes: impl IntoIterator<Item = u32>) -> ArrayRef {
    context.ids.shop.array(codes.into_iter().map(|code| context.shops.id(code)))
}

/// Shops by their ids.
pub fn shop_ids<'a>(context: &Context, ids: impl IntoIterator<Item = Id<'a>>) -> ArrayRef {
    context.ids.shop.array(ids.into_iter().map(Some))
}

/// What the shops of scopes have in common, by code.
pub fn scopes(context: &Context, codes: impl IntoIterator<Item = u32>) -> ArrayRef {
    texts(codes.into_iter().map(|code| context.scopes.shared(code)))
}

/// Customers.
pub fn customers<'a>(context: &Context, ids: impl IntoIterator<Item = Id<'a>>) -> ArrayRef {
    context.ids.customer.array(ids.into_iter().map(Some))
}

/// Categories by code; the missing value is null.
pub fn categories(context: &Context, codes: impl IntoIterator<Item = u32>) -> ArrayRef {
    context.ids.category.array(codes.into_iter().map(|code| id_of_code(&context.category_ids, code)))
}

/// Items by code; the missing value is null.
pub fn items(context: &Context, codes: impl IntoIterator<Item = u32>) -> ArrayRef {
    context.ids.item.array(codes.into_iter().map(|code| id_of_code(&context.item_ids, code)))
}

/// The id of a code that counts from 1.
fn id_of_code(ids: &[OwnedId], code: u32) -> Option<Id<'_>> {
    ids.get((code as usize).checked_sub(1)?).map(OwnedId::id)
}

/// Campaigns.
pub fn campaigns<'a>(context: &Context, ids: impl IntoIterator<Item = Id<'a>>) -> ArrayRef {
    context.ids.campaign.array(ids.into_iter().map(Some))
}

/// Texts.
pub fn texts<T: AsRef<str>>(values: impl IntoIterator<Item = Option<T>>) -> ArrayRef {
    Arc::new(StringArray::from_iter(values))
}

/// Days; [`NO_DAY`] is null.
pub fn dates(days: impl IntoIterator<Item = Day>) -> ArrayRef {
    Arc::new(Date32Array::from_iter(days.into_iter().map(|day| (day != NO_DAY).then_some(day))))
}

/// Counts and other integers.
pub fn integers(values: impl IntoIterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(Int64Array::from_iter(values))
}

/// Money in minor units.
pub fn money(values: impl IntoIterator<Item = Option<i64>>) -> ArrayRef {
    let values = Decimal128Array::from_iter(values.into_iter().map(|value| value.map(i128::from)));
    Arc::new(values.with_data_type(DataType::Decimal128(MONEY_PRECISION, MONEY_SCALE)))
}

/// Shares, ratios and other numbers.
pub fn numbers(values: impl IntoIterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(Float64Array::from_iter(values))
}

/// Flags.
pub fn flags(values: impl IntoIterator<Item = Option<bool>>) -> ArrayRef {
    Arc::new(BooleanArray::from_iter(values))
}
