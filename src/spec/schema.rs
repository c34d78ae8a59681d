//! The Arrow schema of a result table, made from its card: types, nullability, and the definitions as field metadata.

use std::collections::HashMap;

use arrow::datatypes::{DataType, Field, Schema};

use super::card::{Card, Column, Kind};
use super::id::IdType;

/// Digits of a money column, of which two stand behind the point.
pub const MONEY: DataType = DataType::Decimal128(18, 2);

/// The types of ids in this run: those of the inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdTypes {
    /// The type of `shop_id`.
    pub shop: IdType,
    /// The type of `customer_id`.
    pub customer: IdType,
}

impl Kind {
    /// The Arrow type of a column of this kind.
    pub fn data_type(self, ids: &IdTypes) -> DataType {
        match self {
            Kind::ShopId => ids.shop.data_type().clone(),
            Kind::CustomerId => ids.customer.data_type().clone(),
            Kind::Text => DataType::Utf8,
            Kind::Date => DataType::Date32,
            Kind::Count | Kind::Integer => DataType::Int64,
            Kind::Money => MONEY,
            Kind::Share | Kind::Ratio | Kind::Number => DataType::Float64,
            Kind::Flag => DataType::Boolean,
        }
    }
}

/// The schema that the files of the card's table have.
pub fn schema(card: &Card, ids: &IdTypes) -> Schema {
    let fields: Vec<Field> = card.columns.iter().map(|column| field(column, ids)).collect();
    let metadata = [("table", card.name), ("question", card.question), ("grain", card.grain), ("chinese", card.chinese)]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .chain([("key".to_owned(), card.key.join(","))]);
    Schema::new(fields).with_metadata(metadata.collect::<HashMap<String, String>>())
}

fn field(column: &Column, ids: &IdTypes) -> Field {
    let facts: [(&str, &str); 6] = [
        ("description", column.definition),
        ("formula", column.formula),
        ("unit", column.unit),
        ("null_when", column.null_when),
        ("source", column.source),
        ("chinese", column.chinese),
    ];
    let mut metadata: HashMap<String, String> =
        facts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(key, text)| (key.to_owned(), text.to_owned())).collect();
    metadata.insert("version".to_owned(), column.version.to_string());
    Field::new(column.name, column.kind.data_type(ids), column.is_nullable()).with_metadata(metadata)
}
