//! Shifted beta-geometric: how a cohort with renewals shrinks (Fader & Hardie 2007, "How to Project Customer Retention",
//! Journal of Interactive Marketing 21(1)).

use super::estimate::Fit;
use super::likelihood::{Density, Observation, Row, Sample, Score};
use super::search::{Parameters, search};
use crate::statistics::special::{digamma, ln_beta};

/// The model at its parameters: the chance to leave at each renewal is beta distributed over customers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShiftedBetaGeometric {
    /// First parameter of the beta distribution.
    pub alpha: f64,
    /// Second one.
    pub beta: f64,
}

/// How the observation of a customer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Left in the period.
    Left,
    /// Still there after it.
    Alive,
}

/// The largest number of terms in the sum of a lifetime.
const MOST_PERIODS: u32 = 1_000_000;

/// Customers lost that a fit needs.
const FEWEST_LOST: u64 = 10;

impl ShiftedBetaGeometric {
    /// The fit by maximum likelihood to the customers of each cohort who were alive after 0, 1, 2, … periods.
    pub fn fit(cohorts: &[Vec<u64>]) -> Fit<ShiftedBetaGeometric> {
        let mut rows: Vec<(f64, Row<End>)> = Vec::new();
        let mut add = |period: usize, count: u64, seen: End| {
            if count > 0 && period > 0 {
                rows.push((period as f64, Row { group: 0, weight: count as f64, seen }));
            }
        };
        for alive in cohorts {
            for (period, pair) in alive.windows(2).enumerate() {
                if let [before, after] = pair {
                    add(period + 1, before.saturating_sub(*after), End::Left);
                }
            }
            add(alive.len().saturating_sub(1), alive.last().copied().unwrap_or_default(), End::Alive);
        }
        rows.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let customers = cohorts.iter().filter_map(|alive| alive.first()).sum();
        let (cells, lost) = (rows.len(), rows.iter().filter(|(_, row)| row.seen == End::Left).map(|(_, row)| row.weight).sum::<f64>());
        if lost < FEWEST_LOST as f64 || cohorts.iter().all(|alive| alive.len() < 3) {
            let reason = format!("{lost} customers lost, at least {FEWEST_LOST} and two periods of one cohort needed");
            return Fit::too_few(reason, cells, customers);
        }
        let of = Parameters { names: ["alpha", "beta"], sizes: [1.0, 1.0], starts: vec![[1.0, 2.0], [0.5, 0.5], [3.0, 20.0]] };
        let at = |[alpha, beta]: &[f64; 2]| ShiftedBetaGeometric { alpha: *alpha, beta: *beta };
        let Some(found) = search(&Sample::new(rows.into_iter()), at, &of) else {
            return Fit::too_few("the likelihood is not defined for these cohorts".to_owned(), cells, customers);
        };
        let model = at(&found.parameters);
        found.into_fit(&of, model, cells, customers)
    }

    /// S(t): the share alive after t periods (equation 6, as the product of the retention rates).
    pub fn survival(&self, periods: u32) -> f64 {
        (1..=periods).map(|period| self.retention(period)).product()
    }

    /// The share of those alive after t − 1 periods who are alive after t (equation 8); t from 1.
    pub fn retention(&self, period: u32) -> f64 {
        let before = f64::from(period.saturating_sub(1));
        (self.beta + before) / (self.alpha + self.beta + before)
    }

    /// Σ over t ≥ 0 of S(t) / (1 + rate)ᵗ: the discounted lifetime of a new customer, ₂F₁(1, β; α + β; 1 / (1 + rate))
    /// (Fader & Hardie 2010, "Customer-Base Valuation in a Contractual Setting"). For rates above 0.
    pub fn discounted_lifetime(&self, rate: f64) -> f64 {
        let (mut sum, mut term) = (0.0, 1.0);
        for period in 1..MOST_PERIODS {
            sum += term;
            term *= self.retention(period) / (1.0 + rate);
            // Each further term is smaller by at least the discount.
            if term < 1e-16 * sum * rate {
                break;
            }
        }
        sum
    }
}

impl Observation for End {
    type Common = ();
    type Shared = ();
    type Place = ();

    fn shared(rows: &[Row<End>]) -> ((), Vec<()>) {
        ((), vec![(); rows.len()])
    }

    fn common(_: &mut [()]) {}
}

impl Density<2, End> for ShiftedBetaGeometric {
    type Prepared = ();
    /// t.
    type Known = f64;

    fn prepared(&self, _: &()) {}

    fn known(&self, _: &(), period: f64, _: &()) -> f64 {
        period
    }

    /// ln S(t), t in the place of x.
    fn of_repeats(&self, period: f64) -> Score<2> {
        let Self { alpha, beta } = *self;
        let (before, after) = (digamma(alpha + beta), digamma(alpha + beta + period));
        Score {
            value: ln_beta(alpha, beta + period) - ln_beta(alpha, beta),
            gradient: [before - after, digamma(beta + period) - after - digamma(beta) + before],
        }
    }

    /// P(t) = S(t) · α / (β + t − 1) for those who left.
    fn of_seen(&self, period: &f64, seen: &End, _: ()) -> Score<2> {
        match seen {
            End::Alive => Score { value: 0.0, gradient: [0.0; 2] },
            End::Left => {
                let below = self.beta + period - 1.0;
                Score { value: (self.alpha / below).ln(), gradient: [1.0 / self.alpha, -1.0 / below] }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uniform_chance_to_leave_worked_by_hand() {
        // α = β = 1: S(t) = 1 / (t + 1), P(t) = 1 / (t (t + 1)).
        let uniform = ShiftedBetaGeometric { alpha: 1.0, beta: 1.0 };
        assert!((uniform.survival(3) - 0.25).abs() < 1e-15 && (uniform.retention(2) - 2.0 / 3.0).abs() < 1e-15);
        let left = uniform.of_one(3.0, End::Left).value;
        assert!((left - (1.0_f64 / 12.0).ln()).abs() < 1e-14);
        // Σ 1 / ((t + 1) 2ᵗ) = 2 ln 2.
        assert!((uniform.discounted_lifetime(1.0) - 2.0 * std::f64::consts::LN_2).abs() < 1e-14);
    }

    #[test]
    fn a_cohort_that_nobody_leaves_is_too_few() {
        assert_eq!(ShiftedBetaGeometric::fit(&[vec![100, 100, 100]]).status.name(), "too_few");
        assert_eq!(ShiftedBetaGeometric::fit(&[]).status.name(), "too_few");
    }
}
