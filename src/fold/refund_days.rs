//! Refund-day fold: what went back of a shop's orders, by the day of the payment and the day of the refund.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::layout::{Key, Layout};
use super::spec::{FoldSpec, Pace};
use super::tally::{Cell, Tally, add_sum};
use crate::error::Result;
use crate::history::{Fold, History, PaidRefund};

/// What went back, in minor units.
#[derive(Debug, Clone, Copy, Default)]
struct Amount(i64);

impl Cell<1> for Amount {
    fn counters(&self) -> [i64; 1] {
        [self.0]
    }

    fn add(&mut self, counters: &[i64; 1]) -> Option<()> {
        add_sum(&mut self.0, counters[0])
    }
}

/// The state.
const AMOUNTS: Layout<2, 1> =
    Layout { keys: [Key::Code(CodeOf::Shop), Key::Number("paid_day")], position: "refund_day", counters: ["amount"] };

/// Refunds of orders by shop, day of payment and day of refund. Only a refunds input has the days.
pub static REFUND_DAYS: FoldSpec<RefundDayFold> =
    FoldSpec { name: "refund_days", version: 1, pace: Pace::ByShop, new: |_, _| RefundDayFold::default() };

/// Sums the refunds of orders.
#[derive(Default)]
pub struct RefundDayFold {
    /// By shop and day of payment, along the days of the refunds.
    amounts: Tally<2, Amount>,
}

impl RefundDayFold {
    /// By shop code: the refunds summed, ascending by the day of the payment and the day of the refund.
    pub fn by_shop(&self) -> BTreeMap<u32, Vec<PaidRefund>> {
        let mut shops: BTreeMap<u32, Vec<PaidRefund>> = BTreeMap::new();
        for ([shop, order_paid_day], line) in self.amounts.sorted() {
            let summed = line.counted().map(|(day, [amount])| PaidRefund { order_paid_day: *order_paid_day, day, amount });
            shops.entry(*shop as u32).or_default().extend(summed);
        }
        shops
    }
}

impl Fold for RefundDayFold {
    fn update(&mut self, history: &History<'_>) {
        for refund in history.refunds {
            self.amounts.line_mut([history.shop as i32, refund.order_paid_day]).cell(refund.day).0 += refund.amount;
        }
    }

    fn counts_anonymous_orders(&self) -> bool {
        true
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        Ok(vec![self.amounts.state(&AMOUNTS)?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        state.iter().try_for_each(|batch| self.amounts.merge(&AMOUNTS, batch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::{Customer, customer, day, folded, paid};

    #[test]
    fn refunds_of_two_days_of_payment_by_hand() {
        let refund = |paid_on: &str, on: &str, amount| PaidRefund { order_paid_day: day(paid_on), day: day(on), amount };
        let of = |shop, refunds: Vec<PaidRefund>| Customer { refunds, ..customer(shop, vec![paid("2024-01-01", 100)]) };
        let customers = [
            of(1, vec![refund("2024-01-02", "2024-03-01", 500), refund("2024-01-01", "2024-01-01", 30)]),
            of(1, vec![refund("2024-01-02", "2024-03-01", 7), refund("2024-01-02", "2024-01-05", 1)]),
            of(0, vec![]),
        ];
        let fold = folded(RefundDayFold::default(), &customers);
        let expected =
            vec![refund("2024-01-01", "2024-01-01", 30), refund("2024-01-02", "2024-01-05", 1), refund("2024-01-02", "2024-03-01", 507)];
        assert_eq!(fold.by_shop(), BTreeMap::from([(1, expected)]));
    }
}
