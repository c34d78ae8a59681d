//! The model that generates the rows: calendar, shops, streams of random numbers, and the figures of the data set.

use super::calendar::Calendar;
use super::random::{Draws, Stream};
use super::shop::Shop;

/// Customer numbers are below this; larger ones are reserved for bad rows.
pub const MOST_CUSTOMERS: u64 = 1 << 29;
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
    /// Promotions of orders.
    pub promotions: Stream,
    /// Searches for keywords.
    pub keywords: Stream,
    /// Customers who unsubscribe.
    pub unsubscribed: Stream,
    /// Items that are used up and bought again.
    pub refills: Stream,
    /// Affiliates.
    pub affiliates: Stream,
    /// Questions to agents.
    pub inquiries: Stream,
    /// Page views.
    pub page_views: Stream,
    /// Customers whose ids change.
    pub links: Stream,
    /// Traffic of items.
    pub item_traffic: Stream,
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
}
