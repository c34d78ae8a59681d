//! Densities: how likely each history is under a model, in the hold-out and as a whole.

use super::base::{DAYS_PER_PERIOD, HeldOut, HeldOutCustomers};
use super::fitted::FittedModel;
use crate::metric::ratio::ratio_of;
use crate::model::cells::PatternCounts;

/// By group of the hold-out: ln of the density of what a customer did in it given the calibration, that of the whole history less that of
/// the calibration at the same parameters. With a regularity k, the density of an interval has a factor interval^(k − 1) that cells do not
/// have.
pub fn of_hold_out(model: &FittedModel, whole: &PatternCounts, held_out: &HeldOut) -> Vec<f64> {
    let (later, before) = (model.purchases().log_likelihoods(whole), model.purchases().log_likelihoods(&held_out.calibration));
    let recency = |cells: &PatternCounts, cell: usize| cells.counts().get(cell).map_or(0, |(history, _)| history.recency_days);
    let days = |one: &HeldOutCustomers| recency(whole, one.whole).saturating_sub(recency(&held_out.calibration, one.cell));
    let logs = interval_logs(
        held_out.outcomes.iter().map(|one| Intervals { number: one.purchases, days: days(one), customers: one.customers }),
        held_out.ln_intervals,
    );
    let factor = f64::from(model.regularity().saturating_sub(1));
    let of = |densities: &[f64], cell: usize| densities.get(cell).copied().unwrap_or(f64::NAN);
    let groups = held_out.outcomes.iter().zip(logs);
    groups.map(|(one, log)| of(&later, one.whole) - of(&before, one.cell) + factor * log).collect()
}

/// By cell: ln of the density of the whole history.
pub fn of_whole(model: &FittedModel, whole: &PatternCounts) -> Vec<f64> {
    let cells = whole.counts().iter();
    let logs = interval_logs(
        cells.map(|(history, customers)| Intervals { number: history.repeats, days: history.recency_days, customers: *customers }),
        whole.ln_intervals(),
    );
    let factor = f64::from(model.regularity().saturating_sub(1));
    model.purchases().log_likelihoods(whole).into_iter().zip(logs).map(|(density, log)| density + factor * log).collect()
}

/// The intervals of each customer of a group.
struct Intervals {
    number: u32,
    /// All of them together.
    days: u32,
    customers: u64,
}

/// By group: Σ ln of the intervals of a customer, in periods. Of one interval it is known; of several only their sum is. Their logarithms
/// are then on average below that of their mean, by as much in all groups, so that all groups add up to the known `total`.
fn interval_logs(groups: impl Iterator<Item = Intervals>, total: f64) -> Vec<f64> {
    let even = |of: &Intervals| -> f64 {
        let number = f64::from(of.number);
        ratio_of(f64::from(of.days), number * DAYS_PER_PERIOD).filter(|mean| *mean > 0.0).map_or(0.0, |mean| number * mean.ln())
    };
    let groups: Vec<Intervals> = groups.collect();
    let sum: f64 = groups.iter().map(|of| of.customers as f64 * even(of)).sum();
    let several: f64 = groups.iter().filter(|of| of.number > 1).map(|of| of.customers as f64 * f64::from(of.number)).sum();
    let below = ratio_of(total - sum, several).unwrap_or(0.0);
    groups.iter().map(|of| even(of) + if of.number > 1 { below * f64::from(of.number) } else { 0.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_of_single_intervals_are_known_and_all_add_up() {
        let groups = || {
            [(1, 14, 3), (0, 0, 5), (2, 28, 2), (4, 84, 1)].into_iter().map(|(number, days, customers)| Intervals {
                number,
                days,
                customers,
            })
        };
        let two = 2.0_f64.ln();
        // In truth 7 and 21 days, 14 and 14, and 7, 21, 28 and 28.
        let total = 3.0 * two + 3.0_f64.ln() + 2.0 * two + 3.0_f64.ln() + 2.0 * 4.0_f64.ln();
        let logs = interval_logs(groups(), total);
        assert_eq!((logs[0], logs[1]), (two, 0.0));
        let sum: f64 = groups().zip(&logs).map(|(of, log)| of.customers as f64 * log).sum();
        assert!((sum - total).abs() < 1e-12);
        // Eight intervals of customers with several share what is missing.
        let below = (total - 3.0 * two - 2.0 * 2.0 * two - 4.0 * 3.0_f64.ln()) / 8.0;
        assert!(below < 0.0 && (logs[2] - 2.0 * (two + below)).abs() < 1e-12);
    }
}
