//! BG/NBD and related models: after a purchase a customer may leave, with a probability that is beta distributed over customers.
//!
//! - BG/NBD: Fader, Hardie & Lee 2005, "'Counting Your Customers' the Easy Way", Marketing Science 24(2). After each REPEAT
//!   purchase, so a customer with one purchase is alive with certainty.
//! - MBG/NBD: Batislam, Denizel & Filiztekin 2007, Int. J. of Research in Marketing 24(3). After the first purchase too.
//! - BG/CNBD-k, MBG/CNBD-k: Platzer & Reutterer 2016, "Ticking Away the Moments", Marketing Science 35(5). Erlang-k intervals.

use super::cells::{Customer, PatternCounts, Timing};
use super::estimate::Fit;
use super::leaving::doubt_leaving;
use super::likelihood::{Density, Score};
use super::moments::Moments;
use super::nbd::{Nbd, phases, rate_and_age};
use super::opportunities::{Leaving, chances_of_opportunities};
use super::prediction::PurchaseModel;
use super::search::{Parameters, search_above, standard_errors};
use crate::statistics::special::{digamma, ln_beta, logistic};

/// After which purchases a customer may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chance {
    /// After each but the first: BG.
    AfterRepeats,
    /// After each: MBG.
    AfterAll,
}

impl Chance {
    /// The chances to leave that a customer with x repeat purchases has survived if alive, less x.
    fn at_first(self) -> f64 {
        match self {
            Chance::AfterRepeats => 0.0,
            Chance::AfterAll => 1.0,
        }
    }
}

/// A model of the family at its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BetaGeometric {
    /// How customers buy while alive.
    pub buying: Nbd,
    /// After which purchases they may leave.
    pub chance: Chance,
    /// First parameter of the beta distribution of the chance to leave.
    pub a: f64,
    /// Second one.
    pub b: f64,
}

impl BetaGeometric {
    /// The model of that kind, k and (r, α, a, b).
    pub fn new(chance: Chance, regularity: u32, [r, alpha, a, b]: [f64; 4]) -> Self {
        BetaGeometric { buying: Nbd { regularity: regularity.max(1), r, alpha }, chance, a, b }
    }

    /// The fit by maximum likelihood. If a model without leaving explains the data as well, it is not identified.
    pub fn fit(cells: &PatternCounts, chance: Chance, regularity: u32) -> Fit<BetaGeometric> {
        BetaGeometric::fit_beside(&Nbd::fit(cells, regularity), cells, chance)
    }

    /// The same if the model without leaving, which has the same k, is fitted already.
    pub fn fit_beside(without: &Fit<Nbd>, cells: &PatternCounts, chance: Chance) -> Fit<BetaGeometric> {
        let too_few = |reason: String| Fit::too_few(reason, without.cells, without.customers);
        let Some(start) = without.model else { return too_few(without.reason.clone()) };
        BetaGeometric::search(f64::NEG_INFINITY, start, cells, chance)
            .map(|fit| doubt_leaving(fit, without.log_likelihood.unwrap_or(f64::NEG_INFINITY)))
            .unwrap_or_else(|| too_few("the likelihood is not defined for these customers".to_owned()))
    }

    /// The same for a model that is of use only if its log-likelihood is above `least`; `None` if that is certainly not so. The model without
    /// leaving is fitted to all customers only where it is.
    pub fn fit_above(least: f64, cells: &PatternCounts, chance: Chance, regularity: u32) -> Option<Fit<BetaGeometric>> {
        let fit = BetaGeometric::search(least, Nbd::near(cells, regularity)?, cells, chance)?;
        Some(doubt_leaving(fit, Nbd::fit(cells, regularity).log_likelihood?))
    }

