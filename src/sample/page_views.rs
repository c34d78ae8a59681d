//! Page views of one shop over some weeks up to the last day: as many visitors, views, visits and bounces a day as its traffic has, customers
//! who view on the day on which they pay, and visitors who come back on other days.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Builder, StringBuilder};

use super::calendar::DAY;
use super::columns::Times;
use super::customer::{CHANNELS, Walk, arrived};
use super::ids::{self, IdColumn};
use super::order::{LONGEST, NEVER, Order};
use super::random::Draws;
use super::shop::Shop;
use super::small::write_file;
use super::summary::InputSummary;
use super::traffic::{Paid, Visited};
use super::world::World;
use crate::error::Result;

/// The shop with views, or the last one.
const SHOP: usize = 2;
/// Days with views: a month that is over and the running one. Fewer where there would be more views than [`MOST`].
const DAYS: usize = 52;
const MOST: i64 = 200_000;
/// Visits of one visitor on a day at most; each has its part of the day.
const MOST_VISITS: u32 = 3;
/// Half an hour ends a visit: views within one are closer, and visits further apart.
const GAP: u32 = 1_800;
/// Views of a visit at most, and seconds between two of them.
const MOST_VIEWS: i64 = 24;
const PACE: (f64, f64) = (8.0, 180.0);
/// The share of visitors who belong to the regular ones, how many times the visitors of a day these are, and who of all visitors is known
/// as a customer without paying.
const REGULAR: f64 = 0.34;
const REGULARS: u64 = 6;
const KNOWN: f64 = 0.07;

/// A visit on a day.
#[derive(Debug, Clone, Copy)]
struct Visit {
    visitor: i64,
    person: Option<u64>,
    /// Its number among those of the visitor on the day, and how many these are.
    part: (u32, u32),
    views: i64,
}

/// The rows, column by column.
struct Rows {
    shops: IdColumn,
    visitors: IdColumn,
    times: Times,
    items: IdColumn,
    channels: StringBuilder,
    dwell: Int64Builder,
    customers: IdColumn,
}

/// Writes `page_views.parquet`, ascending by time.
pub fn write(world: &World, dir: &Path, paid: &Paid) -> Result<InputSummary> {
    let mut rows = Rows {
        shops: IdColumn::new(world),
        visitors: IdColumn::new(world),
        times: Times::default(),
        items: IdColumn::new(world),
        channels: StringBuilder::new(),
        dwell: Int64Builder::new(),
        customers: IdColumn::new(world),
    };
    if let Some(shop) = world.shops.get(SHOP).or(world.shops.last()) {
        let (first, last) = (first_day(world, paid, shop), world.calendar.days);
        let payers = payers(world, shop, first);
        for day in first..last {
            let known = payers.get(day - first).map_or(&[] as &[u32], Vec::as_slice);
            rows.day(world, shop, day, Visited::of_shop(world, paid, shop, day), known);
        }
    }
    write_file(dir, "page_views", rows.finish())
}

/// The first day with views: as many days as [`DAYS`] and [`MOST`] allow, and none before the shop opened.
fn first_day(world: &World, paid: &Paid, shop: &Shop) -> usize {
    let days = world.calendar.days;
    let opened = usize::try_from(shop.opened).unwrap_or(0);
    let mut views = 0;
    let fits = |day: &usize| {
        views += Visited::of_shop(world, paid, shop, *day).pv;
        views <= MOST
    };
    (opened.max(days.saturating_sub(DAYS))..days).rev().take_while(fits).last().unwrap_or(days)
}

/// By day from the first one on: the customers who paid on it, by their number in the shop.
fn payers(world: &World, shop: &Shop, first: usize) -> Vec<Vec<u32>> {
    let mut payers = vec![Vec::new(); world.calendar.days - first];
    let earliest = first.saturating_sub(LONGEST as usize);
    for within in 0..arrived(shop, world.calendar.days) {
        let Some(mut walk) = Walk::from(world, shop, within, earliest) else { continue };
        while let Some((number, created)) = walk.next(world) {
            let order = Order::new(world, shop, shop.first_customer + within, number, created);
            let day = ((order.paid / DAY) as usize).checked_sub(first).filter(|_| order.paid != NEVER);
            if let Some(of_day) = day.and_then(|day| payers.get_mut(day))
                && of_day.last() != Some(&within)
            {
                of_day.push(within);
            }
        }
    }
    payers
}

