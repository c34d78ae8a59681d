//! Contexts of tests: three kinds of shop ids, built by one function.

use arrow::datatypes::DataType;

use super::days::{Date, day};
use crate::history::context::ShopIds;
use crate::history::{Context, Dictionary, Features};
use crate::input::records::facts::Facts;
use crate::input::values::codes::OwnedId;
use crate::job::Params;
use crate::spec::{IdType, IdTypes};

/// Shops known from the first day on. Channels are `activity` (1) and `natural` (2), provinces 上海 (1) and 广东省 (2), categories
/// `shoes` (1) and `tea` (2), promotions `coupon` (1) and `满减` (2); customers, channels and provinces are mapped.
fn context(shops: ShopIds, [shop, customer]: [IdType; 2], first_day: impl Date, as_of: impl Date) -> Context {
    let texts = |texts: [&str; 2]| Dictionary::new(texts.map(str::to_owned).to_vec());
    let ids = IdTypes { shop, customer, category: IdType::text(), item: IdType::text(), campaign: IdType::text() };
    Context {
        first_day: first_day.day(),
        first_days: vec![first_day.day(); shops.len()],
        calibration_ends: vec![first_day.day(); shops.len()],
        channels: texts(["activity", "natural"]),
        provinces: texts(["上海", "广东省"]),
        categories: texts(["shoes", "tea"]),
        promotions: texts(["coupon", "满减"]),
        category_ids: ["shoes", "tea"].map(|text| OwnedId::Text(text.into())).to_vec(),
        features: Features { customers: true, channel: true, province: true, paid: true, ..Features::default() },
        ..Context::new(as_of.day(), Params::default(), shops, ids)
    }
}

fn integers<const N: usize>(ids: [i64; N]) -> ShopIds {
    ShopIds::Integer(ids.map(IdType::key).to_vec())
}

/// Shops 10, 20 and 30, customers with integer ids.
pub fn integer_shops(first_day: impl Date, as_of: impl Date) -> Context {
    let types = [DataType::Int64, DataType::Int64].map(|id| IdType::of(&id).unwrap());
    context(integers([10, 20, 30]), types, first_day, as_of)
}

/// Shops -5, 7 and 8, customers with text ids; quantities and categories are mapped too.
pub fn signed_shops(as_of: impl Date) -> Context {
    let types = [IdType::of(&DataType::Int32).unwrap(), IdType::text()];
    let context = context(integers([-5, 7, 8]), types, as_of, as_of);
    Context { features: Features { quantity: true, category: true, ..context.features }, ..context }
}

/// Some shops named a, b, c …, known from 2023 on and with everything mapped; two peers are enough for a rank.
pub fn text_shops(shops: usize, as_of: impl Date) -> Context {
    let names = (0..shops).map(|number| String::from(char::from(b'a' + number as u8))).collect();
    let context = context(ShopIds::Text(names), [IdType::text(), IdType::text()], "2023-01-01", as_of);
    let features = Features {
        quantity: true,
        category: true,
        status: true,
        paid: true,
        shipped: true,
        completed: true,
        refunded: true,
        refunds: true,
        promotion: true,
        discount: true,
        ..context.features
    };
    Context { features, params: Params { min_peers: 2, ..context.params }, ..context }
}

/// Facts of shops with those first days and without any small input.
pub fn facts(first_days: &[&str]) -> Facts {
    Facts { first_days: first_days.iter().map(|text| day(text)).collect(), ..Facts::default() }
}