    /// The maximum of the likelihood, from the model without leaving; `None` if it is not above `least`.
    fn search(least: f64, start: Nbd, cells: &PatternCounts, chance: Chance) -> Option<Fit<BetaGeometric>> {
        let regularity = start.regularity;
        let of_intervals = f64::from(regularity - 1) * cells.ln_intervals();
        let (rate, age) = rate_and_age(cells);
        let scale = 1.0 / (rate * f64::from(regularity));
        let of = Parameters {
            names: ["r", "alpha", "a", "b"],
            sizes: [1.0, age, 1.0, 1.0],
            // The last two start with hardly any leaving, because the ridge towards none may have its own maximum.
            starts: vec![
                [0.5, 0.25 * scale, 0.5, 2.0],
                [0.2, 0.1 * scale, 1.0, 1.5],
                [start.r, start.alpha, 0.1, 4.0],
                [start.r, start.alpha, 0.003, 8.0],
            ],
        };
        let at = |parameters: &[f64; 4]| BetaGeometric::new(chance, regularity, *parameters);
        let found = search_above(least - of_intervals, cells.sample(), at, &of)?;
        let model = at(&found.parameters);
        let mut fit = found.into_fit(&of, model, cells.len(), cells.customers());
        fit.log_likelihood = fit.log_likelihood.map(|value| value + of_intervals);
        Some(fit)
    }

    /// The standard errors of r, α, a and b, where the likelihood of those histories has its maximum here.
    pub fn standard_errors(&self, cells: &PatternCounts) -> Option<[f64; 4]> {
        let at = |parameters: &[f64; 4]| BetaGeometric::new(self.chance, self.buying.regularity, *parameters);
        standard_errors(cells.sample(), at, &[self.buying.r, self.buying.alpha, self.a, self.b])
    }

    /// P(X(t) = x) for a customer in the t periods after the first purchase (Fader, Hardie & Lee 2005, equation 8).
    pub fn probability_of_purchases(&self, periods: f64, count: u32) -> f64 {
        let arrivals = self.buying.arrivals(0.0, 0.0, periods, 0);
        let (exactly, at_least) = chances_of_opportunities(&arrivals, count);
        let chances = f64::from(count) + self.chance.at_first();
        let normal = ln_beta(self.a, self.b);
        let alive = (ln_beta(self.a, self.b + chances) - normal).exp() * exactly;
        let left = if chances > 0.0 { (ln_beta(self.a + 1.0, self.b + chances - 1.0) - normal).exp() * at_least } else { 0.0 };
        alive + left
    }

    /// ln of the chance to have left after the last purchase, relative to the chance to be alive and in phase 0;
    /// −∞ if customers cannot leave after the last purchase.
    fn ln_left(&self, repeats: f64, timing: &Timing) -> f64 {
        let chances = repeats + self.chance.at_first();
        if chances < 1.0 {
            return f64::NEG_INFINITY;
        }
        let (end, last) = (self.buying.alpha + timing.age, self.buying.alpha + timing.recency);
        (self.a / (self.b + chances - 1.0)).ln() + self.buying.shape(repeats) * (end / last).ln()
    }
}

impl Density<4, Timing> for BetaGeometric {
    /// By moment y: ln(α + y) and 1 / (α + y).
    type Prepared = Vec<[f64; 2]>;
    type Known = Repeaters;

    fn of_repeats(&self, repeats: f64) -> Score<4> {
        let Score { value, gradient: [by_r, by_alpha] } = self.buying.of_repeats(repeats);
        let (a, b, chances) = (self.a, self.b, repeats + self.chance.at_first());
        let before = digamma(a + b);
        let after = digamma(a + b + chances);
        let gradient = [by_r, by_alpha, before - after, digamma(b + chances) - after - digamma(b) + before];
        Score { value: value + ln_beta(a, b + chances) - ln_beta(a, b), gradient }
    }

    fn prepared(&self, moments: &Vec<f64>) -> Vec<[f64; 2]> {
        let of_moment = |moment: &f64| [(self.buying.alpha + moment).ln(), 1.0 / (self.buying.alpha + moment)];
        moments.iter().map(of_moment).collect()
    }

    fn known(&self, prepared: &Vec<[f64; 2]>, repeats: f64, moments: &Moments) -> Repeaters {
        let shape = self.buying.shape(repeats);
        let ln_first = moments.of(prepared).next().map_or(0.0, |[ln_first, _]| *ln_first);
        let moment = |[ln, inverse]: &[f64; 2]| Moment { ln: *ln, inverse: *inverse, power: (shape * (ln - ln_first)).exp() };
        let chances = repeats + self.chance.at_first();
        let moments: Vec<Moment> = moments.of(prepared).map(moment).collect();
        // From there on powers are kept as logarithms.
        let is_large = moments.last().is_some_and(|last| last.power > LARGEST_POWER);
        let [by_a, by_b] = [1.0 / self.a, 1.0 / (self.b + chances - 1.0)];
        Repeaters { shape, can_have_left: chances >= 1.0, odds: self.a * by_b, by_a, by_b, moments, is_large }
    }

