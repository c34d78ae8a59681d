//! Left: the integral over the moments at which a customer of Pareto/NBD may have left, and means under its integrand.
//!
//! The integrand (α + y)^−(r + x) (β + y)^−(s + 1) is positive and, on the scale w = ln((m + y) / (m + first)) with m = min(α, β),
//! log-concave and analytic as far as ±iπ, so that a few panels of Gauss-Legendre quadrature give its integral to 14 digits.

use super::quadrature::{FEWEST, LONG, SHORT, SHORTEST};

/// The exponents and scales of the integrand for customers with the same x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Integrand {
    /// r + x.
    pub many: f64,
    /// α.
    pub alpha: f64,
    /// s + 1.
    pub few: f64,
    /// β.
    pub beta: f64,
}

/// A moment y with the logarithms that customers with any x share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Time {
    /// y, in periods after the first purchase.
    at: f64,
    /// ln(α + y).
    ln_alpha: f64,
    /// ln(β + y).
    ln_beta: f64,
}

/// The moments of a sample, ascending, with what customers with any x share.
#[derive(Debug, Clone)]
pub struct Times {
    /// The moments.
    pub(super) all: Vec<Time>,
    /// By moment: the step to the next one.
    steps: Vec<Option<Step>>,
}

impl Times {
    /// Those moments under α and β.
    pub(super) fn of([alpha, beta]: [f64; 2], moments: &[f64]) -> Times {
        let all: Vec<Time> = moments.iter().map(|at| Time { at: *at, ln_alpha: (alpha + at).ln(), ln_beta: (beta + at).ln() }).collect();
        let steps = moments.windows(2).map(|pair| Step::of([alpha, beta], [pair[0], pair[1]])).collect();
        Times { all, steps }
    }

    /// The step between two neighbouring places.
    pub(super) fn step(&self, places: &[u32]) -> Option<&Step> {
        let [from, to] = places else { return None };
        (*to == from + 1).then(|| self.steps.get(*from as usize)?.as_ref())?
    }
}

/// A time so short that α + y and β + y hardly grow: most moments are a day apart. By node of the quadrature: its weight, how much ln(α + y) and
/// ln(β + y) have grown, and 1 / (α + y) and 1 / (β + y).
#[derive(Debug, Clone, Copy)]
pub(super) struct Step([Node; 3]);

#[derive(Debug, Clone, Copy, Default)]
struct Node {
    weight: f64,
    more_alpha: f64,
    more_beta: f64,
    by_alpha: f64,
    by_beta: f64,
}

impl Step {
    /// That from one moment to a later one; `None` where they grow too much.
    fn of([alpha, beta]: [f64; 2], [from, to]: [f64; 2]) -> Option<Step> {
        let length = to - from;
        let [by_alpha, by_beta] = [1.0 / (alpha + from), 1.0 / (beta + from)];
        let is_short = length * by_alpha.max(by_beta) <= LEAST_GROWTH;
        let node = |(node, weight): (f64, f64)| {
            let [of_alpha, of_beta] = [length * node * by_alpha, length * node * by_beta];
            Node {
                weight: length * weight,
                more_alpha: libm::log1p(of_alpha),
                more_beta: libm::log1p(of_beta),
                by_alpha: by_alpha / (1.0 + of_alpha),
                by_beta: by_beta / (1.0 + of_beta),
            }
        };
        is_short.then(|| Step(FEWEST.map(node)))
    }
}

/// A moment of customers with the same x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moment {
    /// y, in periods after the first purchase.
    pub at: f64,
    /// ln(α + y).
    pub ln_alpha: f64,
    /// ln(β + y).
    pub ln_beta: f64,
    /// ln of the integrand.
    pub ln_value: f64,
}

/// Integrals relative to the integrand at the first moment: of 1, of ln(α + y), ln(β + y), 1 / (α + y) and 1 / (β + y) under it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Sums {
    pub whole: f64,
    pub ln_alpha: f64,
    pub ln_beta: f64,
    pub by_alpha: f64,
    pub by_beta: f64,
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

/// The fall, and the growth of α + y and β + y, up to which three nodes are as exact, and a few terms of a series in place of a power.
const LEAST_FALL: f64 = 0.06;
const LEAST_GROWTH: f64 = 0.02;

