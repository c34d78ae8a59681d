//! The special functions of positive arguments that the likelihoods need.
//!
//! The Gaussian hypergeometric function is not among them: where the papers have a difference of two (Pareto/NBD) or
//! 1 minus a product with one (BG/NBD), the models compute the integral or the sum of positive terms behind it instead,
//! which neither cancels nor overflows (see `pareto_nbd.rs` and `opportunities.rs`).

/// ln Γ(x) for x > 0 (the musl port in `libm`, the same bits on every machine).
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// Above this the asymptotic series of ψ is exact to the last bits.
const ASYMPTOTIC: f64 = 12.0;

/// ψ(x) = d ln Γ(x) / dx for x > 0: upwards by ψ(x + 1) = ψ(x) + 1/x (DLMF 5.5.2), then the asymptotic series (DLMF 5.11.2).
pub fn digamma(x: f64) -> f64 {
    let mut x = x;
    let mut below = 0.0;
    while x < ASYMPTOTIC {
        below += 1.0 / x;
        x += 1.0;
    }
    // B(2k) / 2k for k = 1..7.
    let terms = [1.0 / 12.0, -1.0 / 120.0, 1.0 / 252.0, -1.0 / 240.0, 1.0 / 132.0, -691.0 / 32_760.0, 1.0 / 12.0];
    let square = 1.0 / (x * x);
    let series = terms.iter().rev().fold(0.0, |sum, term| (sum + term) * square);
    x.ln() - 0.5 / x - series - below
}

/// ln B(a, b) for a, b > 0.
pub fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// ln(eᵃ + eᵇ) without overflow; either may be −∞.
pub fn ln_add_exp(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    if small == f64::NEG_INFINITY { large } else { large + libm::log1p((small - large).exp()) }
}

/// 1 / (1 + e^(−x)) without overflow.
pub fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(one: f64, other: f64) {
        assert!((one - other).abs() <= 4e-15 * other.abs().max(1.0), "{one} {other}");
    }

    #[test]
    fn ln_gamma_of_known_arguments() {
        close(ln_gamma(0.5), 0.5 * std::f64::consts::PI.ln());
        close(ln_gamma(5.0), 24.0_f64.ln());
        // Abramowitz & Stegun, table 6.1: Γ(1.5) = √π / 2; ln 99! by the sum of logarithms.
        close(ln_gamma(1.5), (std::f64::consts::PI.sqrt() / 2.0).ln());
        let sum: f64 = (1..100).map(|number| f64::from(number).ln()).sum();
        assert!((ln_gamma(100.0) - sum).abs() < 1e-12);
    }

    #[test]
    fn digamma_of_known_arguments() {
        // DLMF 5.4.12 and 5.4.13: ψ(1) = −γ, ψ(1/2) = −γ − 2 ln 2.
        let euler = 0.577_215_664_901_532_9;
        close(digamma(1.0), -euler);
        close(digamma(0.5), -euler - 2.0 * std::f64::consts::LN_2);
        // ψ(n + 1) = −γ + 1 + 1/2 + … + 1/n.
        close(digamma(21.0), -euler + (1..=20).map(|number| 1.0 / f64::from(number)).sum::<f64>());
        assert!((digamma(1e-8) + 1e8 + euler).abs() < 1e-6);
    }

    #[test]
    fn digamma_is_the_slope_of_ln_gamma() {
        for x in [0.1, 0.9, 3.3, 11.9, 12.1, 400.0] {
            let step = 1e-5 * x;
            let slope = (ln_gamma(x + step) - ln_gamma(x - step)) / (2.0 * step);
            assert!((digamma(x) - slope).abs() < 1e-7 * slope.abs().max(1.0), "{x}: {} {slope}", digamma(x));
        }
    }

    #[test]
    fn sums_of_powers_neither_overflow_nor_vanish() {
        close(ln_add_exp(1000.0, 1000.0), 1000.0 + std::f64::consts::LN_2);
        close(ln_add_exp(-1000.0, -1001.0), -1000.0 + (-1.0_f64).exp().ln_1p());
        assert_eq!(ln_add_exp(3.0, f64::NEG_INFINITY), 3.0);
        assert_eq!((logistic(-800.0), logistic(0.0), logistic(800.0)), (0.0, 0.5, 1.0));
        close(ln_beta(2.0, 3.0), (1.0_f64 / 12.0).ln());
    }
}
