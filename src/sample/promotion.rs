//! Promotions: by which an order was bought. They change neither what was bought nor what was paid for it.

use super::basket::Basket;
use super::calendar::DAY;
use super::customer::Customer;
use super::shop::Shop;
use super::world::World;

/// The promotions, as the shops call them; the last one is none.
pub const PROMOTIONS: [&str; 5] = ["coupon", "spend_and_save", "flash_sale", "bundle", "none"];
const COUPON: usize = 0;
const SPEND_AND_SAVE: usize = 1;
/// Share of orders without a coupon by reduction, price for a limited time, and bundle; a bundle has several lines.
const ORDINARY: [f64; 3] = [0.05, 0.12, 0.12];
const LARGE: [f64; 3] = [0.40, 0.42, 0.12];

/// The promotion of an order of `lines` lines; `None` where the shop did not note it. What was taken off is the difference between list
/// price and paid amount, so it is deeper on the days of large promotions.
///
/// Customers who came for a coupon come back less: of first orders, a coupon is likelier for customers who will buy little.
pub fn promotion(world: &World, shop: &Shop, customer: u32, number: u32, created: u32, basket: &Basket, lines: usize) -> Option<usize> {
    let mut draws = world.of_order(world.streams.promotions, customer, number);
    if draws.chance(0.005) {
        return None;
    }
    let coupon = match (number, basket.has_coupon) {
        (0, has_coupon) => {
            let fickle = 1.0 / (1.0 + further_orders(world, shop, customer));
            if has_coupon { 0.2 + 0.75 * fickle } else { 0.35 * fickle }
        }
        (_, true) => 0.5,
        (_, false) => 0.06,
    };
    if draws.chance(coupon) {
        return Some(COUPON);
    }
    if basket.has_coupon {
        return Some(SPEND_AND_SAVE);
    }
    let [reduction, limited, bundle] = if world.calendar.is_promotion((created / DAY) as usize) { LARGE } else { ORDINARY };
    let bundle = if lines > 1 { bundle } else { 0.0 };
    let none = 1.0 - reduction - limited - bundle;
    Some(1 + draws.pick(&[reduction, limited, bundle, none]))
}

/// The orders that a customer is expected to place after the first, within the data.
pub fn further_orders(world: &World, shop: &Shop, customer: u32) -> f64 {
    let Customer { arrives, leaves, rate, .. } = Customer::new(world, shop, customer - shop.first_customer);
    rate * world.rate * (leaves.min(world.calendar.position(world.calendar.days)) - arrives).max(0.0)
}

/// What was taken off a line in fen: the list price less what was paid, nothing without a promotion.
pub fn discount(promotion: usize, listed: i64, paid: i64) -> i64 {
    if promotion + 1 == PROMOTIONS.len() { 0 } else { (listed - paid).max(0) }
}
