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

/// A moment with the logarithms that all its uses share.
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

/// The fall, and the growth of α + y and β + y, up to which three nodes are as exact, and a few terms of series in place of logarithms and powers.
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
    pub fn at(&self, at: f64) -> Moment {
        let (ln_alpha, ln_beta) = ((self.alpha + at).ln(), (self.beta + at).ln());
        Moment { at, ln_alpha, ln_beta, ln_value: -self.many * ln_alpha - self.few * ln_beta }
    }

    /// The integrals from one moment to a later one.
    pub fn between(&self, from: &Moment, to: &Moment) -> Sums {
        let growth = (to.at - from.at) / (self.alpha.min(self.beta) + from.at);
        if growth <= LEAST_GROWTH && from.ln_value - to.ln_value <= LEAST_FALL {
            return self.over_a_short_time(from, to);
        }
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

    /// The integrals from one moment to one so soon after it that the integrand hardly changes: most are a day apart.
    fn over_a_short_time(&self, from: &Moment, to: &Moment) -> Sums {
        let length = to.at - from.at;
        let (by_alpha, by_beta) = (1.0 / (self.alpha + from.at), 1.0 / (self.beta + from.at));
        let mut sums = Sums::default();
        for (node, weight) in &FEWEST {
            let passed = length * node;
            let [of_alpha, of_beta] = [passed * by_alpha, passed * by_beta];
            let (more_alpha, more_beta) = (ln_of_a_little_more(of_alpha), ln_of_a_little_more(of_beta));
            let value = length * weight * power_of_little(-self.many * more_alpha - self.few * more_beta);
            sums.whole += value;
            sums.ln_alpha += value * (from.ln_alpha + more_alpha);
            sums.ln_beta += value * (from.ln_beta + more_beta);
            sums.by_alpha += value * by_alpha / (1.0 + of_alpha);
            sums.by_beta += value * by_beta / (1.0 + of_beta);
        }
        sums
    }

    /// The integrals from each of ascending moments to the last one, relative to the integrand at the moment.
    pub fn to_the_last(self, moments: &[Moment]) -> Vec<Sums> {
        let mut all = vec![Sums::default(); moments.len()];
        let mut later: Option<(&Moment, Sums)> = None;
        for (moment, place) in moments.iter().zip(&mut all).rev() {
            if let Some((next, rest)) = later {
                *place = self.between(moment, next).less(-(next.ln_value - moment.ln_value).exp(), &rest);
            }
            later = Some((moment, *place));
        }
        all
    }
}

/// ln(1 + part) for parts from 0 to [`LEAST_GROWTH`]: 2 artanh(part / (2 + part)).
#[inline]
fn ln_of_a_little_more(part: f64) -> f64 {
    let t = part / (2.0 + part);
    let square = t * t;
    2.0 * t * (1.0 + square * (1.0 / 3.0 + square * (1.0 / 5.0 + square * (1.0 / 7.0))))
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
    fn series_are_what_they_stand_for() {
        for step in 0..=100 {
            let part = LEAST_GROWTH * f64::from(step) / 100.0;
            assert!((ln_of_a_little_more(part) - part.ln_1p()).abs() <= 1e-15 * part, "{part}");
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
                let found = integrand.between(&integrand.at(from), &integrand.at(to));
                let first = alpha + from;
                let expected = -first * (-power * ((alpha + to) / first).ln()).exp_m1() / power;
                assert!((found.whole / expected - 1.0).abs() < 1e-12, "{many} {from} {to}: {} {expected}", found.whole);
                // Of 1 / (α + y) it is that of the next power.
                let next = -(-(power + 1.0) * ((alpha + to) / first).ln()).exp_m1() / (power + 1.0);
                assert!((found.by_alpha / next - 1.0).abs() < 1e-12 && (found.by_beta / next - 1.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn integrals_to_the_last_moment_are_made_of_those_between() {
        for (many, alpha, few, beta) in [(1.5, 10.0, 1.6, 12.0), (60.0, 0.5, 1.01, 400.0), (0.2, 300.0, 9.0, 0.1)] {
            let integrand = Integrand { many, alpha, few, beta };
            let moments: Vec<Moment> = [0.0, 0.5, 0.7, 30.0, 31.0, 90.0].into_iter().map(|at| integrand.at(at)).collect();
            let found = integrand.to_the_last(&moments);
            for (moment, found) in moments.iter().zip(&found) {
                let whole = integrand.between(moment, &moments[5]);
                let pairs = [(found.whole, whole.whole), (found.ln_alpha, whole.ln_alpha), (found.ln_beta, whole.ln_beta)];
                let pairs = pairs.into_iter().chain([(found.by_alpha, whole.by_alpha), (found.by_beta, whole.by_beta)]);
                pairs.for_each(|(one, other)| assert!((one - other).abs() <= 1e-12 * other.abs(), "{one} {other}"));
            }
        }
    }
}
