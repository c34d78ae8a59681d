//! The world of a data set's options, with two figures that are solved for the requested numbers of lines and of versions.

use super::calendar::Calendar;
use super::customer::{Customer, Walk};
use super::options::{Ids, Options};
use super::order::{self, MEAN_LINES, Order};
use super::random::Stream;
use super::shop::{self, Shop};
use super::world::{MOST_CUSTOMERS, Streams, World};

/// The number of customers that are sampled to solve the figures: rates vary so much that fewer would give errors of per cents.
const SURVEYED: u32 = 400_000;

impl World {
    /// The world of these options, which must have been checked.
    pub fn new(options: &Options) -> Self {
        let orders = (options.orders as f64 / MEAN_LINES).round().max(if options.orders > 0 { 1.0 } else { 0.0 });
        let wanted = options.customers.unwrap_or(options.orders / 10).max(u64::from(options.orders > 0));
        let customers = wanted.min(orders as u64).min(MOST_CUSTOMERS);
        let people = (customers * 2).max(1);
        let stream = |number| Stream::new(options.seed, number);
        let calendar = Calendar::new(options.last_day, options.months);
        let shops = shop::shops(options.shops, customers, people, &calendar, stream(1));
        let streams = Streams {
            customers: stream(2),
            gaps: stream(3),
            orders: stream(4),
            baskets: stream(5),
            versions: stream(6),
            ratings: stream(7),
            traffic: stream(8),
            items: stream(9),
            dirty: stream(10),
            platform_records: stream(11),
            plans: stream(12),
            campaigns: stream(13),
            promotions: stream(14),
            keywords: stream(31),
            unsubscribed: stream(32),
            refills: stream(21),
            affiliates: stream(33),
            inquiries: stream(22),
            page_views: stream(19),
            links: stream(40),
            item_traffic: stream(34),
        };
        let mut world = World {
            calendar,
            shops,
            streams,
            text_ids: options.ids == Ids::Text,
            customers,
            people,
            rate: 0.0,
            exported: 0.0,
            exported_refunds: (options.superseded * 5.0).min(1.0),
            expected_lines: orders * MEAN_LINES,
            expected_rows: orders * MEAN_LINES,
        };
        world.rate = world.solve_rate(orders);
        world.exported = world.solve_versions(options.superseded);
        world
    }

    /// An even sample of the customers of the shop, and the number of customers that each one represents.
    fn survey(&self, shop: &Shop) -> (impl Iterator<Item = u32> + use<>, f64) {
        let step = shop.customers.div_ceil(SURVEYED / self.shops.len().max(1) as u32).max(1);
        let first = (step / 2).min(shop.customers.saturating_sub(1));
        let surveyed = (first..shop.customers).step_by(step as usize);
        let count = surveyed.len().max(1);
        (surveyed, f64::from(shop.customers) / count as f64)
    }

    /// Every customer has a first order; the expected number of further ones is proportional to rate × time as a customer,
    /// so one factor gives the requested number.
    fn solve_rate(&self, orders: f64) -> f64 {
        let end = self.calendar.position(self.calendar.days);
        let mut repeats = 0.0;
        for shop in &self.shops {
            let (surveyed, stands_for) = self.survey(shop);
            let sum: f64 = surveyed
                .map(|within| {
                    let customer = Customer::new(self, shop, within);
                    customer.rate * (customer.leaves.min(end) - customer.arrives).max(0.0)
                })
                .sum();
            repeats += sum * stands_for;
        }
        if repeats > 0.0 { ((orders - self.customers as f64) / repeats).max(0.0) } else { 0.0 }
    }

    /// The probability with which ordinary superseded versions are exported that gives them this share of all rows.
    fn solve_versions(&mut self, share: f64) -> f64 {
        let extra = share / (1.0 - share);
        let (mut lines, mut ordinary, mut notable) = (0.0, 0.0, 0.0);
        for shop in &self.shops {
            let (surveyed, stands_for) = self.survey(shop);
            for within in surveyed.step_by(4) {
                let mut walk = Walk::new(self, shop, within);
                while let Some((number, created)) = walk.next(self) {
                    let customer = shop.first_customer + within;
                    let order = Order::new(self, shop, customer, number, created);
                    let weight = stands_for * f64::from(order.lines);
                    lines += weight;
                    for version in order.superseded(self.calendar.end()) {
                        *(if version.is_notable { &mut notable } else { &mut ordinary }) += weight;
                    }
                    if number > 200 {
                        break;
                    }
                }
            }
        }
        if lines <= 0.0 {
            return 0.0;
        }
        let rows = |chance: f64| (chance.min(1.0) * ordinary + (chance * order::NOTABLE).min(1.0) * notable) / lines;
        // The share of rows increases with the probability, so bisection finds it.
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..50 {
            let middle = (low + high) / 2.0;
            if rows(middle) < extra {
                low = middle;
            } else {
                high = middle;
            }
        }
        let chance = if share > 0.0 { high } else { 0.0 };
        self.expected_rows = self.expected_lines * (1.0 + rows(chance));
        chance
    }
}
