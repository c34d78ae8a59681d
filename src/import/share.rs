//! Allocation of an amount to lines, exact to the fen.

/// Allocates an amount in proportion to weights that are not negative, so that the shares add up to it exactly; in equal shares if
/// all weights are zero. By `[1, 1, 1]` the shares of 100 are `[33, 33, 34]`.
pub fn share(amount: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    // Weights larger than any order has lose digits, so that the amount times their sum still fits.
    let shift = (i128::BITS - sum.leading_zeros()).saturating_sub(i64::BITS - 1);
    let weight = |weight: i64| if sum > 0 { i128::from(weight) >> shift } else { 1 };
    let whole = weights.iter().map(|own| weight(*own)).sum::<i128>().max(1);
    let (mut weighed, mut allocated) = (0_i128, 0_i128);
    let shares = weights.iter().map(|own| {
        // The difference of two rounded sums: what one line loses by rounding, the next one gains.
        weighed += weight(*own);
        let until = i128::from(amount) * weighed / whole;
        let share = until - allocated;
        allocated = until;
        share as i64
    });
    shares.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shares_worked_out_by_hand() {
        assert_eq!(share(100, &[1, 1, 1]), [33, 33, 34]);
        assert_eq!(share(6_500, &[4_000, 2_000]), [4_333, 2_167]);
        assert_eq!(share(6_000, &[4_000, 2_000]), [4_000, 2_000]);
        assert_eq!(share(5, &[0, 0]), [2, 3]);
        assert_eq!(share(7, &[]), Vec::<i64>::new());
    }

    proptest! {
        #[test]
        fn shares_add_up_and_none_is_negative(amount in 0..i64::MAX, weights in prop::collection::vec(prop_oneof![0..1_000_i64, 0..i64::MAX], 1..40)) {
            let shares = share(amount, &weights);
            prop_assert_eq!(shares.iter().map(|share| i128::from(*share)).sum::<i128>(), i128::from(amount));
            prop_assert!(shares.iter().all(|share| *share >= 0));
        }
    }
}
