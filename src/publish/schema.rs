//! The Arrow schema of a result table, made from its card: types for the readers, definitions for the people.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::spec::{Card, Column, Kind};

/// The types of ids, which are those of the inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ids {
    /// Of `shop_id`.
    pub shop: DataType,
    /// Of `customer_id`.
    pub customer: DataType,
}

/// Digits of money in all, and behind the point.
pub(super) const MONEY_PRECISION: u8 = 18;
const MONEY_SCALE: i8 = 2;

/// The Arrow type of columns of a kind.
pub(super) fn data_type(kind: Kind, ids: &Ids) -> DataType {
    match kind {
        Kind::ShopId => ids.shop.clone(),
        Kind::CustomerId => ids.customer.clone(),
        Kind::Text => DataType::Utf8,
        Kind::Date => DataType::Date32,
        Kind::Count | Kind::Integer => DataType::Int64,
        Kind::Money => DataType::Decimal128(MONEY_PRECISION, MONEY_SCALE),
        Kind::Share | Kind::Ratio | Kind::Number => DataType::Float64,
        Kind::Flag => DataType::Boolean,
    }
}

/// The schema of the table that `card` describes. Each field carries `description`, `formula`, `unit`, `null_when`,
/// `source`, `version` and `chinese` as metadata, the schema `table`, `chinese`, `question`, `grain` and `key`
/// (column names with commas between them); what the card leaves empty is left out.
pub fn schema(card: &Card, ids: &Ids) -> SchemaRef {
    let fields: Vec<Field> = card.columns.iter().map(|column| field(column, ids)).collect();
    let key = card.key.join(",");
    let texts =
        [("table", card.name), ("chinese", card.chinese), ("question", card.question), ("grain", card.grain), ("key", key.as_str())];
    Arc::new(Schema::new(fields).with_metadata(filled(&texts)))
}

fn field(column: &Column, ids: &Ids) -> Field {
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
    Field::new(column.name, data_type(column.kind, ids), column.is_nullable()).with_metadata(filled(&texts))
}

/// The texts that say something.
fn filled(texts: &[(&'static str, &str)]) -> std::collections::BTreeMap<String, String> {
    texts.iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name.to_string(), text.to_string())).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A card with a column of each kind, for the tests of this room.
    pub const CARD: Card = Card {
        name: "sample",
        chinese: "样例",
        question: "Does every kind of column come through?",
        grain: "one customer of a shop",
        key: &["shop_id", "customer_id"],
        columns: &[
            Column::new("shop_id", Kind::ShopId, "", "店铺", "The shop."),
            Column::new("customer_id", Kind::CustomerId, "", "客户", "The customer."),
            Column::new("segment", Kind::Text, "", "分群", "A name.").null_when("the customer is new"),
            Column::new("first_date", Kind::Date, "days", "首购日", "The first day."),
            Column::new("orders", Kind::Count, "orders", "订单数", "Orders."),
            Column::new("change", Kind::Integer, "orders", "变化", "Orders more than before."),
            Column::new("paid_amount", Kind::Money, "CNY", "成交额", "Money."),
            Column::new("share", Kind::Share, "1", "占比", "A share.").null_when("no orders").formula("a / b").source("2-tables.md"),
            Column::new("ratio", Kind::Ratio, "1", "比率", "A ratio.").null_when("no orders"),
            Column::new("trend", Kind::Number, "1", "趋势", "A number."),
            Column::new("is_complete", Kind::Flag, "", "完整", "Whether it is complete."),
        ],
        needs: &[],
        uses: &[],
    };

    #[test]
    fn definitions_are_in_the_fields() {
        let schema = schema(&CARD, &Ids { shop: DataType::Utf8, customer: DataType::Int64 });
        assert_eq!(schema.metadata().get("key").map(String::as_str), Some("shop_id,customer_id"));
        let share = schema.field(7);
        assert!(share.is_nullable());
        assert_eq!(share.metadata().get("description").map(String::as_str), Some("A share."));
        assert_eq!(share.metadata().get("formula").map(String::as_str), Some("a / b"));
        assert_eq!(share.metadata().get("version").map(String::as_str), Some("1"));
        let shop = schema.field(0);
        assert!(!shop.is_nullable());
        assert_eq!(shop.data_type(), &DataType::Utf8);
        assert_eq!(shop.metadata().get("formula"), None);
        assert_eq!(schema.field(6).data_type(), &DataType::Decimal128(18, 2));
    }
}
