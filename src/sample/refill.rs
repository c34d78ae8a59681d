//! Refills: items that last about 30 days a piece. Most customers of shops for food and cosmetics buy one again when it is used up.
//! They change which item a line has, and neither when nor for how much anything was bought.

use super::basket::basket;
use super::calendar::DAY;
use super::customer::Walk;
use super::shop::{CATEGORIES, Shop};
use super::world::World;

/// The number of the item of a shop that is used up. Few others buy it: popular items have low numbers.
pub const REFILL: u64 = 17;
/// Days that a piece lasts.
pub const LIFE: u32 = 30;
/// The category whose items last for years.
const LASTING: &str = "女装";
/// The share of the customers who use up what they bought.
const REGULARS: f64 = 0.7;
/// Parts of the life of a purchase between which it is replaced.
const DUE: [f64; 2] = [0.7, 1.5];
/// The chance that somebody who let it run out takes it up again with an order.
const AGAIN: f64 = 0.015;

/// Whether a shop sells what is used up.
pub fn has_refill(shop: &Shop) -> bool {
    CATEGORIES.get(shop.category).is_some_and(|(name, _)| *name != LASTING) && REFILL < shop.items
}

/// Whether the first line of an order is one of the refill.
pub fn is_refill(world: &World, shop: &Shop, customer: u32, number: u32) -> bool {
    if !has_refill(shop) {
        return false;
    }
    // Order numbers are below this one.
    let mut habits = world.of_order(world.streams.refills, customer, u32::MAX);
    if !habits.chance(REGULARS) {
        return false;
    }
    let mut walk = Walk::new(world, shop, customer - shop.first_customer);
    let mut runs_out: Option<(u32, f64)> = None;
    let mut is_refill = false;
    while let Some((order, created)) = walk.next(world) {
        is_refill = match runs_out {
            None => true,
            Some((last, life)) => {
                let part = f64::from(created - last) / life;
                (DUE[0]..DUE[1]).contains(&part) || (part >= DUE[1] && world.of_order(world.streams.refills, customer, order).chance(AGAIN))
            }
        };
        if order == number {
            break;
        }
        if is_refill {
            let pieces = basket(world, shop, customer, order, created).lines[0].quantity;
            runs_out = Some((created, f64::from(pieces) * f64::from(LIFE * DAY)));
        }
    }
    is_refill
}
