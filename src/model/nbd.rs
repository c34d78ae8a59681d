//! NBD: purchases of customers who never leave (Ehrenberg 1959; its timed form is the baseline of Fader, Hardie & Lee 2005).
//!
//! Also with Erlang-k intervals between purchases. It is a limit of the models with leaving, so that a comparison shows whether the
//! data contain any leaving.

use super::cells::{Customer, PatternCounts, Timing};
use super::estimate::{FEWEST_REPEATERS, Fit, Parameters, search};
use super::likelihood::{Density, Row, Score};
use super::moments::Moments;
use super::opportunities::{Arrivals, Leaving, expected_purchases};
use super::prediction::PurchaseModel;
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

/// ln Σ_{j < k} of the chances, relative to the first, that j hidden events have passed since the last purchase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Phases {
    /// The logarithm of the sum.
    pub ln_sum: f64,
    /// Its derivative in the shape r + k x.
    pub by_shape: f64,
    /// The mean of j.
    pub mean: f64,
}

/// The phases for the shape r + k x and the part (T − t_x) / (α + T) (Platzer & Reutterer 2016, appendix).
pub fn phases(regularity: u32, shape: f64, part: f64) -> Phases {
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
    Phases { ln_sum: f64::ln(sum), by_shape: by_shape / sum, mean: by_phase / sum }
}

/// The chances of each phase j < k.
pub fn phase_chances(regularity: u32, shape: f64, part: f64) -> impl Iterator<Item = (u32, f64)> {
    let whole = phases(regularity, shape, part).ln_sum.exp();
    let mut term = 1.0;
    (0..regularity).map(move |phase| {
        if phase > 0 {
            term *= (shape + f64::from(phase) - 1.0) * part / f64::from(phase);
        }
        (phase, term / whole)
    })
}

/// Histories that represent all of them well enough for a start.
const REPRESENTATIVE: usize = 2048;

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

    /// About the fit: that to some two thousand histories which represent all. Another model's search can start there.
    pub fn near(cells: &PatternCounts, regularity: u32) -> Option<Nbd> {
        let at = |[r, alpha]: &[f64; 2]| Nbd { regularity: regularity.max(1), r: *r, alpha: *alpha };
        let found = search(&cells.sample().thinned(REPRESENTATIVE), at, &parameters(cells, regularity.max(1)))?;
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

/// Expected purchases of a customer who is alive; without `leaving`, of one who never leaves.
pub fn expected_if_alive(buying: &Nbd, customer: &Customer, periods: f64, leaving: Option<&Leaving>) -> f64 {
    let shape = buying.shape(customer.repeats);
    let end = buying.alpha + customer.age;
    if buying.regularity == 1 && leaving.is_none() {
        return shape * periods / end;
    }
    let leaving = leaving.copied().unwrap_or(Leaving { a: 0.0, b: 1.0 });
    let chances = phase_chances(buying.regularity, shape, (customer.age - customer.recency) / end);
    chances
        .map(|(phase, chance)| chance * expected_purchases(&buying.arrivals(customer.repeats, customer.age, periods, phase), &leaving))
        .sum()
}

impl Density<2, Timing> for Nbd {
    fn of_repeats(&self, repeats: f64) -> Score<2> {
        Nbd::of_repeats(self, repeats)
    }

    fn of_seen(&self, repeats: f64, seen: &Timing) -> Score<2> {
        self.score(repeats, seen, (self.alpha + seen.age).ln())
    }

    fn of_rows(&self, repeats: f64, rows: &[Row<Timing>], moments: &Moments, each: &mut impl FnMut(&Row<Timing>, &Score<2>)) {
        let lns = moments.lns(self.alpha);
        for (row, [_, end]) in rows.iter().zip(moments.places()) {
            each(row, &self.score(repeats, &row.seen, lns.get(end).copied().unwrap_or(f64::NAN)));
        }
    }
}

impl Nbd {
    /// The part of the log-density that depends on what is seen beside x, with ln(α + T).
    fn score(&self, repeats: f64, seen: &Timing, ln_end: f64) -> Score<2> {
        let shape = self.shape(repeats);
        let end = self.alpha + seen.age;
        let phases = phases(self.regularity, shape, (seen.age - seen.recency) / end);
        let gradient = [phases.by_shape - ln_end, -(shape + phases.mean) / end];
        Score { value: phases.ln_sum - shape * ln_end, gradient }
    }
}

impl PurchaseModel for Nbd {
    fn log_likelihood(&self, customer: &Customer) -> f64 {
        let timing = Timing { recency: customer.recency, age: customer.age };
        Nbd::of_repeats(self, customer.repeats).value + self.of_seen(customer.repeats, &timing).value
    }

    fn probability_alive(&self, _: &Customer) -> f64 {
        1.0
    }

    fn expected_with(&self, alive: f64, customer: &Customer, periods: f64) -> f64 {
        alive * expected_if_alive(self, customer, periods, None)
    }

    fn expected_purchases_of_new(&self, periods: f64) -> f64 {
        self.expected_purchases(&Customer { repeats: 0.0, recency: 0.0, age: 0.0 }, periods)
    }
}
