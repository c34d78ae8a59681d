//! Pareto/NBD: customers buy at a rate and leave after a time that are both gamma mixed (Schmittlein, Morrison & Colombo 1987;
//! likelihood and P(alive) as in Fader & Hardie 2005, "A Note on Deriving the Pareto/NBD Model and Related Expressions").
//!
//! The papers write the chance to have left as the difference of two ₂F₁, which cancels for t_x near T, overflows for many
//! purchases, and needs two forms for α ≥ β and α < β. Here it is the integral behind it,
//! s ∫ (α + y)^−(r + x) (β + y)^−(s + 1) dy over the moments y from t_x to T at which the customer may have left (`left`); all scores are
//! means under its integrand.

use super::cells::{Customer, PatternCounts, Timing};
use super::estimate::Fit;
use super::left::{Integrand, Moment, Sums, Times};
use super::likelihood::{Density, Score};
use super::moments::Moments;
use super::nbd::{Nbd, rate_and_age};
use super::prediction::PurchaseModel;
use super::search::{Parameters, search, standard_errors};
use crate::statistics::special::{digamma, ln_gamma};

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
    /// The model at r, α, s and β.
    fn at([r, alpha, s, beta]: &[f64; 4]) -> Self {
        ParetoNbd { r: *r, alpha: *alpha, s: *s, beta: *beta }
    }

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
        let Some(found) = search(cells.sample(), ParetoNbd::at, &of) else {
            return Fit::too_few("the likelihood is not defined for these customers".to_owned(), cells.len(), without.customers);
        };
        let model = ParetoNbd::at(&found.parameters);
        super::leaving::doubt_leaving(found.into_fit(&of, model, cells.len(), without.customers), without_leaving)
    }

    /// The standard errors of r, α, s and β, where the likelihood of those histories has its maximum here.
    pub fn standard_errors(&self, cells: &PatternCounts) -> Option<[f64; 4]> {
        standard_errors(cells.sample(), ParetoNbd::at, &[self.r, self.alpha, self.s, self.beta])
    }

    /// The integrand of the times of leaving of customers with x repeats.
    fn integrand(&self, repeats: f64) -> Integrand {
        Integrand { many: self.r + repeats, alpha: self.alpha, few: self.s + 1.0, beta: self.beta }
    }

    /// The chance that a customer has not left.
    fn probability(&self, known: &Lifetimes, places: [u32; 2]) -> f64 {
        self.fate(known, places).map_or(f64::NAN, |fate| fate.alive / fate.whole)
    }

    /// The fate of a customer who was last seen to buy at one moment and is observed up to another one.
    ///
    /// The integral from t_x to T is the one from t_x to the last moment of all less that from T, so that each stretch between two
    /// moments is integrated once and not for every customer whose time contains it. The difference is as exact as the integral: what is
    /// taken away, times s, is less than the density of being alive at T, which is added to it.
    #[inline(always)]
    fn fate<'a>(&self, known: &'a Lifetimes, [last, end]: [u32; 2]) -> Option<Fate<'a>> {
        let ((last_at, to_last), (end_at, beyond)) = (known.moments.get(last as usize)?, known.moments.get(end as usize)?);
        let fallen = (end_at.ln_value - last_at.ln_value).exp();
        let left = if last == end { Sums::default() } else { to_last.less(fallen, beyond) };
        let alive = fallen * (self.beta + end_at.at);
        Some(Fate { last: last_at, end: end_at, alive, left, whole: alive + self.s * left.whole })
    }
}

impl Density<4, Timing> for ParetoNbd {
    type Prepared = Times;
    type Known = Lifetimes;

    fn of_repeats(&self, repeats: f64) -> Score<4> {
        let Self { r, alpha, s, beta } = *self;
        let value = ln_gamma(r + repeats) - ln_gamma(r) + r * alpha.ln() + s * beta.ln();
        Score { value, gradient: [digamma(r + repeats) - digamma(r) + alpha.ln(), r / alpha, beta.ln(), s / beta] }
    }

