//! What alerts need of a shop's days beyond its activity, counted so that every day has had the same time: a day that is over is not better
//! known later.

use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::layout::{Key, Layout};
use super::spec::{FoldSpec, Pace};
use super::tally::{Cell, Tally, add_count};
use crate::error::Result;
use crate::history::{Context, Fold, History, Order};
use crate::spec::{DAY_MICROSECONDS, Day, day_of_time};

/// An hour in microseconds.
const HOUR: i64 = 60 * 60 * 1_000_000;

/// What alerts need of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AlertDay {
    /// The squares of what each customer paid on the day, summed, in squared minor units; orders without a customer each by itself. At most
    /// `i64::MAX`.
    pub squared_payments: i64,
    /// Of the orders placed on the day: those paid on the same day.
    pub paid_same_day: u32,
    /// Of the paid orders whose promised time of shipping ended on the day: those that were not shipped by then. An order that was refunded
    /// in full and never shipped is none.
    pub late_shipments: u32,
}

impl Cell<3> for AlertDay {
    fn counters(&self) -> [i64; 3] {
        [self.squared_payments, self.paid_same_day.into(), self.late_shipments.into()]
    }

    fn add(&mut self, counters: &[i64; 3]) -> Option<()> {
        let [squared_payments, paid_same_day, late_shipments] = *counters;
        self.squared_payments = self.squared_payments.saturating_add(squared_payments);
        add_count(&mut self.paid_same_day, paid_same_day)?;
        add_count(&mut self.late_shipments, late_shipments)
    }
}

/// The state.
const DAYS: Layout<1, 3> =
    Layout { keys: [Key::Code(CodeOf::Shop)], position: "day", counters: ["squared_payments", "paid_same_day", "late_shipments"] };

/// What alerts need of each day, by shop.
pub static ALERT_DAYS: FoldSpec<AlertDayFold> =
    FoldSpec { name: "alert_days", version: 1, pace: Pace::ByShop, new: |context, _| AlertDayFold::new(context) };

/// Gathers, by shop, an [`AlertDay`] of each day.
pub struct AlertDayFold {
    days: Tally<1, AlertDay>,
    as_of: Day,
    /// The promised time from paid to shipped, in microseconds.
    promise: i64,
}

impl AlertDayFold {
    /// A fold that has seen nobody.
    pub fn new(context: &Context) -> Self {
        AlertDayFold { days: Tally::default(), as_of: context.as_of, promise: i64::from(context.params.promise_hours) * HOUR }
    }

    /// What alerts need of a shop's days from `first` to `last`.
    pub fn days(&self, shop: u32, first: Day, last: Day) -> impl Iterator<Item = AlertDay> {
        let line = self.days.line([shop as i32]);
        (first..=last).map(move |day| line.map_or_else(AlertDay::default, |line| line.at(day)))
    }

    /// The day on which the promised time of an order ended without its having been shipped; `None` where it was shipped in time, may still
    /// be, or need not be.
    fn late_on(&self, order: &Order) -> Option<Day> {
        let due = order.paid.checked_add(self.promise)?;
        let is_shipped = order.shipping_seconds >= 0;
        let is_late = if is_shipped { order.shipping_seconds.saturating_mul(1_000_000) > self.promise } else { order.is_purchase() };
        (is_late && due < (i64::from(self.as_of) + 1) * DAY_MICROSECONDS).then(|| day_of_time(due))
    }
}

fn squared(amount: i64) -> i64 {
    amount.saturating_mul(amount)
}

impl Fold for AlertDayFold {
    fn update(&mut self, history: &History<'_>) {
        let late: Vec<Day> = history.paid_orders().iter().filter_map(|order| self.late_on(order)).collect();
        let line = self.days.line_mut([history.shop as i32]);
        late.into_iter().for_each(|day| line.cell(day).late_shipments += 1);
        for order in history.paid_orders() {
            line.cell(order.created_day).paid_same_day += u32::from(order.paid_day == order.created_day);
        }
        // What a customer pays on a day is one payment; of anonymous orders each is somebody else's.
        let is_one = |one: &Order, next: &Order| !history.is_anonymous && one.paid_day == next.paid_day;
        for payment in history.paid_orders().chunk_by(is_one) {
            let Some(first) = payment.first() else { continue };
            let amount = payment.iter().fold(0_i64, |sum, order| sum.saturating_add(order.paid_amount));
            let cell = line.cell(first.paid_day);
            cell.squared_payments = cell.squared_payments.saturating_add(squared(amount));
        }
    }

    fn counts_anonymous_orders(&self) -> bool {
        true
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        Ok(vec![self.days.state(&DAYS)?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        state.iter().try_for_each(|batch| self.days.merge(&DAYS, batch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::{customer, day, folded, histories, paid, paid_later, placed, text_shops};

    fn days(fold: &AlertDayFold, first: &str, last: &str) -> Vec<(i64, u32, u32)> {
        let days = fold.days(0, day(first), day(last));
        days.map(|day| (day.squared_payments, day.paid_same_day, day.late_shipments)).collect()
    }

    #[test]
    fn what_a_customer_pays_on_a_day_is_one_payment() {
        // Two orders of one day and one of the next; an order placed on the first day and paid on the second; one never paid.
        let orders = vec![
            paid("2024-01-01", 3),
            paid("2024-01-01", 4),
            paid("2024-01-02", 10),
            paid_later("2024-01-01", "2024-01-02", 2),
            placed("2024-01-02", 99),
        ];
        let context = text_shops(1, "2024-01-03");
        let anna = customer(0, orders);
        let fold = folded(AlertDayFold::new(&context), std::slice::from_ref(&anna));
        // (3 + 4)² and (10 + 2)².
        assert_eq!(days(&fold, "2024-01-01", "2024-01-02"), [(49, 2, 0), (144, 1, 0)]);
        // Nobody knows whose orders without a customer are: 3² + 4² and 10² + 2².
        let mut fold = AlertDayFold::new(&context);
        histories(&[anna]).for_each(|history| fold.update(&History { is_anonymous: true, ..history }));
        assert_eq!(days(&fold, "2024-01-01", "2024-01-02"), [(25, 2, 0), (104, 1, 0)]);
    }

    #[test]
    fn a_shipment_is_late_on_the_day_on_which_the_promise_ends() {
        let hours = |hours: i64| hours * 60 * 60;
        let shipped = |seconds| Order { shipping_seconds: seconds, ..paid("2024-01-01", 5) };
        let orders = vec![
            shipped(hours(48)),
            shipped(hours(48) + 1),
            // Refunded after it was shipped too late, and refunded before it was shipped.
            shipped(hours(90)).refunding(5),
            paid("2024-01-01", 5).refunding(5),
            // Not shipped: late on 4 January; that of 3 January ends at the first moment after the as-of date.
            paid("2024-01-02", 5),
            paid("2024-01-03", 5),
        ];
        let fold = folded(AlertDayFold::new(&text_shops(1, "2024-01-04")), &[customer(0, orders)]);
        let late: Vec<u32> = fold.days(0, day("2024-01-01"), day("2024-01-05")).map(|day| day.late_shipments).collect();
        assert_eq!(late, [0, 0, 2, 1, 0]);
    }

    #[test]
    fn a_square_too_large_is_the_largest_number() {
        let huge = customer(0, vec![paid("2024-01-01", i64::MAX - 1)]);
        let fold = folded(AlertDayFold::new(&text_shops(1, "2024-01-04")), &[huge.clone(), huge]);
        assert_eq!(days(&fold, "2024-01-01", "2024-01-01"), [(i64::MAX, 2, 0)]);
    }
}
