//! What shops placed and were paid in the last days, by the hour of the week.

use std::ops::RangeInclusive;

use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::layout::{Key, Layout};
use super::spec::{FoldSpec, Pace};
use super::tally::{Cell, Tally, add_count, add_sum};
use crate::error::Result;
use crate::history::{Context, Fold, History};
use crate::spec::Day;

/// Hours in a week: the first is that from Monday 00:00 on.
pub const WEEK_HOURS: i32 = 7 * 24;

/// An hour in microseconds.
const HOUR: i64 = 60 * 60 * 1_000_000;

/// Day 0, the first of January 1970, was a Thursday.
const HOURS_BEFORE_DAY_0: i64 = 3 * 24;

/// What was placed and paid at an hour of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HourCell {
    /// What was paid for the orders paid then, in minor units.
    pub paid_amount: i64,
    /// Orders placed then.
    pub placed_orders: u32,
    /// Orders paid then.
    pub paid_orders: u32,
}

impl Cell<3> for HourCell {
    fn counters(&self) -> [i64; 3] {
        [self.paid_amount, self.placed_orders.into(), self.paid_orders.into()]
    }

    fn add(&mut self, counters: &[i64; 3]) -> Option<()> {
        let [paid_amount, placed_orders, paid_orders] = *counters;
        add_sum(&mut self.paid_amount, paid_amount)?;
        add_count(&mut self.placed_orders, placed_orders)?;
        add_count(&mut self.paid_orders, paid_orders)
    }
}

/// The state.
const HOURS: Layout<1, 3> =
    Layout { keys: [Key::Code(CodeOf::Shop)], position: "hour_of_week", counters: ["paid_amount", "placed_orders", "paid_orders"] };

/// What shops placed and were paid in the last `timing_days` days, by the hour of the week.
pub static ORDER_HOURS: FoldSpec<OrderHourFold> =
    FoldSpec { name: "order_hours", version: 1, pace: Pace::ByShop, new: |context, _| OrderHourFold::new(context) };

/// Gathers, by shop, a [`HourCell`] of each hour of the week.
pub struct OrderHourFold {
    hours: Tally<1, HourCell>,
    window: RangeInclusive<Day>,
}

impl OrderHourFold {
    /// A fold that has seen nobody.
    pub fn new(context: &Context) -> Self {
        let first = context.as_of.saturating_sub(context.params.timing_days).saturating_add(1);
        OrderHourFold { hours: Tally::default(), window: first..=context.as_of }
    }

    /// The shops with an order placed or paid in the window, ascending by code, each with its hours of the week from the first one on.
    pub fn shops(&self) -> impl Iterator<Item = (u32, impl Iterator<Item = HourCell>)> {
        let lines = self.hours.sorted().into_iter().filter(|(_, line)| !line.is_empty());
        lines.map(|([shop], line)| (*shop as u32, (0..WEEK_HOURS).map(|hour| line.at(hour))))
    }
}

/// The hour of the week in which a local time in microseconds lies.
fn hour_of_week(time: i64) -> i32 {
    (time.div_euclid(HOUR) + HOURS_BEFORE_DAY_0).rem_euclid(WEEK_HOURS.into()) as i32
}

impl Fold for OrderHourFold {
    fn update(&mut self, history: &History<'_>) {
        let line = self.hours.line_mut([history.shop as i32]);
        for order in history.orders {
            if self.window.contains(&order.created_day) {
                line.cell(hour_of_week(order.created)).placed_orders += 1;
            }
            if order.is_paid() && self.window.contains(&order.paid_day) {
                let cell = line.cell(hour_of_week(order.paid));
                cell.paid_orders += 1;
                cell.paid_amount += order.paid_amount;
            }
        }
    }

    fn counts_anonymous_orders(&self) -> bool {
        true
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        Ok(vec![self.hours.state(&HOURS)?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        state.iter().try_for_each(|batch| self.hours.merge(&HOURS, batch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::DAY_MICROSECONDS;
    use crate::spec::period::parse_day;

    #[test]
    fn the_week_begins_on_monday_at_midnight() {
        let time = |date: &str| i64::from(parse_day(date).unwrap()) * DAY_MICROSECONDS;
        let monday = time("2026-11-16");
        assert_eq!([0, HOUR - 1, HOUR, DAY_MICROSECONDS].map(|after| hour_of_week(monday + after)), [0, 0, 1, 24]);
        assert_eq!(hour_of_week(monday - 1), WEEK_HOURS - 1);
        // Before 1970 too: 29 December 1969 was a Monday.
        assert_eq!((hour_of_week(time("1969-12-29")), hour_of_week(0)), (0, 72));
    }
}
