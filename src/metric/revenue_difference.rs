//! Revenue differences: the revenue per member of the treated arm less that of the control arm, with interval and p-value.
//!
//! Most members bring nothing and a few bring much. Where many bought in both arms, the means are normal enough for B. Welch's
//! interval; where few did, the data are resampled: with replacement for the interval (B. Efron,
//! R. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13), by permuting the arms for the p-value (chapter 15).

use super::comparison::{Comparison, Interval};
use crate::statistics::random::Random;
use crate::statistics::student::{critical_95, two_sided_p};

/// With fewer buyers than this in an arm, the means are not taken as normal.
const FEW: usize = 50;

/// With fewer buyers than this in an arm, resampling says nothing about customers who might have bought.
const TOO_FEW: usize = 5;

/// With more buyers than this in an arm, its mean is normal.
const MANY: usize = 200;

/// Resamples: one less than a round number, so that the 50th and the 1950th are the limits.
const RESAMPLES: usize = 1_999;

/// One arm of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spending {
    /// Its members.
    pub members: i64,
    /// Revenue of each buyer, in minor units. Ascending, so that results do not depend on the order of the data.
    pub revenues: Vec<i64>,
}

/// The two arms of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arms {
    /// The members to whom the message was sent.
    pub treated: Spending,
    /// The members from whom it was held back.
    pub control: Spending,
}

impl Spending {
    /// Builds an arm from its buyers' revenue, in any order.
    pub fn new(members: i64, mut revenues: Vec<i64>) -> Self {
        revenues.sort_unstable();
        Spending { members, revenues }
    }

    /// The revenue of all members, in minor units.
    pub fn total(&self) -> i64 {
        self.revenues.iter().sum()
    }

    /// Revenue per member, those who bought nothing included, in minor units.
    fn mean(&self) -> f64 {
        self.total() as f64 / self.members as f64
    }

    /// The variance of that mean.
    fn variance_of_mean(&self) -> f64 {
        let (mean, n) = (self.mean(), self.members as f64);
        let bought: f64 = self.revenues.iter().map(|revenue| (*revenue as f64 - mean).powi(2)).sum();
        let others = (self.members - self.revenues.len() as i64) as f64 * mean * mean;
        (bought + others) / (n - 1.0) / n
    }

    /// Draws the mean of as many members with replacement: the number of buyers is binomial, the revenue of each is one of those observed.
    /// For an arm with many buyers (the other may have few), draws the mean itself from its normal distribution.
    fn resampled(&self, random: &mut Random) -> f64 {
        if self.revenues.len() > MANY {
            return self.mean() + self.variance_of_mean().sqrt() * random.normal();
        }
        let buyers = binomial(self.members, self.revenues.len() as i64, random);
        let total: f64 = (0..buyers).filter_map(|_| self.revenues.get(random.below(self.revenues.len()))).map(|one| *one as f64).sum();
        total / self.members as f64
    }
}

/// Draws the number of buyers among that many draws with replacement from `members`. By inversion, from the side on which there are fewer:
/// nothing underflows, since there are at most [`MANY`] buyers.
fn binomial(members: i64, buyers: i64, random: &mut Random) -> i64 {
    if buyers == 0 || buyers == members {
        return buyers;
    }
    if 2 * buyers > members {
        return members - binomial(members, members - buyers, random);
    }
    let share = buyers as f64 / members as f64;
    let odds = share / (1.0 - share);
    let mut left = random.unit();
    let mut likelihood = (members as f64 * libm::log1p(-share)).exp();
    for number in 0..members {
        left -= likelihood;
        if left < 0.0 {
            return number;
        }
        likelihood *= (members - number) as f64 / (number + 1) as f64 * odds;
    }
    members
}

