//! Logarithmic mean: the weight by which a change of a product is divided among its factors.

/// The logarithmic mean of two numbers above 0: (a − b) / (ln a − ln b), and a where both are equal. It lies between the geometric and the
/// arithmetic mean.
///
/// Source: Ang, B. W. (2004), "Decomposition analysis for policymaking in energy: which is the preferred method?", Energy Policy 32, the
/// weight L of LMDI-I.
///
/// ```
/// use huitou::statistics::log_mean::log_mean;
/// assert_eq!(log_mean(3.0, 3.0), 3.0);
/// // (e − 1) / (1 − 0)
/// assert!((log_mean(std::f64::consts::E, 1.0) - 1.718_281_828_459_045).abs() < 1e-12);
/// ```
pub fn log_mean(a: f64, b: f64) -> f64 {
    let (low, high) = (a.min(b), a.max(b));
    let difference = high - low;
    // The logarithm of 1 + x keeps the digits that ln a − ln b would lose where both are nearly equal.
    if difference > 0.0 { difference / libm::log1p(difference / low) } else { high }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_that_hardly_differ_keep_their_digits() {
        // L(1, 1 + h) = 1 + h/2 − h²/12 + …
        let mean = log_mean(1.0, 1.0 + 1e-9);
        assert!((mean - (1.0 + 0.5e-9)).abs() < 4e-16, "{mean:e}");
        // Far apart: (1e12 − 1e-3) / ln 1e15, and ln 1e15 = 34.538776394910684.
        let mean = log_mean(1e-3, 1e12);
        assert!((mean / (1e12 / 34.538_776_394_910_684) - 1.0).abs() < 1e-14, "{mean:e}");
    }

    proptest! {
        #[test]
        fn it_lies_between_the_geometric_and_the_arithmetic_mean(a in 1e-6..1e12f64, b in 1e-6..1e12f64) {
            let (geometric, mean, arithmetic) = ((a * b).sqrt(), log_mean(a, b), (a + b) / 2.0);
            prop_assert!(geometric <= mean * (1.0 + 1e-12) && mean <= arithmetic * (1.0 + 1e-12), "{geometric} {mean} {arithmetic}");
            prop_assert_eq!(mean, log_mean(b, a));
        }
    }
}
