//! Pareto/NBD: customers buy at a rate and leave after a time that are both gamma mixed (Schmittlein, Morrison & Colombo 1987;
//! likelihood and P(alive) as in Fader & Hardie 2005, "A Note on Deriving the Pareto/NBD Model and Related Expressions").
//!
//! The papers write the chance to have left as the difference of two ₂F₁, which cancels for t_x near T, overflows for many
//! purchases, and needs two forms for α ≥ β and α < β. Here it is the integral behind it,
//! s ∫ (α + y)^−(r + x) (β + y)^−(s + 1) dy over the moments y from t_x to T at which the customer may have left. Its integrand is
//! positive and, on the scale w = ln((m + y) / (m + t_x)) with m = min(α, β), log-concave and analytic as far as ±iπ, so that
//! a few panels of Gauss-Legendre quadrature give it to 14 digits; all scores are means under it.

use super::cells::{Customer, PatternCounts, Timing};
use super::estimate::{Fit, Parameters, search};
use super::likelihood::{Density, Score};
use super::nbd::{Nbd, rate_and_age};
use super::prediction::PurchaseModel;
use super::quadrature::{LONG, SHORT};
use crate::statistics::special::{digamma, ln_add_exp, ln_gamma, logistic};

/// The model at its parameters, times in periods.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParetoNbd {
    /// Shape of the gamma distribution of the purchase rates.
    pub r: f64,
    /// Its rate parameter.
    pub alpha: f64,
    /// Shape of the gamma distribution of the rates of leaving.
    pub s: f64,
    /// Its rate parameter.
    pub beta: f64,
}

/// The integral over the times of leaving, and means under its integrand.
struct Left {
    /// Its logarithm; −∞ where the last purchase is the end.
    ln_integral: f64,
    ln_alpha: f64,
    ln_beta: f64,
    by_alpha: f64,
    by_beta: f64,
}

/// The fall of ln of the integrand beyond which the rest is below rounding.
const DEEPEST: f64 = 38.0;

/// The fall within a panel up to which its nodes are exact to 14 digits.
const PANEL_FALL: f64 = 8.0;

/// The length of a panel up to which the singularities at ±iπ are far enough.
const PANEL_LENGTH: f64 = 2.0;

/// The fall and the length up to which half the nodes are as exact.
const SHORT_FALL: f64 = 1.0;
const SHORT_LENGTH: f64 = 0.5;

impl ParetoNbd {
    /// The fit by maximum likelihood. If a model without leaving explains the data as well, it is not identified.
    pub fn fit(cells: &PatternCounts) -> Fit<ParetoNbd> {
        let without = Nbd::fit(cells, 1);
        let (Some(without_leaving), Some(start)) = (without.log_likelihood, without.model) else {
            return Fit::too_few(without.reason, without.cells, without.customers);
        };
        let (rate, age) = rate_and_age(cells);
        let of = Parameters {
            names: ["r", "alpha", "s", "beta"],
            sizes: [1.0, age, 1.0, age],
            starts: vec![[0.5, 0.25 / rate, 0.5, 0.4 * age], [start.r, start.alpha, 0.2, age], [1.0, 0.3 / rate, 1.0, 0.3 * age]],
        };
        let at = |[r, alpha, s, beta]: &[f64; 4]| ParetoNbd { r: *r, alpha: *alpha, s: *s, beta: *beta };
        let Some(found) = search(cells.sample(), at, &of) else {
            return Fit::too_few("the likelihood is not defined for these customers".to_owned(), cells.len(), without.customers);
        };
        let model = at(&found.parameters);
        super::leaving::doubt_leaving(found.into_fit(&of, model, cells.len(), without.customers), without_leaving)
    }

