//! Opportunities: expected future purchases when every purchase may be the customer's last.
//!
//! While a customer is alive, hidden events arrive by a negative binomial process, every k-th of them is a purchase, and after
//! each purchase the customer leaves with a chance p that is beta distributed. With e(i) = E[(1 − p)ⁱ], the number of purchases
//! in the future is expected to be Σ_N P(N) · Σ_{i < ⌊N / k⌋} e(i). All terms are positive: for k = 1 the sum equals
//! equation (10) of Fader, Hardie & Lee 2005 with its ₂F₁ (Euler's integral, DLMF 15.6.1, expanded by the negative binomial
//! series), but has neither that equation's singularity at a = 1 nor its cancellation for short horizons.

/// The largest number of terms of a sum, enough for horizons 10⁵ times the scale α of the past.
const MOST_TERMS: u32 = 10_000_000;

/// Beyond this a term is scaled down, so that (α / (α + t))ʳ may be far below the smallest number.
const LARGE: f64 = 1e200;

/// The beta distribution of the chance to leave after a purchase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leaving {
    /// a.
    pub a: f64,
    /// b, with the purchases survived.
    pub b: f64,
}

/// The negative binomial number of hidden events in a horizon, of which every k-th is a purchase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrivals {
    /// Shape of the gamma distribution of the rate, with the events seen.
    pub shape: f64,
    /// The horizon as a multiple of the rate's scale: t / (α + T).
    pub horizon: f64,
    /// k.
    pub events_per_purchase: u32,
    /// Hidden events since the last purchase, fewer than k.
    pub phase: u32,
}

/// Expected purchases of a customer who is alive now.
pub fn expected_purchases(arrivals: &Arrivals, leaving: &Leaving) -> f64 {
    let Arrivals { shape, horizon, events_per_purchase, phase } = *arrivals;
    if horizon.is_nan() || horizon <= 0.0 {
        return 0.0;
    }
    let ratio = horizon / (1.0 + horizon);
    // ln P(0 events), kept apart from the terms.
    let mut offset = -shape * libm::log1p(horizon);
    let (mut term, mut sum) = (1.0, 0.0);
    let (mut purchases, mut stays, mut survived) = (0.0, 1.0, 0.0);
    let mut phase = phase;
    for events in 0..MOST_TERMS {
        let events = f64::from(events);
        sum += term * purchases;
        term *= ratio * (shape + events) / (events + 1.0);
        phase += 1;
        if phase == events_per_purchase {
            phase = 0;
            purchases += stays;
            stays *= (leaving.b + survived) / (leaving.a + leaving.b + survived);
            survived += 1.0;
        }
        if term > LARGE {
            term /= LARGE;
            sum /= LARGE;
            offset += LARGE.ln();
        }
        // The rest of the sum: each further term is smaller by at least `shrink`, and purchases grow by at most 1 per term.
        let shrink = ratio * (shape + events + 1.0) / (events + 2.0);
        if term == 0.0 || shrink < 1.0 && term * (purchases + 1.0 / (1.0 - shrink)) < 1e-16 * (1.0 - shrink) * sum {
            break;
        }
    }
    (sum.ln() + offset).exp()
}

