//! The contents of an order: items, quantities, prices, coupons.

use super::calendar::DAY;
use super::customer::{CHANNEL_SHARES, CHANNELS, Customer};
use super::shop::Shop;
use super::world::World;

/// Provinces with their share of the customers.
pub const PROVINCES: [(&str, f64); 31] = [
    ("广东", 0.122),
    ("江苏", 0.094),
    ("浙江", 0.092),
    ("山东", 0.066),
    ("河南", 0.055),
    ("四川", 0.054),
    ("上海", 0.053),
    ("北京", 0.048),
    ("湖北", 0.044),
    ("河北", 0.042),
    ("福建", 0.042),
    ("湖南", 0.040),
    ("安徽", 0.039),
    ("辽宁", 0.029),
    ("江西", 0.026),
    ("陕西", 0.025),
    ("重庆", 0.022),
    ("广西", 0.022),
    ("云南", 0.018),
    ("黑龙江", 0.015),
    ("山西", 0.015),
    ("天津", 0.014),
    ("吉林", 0.012),
    ("贵州", 0.012),
    ("内蒙古", 0.010),
    ("新疆", 0.008),
    ("甘肃", 0.007),
    ("海南", 0.006),
    ("宁夏", 0.003),
    ("青海", 0.002),
    ("西藏", 0.001),
];
const PROVINCE_SHARES: [f64; 31] = {
    let mut shares = [0.0; 31];
    let mut position = 0;
    while position < shares.len() {
        shares[position] = PROVINCES[position].1;
        position += 1;
    }
    shares
};
/// Categories of items within a main category.
const SUBCATEGORIES: u64 = 6;

/// The category of an item of a shop, over all main categories.
pub fn category(shop: &Shop, item: u64) -> u64 {
    item % SUBCATEGORIES + shop.category as u64 * 100
}

/// One line of an order; money in fen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Line {
    /// The number of the item within the shop.
    pub item: u64,
    /// The number of its category, over all main categories.
    pub category: u64,
    /// The number of pieces.
    pub quantity: i32,
    /// The list price of these.
    pub listed: i64,
    /// The amount when placed.
    pub ordered: i64,
    /// The amount paid, if it is paid.
    pub paid: i64,
}

/// An order without the states of its lines.
#[derive(Debug, Clone, Copy)]
pub struct Basket {
    /// Its lines; only the first ones, as many as the order has, are used.
    pub lines: [Line; 5],
    /// Whether something was taken off the price of the day.
    pub has_coupon: bool,
    /// The channel, if it is known.
    pub channel: Option<usize>,
    /// The province, if it is known.
    pub province: Option<usize>,
}

/// The basket of an order.
pub fn basket(world: &World, shop: &Shop, customer: u32, number: u32, created: u32) -> Basket {
    let mut draws = world.of_order(world.streams.baskets, customer, number);
    let promotion = world.calendar.is_promotion((created / DAY) as usize);
    let discount = if promotion { draws.between(0.62, 0.85) } else { draws.between(0.88, 1.0) };
    let coupon = if draws.chance(if promotion { 0.6 } else { 0.2 }) { draws.between(0.8, 0.97) } else { 1.0 };
    let mut lines = [Line::default(); 5];
    for line in &mut lines {
        // Popular items have low numbers: half of all lines have an item of the first eighth.
        let popular = draws.unit();
        let item = ((popular * popular * popular * shop.items as f64) as u64).min(shop.items - 1);
        let quantity = 1 + draws.pick(&[0.84, 0.11, 0.03, 0.01, 0.01]) as i32;
        let price = price(world, shop, item);
        let ordered = ((price as f64 * discount) as i64).max(1) * i64::from(quantity);
        let paid = (ordered as f64 * coupon) as i64;
        let listed = price * i64::from(quantity);
        *line = Line { item, category: category(shop, item), quantity, listed, ordered, paid: paid.max(1) };
    }
    // One order of five hundred has a free gift; it is still a purchase.
    if draws.chance(0.002) {
        lines[0].paid = 0;
    }
    let home = Customer::channel_of(world, customer);
    let channel = if number == 0 || draws.chance(0.5) {
        home
    } else if draws.chance(0.25) {
        CHANNELS.iter().position(|channel| channel.0 == "member").unwrap_or(0)
    } else {
        draws.pick(&CHANNEL_SHARES)
    };
    let channel = (!draws.chance(0.004)).then_some(channel);
    let moved = draws.chance(0.04);
    let mut home = world.streams.items.at((1 << 62) + u64::from(customer));
    let mut province = home.pick(&PROVINCE_SHARES);
    if moved {
        province = draws.pick(&PROVINCE_SHARES);
    }
    Basket { lines, has_coupon: coupon < 1.0, channel, province: (!draws.chance(0.003)).then_some(province) }
}

/// The list price of an item, in fen: most near the shop's level, a few at several times it, ending in .00, .80 or .90.
fn price(world: &World, shop: &Shop, item: u64) -> i64 {
    let mut draws = world.streams.items.at(((shop.index as u64) << 32) + item);
    let part = draws.unit();
    let yuan = shop.price * (0.3 + part + 2.5 * part * part * part * part * part * part);
    (yuan as i64).max(2) * 100 - [0, 20, 10][draws.below(3) as usize]
}
