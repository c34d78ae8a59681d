//! Rare events: how often something happens to one of many of whom the past has few cases, or none.
//!
//! Numbers are Poisson, and the rates of the many have a gamma distribution, which is estimated from all of them (M. Greenwood, G. Yule,
//! "An Inquiry into the Nature of Frequency Distributions", JRSS 83, 1920). So one without any case is not sure to stay so, and one with
//! many had bad luck too.

use super::random::Random;

/// The cases that all together weigh as, at least and at most.
const LEAST_SHAPE: f64 = 0.5;
const MOST_SHAPE: f64 = 50.0;

/// What all together are taken to have had beside their cases, so that what never happened is not impossible (H. Jeffreys).
const HALF_A_CASE: f64 = 0.5;

/// Cases, and what they are counted against: days, orders, applications.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cases {
    /// How many there were.
    pub number: f64,
    /// Of how much.
    pub of: f64,
}

/// The rates of all.
pub struct Rates {
    own: Vec<Cases>,
    /// What all together weigh as.
    prior: Cases,
}

impl Rates {
    /// The rates of those with these cases, by place.
    pub fn of(own: Vec<Cases>) -> Rates {
        let number = HALF_A_CASE + own.iter().map(|cases| cases.number).sum::<f64>();
        let all: f64 = own.iter().map(|cases| cases.of).sum();
        let mean = over(number, all).unwrap_or(0.0);
        // What the numbers scatter beyond chance is how the rates differ (method of moments).
        let beyond: f64 = own.iter().map(|cases| (cases.number - mean * cases.of).powi(2) - mean * cases.of).sum();
        let squares: f64 = own.iter().map(|cases| cases.of.powi(2)).sum();
        let variance = over(beyond, squares).unwrap_or(0.0);
        let shape = over(mean.powi(2), variance).filter(|shape| *shape > 0.0).unwrap_or(MOST_SHAPE).clamp(LEAST_SHAPE, MOST_SHAPE);
        Rates { own, prior: Cases { number: shape, of: over(shape, mean).unwrap_or(f64::INFINITY) } }
    }

    /// Draws a number of cases, of so much, of the one at that place.
    pub fn draw(&self, place: usize, of: f64, random: &mut Random) -> usize {
        let own = self.own.get(place).copied().unwrap_or_default();
        let rate = over(random.gamma(self.prior.number + own.number), self.prior.of + own.of).unwrap_or(0.0);
        random.poisson(rate * of)
    }
}

/// The quotient; `None` if the denominator is 0.
fn over(numerator: f64, denominator: f64) -> Option<f64> {
    (denominator != 0.0).then(|| numerator / denominator)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_of_draws(rates: &Rates, place: usize, of: f64) -> f64 {
        let mut random = Random::new(1);
        (0..4_000).map(|_| rates.draw(place, of, &mut random)).sum::<usize>() as f64 / 4_000.0
    }

    #[test]
    fn those_that_differ_by_chance_alone_have_one_rate() {
        // 2, 4 and 3 of 100 each; half a case more of 300: 9.5 / 300. (1.36 + 0.69 + 0.03 − 9.5) is below 0: none differs.
        let rates = Rates::of([2.0, 4.0, 3.0].map(|number| Cases { number, of: 100.0 }).to_vec());
        let prior = 50.0 / (9.5 / 300.0);
        assert!((rates.prior.number - 50.0).abs() < 1e-12 && (rates.prior.of - prior).abs() < 1e-9, "{:?}", rates.prior);
        // 50 of them and 2 of the first: of 100 more 100 × 52 / (prior + 100), with a standard error of 0.03.
        let expected = 100.0 * 52.0 / (prior + 100.0);
        assert!((mean_of_draws(&rates, 0, 100.0) - expected).abs() < 0.12, "{expected}");
    }

    #[test]
    fn those_that_differ_keep_their_own_rate_and_none_is_safe() {
        // 0, 0, 0 and 39.5 of 100: 40 of 400, 0.1. Squares 3 × 100 + 29.5², less 4 × 10, of 40,000: 0.02825625 is the variance.
        let rates = Rates::of([0.0, 0.0, 0.0, 39.5].map(|number| Cases { number, of: 100.0 }).to_vec());
        let shape: f64 = 0.01 / ((300.0 + 29.5 * 29.5 - 40.0) / 40_000.0);
        assert!(shape < LEAST_SHAPE && (rates.prior.number - LEAST_SHAPE).abs() < 1e-12, "{shape}");
        // Half a case of 5: 0.5 / 105 of the first three, 40 / 105 of the last.
        for (place, expected) in [(0, 50.0 / 105.0), (3, 4_000.0 / 105.0)] {
            assert!((mean_of_draws(&rates, place, 100.0) - expected).abs() < 0.4, "{place}");
        }
        assert!(mean_of_draws(&rates, 0, 100.0) > 0.3);
        assert_eq!(Rates::of(Vec::new()).draw(0, 10.0, &mut Random::new(2)), 0);
    }
}
