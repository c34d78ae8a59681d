//! Customers whose ids change: some shops move to another application of the platform, which knows most of their customers by other ids
//! from then on.

use super::calendar::DAY;
use super::ids;
use super::shop::Shop;
use super::world::World;

/// Every sixth shop moves, after this part of the days.
const EVERY: usize = 6;
const MOVES_AFTER: f64 = 0.6;

/// The part of the customers whose ids change.
const RENAMED: f64 = 0.7;

/// The day on which a shop moves, counted from the first day of the data; `None` for a shop that stays.
pub fn moves_on(world: &World, shop: &Shop) -> Option<u32> {
    (shop.index % EVERY == EVERY - 1)
        .then(|| ((world.calendar.days as f64 * MOVES_AFTER) as u32).max(shop.opened.max(0).unsigned_abs() + 1))
}

/// Whether the id of a customer changes, if the shop moves.
pub fn is_renamed(world: &World, customer: u32) -> bool {
    world.streams.links.at(u64::from(customer)).chance(RENAMED)
}

/// The person by whose id a shop knows a customer at a second: that of all shops, or that of its own application.
pub fn person_at(world: &World, shop: &Shop, customer: u32, second: u32) -> u64 {
    let person = ids::person(world, shop, customer);
    let is_after = moves_on(world, shop).is_some_and(|day| second >= day.saturating_mul(DAY));
    if is_after && is_renamed(world, customer) { ids::renamed(person, shop) } else { person }
}
