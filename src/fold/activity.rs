//! Activity fold: orders placed, paid and purchased by day, and distinct customers by day and by period.

use arrow::record_batch::RecordBatch;

use super::calendar::Calendar;
use super::dated_tally::{DatedLayout, DatedTally};
use super::spec::{FoldSpec, Pace, ScopedFold};
use super::tally::{Cell, Line, add_count, add_sum};
use crate::error::Result;
use crate::history::scopes::ScopeKind;
use crate::history::{Context, Fold, History, Order};
use crate::spec::{Day, Grain};

/// The activity of a shop on a day; the columns of the same names define each figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Activity {
    /// Orders placed.
    pub placed_orders: i64,
    /// What they cost when placed, in minor units.
    pub placed_amount: i64,
    /// Of the orders placed, those paid by the as-of date.
    pub placed_paid_orders: i64,
    /// Distinct customers who placed an order.
    pub placed_customers: i64,
    /// Orders paid.
    pub paid_orders: i64,
    /// What was paid for them, in minor units.
    pub paid_amount: i64,
    /// Items in them.
    pub paid_quantity: i64,
    /// Distinct customers who paid an order.
    pub paying_customers: i64,
    /// Of the orders paid, those not refunded in full.
    pub purchases: i64,
    /// Customers whose first purchase day it was.
    pub new_customers: i64,
    /// Customers with a purchase and an earlier purchase day.
    pub returning_customers: i64,
}

/// Counters of [`Activity`].
const DAY_COUNTERS: usize = 11;

/// The state.
const LAYOUT: DatedLayout<DAY_COUNTERS, 3> = DatedLayout::new(
    [
        "placed_amount",
        "paid_amount",
        "paid_quantity",
        "placed_orders",
        "placed_paid_orders",
        "placed_customers",
        "paid_orders",
        "paying_customers",
        "purchases",
        "new_customers",
        "returning_customers",
    ],
    ["placed", "paying", "purchasing"],
);

/// The counters of [`Activity`], in one cache line.
#[derive(Debug, Clone, Default)]
#[repr(align(64))]
struct DayCell {
    placed_amount: i64,
    paid_amount: i64,
    paid_quantity: i64,
    placed_orders: u32,
    placed_paid_orders: u32,
    placed_customers: u32,
    paid_orders: u32,
    paying_customers: u32,
    purchases: u32,
    new_customers: u32,
    returning_customers: u32,
}

impl DayCell {
    fn activity(&self) -> Activity {
        Activity {
            placed_orders: self.placed_orders.into(),
            placed_amount: self.placed_amount,
            placed_paid_orders: self.placed_paid_orders.into(),
            placed_customers: self.placed_customers.into(),
            paid_orders: self.paid_orders.into(),
            paid_amount: self.paid_amount,
            paid_quantity: self.paid_quantity,
            paying_customers: self.paying_customers.into(),
            purchases: self.purchases.into(),
            new_customers: self.new_customers.into(),
            returning_customers: self.returning_customers.into(),
        }
    }

    fn sums(&mut self) -> [&mut i64; 3] {
        [&mut self.placed_amount, &mut self.paid_amount, &mut self.paid_quantity]
    }

    fn counts(&mut self) -> [&mut u32; 8] {
        [
            &mut self.placed_orders,
            &mut self.placed_paid_orders,
            &mut self.placed_customers,
            &mut self.paid_orders,
            &mut self.paying_customers,
            &mut self.purchases,
            &mut self.new_customers,
            &mut self.returning_customers,
        ]
    }
}

impl Cell<DAY_COUNTERS> for DayCell {
    /// Sums first, then counts.
    fn counters(&self) -> [i64; DAY_COUNTERS] {
        let mut own = self.clone();
        let mut counters = [0; DAY_COUNTERS];
        let (sums, counts) = counters.split_at_mut(3);
        sums.iter_mut().zip(own.sums()).for_each(|(counter, sum)| *counter = *sum);
        counts.iter_mut().zip(own.counts()).for_each(|(counter, count)| *counter = i64::from(*count));
        counters
    }

    fn add(&mut self, counters: &[i64; DAY_COUNTERS]) -> Option<()> {
        let (sums, counts) = counters.split_at(3);
        self.sums().into_iter().zip(sums).try_for_each(|(own, more)| add_sum(own, *more))?;
        self.counts().into_iter().zip(counts).try_for_each(|(own, more)| add_count(own, *more))
    }
}

