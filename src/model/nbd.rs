//! NBD: purchases of customers who never leave (Ehrenberg 1959; its timed form is the baseline of Fader, Hardie & Lee 2005).
//!
//! Also with Erlang-k intervals between purchases. It is a limit of the models with leaving, so that a comparison shows whether the
//! data contain any leaving.

use super::cells::{Customer, PatternCounts, Timing};
use super::estimate::{FEWEST_REPEATERS, Fit};
use super::likelihood::{Density, Score};
use super::moments::Moments;
use super::opportunities::{Arrivals, Leaving, expected_purchases};
use super::prediction::PurchaseModel;
use super::search::{Parameters, search};
use crate::statistics::special::{digamma, ln_gamma};

/// Intervals between a customer's purchases are Erlang-k distributed, with rates that are gamma distributed over customers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nbd {
    /// k: 1 for exponential intervals.
    pub regularity: u32,
    /// Shape of the gamma distribution of the rates.
    pub r: f64,
    /// Its rate parameter, in periods.
    pub alpha: f64,
}

/// Σ_{j < k} of the chances, relative to the first, that j hidden events have passed since the last purchase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Phases {
    /// The sum.
    pub sum: f64,
    /// The derivative of its logarithm in the shape r + k x.
    pub by_shape: f64,
    /// The mean of j.
    pub mean: f64,
}

impl Phases {
    /// The logarithm of the sum.
    pub fn ln_sum(&self) -> f64 {
        self.sum.ln()
    }
}

/// The phases for the shape r + k x and the part (T − t_x) / (α + T) (Platzer & Reutterer 2016, appendix).
#[inline]
pub fn phases(regularity: u32, shape: f64, part: f64) -> Phases {
    if regularity == 1 {
        return Phases { sum: 1.0, by_shape: 0.0, mean: 0.0 };
    }
    let (mut term, mut sum, mut by_shape, mut by_phase, mut harmonic) = (1.0, 1.0, 0.0, 0.0, 0.0);
    for phase in 1..regularity {
        let phase = f64::from(phase);
        let factor = shape + phase - 1.0;
        harmonic += 1.0 / factor;
        term *= factor * part / phase;
        sum += term;
        by_shape += term * harmonic;
        by_phase += term * phase;
    }
    Phases { sum, by_shape: by_shape / sum, mean: by_phase / sum }
}

/// The chances of each phase j < k.
pub fn phase_chances(regularity: u32, shape: f64, part: f64) -> impl Iterator<Item = (u32, f64)> {
    let whole = phases(regularity, shape, part).sum;
    let mut term = 1.0;
    (0..regularity).map(move |phase| {
        if phase > 0 {
            term *= (shape + f64::from(phase) - 1.0) * part / f64::from(phase);
        }
        (phase, term / whole)
    })
}

impl Nbd {
    /// r + k x.
    pub fn shape(&self, repeats: f64) -> f64 {
        self.r + f64::from(self.regularity) * repeats
    }

    /// The part of the log-density that depends on x only, and its derivatives in r and α.
    pub fn of_repeats(&self, repeats: f64) -> Score<2> {
        let shape = self.shape(repeats);
        let value = ln_gamma(shape) - ln_gamma(self.r) + self.r * self.alpha.ln() - repeats * ln_gamma(f64::from(self.regularity));
        Score { value, gradient: [digamma(shape) - digamma(self.r) + self.alpha.ln(), self.r / self.alpha] }
    }

    /// The events in the coming periods of a customer with x repeats at the age T.
    pub(super) fn arrivals(&self, repeats: f64, age: f64, periods: f64, phase: u32) -> Arrivals {
        Arrivals {
            shape: self.shape(repeats) + f64::from(phase),
            horizon: periods / (self.alpha + age),
            events_per_purchase: self.regularity,
            phase,
        }
    }

    /// Expected purchases of customers with x at the age T who are alive and may leave, by phase.
    pub(super) fn expected_by_phase(&self, repeats: f64, age: f64, periods: f64, leaving: &Leaving) -> Vec<f64> {
        (0..self.regularity).map(|phase| expected_purchases(&self.arrivals(repeats, age, periods, phase), leaving)).collect()
    }

    /// The mean over the phases that a customer who is alive may be in.
    pub(super) fn mean_over_phases(&self, customer: &Customer, by_phase: &[f64]) -> f64 {
        let part = (customer.age - customer.recency) / (self.alpha + customer.age);
        let chances = phase_chances(self.regularity, self.shape(customer.repeats), part);
        chances.zip(by_phase).map(|((_, chance), purchases)| chance * purchases).sum()
    }

