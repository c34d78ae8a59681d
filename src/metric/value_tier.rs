//! Value tiers (ABC): the customers who bring the first 80 %, the next 15 % and the rest of a shop's net revenue.

use rayon::slice::ParallelSliceMut;

/// A customer's tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Tier {
    /// Customers with a greater figure bring less than 80 %.
    A,
    /// Customers with a greater figure bring less than 95 %.
    B,
    /// The rest.
    #[default]
    C,
}

impl Tier {
    /// All tiers, ascending by name.
    pub const ALL: [Tier; 3] = [Tier::A, Tier::B, Tier::C];

    /// The name in result tables.
    pub fn name(self) -> &'static str {
        match self {
            Tier::A => "A",
            Tier::B => "B",
            Tier::C => "C",
        }
    }
}

/// The positions of `figures` from the greatest figure to the least, equal ones in the order of their positions.
pub fn ranking(figures: &[i64]) -> Vec<u32> {
    let (Some(&least), Some(&greatest)) = (figures.iter().min(), figures.iter().max()) else { return Vec::new() };
    let position_bits = usize::BITS - (figures.len() - 1).leading_zeros();
    let span = greatest.abs_diff(least);
    // One number holds the distance of a figure from the greatest and, in its low bits, the position: all numbers differ, so
    // any sort, on any number of threads, gives the same order.
    if span.leading_zeros() >= position_bits {
        let mut keys: Vec<u64> =
            figures.iter().zip(0u64..).map(|(figure, position)| (greatest.abs_diff(*figure) << position_bits) | position).collect();
        sort(&mut keys);
        let mask = (1 << position_bits) - 1;
        keys.into_iter().map(|key| (key & mask) as u32).collect()
    } else {
        let mut keys: Vec<(u64, u32)> = figures.iter().zip(0..).map(|(figure, position)| (greatest.abs_diff(*figure), position)).collect();
        sort(&mut keys);
        keys.into_iter().map(|(_, position)| position).collect()
    }
}

/// Shops are ranked in parallel, each by one thread; a large shop uses all threads.
fn sort<T: Ord + Send>(keys: &mut [T]) {
    if keys.len() > 1 << 19 { keys.par_sort_unstable() } else { keys.sort_unstable() }
}

/// The tier of each position; `descending` is the [`ranking`] by net revenue. A while the net revenue of those before is under 80 % of the
/// total, B while it is under 95 %, then C; all C if the total is not positive.
pub fn tiers(net_revenue: &[i64], descending: &[u32]) -> Vec<Tier> {
    let mut tiers = vec![Tier::C; net_revenue.len()];
    let whole: i128 = net_revenue.iter().map(|net| i128::from(*net)).sum();
    if whole <= 0 {
        return tiers;
    }
    let mut before = 0;
    for &position in descending {
        tiers[position as usize] = match before * 100 {
            share if share < whole * 80 => Tier::A,
            share if share < whole * 95 => Tier::B,
            // Figures only fall from here on, and the sum ends at the total, so it does not sink below 95 % of it again.
            _ => break,
        };
        before += i128::from(net_revenue[position as usize]);
    }
    tiers
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn letters(net_revenue: &[i64]) -> String {
        tiers(net_revenue, &ranking(net_revenue)).into_iter().map(Tier::name).collect()
    }

    #[test]
    fn the_one_who_crosses_a_limit_still_belongs_to_it() {
        // Before them: 0, 60, 80, 90, 95, 98 of 100.
        assert_eq!(letters(&[60, 20, 10, 5, 3, 2]), "AABBCC");
        assert_eq!(letters(&[100]), "A");
        // Before them: 0, 79, 94.
        assert_eq!(letters(&[79, 15, 6]), "AAB");
    }

    #[test]
    fn of_equal_customers_the_first_stand_higher() {
        // Five of 20: before them 0, 20, 40, 60, 80.
        assert_eq!(letters(&[20; 5]), "AAAAB");
        // In the order of rank, before them: 0, 40, 80, 90.
        assert_eq!(letters(&[10, 40, 10, 40]), "BABA");
    }

    #[test]
    fn refunds_beyond_what_was_paid() {
        // Whole 100 of 130 − 30; before them: 0, 90, 130 and more.
        assert_eq!(letters(&[-30, 90, 40]), "CAB");
        assert_eq!(letters(&[50, -50]), "CC");
        assert_eq!(letters(&[5, -50]), "CC");
        assert_eq!(letters(&[0, 0]), "CC");
        assert_eq!(letters(&[0, 7, 0]), "CAC");
        assert_eq!(letters(&[]), "");
    }

    #[test]
    fn ranks_far_apart_are_ranks_too() {
        assert_eq!(ranking(&[i64::MIN, 3, i64::MAX, 3]), [2, 1, 3, 0]);
    }

    proptest! {
        #[test]
        fn tiers_are_what_the_sums_say(net_revenue in prop::collection::vec(-20i64..100, 0..40)) {
            let mut sorted: Vec<(i64, usize)> = net_revenue.iter().enumerate().map(|(position, net)| (-net, position)).collect();
            sorted.sort_unstable();
            let whole: i64 = net_revenue.iter().sum();
            let mut expected = vec![Tier::C; net_revenue.len()];
            let mut before = 0;
            for (negative, position) in sorted {
                if whole > 0 && before * 100 < whole * 80 {
                    expected[position] = Tier::A;
                } else if whole > 0 && before * 100 < whole * 95 {
                    expected[position] = Tier::B;
                }
                before -= negative;
            }
            prop_assert_eq!(tiers(&net_revenue, &ranking(&net_revenue)), expected);
        }
    }
}
