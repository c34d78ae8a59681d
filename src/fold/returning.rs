//! What new and returning customers kept of their purchases, by day and by period, and who returned within a year.

use arrow::record_batch::RecordBatch;

use super::dated_tally::{DatedLayout, DatedTally};
use super::spec::{FoldSpec, Pace, ScopedFold};
use super::tally::{Cell, add_count, add_sum};
use crate::error::Result;
use crate::history::scopes::ScopeKind;
use crate::history::{Context, Fold, History};
use crate::spec::{Day, Grain};

/// The days before a purchase day within which the one before makes an old buyer (老买家), as the platform counts.
const LOOK_BACK: Day = 365;

/// What new and returning customers of a day or a period bought; the columns of the same names define each figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Returning {
    /// The net revenue of purchases of new customers, in minor units.
    pub new_net_revenue: i64,
    /// The net revenue of purchases of returning customers, in minor units.
    pub returning_net_revenue: i64,
    /// Customers with a purchase, and an earlier one within the look-back.
    pub returning_customers_365: i64,
}

#[derive(Debug, Clone, Copy, Default)]
struct DayCell {
    new_net_revenue: i64,
    returning_net_revenue: i64,
    returning_customers_365: u32,
}

impl Cell<3> for DayCell {
    fn counters(&self) -> [i64; 3] {
        [self.new_net_revenue, self.returning_net_revenue, self.returning_customers_365.into()]
    }

    fn add(&mut self, counters: &[i64; 3]) -> Option<()> {
        let [new_net_revenue, returning_net_revenue, returning_customers_365] = *counters;
        add_sum(&mut self.new_net_revenue, new_net_revenue)?;
        add_sum(&mut self.returning_net_revenue, returning_net_revenue)?;
        add_count(&mut self.returning_customers_365, returning_customers_365)
    }
}

/// The revenue of returning customers has no counter: it is what the days have in all, less that of new ones.
#[derive(Debug, Clone, Copy, Default)]
struct PeriodCell {
    new_net_revenue: i64,
    returning_customers_365: u32,
}

impl Cell<2> for PeriodCell {
    fn counters(&self) -> [i64; 2] {
        [self.new_net_revenue, self.returning_customers_365.into()]
    }

    fn add(&mut self, counters: &[i64; 2]) -> Option<()> {
        let [new_net_revenue, returning_customers_365] = *counters;
        add_sum(&mut self.new_net_revenue, new_net_revenue)?;
        add_count(&mut self.returning_customers_365, returning_customers_365)
    }
}

/// The state.
const LAYOUT: DatedLayout<3, 2> = DatedLayout::new(
    ["new_net_revenue", "returning_net_revenue", "returning_customers_365"],
    ["new_net_revenue", "returning_customers_365"],
);

/// What new and returning customers bought, by shop and day and by period.
pub static RETURNING: FoldSpec<ReturningFold> =
    FoldSpec { name: "returning", version: 1, pace: Pace::ByShop, new: |context, _| ReturningFold::new(context) };

/// The same over totals.
pub static SCOPED_RETURNING: ScopedFold<ReturningFold> =
    ScopedFold { name: "scoped_returning", of: &RETURNING, over: ScopeKind::Total, parts: &[] };

/// Gathers, by shop, the [`Returning`] of each day and of each period.
pub struct ReturningFold {
    tally: DatedTally<DayCell, PeriodCell>,
}

impl ReturningFold {
    /// A fold that has seen nobody.
    pub fn new(context: &Context) -> Self {
        ReturningFold { tally: DatedTally::new(context) }
    }

    /// The figures of a shop on a day.
    pub fn day(&self, shop: u32, day: Day) -> Returning {
        let DayCell { new_net_revenue, returning_net_revenue, returning_customers_365 } =
            self.tally.days(shop).map(|line| line.at(day)).unwrap_or_default();
        Returning { new_net_revenue, returning_net_revenue, returning_customers_365: returning_customers_365.into() }
    }

    /// The figures of a shop in the period with that index; the grain is one of the job's [`Grain::periods`].
    pub fn period(&self, shop: u32, grain: Grain, index: i32) -> Returning {
        let PeriodCell { new_net_revenue, returning_customers_365 } = self.tally.period(shop, grain, index);
        let days = (grain.start(index)..=grain.end(index)).map(|day| self.day(shop, day));
        let net_revenue: i64 = days.map(|day| day.new_net_revenue + day.returning_net_revenue).sum();
        let returning_net_revenue = net_revenue - new_net_revenue;
        Returning { new_net_revenue, returning_net_revenue, returning_customers_365: returning_customers_365.into() }
    }
}