    /// ∫ (α + y)^−(r + x) (β + y)^−(s + 1) dy from t_x to T.
    fn left(&self, repeats: f64, timing: &Timing) -> Left {
        let (many, few) = (self.r + repeats, self.s + 1.0);
        let smaller = self.alpha.min(self.beta);
        let first = smaller + timing.recency;
        let ln_of_first = first.ln();
        let length = ((smaller + timing.age) / first).ln();
        let (from_alpha, from_beta) = (self.alpha - smaller, self.beta - smaller);
        let ln_first = many * (self.alpha + timing.recency).ln() + few * (self.beta + timing.recency).ln();
        // ln of the integrand falls by this at most per unit of w.
        let steepest = many + few;
        let [mut sum, mut ln_alpha, mut ln_beta, mut by_alpha, mut by_beta] = [0.0; 5];
        let mut start = 0.0;
        while start < length {
            let moment = first * f64::exp(start);
            let (alpha, beta) = (moment + from_alpha, moment + from_beta);
            let fallen = many * alpha.ln() + few * beta.ln() - start - ln_first;
            if fallen > DEEPEST {
                break;
            }
            // The fall per unit of w, which grows no faster than e^w.
            let slope = moment * (many / alpha + few / beta);
            let mut panel = PANEL_LENGTH.min(length - start);
            while (slope * panel.exp()).min(steepest) * panel > PANEL_FALL {
                panel *= 0.5;
            }
            // A short and flat panel is exact with half the nodes.
            let is_short = panel <= SHORT_LENGTH && (slope * panel.exp()).min(steepest) * panel <= SHORT_FALL;
            let nodes: &[(f64, f64)] = if is_short { &SHORT } else { &LONG };
            for (node, weight) in nodes {
                let w = start + panel * node;
                let moment = first * w.exp();
                let (alpha, beta) = (moment + from_alpha, moment + from_beta);
                let ln_smaller = w + ln_of_first;
                let (ln_a, ln_b) = if from_alpha > 0.0 { (alpha.ln(), ln_smaller) } else { (ln_smaller, beta.ln()) };
                let value = panel * weight * (w - many * ln_a - few * ln_b + ln_first).exp();
                sum += value;
                ln_alpha += value * ln_a;
                ln_beta += value * ln_b;
                by_alpha += value / alpha;
                by_beta += value / beta;
            }
            start += panel;
        }
        if sum == 0.0 {
            return Left { ln_integral: f64::NEG_INFINITY, ln_alpha: 0.0, ln_beta: 0.0, by_alpha: 0.0, by_beta: 0.0 };
        }
        Left {
            ln_integral: sum.ln() + ln_of_first - ln_first,
            ln_alpha: ln_alpha / sum,
            ln_beta: ln_beta / sum,
            by_alpha: by_alpha / sum,
            by_beta: by_beta / sum,
        }
    }

    /// ln of the density of being alive at T, without the factors that depend on x only.
    fn ln_alive(&self, repeats: f64, timing: &Timing) -> f64 {
        -(self.r + repeats) * (self.alpha + timing.age).ln() - self.s * (self.beta + timing.age).ln()
    }
}

impl Density<4, Timing> for ParetoNbd {
    fn of_repeats(&self, repeats: f64) -> Score<4> {
        let Self { r, alpha, s, beta } = *self;
        let value = ln_gamma(r + repeats) - ln_gamma(r) + r * alpha.ln() + s * beta.ln();
        Score { value, gradient: [digamma(r + repeats) - digamma(r) + alpha.ln(), r / alpha, beta.ln(), s / beta] }
    }

    fn of_seen(&self, repeats: f64, seen: &Timing) -> Score<4> {
        let Self { r, alpha, s, beta } = *self;
        let left = self.left(repeats, seen);
        let ln_alive = self.ln_alive(repeats, seen);
        let ln_left = s.ln() + left.ln_integral;
        let chance = logistic(ln_left - ln_alive);
        let alive = 1.0 - chance;
        let (end_alpha, end_beta) = (alpha + seen.age, beta + seen.age);
        let gradient = [
            -alive * end_alpha.ln() - chance * left.ln_alpha,
            -(r + repeats) * (alive / end_alpha + chance * left.by_alpha),
            -alive * end_beta.ln() + chance * (1.0 / s - left.ln_beta),
            -alive * s / end_beta - chance * (s + 1.0) * left.by_beta,
        ];
        Score { value: ln_add_exp(ln_alive, ln_left), gradient }
    }
}

impl PurchaseModel for ParetoNbd {
    fn log_likelihood(&self, customer: &Customer) -> f64 {
        let timing = Timing { recency: customer.recency, age: customer.age };
        self.of_repeats(customer.repeats).value + self.of_seen(customer.repeats, &timing).value
    }

    fn probability_alive(&self, customer: &Customer) -> f64 {
        let timing = Timing { recency: customer.recency, age: customer.age };
        let ln_left = self.s.ln() + self.left(customer.repeats, &timing).ln_integral;
        logistic(self.ln_alive(customer.repeats, &timing) - ln_left)
    }

    /// Schmittlein, Morrison & Colombo 1987, equation (22), by expm1 so that s = 1 is nothing special.
    fn expected_with(&self, alive: f64, customer: &Customer, periods: f64) -> f64 {
        let (end_alpha, end_beta) = (self.alpha + customer.age, self.beta + customer.age);
        let ln_ratio = (periods / end_beta).ln_1p();
        let less = self.s - 1.0;
        let lived = if less.abs() * ln_ratio < 1e-300 { ln_ratio } else { -(-less * ln_ratio).exp_m1() / less };
        alive * (self.r + customer.repeats) / end_alpha * end_beta * lived
    }

    fn expected_purchases_of_new(&self, periods: f64) -> f64 {
        self.expected_purchases(&Customer { repeats: 0.0, recency: 0.0, age: 0.0 }, periods)
    }
}
