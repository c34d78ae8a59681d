//! Base: the customers of a shop in the form that models use: histories by cell up to the as-of date and up to the end of the
//! calibration, and the purchases in the hold-out of the customers of the calibration.

use hashbrown::HashMap;
use rayon::prelude::*;

use crate::fold::customer::columns::CustomerColumns;
use crate::fold::interval_counts::ShopIntervals;
use crate::model::cells::{CellCounter, PatternCounts, RepeatPattern};
use crate::spec::{Day, NO_DAY};

/// Days in a period of the models: they count weeks, as their papers do.
pub const DAYS_PER_PERIOD: f64 = 7.0;

/// The purchases of a customer as the models use them, in days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurchaseSummary {
    /// First purchase day.
    pub first_day: Day,
    /// Last purchase day.
    pub last_day: Day,
    /// Purchase days.
    pub purchase_days: u32,
    /// Last purchase day up to the end of the calibration.
    pub calibration_last_day: Day,
    /// Purchase days up to then; 0 for customers who came later.
    pub calibration_purchase_days: u32,
}

impl PurchaseSummary {
    /// The customer in a row.
    #[inline]
    pub fn of(columns: &CustomerColumns, row: usize) -> Self {
        PurchaseSummary {
            first_day: columns.first_day[row],
            last_day: columns.last_day[row],
            purchase_days: columns.purchase_days[row],
            calibration_last_day: columns.calibration_last_day[row],
            calibration_purchase_days: columns.calibration_purchase_days[row],
        }
    }

    /// The history up to the as-of date.
    #[inline]
    pub fn history(&self, as_of: Day) -> RepeatPattern {
        RepeatPattern {
            repeats: self.purchase_days.saturating_sub(1),
            recency_days: self.first_day.abs_diff(self.last_day),
            age_days: self.first_day.abs_diff(as_of),
        }
    }

    /// The history up to the end of the calibration; `None` for customers who came later.
    fn calibration(&self, end: Day) -> Option<RepeatPattern> {
        (self.calibration_purchase_days > 0).then(|| RepeatPattern {
            repeats: self.calibration_purchase_days - 1,
            recency_days: self.first_day.abs_diff(self.calibration_last_day),
            age_days: self.first_day.abs_diff(end),
        })
    }
}

/// Counts the customers of a shop, in any order, and in parts that are merged.
#[derive(Debug, Default)]
pub struct BaseCounter {
    whole: CellCounter,
    /// By history up to the end of the calibration and history up to the as-of date.
    outcomes: HashMap<(RepeatPattern, RepeatPattern), u64>,
}

impl BaseCounter {
    /// Counts a customer as of a day, for that end of the calibration.
    pub fn add(&mut self, member: &PurchaseSummary, as_of: Day, calibration_end: Day) {
        let whole = member.history(as_of);
        self.whole.add(whole);
        if let Some(history) = member.calibration(calibration_end) {
            *self.outcomes.entry((history, whole)).or_default() += 1;
        }
    }

    /// Adds the counts of another part.
    pub fn merge(mut self, other: BaseCounter) -> Self {
        self.whole.merge(other.whole);
        for (key, customers) in other.outcomes {
            *self.outcomes.entry(key).or_default() += customers;
        }
        self
    }

    /// Returns the base. Without `intervals`, the lengths of single intervals are unknown.
    pub fn finish(self, as_of: Day, calibration_end: Day, intervals: Option<&ShopIntervals>) -> Base {
        let BaseCounter { mut whole, outcomes } = self;
        let mut calibration = CellCounter::default();
        outcomes.iter().for_each(|((history, _), customers)| calibration.add_many(*history, *customers));
        if let Some(intervals) = intervals {
            intervals.all().for_each(|(days, count)| whole.add_intervals(days, count));
            intervals.calibration.iter().for_each(|(days, count)| calibration.add_intervals(*days, *count));
        }
        // No table has the standard errors of the calibration, and one those of the whole, which asks for them.
        let finish = |counter: CellCounter| counter.finish(DAYS_PER_PERIOD).to_judge();
        let (calibration, whole) = rayon::join(|| finish(calibration), || finish(whole));
        let days = if calibration_end == NO_DAY { 0 } else { as_of.saturating_sub(calibration_end).max(0).unsigned_abs() };
        let held_out = (days > 0 && !calibration.is_empty()).then(|| {
            let mut outcomes: Vec<HeldOutCustomers> = outcomes
                .iter()
                .map(|((history, later), customers)| HeldOutCustomers {
                    cell: calibration.position(history).unwrap_or_default(),
                    purchases: later.repeats.saturating_sub(history.repeats),
                    whole: whole.position(later).unwrap_or_default(),
                    customers: *customers,
                })
                .collect();
            outcomes.sort_unstable_by_key(HeldOutCustomers::key);
            let intervals = intervals.map_or(&[][..], |intervals| &intervals.held_out);
            let ln = |(days, count): &(u32, u64)| *count as f64 * (f64::from(*days) / DAYS_PER_PERIOD).ln();
            HeldOut { calibration_end, days, outcomes, ln_intervals: intervals.iter().map(ln).sum(), calibration }
        });
        Base { whole, held_out }
    }
}

