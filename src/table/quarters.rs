//! Quarter fold: what assessments need of orders beyond their activity: refunded, settled and shipped, by quarter.

use arrow::record_batch::RecordBatch;

use super::calendar::Calendar;
use crate::error::{Error, Result};
use crate::history::tally::{Cell, add_sum};
use crate::history::{Context, Fold, History, Tally};
use crate::spec::NO_DAY;

/// What became of a shop's orders, by quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Of the orders paid in the quarter: what was refunded by the as-of date, in minor units.
    pub refunded: i64,
    /// Of the orders completed in the quarter: what was paid for them, in minor units.
    pub settled: i64,
    /// Of the orders paid in the quarter: those shipped by the as-of date.
    pub shipped_orders: i64,
    /// The time from paid to shipped summed over these, in seconds.
    pub shipping_seconds: i64,
}

impl Cell<4> for Outcome {
    fn counters(&self) -> [i64; 4] {
        [self.refunded, self.settled, self.shipped_orders, self.shipping_seconds]
    }

    fn add(&mut self, counters: &[i64; 4]) -> Option<()> {
        let own = [&mut self.refunded, &mut self.settled, &mut self.shipped_orders, &mut self.shipping_seconds];
        own.into_iter().zip(counters).try_for_each(|(own, more)| add_sum(own, *more))
    }
}

/// Gathers [`Outcome`] by shop and quarter.
pub struct QuarterFold {
    quarters: Tally<1, Outcome>,
    calendar: Calendar,
}

impl QuarterFold {
    /// A fold that has seen nobody.
    pub fn new(context: &Context) -> Self {
        QuarterFold { quarters: Tally::default(), calendar: Calendar::new(context) }
    }

    /// What became of a shop's orders in the quarter of that number.
    pub fn outcome(&self, shop: u32, quarter: i32) -> Outcome {
        self.quarters.line([shop as i32]).map_or_else(Outcome::default, |line| line.at(quarter))
    }
}

impl Fold for QuarterFold {
    fn customer(&mut self, history: &History<'_>) {
        let line = self.quarters.line_mut([history.shop as i32]);
        for order in history.orders {
            if order.is_paid() && (order.refunded != 0 || order.shipping_seconds >= 0) {
                let outcome = line.cell(self.calendar.quarter(order.paid_day));
                outcome.refunded += order.refunded;
                if order.shipping_seconds >= 0 {
                    outcome.shipped_orders += 1;
                    outcome.shipping_seconds += order.shipping_seconds;
                }
            }
            if order.completed_day != NO_DAY {
                line.cell(self.calendar.quarter(order.completed_day)).settled += order.paid_amount;
            }
        }
    }

    fn partial(&mut self) -> Result<Vec<RecordBatch>> {
        Ok(vec![self.quarters.partial()?])
    }

    fn absorb(&mut self, partial: &[RecordBatch]) -> Result<()> {
        let [quarters] = partial else {
            return Err(Error::defect(format!("a partial result of {} batches given to the quarter fold", partial.len())));
        };
        self.quarters.absorb(quarters)
    }
}
