//! Gamma-Gamma: the mean value of a customer's purchases (Fader & Hardie 2013, "The Gamma-Gamma Model of Monetary Value").
//!
//! Purchases of a customer are gamma distributed with shape p and a scale that varies over customers; how much is independent of
//! how often, which the correlation of x and m should confirm.

use rayon::prelude::*;

use super::estimate::{FEWEST_REPEATERS, Fit};
use super::likelihood::{Density, Observation, Row, Sample, Score};
use super::search::{Parameters, search};
use crate::statistics::special::{digamma, ln_gamma};

/// The model at its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GammaGamma {
    /// Shape of a customer's purchase values.
    pub p: f64,
    /// Shape of the gamma distribution of their rates.
    pub q: f64,
    /// Its rate parameter, in money.
    pub gamma: f64,
}

/// What a customer spent on x purchases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spend {
    ln_mean: f64,
    /// m x.
    total: f64,
}

/// Customers with repeat purchases by (x, m): how many each pair has.
#[derive(Debug, Clone)]
pub struct Spenders {
    sample: Sample<Spend>,
    customers: u64,
    left_out: u64,
}

impl Spenders {
    /// Counts customers, in any order, by x and m, the mean value of their repeat purchase days (without the first day).
    /// Customers with x = 0, or a mean that is not above 0, have no such distribution and are left out.
    pub fn new(mut all: Vec<(u32, f64)>) -> Self {
        let before = all.len();
        all.retain(|(repeats, mean)| *repeats > 0 && *mean > 0.0 && mean.is_finite());
        // For positive numbers the order of the bits is the order of the values.
        all.par_sort_unstable_by_key(|(repeats, mean)| (*repeats, mean.to_bits()));
        let rows = all.chunk_by(|one, other| one == other).filter_map(|equal| {
            let (repeats, mean) = *equal.first()?;
            let repeats = f64::from(repeats);
            Some((repeats, Row { group: 0, weight: equal.len() as f64, seen: Spend { ln_mean: mean.ln(), total: mean * repeats } }))
        });
        Spenders { sample: Sample::new(rows), customers: all.len() as u64, left_out: (before - all.len()) as u64 }
    }

    /// The number of customers with repeat purchases of some value.
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// The number of customers that were left out.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Pearson's correlation of x and m, which the model assumes to be 0; `None` if one of them does not vary.
    pub fn correlation(&self) -> Option<f64> {
        let count = self.customers as f64;
        let mean_repeats = self.sample.weighted_sum(|repeats, _| repeats) / count;
        let mean_value = self.sample.weighted_sum(|repeats, spend| spend.total / repeats) / count;
        let moment = |f: &dyn Fn(f64, f64) -> f64| {
            self.sample.weighted_sum(|repeats, spend| f(repeats - mean_repeats, spend.total / repeats - mean_value))
        };
        let (both, of_repeats, of_value) = (moment(&|x, m| x * m), moment(&|x, _| x * x), moment(&|_, m| m * m));
        let correlation = both / (of_repeats * of_value).sqrt();
        correlation.is_finite().then_some(correlation)
    }

    fn mean(&self) -> f64 {
        self.sample.weighted_sum(|repeats, spend| spend.total / repeats) / self.customers as f64
    }
}

impl GammaGamma {
    /// The fit by maximum likelihood.
    pub fn fit(spenders: &Spenders) -> Fit<GammaGamma> {
        let (cells, customers) = (spenders.sample.len(), spenders.customers);
        if customers < FEWEST_REPEATERS {
            let reason = format!("{customers} customers with a repeat purchase of some value, at least {FEWEST_REPEATERS} needed");
            return Fit::too_few(reason, cells, customers);
        }
        let mean = spenders.mean();
        let of = Parameters {
            names: ["p", "q", "gamma"],
            sizes: [1.0, 1.0, mean],
            starts: vec![[2.0, 3.0, mean], [6.0, 4.0, 0.5 * mean], [1.0, 2.0, mean]],
        };
        let at = |[p, q, gamma]: &[f64; 3]| GammaGamma { p: *p, q: *q, gamma: *gamma };
        let Some(found) = search(&spenders.sample, at, &of) else {
            return Fit::too_few("the likelihood is not defined for these customers".to_owned(), cells, customers);
        };
        let model = at(&found.parameters);
        found.into_fit(&of, model, cells, customers)
    }

    /// The log-density of a mean value m of x purchases.
    pub fn log_likelihood(&self, repeats: f64, mean: f64) -> f64 {
        self.of_one(repeats, Spend { ln_mean: mean.ln(), total: mean * repeats }).value
    }

