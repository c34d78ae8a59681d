//! Open-order fold, for the lists: for customers, the number and age of orders that are unpaid, not completed or have an open refund; for
//! shops, the days from shipping to completion.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowPrimitiveType, PrimitiveArray};
use arrow::datatypes::{Int32Type, Int64Type, UInt32Type};
use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::customer::columns::{KEYS, customer_columns, named, rearranged};
use super::customer::keys::{CustomerKeys, mixed};
use super::customer::order::ascending;
use super::layout::{Key, Layout};
use super::spec::{FoldSpec, Pace};
use super::tally::Tally;
use crate::error::Result;
use crate::history::{Context, Fold, History, Order};
use crate::spec::{DAY_MICROSECONDS, Day, NO_DAY, NO_TIME, NO_VALUE};
use crate::statistics::quantile::Distribution;

customer_columns! {
    /// One row per customer with an open order: unpaid, not completed, or with an open refund.
    OpenOrders {
        /// Orders that were placed, not paid and not closed.
        unpaid: UInt32Type;
        /// Of them, those between one hour and 25 hours old at the end of the as-of date.
        unpaid_last_day: UInt32Type;
        /// What they cost, in minor units.
        unpaid_amount: Int64Type;
        /// When the youngest of them was placed, local time in microseconds; [`NO_TIME`] without any.
        unpaid_since: Int64Type;
        /// Item code of the youngest of them.
        unpaid_item: UInt32Type;
        /// Purchases that were shipped and not completed.
        awaiting: UInt32Type;
        /// The day on which the oldest of them was shipped; [`NO_DAY`] without any.
        awaiting_since: Int32Type;
        /// Orders with a refund application that is open.
        open_refunds: UInt32Type;
    }
}

/// Customers with open orders.
pub static OPEN_ORDERS: FoldSpec<OpenOrderFold> =
    FoldSpec { name: "open_orders", version: 1, pace: Pace::AsTheyCome, new: |context, _| OpenOrderFold::new(context) };

/// The state of the completions.
const COMPLETIONS: Layout<1, 1> = Layout { keys: [Key::Code(CodeOf::Shop)], position: "days", counters: ["purchases"] };

/// Collects [`OpenOrders`], and by shop the days from shipping to completion. Most customers have nothing open and so no row.
#[derive(Debug)]
pub struct OpenOrderFold {
    columns: OpenOrders,
    merged: Vec<RecordBatch>,
    has_mixed_ids: bool,
    /// The end of what is known, local time in microseconds.
    end: i64,
    /// The ages of orders that count in `unpaid_last_day`, in microseconds.
    last: Range<i64>,
    /// Whether the inputs have the times of shipping and completion; without them all orders would stay open.
    knows_completion: bool,
    /// By shop: purchases by their days from shipping to completion.
    completions: Tally<1, [u32; 1]>,
}

/// An hour in microseconds: a younger order may still be paid without a reminder.
const HOUR: i64 = DAY_MICROSECONDS / 24;

/// One customer's row.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    unpaid: u32,
    unpaid_last_day: u32,
    unpaid_amount: i64,
    unpaid_since: i64,
    unpaid_item: u32,
    awaiting: u32,
    awaiting_since: Day,
    open_refunds: u32,
}

impl Waiting {
    const NOTHING: Waiting = Waiting {
        unpaid: 0,
        unpaid_last_day: 0,
        unpaid_amount: 0,
        unpaid_since: NO_TIME,
        unpaid_item: NO_VALUE,
        awaiting: 0,
        awaiting_since: NO_DAY,
        open_refunds: 0,
    };
}

/// The day on which a paid order was shipped; `None` if it was not.
fn shipped_day(order: &Order) -> Option<Day> {
    (order.shipping_seconds >= 0).then(|| (order.paid + order.shipping_seconds * 1_000_000).div_euclid(DAY_MICROSECONDS) as Day)
}

impl OpenOrderFold {
    /// An empty fold.
    pub fn new(context: &Context) -> Self {
        OpenOrderFold {
            columns: OpenOrders::default(),
            merged: Vec::new(),
            has_mixed_ids: false,
            end: context.end(),
            last: HOUR..HOUR + context.moment.map_or(DAY_MICROSECONDS, |moment| moment.every),
            knows_completion: context.features.shipped && context.features.completed,
            completions: Tally::default(),
        }
    }