impl Rows {
    /// The views of a day, ascending by time.
    fn day(&mut self, world: &World, shop: &Shop, day: usize, wanted: Visited, payers: &[u32]) {
        let mut draws = world.streams.page_views.at(day as u64);
        let mut views: Vec<(u32, Visit, u64, u64)> = Vec::new();
        for visit in visits(world, shop, day, wanted, payers, &mut draws) {
            let (part, parts) = visit.part;
            let length = DAY / parts;
            let longest = (visit.views - 1) as u32 * PACE.1 as u32;
            let free = length.saturating_sub(longest + GAP).max(1);
            let mut second = day as u32 * DAY + part * length + draws.below(u64::from(free)) as u32;
            let entry = draws.bits();
            for number in 0..visit.views as u64 {
                views.push((second, visit, number, entry));
                second += draws.between(PACE.0, PACE.1) as u32;
            }
        }
        views.sort_by_key(|(second, visit, number, _)| (*second, visit.visitor, *number));
        let item_share = wanted.ipv as f64 / wanted.pv.max(1) as f64;
        let seconds = wanted.dwell as f64 / wanted.pv.max(1) as f64;
        for (second, visit, number, entry) in views {
            self.shops.push(Some(ids::shop(shop)));
            self.visitors.push(Some(visit.visitor));
            self.times.push(world, second);
            let item = draws.chance(item_share).then(|| ids::item(shop, draws.below(shop.items.max(1))));
            self.items.push(item);
            // The pages behind the first one belong to the channel that brought the visit.
            let channel = (entry >> 32) as usize % CHANNELS.len();
            self.channels.append_option((!(number > 0 && draws.chance(0.1))).then(|| CHANNELS[channel].0));
            self.dwell.append_option((!draws.chance(0.02)).then(|| (seconds * draws.exponential()) as i64));
            self.customers.push_person(visit.person);
        }
    }

    fn finish(self) -> Vec<(&'static str, ArrayRef)> {
        let Rows { shops, visitors, times, items, mut channels, mut dwell, customers } = self;
        vec![
            ("shop_id", shops.finish()),
            ("visitor_id", visitors.finish()),
            ("viewed_at", times.finish()),
            ("item_id", items.finish()),
            ("channel", Arc::new(channels.finish())),
            ("dwell_seconds", Arc::new(dwell.finish())),
            ("customer_id", customers.finish()),
        ]
    }
}

/// The visits of a day: as many as wanted, bounces among them, by as many visitors.
fn visits(world: &World, shop: &Shop, day: usize, wanted: Visited, payers: &[u32], draws: &mut Draws) -> Vec<Visit> {
    let visitors = visitors(world, shop, day, wanted.uv, payers, draws);
    let mut counts = vec![1_u32; visitors.len()];
    let mut missing = wanted.visits - visitors.len() as i64;
    while missing > 0 && counts.iter().any(|count| *count < MOST_VISITS) {
        let at = draws.below(visitors.len() as u64) as usize;
        if counts[at] < MOST_VISITS {
            counts[at] += 1;
            missing -= 1;
        }
    }
    let mut visits: Vec<Visit> = visitors
        .iter()
        .zip(counts)
        .flat_map(|((visitor, person), parts)| {
            (0..parts).map(move |part| Visit { visitor: *visitor, person: *person, part: (part, parts), views: 1 })
        })
        .collect();
    // All but the bounces have two views at least, and what is left of the views goes to any of them.
    let mut open: Vec<usize> = (0..visits.len()).collect();
    for _ in 0..wanted.bounces.min(visits.len() as i64) {
        open.swap_remove(draws.below(open.len() as u64) as usize);
    }
    let mut left = wanted.pv - visits.len() as i64;
    for at in &open {
        visits[*at].views += 1;
        left -= 1;
    }
    while left > 0 && !open.is_empty() {
        let place = draws.below(open.len() as u64) as usize;
        let views = &mut visits[open[place]].views;
        *views += 1;
        left -= 1;
        if *views >= MOST_VIEWS {
            open.swap_remove(place);
        }
    }
    visits
}

/// The visitors of a day, with the person behind those who are known as customers: who pays, regular visitors, and others.
fn visitors(world: &World, shop: &Shop, day: usize, uv: i64, payers: &[u32], draws: &mut Draws) -> Vec<(i64, Option<u64>)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let person = |within: u32| ids::person(world, shop, shop.first_customer + within);
    let mut take = |visitor: i64, person: Option<u64>| {
        if (found.len() as i64) < uv && seen.insert(visitor) {
            found.push((visitor, person));
        }
        found.len() as i64
    };
    for within in payers {
        // Some pay in the app of another device, where nobody knows who they are.
        if draws.chance(0.9) {
            take(known_visitor(*within), Some(person(*within)));
        }
    }
    let arrived = u64::from(arrived(shop, day));
    let mut number = 0;
    loop {
        number += 1;
        let count = match draws.unit() {
            known if known < KNOWN && arrived > 0 => {
                let within = draws.below(arrived) as u32;
                take(known_visitor(within), Some(person(within)))
            }
            regular if regular < KNOWN + REGULAR => take(700_000_000 + draws.below(uv.unsigned_abs() * REGULARS + 8) as i64, None),
            _ => take(800_000_000 + day as i64 * 100_000 + number, None),
        };
        if count >= uv {
            return found;
        }
    }
}

/// The id by which the shop's pages know a customer who is logged in.
fn known_visitor(within: u32) -> i64 {
    600_000_000 + i64::from(within)
}
