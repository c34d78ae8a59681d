//! Conversion differences: the share of buyers in the treated arm less that in the control arm, with interval and p-value.

use super::comparison::{Comparison, Interval, NORMAL_95};
use super::ratio::ratio;
use crate::statistics::fisher;
use crate::statistics::fisher::Table;

/// With fewer buyers than this in an arm, or fewer members who did not buy, the arm's limits are exact.
const SPARSE: i64 = 5;

/// The difference of the conversions of two arms, treated less control; `None` where an arm is empty.
///
/// The interval is R. Newcombe's hybrid score interval ("Interval estimation for the difference between independent
/// proportions: comparison of eleven methods", Statistics in Medicine 17, 1998, method 10): the distances of the limits of each
/// proportion from the proportion, combined as the root of the sum of squares. The limits of an arm are those of Wilson; with fewer than
/// 5 buyers or fewer than 5 who did not buy, where Wilson's are least reliable, the exact ones of Clopper and Pearson, which are wider.
/// The p-value is that of Fisher's exact test.
///
/// ```
/// use huitou::metric::conversion_difference::conversion_difference;
/// use huitou::statistics::fisher::Table;
/// // Newcombe 1998, table II (a): 56/70 against 48/80.
/// let table = Table { treated: 70, treated_buyers: 56, control: 80, control_buyers: 48 };
/// let compared = conversion_difference(table).unwrap();
/// let (low, high) = compared.interval.unwrap();
/// assert!((compared.difference - 0.2).abs() < 1e-12 && (low - 0.0524).abs() < 5e-5 && (high - 0.3339).abs() < 5e-5);
/// ```
pub fn conversion_difference(table: Table) -> Option<Comparison> {
    let Table { treated, treated_buyers, control, control_buyers } = table;
    let (of_treated, of_control) = (ratio(treated_buyers, treated)?, ratio(control_buyers, control)?);
    let ((treated_low, treated_high), (control_low, control_high)) = (limits(treated_buyers, treated), limits(control_buyers, control));
    let difference = of_treated - of_control;
    let low = difference - libm::hypot(of_treated - treated_low, control_high - of_control);
    let high = difference + libm::hypot(treated_high - of_treated, of_control - control_low);
    let is_exact = is_sparse(treated_buyers, treated) || is_sparse(control_buyers, control);
    Some(Comparison {
        difference,
        interval: Some((low, high)),
        p_value: fisher::p_value(&[table]),
        method: if is_exact { "newcombe_clopper_pearson" } else { "newcombe_wilson" },
    })
}

fn is_sparse(buyers: i64, members: i64) -> bool {
    buyers < SPARSE || members - buyers < SPARSE
}

/// The limits of one proportion.
fn limits(buyers: i64, members: i64) -> Interval {
    if is_sparse(buyers, members) { clopper_pearson(buyers, members) } else { wilson(buyers, members) }
}

/// The score interval (E. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927).
fn wilson(buyers: i64, members: i64) -> Interval {
    let (n, proportion) = (members as f64, buyers as f64 / members as f64);
    let square = NORMAL_95 * NORMAL_95;
    let middle = 2.0 * n * proportion + square;
    let half = NORMAL_95 * (square + 4.0 * n * proportion * (1.0 - proportion)).sqrt();
    ((middle - half) / (2.0 * (n + square)), (middle + half) / (2.0 * (n + square)))
}

/// The exact interval (C. Clopper, E. Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
/// Biometrika 26, 1934), of a sparse arm: one of the two counts is small, and the tails are summed from that side.
fn clopper_pearson(buyers: i64, members: i64) -> Interval {
    let others = members - buyers;
    if buyers > others {
        let (low, high) = clopper_pearson(others, buyers + others);
        return (1.0 - high, 1.0 - low);
    }
    let low = if buyers == 0 { 0.0 } else { bisected(|share| 1.0 - at_most(buyers - 1, members, share) < 0.025) };
    (low, bisected(|share| at_most(buyers, members, share) > 0.025))
}

/// The probability of at most that many buyers, if each member buys with that probability.
fn at_most(buyers: i64, members: i64, share: f64) -> f64 {
    let (odds, none) = (share / (1.0 - share), members as f64 * libm::log1p(-share));
    let mut logarithm = none;
    let mut sum = 0.0;
    for number in 0..=buyers {
        sum += logarithm.exp();
        logarithm += ((members - number) as f64 / (number + 1) as f64 * odds).ln();
    }
    sum.min(1.0)
}

