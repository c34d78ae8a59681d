//! What the walk over histories gathers of each customer for `customers` and `segment_value`.

use arrow::record_batch::RecordBatch;

use super::customer_columns::CustomerColumns;
use super::customer_keys::mixed;
use crate::error::Result;
use crate::history::{Fold, History, Order};
use crate::metric::median::doubled_median;
use crate::spec::{DAY_MICROSECONDS, Day, NO_DAY};

/// One row per customer with at least one purchase.
///
/// Customers come in ascending runs of (shop, id), one a bucket. Where a run begins is seen from the keys when all are
/// there, so that runs absorbed from elsewhere are no different from runs walked over here.
#[derive(Debug, Default)]
pub struct CustomerFold {
    wants: Wants,
    columns: CustomerColumns,
    absorbed: Vec<RecordBatch>,
    has_mixed_ids: bool,
    intervals: Vec<u32>,
}

/// What is gathered only where a table asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wants {
    /// The same customers up to this day too.
    pub before: Option<Day>,
    /// What conditions of lists ask about.
    pub lists: bool,
}

impl CustomerFold {
    /// A fold that gathers what is always wanted, and this.
    pub fn new(wants: Wants) -> Self {
        CustomerFold { wants, ..CustomerFold::default() }
    }

    /// Adds the figures of a customer up to `day`; zeros where there was no purchase yet.
    fn push_before(columns: &mut CustomerColumns, history: &History<'_>, day: Day) {
        let days = &history.purchase_days[..history.purchase_days.partition_point(|purchase| *purchase <= day)];
        let last = days.last().copied();
        let interval = days.len().checked_sub(2).and_then(|place| Some(last?.abs_diff(*days.get(place)?)));
        columns.days_before.push(days.len() as u32);
        columns.last_day_before.push(last.unwrap_or(0));
        columns.last_interval_before.push(interval.unwrap_or(0));
        columns.net_revenue_before.push(history.purchases().filter(|order| order.paid_day <= day).map(Order::net_revenue).sum());
    }
}

impl Fold for CustomerFold {
    fn customer(&mut self, history: &History<'_>) {
        let days = history.purchase_days;
        let mut purchases = history.purchases();
        let (Some(first), Some(first_day), Some(last_day)) = (purchases.next(), days.first(), days.last()) else { return };
        if !self.columns.keys.id.push(history.customer) {
            self.has_mixed_ids = true;
            return;
        }
        let (mut last, mut orders) = (first, 1);
        let (mut quantity, mut paid_amount, mut refund_amount) = (first.quantity, first.paid_amount, first.refunded);
        for order in purchases {
            orders += 1;
            quantity += order.quantity;
            paid_amount += order.paid_amount;
            refund_amount += order.refunded;
            last = order;
        }
        self.intervals.clear();
        self.intervals.extend(days.windows(2).map(|pair| pair[0].abs_diff(pair[1])));
        let columns = &mut self.columns;
        columns.keys.shop.push(history.shop);
        columns.first_day.push(*first_day);
        columns.last_day.push(*last_day);
        columns.purchase_days.push(days.len() as u32);
        columns.orders.push(orders);
        columns.quantity.push(quantity);
        columns.paid_amount.push(paid_amount);
        columns.refund_amount.push(refund_amount);
        columns.last_interval.push(self.intervals.last().copied().unwrap_or(0));
        columns.doubled_median_interval.push(doubled_median(&mut self.intervals).unwrap_or(0));
        columns.first_channel.push(first.channel);
        columns.first_category.push(first.category);
        columns.province.push(last.province);
        if let Some(day) = self.wants.before {
            CustomerFold::push_before(columns, history, day);
        }
        if self.wants.lists {
            let completed = history.purchases().map(|order| order.completed_day).filter(|day| *day != NO_DAY);
            columns.last_paid_second.push((last.paid.rem_euclid(DAY_MICROSECONDS) / 1_000_000) as u32);
            columns.first_completed.push(completed.min().unwrap_or(NO_DAY));
            columns.last_item.push(last.item);
        }
    }

    fn partial(&mut self) -> Result<Vec<RecordBatch>> {
        let (columns, mut absorbed) = (std::mem::take(&mut self.columns), std::mem::take(&mut self.absorbed));
        if std::mem::take(&mut self.has_mixed_ids) {
            return Err(mixed());
        }
        if !columns.is_empty() {
            absorbed.push(columns.into_batch()?);
        }
        Ok(absorbed)
    }

    fn absorb(&mut self, partial: &[RecordBatch]) -> Result<()> {
        self.absorbed.extend_from_slice(partial);
        Ok(())
    }
}
