//! Medians of whole numbers, exact: as doubled values, so that a half needs no floating point.

/// Twice the median of `values`, which are sorted in place; `None` if there are none. The median of an even number of
/// values is the mean of the two in the middle.
///
/// ```
/// use huitou::statistics::median::doubled_median;
/// assert_eq!(doubled_median(&mut [9, 4, 30]), Some(18));
/// assert_eq!(doubled_median(&mut [9, 4]), Some(13)); // a median of 6.5
/// assert_eq!(doubled_median(&mut []), None);
/// ```
pub fn doubled_median(values: &mut [u32]) -> Option<u32> {
    let middle = values.len() / 2;
    if values.len() <= 1 {
        return values.first().map(|value| 2 * value);
    }
    values.sort_unstable();
    Some(if values.len() % 2 == 1 { 2 * values[middle] } else { values[middle - 1] + values[middle] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn odd_even_single_and_equal_values() {
        assert_eq!(doubled_median(&mut [7]), Some(14));
        assert_eq!(doubled_median(&mut [1, 100, 2, 3]), Some(5));
        assert_eq!(doubled_median(&mut [5, 5, 5, 5, 5]), Some(10));
    }

    proptest! {
        #[test]
        fn no_more_than_half_lie_on_either_side(mut values in prop::collection::vec(0u32..50, 1..40)) {
            let doubled = doubled_median(&mut values).unwrap();
            prop_assert!(values.iter().filter(|value| 2 * **value < doubled).count() * 2 <= values.len());
            prop_assert!(values.iter().filter(|value| 2 * **value > doubled).count() * 2 <= values.len());
        }
    }
}
