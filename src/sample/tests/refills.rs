//! Refills of the data set: how soon they are bought again.

use super::super::refill::{LIFE, REFILL, has_refill};
use super::*;

#[test]
fn a_refill_is_bought_again_when_it_is_used_up() {
    let options = Options { orders: 40_000, customers: Some(8_000), superseded: 0.0, ..Options::default() };
    let (dir, _) = written(&options);
    let world = World::new(&options);
    let refills: BTreeSet<i64> = world.shops.iter().filter(|shop| has_refill(shop)).map(|shop| ids::item(shop, REFILL)).collect();
    let orders = rows(dir.path(), "orders");
    let (shops, customers, items) = (integers(&orders, "shop_id"), people(&orders, dir.path()), integers(&orders, "item_id"));
    let (created, quantity) = (micros(&orders, "created_at"), column(&orders, "quantity"));
    let quantity = quantity.as_primitive::<Int32Type>();
    // Shop, customer and item: the microseconds and pieces of each purchase.
    let mut bought: BTreeMap<_, Vec<(i64, i32)>> = BTreeMap::new();
    for row in 0..orders.num_rows() {
        bought.entry((shops[row], customers[row], items[row])).or_default().push((created[row].unwrap(), quantity.value(row)));
    }
    let days_per_piece = |is_refill: bool| {
        let of = bought.iter().filter(|((.., item), _)| refills.contains(&item.unwrap()) == is_refill);
        let mut days: Vec<f64> = of
            .flat_map(|(_, times)| {
                let mut times = times.clone();
                times.sort_unstable();
                times.windows(2).map(|pair| (pair[1].0 - pair[0].0) as f64 / 86_400e6 / f64::from(pair[0].1)).collect::<Vec<_>>()
            })
            .collect();
        days.sort_by(f64::total_cmp);
        assert!(days.len() > 200, "{}", days.len());
        days[days.len() / 2]
    };
    let refilled = days_per_piece(true);
    assert!((f64::from(LIFE) * 0.8..f64::from(LIFE) * 1.5).contains(&refilled), "{refilled} days a piece");
    assert!(days_per_piece(false) > 1.5 * refilled);
}