    /// About the fit: that to some two thousand histories which represent all. Another model's search can start there.
    pub fn near(cells: &PatternCounts, regularity: u32) -> Option<Nbd> {
        let at = |[r, alpha]: &[f64; 2]| Nbd { regularity: regularity.max(1), r: *r, alpha: *alpha };
        let sample = cells.sample().levels().get(1).unwrap_or(cells.sample());
        let found = search(sample, at, &parameters(cells, regularity.max(1)))?;
        Some(at(&found.parameters))
    }

    /// The fit by maximum likelihood.
    pub fn fit(cells: &PatternCounts, regularity: u32) -> Fit<Nbd> {
        let regularity = regularity.max(1);
        let customers = cells.customers();
        if cells.repeaters() < FEWEST_REPEATERS {
            return Fit::too_few(too_few(cells), cells.len(), customers);
        }
        let of = parameters(cells, regularity);
        let at = |[r, alpha]: &[f64; 2]| Nbd { regularity, r: *r, alpha: *alpha };
        let Some(found) = search(cells.sample(), at, &of) else {
            return Fit::too_few("the likelihood is not defined for these customers".to_owned(), cells.len(), customers);
        };
        let model = at(&found.parameters);
        let mut fit = found.into_fit(&of, model, cells.len(), customers);
        fit.log_likelihood = fit.log_likelihood.map(|value| value + f64::from(regularity - 1) * cells.ln_intervals());
        fit
    }
}

/// The parameters of a fit, and where it starts.
fn parameters(cells: &PatternCounts, regularity: u32) -> Parameters<2> {
    let (rate, age) = rate_and_age(cells);
    let scale = 1.0 / (rate * f64::from(regularity));
    Parameters { names: ["r", "alpha"], sizes: [1.0, age], starts: vec![[0.5, 0.5 * scale], [2.0, 2.0 * scale]] }
}

/// Why a fit was not tried.
pub fn too_few(cells: &PatternCounts) -> String {
    format!("{} customers with a repeat purchase, at least {FEWEST_REPEATERS} needed", cells.repeaters())
}

/// The purchases after the first per customer and period, and the mean T, from which starts are chosen.
pub fn rate_and_age(cells: &PatternCounts) -> (f64, f64) {
    let repeats = cells.sample().weighted_sum(|repeats, _| repeats);
    let age = cells.sample().weighted_sum(|_, timing| timing.age);
    (repeats / age, age / cells.customers() as f64)
}

impl Density<2, Timing> for Nbd {
    /// By moment y: ln(α + y).
    type Prepared = Vec<f64>;
    type Known = Ages;

    fn of_repeats(&self, repeats: f64) -> Score<2> {
        Nbd::of_repeats(self, repeats)
    }

    fn prepared(&self, moments: &Vec<f64>) -> Vec<f64> {
        moments.iter().map(|moment| (self.alpha + moment).ln()).collect()
    }

    fn known(&self, lns: &Vec<f64>, repeats: f64, moments: &Moments) -> Ages {
        Ages { shape: self.shape(repeats), lns: moments.of(lns).copied().collect() }
    }

    #[inline]
    fn of_seen(&self, Ages { shape, lns }: &Ages, seen: &Timing, [_, end]: [u32; 2]) -> Score<2> {
        let ln_end = lns.get(end as usize).copied().unwrap_or(f64::NAN);
        let end = self.alpha + seen.age;
        let phases = phases(self.regularity, *shape, (seen.age - seen.recency) / end);
        let gradient = [phases.by_shape - ln_end, -(shape + phases.mean) / end];
        Score { value: phases.ln_sum() - shape * ln_end, gradient }
    }
}

/// What customers with the same x share.
pub struct Ages {
    /// r + k x.
    shape: f64,
    /// By moment y: ln(α + y).
    lns: Vec<f64>,
}

impl PurchaseModel for Nbd {
    fn log_likelihood(&self, customer: &Customer) -> f64 {
        let timing = Timing { recency: customer.recency, age: customer.age };
        self.of_one(customer.repeats, timing).value
    }

    fn probability_alive(&self, _: &Customer) -> f64 {
        1.0
    }

    fn expected_by_phase(&self, repeats: f64, age: f64, periods: f64) -> Vec<f64> {
        if self.regularity == 1 {
            return vec![self.shape(repeats) * periods / (self.alpha + age)];
        }
        Nbd::expected_by_phase(self, repeats, age, periods, &Leaving { a: 0.0, b: 1.0 })
    }

    fn mean_over_phases(&self, customer: &Customer, by_phase: &[f64]) -> f64 {
        Nbd::mean_over_phases(self, customer, by_phase)
    }

    fn log_likelihoods(&self, cells: &PatternCounts) -> Vec<f64> {
        cells.sample().values(self)
    }

    fn expected_purchases_of_new(&self, periods: f64) -> f64 {
        self.expected_purchases(&Customer { repeats: 0.0, recency: 0.0, age: 0.0 }, periods)
    }
}