/// The difference of revenue per member, treated less control, in minor units, over campaigns that are each compared within
/// themselves, with the weights of Mantel and Haenszel, n₁n₀/(n₁ + n₀), as [`super::conversion_difference::pooled_difference`]
/// has them. One campaign alone is a difference of two means. `None` where no campaign has both arms.
///
/// With 50 buyers or more in both arms, over all campaigns, the interval and the p-value are Welch's (B. Welch, "The generalization
/// of Student's problem when several different population variances are involved", Biometrika 34, 1947), of several campaigns with
/// Satterthwaite's degrees of freedom. With fewer, the interval reaches from the 2.5 % to the 97.5 % point of 1999 bootstrap
/// resamples, and the p-value is that of 1999 random deals of each campaign's members to its arms. With fewer than 5 buyers in an
/// arm there is a p-value and no interval. `seed` fixes the random numbers: the same for the same campaigns.
pub fn revenue_difference(campaigns: &[Arms], seed: u64) -> Option<Comparison> {
    let strata: Vec<&Arms> = campaigns.iter().filter(|arms| arms.treated.members > 0 && arms.control.members > 0).collect();
    let weights: Vec<f64> = strata.iter().map(|arms| weight(arms)).collect();
    let all: f64 = weights.iter().sum();
    if all == 0.0 {
        return None;
    }
    let shares: Vec<f64> = weights.iter().map(|weight| weight / all).collect();
    let weighted = |of: &mut dyn FnMut(&Arms) -> f64| strata.iter().zip(&shares).map(|(arms, share)| share * of(arms)).sum::<f64>();
    let difference = weighted(&mut |arms| arms.treated.mean() - arms.control.mean());
    let buyers = |arm: fn(&Arms) -> &Spending| strata.iter().map(|arms| arm(arms).revenues.len()).sum::<usize>();
    let fewest = buyers(|arms| &arms.treated).min(buyers(|arms| &arms.control));
    if fewest >= FEW {
        return Some(welch(&strata, &shares, difference));
    }
    let mut random = Random::new(seed);
    let interval = (fewest >= TOO_FEW).then(|| {
        let mut draw = || weighted(&mut |arms| arms.treated.resampled(&mut random) - arms.control.resampled(&mut random));
        percentiles((0..RESAMPLES).map(|_| draw()).collect())
    });
    Some(Comparison { difference, interval, p_value: dealt_anew(&strata, &mut random), method: "bootstrap" })
}

fn weight(arms: &Arms) -> f64 {
    let (n1, n0) = (arms.treated.members as f64, arms.control.members as f64);
    n1 * n0 / (n1 + n0)
}

fn welch(strata: &[&Arms], shares: &[f64], difference: f64) -> Comparison {
    let (mut variance, mut squares) = (0.0, 0.0);
    for (arms, share) in strata.iter().zip(shares) {
        // An arm of one member has no variance of its own and adds none: with fifty buyers or more, other campaigns have one.
        for arm in [&arms.treated, &arms.control].into_iter().filter(|arm| arm.members > 1) {
            let part = share * share * arm.variance_of_mean();
            variance += part;
            squares += part * part / (arm.members - 1) as f64;
        }
    }
    if variance == 0.0 {
        // All members bought for the same amount.
        let p_value = if difference == 0.0 { 1.0 } else { 0.0 };
        return Comparison { difference, interval: Some((difference, difference)), p_value, method: "welch" };
    }
    let degrees = variance * variance / squares;
    let (error, critical) = (variance.sqrt(), critical_95(degrees));
    Comparison {
        difference,
        interval: Some((difference - critical * error, difference + critical * error)),
        p_value: two_sided_p(difference / error, degrees),
        method: "welch",
    }
}

fn percentiles(mut differences: Vec<f64>) -> Interval {
    differences.sort_unstable_by(f64::total_cmp);
    let at = |number: usize| differences.get(number - 1).copied().unwrap_or_default();
    let tail = (RESAMPLES + 1) / 40;
    (at(tail), at(RESAMPLES + 1 - tail))
}

/// The share of permutations in which the revenue of the treated of all campaigns is at least as far from its mean as the one observed. The
/// weights make this the weighted difference: n₁n₀/n (mean₁ − mean₀) is the treated total less its mean. The observed permutation counts as
/// one, so that the share is never 0 (B. Phipson, G. Smyth, "Permutation p-values should never be zero", Statistical Applications in
/// Genetics and Molecular Biology 9, 2010).
fn dealt_anew(strata: &[&Arms], random: &mut Random) -> f64 {
    let expected: f64 = strata
        .iter()
        .map(|arms| {
            let (n1, n0) = (arms.treated.members as f64, arms.control.members as f64);
            (arms.treated.total() + arms.control.total()) as f64 * n1 / (n1 + n0)
        })
        .sum();
    let distance = |total: i64| (total as f64 - expected).abs();
    let seen = distance(strata.iter().map(|arms| arms.treated.total()).sum());
    let limit = seen - 1e-9 * seen.max(1.0);
    let as_far = (0..RESAMPLES).filter(|_| distance(strata.iter().map(|arms| treated_total(arms, random)).sum()) >= limit).count();
    (as_far + 1) as f64 / (RESAMPLES + 1) as f64
}

