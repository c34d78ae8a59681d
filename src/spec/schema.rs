//! The Arrow schema of a result table, made from its card: types for programs, definitions for people.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::card::{Card, Column, Kind};
use super::currency::{self, CNY};
use super::id::IdType;

/// Total digits of money.
pub const MONEY_PRECISION: u8 = 18;
/// Digits of money after the decimal point.
pub const MONEY_SCALE: i8 = 2;

/// The types of ids, as in the inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdTypes {
    /// Of `shop_id`.
    pub shop: IdType,
    /// Of `customer_id`.
    pub customer: IdType,
    /// Of categories.
    pub category: IdType,
    /// Of items.
    pub item: IdType,
    /// Of campaigns.
    pub campaign: IdType,
}

impl Kind {
    /// The Arrow type of columns of this kind.
    pub fn data_type(self, ids: &IdTypes) -> DataType {
        match self {
            Kind::ShopId => ids.shop.data_type().clone(),
            Kind::CustomerId => ids.customer.data_type().clone(),
            Kind::CategoryId => ids.category.data_type().clone(),
            Kind::ItemId => ids.item.data_type().clone(),
            Kind::CampaignId => ids.campaign.data_type().clone(),
            Kind::Text => DataType::Utf8,
            Kind::Date => DataType::Date32,
            Kind::Count | Kind::Integer => DataType::Int64,
            Kind::Money => DataType::Decimal128(MONEY_PRECISION, MONEY_SCALE),
            Kind::Share | Kind::Ratio | Kind::Number => DataType::Float64,
            Kind::Flag => DataType::Boolean,
        }
    }
}

/// The schema of the table that `card` describes. Each field carries `description`, `formula`, `unit`, `null_when`,
/// `source`, `version` and `chinese` as metadata, the schema `table`, `chinese`, `question`, `grain` and `key`
/// (column names with commas between them); texts that the card leaves empty are left out.
pub fn schema(card: &Card, ids: &IdTypes) -> SchemaRef {
    let fields: Vec<Field> = card.columns.iter().map(|column| field(column, ids)).collect();
    let key = card.key.join(",");
    let texts = [
        ("table", card.name.as_ref()),
        ("chinese", card.chinese),
        ("question", card.question.as_ref()),
        ("grain", card.grain),
        ("key", key.as_str()),
    ];
    Arc::new(Schema::new(fields).with_metadata(filled(&texts)))
}

fn field(column: &Column, ids: &IdTypes) -> Field {
    let version = column.version.to_string();
    let texts = [
        ("description", column.definition),
        ("formula", column.formula),
        ("unit", column.unit),
        ("null_when", column.null_when),
        ("source", column.source),
        ("version", version.as_str()),
        ("chinese", column.chinese),
    ];
    Field::new(column.name, column.kind.data_type(ids), column.is_nullable()).with_metadata(filled(&texts))
}

/// The same schema with the texts of its columns in a currency.
pub fn in_currency(schema: &SchemaRef, currency: &str) -> SchemaRef {
    if currency == CNY {
        return Arc::clone(schema);
    }
    let translated = |(name, text): (&String, &String)| (name.clone(), currency::in_currency(text, currency).into_owned());
    let fields = schema.fields().iter().map(|field| {
        let texts: BTreeMap<String, String> = field.metadata().iter().map(translated).collect();
        field.as_ref().clone().with_metadata(texts)
    });
    Arc::new(Schema::new(fields.collect::<Vec<Field>>()).with_metadata(schema.metadata().clone()))
}

/// The texts that are not empty.
fn filled(texts: &[(&'static str, &str)]) -> BTreeMap<String, String> {
    texts.iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name.to_string(), text.to_string())).collect()
}
