//! Ratios: the only place that divides, so that a rate is null and never NaN or infinite.

/// `numerator / denominator`, or `None` where the denominator is 0.
///
/// ```
/// use huitou::metric::ratio::ratio;
/// assert_eq!(ratio(1, 4), Some(0.25));
/// assert_eq!(ratio(1, 0), None);
/// ```
pub fn ratio(numerator: i64, denominator: i64) -> Option<f64> {
    (denominator != 0).then(|| numerator as f64 / denominator as f64)
}

/// The same of figures that may be unknown.
pub fn ratio_known(numerator: Option<i64>, denominator: Option<i64>) -> Option<f64> {
    ratio(numerator?, denominator?)
}

/// Money in minor units per piece, in units of the currency.
pub fn money_per(minor: i64, pieces: i64) -> Option<f64> {
    (pieces != 0).then(|| minor as f64 / (pieces as f64 * 100.0))
}

/// The quotient of two measured numbers, or `None` where there is nothing to divide by.
pub fn ratio_of(numerator: f64, denominator: f64) -> Option<f64> {
    (denominator != 0.0).then(|| numerator / denominator)
}
