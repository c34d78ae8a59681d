//! Order item fold: how many of the orders paid in a month have several different items.

use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::layout::{Key, Layout};
use super::spec::{FoldSpec, Pace};
use super::tally::Tally;
use crate::error::{Error, Result};
use crate::history::{Fold, History};
use crate::spec::Grain;

/// The state.
const MONTHS: Layout<1, 2> =
    Layout { keys: [Key::Code(CodeOf::Shop)], position: "month", counters: ["orders_with_items", "orders_with_several"] };

/// Orders with one item and with several, by shop and month.
pub static ORDER_ITEMS: FoldSpec<OrderItemFold> =
    FoldSpec { name: "order_items", version: 1, pace: Pace::AsTheyCome, new: |_, _| OrderItemFold::default() };

/// Paid orders of a month that have a line with an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrdersWithItems {
    /// All of them.
    pub orders: i64,
    /// Those with at least two different items.
    pub with_several: i64,
}

/// Counts [`OrdersWithItems`] by shop and month.
#[derive(Default)]
pub struct OrderItemFold {
    months: Tally<1, [u32; 2]>,
}

impl OrderItemFold {
    /// The orders of a shop paid in the month of that number.
    pub fn month(&self, shop: u32, month: i32) -> OrdersWithItems {
        let [orders, with_several] = self.months.line([shop as i32]).map(|line| line.at(month)).unwrap_or_default();
        OrdersWithItems { orders: orders.into(), with_several: with_several.into() }
    }
}

impl Fold for OrderItemFold {
    fn update(&mut self, history: &History<'_>) {
        for (order, lines) in history.orders_with_items() {
            let has_several = lines.iter().any(|line| lines.first().is_some_and(|first| first.item != line.item));
            let line = self.months.line_mut([history.shop as i32]);
            let [orders, with_several] = line.cell(Grain::Month.index(order.paid_day));
            *orders += 1;
            *with_several += u32::from(has_several);
        }
    }

    fn counts_anonymous_orders(&self) -> bool {
        true
    }

    fn reads_lines(&self) -> bool {
        true
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        Ok(vec![self.months.state(&MONTHS)?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        match state {
            [] => Ok(()),
            [months] => self.months.merge(&MONTHS, months),
            other => Err(Error::bug(format!("a state of {} batches given to the order item fold", other.len()))),
        }
    }
}
