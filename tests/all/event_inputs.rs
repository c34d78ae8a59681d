//! The input events: which rows count, which are refused, and what alerts make of them.

use arrow::array::{Int64Array, StringArray};
use huitou::input::records::events::EventDay;

use super::scene::{Columns, day, texts};
use super::small_inputs::{account, days, loaded, plan, scene};

#[test]
fn an_event_without_a_shop_is_one_of_all_and_one_of_tomorrow_is_not_known() {
    let long = "x".repeat(256);
    let names = [Some("双11"), Some(" 双11 "), Some("双11"), Some("stock-out"), Some("  "), None, Some("618"), Some("618"), Some(&long)];
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![None, None, Some(1), Some(2), Some(1), Some(1), None, Some(3), Some(1)]))
        .with(
            "date",
            days(&["2026-03-11", "2026-03-11", "2026-03-11", "2026-03-31", "2026-03-01", "2026-03-01", "2026-04-01", "", "2026-03-01"]),
        )
        .with("name", StringArray::from(names.to_vec()));
    let found = loaded("events", &columns, "2026-03-31");
    let of = |shop, name: &str, on| EventDay { shop, name: name.to_owned(), day: day(on) };
    // The first two rows are one event. Shop 2 is a shop though nobody ordered there; shop 3, of which nothing is right, is none.
    let expected = vec![of(None, "双11", "2026-03-11"), of(Some(0), "双11", "2026-03-11"), of(Some(1), "stock-out", "2026-03-31")];
    assert_eq!((found.facts.events.clone(), found.context.shops.len()), (Some(expected), 2));
    let (counts, rejects) = account(&found, "events");
    assert_eq!(counts, [3, 1, 4, 1]);
    assert_eq!(
        rejects,
        [
            "4 null_key: name is null",
            "5 null_key: name is null",
            "7 null_key: date is null",
            "8 unparseable_value: name: a text of 256 bytes, 255 at most",
        ]
    );
}

#[test]
fn without_a_shop_column_every_shop_is_meant_and_shops_are_those_of_the_orders() {
    let columns = Columns(Vec::new()).with("date", days(&["2026-03-08"])).with("name", texts(&["38节"]));
    let found = loaded("events", &columns, "2026-03-31");
    assert_eq!(found.facts.events.unwrap().first().unwrap().shop, None);
    let error = plan(&scene(&[("events", columns.with("shop_id", texts(&["1"])))]), "2026-03-31").unwrap_err().to_string();
    assert!(error.contains("input `events`, column `shop_id`: Utf8 here, Int64 in input `orders`"), "{error}");
    let nameless = Columns(Vec::new()).with("date", days(&["2026-03-08"]));
    let error = plan(&scene(&[("events", nameless)]), "2026-03-31").unwrap_err().to_string();
    assert!(error.contains("input `events`") && error.contains("`name`"), "{error}");
}
