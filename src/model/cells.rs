//! Cells: customers with the same history counted once. A likelihood depends on (x, t_x, T) only, so ten million customers
//! cost what their some hundred thousand different histories cost.

use hashbrown::HashMap;

use super::likelihood::{Row, Sample};

/// What a model knows of a customer, in days. Several purchases on a day are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct History {
    /// x: purchase days after the first.
    pub repeats: u32,
    /// t_x: days from the first purchase to the last.
    pub recency_days: u32,
    /// T: days from the first purchase to the end of the observation.
    pub age_days: u32,
}

/// The same in a model's periods.
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

/// Counts customers by history, in any order and in pieces that are merged: counts are integers, so the order leaves no trace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CellCounter {
    cells: HashMap<History, u64>,
    intervals: HashMap<u32, u64>,
}

impl CellCounter {
    /// Counts a customer.
    pub fn add(&mut self, history: History) {
        self.add_many(history, 1);
    }

    /// Counts customers with the same history.
    pub fn add_many(&mut self, history: History, customers: u64) {
        *self.cells.entry(history).or_default() += customers;
    }

    /// Counts an interval between two purchase days in a row. Only the choice of k needs them (`regularity.rs`).
    pub fn add_interval(&mut self, days: u32) {
        self.add_intervals(days, 1);
    }

    /// Counts intervals of that many days.
    pub fn add_intervals(&mut self, days: u32, count: u64) {
        *self.intervals.entry(days).or_default() += count;
    }

    /// Takes in the counts of another piece.
    pub fn merge(&mut self, other: CellCounter) {
        for (history, count) in other.cells {
            *self.cells.entry(history).or_default() += count;
        }
        for (days, count) in other.intervals {
            *self.intervals.entry(days).or_default() += count;
        }
    }

    /// The cells in order, for models whose period has that many days (7: weeks).
    pub fn finish(self, days_per_period: f64) -> Cells {
        let mut counts: Vec<(History, u64)> = self.cells.into_iter().collect();
        counts.sort_unstable();
        let mut intervals: Vec<(u32, u64)> = self.intervals.into_iter().filter(|(days, _)| *days > 0).collect();
        intervals.sort_unstable();
        let ln_intervals = intervals.iter().map(|(days, count)| *count as f64 * (f64::from(*days) / days_per_period).ln()).sum();
        let repeats: u64 = counts.iter().map(|(history, count)| u64::from(history.repeats) * count).sum();
        let has_all_intervals = intervals.iter().map(|(_, count)| count).sum::<u64>() == repeats;
        let mut cells = Cells::new(counts, days_per_period);
        (cells.ln_intervals, cells.has_all_intervals) = (ln_intervals, has_all_intervals);
        cells
    }
}

/// Different histories, each with the number of its customers, ordered by (x, t_x, T).
#[derive(Debug, Clone)]
pub struct Cells {
    counts: Vec<(History, u64)>,
    positions: HashMap<History, u32>,
    sample: Sample<Timing>,
    days_per_period: f64,
    ln_intervals: f64,
    has_all_intervals: bool,
}

impl Cells {
    fn new(counts: Vec<(History, u64)>, days_per_period: f64) -> Self {
        let rows = counts.iter().map(|(history, count)| {
            let customer = in_periods(*history, days_per_period);
            (customer.repeats, Row { group: 0, weight: *count as f64, seen: Timing { recency: customer.recency, age: customer.age } })
        });
        let sample = Sample::new(rows);
        let positions = counts.iter().zip(0..).map(|((history, _), position)| (*history, position)).collect();
        Cells { counts, positions, sample, days_per_period, ln_intervals: 0.0, has_all_intervals: false }
    }

