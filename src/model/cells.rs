//! Cells: customers with the same repeat pattern are counted together. A likelihood depends on (x, t_x, T) only, so ten million
//! customers cost as much as their some hundred thousand distinct patterns.

use std::hash::{Hash, Hasher};

use hashbrown::HashMap;

use super::ends::Ends;
use super::likelihood::{Errors, Row, Sample};

/// The purchases of a customer as the models see them, in days. Several purchases on a day count as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RepeatPattern {
    /// x: purchase days after the first.
    pub repeats: u32,
    /// t_x: days from the first purchase to the last.
    pub recency_days: u32,
    /// T: days from the first purchase to the end of the observation.
    pub age_days: u32,
}

impl RepeatPattern {
    /// A number that is greater for greater patterns: to compare one number is faster than three.
    fn key(&self) -> u128 {
        (u128::from(self.repeats) << 64) | (u128::from(self.recency_days) << 32) | u128::from(self.age_days)
    }
}

impl Hash for RepeatPattern {
    /// As one number instead of three, which differs for all patterns of less than 2²¹ days.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64((u64::from(self.repeats) << 42) ^ (u64::from(self.recency_days) << 21) ^ u64::from(self.age_days));
    }
}

/// A repeat pattern in the periods of a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Customer {
    /// x.
    pub repeats: f64,
    /// t_x.
    pub recency: f64,
    /// T.
    pub age: f64,
}

/// t_x and T of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timing {
    /// t_x.
    pub recency: f64,
    /// T.
    pub age: f64,
}

/// Counts customers by pattern. Counters of parts can be merged; counts are integers, so the order has no effect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CellCounter {
    cells: HashMap<RepeatPattern, u64>,
    intervals: HashMap<u32, u64>,
}

impl CellCounter {
    /// Counts a customer.
    pub fn add(&mut self, pattern: RepeatPattern) {
        self.add_many(pattern, 1);
    }

    /// Counts customers with the same pattern.
    pub fn add_many(&mut self, pattern: RepeatPattern, customers: u64) {
        *self.cells.entry(pattern).or_default() += customers;
    }

    /// Counts an interval between two consecutive purchase days. Only the choice of k needs intervals (`regularity.rs`).
    pub fn add_interval(&mut self, days: u32) {
        self.add_intervals(days, 1);
    }

    /// Counts intervals of that many days.
    pub fn add_intervals(&mut self, days: u32, count: u64) {
        *self.intervals.entry(days).or_default() += count;
    }

    /// Adds the counts of another counter.
    pub fn merge(&mut self, other: CellCounter) {
        for (pattern, count) in other.cells {
            *self.cells.entry(pattern).or_default() += count;
        }
        for (days, count) in other.intervals {
            *self.intervals.entry(days).or_default() += count;
        }
    }

    /// The cells in order, for models whose period has this many days (7 for weeks).
    pub fn finish(self, days_per_period: f64) -> PatternCounts {
        let mut counts: Vec<(RepeatPattern, u64)> = self.cells.into_iter().collect();
        counts.sort_unstable_by_key(|(pattern, _)| pattern.key());
        let mut intervals: Vec<(u32, u64)> = self.intervals.into_iter().filter(|(days, _)| *days > 0).collect();
        intervals.sort_unstable();
        let ln_intervals = intervals.iter().map(|(days, count)| *count as f64 * (f64::from(*days) / days_per_period).ln()).sum();
        let repeats: u64 = counts.iter().map(|(pattern, count)| u64::from(pattern.repeats) * count).sum();
        let has_all_intervals = intervals.iter().map(|(_, count)| count).sum::<u64>() == repeats;
        let mut cells = PatternCounts::new(counts, days_per_period);
        (cells.ln_intervals, cells.has_all_intervals) = (ln_intervals, has_all_intervals);
        cells
    }
}

/// Distinct patterns, each with the number of its customers, ordered by (x, t_x, T).
#[derive(Debug, Clone)]
pub struct PatternCounts {
    counts: Vec<(RepeatPattern, u64)>,
    positions: HashMap<RepeatPattern, u32>,
    sample: Sample<Timing>,
    ends: Ends,
    days_per_period: f64,
    ln_intervals: f64,
    has_all_intervals: bool,
}

impl PatternCounts {
    fn new(counts: Vec<(RepeatPattern, u64)>, days_per_period: f64) -> Self {
        let rows = counts.iter().map(|(pattern, count)| {
            let customer = in_periods(*pattern, days_per_period);
            (customer.repeats, Row { group: 0, weight: *count as f64, seen: Timing { recency: customer.recency, age: customer.age } })
        });
        let sample = Sample::new(rows);
        let positions = counts.iter().zip(0..).map(|((pattern, _), position)| (*pattern, position)).collect();
        let ends = Ends::of(counts.iter().map(|(pattern, _)| (pattern.repeats, pattern.age_days)));
        PatternCounts { counts, positions, sample, ends, days_per_period, ln_intervals: 0.0, has_all_intervals: false }
    }

