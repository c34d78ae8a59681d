//! Order counts: customers by how many purchases they have made.

/// The steps, each with its least number of purchases.
const STEPS: [(i64, &str); 6] = [(1, "1"), (2, "2"), (3, "3"), (4, "4"), (5, "5-9"), (10, "10+")];

/// The number of steps.
pub const NUMBER: usize = STEPS.len();

/// The names of the steps, ascending by purchases.
pub const NAMES: [&str; NUMBER] = {
    let mut names = [""; NUMBER];
    let mut at = 0;
    while at < NUMBER {
        names[at] = STEPS[at].1;
        at += 1;
    }
    names
};

/// The step of a customer with so many purchases, at least 1.
#[inline]
pub fn step(purchases: i64) -> usize {
    STEPS.partition_point(|(least, _)| *least <= purchases).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_four_then_up_to_nine_then_more() {
        let named = [1, 2, 3, 4, 5, 9, 10, 5_000].map(|purchases| NAMES[step(purchases)]);
        assert_eq!(named, ["1", "2", "3", "4", "5-9", "5-9", "10+", "10+"]);
    }
}