    /// The customers of several bases together.
    pub fn pooled<'a>(bases: impl IntoIterator<Item = &'a Cells>, days_per_period: f64) -> Self {
        let (mut counter, mut ln_intervals, mut has_all_intervals) = (CellCounter::default(), 0.0, true);
        for base in bases {
            base.counts.iter().for_each(|(history, count)| counter.add_many(*history, *count));
            ln_intervals += base.ln_intervals;
            has_all_intervals &= base.has_all_intervals;
        }
        Cells { ln_intervals, has_all_intervals, ..counter.finish(days_per_period) }
    }

    /// How many different histories there are.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether there is no customer at all.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Customers, each counted.
    pub fn customers(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }

    /// Customers with a repeat purchase.
    pub fn repeaters(&self) -> u64 {
        self.counts.iter().filter(|(history, _)| history.repeats > 0).map(|(_, count)| count).sum()
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

    /// The histories and how many customers have each, in order.
    pub fn counts(&self) -> &[(History, u64)] {
        &self.counts
    }

    /// Where a history stands among the cells: the place of its prediction too.
    pub fn position(&self, history: &History) -> Option<usize> {
        self.positions.get(history).map(|position| *position as usize)
    }

    /// The history of a cell in the periods of the models.
    pub fn customer(&self, history: History) -> Customer {
        in_periods(history, self.days_per_period)
    }

    /// What the likelihoods run over.
    pub fn sample(&self) -> &Sample<Timing> {
        &self.sample
    }
}

fn in_periods(history: History, days_per_period: f64) -> Customer {
    Customer {
        repeats: f64::from(history.repeats),
        recency: f64::from(history.recency_days) / days_per_period,
        age: f64::from(history.age_days) / days_per_period,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(repeats: u32, recency_days: u32, age_days: u32) -> History {
        History { repeats, recency_days, age_days }
    }

    #[test]
    fn equal_histories_are_one_cell_in_whatever_order_and_pieces_they_come() {
        let all = [history(1, 5, 6), history(0, 0, 37), history(2, 4, 37), history(1, 5, 6)];
        let mut whole = CellCounter::default();
        all.iter().for_each(|one| whole.add(*one));
        let (mut first, mut second) = (CellCounter::default(), CellCounter::default());
        all.iter().rev().enumerate().for_each(|(index, one)| if index % 2 == 0 { first.add(*one) } else { second.add(*one) });
        first.merge(second);
        let (whole, merged) = (whole.finish(7.0), first.finish(7.0));
        assert_eq!(whole.counts(), [(history(0, 0, 37), 1), (history(1, 5, 6), 2), (history(2, 4, 37), 1)]);
        assert_eq!(whole.counts(), merged.counts());
        assert_eq!((whole.len(), whole.customers(), whole.repeaters()), (3, 4, 3));
        assert_eq!((whole.position(&history(1, 5, 6)), whole.position(&history(1, 5, 7))), (Some(1), None));
        assert_eq!(whole.customer(history(2, 14, 21)), Customer { repeats: 2.0, recency: 2.0, age: 3.0 });
    }

    #[test]
    fn pooled_bases_count_as_one() {
        let (mut one, mut other, mut both) = (CellCounter::default(), CellCounter::default(), CellCounter::default());
        for counter in [&mut one, &mut both] {
            counter.add_many(history(1, 14, 20), 3);
            counter.add_intervals(14, 3);
        }
        for counter in [&mut other, &mut both] {
            counter.add(history(1, 14, 20));
            counter.add(history(0, 0, 9));
            counter.add_interval(14);
        }
        let pooled = Cells::pooled([&one.finish(7.0), &other.finish(7.0)], 7.0);
        let both = both.finish(7.0);
        assert_eq!(pooled.counts(), [(history(0, 0, 9), 1), (history(1, 14, 20), 4)]);
        assert_eq!((pooled.counts(), pooled.has_all_intervals()), (both.counts(), true));
        assert!((pooled.ln_intervals() - 4.0 * 2.0_f64.ln()).abs() < 1e-14);
    }

    #[test]
    fn logarithms_of_intervals_are_summed_in_periods() {
        let mut counter = CellCounter::default();
        [7, 14, 14].iter().for_each(|days| counter.add_interval(*days));
        counter.add(history(2, 21, 30));
        assert!(!counter.clone().finish(7.0).has_all_intervals());
        counter.add(history(1, 14, 30));
        let cells = counter.finish(7.0);
        assert!(cells.has_all_intervals() && (cells.ln_intervals() - 2.0 * 2.0_f64.ln()).abs() < 1e-15);
    }
}