/// Distinct customers of a period. New ones have no counter: they add up over days, for a customer is new on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct People {
    /// Customers who placed an order in the period.
    pub placed: i64,
    /// Customers who paid an order in the period.
    pub paying: i64,
    /// Customers with a purchase in the period.
    pub purchasing: i64,
}

/// The distinct customers of a period.
type PeriodCell = [u32; 3];
const PLACED: usize = 0;
const PAYING: usize = 1;
const PURCHASING: usize = 2;

/// Orders by shop and day, and distinct customers by day and period.
pub static ACTIVITY: FoldSpec<ActivityFold> =
    FoldSpec { name: "activity", version: 1, pace: Pace::ByShop, new: |context, _| ActivityFold::new(context) };

/// The same over totals.
pub static SCOPED_ACTIVITY: ScopedFold<ActivityFold> =
    ScopedFold { name: "scoped_activity", of: &ACTIVITY, over: ScopeKind::Total, parts: &[] };

/// Counts, by shop, the [`Activity`] of each day and the [`People`] of each period.
pub struct ActivityFold {
    tally: DatedTally<DayCell, PeriodCell>,
    /// The activities of the current customer, by day.
    day_activities: Vec<DayActivity>,
}

impl ActivityFold {
    /// An empty fold.
    pub fn new(context: &Context) -> Self {
        ActivityFold { tally: DatedTally::new(context), day_activities: Vec::new() }
    }

    /// The activity of a shop on each day from `first` to `last`.
    pub fn days(&self, shop: u32, first: Day, last: Day) -> Vec<Activity> {
        let line = self.tally.days(shop);
        (first..=last).map(|day| line.map_or_else(Activity::default, |line| line.at(day).activity())).collect()
    }

    /// The distinct customers of a shop in the period with that index; the grain is one of the job's [`Grain::periods`].
    pub fn people(&self, shop: u32, grain: Grain, index: i32) -> People {
        let [placed, paying, purchasing] = self.tally.period(shop, grain, index).map(i64::from);
        People { placed, paying, purchasing }
    }
}

/// The activity of one customer on a day: one bit for each counter of [`PeriodCell`].
#[derive(Debug, Clone, Copy)]
struct DayActivity {
    day: Day,
    did: u8,
}

fn bit(did: u8, number: usize) -> u32 {
    u32::from(did >> number & 1)
}

/// Counts the orders of a customer, and collects the activities of the customer, ascending by day.
fn count_orders(days: &mut Line<DayCell>, orders: &[Order], day_activities: &mut Vec<DayActivity>) {
    day_activities.clear();
    for order in orders {
        let mut cell = days.cell(order.created_day);
        cell.placed_orders += 1;
        cell.placed_amount += order.placed_amount;
        let mut day_activity = DayActivity { day: order.created_day, did: 1 << PLACED };
        if order.is_paid() {
            cell.placed_paid_orders += 1;
            // Most orders are paid on the day on which they are placed.
            if order.paid_day != order.created_day {
                day_activities.push(day_activity);
                day_activity = DayActivity { day: order.paid_day, did: 0 };
                cell = days.cell(order.paid_day);
            }
            let is_purchase = order.is_purchase();
            cell.paid_orders += 1;
            cell.paid_amount += order.paid_amount;
            cell.paid_quantity += order.quantity;
            cell.purchases += u32::from(is_purchase);
            day_activity.did |= 1 << PAYING | u8::from(is_purchase) << PURCHASING;
        }
        day_activities.push(day_activity);
    }
    if !day_activities.is_sorted_by_key(|day_activity| day_activity.day) {
        day_activities.sort_unstable_by_key(|day_activity| day_activity.day);
    }
}

/// Counts a customer once on each active day, and once in each period with such a day.
fn count_once(days: &mut Line<DayCell>, mut periods: [&mut Line<PeriodCell>; 4], calendar: &Calendar, day_activities: &[DayActivity]) {
    let mut is_new = true;
    let mut known = [(i32::MIN, 0); 4];
    for same_day in day_activities.chunk_by(|one, next| one.day == next.day) {
        let Some(DayActivity { day, .. }) = same_day.first() else { continue };
        let did = same_day.iter().fold(0, |did, day_activity| did | day_activity.did);
        let cell = days.cell(*day);
        cell.placed_customers += bit(did, PLACED);
        cell.paying_customers += bit(did, PAYING);
        if bit(did, PURCHASING) == 1 {
            *(if is_new { &mut cell.new_customers } else { &mut cell.returning_customers }) += 1;
            is_new = false;
        }
        for ((line, index), (last, done)) in periods.iter_mut().zip(calendar.periods(*day)).zip(&mut known) {
            if *last != index {
                (*last, *done) = (index, 0);
            }
            let more = did & !*done;
            if more != 0 {
                *done |= more;
                for (number, counter) in line.cell(index).iter_mut().enumerate() {
                    *counter += bit(more, number);
                }
            }
        }
    }
}

