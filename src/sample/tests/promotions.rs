//! Promotions of the data set: whom coupons bring, and when more is taken off.

use super::super::calendar::{Calendar, DAY};
use super::*;

/// Shop and customer.
type Buyer = (i64, i64);

/// A paid line: who bought, promotion, microsecond placed, paid amount and discount.
type PaidLine = (Buyer, Option<String>, i64, i64, i64);

/// A paid line of each order, by order.
fn orders(dir: &Path) -> BTreeMap<i64, PaidLine> {
    let rows = rows(dir, "orders");
    let (ids, customers, promotions) = (integers(&rows, "order_id"), integers(&rows, "customer_id"), texts(&rows, "promotion"));
    let shops = integers(&rows, "shop_id");
    let (created, paid, discounts) = (micros(&rows, "created_at"), fen(&rows, "paid_amount"), fen(&rows, "discount_amount"));
    let mut orders = BTreeMap::new();
    for row in (0..rows.num_rows()).filter(|row| paid[*row].is_some()) {
        let customer = (shops[row].unwrap(), customers[row].unwrap());
        assert_eq!(promotions[row].is_none(), discounts[row].is_none());
        assert!(promotions[row].as_deref() != Some("none") || discounts[row] == Some(0));
        let discount = discounts[row].unwrap_or(0);
        assert!(discount >= 0);
        orders.insert(ids[row].unwrap(), (customer, promotions[row].clone(), created[row].unwrap(), paid[row].unwrap(), discount));
    }
    orders
}

#[test]
fn who_came_for_a_coupon_comes_back_less_and_large_promotions_take_more_off() {
    let options = Options { orders: 40_000, customers: Some(10_000), superseded: 0.0, ..Options::default() };
    let (dir, _) = written(&options);
    let orders = orders(dir.path());
    let mut of_customer: BTreeMap<Buyer, Vec<_>> = BTreeMap::new();
    for (customer, promotion, created, ..) in orders.values() {
        of_customer.entry(*customer).or_default().push((*created, promotion.as_deref()));
    }
    let repeat = |first: &str| {
        let of: Vec<usize> = of_customer
            .values()
            .filter(|orders| orders.iter().min().is_some_and(|(_, promotion)| *promotion == Some(first)))
            .map(Vec::len)
            .collect();
        assert!(of.len() > 300, "{first}: {}", of.len());
        of.iter().filter(|orders| **orders > 1).count() as f64 / of.len() as f64
    };
    let (coupon, none) = (repeat("coupon"), repeat("none"));
    assert!(coupon < 0.8 * none, "{coupon} of those who came for a coupon came back, {none} of the others");

    let calendar = Calendar::new(options.last_day, options.months);
    let day = |created: i64| (created / 1_000_000 / i64::from(DAY) - i64::from(calendar.first)) as usize;
    let depth = |large: bool| {
        let of = orders
            .values()
            .filter(|(_, promotion, created, ..)| promotion.as_deref() == Some("coupon") && calendar.is_promotion(day(*created)) == large);
        let (paid, off) = of.fold((0, 0), |(paid, off), (.., amount, discount)| (paid + amount, off + discount));
        off as f64 / (paid + off) as f64
    };
    let (ordinary, large) = (depth(false), depth(true));
    assert!((0.05..0.25).contains(&ordinary) && large > ordinary + 0.1, "{ordinary} on ordinary days, {large} on large promotions");
    for name in ["coupon", "spend_and_save", "flash_sale", "bundle", "none"] {
        assert!(orders.values().any(|(_, promotion, ..)| promotion.as_deref() == Some(name)), "{name}");
    }
}