    /// Returns the rows ascending by (shop, customer id), and by shop code, for shops that have some, the days from shipping to completion.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] if a customer occurs twice.
    pub fn finish(mut self) -> Result<(OpenOrders, Vec<(u32, Distribution)>)> {
        let completions = std::mem::take(&mut self.completions);
        let days = |counted: (i32, [i64; 1])| (i64::from(counted.0), counted.1[0]);
        let by_shop = completions.sorted().into_iter().map(|(shop, line)| (shop[0] as u32, Distribution::of(line.counted().map(days))));
        let by_shop = by_shop.collect();
        self.rows().and_then(OpenOrders::in_order).map(|orders| (orders, by_shop))
    }

    /// The rows of this process and of merged states.
    fn rows(&mut self) -> Result<Vec<RecordBatch>> {
        if std::mem::take(&mut self.has_mixed_ids) {
            return Err(mixed());
        }
        let columns = std::mem::take(&mut self.columns);
        let mut rows = std::mem::take(&mut self.merged);
        if !columns.is_empty() {
            rows.push(columns.into_batch()?);
        }
        Ok(rows)
    }

    /// Adds what is open of a paid order.
    fn take_paid(&mut self, shop: u32, order: &Order, waiting: &mut Waiting) {
        if let (true, true, Some(shipped)) = (self.knows_completion, order.is_purchase(), shipped_day(order)) {
            if order.completed_day == NO_DAY {
                waiting.awaiting += 1;
                let is_first = waiting.awaiting_since == NO_DAY || shipped < waiting.awaiting_since;
                waiting.awaiting_since = if is_first { shipped } else { waiting.awaiting_since };
            } else {
                self.completions.line_mut([shop as i32]).cell((order.completed_day - shipped).max(0))[0] += 1;
            }
        }
    }
}

