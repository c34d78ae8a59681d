//! Shown values: under which texts the values of a dimension stand in rows. Of items there may be millions, most of them the first of a
//! customer or two: those that brought a shop the most new customers have rows of their own, and all others are one.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::dimension::Dimension;
use crate::history::Context;
use crate::spec::NONE;

/// Items of a shop that have rows of their own, at most.
pub const MOST_ITEMS: usize = 20;

/// The value of the customers whose first item has no rows of its own.
const OTHER: &str = "(other)";

/// A value of a shop: its place in the dimension, its customers, and what was counted of them.
pub type Value<T> = (i32, i64, T);

/// The texts of the values of a shop, ascending, each with what was counted of the values that stand under it. Of items with as many
/// customers, that with the lower id comes first.
pub fn shown<T>(dimension: &Dimension, values: Vec<Value<T>>, context: &Context) -> BTreeMap<Arc<str>, Vec<T>> {
    let own = dimension.is_of_items().then(|| largest(&values));
    let mut shown: BTreeMap<Arc<str>, Vec<T>> = BTreeMap::new();
    for (place, _, counted) in values {
        let text: Arc<str> = match &own {
            Some(own) if place > 0 && !own.contains(&place) => OTHER.into(),
            _ => dimension.text(place, context).map_or_else(|| NONE.into(), Arc::from),
        };
        shown.entry(text).or_default().push(counted);
    }
    shown
}

/// The places of the items with the most customers. Place 0 is none: it is no item, and always has rows of its own.
fn largest<T>(values: &[Value<T>]) -> BTreeSet<i32> {
    let mut items: Vec<(Reverse<i64>, i32)> =
        values.iter().filter(|(place, ..)| *place > 0).map(|(place, customers, _)| (Reverse(*customers), *place)).collect();
    items.sort_unstable();
    items.into_iter().take(MOST_ITEMS).map(|(_, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::shown;
    use super::*;
    use crate::input::values::codes::OwnedId;
    use crate::spec::IdType;
    use crate::table::testing::*;

    fn of(dimension: &str, context: &mut Context) -> Dimension {
        context.params.cohort.dimensions = vec![dimension.to_owned()];
        context.features.item = true;
        context.features.channel = true;
        Dimension::of_job(context).pop().unwrap()
    }

    #[test]
    fn items_with_the_most_new_customers_stand_alone() {
        let mut context = integer_shops(0, 0);
        context.ids.item = IdType::text();
        // Items i01 to i25; those of number 1 to 19 have 100 customers, 20 to 25 have 7 each: the lowest id of these is the last that is shown.
        context.item_ids = (1..=25).map(|number| OwnedId::Text(format!("i{number:02}").into())).collect();
        let item = of("first_item", &mut context);
        let values = (0..=25)
            .map(|place| {
                (
                    place,
                    if place == 0 {
                        1
                    } else if place < 20 {
                        100
                    } else {
                        7
                    },
                    place,
                )
            })
            .collect();
        let found = shown(&item, values, &context);
        let texts: Vec<String> = found.keys().map(|text| text.to_string()).collect();
        let mut expected = vec!["(none)".to_owned(), "(other)".to_owned()];
        expected.extend((1..=20).map(|number| format!("i{number:02}")));
        assert_eq!(texts, expected);
        assert_eq!((&found["(none)"], &found["(other)"], &found["i20"]), (&vec![0], &vec![21, 22, 23, 24, 25], &vec![20]));
    }

    #[test]
    fn an_item_named_other_is_one_of_the_others() {
        let mut context = integer_shops(0, 0);
        context.ids.item = IdType::text();
        context.item_ids = std::iter::once("(other)".to_owned())
            .chain((2..=22).map(|number| format!("i{number:02}")))
            .map(|id| OwnedId::Text(id.into()))
            .collect();
        let item = of("first_item", &mut context);
        // The item of that name is the largest of 22; i21 and i22 have no place among the 20, and no row has a key twice.
        let found = shown(&item, (1..=22).map(|place| (place, i64::from(100 - place), place)).collect(), &context);
        assert_eq!((found.len(), &found["(other)"]), (20, &vec![1, 21, 22]));
    }

    #[test]
    fn all_values_of_other_dimensions_are_shown() {
        let mut context = integer_shops(0, 0);
        context.channels = crate::history::Dictionary::new((0..40).map(|number| format!("c{number:02}")).collect());
        let channel = of("first_channel", &mut context);
        assert_eq!(shown(&channel, (0..=40).map(|place| (place, 1, ())).collect(), &context).len(), 41);
    }
}