    /// The customers of several shops together.
    pub fn pooled<'a>(bases: impl IntoIterator<Item = &'a PatternCounts>, days_per_period: f64) -> Self {
        let (mut counter, mut ln_intervals, mut has_all_intervals) = (CellCounter::default(), 0.0, true);
        for base in bases {
            base.counts.iter().for_each(|(pattern, count)| counter.add_many(*pattern, *count));
            ln_intervals += base.ln_intervals;
            has_all_intervals &= base.has_all_intervals;
        }
        PatternCounts { ln_intervals, has_all_intervals, ..counter.finish(days_per_period) }
    }

    /// The number of distinct patterns.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether there are no customers.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The number of customers.
    pub fn customers(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }

    /// The number of customers with a repeat purchase.
    pub fn repeaters(&self) -> u64 {
        self.counts.iter().filter(|(pattern, _)| pattern.repeats > 0).map(|(_, count)| count).sum()
    }

    /// Σ ln(interval in periods) over all repeat intervals; 0 where no interval was counted.
    pub fn ln_intervals(&self) -> f64 {
        self.ln_intervals
    }

    /// Whether there is an interval for every repeat purchase.
    pub fn has_all_intervals(&self) -> bool {
        self.has_all_intervals
    }

    /// The days of a period.
    pub fn days_per_period(&self) -> f64 {
        self.days_per_period
    }

    /// The patterns and their numbers of customers, in order.
    pub fn counts(&self) -> &[(RepeatPattern, u64)] {
        &self.counts
    }

    /// The position of a pattern among the cells, which is also that of its prediction.
    pub fn position(&self, pattern: &RepeatPattern) -> Option<usize> {
        self.positions.get(pattern).map(|position| *position as usize)
    }

    /// The pattern of a cell in the periods of the models.
    pub fn customer(&self, pattern: RepeatPattern) -> Customer {
        in_periods(pattern, self.days_per_period)
    }

    /// The distinct pairs of x and T among the cells.
    pub fn ends(&self) -> &Ends {
        &self.ends
    }

    /// The same for fits whose standard errors only decide whether they can be used.
    pub fn to_judge(self) -> Self {
        PatternCounts { sample: self.sample.with_errors(Errors::ToJudge), ..self }
    }

    /// The sample over which likelihoods are summed, a row for each cell in their order.
    pub fn sample(&self) -> &Sample<Timing> {
        &self.sample
    }
}

fn in_periods(pattern: RepeatPattern, days_per_period: f64) -> Customer {
    Customer {
        repeats: f64::from(pattern.repeats),
        recency: f64::from(pattern.recency_days) / days_per_period,
        age: f64::from(pattern.age_days) / days_per_period,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(repeats: u32, recency_days: u32, age_days: u32) -> RepeatPattern {
        RepeatPattern { repeats, recency_days, age_days }
    }

    #[test]
    fn equal_patterns_are_one_cell_in_any_order_and_parts() {
        let all = [pattern(1, 5, 6), pattern(0, 0, 37), pattern(2, 4, 37), pattern(1, 5, 6)];
        let mut whole = CellCounter::default();
        all.iter().for_each(|one| whole.add(*one));
        let (mut first, mut second) = (CellCounter::default(), CellCounter::default());
        all.iter().rev().enumerate().for_each(|(index, one)| if index % 2 == 0 { first.add(*one) } else { second.add(*one) });
        first.merge(second);
        let (whole, merged) = (whole.finish(7.0), first.finish(7.0));
        assert_eq!(whole.counts(), [(pattern(0, 0, 37), 1), (pattern(1, 5, 6), 2), (pattern(2, 4, 37), 1)]);
        assert_eq!(whole.counts(), merged.counts());
        assert_eq!((whole.len(), whole.customers(), whole.repeaters()), (3, 4, 3));
        assert_eq!((whole.position(&pattern(1, 5, 6)), whole.position(&pattern(1, 5, 7))), (Some(1), None));
        assert_eq!(whole.customer(pattern(2, 14, 21)), Customer { repeats: 2.0, recency: 2.0, age: 3.0 });
    }

    #[test]
    fn pooled_bases_count_as_one() {
        let (mut one, mut other, mut both) = (CellCounter::default(), CellCounter::default(), CellCounter::default());
        for counter in [&mut one, &mut both] {
            counter.add_many(pattern(1, 14, 20), 3);
            counter.add_intervals(14, 3);
        }
        for counter in [&mut other, &mut both] {
            counter.add(pattern(1, 14, 20));
            counter.add(pattern(0, 0, 9));
            counter.add_interval(14);
        }
        let pooled = PatternCounts::pooled([&one.finish(7.0), &other.finish(7.0)], 7.0);
        let both = both.finish(7.0);
        assert_eq!(pooled.counts(), [(pattern(0, 0, 9), 1), (pattern(1, 14, 20), 4)]);
        assert_eq!((pooled.counts(), pooled.has_all_intervals()), (both.counts(), true));
        assert!((pooled.ln_intervals() - 4.0 * 2.0_f64.ln()).abs() < 1e-14);
    }

    #[test]
    fn logarithms_of_intervals_are_summed_in_periods() {
        let mut counter = CellCounter::default();
        [7, 14, 14].iter().for_each(|days| counter.add_interval(*days));
        counter.add(pattern(2, 21, 30));
        assert!(!counter.clone().finish(7.0).has_all_intervals());
        counter.add(pattern(1, 14, 30));
        let cells = counter.finish(7.0);
        assert!(cells.has_all_intervals() && (cells.ln_intervals() - 2.0 * 2.0_f64.ln()).abs() < 1e-15);
    }
}
