//! Fisher's exact test of a 2×2 table, and its stratified form, for samples of any size: whether two arms have the same share of buyers.

/// Buyers and members of two arms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Table {
    /// Members of the treated arm.
    pub treated: i64,
    /// Of them, those who bought.
    pub treated_buyers: i64,
    /// Members of the control arm.
    pub control: i64,
    /// Of them, those who bought.
    pub control_buyers: i64,
}

impl Table {
    /// The two arms exchanged.
    pub fn swapped(self) -> Table {
        Table { treated: self.control, treated_buyers: self.control_buyers, control: self.treated, control_buyers: self.treated_buyers }
    }
}

/// The relative difference up to which two probabilities count as equal, because only rounding separates them.
const EQUAL: f64 = 1e-7;

/// Outcomes of a stratum that are less likely than the most likely one by this factor are left out; p-values down to 1e-15 stay correct.
const NEGLIGIBLE: f64 = 1e-30;

/// The two-sided p-value of no association in any stratum: given the number of buyers in each, the probability of a number of treated
/// buyers, over all strata, that is at most as likely as the one observed. For one stratum this is Fisher's exact test (R. A. Fisher, "The
/// Design of Experiments", 1935), for several its stratified form (C. Mehta, N. Patel, R. Gray, "Computing an exact confidence
/// interval for the common odds ratio in several 2×2 contingency tables", JASA 80, 1985, which also gives the convolution). Exact
/// at every size: probabilities follow from their neighbours by a ratio, from the most likely one outwards, so nothing overflows.
///
/// ```
/// use huitou::statistics::fisher::{Table, p_value};
/// // The lady tasting tea: she identified three of four cups (Fisher 1935).
/// let tea = Table { treated: 4, treated_buyers: 3, control: 4, control_buyers: 1 };
/// assert!((p_value(&[tea]) - 34.0 / 70.0).abs() < 1e-12);
/// ```
pub fn p_value(strata: &[Table]) -> f64 {
    let least = if strata.len() > 1 { NEGLIGIBLE } else { 0.0 };
    let outcomes = strata
        .iter()
        .fold(Outcomes { first: 0, likelihoods: vec![1.0] }, |sum, stratum| sum.plus(&Outcomes::of(stratum, least)).trimmed(least));
    let seen: i64 = strata.iter().map(|stratum| stratum.treated_buyers).sum();
    let total: f64 = outcomes.likelihoods.iter().sum();
    let limit = outcomes.at(seen) * (1.0 + EQUAL);
    let as_rare: f64 = outcomes.likelihoods.iter().filter(|likelihood| **likelihood <= limit).sum();
    // An empty sum is −0.
    (as_rare / total).min(1.0) + 0.0
}

/// The one-sided p-value of Fisher's exact test: given the margins, the probability of as many treated buyers as observed, or more. 0 where
/// it is too small for a floating-point number.
///
/// ```
/// use huitou::statistics::fisher::{Table, p_value_greater};
/// // The lady tasting tea (R. A. Fisher, "The Design of Experiments", 1935): 17 of 70 ways to guess are as good as hers, or better.
/// let tea = Table { treated: 4, treated_buyers: 3, control: 4, control_buyers: 1 };
/// assert!((p_value_greater(&tea) - 17.0 / 70.0).abs() < 1e-15);
/// ```
pub fn p_value_greater(table: &Table) -> f64 {
    let seen = table.treated_buyers;
    let Range { lowest, highest, mode } = Range::of(table);
    let (mut total, mut as_many) = (1.0, if mode >= seen { 1.0 } else { 0.0 });
    let (mut likelihood, mut k) = (1.0, mode);
    while k < highest {
        likelihood *= next_to(table, k);
        k += 1;
        total += likelihood;
        as_many += if k >= seen { likelihood } else { 0.0 };
        // Likelihoods fall faster the farther they are from the mode: what is left is nothing beside the sum of those that count.
        if likelihood == 0.0 || (k >= seen && likelihood <= BESIDE_SUM * as_many) {
            break;
        }
    }
    let (mut likelihood, mut k) = (1.0, mode);
    while k > lowest && likelihood > BESIDE_SUM * total {
        likelihood /= next_to(table, k - 1);
        k -= 1;
        total += likelihood;
        as_many += if k >= seen { likelihood } else { 0.0 };
    }
    (as_many / total).min(1.0)
}

/// Outcomes that are less likely than the sum of the others by this factor add nothing to it.
const BESIDE_SUM: f64 = 1e-22;