    #[inline(always)]
    fn of_seen(&self, known: &Repeaters, seen: &Timing, [last, end]: [u32; 2]) -> Score<4> {
        let Repeaters { shape, can_have_left, odds, by_a, by_b, ref moments, is_large } = *known;
        let (Some(last), Some(end)) = (moments.get(last as usize), moments.get(end as usize)) else { return Score::NONE };
        let phases = phases(self.buying.regularity, shape, (seen.age - seen.recency) * end.inverse);
        let value = -shape * end.ln;
        if !can_have_left {
            let gradient = [phases.by_shape - end.ln, -(shape + phases.mean) * end.inverse, 0.0, 0.0];
            return Score { value: value + phases.ln_sum(), gradient };
        }
        let ln_ratio = end.ln - last.ln;
        // Whoever is alive is in one of the phases, and left with these odds to the first of them.
        let (ln_whole, left, alive) = match () {
            () if is_large && odds.ln() + shape * ln_ratio > LARGEST_LN => (odds.ln() + shape * ln_ratio, 1.0, 0.0),
            () => {
                let has_left = odds * if is_large { (shape * ln_ratio).exp() } else { end.power / last.power };
                let whole = phases.sum + has_left;
                let by_whole = 1.0 / whole;
                (whole.ln(), has_left * by_whole, phases.sum * by_whole)
            }
        };
        let gradient = [
            left * ln_ratio + alive * phases.by_shape - end.ln,
            left * shape * (end.inverse - last.inverse) - alive * phases.mean * end.inverse - shape * end.inverse,
            left * by_a,
            -left * by_b,
        ];
        Score { value: value + ln_whole, gradient }
    }
}

/// The largest power of which quotients are computed, and the logarithm of an odds beyond which nobody is alive.
const LARGEST_POWER: f64 = 1e250;
const LARGEST_LN: f64 = 600.0;

/// What customers with the same x share.
pub struct Repeaters {
    /// r + k x.
    shape: f64,
    /// Whether there was a chance to leave.
    can_have_left: bool,
    /// The odds to leave after the last purchase: a / (b + chances − 1), with the chances to leave that those who are alive have survived.
    odds: f64,
    /// 1 / a.
    by_a: f64,
    /// 1 / (b + chances − 1).
    by_b: f64,
    /// The moments of last purchases and of ends.
    moments: Vec<Moment>,
    /// Whether a power is too large for quotients.
    is_large: bool,
}

/// A moment y.
#[derive(Debug, Clone, Copy)]
struct Moment {
    /// ln(α + y).
    ln: f64,
    /// 1 / (α + y).
    inverse: f64,
    /// (α + y)^(r + k x), as a multiple of that of the first moment.
    power: f64,
}

impl PurchaseModel for BetaGeometric {
    fn log_likelihood(&self, customer: &Customer) -> f64 {
        let timing = Timing { recency: customer.recency, age: customer.age };
        self.of_one(customer.repeats, timing).value
    }

    fn probability_alive(&self, customer: &Customer) -> f64 {
        let timing = Timing { recency: customer.recency, age: customer.age };
        let part = (customer.age - customer.recency) / (self.buying.alpha + customer.age);
        let phases = phases(self.buying.regularity, self.buying.shape(customer.repeats), part);
        logistic(phases.ln_sum() - self.ln_left(customer.repeats, &timing))
    }

    fn expected_by_phase(&self, repeats: f64, age: f64, periods: f64) -> Vec<f64> {
        let leaving = Leaving { a: self.a, b: self.b + repeats + self.chance.at_first() };
        self.buying.expected_by_phase(repeats, age, periods, &leaving)
    }

    fn mean_over_phases(&self, customer: &Customer, by_phase: &[f64]) -> f64 {
        self.buying.mean_over_phases(customer, by_phase)
    }

    fn log_likelihoods(&self, cells: &PatternCounts) -> Vec<f64> {
        cells.sample().values(self)
    }

    fn expected_purchases_of_new(&self, periods: f64) -> f64 {
        self.expected_purchases(&Customer { repeats: 0.0, recency: 0.0, age: 0.0 }, periods)
    }
}