/// Draws the revenue of the treated in a permutation: as many members as were treated, from both arms together, without replacement.
fn treated_total(arms: &Arms, random: &mut Random) -> i64 {
    let mut seats = arms.treated.members;
    let mut members = arms.treated.members + arms.control.members;
    let mut total = 0;
    for revenue in arms.treated.revenues.iter().chain(&arms.control.revenues) {
        if (random.below(members as usize) as i64) < seats {
            total += revenue;
            seats -= 1;
        }
        members -= 1;
    }
    total
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn arms(treated: i64, treated_revenues: &[i64], control: i64, control_revenues: &[i64]) -> Arms {
        Arms { treated: Spending::new(treated, treated_revenues.to_vec()), control: Spending::new(control, control_revenues.to_vec()) }
    }

    fn swapped(arms: &Arms) -> Arms {
        Arms { treated: arms.control.clone(), control: arms.treated.clone() }
    }

    /// Two arms of 100, of which 50 bring 2 and 1 yuan: means 1 and 0.5, variances 100/99 and 25/99, so the difference is 0.5, its
    /// standard error √(0.0101010 + 0.0025253) = 0.112367, t = 4.4497 with (0.0126263)² · 99 / (0.0101010² + 0.0025253²) = 145.59
    /// degrees of freedom, of which the 97.5 % point is 1.97638.
    #[test]
    fn welch_by_hand() {
        let compared = revenue_difference(&[arms(100, &[200; 50], 100, &[100; 50])], 1).unwrap();
        assert_eq!((compared.method, compared.difference), ("welch", 50.0));
        let (low, high) = compared.interval.unwrap();
        assert!((low - (50.0 - 1.976_38 * 11.236_7)).abs() < 1e-3 && (high - (50.0 + 1.976_38 * 11.236_7)).abs() < 1e-3, "{low} {high}");
        assert!((1.0e-5..2.0e-5).contains(&compared.p_value), "{}", compared.p_value);
    }

    /// Three buyers, all treated, among 2 + 2 members and 3 + 3: of the 20 deals of three seats among six members, one has all three
    /// in the treated arm, and one none: p = 2/20.
    #[test]
    fn a_p_value_by_counting_deals() {
        let compared = revenue_difference(&[arms(3, &[500, 500, 500], 3, &[])], 1).unwrap();
        assert_eq!((compared.interval, compared.difference), (None, 500.0));
        // The standard error of 1999 deals at 0.1 is 0.0067.
        assert!((compared.p_value - 0.1).abs() < 0.027, "{}", compared.p_value);
    }

    #[test]
    fn what_cannot_be_compared() {
        assert_eq!(revenue_difference(&[], 1), None);
        assert_eq!(revenue_difference(&[arms(10, &[100], 0, &[])], 1), None);
        let nobody = revenue_difference(&[arms(10, &[], 10, &[])], 1).unwrap();
        assert_eq!((nobody.difference, nobody.interval, nobody.p_value), (0.0, None, 1.0));
        let all = revenue_difference(&[arms(60, &[100; 60], 60, &[100; 60])], 1).unwrap();
        assert_eq!((all.interval, all.p_value), (Some((0.0, 0.0)), 1.0));
    }

    /// The binomial distribution has mean np and variance np(1 − p), few buyers or most of them.
    #[test]
    fn resamples_have_the_buyers_that_chance_gives() {
        for (members, buyers) in [(1_000, 12), (200, 190), (50, 25)] {
            let mut random = Random::new(3);
            let numbers: Vec<f64> = (0..20_000).map(|_| binomial(members, buyers, &mut random) as f64).collect();
            let mean = numbers.iter().sum::<f64>() / 20_000.0;
            let variance = numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / 20_000.0;
            let expected = buyers as f64 * (1.0 - buyers as f64 / members as f64);
            assert!((mean - buyers as f64).abs() < 4.0 * (expected / 20_000.0).sqrt(), "{members} {buyers}: {mean}");
            assert!((variance / expected - 1.0).abs() < 0.05, "{members} {buyers}: {variance}");
        }
    }

    /// An arm with many buyers beside one with few: its mean is drawn, and the interval is about that of the small arm.
    #[test]
    fn a_small_arm_beside_a_large_one() {
        let large: Vec<i64> = (0..5_000).map(|number| 5_000 + number).collect();
        let compared = revenue_difference(&[arms(50_000, &large, 500, &[7_500; 40])], 1).unwrap();
        let (low, high) = compared.interval.unwrap();
        assert!(compared.method == "bootstrap" && low < compared.difference && compared.difference < high);
        // 40 of 500 at 75 yuan: the standard error of the mean is 75 √(0.08 · 0.92 / 499) = 0.911 yuan.
        assert!(((high - low) / (2.0 * 1.96) / 91.1 - 1.0).abs() < 0.12, "{low} {high}");
    }

    /// A repeat in which everybody brings ten times as much, and hardly anybody was held back.
    #[test]
    fn a_large_repeat_with_another_base_makes_no_effect() {
        let (rich, poor): (Vec<i64>, Vec<i64>) = (vec![10_000; 10], vec![1_000; 10]);
        let strata = [arms(900, &rich.repeat(9), 100, &rich), arms(100, &poor, 900, &poor.repeat(9))];
        let pooled = revenue_difference(&strata, 1).unwrap();
        assert!(pooled.difference.abs() < 1e-9 && pooled.p_value > 0.9, "{pooled:?}");
    }

    /// Revenue of a member: nothing, or what e to the normal distribution gives.
    fn spending(members: i64, share: f64, spread: f64, random: &mut Random) -> Spending {
        let mut revenues = Vec::new();
        for _ in 0..members {
            if random.unit() < share {
                revenues.push(((spread * random.normal()).exp() * 10_000.0) as i64);
            }
        }
        Spending::new(members, revenues)
    }

    /// The share of simulated campaigns whose interval has the true difference in it, and of those without an effect whose p-value is
    /// below 5 %.
    fn coverage(treated: i64, control: i64, shares: [f64; 2], spread: f64) -> (f64, f64) {
        let mut random = Random::new(20_261_122);
        let truth = (shares[0] - shares[1]) * (spread * spread / 2.0).exp() * 10_000.0;
        let (mut with_interval, mut covered, mut small, rounds) = (0, 0, 0, 400);
        for round in 0..rounds {
            let treated = spending(treated, shares[0], spread, &mut random);
            let control = spending(control, shares[1], spread, &mut random);
            let compared = revenue_difference(&[Arms { treated, control }], round).unwrap();
            small += u64::from(compared.p_value < 0.05);
            if let Some((low, high)) = compared.interval {
                with_interval += 1;
                covered += u64::from((low..=high).contains(&truth));
            }
        }
        (covered as f64 / with_interval as f64, small as f64 / rounds as f64)
    }

    /// The standard error of 400 rounds at 95 % is 0.011. The bootstrap of some 15 buyers of heavily skewed amounts falls short of
    /// 95 %, as docs/campaigns.md says.
    #[test]
    fn intervals_cover_the_truth_and_nothing_is_seen_where_nothing_is() {
        for (treated, control, shares, spread, least) in
            [(700, 300, [0.12, 0.08], 0.6, 0.92), (1_500, 700, [0.10, 0.10], 0.6, 0.92), (300, 150, [0.12, 0.10], 1.2, 0.86)]
        {
            let (covered, small) = coverage(treated, control, shares, spread);
            assert!(covered >= least, "{treated} {control} {shares:?} {spread}: {covered}");
            if shares[0] == shares[1] {
                assert!(small < 0.05 + 3.0 * 0.011, "{treated} {control}: {small}");
            }
        }
        // Too few for Welch: the deals are exact, whatever the distribution.
        let (_, small) = coverage(200, 100, [0.08, 0.08], 1.2);
        assert!(small < 0.05 + 3.0 * 0.011, "{small}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn order_changes_nothing_and_arms_turn_the_sign(
            treated in prop::collection::vec(-500i64..9_000, 0..70),
            control in prop::collection::vec(-500i64..9_000, 0..70),
            more in (1i64..200, 1i64..200),
        ) {
            let (n1, n0) = (treated.len() as i64 + more.0, control.len() as i64 + more.1);
            let one = arms(n1, &treated, n0, &control);
            let (backwards, forwards): (Vec<i64>, Vec<i64>) = (treated.iter().rev().copied().collect(), control.iter().rev().copied().collect());
            prop_assert_eq!(&one, &arms(n1, &backwards, n0, &forwards));
            let compared = revenue_difference(std::slice::from_ref(&one), 7).unwrap();
            prop_assert_eq!(compared, revenue_difference(std::slice::from_ref(&one), 7).unwrap());
            prop_assert!(compared.p_value > 0.0 && compared.p_value <= 1.0);
            let turned = revenue_difference(&[swapped(&one)], 7).unwrap();
            prop_assert!((compared.difference + turned.difference).abs() < 1e-9);
            if compared.method == "welch" {
                prop_assert!((compared.p_value - turned.p_value).abs() < 1e-9);
                let ((low, high), (other_low, other_high)) = (compared.interval.unwrap(), turned.interval.unwrap());
                prop_assert!(low <= compared.difference && compared.difference <= high);
                prop_assert!((low + other_high).abs() < 1e-6 && (high + other_low).abs() < 1e-6);
            }
        }
    }
}
