//! A card with a column of each kind, for the tests of this room, and the test of its schema.

use std::borrow::Cow;

use arrow::datatypes::DataType;

use crate::spec::schema::schema;
use crate::spec::{Card, Column, IdType, IdTypes, Kind};

/// A card with a column of each kind, for the tests of this room.
pub const CARD: Card = Card {
    name: Cow::Borrowed("sample"),
    chinese: "样例",
    question: Cow::Borrowed("Does every kind of column come through?"),
    grain: "one customer of a shop",
    key: &["shop_id", "customer_id"],
    columns: Cow::Borrowed(&[
        Column::new("shop_id", Kind::ShopId, "", "店铺", "The shop."),
        Column::new("customer_id", Kind::CustomerId, "", "客户", "The customer."),
        Column::new("segment", Kind::Text, "", "分群", "A name.").null_when("the customer is new"),
        Column::new("first_date", Kind::Date, "days", "首购日", "The first day."),
        Column::new("orders", Kind::Count, "orders", "订单数", "Orders."),
        Column::new("change", Kind::Integer, "orders", "变化", "Orders more than before."),
        Column::new("paid_amount", Kind::Money, "CNY", "支付金额", "Money."),
        Column::new("share", Kind::Share, "1", "占比", "A share.")
            .null_when("no orders")
            .formula("a / b")
            .source("docs/definitions.md, Rates"),
        Column::new("ratio", Kind::Ratio, "1", "比率", "A ratio.").null_when("no orders"),
        Column::new("trend", Kind::Number, "1", "趋势", "A number."),
        Column::new("is_complete", Kind::Flag, "", "完整", "Whether it is complete."),
    ]),
    needs: &[],
    uses: &[],
};

#[test]
fn definitions_are_in_the_fields() {
    let schema = schema(
        &CARD,
        &IdTypes {
            shop: IdType::text(),
            customer: IdType::of(&DataType::Int64).unwrap(),
            category: IdType::text(),
            item: IdType::text(),
            campaign: IdType::text(),
        },
    );
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