/// The customers of a shop.
#[derive(Debug, Clone)]
pub struct Base {
    /// Their histories up to the as-of date.
    pub whole: PatternCounts,
    /// The hold-out; `None` if it has no day, or no customer before it.
    pub held_out: Option<HeldOut>,
}

/// The hold-out: the last part of the time, kept from the models to test their predictions.
#[derive(Debug, Clone)]
pub struct HeldOut {
    /// The last day before it.
    pub calibration_end: Day,
    /// The number of its days.
    pub days: u32,
    /// Histories up to the last day before it, of those who were customers then.
    pub calibration: PatternCounts,
    /// Their purchases in it, ascending.
    pub outcomes: Vec<HeldOutCustomers>,
    /// Σ ln of their intervals in periods that ended in it.
    pub ln_intervals: f64,
}

/// Customers with the same history up to the end of the calibration, and up to the as-of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldOutCustomers {
    /// The index of their history among the cells of the calibration.
    pub cell: usize,
    /// Purchase days of each in the hold-out.
    pub purchases: u32,
    /// The index of their history up to the as-of date among the cells of the whole.
    pub whole: usize,
    /// The number of these customers.
    pub customers: u64,
}

impl HeldOutCustomers {
    /// A number that is greater for greater groups, of which no two have the same.
    fn key(&self) -> u128 {
        ((self.cell as u128) << 96) | (u128::from(self.purchases) << 64) | self.whole as u128
    }
}

impl Base {
    /// The base of the customers in those rows.
    pub fn of(
        columns: &CustomerColumns,
        rows: std::ops::Range<usize>,
        as_of: Day,
        calibration_end: Day,
        intervals: Option<&ShopIntervals>,
    ) -> Base {
        // Counts are whole numbers: they have the same sum for any parts that the threads make.
        let counter = rows
            .into_par_iter()
            .with_min_len(1 << 14)
            .fold(BaseCounter::default, |mut counter, row| {
                counter.add(&PurchaseSummary::of(columns, row), as_of, calibration_end);
                counter
            })
            .reduce(BaseCounter::default, BaseCounter::merge);
        counter.finish(as_of, calibration_end, intervals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histories_are_cut_at_the_end_of_the_calibration() {
        let mut counter = BaseCounter::default();
        let member = |first_day, last_day, purchase_days, calibration_last_day, calibration_purchase_days| PurchaseSummary {
            first_day,
            last_day,
            purchase_days,
            calibration_last_day,
            calibration_purchase_days,
        };
        // Day 100 is the end, day 120 the as-of date: bought on 10, 60, 110 and 118; on 10, 60; on 90; on 105.
        for member in [member(10, 118, 4, 60, 2), member(10, 60, 2, 60, 2), member(90, 90, 1, 90, 1), member(105, 105, 1, NO_DAY, 0)] {
            counter.add(&member, 120, 100);
        }
        let base = counter.finish(120, 100, None);
        let history = |repeats, recency_days, age_days| RepeatPattern { repeats, recency_days, age_days };
        let expected = [(history(0, 0, 15), 1), (history(0, 0, 30), 1), (history(1, 50, 110), 1), (history(3, 108, 110), 1)];
        assert_eq!(base.whole.counts(), expected);
        let held_out = base.held_out.unwrap();
        assert_eq!((held_out.calibration_end, held_out.days), (100, 20));
        assert_eq!(held_out.calibration.counts(), [(history(0, 0, 10), 1), (history(1, 50, 90), 2)]);
        let outcomes: Vec<_> = held_out.outcomes.iter().map(|one| (one.cell, one.purchases, one.customers)).collect();
        assert_eq!(outcomes, [(0, 0, 1), (1, 0, 1), (1, 2, 1)]);
    }

    #[test]
    fn without_days_or_customers_before_there_is_no_hold_out() {
        let late =
            PurchaseSummary { first_day: 5, last_day: 5, purchase_days: 1, calibration_last_day: NO_DAY, calibration_purchase_days: 0 };
        let mut counter = BaseCounter::default();
        counter.add(&late, 9, 4);
        assert!(counter.finish(9, 4, None).held_out.is_none());
        let known = PurchaseSummary { calibration_last_day: 5, calibration_purchase_days: 1, ..late };
        let mut counter = BaseCounter::default();
        counter.add(&known, 9, 9);
        assert!(counter.finish(9, 9, None).held_out.is_none());
        assert!(BaseCounter::default().finish(9, NO_DAY, None).held_out.is_none());
    }
}
