//! Cohort value fold: what customers brought within so many days of their first purchase, by cohort.

use arrow::record_batch::RecordBatch;

use super::cohort_tallies::{CohortLine, CohortTallies, CounterNames};
use super::spec::{FoldSpec, Pace};
use super::tally::{self, add_count, add_sum};
use crate::error::Result;
use crate::history::{Context, Fold, History};
use crate::spec::Day;

/// The windows: days since the first purchase day, which is day 0. That of 0 days has all customers.
pub const WINDOWS: [Day; 6] = [0, 30, 60, 90, 180, 365];

/// What customers brought within each of [`WINDOWS`], by cohort.
pub static COHORT_VALUES: FoldSpec<CohortValueFold> =
    FoldSpec { name: "cohort_values", version: 1, pace: Pace::ByShop, new: |context, _| CohortValueFold::new(context) };

/// The counters of a state. A window is known by its number in [`WINDOWS`].
const NAMES: CounterNames<4> = CounterNames { position: "window", counters: ["customers", "repurchased", "orders", "net_revenue"] };

/// Counts by (shop, dimension, value, grain, cohort) and window.
#[derive(Debug)]
pub struct CohortValueFold {
    cohorts: CohortTallies<Counters, 4>,
    as_of: Day,
}

/// The counters of a window.
#[derive(Debug, Clone, Default)]
pub struct Counters {
    net_revenue: i64,
    customers: u32,
    repurchased: u32,
    orders: u32,
}

impl tally::Cell<4> for Counters {
    fn counters(&self) -> [i64; 4] {
        [self.customers.into(), self.repurchased.into(), self.orders.into(), self.net_revenue]
    }

    fn add(&mut self, &[customers, repurchased, orders, net_revenue]: &[i64; 4]) -> Option<()> {
        add_count(&mut self.customers, customers)?;
        add_count(&mut self.repurchased, repurchased)?;
        add_count(&mut self.orders, orders)?;
        add_sum(&mut self.net_revenue, net_revenue)
    }
}

/// What the customers of a cohort who are old enough for a window brought within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Brought {
    /// Customers whose window has ended by the as-of date.
    pub customers: i64,
    /// Of these, those with a second purchase day in the window.
    pub repurchased: i64,
    /// Their purchases in the window, the first one included.
    pub orders: i64,
    /// The net revenue of these less what was returned in the window without a known order, in minor units.
    pub net_revenue: i64,
}

impl CohortLine<'_, Counters> {
    /// What was brought within the window of that number in [`WINDOWS`].
    pub fn brought(&self, window: usize) -> Brought {
        let Counters { net_revenue, customers, repurchased, orders } = self.cells.at(window as i32);
        Brought { customers: customers.into(), repurchased: repurchased.into(), orders: orders.into(), net_revenue }
    }
}

impl CohortValueFold {
    /// An empty fold for the grains and dimensions of the job.
    pub fn new(context: &Context) -> Self {
        CohortValueFold { cohorts: CohortTallies::new(context, NAMES), as_of: context.as_of }
    }

    /// The cohorts with customers, in the order of the table's rows.
    pub fn cohorts(&self, context: &Context) -> impl Iterator<Item = CohortLine<'_, Counters>> {
        self.cohorts.cohorts(context)
    }

    /// What a customer brought within each of [`WINDOWS`]; nothing within those that have not ended.
    fn brought(&self, history: &History<'_>) -> [Counters; WINDOWS.len()] {
        let first = history.first_purchase_day().unwrap_or(self.as_of);
        let second = history.purchase_days.get(1);
        WINDOWS.map(|days| {
            let end = first.saturating_add(days);
            if end > self.as_of {
                return Counters::default();
            }
            let within = history.purchases().take_while(|order| order.paid_day <= end);
            let (orders, paid) = within.fold((0, 0), |(orders, paid), order| (orders + 1, paid + order.net_revenue()));
            Counters {
                customers: 1,
                repurchased: u32::from(second.is_some_and(|second| *second <= end)),
                orders,
                net_revenue: paid - history.returned_by(end),
            }
        })
    }
}

impl Fold for CohortValueFold {
    fn update(&mut self, history: &History<'_>) {
        let brought = self.brought(history);
        self.cohorts.of_customer(history, |windows, _, _| {
            for (window, more) in (0..).zip(&brought).filter(|(_, more)| more.customers > 0) {
                let counters = windows.cell(window);
                counters.customers += more.customers;
                counters.repurchased += more.repurchased;
                counters.orders += more.orders;
                counters.net_revenue += more.net_revenue;
            }
        });
    }

    fn hand_over(&mut self, most: usize) -> Result<Vec<RecordBatch>> {
        self.cohorts.hand_over(most)
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        self.cohorts.state()
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        self.cohorts.merge(state)
    }

    fn absorb(&mut self, other: Self) -> Result<()> {
        self.cohorts.absorb(other.cohorts)
    }
}