impl Fold for ActivityFold {
    fn update(&mut self, history: &History<'_>) {
        let ActivityFold { tally, day_activities } = self;
        let (days, periods, calendar) = tally.lines(history.shop);
        count_orders(days, history.orders, day_activities);
        if !history.is_anonymous {
            count_once(days, periods, calendar, day_activities);
        }
    }

    fn counts_anonymous_orders(&self) -> bool {
        true
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
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::table::testing::{Customer, any_customers, any_week_start, folded, text_shops};

    /// Who did something on a day of the period, asked customer by customer.
    fn distinct(customers: &[Customer], shop: u32, grain: Grain, index: i32, day_of: fn(&Order) -> Option<Day>) -> i64 {
        let did = |orders: &[Order]| orders.iter().filter_map(day_of).any(|day| grain.index(day) == index);
        customers.iter().filter(|customer| customer.shop == shop && did(&customer.orders)).count() as i64
    }

    proptest! {
        #[test]
        fn people_are_those_found_by_asking_each(customers in any_customers(2), week_starts in any_week_start()) {
            let mut context = text_shops(2, "2024-12-31");
            context.params.week_starts = week_starts;
            let fold = folded(ActivityFold::new(&context), &customers);
            for grain in context.params.periods() {
                for index in grain.index(context.first_day)..=grain.index(context.as_of) {
                    let people = People {
                        placed: distinct(&customers, 1, grain, index, |order| Some(order.created_day)),
                        paying: distinct(&customers, 1, grain, index, |order| order.is_paid().then_some(order.paid_day)),
                        purchasing: distinct(&customers, 1, grain, index, |order| order.is_purchase().then_some(order.paid_day)),
                    };
                    prop_assert_eq!(fold.people(1, grain, index), people);
                }
            }
        }

        #[test]
        fn a_customer_is_new_once_and_returns_on_every_further_purchase_day(customers in any_customers(1)) {
            let context = text_shops(1, "2024-12-31");
            let days = folded(ActivityFold::new(&context), &customers).days(0, context.first_day, context.as_of);
            let purchase_days = |orders: &[Order]| orders.iter().filter(|order| order.is_purchase()).map(|order| order.paid_day).collect::<BTreeSet<Day>>().len() as i64;
            let counts: Vec<i64> = customers.iter().map(|customer| purchase_days(&customer.orders)).collect();
            prop_assert_eq!(days.iter().map(|day| day.new_customers).sum::<i64>(), counts.iter().filter(|count| **count > 0).count() as i64);
            prop_assert_eq!(days.iter().map(|day| day.returning_customers).sum::<i64>(), counts.iter().map(|count| (count - 1).max(0)).sum::<i64>());
            let orders = || customers.iter().flat_map(|customer| &customer.orders);
            prop_assert_eq!(days.iter().map(|day| day.placed_orders).sum::<i64>(), orders().count() as i64);
            prop_assert_eq!(days.iter().map(|day| day.paid_amount).sum::<i64>(), orders().map(|order| order.paid_amount).sum::<i64>());
            prop_assert_eq!(days.iter().map(|day| day.placed_paid_orders).sum::<i64>(), days.iter().map(|day| day.paid_orders).sum::<i64>());
        }

        #[test]
        fn parts_folded_apart_and_merged_are_the_whole(customers in any_customers(3), cut in 0usize..12) {
            let context = text_shops(3, "2024-12-31");
            let cut = cut.min(customers.len());
            let mut whole = folded(ActivityFold::new(&context), &customers);
            let mut one = folded(ActivityFold::new(&context), &customers[..cut]);
            one.merge(&folded(ActivityFold::new(&context), &customers[cut..]).state().unwrap()).unwrap();
            prop_assert_eq!(one.state().unwrap(), whole.state().unwrap());
        }
    }
}