    /// The mean value of a purchase over all customers, p γ / (q − 1); `None` for q ≤ 1, where it is infinite.
    pub fn mean_value(&self) -> Option<f64> {
        (self.q > 1.0).then(|| self.p * self.gamma / (self.q - 1.0))
    }

    /// E(M | x, m), a customer's mean value of a purchase (Fader & Hardie 2013, equation 5); the population's for x = 0.
    /// `None` where it is infinite.
    pub fn expected_value(&self, repeats: f64, mean: f64) -> Option<f64> {
        if repeats == 0.0 {
            return self.mean_value();
        }
        let shape = self.p * repeats + self.q - 1.0;
        (shape > 0.0).then(|| self.p * (self.gamma + mean * repeats) / shape)
    }
}

impl Observation for Spend {
    type Common = ();
    type Shared = ();
    type Place = ();

    fn shared(rows: &[Row<Spend>]) -> ((), Vec<()>) {
        ((), vec![(); rows.len()])
    }

    fn common(_: &mut [()]) {}
}

impl Density<3, Spend> for GammaGamma {
    type Prepared = ();
    /// x.
    type Known = f64;

    fn prepared(&self, _: &()) {}

    fn known(&self, _: &(), repeats: f64, _: &()) -> f64 {
        repeats
    }

    fn of_repeats(&self, repeats: f64) -> Score<3> {
        let Self { p, q, gamma } = *self;
        let shape = p * repeats + q;
        let value = ln_gamma(shape) - ln_gamma(p * repeats) - ln_gamma(q) + q * gamma.ln() + p * repeats * repeats.ln();
        let of_shape = digamma(shape);
        let by_p = repeats * (of_shape - digamma(p * repeats) + repeats.ln());
        Score { value, gradient: [by_p, of_shape - digamma(q) + gamma.ln(), q / gamma] }
    }

    #[inline]
    fn of_seen(&self, repeats: &f64, seen: &Spend, _: ()) -> Score<3> {
        let repeats = *repeats;
        let Self { p, q, gamma } = *self;
        let (shape, sum) = (p * repeats + q, gamma + seen.total);
        let ln_sum = sum.ln();
        let value = (p * repeats - 1.0) * seen.ln_mean - shape * ln_sum;
        Score { value, gradient: [repeats * (seen.ln_mean - ln_sum), -ln_sum, -shape / sum] }
    }
}

/// The discounted value of a customer: Σ over periods i of value · (expected purchases by i − by i − 1) / (1 + rate)ⁱ.
/// `expected_by` returns the expected purchases from now to the end of a period.
pub fn discounted_value(value: f64, periods: u32, rate: f64, expected_by: impl Fn(u32) -> f64) -> f64 {
    let (mut sum, mut before, mut factor) = (0.0, 0.0, 1.0);
    for period in 1..=periods {
        let by = expected_by(period);
        factor /= 1.0 + rate;
        sum += value * (by - before) * factor;
        before = by;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_population_mean_is_refused_where_it_is_infinite() {
        let heavy = GammaGamma { p: 2.0, q: 1.0, gamma: 10.0 };
        assert_eq!((heavy.mean_value(), heavy.expected_value(0.0, 0.0)), (None, None));
        // p (γ + x m) / (p x + q − 1) = 2 · (10 + 20) / 4.
        assert_eq!(heavy.expected_value(2.0, 10.0), Some(15.0));
        assert_eq!(GammaGamma { q: 3.0, ..heavy }.mean_value(), Some(10.0));
    }

    #[test]
    fn equal_spenders_are_one_row_and_worthless_ones_none() {
        let spenders = Spenders::new(vec![(2, 5.0), (0, 9.0), (1, 7.0), (2, 5.0), (3, 0.0)]);
        assert_eq!((spenders.sample.len(), spenders.customers(), spenders.left_out()), (2, 3, 2));
        // Points (1, 7), (2, 5), (2, 5) are on a falling line.
        assert!((spenders.correlation().unwrap() + 1.0).abs() < 1e-12);
        assert_eq!(Spenders::new(vec![(2, 5.0), (2, 6.0)]).correlation(), None);
    }

    #[test]
    fn value_to_come_is_discounted_by_period() {
        // One purchase a period, worth 100, at 25 %: 80 + 64.
        assert!((discounted_value(100.0, 2, 0.25, f64::from) - 144.0).abs() < 1e-12);
    }
}
