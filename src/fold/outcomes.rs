//! Outcome fold: the figures of orders that assessments need besides their activity: refunded, settled and shipped, by day.

use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::layout::{Key, Layout};
use super::spec::{FoldSpec, Pace};
use super::tally::{Cell, Tally, add_sum};
use crate::error::{Error, Result};
use crate::history::{Fold, History};
use crate::spec::{Day, NO_DAY};

/// The outcomes of a shop's orders on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrderOutcome {
    /// Of the orders paid on the day: the amount refunded by the as-of date, in minor units.
    pub refunded: i64,
    /// Of the orders paid on the day: those of which anything went back by the as-of date.
    pub refunded_orders: i64,
    /// Of the orders completed on the day: the amount paid, in minor units.
    pub settled: i64,
    /// Of the orders completed on the day: the amount refunded by the as-of date, in minor units.
    pub settled_refunded: i64,
    /// Of the orders paid on the day: those shipped by the as-of date.
    pub shipped_orders: i64,
    /// The time from paid to shipped summed over these, in seconds.
    pub shipping_seconds: i64,
}

impl OrderOutcome {
    fn own(&mut self) -> [&mut i64; 6] {
        [
            &mut self.refunded,
            &mut self.refunded_orders,
            &mut self.settled,
            &mut self.settled_refunded,
            &mut self.shipped_orders,
            &mut self.shipping_seconds,
        ]
    }
}

impl Cell<6> for OrderOutcome {
    fn counters(&self) -> [i64; 6] {
        { *self }.own().map(|counter| *counter)
    }

    fn add(&mut self, counters: &[i64; 6]) -> Option<()> {
        self.own().into_iter().zip(counters).try_for_each(|(own, more)| add_sum(own, *more))
    }
}

/// The state.
const DAYS: Layout<1, 6> = Layout {
    keys: [Key::Code(CodeOf::Shop)],
    position: "day",
    counters: ["refunded", "refunded_orders", "settled", "settled_refunded", "shipped_orders", "shipping_seconds"],
};

/// The outcomes of orders by shop and day.
pub static OUTCOMES: FoldSpec<OutcomeFold> =
    FoldSpec { name: "outcomes", version: 2, pace: Pace::ByShop, new: |_, _| OutcomeFold::default() };

/// Sums [`OrderOutcome`] by shop and day.
#[derive(Default)]
pub struct OutcomeFold {
    days: Tally<1, OrderOutcome>,
}

impl OrderOutcome {
    /// The sum of both.
    pub fn plus(self, other: OrderOutcome) -> OrderOutcome {
        OrderOutcome {
            refunded: self.refunded + other.refunded,
            refunded_orders: self.refunded_orders + other.refunded_orders,
            settled: self.settled + other.settled,
            settled_refunded: self.settled_refunded + other.settled_refunded,
            shipped_orders: self.shipped_orders + other.shipped_orders,
            shipping_seconds: self.shipping_seconds + other.shipping_seconds,
        }
    }
}

impl OutcomeFold {
    /// The outcomes of a shop's orders on each day from `first` to `last`.
    pub fn days(&self, shop: u32, first: Day, last: Day) -> impl Iterator<Item = OrderOutcome> {
        let line = self.days.line([shop as i32]);
        (first..=last).map(move |day| line.map_or_else(OrderOutcome::default, |line| line.at(day)))
    }

    /// The sum over these days.
    pub fn between(&self, shop: u32, first: Day, last: Day) -> OrderOutcome {
        self.days(shop, first, last).fold(OrderOutcome::default(), OrderOutcome::plus)
    }
}

impl Fold for OutcomeFold {
    fn update(&mut self, history: &History<'_>) {
        let line = self.days.line_mut([history.shop as i32]);
        for order in history.orders {
            if order.is_paid() && (order.has_refund() || order.shipping_seconds >= 0) {
                let outcome = line.cell(order.paid_day);
                outcome.refunded += order.refunded;
                outcome.refunded_orders += i64::from(order.has_refund());
                if order.shipping_seconds >= 0 {
                    outcome.shipped_orders += 1;
                    outcome.shipping_seconds += order.shipping_seconds;
                }
            }
            if order.completed_day != NO_DAY {
                let outcome = line.cell(order.completed_day);
                outcome.settled += order.paid_amount;
                outcome.settled_refunded += order.refunded;
            }
        }
    }

    fn counts_anonymous_orders(&self) -> bool {
        true
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        Ok(vec![self.days.state(&DAYS)?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        match state {
            [] => Ok(()),
            [days] => self.days.merge(&DAYS, days),
            other => Err(Error::bug(format!("a state of {} batches given to the outcome fold", other.len()))),
        }
    }

    fn absorb(&mut self, other: Self) -> Result<()> {
        self.days.absorb(other.days)
    }
}