/// The same of a third of the nodes.
const SHORTEST_FALL: f64 = 0.25;
const SHORTEST_LENGTH: f64 = 0.2;

impl Sums {
    /// These integrals less `factor` times others.
    #[inline(always)]
    pub fn less(&self, factor: f64, other: &Sums) -> Sums {
        Sums {
            whole: self.whole - factor * other.whole,
            ln_alpha: self.ln_alpha - factor * other.ln_alpha,
            ln_beta: self.ln_beta - factor * other.ln_beta,
            by_alpha: self.by_alpha - factor * other.by_alpha,
            by_beta: self.by_beta - factor * other.by_beta,
        }
    }
}

impl Integrand {
    /// The integrand at a moment.
    pub fn at(&self, time: &Time) -> Moment {
        let Time { at, ln_alpha, ln_beta } = *time;
        Moment { at, ln_alpha, ln_beta, ln_value: -self.many * ln_alpha - self.few * ln_beta }
    }

    /// The integrals from one moment to a later one.
    pub fn between(&self, from: &Moment, to: &Moment) -> Sums {
        let smaller = self.alpha.min(self.beta);
        let first = smaller + from.at;
        let (from_alpha, from_beta) = (self.alpha - smaller, self.beta - smaller);
        let (ln_first, length) =
            if from_alpha > 0.0 { (from.ln_beta, to.ln_beta - from.ln_beta) } else { (from.ln_alpha, to.ln_alpha - from.ln_alpha) };
        // ln of the integrand falls by this at most per unit of w.
        let steepest = self.many + self.few;
        let mut sums = Sums::default();
        let (mut start, mut moment, mut fallen) = (0.0, first, 0.0);
        while start < length {
            if start > 0.0 {
                moment = first * f64::exp(start);
                let (alpha, beta) = (moment + from_alpha, moment + from_beta);
                fallen = -self.many * alpha.ln() - self.few * beta.ln() + start - from.ln_value;
            }
            if fallen < -DEEPEST {
                break;
            }
            // The fall per unit of w, which grows no faster than e^w.
            let slope = moment * (self.many / (moment + from_alpha) + self.few / (moment + from_beta));
            let mut panel = PANEL_LENGTH.min(length - start);
            let mut fall = (slope * panel.exp()).min(steepest) * panel;
            while fall > PANEL_FALL {
                panel *= 0.5;
                fall = (slope * panel.exp()).min(steepest) * panel;
            }
            // A short and flat panel is exact with fewer nodes.
            let nodes: &[(f64, f64)] = match () {
                () if panel <= SHORTEST_LENGTH && fall <= SHORTEST_FALL => &SHORTEST,
                () if panel <= SHORT_LENGTH && fall <= SHORT_FALL => &SHORT,
                () => &LONG,
            };
            for (node, weight) in nodes {
                let w = start + panel * node;
                let moment = first * w.exp();
                let (alpha, beta) = (moment + from_alpha, moment + from_beta);
                let ln_smaller = w + ln_first;
                let (ln_a, ln_b) = if from_alpha > 0.0 { (alpha.ln(), ln_smaller) } else { (ln_smaller, beta.ln()) };
                let value = panel * weight * (w - self.many * ln_a - self.few * ln_b - from.ln_value).exp();
                sums.whole += value;
                sums.ln_alpha += value * ln_a;
                sums.ln_beta += value * ln_b;
                sums.by_alpha += value / alpha;
                sums.by_beta += value / beta;
            }
            start += panel;
        }
        // dy = (m + y) dw.
        Sums::default().less(-first, &sums)
    }

    /// The integrals over a step from a moment, in which the integrand hardly falls.
    #[inline]
    fn over(&self, Step(nodes): &Step, from: &Moment) -> Sums {
        let mut sums = Sums::default();
        for node in nodes {
            let value = node.weight * power_of_little(-self.many * node.more_alpha - self.few * node.more_beta);
            sums.whole += value;
            sums.ln_alpha += value * (from.ln_alpha + node.more_alpha);
            sums.ln_beta += value * (from.ln_beta + node.more_beta);
            sums.by_alpha += value * node.by_alpha;
            sums.by_beta += value * node.by_beta;
        }
        sums
    }