    fn prepared(&self, moments: &Vec<f64>) -> Times {
        Times::of([self.alpha, self.beta], moments)
    }

    fn known(&self, times: &Times, repeats: f64, moments: &Moments) -> Lifetimes {
        let integrand = self.integrand(repeats);
        let known: Vec<Moment> = moments.of(&times.all).map(|time| integrand.at(time)).collect();
        let lefts = integrand.to_the_last(&known, |place| times.step(moments.places().get(place..place + 2)?));
        Lifetimes { integrand, moments: known.into_iter().zip(lefts).collect() }
    }

    #[inline(always)]
    fn of_seen(&self, known: &Lifetimes, _: &Timing, places: [u32; 2]) -> Score<4> {
        let Some(Fate { last, end, alive, left, whole }) = self.fate(known, places) else { return Score::NONE };
        let (end_alpha, end_beta) = (self.alpha + end.at, self.beta + end.at);
        let by_whole = 1.0 / whole;
        let (alive, chance) = (alive * by_whole, self.s * by_whole);
        let integrand = &known.integrand;
        let gradient = [
            -alive * end.ln_alpha - chance * left.ln_alpha,
            -integrand.many * (alive / end_alpha + chance * left.by_alpha),
            -alive * end.ln_beta + left.whole * by_whole - chance * left.ln_beta,
            -alive * self.s / end_beta - chance * integrand.few * left.by_beta,
        ];
        Score { value: last.ln_value + whole.ln(), gradient }
    }
}

/// What customers with the same x share.
pub struct Lifetimes {
    integrand: Integrand,
    /// The moments of last purchases and of ends, each with the integrals from it to the last one, relative to the integrand at it.
    moments: Vec<(Moment, Sums)>,
}

/// The chances of a customer, relative to the integrand at t_x.
#[derive(Debug, Clone, Copy)]
struct Fate<'a> {
    /// t_x.
    last: &'a Moment,
    /// T.
    end: &'a Moment,
    /// The density of being alive at T.
    alive: f64,
    /// The integrals over the moments between at which the customer may have left.
    left: Sums,
    /// The density of both.
    whole: f64,
}

impl PurchaseModel for ParetoNbd {
    fn log_likelihood(&self, customer: &Customer) -> f64 {
        let timing = Timing { recency: customer.recency, age: customer.age };
        self.of_one(customer.repeats, timing).value
    }

    fn probability_alive(&self, customer: &Customer) -> f64 {
        let timing = Timing { recency: customer.recency, age: customer.age };
        let (known, place) = self.known_of_one(customer.repeats, timing);
        place.map_or(f64::NAN, |place| self.probability(&known, place))
    }

    /// Schmittlein, Morrison & Colombo 1987, equation (22), by expm1 so that s = 1 is nothing special.
    fn expected_by_phase(&self, repeats: f64, age: f64, periods: f64) -> Vec<f64> {
        let (end_alpha, end_beta) = (self.alpha + age, self.beta + age);
        let ln_ratio = libm::log1p(periods / end_beta);
        let less = self.s - 1.0;
        let lived = if less.abs() * ln_ratio < 1e-300 { ln_ratio } else { -libm::expm1(-less * ln_ratio) / less };
        vec![(self.r + repeats) / end_alpha * end_beta * lived]
    }

    fn log_likelihoods(&self, cells: &PatternCounts) -> Vec<f64> {
        cells.sample().values(self)
    }

    fn probabilities_alive(&self, cells: &PatternCounts) -> Vec<f64> {
        cells.sample().map(self, |_, known, _, place| self.probability(known, place))
    }

    fn expected_purchases_of_new(&self, periods: f64) -> f64 {
        self.expected_purchases(&Customer { repeats: 0.0, recency: 0.0, age: 0.0 }, periods)
    }
}
