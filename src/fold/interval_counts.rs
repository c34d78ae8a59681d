//! Interval counts: the number of intervals between consecutive purchase days by length, separately for calibration and hold-out.

use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::layout::{Key, Layout, Rows};
use super::spec::{FoldSpec, Pace};
use super::tally::{Cell, Tally};
use crate::error::{Error, Result};
use crate::history::{Context, Fold, History};
use crate::spec::{Day, NO_DAY};

/// The intervals of one shop: days, and the number of intervals with that many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShopIntervals {
    /// Intervals that ended by the end of the calibration.
    pub calibration: Vec<(u32, u64)>,
    /// Intervals that ended after it, of customers who first bought by then, including those that began before it.
    pub held_out: Vec<(u32, u64)>,
    /// Intervals of customers who first bought after it.
    pub of_later_customers: Vec<(u32, u64)>,
}

impl ShopIntervals {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        self.calibration.iter().chain(&self.held_out).chain(&self.of_later_customers).copied()
    }
}

/// Repurchase intervals by length, separately for calibration and hold-out.
pub static INTERVAL_COUNTS: FoldSpec<IntervalCounts> =
    FoldSpec { name: "interval_counts", version: 1, pace: Pace::ByShop, new: |context, _| IntervalCounts::new(context) };

/// Counts intervals by (shop, days, when). Only models with a regularity need them.
#[derive(Debug)]
pub struct IntervalCounts {
    calibration_ends: Vec<Day>,
    /// Position `days × 3 + when`.
    intervals: Tally<1, [u32; 1]>,
}

/// The state. `when` is 0 for an interval that ended by the end of the calibration, 1 for one that ended after it, 2 for one of a customer
/// who first bought after it.
const INTERVALS: Layout<2, 1> = Layout { keys: [Key::Code(CodeOf::Shop), Key::Number("when")], position: "days", counters: ["intervals"] };

/// The number of values of `when`.
const KINDS: i32 = 3;

impl IntervalCounts {
    /// An empty fold.
    pub fn new(context: &Context) -> Self {
        IntervalCounts { calibration_ends: context.calibration_ends.clone(), intervals: Tally::default() }
    }

    /// The intervals of a shop.
    pub fn shop(&self, shop: u32) -> ShopIntervals {
        let mut found = ShopIntervals::default();
        let counted = self.intervals.line([shop as i32]).into_iter().flat_map(|line| line.counted());
        for (position, [count]) in counted {
            let of = match position.rem_euclid(KINDS) {
                0 => &mut found.calibration,
                1 => &mut found.held_out,
                _ => &mut found.of_later_customers,
            };
            of.push((position.div_euclid(KINDS).unsigned_abs(), count.unsigned_abs()));
        }
        found
    }
}

impl Fold for IntervalCounts {
    fn update(&mut self, history: &History<'_>) {
        let (Some(first), true) = (history.first_purchase_day(), history.purchase_days.len() > 1) else { return };
        let end = self.calibration_ends.get(history.shop as usize).copied().unwrap_or(NO_DAY);
        let line = self.intervals.line_mut([history.shop as i32]);
        for pair in history.purchase_days.windows(2) {
            let when = if first > end { 2 } else { i32::from(pair[1] > end) };
            line.cell((pair[1] - pair[0]) * KINDS + when)[0] += 1;
        }
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        let taken = std::mem::take(&mut self.intervals);
        let mut rows = Rows::new(&INTERVALS);
        for (shop, line) in taken.sorted() {
            let counted = line.counted().map(|(position, count)| (position.rem_euclid(KINDS), position.div_euclid(KINDS), count));
            counted.for_each(|(when, days, count)| rows.push([shop[0], when], days, count));
        }
        Ok(vec![rows.into_batch()?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        match state {
            [] => Ok(()),
            [intervals] => INTERVALS.rows(intervals, |[shop, when], days, counters| {
                self.intervals.line_mut([shop]).cell(days.checked_mul(KINDS)?.checked_add(when)?).add(counters)
            }),
            other => Err(Error::bug(format!("a state of counted intervals is 1 batch, not {}", other.len()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::*;

    #[test]
    fn an_interval_that_crosses_the_end_is_held_out() {
        let context = Context { calibration_ends: vec![100, 100, NO_DAY], ..integer_shops(0, 200) };
        let customers = [bought_on(0, &[10, 40, 100, 120]), bought_on(0, &[90, 101]), bought_on(0, &[101, 131]), bought_on(1, &[5])];
        let expected =
            ShopIntervals { calibration: vec![(30, 1), (60, 1)], held_out: vec![(11, 1), (20, 1)], of_later_customers: vec![(30, 1)] };
        let whole = folded(IntervalCounts::new(&context), &customers);
        assert_eq!(whole.shop(0), expected);
        assert_eq!(whole.shop(0).all().map(|(_, count)| count).sum::<u64>(), 5);
        assert_eq!(whole.shop(1), ShopIntervals::default());
        let parts = folded_in_parts(|| IntervalCounts::new(&context), &customers, &[3, 0, 1, 3]);
        assert_eq!(parts.shop(0), expected);
    }
}
