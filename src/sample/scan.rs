//! The events of all customers within a window of days. The data are generated window by window, so that memory holds only the
//! events of one window. Histories of customers are cheap and are generated again for every window.

use rayon::prelude::*;

use super::calendar::DAY;
use super::customer::{Walk, arrived};
use super::event::Event;
use super::order::{LONGEST, Order};
use super::shop::Shop;
use super::world::World;
use crate::spec::period::Grain;

/// Customers of one task.
const TASK: u32 = 16_384;
/// The largest expected number of versions of orders in a window of more than one day.
const WINDOW: f64 = 4_000_000.0;

/// The days from `from` to the day before `until`, within one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first day, from the first day of the data.
    pub from: usize,
    /// The day after the last one.
    pub until: usize,
}

/// The windows of the data in the order of time: months, or parts of months with too many events.
pub fn windows(world: &World) -> Vec<Window> {
    let calendar = &world.calendar;
    let rows_a_position = world.expected_rows / super::order::MEAN_LINES / calendar.days as f64;
    let month = |day: usize| Grain::Month.index(calendar.first + day as i32);
    let mut windows = Vec::new();
    let mut from = 0;
    for until in 1..=calendar.days {
        let is_full = until < calendar.days && (calendar.position(until + 1) - calendar.position(from)) * rows_a_position > WINDOW;
        if until == calendar.days || month(until) != month(from) || is_full {
            windows.push(Window { from, until });
            from = until;
        }
    }
    windows
}

/// The events within a window, each list in order.
#[derive(Debug, Default)]
pub struct WindowEvents {
    /// Versions of orders.
    pub orders: Vec<Event>,
    /// Versions of refund applications.
    pub refunds: Vec<Event>,
    /// Ratings.
    pub ratings: Vec<Event>,
    /// Versions of affiliate orders.
    pub affiliates: Vec<Event>,
    /// Questions about orders.
    pub inquiries: Vec<Event>,
    /// Orders whose current version is in this window, by shop and day of payment.
    pub paid: Vec<(usize, usize, u32)>,
}

/// The events within a window.
pub fn scan(world: &World, window: Window) -> WindowEvents {
    let tasks: Vec<(&Shop, u32, u32)> = world
        .shops
        .iter()
        .flat_map(|shop| {
            let here = arrived(shop, window.until);
            (0..here).step_by(TASK as usize).map(move |first| (shop, first, (first + TASK).min(here)))
        })
        .collect();
    let parts: Vec<WindowEvents> = tasks.into_par_iter().map(|(shop, first, last)| walk(world, shop, first, last, window)).collect();
    let mut found = WindowEvents::default();
    for mut part in parts {
        found.orders.append(&mut part.orders);
        found.refunds.append(&mut part.refunds);
        found.ratings.append(&mut part.ratings);
        found.affiliates.append(&mut part.affiliates);
        found.inquiries.append(&mut part.inquiries);
        found.paid.append(&mut part.paid);
    }
    for events in [&mut found.orders, &mut found.refunds, &mut found.ratings, &mut found.affiliates, &mut found.inquiries] {
        events.par_sort_unstable();
    }
    found
}

/// The events within a window of the customers from `first` to before `last` of a shop.
fn walk(world: &World, shop: &Shop, first: u32, last: u32, window: Window) -> WindowEvents {
    let end = world.calendar.end();
    let earliest = window.from.saturating_sub(LONGEST as usize);
    let (from, until) = (window.from as u32 * DAY, window.until as u32 * DAY);
    let is_within = |second: u32| second >= from && second < until;
    let mut paid_on = vec![0u32; window.until - earliest];
    let mut found = WindowEvents::default();
    for within in first..last {
        let Some(mut walk) = Walk::from(world, shop, within, earliest) else { continue };
        let customer = shop.first_customer + within;
        while let Some((number, created)) = walk.next(world) {
            if created >= until {
                break;
            }
            if created < earliest as u32 * DAY {
                continue;
            }
            let event = |modified| Event { modified, customer, number, created };
            let order = Order::new(world, shop, customer, number, created);
            let settled = order.settled(end);
            if is_within(settled) {
                found.orders.push(event(settled));
                if order.paid < end {
                    paid_on[(order.paid / DAY) as usize - earliest] += 1;
                }
            }
            if settled > from {
                let mut draws = world.of_order(world.streams.versions, customer, number);
                for version in order.superseded(end) {
                    let chance = world.exported * if version.is_notable { super::order::NOTABLE } else { 1.0 };
                    if draws.chance(chance) && is_within(version.since) {
                        found.orders.push(event(version.since));
                    }
                }
            }
            if let Some(refund) = order.refund {
                // Whether the application was exported while it was open, from a separate stream.
                let mut draws = world.of_order(world.streams.versions, customer, number + (1 << 30));
                let was_exported = draws.chance(world.exported_refunds);
                if refund.opened < end && is_within(refund.opened) && (was_exported || refund.decided >= end) {
                    found.refunds.push(event(refund.opened));
                }
                if refund.decided < end && is_within(refund.decided) {
                    found.refunds.push(event(refund.decided));
                }
            }
            if let Some(rated) = super::ratings::rated_at(world, shop, customer, number, &order).filter(|rated| is_within(*rated)) {
                found.ratings.push(event(rated));
            }
            if let Some(brought) = super::affiliates::brought(world, shop, customer, number, &order) {
                let changes = super::affiliates::changes(&order, &brought);
                found.affiliates.extend(changes.into_iter().filter(|change| is_within(*change)).map(event));
            }
            let asked = super::inquiries::asked(world, customer, number, &order);
            found.inquiries.extend(asked.into_iter().filter(|asked| is_within(*asked)).map(event));
        }
    }
    for (day, orders) in paid_on.into_iter().enumerate().filter(|(_, orders)| *orders > 0) {
        found.paid.push((shop.index, earliest + day, orders));
    }
    found
}
