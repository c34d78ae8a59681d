//! Quarter fold: what assessments need of orders beyond their activity: refunded, settled and shipped, by quarter.

use arrow::record_batch::RecordBatch;

use super::calendar::Calendar;
use crate::error::{Error, Result};
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

const COUNTERS: usize = 4;
const REFUNDED: usize = 0;
const SETTLED: usize = 1;
const SHIPPED_ORDERS: usize = 2;
const SHIPPING_SECONDS: usize = 3;

/// Gathers [`Outcome`] by shop and quarter.
pub struct QuarterFold {
    quarters: Tally<1, COUNTERS>,
    calendar: Calendar,
}

impl QuarterFold {
    /// A fold that has seen nobody.
    pub fn new(context: &Context) -> Self {
        QuarterFold { quarters: Tally::default(), calendar: Calendar::new(context) }
    }

    /// What became of a shop's orders in the quarter of that number.
    pub fn outcome(&self, shop: u32, quarter: i32) -> Outcome {
        let cell = self.quarters.line([shop as i32]).map_or([0; COUNTERS], |line| line.at(quarter));
        Outcome {
            refunded: cell[REFUNDED],
            settled: cell[SETTLED],
            shipped_orders: cell[SHIPPED_ORDERS],
            shipping_seconds: cell[SHIPPING_SECONDS],
        }
    }
}

impl Fold for QuarterFold {
    fn customer(&mut self, history: &History<'_>) {
        let shop = history.shop as i32;
        for order in history.orders {
            if order.is_paid() && (order.refunded != 0 || order.shipping_seconds >= 0) {
                let cell = self.quarters.cell([shop], self.calendar.quarter(order.paid_day));
                cell[REFUNDED] += order.refunded;
                if order.shipping_seconds >= 0 {
                    cell[SHIPPED_ORDERS] += 1;
                    cell[SHIPPING_SECONDS] += order.shipping_seconds;
                }
            }
            if order.completed_day != NO_DAY {
                self.quarters.cell([shop], self.calendar.quarter(order.completed_day))[SETTLED] += order.paid_amount;
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