/// The numbers of treated buyers that are possible with given margins, and the most likely one.
struct Range {
    lowest: i64,
    highest: i64,
    mode: i64,
}

impl Range {
    fn of(table: &Table) -> Range {
        let Table { treated, treated_buyers, control, control_buyers } = *table;
        let buyers = treated_buyers + control_buyers;
        let (lowest, highest) = ((buyers - control).max(0), treated.min(buyers));
        let mode = ((i128::from(buyers) + 1) * (i128::from(treated) + 1) / (i128::from(treated + control) + 2)) as i64;
        Range { lowest, highest, mode: mode.clamp(lowest, highest) }
    }
}

/// The ratio of the likelihoods of k + 1 and k treated buyers: (n₁ − k)(m − k) / ((k + 1)(n₀ − m + k + 1)).
fn next_to(table: &Table, k: i64) -> f64 {
    let Table { treated, treated_buyers, control, control_buyers } = *table;
    let buyers = treated_buyers + control_buyers;
    let more = (treated - k) as f64 * (buyers - k) as f64;
    more / ((k + 1) as f64 * (control - buyers + k + 1) as f64)
}

/// The likelihood of each number of treated buyers, scaled so that the greatest is about 1.
struct Outcomes {
    /// The number of buyers of the first likelihood.
    first: i64,
    likelihoods: Vec<f64>,
}

impl Outcomes {
    /// The hypergeometric distribution of a stratum, down to `least`.
    fn of(stratum: &Table, least: f64) -> Outcomes {
        let Range { lowest, highest, mode } = Range::of(stratum);
        let mut below = Vec::new();
        let (mut likelihood, mut k) = (1.0, mode);
        while k > lowest {
            likelihood /= next_to(stratum, k - 1);
            if likelihood <= least {
                break;
            }
            k -= 1;
            below.push(likelihood);
        }
        let first = mode - below.len() as i64;
        let mut likelihoods: Vec<f64> = below.into_iter().rev().chain([1.0]).collect();
        let (mut likelihood, mut k) = (1.0, mode);
        while k < highest {
            likelihood *= next_to(stratum, k);
            if likelihood <= least {
                break;
            }
            k += 1;
            likelihoods.push(likelihood);
        }
        Outcomes { first, likelihoods }
    }

    /// The distribution of the sum of two numbers of buyers.
    fn plus(&self, other: &Outcomes) -> Outcomes {
        if let [only] = self.likelihoods.as_slice() {
            return Outcomes { first: self.first + other.first, likelihoods: other.likelihoods.iter().map(|one| one * only).collect() };
        }
        let mut likelihoods = vec![0.0; self.likelihoods.len() + other.likelihoods.len() - 1];
        for (at, own) in self.likelihoods.iter().enumerate() {
            for (sum, likelihood) in likelihoods[at..].iter_mut().zip(&other.likelihoods) {
                *sum += own * likelihood;
            }
        }
        Outcomes { first: self.first + other.first, likelihoods }
    }

    /// Scales the greatest likelihood to 1 and removes those below `least` at both ends.
    fn trimmed(self, least: f64) -> Outcomes {
        let greatest = self.likelihoods.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let is_kept = |likelihood: &f64| *likelihood > least * greatest;
        let from = self.likelihoods.iter().position(is_kept).unwrap_or(0);
        let until = self.likelihoods.iter().rposition(is_kept).map_or(0, |last| last + 1);
        let kept = self.likelihoods.get(from..until).unwrap_or_default();
        Outcomes { first: self.first + from as i64, likelihoods: kept.iter().map(|likelihood| likelihood / greatest).collect() }
    }

    /// The likelihood of a number; 0 if it was too small to be kept.
    fn at(&self, number: i64) -> f64 {
        usize::try_from(number - self.first).ok().and_then(|at| self.likelihoods.get(at)).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(treated_buyers: i64, treated: i64, control_buyers: i64, control: i64) -> Table {
        Table { treated, treated_buyers, control, control_buyers }
    }

    fn close(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "{found} instead of {expected}");
    }

    /// The examples of R's `fisher.test`: Fisher's tea, p = 0.4857; and brothers of criminals (Fisher 1962, 1970): 2 of 17
    /// dizygotic twins were convicted and 10 of 13 monozygotic ones, p = 0.0005367.
    #[test]
    fn published_p_values() {
        close(p_value(&[table(3, 4, 1, 4)]), 0.4857, 5e-5);
        close(p_value(&[table(2, 17, 10, 13)]), 0.000_536_7, 5e-8);
    }

