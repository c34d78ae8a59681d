//! In proportion: amounts of lines that add up to what their order keeps.

/// Makes amounts that are parts of `left` the same parts of `after`, to the minor unit: each is rounded down, and what is then missing goes to
/// those with the largest remainders, of equal ones to the first. So a gift of one fen that nobody sent back is not taken for sent back.
pub(super) fn spread<'a>(amounts: impl Iterator<Item = &'a mut i64>, left: i64, after: i64) {
    if left == after || left == 0 {
        return;
    }
    let part = |amount: i64| {
        let product = i128::from(amount) * i128::from(after);
        (product.div_euclid(i128::from(left)) as i64, product.rem_euclid(i128::from(left)))
    };
    let (mut before, mut rounded) = (0, 0);
    let mut parts: Vec<(i128, &mut i64)> = amounts
        .map(|amount| {
            let (down, remainder) = part(*amount);
            before += *amount;
            rounded += down;
            *amount = down;
            (remainder, amount)
        })
        .collect();
    parts.sort_by_key(|(remainder, _)| std::cmp::Reverse(*remainder));
    // Rounding down takes less than one from each, so that fewer are missing than there are parts.
    let missing = usize::try_from(part(before).0 - rounded).unwrap_or(0);
    parts.into_iter().take(missing).for_each(|(_, amount)| *amount += 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gift_of_one_fen_is_kept_where_a_refund_names_no_line() {
        // 95 % of 1 and of 9,999 fen are 0.95 and 9,499.05; of the 9,500 that are left one is missing to 0 + 9,499.
        for (mut amounts, expected) in [([1, 9_999], [1, 9_499]), ([9_999, 1], [9_499, 1])] {
            spread(amounts.iter_mut(), 10_000, 9_500);
            assert_eq!(amounts, expected);
        }
        // Half of three of one fen each is 1.5, rounded down: the first of equals has it.
        let mut amounts = [1, 1, 1];
        spread(amounts.iter_mut(), 4, 2);
        assert_eq!(amounts, [1, 0, 0]);
    }
}