impl Fold for ReturningFold {
    fn update(&mut self, history: &History<'_>) {
        let Some(first) = history.first_purchase_day() else { return };
        let (days, mut periods, calendar) = self.tally.lines(history.shop);
        let first_periods = calendar.periods(first);
        let mut new_net_revenue = [0; 4];
        // The last purchase day so far, and its periods.
        let (mut last, mut last_periods) = (first, first_periods);
        for order in history.purchases() {
            let (cell, net_revenue) = (days.cell(order.paid_day), order.net_revenue());
            if order.paid_day == first {
                cell.new_net_revenue += net_revenue;
                new_net_revenue.iter_mut().for_each(|sum| *sum += net_revenue);
                continue;
            }
            cell.returning_net_revenue += net_revenue;
            if order.paid_day != last {
                let (before, before_periods) = (last, last_periods);
                (last, last_periods) = (order.paid_day, calendar.periods(order.paid_day));
                if last - before <= LOOK_BACK {
                    cell.returning_customers_365 += 1;
                    // The first purchase day of a period is the one whose day before lies in another.
                    for ((line, period), before) in periods.iter_mut().zip(last_periods).zip(before_periods) {
                        if period != before {
                            line.cell(period).returning_customers_365 += 1;
                        }
                    }
                }
            }
            for ((sum, first), period) in new_net_revenue.iter_mut().zip(first_periods).zip(last_periods) {
                *sum += if period == first { net_revenue } else { 0 };
            }
        }
        for ((line, first), net_revenue) in periods.iter_mut().zip(first_periods).zip(new_net_revenue) {
            line.cell(first).new_net_revenue += net_revenue;
        }
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        self.tally.state(&LAYOUT)
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        self.tally.merge(&LAYOUT, state)
    }

    fn absorb(&mut self, other: Self) -> Result<()> {
        self.tally.absorb(other.tally)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fold::activity::ActivityFold;
    use crate::history::Order;
    use crate::table::testing::{Customer, any_customers, any_week_start, bought_on, day, folded, text_shops};

    /// What a shop's customers bought in the period, asked customer by customer.
    fn asked(customers: &[Customer], grain: Grain, index: i32) -> Returning {
        let (start, end) = (grain.start(index), grain.end(index));
        let mut found = Returning::default();
        for customer in customers.iter().filter(|customer| customer.shop == 1) {
            let within = |order: &&Order| order.is_purchase() && (start..=end).contains(&order.paid_day);
            let net_revenue: i64 = customer.orders.iter().filter(within).map(Order::net_revenue).sum();
            let is_new = customer.days.iter().all(|day| *day >= start);
            *(if is_new { &mut found.new_net_revenue } else { &mut found.returning_net_revenue }) += net_revenue;
            if let Some(first) = customer.days.iter().find(|day| (start..=end).contains(day)) {
                found.returning_customers_365 += i64::from(customer.days.iter().any(|day| *day < start && *day >= first - 365));
            }
        }
        found
    }

    proptest! {
        #[test]
        fn figures_are_those_found_by_asking_each(customers in any_customers(2), week_starts in any_week_start()) {
            let mut context = text_shops(2, "2024-12-31");
            context.params.week_starts = week_starts;
            let fold = folded(ReturningFold::new(&context), &customers);
            for grain in context.params.periods() {
                for index in grain.index(context.first_day)..=grain.index(context.as_of) {
                    prop_assert_eq!(fold.period(1, grain, index), asked(&customers, grain, index));
                }
            }
            for day in context.first_day..=context.as_of {
                prop_assert_eq!(fold.day(1, day), asked(&customers, Grain::Day, day));
            }
        }

        #[test]
        fn no_more_return_within_a_year_than_at_all(customers in any_customers(2)) {
            let context = text_shops(2, "2024-12-31");
            let fold = folded(ReturningFold::new(&context), &customers);
            let days = folded(ActivityFold::new(&context), &customers).days(1, context.first_day, context.as_of);
            for (day, all) in (context.first_day..=context.as_of).zip(days) {
                prop_assert!(fold.day(1, day).returning_customers_365 <= all.returning_customers);
            }
        }

        #[test]
        fn parts_folded_apart_and_merged_are_the_whole(customers in any_customers(3), cut in 0usize..12) {
            let context = text_shops(3, "2024-12-31");
            let cut = cut.min(customers.len());
            let mut whole = folded(ReturningFold::new(&context), &customers);
            let mut one = folded(ReturningFold::new(&context), &customers[..cut]);
            one.merge(&folded(ReturningFold::new(&context), &customers[cut..]).state().unwrap()).unwrap();
            prop_assert_eq!(one.state().unwrap(), whole.state().unwrap());
        }
    }

    #[test]
    fn a_year_is_365_days() {
        let context = text_shops(1, "2024-12-31");
        // 2024 is a leap year: from 1 March to 29 February are 365 days, to 1 March 366.
        let fold = folded(
            ReturningFold::new(&context),
            &[bought_on(0, &["2023-03-01", "2024-02-29"]), bought_on(0, &["2023-03-01", "2024-03-01"])],
        );
        let within_a_year = |date: &str| fold.day(0, day(date)).returning_customers_365;
        assert_eq!((within_a_year("2024-02-29"), within_a_year("2024-03-01")), (1, 0));
        assert_eq!(
            fold.period(0, Grain::Year, 2024 - 1970),
            Returning { returning_net_revenue: 200, returning_customers_365: 1, ..Returning::default() }
        );
    }
}
