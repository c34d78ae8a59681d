//! Robust estimates: the median and the deviation from it, on which a few strange values have no influence.

/// How much larger the standard deviation of normal values is than their median absolute deviation: 1 / Φ⁻¹(3/4).
const NORMAL: f64 = 1.4826;

/// The median of `values`, which are sorted in place; `None` if there are none. Of an even number it is the mean of the two in the middle.
///
/// ```
/// use huitou::statistics::robust::median;
/// assert_eq!(median(&mut [9.0, 4.0, 30.0]), Some(9.0));
/// assert_eq!(median(&mut [9.0, 4.0]), Some(6.5));
/// assert_eq!(median(&mut []), None);
/// ```
pub fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = values.get(middle).copied();
    if values.len() % 2 == 1 {
        return upper;
    }
    values.get(middle.checked_sub(1)?).zip(upper).map(|(lower, upper)| (lower + upper) / 2.0)
}

/// The standard deviation that normal values with these deviations from their centre have: 1.4826 × the median of the absolute deviations
/// (MAD). `None` if there are none.
///
/// ```
/// use huitou::statistics::robust::deviation;
/// assert_eq!(deviation([-1.0, 2.0, 100.0]), Some(1.4826 * 2.0));
/// ```
pub fn deviation(deviations: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut sizes: Vec<f64> = deviations.into_iter().map(f64::abs).collect();
    Some(NORMAL * median(&mut sizes)?)
}
