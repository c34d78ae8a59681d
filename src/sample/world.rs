//! The model that generates the rows: calendar, shops, streams of random numbers, and two figures that are solved for the
//! requested numbers of lines and of versions.

use super::Options;
use super::calendar::Calendar;
use super::customer::{Customer, Walk};
use super::order::{self, MEAN_LINES};
use super::random::{Draws, Stream};
use super::shop::{self, Shop};

/// Customer numbers are below this; larger ones are reserved for bad rows.
pub const MOST_CUSTOMERS: u64 = 1 << 29;
/// The number of customers that are sampled to solve the figures: rates vary so much that fewer would give errors of per cents.
const SURVEYED: u32 = 400_000;

/// One independent stream for each purpose, so that a new purpose changes no other data.
#[derive(Debug)]
pub struct Streams {
    /// Customers: when they leave, how they came, how often they buy.
    pub customers: Stream,
    /// The wait between two orders of a customer.
    pub gaps: Stream,
    /// The course of orders.
    pub orders: Stream,
    /// The contents of orders.
    pub baskets: Stream,
    /// Which versions of orders were exported.
    pub versions: Stream,
    /// Ratings.
    pub ratings: Stream,
    /// Traffic.
    pub traffic: Stream,
    /// Items.
    pub items: Stream,
    /// Bad rows.
    pub dirty: Stream,
    /// The platform's records of shops and categories.
    pub platform_records: Stream,
    /// Plans.
    pub plans: Stream,
    /// Campaigns and their audiences.
    pub campaigns: Stream,
}

/// Everything that decides the rows.
#[derive(Debug)]
pub struct World {
    /// The days and their business.
    pub calendar: Calendar,
    /// The shops.
    pub shops: Vec<Shop>,
    /// The streams of random numbers.
    pub streams: Streams,
    /// Whether ids are texts.
    pub text_ids: bool,
    /// All customers.
    pub customers: u64,
    /// The people behind the customers.
    pub people: u64,
    /// The factor of the purchase rates that gives the requested number of orders.
    pub rate: f64,
    /// The chance that an ordinary superseded version was exported.
    pub exported: f64,
    /// The chance that the first version of a refund application was exported.
    pub exported_refunds: f64,
    /// The expected number of lines, each counted once.
    pub expected_lines: f64,
    /// The expected number of rows of the orders input: lines and their superseded versions.
    pub expected_rows: f64,
}

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
        };
        let mut world = World {
            calendar,
            shops,
            streams,
            text_ids: options.ids == super::Ids::Text,
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

    /// The shop of a customer.
    pub fn shop_of(&self, customer: u32) -> &Shop {
        // The last shop that begins at or before the customer; shops without customers begin where the next one does.
        let after = self.shops.partition_point(|shop| shop.first_customer <= customer);
        &self.shops[after.saturating_sub(1)]
    }

    /// The draws about one order, from the stream of their purpose.
    pub fn of_order(&self, stream: Stream, customer: u32, number: u32) -> Draws {
        stream.at((u64::from(customer) << 32) | u64::from(number))
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
                    let order = order::Order::new(self, shop, customer, number, created);
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
