//! Student's t distribution: how far from 0 the ratio of a mean and its standard error may be by chance.

use super::special::ln_beta;

/// The probability of a t at least as far from 0, with `degrees` of freedom (not necessarily whole): the regularised incomplete beta
/// function I(x; ν/2, 1/2) at x = ν / (ν + t²) (M. Abramowitz, I. Stegun, 26.7.1).
pub fn two_sided_p(t: f64, degrees: f64) -> f64 {
    incomplete_beta(degrees / (degrees + t * t), degrees / 2.0, 0.5).clamp(0.0, 1.0)
}

/// The t above which 2.5 % of the distribution lie, by bisection.
pub fn critical_95(degrees: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1_000.0);
    for _ in 0..80 {
        let middle = (low + high) / 2.0;
        if two_sided_p(middle, degrees) > 0.05 {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

/// I(x; a, b) by its continued fraction (DLMF 8.17.22), which converges fast below the mean; above it 1 − I(1 − x; b, a).
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(1.0 - x, b, a);
    }
    let before = (a * x.ln() + b * libm::log1p(-x) - ln_beta(a, b)).exp() / a;
    before / fraction(x, a, b)
}

/// 1 + d₁/(1 + d₂/(1 + …)), by W. Lentz's method ("Generating Bessel functions in Mie scattering calculations using continued
/// fractions", Applied Optics 15, 1976).
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    const ENOUGH: usize = 10_000;
    let not_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut value, mut c, mut d) = (1.0, 1.0, 0.0);
    for step in 1..ENOUGH {
        let m = (step / 2) as f64;
        let term = if step % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        d = 1.0 / not_zero(1.0 + term * d);
        c = not_zero(1.0 + term / c);
        value *= c * d;
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Abramowitz & Stegun, table 26.10: t above which 2.5 % lie, by degrees of freedom.
    #[test]
    fn percentage_points_of_the_tables() {
        for (degrees, t) in [(1.0, 12.706), (2.0, 4.303), (5.0, 2.571), (10.0, 2.228), (30.0, 2.042), (60.0, 2.000), (120.0, 1.980)] {
            assert!((critical_95(degrees) - t).abs() < 5e-4, "{degrees}: {}", critical_95(degrees));
        }
        assert!((critical_95(1e9) - 1.959_964).abs() < 1e-5);
    }

    /// With one degree of freedom t is Cauchy's: p = 1 − 2 arctan(t) / π; with two p = 1 − t / √(2 + t²).
    #[test]
    fn where_there_is_a_closed_form() {
        for t in [0.0_f64, 0.1, 1.0, 3.0, 50.0, 1e6] {
            assert!((two_sided_p(t, 1.0) - (1.0 - 2.0 * t.atan() / std::f64::consts::PI)).abs() < 1e-12, "{t}");
            assert!((two_sided_p(t, 2.0) - (1.0 - t / (2.0 + t * t).sqrt())).abs() < 1e-12, "{t}");
        }
    }
}
