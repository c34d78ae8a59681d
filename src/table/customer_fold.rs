//! What the walk over histories gathers of each customer for `customers` and `segment_value`.

use arrow::record_batch::RecordBatch;

use super::customer_columns::{CustomerColumns, mixed};
use crate::error::Result;
use crate::history::{Fold, History};
use crate::metric::median::doubled_median;

/// One row per customer with at least one purchase.
///
/// Customers come in ascending runs of (shop, id), one a bucket; where a run begins is seen from the keys, so that
/// runs absorbed from elsewhere are no different from runs walked over here.
#[derive(Debug, Default)]
pub struct CustomerFold {
    columns: CustomerColumns,
    /// The first row of each ascending run.
    runs: Vec<usize>,
    has_mixed_ids: bool,
    intervals: Vec<u32>,
}

impl CustomerFold {
    /// The rows and where their ascending runs begin.
    pub(super) fn into_rows(self) -> Result<(CustomerColumns, Vec<usize>)> {
        if self.has_mixed_ids { Err(mixed()) } else { Ok((self.columns, self.runs)) }
    }

    fn mark_runs(&mut self, first_new: usize) {
        for row in first_new..self.columns.len() {
            if row == 0 || self.columns.compare(row - 1, row).is_ge() {
                self.runs.push(row);
            }
        }
    }
}

impl Fold for CustomerFold {
    fn customer(&mut self, history: &History<'_>) {
        let days = history.purchase_days;
        let mut purchases = history.purchases();
        let (Some(first), Some(first_day), Some(last_day)) = (purchases.next(), days.first(), days.last()) else { return };
        if !self.columns.customer_id.push(history.customer) {
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
        columns.shop.push(history.shop);
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
        self.mark_runs(self.columns.len() - 1);
    }

    fn partial(&mut self) -> Result<Vec<RecordBatch>> {
        let (columns, _) = std::mem::take(self).into_rows()?;
        Ok(if columns.is_empty() { Vec::new() } else { vec![columns.into_batch()?] })
    }

    fn absorb(&mut self, partial: &[RecordBatch]) -> Result<()> {
        for batch in partial {
            let before = self.columns.len();
            self.columns.append(batch)?;
            self.mark_runs(before);
        }
        Ok(())
    }
}
