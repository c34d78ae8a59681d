//! Customers of the shops that moved have other ids from then on, and the links say whose they are.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::Date32Array;

use super::*;

#[test]
fn ids_change_at_a_date_and_the_links_say_whose_they_are() {
    for ids in [Ids::Int, Ids::Text] {
        let (dir, _) = written(&Options { orders: 20_000, customers: Some(6_000), shops: 18, superseded: 0.5, ids, ..Options::default() });
        let links = rows_of(&dir.path().join("customer_links.parquet"));
        let orders = rows(dir.path(), "orders");
        let (new, old, from) = (column(&links, "customer_id"), column(&links, "linked_id"), column(&links, "valid_from"));
        let from = from.as_any().downcast_ref::<Date32Array>().unwrap();
        let cell = |array: &arrow::array::ArrayRef, row: usize| arrow::util::display::array_value_to_string(array, row).unwrap();
        let days: BTreeSet<i32> = from.iter().flatten().collect();
        assert!(days.len() <= 2, "shops move on one day, but for one that had just opened: {days:?}");
        let links: BTreeMap<String, String> = (0..new.len()).map(|row| (cell(&new, row), cell(&old, row))).collect();
        assert!(links.len() > 200 && links.iter().all(|(new, old)| (new.len(), new) > (old.len(), old)), "{}", links.len());
        let (customers, shops, modified) = (column(&orders, "customer_id"), column(&orders, "shop_id"), column(&orders, "modified_at"));
        let mut shops_of_new: BTreeSet<String> = BTreeSet::new();
        let day = (0..from.len()).map(|row| arrow::util::display::array_value_to_string(from, row).unwrap()).min().unwrap();
        for row in (0..orders.num_rows()).filter(|row| links.contains_key(&cell(&customers, *row))) {
            shops_of_new.insert(cell(&shops, row));
            assert!(cell(&modified, row) >= day, "row {row}");
        }
        assert_eq!(shops_of_new.len(), 3);
    }
}
