//! Pareto/NBD: customers buy at a rate and leave after a time that are both gamma mixed (Schmittlein, Morrison & Colombo 1987;
//! likelihood and P(alive) as in Fader & Hardie 2005, "A Note on Deriving the Pareto/NBD Model and Related Expressions").
//!
//! The papers write the chance to have left as the difference of two ₂F₁, which cancels for t_x near T, overflows for many
//! purchases, and needs two forms for α ≥ β and α < β. Here it is the integral behind it,
//! s ∫ (α + y)^−(r + x) (β + y)^−(s + 1) dy over the moments y from t_x to T at which the customer may have left (`left`); all scores are
//! means under its integrand.

use super::cells::{Customer, PatternCounts, Timing};
use super::estimate::{Fit, Parameters, search};
use super::left::{Integrand, Moment, Sums};
use super::likelihood::{Density, Row, Score};
use super::moments::Moments;
use super::nbd::{Nbd, rate_and_age};
use super::prediction::PurchaseModel;
use crate::statistics::special::{digamma, ln_gamma, logistic};

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

impl ParetoNbd {
    /// The fit by maximum likelihood. If a model without leaving explains the data as well, it is not identified.
    pub fn fit(cells: &PatternCounts) -> Fit<ParetoNbd> {
        ParetoNbd::fit_beside(&Nbd::fit(cells, 1), cells)
    }

    /// The same if the model without leaving is fitted already.
    pub fn fit_beside(without: &Fit<Nbd>, cells: &PatternCounts) -> Fit<ParetoNbd> {
        let (Some(without_leaving), Some(start)) = (without.log_likelihood, without.model) else {
            return Fit::too_few(without.reason.clone(), without.cells, without.customers);
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

    /// The integrand of the times of leaving of customers with x repeats.
    fn integrand(&self, repeats: f64) -> Integrand {
        Integrand { many: self.r + repeats, alpha: self.alpha, few: self.s + 1.0, beta: self.beta }
    }

    /// The density, without the factors that depend on x only, of a customer who may have left between the moments t_x and T. The integrals
    /// between them are relative to the integrand at t_x.
    fn score(&self, integrand: &Integrand, [last, end]: [&Moment; 2], fallen: f64, left: &Sums) -> Score<4> {
        let (end_alpha, end_beta) = (self.alpha + end.at, self.beta + end.at);
        let alive = fallen * end_beta;
        let whole = alive + self.s * left.whole;
        let (alive, chance) = (alive / whole, self.s / whole);
        let gradient = [
            -alive * end.ln_alpha - chance * left.ln_alpha,
            -integrand.many * (alive / end_alpha + chance * left.by_alpha),
            -alive * end.ln_beta + left.whole / whole - chance * left.ln_beta,
            -alive * self.s / end_beta - chance * integrand.few * left.by_beta,
        ];
        Score { value: last.ln_value + whole.ln(), gradient }
    }
}

impl Density<4, Timing> for ParetoNbd {
    fn of_repeats(&self, repeats: f64) -> Score<4> {
        let Self { r, alpha, s, beta } = *self;
        let value = ln_gamma(r + repeats) - ln_gamma(r) + r * alpha.ln() + s * beta.ln();
        Score { value, gradient: [digamma(r + repeats) - digamma(r) + alpha.ln(), r / alpha, beta.ln(), s / beta] }
    }

    fn of_seen(&self, repeats: f64, seen: &Timing) -> Score<4> {
        let integrand = self.integrand(repeats);
        let (last, end) = (integrand.at(seen.recency), integrand.at(seen.age));
        let left = integrand.between(&last, &end);
        self.score(&integrand, [&last, &end], (end.ln_value - last.ln_value).exp(), &left)
    }

    /// The integral from t_x to T is the one from t_x to the last moment of all rows less that from T, so that each stretch between two
    /// moments is integrated once and not for every row that contains it. The difference is as exact as the integral: what is taken away,
    /// times s, is less than the density of being alive at T, which is added to it.
    fn of_rows(&self, repeats: f64, rows: &[Row<Timing>], moments: &Moments, each: &mut impl FnMut(&Row<Timing>, &Score<4>)) {
        let integrand = self.integrand(repeats);
        let known: Vec<Moment> = moments.all().iter().map(|at| integrand.at(*at)).collect();
        let lefts = integrand.to_the_last(&known);
        for (row, [last, end]) in rows.iter().zip(moments.places()) {
            let (Some(from), Some(to)) = (known.get(last).zip(lefts.get(last)), known.get(end).zip(lefts.get(end))) else { continue };
            let fallen = (to.0.ln_value - from.0.ln_value).exp();
            let left = if last == end { Sums::default() } else { from.1.less(fallen, to.1) };
            each(row, &self.score(&integrand, [from.0, to.0], fallen, &left));
        }
    }
}

impl PurchaseModel for ParetoNbd {
    fn log_likelihood(&self, customer: &Customer) -> f64 {
        let timing = Timing { recency: customer.recency, age: customer.age };
        self.of_repeats(customer.repeats).value + self.of_seen(customer.repeats, &timing).value
    }

    fn probability_alive(&self, customer: &Customer) -> f64 {
        let integrand = self.integrand(customer.repeats);
        let (last, end) = (integrand.at(customer.recency), integrand.at(customer.age));
        let ln_left = (self.s * integrand.between(&last, &end).whole).ln() + last.ln_value;
        logistic(end.ln_value + end.ln_beta - ln_left)
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