impl Fold for OpenOrderFold {
    fn update(&mut self, history: &History<'_>) {
        let mut waiting = Waiting::NOTHING;
        for order in history.paid_orders() {
            self.take_paid(history.shop, order, &mut waiting);
        }
        // Unpaid orders are in the order of placing, so the last open one is the youngest.
        for order in history.orders.iter().skip(history.paid).filter(|order| !order.is_closed) {
            waiting.unpaid += 1;
            waiting.unpaid_last_day += u32::from(self.last.contains(&(self.end - order.created)));
            waiting.unpaid_amount += order.placed_amount;
            (waiting.unpaid_since, waiting.unpaid_item) = (order.created, order.item);
        }
        waiting.open_refunds = history.orders.iter().filter(|order| order.has_open_refund).count() as u32;
        if waiting.unpaid == 0 && waiting.awaiting == 0 && waiting.open_refunds == 0 {
            return;
        }
        let columns = &mut self.columns;
        if !columns.keys.id.push(history.customer) {
            self.has_mixed_ids = true;
            return;
        }
        columns.keys.shop.push(history.shop);
        columns.unpaid.push(waiting.unpaid);
        columns.unpaid_last_day.push(waiting.unpaid_last_day);
        columns.unpaid_amount.push(waiting.unpaid_amount);
        columns.unpaid_since.push(waiting.unpaid_since);
        columns.unpaid_item.push(waiting.unpaid_item);
        columns.awaiting.push(waiting.awaiting);
        columns.awaiting_since.push(waiting.awaiting_since);
        columns.open_refunds.push(waiting.open_refunds);
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        let mut state = vec![self.completions.state(&COMPLETIONS)?];
        state.extend(self.rows()?);
        Ok(state)
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        for batch in state {
            // The rows of customers have ids; the counts of shops have not.
            if batch.column_by_name(KEYS[0]).is_some() {
                self.merged.push(batch.clone());
            } else {
                self.completions.merge(&COMPLETIONS, batch)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Features;
    use crate::spec::Id;
    use crate::table::testing::{Customer, buyer, day, folded, paid, placed, signed_shops};

    /// Paid and shipped at midnight of a day, completed on that one.
    fn shipped(date: &str, days: i32, completed: Option<i32>) -> Order {
        let shipping_seconds = i64::from(days) * 86_400;
        Order { shipping_seconds, completed_day: completed.map_or(NO_DAY, |after| day(date) + days + after), ..paid(date, 50_00) }
    }

    fn buyers() -> Vec<Customer> {
        let unpaid = |date: &str| placed(date, 999_00);
        vec![
            buyer(1, Id::Text("done"), vec![shipped("2026-06-01", 2, Some(7)), shipped("2026-06-02", 0, Some(0))]),
            buyer(1, Id::Text("placed"), vec![unpaid("2026-06-29"), Order { item: 5, ..unpaid("2026-06-30") }]),
            buyer(1, Id::Text("closed"), vec![Order { is_closed: true, ..unpaid("2026-06-30") }]),
            buyer(
                2,
                Id::Text("waits"),
                vec![
                    shipped("2026-06-10", 3, None),
                    shipped("2026-06-11", 1, None),
                    // Refunded in full: nobody waits for it.
                    shipped("2026-06-01", 1, None).refunding(50_00),
                    Order { has_open_refund: true, ..paid("2026-06-20", 10_00) },
                ],
            ),
        ]
    }

    fn knowing() -> Context {
        let features = Features { shipped: true, completed: true, ..Features::default() };
        Context { features, ..signed_shops("2026-06-30") }
    }

    #[test]
    fn what_waits_by_hand() {
        let (orders, completions) = folded(OpenOrderFold::new(&knowing()), &buyers()).finish().unwrap();
        let ids: Vec<Id<'_>> = (0..orders.len()).map(|row| orders.keys.id.get(row)).collect();
        assert_eq!((ids, orders.keys.shop.clone()), (vec![Id::Text("placed"), Id::Text("waits")], vec![1, 2]));
        assert_eq!((orders.unpaid.clone(), orders.unpaid_amount.clone()), (vec![2, 0], vec![2 * 999_00, 0]));
        let youngest = i64::from(day("2026-06-30")) * DAY_MICROSECONDS;
        assert_eq!((orders.unpaid_since.clone(), orders.unpaid_item.clone()), (vec![youngest, NO_TIME], vec![5, 0]));
        // Shipped on the 13th and on the 12th.
        assert_eq!((orders.awaiting.clone(), orders.awaiting_since.clone()), (vec![0, 2], vec![NO_DAY, day("2026-06-12")]));
        assert_eq!(orders.open_refunds, [0, 1]);
        // 7 days and none: (0 + 7) / 2.
        let (shop, days) = &completions[0];
        assert_eq!((completions.len(), *shop, days.count(), days.quantile(50)), (1, 1, 2, Some(3.5)));
    }

    #[test]
    fn by_the_hour_each_order_is_on_one_list() {
        let hour = |hours: i64| i64::from(day("2026-06-30")) * DAY_MICROSECONDS + hours * HOUR;
        let placed_at = |time: i64| Order { created: time, ..placed("2026-06-30", 10_00) };
        let buyers = vec![buyer(1, Id::Text("a"), vec![placed_at(hour(8)), placed_at(hour(9) + 1), placed_at(hour(10))])];
        let counted = |at: i64, every: i64| {
            let moment = Some(crate::history::context::Moment { end: hour(at), every: every * HOUR });
            let (orders, _) = folded(OpenOrderFold::new(&Context { moment, ..signed_shops("2026-06-30") }), &buyers).finish().unwrap();
            orders.unpaid_last_day[0]
        };
        // At 10:00 that of 8:00 is two hours old, and was on the list of 9:00; that of 9:00 and a microsecond is no hour old yet.
        assert_eq!([9, 10, 11, 12].map(|at| counted(at, 1)), [1, 0, 2, 0]);
        // Every two hours: at 11:00 those that are one to three hours old, not the one of 8:00.
        assert_eq!([9, 11, 13].map(|at| counted(at, 2)), [1, 2, 0]);
        assert_eq!(counted(24, 24), 3);
    }

    #[test]
    fn without_times_of_completion_nobody_waits() {
        let (orders, completions) = folded(OpenOrderFold::new(&signed_shops("2026-06-30")), &buyers()).finish().unwrap();
        assert_eq!((orders.awaiting, completions), (vec![0, 0], vec![]));
    }

    #[test]
    fn states_merge_alike_in_any_split() {
        let (context, buyers) = (knowing(), buyers());
        let (whole, completions) = folded(OpenOrderFold::new(&context), &buyers).finish().unwrap();
        let mut merged = OpenOrderFold::new(&context);
        for buyer in buyers.iter().rev() {
            merged.merge(&folded(OpenOrderFold::new(&context), [buyer]).state().unwrap()).unwrap();
        }
        let (found, found_completions) = merged.finish().unwrap();
        assert_eq!(found.into_batch().unwrap(), whole.into_batch().unwrap());
        assert_eq!(found_completions, completions);
    }
}
