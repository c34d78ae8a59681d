//! Item refund fold: what went back of each item, by the reason that customers gave.

use arrow::record_batch::RecordBatch;

use super::super::codes::CodeOf;
use super::super::layout::{Key, Layout};
use super::super::missing::Missing;
use super::super::spec::{FoldSpec, Pace};
use super::super::tally::{Cell, Tally, add_count, add_sum};
use crate::error::{Error, Result};
use crate::history::{Context, Fold, History};
use crate::spec::{Day, NO_DAY};

/// Days of the last refunds, and of those before them.
const RECENT: Day = 30;

/// What went back of items, and why.
pub static ITEM_REFUNDS: FoldSpec<ItemRefundFold> =
    FoldSpec { name: "item_refunds", version: 1, pace: Pace::AsTheyCome, new: |context, _| ItemRefundFold::new(context) };

/// What went back of an item for a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Refunded {
    /// What went back by the as-of date, in minor units.
    pub amount: i64,
    /// What of it was paid out in the last 30 days, the as-of date included, in minor units.
    pub amount_30: i64,
    /// The same of the 30 days before these.
    pub amount_30_before: i64,
    /// Orders of which something of the item went back for the reason.
    pub orders: u32,
}

impl Cell<4> for Refunded {
    fn counters(&self) -> [i64; 4] {
        [self.amount, self.amount_30, self.amount_30_before, self.orders.into()]
    }

    fn add(&mut self, &[amount, amount_30, amount_30_before, orders]: &[i64; 4]) -> Option<()> {
        add_sum(&mut self.amount, amount)?;
        add_sum(&mut self.amount_30, amount_30)?;
        add_sum(&mut self.amount_30_before, amount_30_before)?;
        add_count(&mut self.orders, orders)
    }
}

/// The state: a row for each key.
const LAYOUT: Layout<3, 4> = Layout {
    keys: [Key::Code(CodeOf::Shop), Key::Code(CodeOf::Item), Key::Code(CodeOf::RefundReason)],
    position: "zero",
    counters: ["amount", "amount_30", "amount_30_before", "orders"],
};

/// Gathers [`Refunded`] by shop, item and reason.
pub struct ItemRefundFold {
    refunds: Tally<3, Refunded>,
    missing: Missing,
    as_of: Day,
    /// The item and the reason of each part of the current order.
    keys: Vec<[i32; 2]>,
}

impl ItemRefundFold {
    /// A fold that has seen nobody.
    pub fn new(context: &Context) -> Self {
        let missing = Missing::of(&context.refund_reasons);
        ItemRefundFold { refunds: Tally::default(), missing, as_of: context.as_of, keys: Vec::new() }
    }

    /// What went back by shop, item and reason, ascending by their codes; reason 0 is none.
    pub fn sorted(&self) -> impl Iterator<Item = ([u32; 3], Refunded)> {
        self.refunds.sorted().into_iter().map(|(key, line)| (key.map(|code| code as u32), line.at(0)))
    }
}

impl Fold for ItemRefundFold {
    fn update(&mut self, history: &History<'_>) {
        let ItemRefundFold { refunds, missing, as_of, keys } = self;
        let shop = history.shop as i32;
        for order in history.item_refunds.chunk_by(|one, next| one.rank == next.rank) {
            keys.clear();
            for part in order {
                let key = [part.item as i32, missing.settled(part.reason.into())];
                let cell = refunds.line_mut([shop, key[0], key[1]]).cell(0);
                cell.amount += part.amount;
                let age = if part.day == NO_DAY { Day::MAX } else { as_of.saturating_sub(part.day) };
                if age < RECENT {
                    cell.amount_30 += part.amount;
                } else if age < 2 * RECENT {
                    cell.amount_30_before += part.amount;
                }
                keys.push(key);
            }
            // An order counts once for each of its items and reasons.
            keys.sort_unstable();
            keys.dedup();
            keys.iter().for_each(|[item, reason]| refunds.line_mut([shop, *item, *reason]).cell(0).orders += 1);
        }
    }

    fn counts_anonymous_orders(&self) -> bool {
        true
    }

    fn reads_item_refunds(&self) -> bool {
        true
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        Ok(vec![self.refunds.state(&LAYOUT)?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        match state {
            [] => Ok(()),
            [refunds] => self.refunds.merge(&LAYOUT, refunds),
            other => Err(Error::bug(format!("a state of {} batches given to the item refund fold", other.len()))),
        }
    }
}
