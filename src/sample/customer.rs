//! A customer: arrives on some day and buys at an individual rate until it leaves unnoticed (Pareto/NBD; Schmittlein,
//! Morrison and Colombo 1987), all in positions of the calendar, so that purchases follow seasons and promotions.

use super::calendar::DAY;
use super::random::Draws;
use super::shop::Shop;
use super::world::World;

/// Channels of orders, with their share and the loyalty of the customers who arrive through them.
pub const CHANNELS: [(&str, f64, f64); 6] = [
    ("natural", 0.40, 1.0),
    ("paid", 0.21, 0.8),
    ("affiliate", 0.15, 0.55),
    ("activity", 0.13, 0.5),
    ("member", 0.06, 2.2),
    ("other", 0.05, 0.9),
];
/// The channels' shares alone.
pub const CHANNEL_SHARES: [f64; 6] = [CHANNELS[0].1, CHANNELS[1].1, CHANNELS[2].1, CHANNELS[3].1, CHANNELS[4].1, CHANNELS[5].1];
/// Order numbers of one customer are below this.
const MOST_ORDERS: u32 = 1 << 24;

/// The properties that decide the orders of a customer.
#[derive(Debug, Clone, Copy)]
pub struct Customer {
    /// The second in which the first order is placed.
    pub first_order: u32,
    /// The position of the first order.
    pub arrives: f64,
    /// The position at which it leaves.
    pub leaves: f64,
    /// Further orders per unit of position, before the world's factor.
    pub rate: f64,
}

/// The position at which a customer arrives, and the second.
fn arrival(world: &World, shop: &Shop, within: u32) -> (f64, u32) {
    let mut draws = world.streams.gaps.at(u64::MAX - u64::from(shop.first_customer + within));
    // Customers arrive in the order of their numbers: number i is in the i-th of equal parts of all arrivals.
    let total = shop.arrivals.last().copied().unwrap_or(0.0);
    let wanted = total * (f64::from(within) + draws.unit()) / f64::from(shop.customers.max(1));
    let day = shop.arrivals.partition_point(|before| *before <= wanted).saturating_sub(1).min(world.calendar.days - 1);
    let won = shop.arrivals[day + 1] - shop.arrivals[day];
    let part = if won > 0.0 { ((wanted - shop.arrivals[day]) / won).min(1.0) } else { 0.5 };
    (world.calendar.position(day) + part * world.calendar.weight(day), world.calendar.second_of_day(day, part))
}

/// The position at which customer `within` of the shop leaves, given its arrival, and the draws for its other properties.
fn leaves(world: &World, shop: &Shop, within: u32, arrives: f64) -> (f64, Draws) {
    let mut draws = world.streams.customers.at(u64::from(shop.first_customer + within));
    // Dropout rates are exponential over the customers, which makes lifetimes Lomax with shape 1.
    let leaves = arrives + shop.half_life * (1.0 / draws.unit() - 1.0);
    (leaves, draws)
}

impl Customer {
    /// Customer `within` of the shop.
    pub fn new(world: &World, shop: &Shop, within: u32) -> Self {
        let (arrives, first_order) = arrival(world, shop, within);
        let (leaves, draws) = leaves(world, shop, within, arrives);
        Self::complete(shop, arrives, first_order, leaves, draws)
    }

    /// The channel of a customer's first order alone.
    pub fn channel_of(world: &World, customer: u32) -> usize {
        let mut draws = world.streams.customers.at(u64::from(customer));
        draws.bits();
        draws.pick(&CHANNEL_SHARES)
    }

    fn complete(shop: &Shop, arrives: f64, first_order: u32, leaves: f64, mut draws: Draws) -> Self {
        let channel = draws.pick(&CHANNEL_SHARES);
        let rate = shop.appetite * CHANNELS[channel].2 * draws.gamma(shop.halves);
        Customer { first_order, arrives, leaves, rate }
    }
}

/// An upper bound of the customers of the shop that arrive before a day: no customer with this number or a greater one does.
pub fn arrived(shop: &Shop, day: usize) -> u32 {
    let total = shop.arrivals.last().copied().unwrap_or(0.0);
    let before = shop.arrivals.get(day).copied().unwrap_or(total);
    if total > 0.0 { ((before / total * f64::from(shop.customers)) as u32).saturating_add(2).min(shop.customers) } else { 0 }
}

/// The orders of one customer in the order of time.
#[derive(Debug)]
pub struct Walk {
    draws: Draws,
    gap: f64,
    position: f64,
    leaves: f64,
    number: u32,
    created: u32,
}

impl Walk {
    /// All orders of customer `within` of the shop.
    pub fn new(world: &World, shop: &Shop, within: u32) -> Self {
        Self::of(world, shop, within, Customer::new(world, shop, within))
    }

    /// Its orders from the day `from` on, and possibly some before; `None` if it has left by then.
    pub fn from(world: &World, shop: &Shop, within: u32, from: usize) -> Option<Self> {
        let (arrives, first_order) = arrival(world, shop, within);
        let (leaves, draws) = leaves(world, shop, within, arrives);
        if leaves < world.calendar.position(from) && first_order < from as u32 * DAY {
            return None;
        }
        Some(Self::of(world, shop, within, Customer::complete(shop, arrives, first_order, leaves, draws)))
    }

    fn of(world: &World, shop: &Shop, within: u32, customer: Customer) -> Self {
        let rate = customer.rate * world.rate;
        let draws = world.streams.gaps.at(u64::from(shop.first_customer + within));
        let leaves = customer.leaves.min(world.calendar.position(world.calendar.days));
        let gap = if rate > 0.0 { 1.0 / rate } else { f64::INFINITY };
        Walk { draws, gap, position: customer.arrives, leaves, number: 0, created: customer.first_order }
    }

    /// The next order: its number from 0, and the second in which it is placed.
    pub fn next(&mut self, world: &World) -> Option<(u32, u32)> {
        if self.number == 0 {
            self.number = 1;
            return Some((0, self.created));
        }
        self.position += self.gap * self.draws.exponential();
        if self.position.is_nan() || self.position >= self.leaves || self.number >= MOST_ORDERS {
            return None;
        }
        // A customer places at most one order in a second.
        self.created = world.calendar.second(self.position).max(self.created + 1);
        if self.created >= world.calendar.end() {
            return None;
        }
        self.number += 1;
        Some((self.number - 1, self.created))
    }
}
