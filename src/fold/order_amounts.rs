//! Order amount fold: how many orders of each amount were paid in each month.

use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::layout::{Key, Layout, Rows};
use super::sparse_tally::SparseTally;
use super::spec::{FoldSpec, Pace};
use crate::error::Result;
use crate::history::{Context, Fold, History};
use crate::spec::Grain;

/// The state. An amount in minor units is `amount_high` × 2^31 + `amount_low`, so that any amount fits.
const AMOUNTS: Layout<3, 1> = Layout {
    keys: [Key::Code(CodeOf::Shop), Key::Number("month"), Key::Number("amount_high")],
    position: "amount_low",
    counters: ["orders"],
};

/// Bits of the lower part of an amount.
const LOW_BITS: u32 = 31;

/// What was paid for the orders of each month, order by order.
pub static ORDER_AMOUNTS: FoldSpec<OrderAmountFold> =
    FoldSpec { name: "order_amounts", version: 1, pace: Pace::ByShop, new: |context, _| OrderAmountFold::new(context) };

/// Counts paid orders by shop, month and amount.
#[derive(Debug, Default)]
pub struct OrderAmountFold {
    amounts: SparseTally<3, 1>,
}

/// The orders of a shop that were paid in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidMonth {
    /// The code of the shop.
    pub shop: u32,
    /// The index of the month: see [`Grain::index`].
    pub month: i32,
    /// The amounts that were paid for an order, ascending and in minor units, and how many orders cost so much.
    pub amounts: Vec<(i64, i64)>,
}

impl PaidMonth {
    /// How many orders there are.
    pub fn orders(&self) -> i64 {
        self.amounts.iter().map(|(_, orders)| orders).sum()
    }

    /// What was paid for them, in minor units.
    pub fn paid_amount(&self) -> i64 {
        self.amounts.iter().map(|(amount, orders)| amount * orders).sum()
    }
}

impl OrderAmountFold {
    /// A fold that has seen nobody.
    pub fn new(_: &Context) -> Self {
        OrderAmountFold::default()
    }

    /// The months with a paid order, ascending by shop and month.
    pub fn months(&self) -> Vec<PaidMonth> {
        let mut months: Vec<PaidMonth> = Vec::new();
        for ([shop, month, high], counted) in self.amounts.sorted() {
            let amounts = counted.into_iter().map(|(low, [orders])| (i64::from(high) << LOW_BITS | i64::from(low), i64::from(orders)));
            match months.last_mut() {
                Some(last) if (last.shop, last.month) == (shop as u32, month) => last.amounts.extend(amounts),
                _ => months.push(PaidMonth { shop: shop as u32, month, amounts: amounts.collect() }),
            }
        }
        months
    }
}

impl Fold for OrderAmountFold {
    fn update(&mut self, history: &History<'_>) {
        for order in history.paid_orders() {
            let high = (order.paid_amount >> LOW_BITS) as i32;
            let low = (order.paid_amount & ((1 << LOW_BITS) - 1)) as i32;
            self.amounts.line_mut([history.shop as i32, Grain::Month.index(order.paid_day), high]).add(low, [1]);
        }
    }

    fn counts_anonymous_orders(&self) -> bool {
        true
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        let mut rows = Rows::new(&AMOUNTS);
        for (key, counted) in std::mem::take(&mut self.amounts).sorted() {
            counted.into_iter().for_each(|(low, counters)| rows.push(key, low, counters.map(i64::from)));
        }
        Ok(vec![rows.into_batch()?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        state.iter().try_for_each(|batch| AMOUNTS.rows(batch, |key, low, counters| self.amounts.line_mut(key).add_counters(low, counters)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::{customer, day, folded, paid, placed, text_shops};

    #[test]
    fn amounts_of_any_size_are_counted_by_month() {
        let large = (3 << LOW_BITS) + 5;
        let orders = vec![
            paid("2024-01-31", 7),
            paid("2024-02-01", large),
            paid("2024-02-03", 5),
            paid("2024-02-09", 5).refunding(5),
            placed("2024-02-10", 9),
        ];
        let months = folded(OrderAmountFold::new(&text_shops(1, "2024-03-01")), &[customer(0, orders)]).months();
        let month = |on: &str| Grain::Month.index(day(on));
        assert_eq!(months.iter().map(|of| (of.shop, of.month)).collect::<Vec<_>>(), [(0, month("2024-01-01")), (0, month("2024-02-01"))]);
        assert_eq!((&months[0].amounts, &months[1].amounts), (&vec![(7, 1)], &vec![(5, 2), (large, 1)]));
        assert_eq!((months[1].orders(), months[1].paid_amount()), (3, large + 10));
    }
}
