//! The rows of earlier lists, converted to the ids and codes of this run.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;

use crate::error::{Error, Result};
use crate::history::Context;
use crate::history::context::ShopIds;
use crate::input::records::facts::Listed;
use crate::input::values::codes::OwnedId;
use crate::input::values::ids::Ids;
use crate::publish::EarlierList;
use crate::spec::{Id, IdType};

/// Returns who is on these lists. Leaves out shops that this run does not have.
///
/// # Errors
/// [`Error::Bug`] if a list has columns that are not ids.
pub(super) fn listed(context: &Context, lists: Vec<(&EarlierList, Vec<RecordBatch>)>) -> Result<Vec<Listed>> {
    let mut listed = Vec::new();
    for (list, batches) in lists {
        let name: Arc<str> = Arc::from(list.name());
        for batch in batches {
            let types = batch.schema();
            let column = |at: usize| Some((IdType::of(types.fields().get(at)?.data_type())?, Ids::of(batch.columns().get(at)?)?));
            let (Some((shop_type, shops)), Some((customer_type, customers))) = (column(0), column(1)) else {
                return Err(Error::bug(format!("the list {} has ids of no known type", list.name())));
            };
            for row in 0..batch.num_rows() {
                let shop = shops.get(row).and_then(|id| converted(id, &shop_type, &context.ids.shop));
                let shop = shop.and_then(|id| shop_code(&context.shops, id.id()));
                let customer = customers.get(row).and_then(|id| converted(id, &customer_type, &context.ids.customer));
                // A list of before the ids were linked named the person by another one.
                let person = |customer: OwnedId| match context.links.person(customer.id()) {
                    Some((person, _)) => OwnedId::from(person),
                    None => customer,
                };
                if let (Some(shop), Some(customer)) = (shop, customer.map(person)) {
                    listed.push(Listed { shop, customer, day: list.as_of, cools_from: list.as_of + 1, list: Arc::clone(&name) });
                }
            }
        }
    }
    Ok(listed)
}

/// Converts an id to another type: an export whose ids were integers and are now texts has the same customers. `None` if the other type
/// does not have the id.
fn converted(id: Id<'_>, from: &IdType, to: &IdType) -> Option<OwnedId> {
    if from.agrees_with(to) {
        return Some(OwnedId::from(id));
    }
    let text = from.show(id);
    if !to.is_integer() {
        return Some(OwnedId::Text(text.into()));
    }
    let key = if to.data_type().is_unsigned_integer() { text.parse().ok()? } else { IdType::key(text.parse().ok()?) };
    Some(OwnedId::Integer(key))
}

fn shop_code(shops: &ShopIds, id: Id<'_>) -> Option<u32> {
    let at = match (shops, id) {
        (ShopIds::Integer(keys), Id::Integer(key)) => keys.binary_search(&key).ok()?,
        (ShopIds::Text(texts), Id::Text(text)) => texts.binary_search_by(|other| other.as_str().cmp(text)).ok()?,
        _ => return None,
    };
    u32::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;

    use super::*;

    #[test]
    fn ids_keep_who_they_are_when_the_type_changes() {
        let of = |data_type| IdType::of(&data_type).unwrap();
        let (signed, unsigned, text) = (of(DataType::Int32), of(DataType::UInt64), of(DataType::LargeUtf8));
        let seven = Id::Integer(IdType::key(-7));
        assert_eq!(converted(seven, &signed, &of(DataType::Int64)), Some(OwnedId::Integer(IdType::key(-7))));
        assert_eq!(converted(seven, &signed, &text), Some(OwnedId::Text("-7".into())));
        assert_eq!(converted(seven, &signed, &unsigned), None);
        assert_eq!(converted(Id::Text("7"), &text, &unsigned), Some(OwnedId::Integer(7)));
        assert_eq!(converted(Id::Text("a7"), &text, &signed), None);
    }
}