/// The share at which a condition that holds at 0 stops holding.
fn bisected(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

/// The difference over several campaigns, each compared within itself: N. Mantel and W. Haenszel's weights (JNCI 22, 1959) in the
/// form of S. Greenland and J. Robins for differences (Biometrics 41, 1985), with the variance of T. Sato (Biometrics 45,
/// 1989), which holds for a few large campaigns and for many small ones. A campaign in which all buy more does not produce an effect by
/// having another share of control. The p-value is exact (see [`fisher::p_value`]). `None` where no campaign has both arms. One
/// campaign alone is compared as [`conversion_difference`] does.
pub fn pooled_difference(campaigns: &[Table]) -> Option<Comparison> {
    let strata: Vec<Table> = campaigns.iter().copied().filter(|table| table.treated > 0 && table.control > 0).collect();
    if let [only] = strata.as_slice() {
        return conversion_difference(*only);
    }
    let (mut weights, mut sum, mut p, mut q) = (0.0, 0.0, 0.0, 0.0);
    for table in &strata {
        let [n1, x1, n0, x0] = [table.treated, table.treated_buyers, table.control, table.control_buyers].map(|count| count as f64);
        let n = n1 + n0;
        weights += n1 * n0 / n;
        sum += (x1 * n0 - x0 * n1) / n;
        p += (n1 * n1 * x0 - n0 * n0 * x1 + n1 * n0 * (n0 - n1) / 2.0) / (n * n);
        q += (x1 * (n0 - x0) + x0 * (n1 - x1)) / (2.0 * n);
    }
    if weights == 0.0 {
        return None;
    }
    let difference = sum / weights;
    let half = NORMAL_95 * (difference * p + q).max(0.0).sqrt() / weights;
    let total = |count: fn(&Table) -> i64| strata.iter().map(count).sum::<i64>();
    let has_interval = !is_sparse(total(|table| table.treated_buyers), total(|table| table.treated))
        && !is_sparse(total(|table| table.control_buyers), total(|table| table.control));
    Some(Comparison {
        difference,
        interval: has_interval.then_some((difference - half, difference + half)),
        p_value: fisher::p_value(&strata),
        method: "mantel_haenszel",
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::statistics::random::Random;

    fn table(treated_buyers: i64, treated: i64, control_buyers: i64, control: i64) -> Table {
        Table { treated, treated_buyers, control, control_buyers }
    }

    fn near(found: Interval, expected: Interval, tolerance: f64) {
        assert!((found.0 - expected.0).abs() < tolerance && (found.1 - expected.1).abs() < tolerance, "{found:?} instead of {expected:?}");
    }

    /// R. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17, 1998, table I: 81/263,
    /// 15/148, 0/20 and 1/29 by the score method and by Clopper and Pearson.
    #[test]
    fn single_proportions_as_published() {
        near(wilson(81, 263), (0.2553, 0.3662), 5e-5);
        near(wilson(15, 148), (0.0624, 0.1605), 5e-5);
        near(wilson(0, 20), (0.0, 0.1611), 5e-5);
        near(wilson(1, 29), (0.0061, 0.1718), 5e-5);
        near(clopper_pearson(15, 148), (0.0578, 0.1617), 5e-5);
        near(clopper_pearson(0, 20), (0.0, 0.1684), 5e-5);
        near(clopper_pearson(1, 29), (0.0009, 0.1776), 5e-5);
        near(clopper_pearson(28, 29), (1.0 - 0.1776, 1.0 - 0.0009), 5e-5);
        near(clopper_pearson(1, 1), (0.025, 1.0), 1e-9);
    }

    /// R. Newcombe, Statistics in Medicine 17, 1998 (differences), table II, method 10, contrasts (a) and (b). The others have
    /// fewer than five in a cell, where limits are exact here.
    #[test]
    fn differences_as_published() {
        near(conversion_difference(table(56, 70, 48, 80)).unwrap().interval.unwrap(), (0.0524, 0.3339), 5e-5);
        let small = conversion_difference(table(9, 10, 3, 10)).unwrap();
        assert_eq!(small.method, "newcombe_clopper_pearson");
        let (low, high) = small.interval.unwrap();
        // (b): 9/10 against 3/10 by Wilson's limits is 0.1705 to 0.8090; exact limits are wider.
        assert!(low < 0.1705 && high > 0.8090, "{low} {high}");
    }

    /// K. Rothman, S. Greenland, T. Lash, "Modern Epidemiology", 3rd edition, 2008, chapter 15: deaths under tolbutamide and placebo
    /// below and from 55 years on; pooled risk difference 0.0349 with a 90 % interval from −0.0176 to 0.0874.
    #[test]
    fn a_pooled_difference_as_published() {
        let strata = [table(8, 106, 5, 120), table(22, 98, 16, 85)];
        let pooled = pooled_difference(&strata).unwrap();
        assert!((pooled.difference - 0.0349).abs() < 5e-5, "{}", pooled.difference);
        let (low, high) = pooled.interval.unwrap();
        let of_90 = 1.644_854 / NORMAL_95;
        let narrower = (pooled.difference + of_90 * (low - pooled.difference), pooled.difference + of_90 * (high - pooled.difference));
        near(narrower, (-0.0176, 0.0874), 1e-4);
    }

    /// Both campaigns have no effect at all: 20 % and 2 % of both arms buy. The first held nobody much back, the second nearly
    /// everybody: put together, 18.4 % against 3.6 % buy. Within each there is nothing.
    #[test]
    fn a_large_repeat_with_another_base_makes_no_effect() {
        let strata = [table(180, 900, 20, 100), table(2, 100, 18, 900)];
        let pooled = pooled_difference(&strata).unwrap();
        assert!(pooled.difference.abs() < 1e-12 && pooled.p_value > 0.9, "{pooled:?}");
        assert!(conversion_difference(table(182, 1_000, 38, 1_000)).unwrap().p_value < 1e-20);
    }

    #[test]
    fn what_cannot_be_compared() {
        assert_eq!(conversion_difference(table(3, 10, 0, 0)), None);
        assert_eq!(pooled_difference(&[table(3, 10, 0, 0), table(0, 0, 4, 9)]), None);
        assert_eq!(pooled_difference(&[]), None);
        // Nobody bought: the variance would be 0, and with it the width of an interval of which nobody knows anything.
        assert_eq!(pooled_difference(&[table(0, 10, 0, 10), table(0, 10, 0, 10)]).unwrap().interval, None);
        assert_eq!(pooled_difference(&[table(3, 10, 0, 0), table(3, 10, 1, 10)]), conversion_difference(table(3, 10, 1, 10)));
    }

    /// The share of simulated campaigns whose interval has the true difference in it.
    fn coverage(treated: i64, control: i64, of_treated: f64, of_control: f64) -> f64 {
        let mut random = Random::new(20_261_122);
        let mut buyers = |members: i64, share: f64| (0..members).filter(|_| random.unit() < share).count() as i64;
        let rounds = 2_000;
        let covered = (0..rounds).filter(|_| {
            let table = table(buyers(treated, of_treated), treated, buyers(control, of_control), control);
            let (low, high) = conversion_difference(table).unwrap().interval.unwrap();
            (low..=high).contains(&(of_treated - of_control))
        });
        covered.count() as f64 / f64::from(rounds)
    }

    /// The standard error of 2000 rounds at 95 % is 0.005.
    #[test]
    fn intervals_cover_the_truth_in_95_of_100_campaigns() {
        for (treated, control, of_treated, of_control) in
            [(700, 300, 0.06, 0.04), (140, 60, 0.06, 0.06), (60, 20, 0.05, 0.02), (30, 30, 0.3, 0.1), (2_000, 100, 0.02, 0.02)]
        {
            let covered = coverage(treated, control, of_treated, of_control);
            assert!(covered >= 0.935, "{treated} {control} {of_treated} {of_control}: {covered}");
        }
    }

    proptest! {
        #[test]
        fn intervals_hold_the_difference_and_turn_with_the_arms(
            cells in prop::collection::vec((0i64..40, 0i64..40, 0i64..40, 0i64..40), 1..5),
        ) {
            let strata: Vec<Table> = cells.iter().map(|(a, b, c, d)| table(*a, a + b, *c, c + d)).collect();
            let swapped: Vec<Table> = strata.iter().map(|stratum| stratum.swapped()).collect();
            let pairs = [
                (conversion_difference(strata[0]), conversion_difference(swapped[0])),
                (pooled_difference(&strata), pooled_difference(&swapped)),
            ];
            for (one, other) in pairs {
                prop_assert_eq!(one.is_some(), other.is_some());
                let (Some(one), Some(other)) = (one, other) else { continue };
                prop_assert!((one.difference + other.difference).abs() < 1e-12);
                prop_assert!((one.p_value - other.p_value).abs() < 1e-9);
                let (Some((low, high)), Some(turned)) = (one.interval, other.interval) else { continue };
                prop_assert!(low <= one.difference + 1e-12 && one.difference - 1e-12 <= high && low >= -1.0 - 1e-9 && high <= 1.0 + 1e-9);
                prop_assert!((low + turned.1).abs() < 1e-9 && (high + turned.0).abs() < 1e-9);
            }
        }
    }
}
