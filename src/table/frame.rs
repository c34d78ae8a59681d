//! Frames: the columns of a result table put together in the order of its card.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray};
use arrow::record_batch::RecordBatch;

use crate::error::{Error, Result};
use crate::history::Context;
use crate::input::codes::OwnedId;
use crate::spec::schema::schema;
use crate::spec::{Card, Day, Id, Kind, NO_DAY};

/// Takes the columns of a table one after the other, each checked against the card at once, so that a
/// column can be neither forgotten nor confused with its neighbour.
pub struct Frame<'a> {
    card: &'static Card,
    context: &'a Context,
    arrays: Vec<ArrayRef>,
    fault: Option<Error>,
}

impl<'a> Frame<'a> {
    /// A frame without columns.
    pub fn new(card: &'static Card, context: &'a Context) -> Self {
        Frame { card, context, arrays: Vec::with_capacity(card.columns.len()), fault: None }
    }

    /// Shops by code.
    pub fn shops(&mut self, name: &str, codes: impl IntoIterator<Item = u32>) -> &mut Self {
        let context = self.context;
        let array = context.ids.shop.array(codes.into_iter().map(|code| context.shops.id(code)));
        self.push(name, &[Kind::ShopId], array)
    }

    /// Customers.
    pub fn customers<'b>(&mut self, name: &str, ids: impl IntoIterator<Item = Id<'b>>) -> &mut Self {
        let array = self.context.ids.customer.array(ids.into_iter().map(Some));
        self.push(name, &[Kind::CustomerId], array)
    }

    /// Categories by code; the missing value is null.
    pub fn categories(&mut self, name: &str, codes: impl IntoIterator<Item = u32>) -> &mut Self {
        let context = self.context;
        let id = |code: u32| context.category_ids.get((code as usize).checked_sub(1)?).map(OwnedId::id);
        let array = context.ids.category.array(codes.into_iter().map(id));
        self.push(name, &[Kind::CategoryId], array)
    }

    /// Items by code; the missing value is null.
    pub fn items(&mut self, name: &str, codes: impl IntoIterator<Item = u32>) -> &mut Self {
        let context = self.context;
        let id = |code: u32| context.item_ids.get((code as usize).checked_sub(1)?).map(OwnedId::id);
        let array = context.ids.item.array(codes.into_iter().map(id));
        self.push(name, &[Kind::ItemId], array)
    }

    /// Campaigns.
    pub fn campaigns<'b>(&mut self, name: &str, ids: impl IntoIterator<Item = Id<'b>>) -> &mut Self {
        let array = self.context.ids.campaign.array(ids.into_iter().map(Some));
        self.push(name, &[Kind::CampaignId], array)
    }

    /// Text.
    pub fn text<T: AsRef<str>>(&mut self, name: &str, values: impl IntoIterator<Item = Option<T>>) -> &mut Self {
        self.push(name, &[Kind::Text], Arc::new(StringArray::from_iter(values)))
    }

    /// Days; [`NO_DAY`] is null.
    pub fn dates(&mut self, name: &str, days: impl IntoIterator<Item = Day>) -> &mut Self {
        self.push(name, &[Kind::Date], Arc::new(Date32Array::from_iter(days.into_iter().map(|day| (day != NO_DAY).then_some(day)))))
    }

    /// Counts and other integers.
    pub fn counts(&mut self, name: &str, values: impl IntoIterator<Item = Option<i64>>) -> &mut Self {
        self.push(name, &[Kind::Count, Kind::Integer], Arc::new(Int64Array::from_iter(values)))
    }

    /// Money in minor units.
    pub fn money(&mut self, name: &str, values: impl IntoIterator<Item = Option<i64>>) -> &mut Self {
        let array = Decimal128Array::from_iter(values.into_iter().map(|value| value.map(i128::from))).with_precision_and_scale(18, 2);
        match array {
            Ok(array) => self.push(name, &[Kind::Money], Arc::new(array)),
            Err(cause) => {
                self.fault.get_or_insert(Error::bug(format!("{}.{name}: {cause}", self.card.name)));
                self
            }
        }
    }

    /// Shares, ratios and other numbers.
    pub fn numbers(&mut self, name: &str, values: impl IntoIterator<Item = Option<f64>>) -> &mut Self {
        self.push(name, &[Kind::Share, Kind::Ratio, Kind::Number], Arc::new(Float64Array::from_iter(values)))
    }

    /// Flags.
    pub fn flags(&mut self, name: &str, values: impl IntoIterator<Item = Option<bool>>) -> &mut Self {
        self.push(name, &[Kind::Flag], Arc::new(BooleanArray::from_iter(values)))
    }

    fn push(&mut self, name: &str, kinds: &[Kind], array: ArrayRef) -> &mut Self {
        let expected = self.card.columns.get(self.arrays.len());
        if !expected.is_some_and(|column| column.name == name && kinds.contains(&column.kind)) {
            let expected = expected.map_or("no further column".to_owned(), |column| format!("{} ({:?})", column.name, column.kind));
            self.fault.get_or_insert(Error::bug(format!("{}.{name} ({kinds:?}) stands where its card has {expected}", self.card.name)));
        }
        self.arrays.push(array);
        self
    }

    /// The table as a batch with the schema of its card.
    ///
    /// # Errors
    /// [`Error::Bug`] where columns are missing, in another order or of other types than the card says.
    pub fn finish(&mut self) -> Result<RecordBatch> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        let schema = schema(self.card, &self.context.ids);
        Ok(RecordBatch::try_new(schema, std::mem::take(&mut self.arrays))?)
    }
}
