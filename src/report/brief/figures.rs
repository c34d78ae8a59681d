//! Figures of days: of one shop or of several together, of one day or of several.

use std::collections::BTreeMap;

use crate::metric::ratio::{in_units_of, ratio, ratio_of};
use crate::spec::{Day, Grain};

/// What a line of the page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Paid amount, in the currency.
    Paid,
    /// Paid orders.
    Orders,
    /// Visitors of a day; of several days their mean over the days of which they are known.
    Visitors,
    /// Paying customers of the days with visitors, for each of these visitors.
    Conversion,
    /// Customers who bought for the first time.
    NewCustomers,
    /// Amount refunded, in the currency.
    Refunds,
}

impl Figure {
    /// All of them in their order on the page.
    pub const ALL: [Figure; 6] =
        [Figure::Paid, Figure::Orders, Figure::Visitors, Figure::Conversion, Figure::NewCustomers, Figure::Refunds];

    /// The column of `shop_daily`, and the metric of `alerts`.
    pub fn column(self) -> &'static str {
        match self {
            Figure::Paid => "paid_amount",
            Figure::Orders => "paid_orders",
            Figure::Visitors => "uv",
            Figure::Conversion => "conversion",
            Figure::NewCustomers => "new_customers",
            Figure::Refunds => "refund_amount",
        }
    }

    /// Whether it is a share, which changes by percentage points.
    pub fn is_share(self) -> bool {
        self == Figure::Conversion
    }

    /// Whether it is an amount of money.
    pub fn is_money(self) -> bool {
        matches!(self, Figure::Paid | Figure::Refunds)
    }

    /// Whether less of it is better.
    pub fn is_cost(self) -> bool {
        self == Figure::Refunds
    }
}

/// Sums over days and shops. Money is in minor units; what no day knows is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Paid amount.
    pub paid: Option<i64>,
    /// Paid orders.
    pub orders: Option<i64>,
    /// Visitors.
    pub visitors: Option<i64>,
    /// Days with visitors, of whichever shop.
    pub days_with_visitors: i64,
    /// Paying customers where the visitors are known too, and these visitors.
    pub converted: Option<(i64, i64)>,
    /// Customers who bought for the first time.
    pub new_customers: Option<i64>,
    /// Amount refunded.
    pub refunds: Option<i64>,
}

/// The sum of what is known of two.
fn both(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.saturating_add(other)),
        (one, other) => one.or(other),
    }
}

impl Sums {
    /// The sums with those of another shop of the same day.
    fn beside(self, other: Sums) -> Sums {
        Sums { days_with_visitors: self.days_with_visitors.max(other.days_with_visitors), ..self.after(other) }
    }

    /// The sums with those of another day.
    fn after(self, other: Sums) -> Sums {
        let converted = match (self.converted, other.converted) {
            (Some(one), Some(other)) => Some((one.0.saturating_add(other.0), one.1.saturating_add(other.1))),
            (one, other) => one.or(other),
        };
        Sums {
            paid: both(self.paid, other.paid),
            orders: both(self.orders, other.orders),
            visitors: both(self.visitors, other.visitors),
            days_with_visitors: self.days_with_visitors + other.days_with_visitors,
            converted,
            new_customers: both(self.new_customers, other.new_customers),
            refunds: both(self.refunds, other.refunds),
        }
    }

    /// A figure; `None` where it is not known.
    pub fn value(&self, figure: Figure) -> Option<f64> {
        let money = |minor: i64| in_units_of(100.0, minor as f64);
        match figure {
            Figure::Paid => self.paid.map(money),
            Figure::Orders => self.orders.map(|orders| orders as f64),
            Figure::Visitors => ratio(self.visitors?, self.days_with_visitors),
            Figure::Conversion => self.converted.and_then(|(buyers, visitors)| ratio(buyers, visitors)),
            Figure::NewCustomers => self.new_customers.map(|customers| customers as f64),
            Figure::Refunds => self.refunds.map(money),
        }
    }
}

/// The days of a shop, or of several together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Days(BTreeMap<Day, Sums>);

impl Days {
    /// Adds a day of a shop.
    pub fn add(&mut self, day: Day, sums: Sums) {
        let known = self.0.entry(day).or_default();
        *known = known.beside(sums);
    }

    /// Adds the days of another shop.
    pub fn add_all(&mut self, other: &Days) {
        other.0.iter().for_each(|(day, sums)| self.add(*day, *sums));
    }

    /// A day; `None` where there is nothing of it.
    pub fn day(&self, day: Day) -> Option<Sums> {
        self.0.get(&day).copied()
    }

    /// What was paid in the days from one to another, as far as they are there, in minor units.
    pub fn paid(&self, first: Day, last: Day) -> i64 {
        self.0.range(first..=last.max(first)).filter_map(|(_, sums)| sums.paid).sum()
    }

    /// The sum of the days from one to another; `None` where not every one of them is there.
    pub fn span(&self, first: Day, last: Day) -> Option<Sums> {
        let found = self.0.range(first..=last.max(first));
        let (count, sum) = found.fold((0, Sums::default()), |(count, sum), (_, sums)| (count + 1, sum.after(*sums)));
        (count == last - first + 1).then_some(sum)
    }
}

/// The first and the last of the days of a month that correspond to those of the as-of date's month so far: as many from its first day on,
/// none of the month after it. 0 is the month itself, 1 the one before, 12 that of the year before.
pub fn month_to_date(as_of: Day, months_before: i32) -> (Day, Day) {
    let month = Grain::Month.index(as_of);
    let length = as_of - Grain::Month.start(month);
    let first = Grain::Month.start(month - months_before);
    (first, (first + length).min(Grain::Month.end(month - months_before)))
}

/// How a figure changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// One of both is not known.
    Unknown,
    /// From nothing, or more than tenfold: what it was says more than a rate.
    Was(f64),
    /// Relative to what it was.
    Rate(f64),
    /// By this much of a share.
    Points(f64),
}

/// The change of a figure.
pub fn change(figure: Figure, now: Option<f64>, before: Option<f64>) -> Change {
    /// Beyond this many times as much.
    const MOST: f64 = 10.0;
    let (Some(now), Some(before)) = (now, before) else { return Change::Unknown };
    if figure.is_share() {
        return Change::Points(now - before);
    }
    match ratio_of(now, before) {
        Some(times) if times.abs() <= MOST => Change::Rate(times - 1.0),
        _ => Change::Was(before),
    }
}