    /// R's `fisher.test(Convictions, alternative = "less")` of the brothers of criminals has p = 0.0004652: as many monozygotic twins or more.
    #[test]
    fn published_one_sided_p_values() {
        close(p_value_greater(&table(10, 13, 2, 17)), 0.000_465_2, 5e-8);
        close(p_value_greater(&table(3, 4, 1, 4)), 0.2429, 5e-5);
    }

    #[test]
    fn one_side_of_large_tables_and_of_sure_ones() {
        assert_eq!(p_value_greater(&table(0, 5, 0, 7)), 1.0);
        assert_eq!(p_value_greater(&table(0, 5, 3, 7)), 1.0);
        // All three buyers are among five of twelve: 5 · 4 · 3 of 12 · 11 · 10.
        close(p_value_greater(&table(3, 5, 0, 7)), 60.0 / 1_320.0, 1e-15);
        // 1,600 standard errors away: no float is so small.
        assert_eq!(p_value_greater(&table(1_000_000, 1_000_000, 0, 1_000_000)), 0.0);
        let large = p_value_greater(&table(1_050, 1_000_000, 1_000, 1_000_000));
        close(large, 0.1396, 1e-3); // half of the two sides
    }

    /// Penicillin in rabbits (A. Agresti, "Categorical Data Analysis", 1990, p. 238), cured after none and after 1.5 hours of
    /// delay at five doses; the exact conditional test of R's `mantelhaen.test` gives p = 0.040.
    #[test]
    fn rabbits() {
        let doses = [table(0, 6, 0, 5), table(3, 6, 0, 6), table(6, 6, 2, 6), table(5, 6, 6, 6), table(2, 2, 5, 5)];
        close(p_value(&doses), 0.040, 5e-4);
    }

    /// One in a thousand of ten millions against 0.9 of a thousand: as many standard errors apart as the normal distribution
    /// has a small p-value for, and the exact one is near it.
    #[test]
    fn large_tables_are_exact_too() {
        let large = table(1_050, 1_000_000, 1_000, 1_000_000);
        // z = 50 / sqrt(2050) = 1.1043, p = 0.2695; with a continuity correction z = 1.0822, p = 0.2792.
        close(p_value(&[large]), 0.2792, 1e-3);
        let sure = table(12_000, 1_000_000, 10_000, 1_000_000);
        let p = p_value(&[sure]);
        assert!(p > 0.0 && p < 1e-40, "{p}");
        assert_eq!(p_value(&[table(0, 5, 0, 7)]), 1.0);
        assert_eq!(p_value(&[]), 1.0);
    }

    proptest! {
        #[test]
        fn arms_can_be_exchanged_and_so_can_strata(
            cells in prop::collection::vec((0i64..12, 0i64..12, 0i64..12, 0i64..12), 1..5),
        ) {
            let strata: Vec<Table> = cells.iter().map(|(a, b, c, d)| table(*a, a + b, *c, c + d)).collect();
            let p = p_value(&strata);
            prop_assert!(p > 0.0 && p <= 1.0);
            let swapped: Vec<Table> = strata.iter().rev().map(|stratum| stratum.swapped()).collect();
            prop_assert!((p_value(&swapped) - p).abs() < 1e-9);
        }

        /// Against all tables with the same margins, counted with whole numbers.
        #[test]
        fn one_stratum_by_counting(a in 0i64..9, b in 0i64..9, c in 0i64..9, d in 0i64..9) {
            fn choose(n: i64, k: i64) -> i128 {
                if k < 0 || k > n { return 0; }
                (0..k).fold(1, |product, at| product * i128::from(n - at) / i128::from(at + 1))
            }
            let ways = |k: i64| choose(a + b, k) * choose(c + d, a + c - k);
            let seen = ways(a);
            let rare: i128 = (0..=a + c).map(ways).filter(|ways| *ways <= seen).sum();
            let all: i128 = (0..=a + c).map(ways).sum();
            prop_assert!((p_value(&[table(a, a + b, c, c + d)]) - rare as f64 / all as f64).abs() < 1e-9);
            let as_many: i128 = (a..=a + c).map(ways).sum();
            prop_assert!((p_value_greater(&table(a, a + b, c, c + d)) - as_many as f64 / all as f64).abs() < 1e-12);
        }
    }
}
