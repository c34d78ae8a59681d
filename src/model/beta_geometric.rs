//! BG/NBD and related models: after a purchase a customer may leave, with a probability that is beta distributed over customers.
//!
//! - BG/NBD: Fader, Hardie & Lee 2005, "'Counting Your Customers' the Easy Way", Marketing Science 24(2). After each REPEAT
//!   purchase, so a customer with one purchase is alive with certainty.
//! - MBG/NBD: Batislam, Denizel & Filiztekin 2007, Int. J. of Research in Marketing 24(3). After the first purchase too.
//! - BG/CNBD-k, MBG/CNBD-k: Platzer & Reutterer 2016, "Ticking Away the Moments", Marketing Science 35(5). Erlang-k intervals.

use super::cells::{Customer, PatternCounts, Timing};
use super::estimate::{Fit, Parameters, search_above};
use super::leaving::doubt_leaving;
use super::likelihood::{Density, Row, Score};
use super::moments::Moments;
use super::nbd::{Nbd, expected_if_alive, phases, rate_and_age};
use super::opportunities::{Leaving, chances_of_opportunities};
use super::prediction::PurchaseModel;
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
    fn of_repeats(&self, repeats: f64) -> Score<4> {
        let Score { value, gradient: [by_r, by_alpha] } = self.buying.of_repeats(repeats);
        let (a, b, chances) = (self.a, self.b, repeats + self.chance.at_first());
        let before = digamma(a + b);
        let after = digamma(a + b + chances);
        let gradient = [by_r, by_alpha, before - after, digamma(b + chances) - after - digamma(b) + before];
        Score { value: value + ln_beta(a, b + chances) - ln_beta(a, b), gradient }
    }

    fn of_seen(&self, repeats: f64, seen: &Timing) -> Score<4> {
        let (end, last) = (self.buying.alpha + seen.age, self.buying.alpha + seen.recency);
        self.score(repeats, self.ln_odds(repeats), seen, [last.ln(), end.ln()])
    }

    fn of_rows(&self, repeats: f64, rows: &[Row<Timing>], moments: &Moments, each: &mut impl FnMut(&Row<Timing>, &Score<4>)) {
        let (lns, ln_odds) = (moments.lns(self.buying.alpha), self.ln_odds(repeats));
        for (row, places) in rows.iter().zip(moments.places()) {
            let lns = places.map(|place| lns.get(place).copied().unwrap_or(f64::NAN));
            each(row, &self.score(repeats, ln_odds, &row.seen, lns));
        }
    }
}

impl BetaGeometric {
    /// ln of the odds to leave after the last purchase.
    fn ln_odds(&self, repeats: f64) -> f64 {
        (self.a / (self.b + repeats + self.chance.at_first() - 1.0)).ln()
    }

    /// The part of the log-density that depends on what is seen beside x, with ln(α + t_x) and ln(α + T).
    fn score(&self, repeats: f64, ln_odds: f64, seen: &Timing, [ln_last, ln_end]: [f64; 2]) -> Score<4> {
        let shape = self.buying.shape(repeats);
        let (end, last) = (self.buying.alpha + seen.age, self.buying.alpha + seen.recency);
        let phases = phases(self.buying.regularity, shape, (seen.age - seen.recency) / end);
        let chances = repeats + self.chance.at_first();
        let mut value = phases.ln_sum - shape * ln_end;
        if chances < 1.0 {
            return Score { value, gradient: [phases.by_shape - ln_end, -(shape + phases.mean) / end, 0.0, 0.0] };
        }
        let ln_ratio = ln_end - ln_last;
        let ahead = ln_odds + shape * ln_ratio - phases.ln_sum;
        // One power for both, ln(1 + e^ahead) and 1 / (1 + e^(−ahead)). What ln(1 + power) rounds off is below the rounding of the value.
        let power = (-ahead.abs()).exp();
        value += ahead.max(0.0) + (1.0 + power).ln();
        let (less, more) = (power / (1.0 + power), 1.0 / (1.0 + power));
        let (left, alive) = if ahead > 0.0 { (more, less) } else { (less, more) };
        let gradient = [
            left * ln_ratio + alive * phases.by_shape - ln_end,
            left * shape * (1.0 / end - 1.0 / last) - alive * phases.mean / end - shape / end,
            left / self.a,
            -left / (self.b + chances - 1.0),
        ];
        Score { value, gradient }
    }
}

impl PurchaseModel for BetaGeometric {
    fn log_likelihood(&self, customer: &Customer) -> f64 {
        let timing = Timing { recency: customer.recency, age: customer.age };
        self.of_repeats(customer.repeats).value + self.of_seen(customer.repeats, &timing).value
    }

    fn probability_alive(&self, customer: &Customer) -> f64 {
        let timing = Timing { recency: customer.recency, age: customer.age };
        let part = (customer.age - customer.recency) / (self.buying.alpha + customer.age);
        let phases = phases(self.buying.regularity, self.buying.shape(customer.repeats), part);
        logistic(phases.ln_sum - self.ln_left(customer.repeats, &timing))
    }

    fn expected_with(&self, alive: f64, customer: &Customer, periods: f64) -> f64 {
        let leaving = Leaving { a: self.a, b: self.b + customer.repeats + self.chance.at_first() };
        alive * expected_if_alive(&self.buying, customer, periods, Some(&leaving))
    }

    fn expected_purchases_of_new(&self, periods: f64) -> f64 {
        self.expected_purchases(&Customer { repeats: 0.0, recency: 0.0, age: 0.0 }, periods)
    }
}
