//! Ratios: the only place where metrics, folds and tables divide figures, so that a rate is null and never NaN or infinite.

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

/// The same for figures that may be unknown.
pub fn ratio_known(numerator: Option<i64>, denominator: Option<i64>) -> Option<f64> {
    ratio(numerator?, denominator?)
}

/// The same for products that exceed 64 bits.
pub fn ratio_wide(numerator: i128, denominator: i128) -> Option<f64> {
    (denominator != 0).then(|| numerator as f64 / denominator as f64)
}

/// The change of a quotient of whole numbers, as a part of what it was before: 0.5 is half as much again. Computed without rounding and divided
/// once; `None` where the quotient was 0 before, or either denominator is 0.
///
/// ```
/// use huitou::metric::ratio::change_of_ratio;
/// assert_eq!(change_of_ratio((3, 4), (1, 2)), Some(0.5));
/// assert_eq!(change_of_ratio((3, 4), (0, 2)), None);
/// ```
pub fn change_of_ratio(now: (i64, i64), before: (i64, i64)) -> Option<f64> {
    let now = (i128::from(now.0), i128::from(now.1));
    let before = (i128::from(before.0), i128::from(before.1));
    ratio_wide(now.0 * before.1 - before.0 * now.1, before.0 * now.1).filter(|_| before.1 != 0)
}

/// Money in minor units per piece, in units of the currency.
pub fn money_per(minor: i64, pieces: i64) -> Option<f64> {
    (pieces != 0).then(|| minor as f64 / (pieces as f64 * 100.0))
}

/// The quotient of two measured numbers; `None` if the denominator is 0.
pub fn ratio_of(numerator: f64, denominator: f64) -> Option<f64> {
    (denominator != 0.0).then(|| numerator / denominator)
}

/// Converts a figure to a unit that is `size` times as large: 100 from minor units to units of the currency.
pub fn in_units_of(size: f64, value: f64) -> f64 {
    value / size
}

/// Numerator and denominator of a rate, for code that needs both: how they must change to change the rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quotient {
    /// The numerator.
    pub numerator: f64,
    /// The denominator.
    pub denominator: f64,
}

impl Quotient {
    /// The rate; `None` where the denominator is 0.
    pub fn value(self) -> Option<f64> {
        ratio_of(self.numerator, self.denominator)
    }
}

/// The plain mean, summed in the order given; `None` for no numbers.
///
/// ```
/// use huitou::metric::ratio::mean;
/// assert_eq!(mean(&[3.0, 4.0, 8.0]), Some(5.0));
/// assert_eq!(mean(&[]), None);
/// ```
pub fn mean(numbers: &[f64]) -> Option<f64> {
    ratio_of(numbers.iter().sum(), numbers.len() as f64)
}

/// A quotient of whole numbers; the denominator is above 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    /// The numerator.
    pub numerator: i128,
    /// The denominator, above 0.
    pub denominator: i128,
}

impl Fraction {
    fn value(self) -> Option<f64> {
        ratio_wide(self.numerator, self.denominator)
    }
}

/// The plain mean of fractions, computed without rounding and divided once in lowest terms: means that are equal are equal to the
/// last bit, whatever the order and the denominators of the fractions. `None` for no fractions.
///
/// ```
/// use huitou::metric::ratio::{Fraction, mean_of_fractions};
/// let tenths = |numerator| Fraction { numerator, denominator: 10 };
/// // In floats 0.1 + 0.2 + 0.3 is 0.6000000000000001.
/// assert_eq!(mean_of_fractions(&[tenths(1), tenths(2), tenths(3)]), Some(0.2));
/// ```
pub fn mean_of_fractions(fractions: &[Fraction]) -> Option<f64> {
    let exact = || {
        let common = fractions.iter().try_fold(1i128, |common, fraction| {
            common.checked_mul(fraction.denominator / greatest_common_divisor(common, fraction.denominator))
        })?;
        let sum = fractions
            .iter()
            .try_fold(0i128, |total, fraction| total.checked_add(fraction.numerator.checked_mul(common / fraction.denominator)?))?;
        let whole = common.checked_mul(fractions.len() as i128)?;
        let divisor = greatest_common_divisor(sum, whole);
        Fraction { numerator: sum / divisor, denominator: whole / divisor }.value()
    };
    // Products beyond 128 bits are rounded: equal means may then differ in the last digit.
    let rounded = || mean(&fractions.iter().map(|fraction| fraction.value()).collect::<Option<Vec<f64>>>()?);
    exact().or_else(rounded)
}

/// The greatest common divisor, at least 1.
fn greatest_common_divisor(one: i128, other: i128) -> i128 {
    let (mut one, mut other) = (one.abs(), other.abs());
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_to_divide_by_is_null() {
        assert_eq!((ratio(3, 0), ratio_wide(3, 0), ratio_of(3.0, 0.0), money_per(300, 0)), (None, None, None, None));
        assert_eq!((ratio_known(None, Some(2)), ratio_known(Some(2), None)), (None, None));
        assert_eq!((Quotient { numerator: 0.0, denominator: 0.0 }.value(), mean_of_fractions(&[])), (None, None));
    }

    #[test]
    fn money_is_shown_in_units_of_the_currency() {
        assert_eq!((money_per(1_999, 2), in_units_of(100.0, 1_999.0)), (Some(9.995), 19.99));
    }

    #[test]
    fn fractions_with_denominators_beyond_128_bits_have_a_rounded_mean() {
        // 2^100 and 3^60 have no common divisor: their product is beyond 2^127.
        let (two, three) = (1i128 << 100, 3i128.pow(60));
        let half_and_third = [Fraction { numerator: two / 2, denominator: two }, Fraction { numerator: three / 3, denominator: three }];
        let mean = mean_of_fractions(&half_and_third).unwrap();
        assert!((mean - 5.0 / 12.0).abs() < 1e-15, "{mean}");
    }
}
