//! Brought: the counters of what a publisher, or nobody, brought in a month, and of whom it won.

use super::tally::{Cell, add_count, add_sum};
use crate::history::{Affiliated, History, Order};
use crate::input::records::affiliates::Commission;
use crate::spec::{Day, NO_DAY};

/// The days since the first purchase within which a second purchase day counts.
const REPURCHASE_DAYS: i32 = 90;
/// The days since the first purchase over which net revenue counts.
const REVENUE_DAYS: i32 = 180;

/// What was brought in a month of payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Brought {
    /// What was paid for the lines, in minor units.
    pub paid_amount: i64,
    /// What of it is left after refunds, in minor units.
    pub net_revenue: i64,
    /// The estimated commission, in minor units.
    pub estimated: i64,
    /// What of it was settled and not taken back, in minor units.
    pub settled: i64,
    /// What of it will not be paid, in minor units.
    pub clawed_back: i64,
    /// Days from payment to settlement, over the settled rows.
    pub settlement_days: i64,
    /// The net revenue of `customers_180` within 180 days of their first purchase, in minor units.
    pub net_revenue_180: i64,
    /// Affiliate rows.
    pub rows: u32,
    /// Of these, those that were settled.
    pub settled_rows: u32,
    /// Paid orders.
    pub orders: u32,
    /// Customers with a purchase among them.
    pub customers: u32,
    /// Customers whose first purchase is one of them.
    pub new_customers: u32,
    /// Of the new customers, those whose first purchase lies at least 90 days before the as-of date.
    pub customers_90: u32,
    /// Of these, those with a second purchase day within 90 days.
    pub repurchased_90: u32,
    /// Of the new customers, those whose first purchase lies at least 180 days before the as-of date.
    pub customers_180: u32,
}

/// Counters of [`Brought`].
pub const COUNTERS: usize = 15;

impl Brought {
    /// What became of the commissions.
    pub fn commission(&self) -> Commission {
        Commission { estimated: self.estimated, settled: self.settled, clawed_back: self.clawed_back }
    }

    /// Adds a row of an order that was paid on that day.
    pub fn note_row(&mut self, row: &Affiliated, paid_day: Day) {
        let Commission { estimated, settled, clawed_back } = row.commission;
        self.paid_amount += row.paid_amount;
        self.net_revenue += row.net_revenue;
        self.estimated += estimated;
        self.settled += settled;
        self.clawed_back += clawed_back;
        self.rows += 1;
        if row.settled_day != NO_DAY {
            self.settled_rows += 1;
            // Who settled on a day before the payment settled at once.
            self.settlement_days += i64::from((row.settled_day - paid_day).max(0));
        }
    }

    /// Adds a customer whose first purchase is one of the orders.
    pub fn note_newcomer(&mut self, newcomer: &Newcomer) {
        self.new_customers += 1;
        self.customers_90 += u32::from(newcomer.is_90_days_old);
        self.repurchased_90 += u32::from(newcomer.is_90_days_old && newcomer.came_back);
        if let Some(net_revenue) = newcomer.net_revenue_180 {
            self.customers_180 += 1;
            self.net_revenue_180 += net_revenue;
        }
    }
}

impl Cell<COUNTERS> for Brought {
    fn counters(&self) -> [i64; COUNTERS] {
        [
            self.paid_amount,
            self.net_revenue,
            self.estimated,
            self.settled,
            self.clawed_back,
            self.settlement_days,
            self.net_revenue_180,
            self.rows.into(),
            self.settled_rows.into(),
            self.orders.into(),
            self.customers.into(),
            self.new_customers.into(),
            self.customers_90.into(),
            self.repurchased_90.into(),
            self.customers_180.into(),
        ]
    }

    fn add(&mut self, counters: &[i64; COUNTERS]) -> Option<()> {
        let [sums @ .., rows, settled_rows, orders, customers, new_customers, customers_90, repurchased_90, customers_180] = counters;
        let own_sums = [
            &mut self.paid_amount,
            &mut self.net_revenue,
            &mut self.estimated,
            &mut self.settled,
            &mut self.clawed_back,
            &mut self.settlement_days,
            &mut self.net_revenue_180,
        ];
        own_sums.into_iter().zip(sums).try_for_each(|(own, more)| add_sum(own, *more))?;
        let own_counts = [
            (&mut self.rows, rows),
            (&mut self.settled_rows, settled_rows),
            (&mut self.orders, orders),
            (&mut self.customers, customers),
            (&mut self.new_customers, new_customers),
            (&mut self.customers_90, customers_90),
            (&mut self.repurchased_90, repurchased_90),
            (&mut self.customers_180, customers_180),
        ];
        own_counts.into_iter().try_for_each(|(own, more)| add_count(own, *more))
    }
}

/// The names of the counters in states.
pub const NAMES: [&str; COUNTERS] = [
    "paid_amount",
    "net_revenue",
    "estimated",
    "settled",
    "clawed_back",
    "settlement_days",
    "net_revenue_180",
    "rows",
    "settled_rows",
    "orders",
    "customers",
    "new_customers",
    "customers_90",
    "repurchased_90",
    "customers_180",
];

/// A customer whose first purchase is in the data.
pub struct Newcomer {
    /// The rank of the order that is the first purchase.
    pub rank: u32,
    is_90_days_old: bool,
    /// Whether there is a second purchase day within 90 days.
    came_back: bool,
    /// The net revenue within 180 days, in minor units; `None` where these have not passed.
    net_revenue_180: Option<i64>,
}

impl Newcomer {
    /// The customer of a history; `None` without a purchase, and where it is of nobody.
    pub fn of(history: &History<'_>, as_of: Day) -> Option<Newcomer> {
        let first = history.purchases().next().filter(|_| !history.is_anonymous)?;
        let age = as_of - first.paid_day;
        let until = first.paid_day + REVENUE_DAYS;
        let net_revenue = || {
            let purchases = history.purchases().take_while(|order| order.paid_day <= until);
            purchases.map(Order::net_revenue).sum::<i64>() - history.returned_by(until)
        };
        Some(Newcomer {
            rank: first.rank,
            is_90_days_old: age >= REPURCHASE_DAYS,
            came_back: history.purchase_days.get(1).is_some_and(|second| second - first.paid_day <= REPURCHASE_DAYS),
            net_revenue_180: (age >= REVENUE_DAYS).then(net_revenue),
        })
    }
}
