//! Bad rows, a few for every reason of rejection, so that the data show rejects and warnings. They have their own streams of
//! random numbers, so that all other rows are the same with and without them.

use arrow::array::RecordBatch;

use super::calendar::DAY;
use super::customer::Walk;
use super::order::{NEVER, Order};
use super::scan::Window;
use super::shop::Shop;
use super::title::Title;
use super::world::World;
use super::{ids, orders, ratings, refunds};
use crate::error::Result;

const ORDER_KINDS: usize = 8;
const REFUND_KINDS: usize = 5;
const RATING_KINDS: usize = 4;

/// The number of bad rows of each input; if there are any, at least one of every kind.
#[derive(Debug)]
pub struct Dirty {
    orders: usize,
    refunds: usize,
    ratings: usize,
}

impl Dirty {
    /// Bad rows as a share of the expected rows.
    pub fn new(world: &World, share: f64) -> Self {
        let rows = |expected: f64, kinds: usize| {
            if share > 0.0 && world.customers > 0 { ((expected * share) as usize).max(kinds) } else { 0 }
        };
        let lines = world.expected_lines;
        Dirty {
            orders: rows(world.expected_rows, ORDER_KINDS),
            refunds: rows(lines * 0.06, REFUND_KINDS),
            ratings: rows(lines * 0.17, RATING_KINDS),
        }
    }

    /// Bad rows of the orders input within the window.
    pub fn orders(&self, world: &World, window: Window) -> Result<RecordBatch> {
        let mut builder = orders::Builder::new(world);
        each(world, self.orders, window, |number, second| {
            for row in order_rows(world, number, second) {
                builder.push(world, &row);
            }
        });
        builder.finish(world)
    }

    /// Bad rows of the refunds input within the window.
    pub fn refunds(&self, world: &World, window: Window) -> Result<RecordBatch> {
        let mut rows = Vec::new();
        each(world, self.refunds, window, |number, second| rows.push(refund_row(world, number, second)));
        refunds::finish(world, &rows)
    }

    /// Bad rows of the ratings input within the window.
    pub fn ratings(&self, world: &World, window: Window) -> Result<RecordBatch> {
        let mut rows = Vec::new();
        each(world, self.ratings, window, |number, second| rows.push(rating_row(world, number, second)));
        ratings::finish(world, &rows)
    }
}

