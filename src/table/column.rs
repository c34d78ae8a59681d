//! Columns of result tables: each declares its meaning and its value.

use arrow::array::ArrayRef;

use super::arrays;
use crate::history::Context;
use crate::spec::currency::in_currency;
use crate::spec::{Column, Day, Id, Kind, Need};

/// The function from a row to the value of a column. The variant decides the kind of the column.
pub enum Value<Row: 'static> {
    /// A shop's code.
    Shop(fn(&Row) -> u32),
    /// A shop's id, also of one that the inputs do not have any more.
    ShopId(fn(&Row) -> Id<'_>),
    /// What the shops of a scope have in common, by the scope's code.
    Scope(fn(&Row) -> u32),
    /// A customer's id.
    Customer(fn(&Row) -> Id<'_>),
    /// A category's code; that of the missing value is null.
    Category(fn(&Row) -> u32),
    /// An item's code; that of the missing value is null.
    Item(fn(&Row) -> u32),
    /// A campaign's id.
    Campaign(fn(&Row) -> Id<'_>),
    /// A text.
    Text(fn(&Row) -> Option<&str>),
    /// A unit: a text in which `CNY` stands for the currency of the job.
    Unit(fn(&Row) -> Option<&str>),
    /// A day; [`crate::spec::NO_DAY`] is null.
    Date(fn(&Row) -> Day),
    /// A count, never negative.
    Count(fn(&Row) -> Option<i64>),
    /// An integer of any sign.
    Integer(fn(&Row) -> Option<i64>),
    /// Money in minor units.
    Money(fn(&Row) -> Option<i64>),
    /// A number within 0..1.
    Share(fn(&Row) -> Option<f64>),
    /// A number that is not negative.
    Ratio(fn(&Row) -> Option<f64>),
    /// A number of any sign.
    Number(fn(&Row) -> Option<f64>),
    /// Whether something holds.
    Flag(fn(&Row) -> Option<bool>),
}

impl<Row> Value<Row> {
    const fn kind(&self) -> Kind {
        match self {
            Value::Shop(_) | Value::ShopId(_) => Kind::ShopId,
            Value::Customer(_) => Kind::CustomerId,
            Value::Category(_) => Kind::CategoryId,
            Value::Item(_) => Kind::ItemId,
            Value::Campaign(_) => Kind::CampaignId,
            Value::Text(_) | Value::Unit(_) | Value::Scope(_) => Kind::Text,
            Value::Date(_) => Kind::Date,
            Value::Count(_) => Kind::Count,
            Value::Integer(_) => Kind::Integer,
            Value::Money(_) => Kind::Money,
            Value::Share(_) => Kind::Share,
            Value::Ratio(_) => Kind::Ratio,
            Value::Number(_) => Kind::Number,
            Value::Flag(_) => Kind::Flag,
        }
    }
}

/// A column of a table: its meaning, and what makes its values.
pub struct TableColumn<Source> {
    /// The meaning.
    pub meaning: Column,
    pub(super) value: Source,
}

/// A column of a table of `Row`s.
pub type ValueColumn<Row> = TableColumn<Value<Row>>;

/// A column that is never null, in version 1.
pub const fn column<Row>(
    name: &'static str,
    value: Value<Row>,
    unit: &'static str,
    chinese: &'static str,
    definition: &'static str,
) -> ValueColumn<Row> {
    TableColumn { meaning: Column::new(name, value.kind(), unit, chinese, definition), value }
}

/// A column that other tables have too: its shared meaning, with its value here.
///
/// # Panics
/// At compile time, if the value is of another kind than the meaning.
pub const fn same<Row>(meaning: Column, value: Value<Row>) -> ValueColumn<Row> {
    assert!(value.kind() as u8 == meaning.kind as u8, "the value is of another kind than the column");
    TableColumn { meaning, value }
}

impl<Source> TableColumn<Source> {
    /// The same column, null in the cases named.
    pub const fn null_when(mut self, cases: &'static str) -> Self {
        self.meaning = self.meaning.null_when(cases);
        self
    }

    /// The same column, published only by jobs that have this.
    pub const fn needs(mut self, need: Need) -> Self {
        self.meaning = self.meaning.needs(need);
        self
    }

    /// The same column with its formula.
    pub const fn formula(mut self, formula: &'static str) -> Self {
        self.meaning = self.meaning.formula(formula);
        self
    }

    /// The same column with its source.
    pub const fn source(mut self, source: &'static str) -> Self {
        self.meaning = self.meaning.source(source);
        self
    }
}

impl<Row> ValueColumn<Row> {
    /// The values of the rows.
    pub(super) fn array(&self, context: &Context, rows: &[Row]) -> ArrayRef {
        match self.value {
            Value::Shop(code) => arrays::shops(context, rows.iter().map(code)),
            Value::ShopId(id) => arrays::shop_ids(context, rows.iter().map(id)),
            Value::Scope(code) => arrays::scopes(context, rows.iter().map(code)),
            Value::Customer(id) => arrays::customers(context, rows.iter().map(id)),
            Value::Category(code) => arrays::categories(context, rows.iter().map(code)),
            Value::Item(code) => arrays::items(context, rows.iter().map(code)),
            Value::Campaign(id) => arrays::campaigns(context, rows.iter().map(id)),
            Value::Text(text) => arrays::texts(rows.iter().map(text)),
            Value::Unit(unit) => arrays::texts(rows.iter().map(|row| Some(in_currency(unit(row)?, &context.currency)))),
            Value::Date(day) => arrays::dates(rows.iter().map(day)),
            Value::Count(count) | Value::Integer(count) => arrays::integers(rows.iter().map(count)),
            Value::Money(amount) => arrays::money(rows.iter().map(amount)),
            Value::Share(number) | Value::Ratio(number) | Value::Number(number) => arrays::numbers(rows.iter().map(number)),
            Value::Flag(flag) => arrays::flags(rows.iter().map(flag)),
        }
    }
}
