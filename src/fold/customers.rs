//! Customer fold: the figures of each customer, for `customers`, `segment_value` and others.

use arrow::record_batch::RecordBatch;

use super::customer::columns::CustomerColumns;
use super::customer::keys::mixed;
use super::spec::{FoldPart, FoldSpec, Pace, Parts};
use crate::error::Result;
use crate::history::{Context, Fold, History, Order};
use crate::spec::{DAY_MICROSECONDS, Day, NO_DAY};
use crate::statistics::median::doubled_median;

/// The figures of every customer with a purchase.
pub static CUSTOMERS: FoldSpec<CustomerFold> =
    FoldSpec { name: "customers", version: 2, pace: Pace::AsTheyCome, new: |context, parts| CustomerFold::new(Wants::of(context, parts)) };

/// What the table `customers` says of the first and the second purchase besides.
pub static FIRSTS: FoldPart = FoldPart { name: "customers.firsts", of: &CUSTOMERS };

/// The same figures up to the day from which segment_migration starts.
pub static BEFORE: FoldPart = FoldPart { name: "customers.before", of: &CUSTOMERS };

/// The further figures of a customer that models of purchases and of their value need.
pub static CALIBRATION: FoldPart = FoldPart { name: "customers.calibration", of: &CUSTOMERS };

/// The further figures that conditions of lists use.
pub static LISTS: FoldPart = FoldPart { name: "customers.lists", of: &CUSTOMERS };

/// One row per customer with at least one purchase.
///
/// Customers come in ascending runs of (shop, id), one for each bucket. The beginnings of runs are found by the keys at the end, so that
/// runs of merged states are treated like those of this process.
#[derive(Debug, Default)]
pub struct CustomerFold {
    wants: Wants,
    columns: CustomerColumns,
    merged: Vec<RecordBatch>,
    has_mixed_ids: bool,
    intervals: Vec<u32>,
}

/// The figures that are computed only if a table reads them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wants {
    /// The further figures of the first and the second purchase.
    pub firsts: bool,
    /// The figures up to this day.
    pub before: Option<Day>,
    /// The figures of the forecast; by shop code the last day of the calibration of its models.
    pub calibration_ends: Option<Vec<Day>>,
    /// The further figures that conditions of lists use.
    pub lists: bool,
}

impl Wants {
    fn of(context: &Context, parts: &Parts) -> Self {
        Wants {
            firsts: parts.has(&FIRSTS),
            before: parts.has(&BEFORE).then_some(context.migration_from()),
            calibration_ends: parts.has(&CALIBRATION).then(|| context.calibration_ends.clone()),
            lists: parts.has(&LISTS),
        }
    }
}

impl CustomerFold {
    /// An empty fold for the figures that are always needed, and these.
    pub fn new(wants: Wants) -> Self {
        CustomerFold { wants, ..CustomerFold::default() }
    }

    /// Whether it computes the figures of the forecast.
    pub fn is_foreseen(&self) -> bool {
        self.wants.calibration_ends.is_some()
    }

    /// Adds the figures of a customer up to `day`; zeros without a purchase by then.
    fn push_before(columns: &mut CustomerColumns, history: &History<'_>, day: Day) {
        let days = &history.purchase_days[..history.purchase_days.partition_point(|purchase| *purchase <= day)];
        let last = days.last().copied();
        let interval = days.len().checked_sub(2).and_then(|place| Some(last?.abs_diff(*days.get(place)?)));
        columns.days_before.push(days.len() as u32);
        columns.last_day_before.push(last.unwrap_or(0));
        columns.last_interval_before.push(interval.unwrap_or(0));
        let (mut orders, mut bought) = (0, 0);
        for order in history.purchases().filter(|order| order.paid_day <= day) {
            orders += 1;
            bought += order.net_revenue();
        }
        columns.orders_before.push(orders);
        columns.net_revenue_before.push(bought - history.returned_by(day));
    }

    /// Adds the further figures of a customer that models of purchases and of their value use.
    fn push_calibration(columns: &mut CustomerColumns, history: &History<'_>, end: Day) {
        let known = &history.purchase_days[..history.purchase_days.partition_point(|purchase| *purchase <= end)];
        let first_day = history.first_purchase_day();
        let on_first_day = history.purchases().take_while(|order| Some(order.paid_day) == first_day);
        columns.first_day_revenue.push(on_first_day.map(Order::net_revenue).sum());
        columns.calibration_last_day.push(known.last().copied().unwrap_or(NO_DAY));
        columns.calibration_purchase_days.push(known.len() as u32);
    }
}

impl Fold for CustomerFold {
    fn update(&mut self, history: &History<'_>) {
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
        refund_amount += history.returned_by(Day::MAX);
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
        if self.wants.firsts {
            columns.second_day.push(days.get(1).copied().unwrap_or(NO_DAY));
            columns.first_order_amount.push(first.paid_amount);
            columns.first_item.push(first.item);
        }
        if let Some(day) = self.wants.before {
            CustomerFold::push_before(columns, history, day);
        }
        if let Some(ends) = &self.wants.calibration_ends {
            CustomerFold::push_calibration(columns, history, ends.get(history.shop as usize).copied().unwrap_or(NO_DAY));
        }
        if self.wants.lists {
            let completed = history.purchases().map(|order| order.completed_day).filter(|day| *day != NO_DAY);
            columns.last_paid_second.push((last.paid.rem_euclid(DAY_MICROSECONDS) / 1_000_000) as u32);
            columns.first_completed.push(completed.min().unwrap_or(NO_DAY));
            columns.last_item.push(last.item);
        }
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        let (columns, mut merged) = (std::mem::take(&mut self.columns), std::mem::take(&mut self.merged));
        if std::mem::take(&mut self.has_mixed_ids) {
            return Err(mixed());
        }
        if !columns.is_empty() {
            merged.push(columns.into_batch()?);
        }
        Ok(merged)
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        self.merged.extend_from_slice(state);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::{day, give, worked};

    #[test]
    fn what_models_are_told_of_six_customers_with_a_calibration_until_4_january() {
        let ends = vec![NO_DAY, day("2026-01-04"), day("2026-01-04")];
        let mut fold = CustomerFold::new(Wants { calibration_ends: Some(ends), ..Wants::default() });
        assert!(fold.is_foreseen());
        give(&mut fold, &worked());
        let columns = CustomerColumns::in_order(fold.state().unwrap()).unwrap();
        assert!(fold.is_foreseen(), "a state takes the figures only");
        // The first day of e is the first that was not refunded.
        assert_eq!(columns.first_day_revenue, [100_00, 50_00, 10_00, 20_00, 20_00, 0]);
        let last = [NO_DAY, day("2025-11-01"), day("2026-01-04"), day("2025-12-31"), day("2026-01-01"), NO_DAY];
        assert_eq!(columns.calibration_last_day, last);
        assert_eq!(columns.calibration_purchase_days, [0, 1, 2, 1, 1, 0]);
        assert!(columns.days_before.is_empty(), "nobody asked");
    }
}