    /// The integrals from each of ascending moments to the last one, relative to the integrand at the moment. `step` is the step from the moment
    /// at a place to the next one, where there is one that is short.
    pub fn to_the_last<'a>(self, moments: &[Moment], step: impl Fn(usize) -> Option<&'a Step>) -> Vec<Sums> {
        let mut all = vec![Sums::default(); moments.len()];
        let mut later: Option<(&Moment, Sums)> = None;
        for (place, (moment, sums)) in moments.iter().zip(&mut all).enumerate().rev() {
            if let Some((next, rest)) = later {
                let fall = moment.ln_value - next.ln_value;
                *sums = match step(place).filter(|_| fall <= LEAST_FALL) {
                    Some(step) => self.over(step, moment).less(-power_of_little(-fall), &rest),
                    None => self.between(moment, next).less(-(-fall).exp(), &rest),
                };
            }
            later = Some((moment, *sums));
        }
        all
    }
}

/// e^power for powers from −[`LEAST_FALL`] to 0.
#[inline]
fn power_of_little(power: f64) -> f64 {
    let rest = 1.0 / 120.0 + power * (1.0 / 720.0 + power * (1.0 / 5040.0 + power * (1.0 / 40_320.0)));
    1.0 + power * (1.0 + power * (0.5 + power * (1.0 / 6.0 + power * (1.0 / 24.0 + power * rest))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_the_power_that_it_stands_for() {
        for step in 0..=100 {
            let power = -LEAST_FALL * f64::from(step) / 100.0;
            assert!((power_of_little(power) - power.exp()).abs() < 4e-16, "{power}");
        }
    }

    /// For α = β the integral is ((α + from)^(1 − n) − (α + to)^(1 − n)) / (n − 1) with n = r + x + s + 1, here relative to (α + from)^−n.
    #[test]
    fn integrals_of_a_power_are_those_of_its_primitive() {
        for (many, alpha) in [(0.3, 0.02), (1.7, 5.0), (12.0, 9.0), (400.0, 30.0)] {
            let integrand = Integrand { many, alpha, few: 1.4, beta: alpha };
            let power = many + 1.4 - 1.0;
            for (from, to) in [(0.0, 1.0 / 7.0), (3.0, 40.0), (0.0, 300.0)] {
                let times = Times::of([alpha, alpha], &[from, to]);
                let found = integrand.between(&integrand.at(&times.all[0]), &integrand.at(&times.all[1]));
                let first = alpha + from;
                let expected = -first * libm::expm1(-power * ((alpha + to) / first).ln()) / power;
                assert!((found.whole / expected - 1.0).abs() < 1e-12, "{many} {from} {to}: {} {expected}", found.whole);
                // Of 1 / (α + y) it is that of the next power.
                let next = -libm::expm1(-(power + 1.0) * ((alpha + to) / first).ln()) / (power + 1.0);
                assert!((found.by_alpha / next - 1.0).abs() < 1e-12 && (found.by_beta / next - 1.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn integrals_to_the_last_moment_are_made_of_those_between() {
        let mut short_steps = 0;
        for (many, alpha, few, beta) in [(1.5, 10.0, 1.6, 12.0), (60.0, 0.5, 1.01, 400.0), (0.2, 300.0, 9.0, 0.1)] {
            let integrand = Integrand { many, alpha, few, beta };
            let moments = [0.0, 0.5, 0.7, 30.0, 30.1, 31.0, 90.0];
            let times = Times::of([alpha, beta], &moments);
            let moments: Vec<Moment> = times.all.iter().map(|time| integrand.at(time)).collect();
            let found = integrand.to_the_last(&moments, |place| times.step(&[place as u32, place as u32 + 1]));
            short_steps += times.steps.iter().flatten().count();
            for (moment, found) in moments.iter().zip(&found) {
                let whole = integrand.between(moment, &moments[6]);
                let pairs = [(found.whole, whole.whole), (found.ln_alpha, whole.ln_alpha), (found.ln_beta, whole.ln_beta)];
                let pairs = pairs.into_iter().chain([(found.by_alpha, whole.by_alpha), (found.by_beta, whole.by_beta)]);
                pairs.for_each(|(one, other)| assert!((one - other).abs() <= 1e-12 * other.abs(), "{one} {other}"));
            }
        }
        assert!(short_steps > 3, "{short_steps}");
    }
}