/// Calls `call` for every bad row within the window, with its number and a second at least an hour after its day began.
/// Bad rows are spread evenly over the business.
fn each(world: &World, count: usize, window: Window, mut call: impl FnMut(usize, u32)) {
    let total = world.calendar.position(world.calendar.days);
    let position = |number: usize| total * (number as f64 + 0.5) / count as f64;
    let second = |number: usize| world.calendar.second(position(number));
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = (low + high) / 2;
        if second(middle) < window.from as u32 * DAY {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for number in low..count {
        let second = second(number);
        if second >= window.until as u32 * DAY {
            break;
        }
        let day = second / DAY * DAY;
        call(number, second.clamp(day + 7_200, day + DAY - 600));
    }
}

fn order_rows(world: &World, number: usize, second: u32) -> Vec<orders::Row> {
    let mut draws = world.streams.dirty.at(number as u64);
    let shop = &world.shops[draws.below(world.shops.len() as u64) as usize];
    let order = ids::order(unreal_customer(number), second);
    let amount = 1_000 + draws.below(90_000) as i64;
    let person = draws.below(world.people);
    let item = draws.below(shop.items);
    let row = orders::Row {
        shop: ids::shop(shop),
        order: Some(order),
        line: order,
        person: Some(person),
        created: second,
        paid_at: second + 120,
        shipped: NEVER,
        completed: NEVER,
        status: "WAIT_SELLER_SEND_GOODS",
        ordered: amount,
        paid: Some(amount),
        refunded: None,
        quantity: 1,
        item: ids::item(shop, item),
        category: ids::category(item % 6 + shop.category as u64 * 100),
        channel: Some("natural"),
        province: Some("浙江"),
        modified: second + 120,
        promotion: Some("none"),
        discount: Some(0),
        title: Title::of(world, shop, item, second),
    };
    match number % ORDER_KINDS {
        0 => vec![orders::Row { person: None, ..row }],
        1 => vec![orders::Row { paid: Some(-amount), ..row }],
        2 => vec![orders::Row { paid_at: second - 3_600, ..row }],
        3 => vec![orders::Row { status: "TRADE_UNDER_REVIEW", ..row }],
        4 => vec![orders::Row { paid: None, ..row }],
        5 => vec![orders::Row { refunded: Some(amount + 1), ..row }],
        6 => vec![
            orders::Row { line: ids::line(order, 0, 2), ..row.clone() },
            orders::Row { line: ids::line(order, 1, 2), person: Some((person + 1) % world.people), ..row },
        ],
        _ => vec![orders::Row { order: None, ..row }],
    }
}

fn refund_row(world: &World, number: usize, second: u32) -> refunds::Row {
    let mut draws = world.streams.dirty.at((1 << 40) + number as u64);
    let real = real_order(world, second, &mut draws);
    let unreal = ids::order(unreal_customer(number), second);
    let (shop, order, amount) = match real {
        Some((shop, id, order)) => (shop, ids::line(id, 0, order.lines), 500),
        None => (&world.shops[0], unreal, 500),
    };
    let tid = real.map_or(unreal, |(_, id, _)| id);
    let row = refunds::Row {
        shop: ids::shop(shop),
        refund: ids::refund(unreal),
        order: Some(tid),
        line: order,
        opened: second - 1_800,
        completed: second,
        amount,
        status: "success",
        is_intervened: false,
        reason: Some("质量问题"),
        modified: second,
    };
    match number % REFUND_KINDS {
        0 => refunds::Row { order: Some(unreal), line: unreal, ..row },
        1 => refunds::Row { order: None, ..row },
        2 => refunds::Row { amount: -amount, ..row },
        3 => refunds::Row { status: "reviewing", ..row },
        // More than the amount of any order.
        _ => refunds::Row { amount: 100_000_000, ..row },
    }
}

fn rating_row(world: &World, number: usize, second: u32) -> ratings::Row {
    let mut draws = world.streams.dirty.at((2 << 40) + number as u64);
    let real = real_order(world, second, &mut draws);
    let unreal = ids::order(unreal_customer(number), second);
    let shop = real.map_or(&world.shops[0], |(shop, _, _)| shop);
    let row = ratings::Row {
        shop: ids::shop(shop),
        order: Some(real.map_or(unreal, |(_, id, _)| id)),
        person: draws.below(world.people),
        rated: second,
        scores: [Some(5), Some(4), Some(5), None],
    };
    match number % RATING_KINDS {
        0 => ratings::Row { order: Some(unreal), ..row },
        1 => ratings::Row { order: None, ..row },
        2 => ratings::Row { scores: [Some(6), Some(5), Some(5), Some(5)], ..row },
        _ => ratings::Row { scores: [Some(5), Some(5), Some(0), Some(5)], ..row },
    }
}

/// A customer number that does not exist, so that its orders occur only in bad rows.
fn unreal_customer(number: usize) -> u32 {
    (1 << 30) - 1 - (number as u32 & ((1 << 29) - 1))
}

/// The first order of some customer, paid at least two hours before; `None` if a few attempts find none.
fn real_order<'a>(world: &'a World, before: u32, draws: &mut super::random::Draws) -> Option<(&'a Shop, i64, Order)> {
    for _ in 0..200 {
        let customer = draws.below(world.customers) as u32;
        let shop = world.shop_of(customer);
        let (number, created) = Walk::new(world, shop, customer - shop.first_customer).next(world)?;
        let order = Order::new(world, shop, customer, number, created);
        if order.paid < before.saturating_sub(7_200) {
            return Some((shop, ids::order(customer, created), order));
        }
    }
    None
}
