//! What the walk over histories gathers of each customer for `customers` and `segment_value`.

use arrow::record_batch::RecordBatch;

use super::customer_columns::CustomerColumns;
use super::customer_keys::mixed;
use crate::error::Result;
use crate::history::{Context, Fold, History};
use crate::metric::median::doubled_median;
use crate::spec::{Day, NO_DAY};

/// One row per customer with at least one purchase.
///
/// Customers come in ascending runs of (shop, id), one a bucket. Where a run begins is seen from the keys when all are
/// there, so that runs absorbed from elsewhere are no different from runs walked over here.
#[derive(Debug, Default)]
pub struct CustomerFold {
    calibration_ends: Vec<Day>,
    columns: CustomerColumns,
    absorbed: Vec<RecordBatch>,
    has_mixed_ids: bool,
    intervals: Vec<u32>,
}

impl CustomerFold {
    /// Nobody has come yet.
    pub fn new(context: &Context) -> Self {
        CustomerFold { calibration_ends: context.calibration_ends.clone(), ..CustomerFold::default() }
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
        let mut first_day_revenue = first.net_revenue();
        for order in purchases {
            if order.paid_day == *first_day {
                first_day_revenue += order.net_revenue();
            }
            orders += 1;
            quantity += order.quantity;
            paid_amount += order.paid_amount;
            refund_amount += order.refunded;
            last = order;
        }
        let end = self.calibration_ends.get(history.shop as usize).copied().unwrap_or(NO_DAY);
        let known = &days[..days.partition_point(|day| *day <= end)];
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
        columns.first_day_revenue.push(first_day_revenue);
        columns.calibration_last_day.push(known.last().copied().unwrap_or(NO_DAY));
        columns.calibration_purchase_days.push(known.len() as u32);
    }

    fn partial(&mut self) -> Result<Vec<RecordBatch>> {
        let calibration_ends = std::mem::take(&mut self.calibration_ends);
        let CustomerFold { columns, mut absorbed, has_mixed_ids, .. } =
            std::mem::replace(self, CustomerFold { calibration_ends, ..CustomerFold::default() });
        if has_mixed_ids {
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
