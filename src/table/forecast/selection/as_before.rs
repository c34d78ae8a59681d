//! As before: the forecast without a model. Everybody goes on to buy as often as before, and nobody leaves.

use crate::metric::ratio::ratio_of;
use crate::model::cells::{Customer, PatternCounts};
use crate::model::prediction::PurchaseModel;

/// The name in tables.
pub const NAIVE: &str = "naive";

/// "As often as before": x / T purchases a period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AsBefore {
    /// Purchases after the first per customer and period, over all customers: for those who have no past yet.
    rate: f64,
}

impl AsBefore {
    /// The rates of those customers.
    pub fn of(cells: &PatternCounts) -> AsBefore {
        let sum = |of: fn(&Customer) -> f64| -> f64 {
            cells.counts().iter().map(|(history, customers)| *customers as f64 * of(&cells.customer(*history))).sum()
        };
        AsBefore { rate: ratio_of(sum(|customer| customer.repeats), sum(|customer| customer.age)).unwrap_or(0.0) }
    }

    /// By cell: what is expected in so many days. Of whole numbers of days, so that equal rates are equal to the last bit: rankings keep
    /// them together.
    pub fn by_cell(cells: &PatternCounts, days: u32) -> Vec<f64> {
        let expected = |repeats: u32, age: u32| ratio_of(f64::from(repeats) * f64::from(days), f64::from(age)).unwrap_or(0.0);
        cells.counts().iter().map(|(history, _)| expected(history.repeats, history.age_days)).collect()
    }
}

impl PurchaseModel for AsBefore {
    /// It has no chances.
    fn log_likelihood(&self, _: &Customer) -> f64 {
        f64::NAN
    }

    /// Nobody leaves: an assumption that tables do not show as a finding.
    fn probability_alive(&self, _: &Customer) -> f64 {
        1.0
    }

    /// x / T × the periods; 0 for customers who first bought on the last day.
    fn expected_by_phase(&self, repeats: f64, age: f64, periods: f64) -> Vec<f64> {
        vec![ratio_of(repeats * periods, age).unwrap_or(0.0)]
    }

    fn expected_purchases_of_new(&self, periods: f64) -> f64 {
        self.rate * periods
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cells::{CellCounter, RepeatPattern};
    use crate::table::forecast::selection::base::DAYS_PER_PERIOD;

    #[test]
    fn everybody_goes_on_as_before() {
        let mut counter = CellCounter::default();
        for (repeats, recency_days, age_days, customers) in [(0, 0, 0, 1), (0, 0, 70, 2), (3, 20, 42, 1)] {
            counter.add_many(RepeatPattern { repeats, recency_days, age_days }, customers);
        }
        let cells = counter.finish(DAYS_PER_PERIOD);
        // Three in six weeks are half a purchase a week.
        assert_eq!(AsBefore::by_cell(&cells, 14), [0.0, 0.0, 1.0]);
        let model = AsBefore::of(&cells);
        assert_eq!(model.expected_purchases(&Customer { repeats: 3.0, recency: 1.0, age: 6.0 }, 4.0), 2.0);
        // Three purchases in 2 × 10 + 6 weeks of all.
        assert!((model.expected_purchases_of_new(13.0) - 1.5).abs() < 1e-15);
    }
}