/// The probabilities of exactly and of at least `count` opportunities to buy, from phase 0.
pub fn chances_of_opportunities(arrivals: &Arrivals, count: u32) -> (f64, f64) {
    let Arrivals { shape, horizon, events_per_purchase, .. } = *arrivals;
    if horizon.is_nan() || horizon <= 0.0 {
        return if count == 0 { (1.0, 1.0) } else { (0.0, 0.0) };
    }
    let ratio = horizon / (1.0 + horizon);
    let first = f64::from(count) * f64::from(events_per_purchase);
    let ln_first = crate::statistics::special::ln_gamma(shape + first)
        - crate::statistics::special::ln_gamma(shape)
        - crate::statistics::special::ln_gamma(first + 1.0)
        + first * ratio.ln()
        - shape * libm::log1p(horizon);
    let (mut term, mut exactly, mut at_least) = (1.0, 0.0, 0.0);
    let mut offset = ln_first;
    for step in 0..MOST_TERMS {
        if step < events_per_purchase {
            exactly += term;
        }
        at_least += term;
        let events = first + f64::from(step);
        term *= ratio * (shape + events) / (events + 1.0);
        if term > LARGE {
            term /= LARGE;
            exactly /= LARGE;
            at_least /= LARGE;
            offset += LARGE.ln();
        }
        let shrink = ratio * (shape + events + 1.0) / (events + 2.0);
        if term == 0.0 || step >= events_per_purchase && shrink < 1.0 && term < 1e-16 * (1.0 - shrink) * at_least {
            break;
        }
    }
    let probability = |sum: f64| if sum > 0.0 { (sum.ln() + offset).exp().min(1.0) } else { 0.0 };
    (probability(exactly), if count == 0 { 1.0 } else { probability(at_least) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(shape: f64, horizon: f64, events_per_purchase: u32) -> Arrivals {
        Arrivals { shape, horizon, events_per_purchase, phase: 0 }
    }

    #[test]
    fn a_customer_who_never_leaves_buys_at_the_mean_of_the_negative_binomial() {
        for (shape, horizon) in [(0.25, 0.01), (3.0, 0.5), (200.0, 4.0), (5_000.0, 30.0)] {
            let found = expected_purchases(&arrivals(shape, horizon, 1), &Leaving { a: 1e-300, b: 1.0 });
            assert!((found / (shape * horizon) - 1.0).abs() < 1e-10, "{shape} {horizon}: {found}");
        }
    }

    #[test]
    fn a_customer_who_leaves_at_once_buys_at_most_once() {
        // P(at least one event) = 1 − (1 + ½)^−2.
        let found = expected_purchases(&arrivals(2.0, 0.5, 1), &Leaving { a: 1.0, b: 1e-300 });
        assert!((found - (1.0 - 1.0 / 2.25)).abs() < 1e-14, "{found}");
    }

    #[test]
    fn a_leaving_parameter_of_one_is_nothing_special() {
        // The published form divides by a − 1. On both sides of 1 its value must meet the sum's.
        let at = |a: f64| expected_purchases(&arrivals(1.3, 0.7, 1), &Leaving { a, b: 2.0 });
        assert!((at(1.0) - 0.5 * (at(1.0 - 1e-6) + at(1.0 + 1e-6))).abs() < 1e-11);
    }

    #[test]
    fn every_second_event_is_a_purchase() {
        // Geometric events with ratio ½: P(⌊N/2⌋ = 1) = P(2) + P(3) = ⅛ + 1/16, P(N ≥ 2) = ¼.
        let (exactly, at_least) = chances_of_opportunities(&arrivals(1.0, 1.0, 2), 1);
        assert!((exactly - 0.1875).abs() < 1e-15 && (at_least - 0.25).abs() < 1e-15, "{exactly} {at_least}");
        // E⌊N/2⌋ = Σ P(N ≥ 2m) = ¼ / (1 − ¼); from phase 1 it is Σ P(N ≥ 2m − 1) = ½ / (1 − ¼).
        let never = Leaving { a: 1e-300, b: 1.0 };
        assert!((expected_purchases(&arrivals(1.0, 1.0, 2), &never) - 1.0 / 3.0).abs() < 1e-14);
        assert!((expected_purchases(&Arrivals { phase: 1, ..arrivals(1.0, 1.0, 2) }, &never) - 2.0 / 3.0).abs() < 1e-14);
    }

    #[test]
    fn nothing_happens_in_no_time() {
        assert_eq!(expected_purchases(&arrivals(1.0, 0.0, 1), &Leaving { a: 1.0, b: 1.0 }), 0.0);
        assert_eq!(chances_of_opportunities(&arrivals(1.0, 0.0, 1), 0), (1.0, 1.0));
    }
}
