//! Largest remainder: parts of a whole number rounded so that they still add up to it.

/// Parts rounded to whole numbers that add up to `total` exactly: each is rounded down, and what is then missing goes, one by one, to the
/// parts with the largest remainders, of equal ones to the first; remainders are equal that agree to a millionth, for parts that are equal
/// are computed in several ways (the method of Hamilton, also Hare and Niemeyer). The parts are finite
/// and add up to `total` but for rounding; where they miss it by more, the difference goes round all of them.
///
/// ```
/// use huitou::statistics::largest_remainder::rounded_to;
/// assert_eq!(rounded_to(10, [3.4, 3.3, 3.3]), [4, 3, 3]);
/// assert_eq!(rounded_to(-1, [1.5, -2.5]), [2, -3]);
/// ```
pub fn rounded_to<const N: usize>(total: i64, parts: [f64; N]) -> [i64; N] {
    let mut rounded = parts.map(|part| part.floor() as i64);
    let mut order: [usize; N] = std::array::from_fn(|number| number);
    let remainder = |number: &usize| ((parts[*number] - parts[*number].floor()) * 1e6).round();
    order.sort_by(|one, other| remainder(other).total_cmp(&remainder(one)));
    let missing = i128::from(total) - rounded.iter().copied().map(i128::from).sum::<i128>();
    for (place, number) in order.into_iter().enumerate() {
        // What each part gets of a difference that goes round: the first ones one more.
        let turns = (missing - place as i128 + N as i128 - 1).div_euclid(N as i128);
        rounded[number] += turns as i64;
    }
    rounded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn remainders_decide_and_equal_ones_go_to_the_first() {
        // 1 + 2 + 2 = 5 of 7: the two with .75 and .5.
        assert_eq!(rounded_to(7, [1.5, 2.75, 2.25]), [2, 3, 2]);
        assert_eq!(rounded_to(1, [0.5, 0.5]), [1, 0]);
        assert_eq!(rounded_to(0, [0.5, -0.5]), [1, -1]);
        // 0.1 + 0.2 is a little more than 0.3 in floats, and twice of both is 0.6.
        assert_eq!(rounded_to(2, [0.3 + 0.3, 2.0 * (0.1 + 0.2), 0.8]), [1, 0, 1]);
        // Whole parts stay, also where the last digit of a float is lost.
        assert_eq!(rounded_to(3, [1.999_999_999_999, 1.000_000_000_001, 0.0]), [2, 1, 0]);
        assert_eq!(rounded_to(0, [0.0; 6]), [0; 6]);
    }

    #[test]
    fn what_the_parts_miss_goes_round() {
        assert_eq!(rounded_to(10, [0.0, 0.25, 0.0]), [3, 4, 3]);
        assert_eq!(rounded_to(-4, [0.0, 0.0, 0.0]), [-1, -1, -2]);
    }

    proptest! {
        #[test]
        fn the_parts_add_up_and_none_moves_by_one_or_more(parts in prop::array::uniform6(-1e9..1e9f64)) {
            let sum: f64 = parts.iter().sum();
            let total = sum.round();
            let parts = [parts[0] + (total - sum), parts[1], parts[2], parts[3], parts[4], parts[5]];
            let rounded = rounded_to(total as i64, parts);
            prop_assert_eq!(rounded.iter().sum::<i64>(), total as i64);
            prop_assert!(parts.iter().zip(rounded).all(|(part, rounded)| (part - rounded as f64).abs() < 1.0 + 1e-5));
        }
    }
}
