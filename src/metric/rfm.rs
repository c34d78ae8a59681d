//! RFM: recency, frequency and money of a customer as scores of 1 to 5, and the eight segments made of them.

use super::lifecycle::StageLimits;

/// One of the eight combinations of high and low R, F and M. The variants are in the order of their names, by which segments are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Segment {
    /// 重要价值: R, F and M high.
    #[default]
    Champion,
    /// 一般保持: F high.
    Fading,
    /// 一般挽留: none high.
    Lost,
    /// 重要保持: F and M high.
    MustKeep,
    /// 重要发展: R and M high.
    Promising,
    /// 一般发展: R high.
    Recent,
    /// 一般价值: R and F high.
    Regular,
    /// 重要挽留: M high.
    WinBack,
}

impl Segment {
    /// All segments, ascending by name.
    pub const ALL: [Segment; 8] = [
        Segment::Champion,
        Segment::Fading,
        Segment::Lost,
        Segment::MustKeep,
        Segment::Promising,
        Segment::Recent,
        Segment::Regular,
        Segment::WinBack,
    ];

    /// The name in result tables.
    pub fn name(self) -> &'static str {
        match self {
            Segment::Champion => "champion",
            Segment::Fading => "fading",
            Segment::Lost => "lost",
            Segment::MustKeep => "must_keep",
            Segment::Promising => "promising",
            Segment::Recent => "recent",
            Segment::Regular => "regular",
            Segment::WinBack => "win_back",
        }
    }

    /// The segment of a customer by which of the three scores are high.
    pub fn of(is_high: PerDimension<bool>) -> Segment {
        let PerDimension { recency, frequency, monetary } = is_high;
        match (recency, frequency, monetary) {
            (true, true, true) => Segment::Champion,
            (true, false, true) => Segment::Promising,
            (false, true, true) => Segment::MustKeep,
            (false, false, true) => Segment::WinBack,
            (true, true, false) => Segment::Regular,
            (true, false, false) => Segment::Recent,
            (false, true, false) => Segment::Fading,
            (false, false, false) => Segment::Lost,
        }
    }
}

/// One value for each of R, F and M: scores, their sums, whether they are high.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PerDimension<T> {
    /// Of R: how recent the last purchase is.
    pub recency: T,
    /// Of F: how many purchase days there are.
    pub frequency: T,
    /// Of M: how much money was spent.
    pub monetary: T,
}

impl<T> PerDimension<T> {
    /// What `function` makes of the two values of each dimension.
    #[inline]
    pub fn zip<U, V>(self, other: PerDimension<U>, function: impl Fn(T, U) -> V) -> PerDimension<V> {
        PerDimension {
            recency: function(self.recency, other.recency),
            frequency: function(self.frequency, other.frequency),
            monetary: function(self.monetary, other.monetary),
        }
    }
}

/// The score by quantile: `1 + (5 × worse) div number`, where `worse` of the shop's `number` customers are strictly worse.
#[inline]
pub fn quantile_score(worse: u64, number: u64) -> u8 {
    1 + (5 * worse / number.max(1)).min(4) as u8
}

/// The scores by quantile of figures of which more is better, by position. `descending` are the positions from the greatest figure to the
/// least.
pub fn quantile_scores(figures: &[i64], descending: &[u32]) -> Vec<u8> {
    let number = figures.len() as u64;
    let mut scores = vec![0; figures.len()];
    // From the least upwards: a new figure has all earlier ones below it, an equal one as many as the one before.
    let (mut below, mut last) = (0, None);
    for (seen, &position) in descending.iter().rev().enumerate() {
        let figure = figures[position as usize];
        if last.replace(figure) != Some(figure) {
            below = seen as u64;
        }
        scores[position as usize] = quantile_score(below, number);
    }
    scores
}

/// The score of a recency by the limits of the lifecycle stages: 5 up to half of the active days, 4 up to all of them, 3 while quiet, 2 while
/// dormant, 1 after that.
pub fn stage_score(limits: StageLimits, days: i64) -> u8 {
    let StageLimits { active_days, quiet_days, dormant_days } = limits;
    let is_early = 2 * days <= i64::from(active_days);
    let passed = [active_days, quiet_days, dormant_days].into_iter().filter(|limit| days > i64::from(*limit)).count() as u8;
    4 - passed + u8::from(is_early)
}

/// Whether a score by the limits of the stages is high: the customer is not dormant yet. It does not compare with the mean, by which most
/// customers of a shop that nobody buys at any more would have bought recently.
pub fn is_recent(score: u8) -> bool {
    score >= 3
}

/// The score of a recency by ascending thresholds in days: under the first 5, from the last on 1.
pub fn recency_score(thresholds: &[i64; 4], days: i64) -> u8 {
    5 - passed(thresholds, |threshold| *threshold <= days)
}

/// The score of a number of purchase days by ascending thresholds: under the first 1, from the last on 5.
pub fn frequency_score(thresholds: &[i64; 4], purchase_days: i64) -> u8 {
    1 + passed(thresholds, |threshold| *threshold <= purchase_days)
}

/// The score of money per piece by ascending thresholds in minor units: under the first 1, from the last on 5.
/// Compared by multiplication, so that nothing is rounded.
pub fn monetary_score(thresholds: &[i64; 4], minor: i64, pieces: i64) -> u8 {
    1 + passed(thresholds, |threshold| i128::from(*threshold) * i128::from(pieces) <= i128::from(minor))
}

fn passed(thresholds: &[i64; 4], is_passed: impl Fn(&i64) -> bool) -> u8 {
    thresholds.iter().filter(|threshold| is_passed(threshold)).count() as u8
}

/// Whether a score is high: at least the mean of the shop's `number` scores, which add up to `sum`.
#[inline]
pub fn is_high(score: u8, number: u64, sum: u64) -> bool {
    u64::from(score) * number >= sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::lifecycle::Stage;
    use crate::metric::value_tier::ranking;
    use proptest::prelude::*;

    fn scores(figures: &[i64]) -> Vec<u8> {
        quantile_scores(figures, &ranking(figures))
    }

    #[test]
    fn one_customer_scores_1_and_is_high() {
        assert_eq!(scores(&[500]), [1]);
        assert!(is_high(1, 1, 1));
    }

    #[test]
    fn five_customers_take_the_five_scores_and_ties_share_the_lower_count() {
        assert_eq!(scores(&[30, 10, 50, 20, 40]), [3, 1, 5, 2, 4]);
        // 20 20 20 have one below them: 1 + 5 div 5 = 2; 40 has four: 1 + 20 div 5 = 5.
        assert_eq!(scores(&[20, 10, 20, 40, 20]), [2, 1, 2, 5, 2]);
        assert_eq!(scores(&[7; 5]), [1; 5]);
    }

    #[test]
    fn seven_customers_by_whole_division() {
        // Worse 0..6: 1 + 0, 5, 10, 15, 20, 25, 30 div 7 = 1 1 2 3 3 4 5.
        assert_eq!(scores(&[1, 2, 3, 4, 5, 6, 7]), [1, 1, 2, 3, 3, 4, 5]);
        // 3 3 3 have two below: 1 + 10 div 7 = 2; the last two have five: 1 + 25 div 7 = 4.
        assert_eq!(scores(&[9, 1, 3, 3, 2, 3, 9]), [4, 1, 2, 2, 1, 2, 4]);
    }

    #[test]
    fn high_is_the_mean_or_more() {
        // Scores 1 1 2 3 3 4 5: mean 19/7 = 2.71.
        assert!(!is_high(2, 7, 19));
        assert!(is_high(3, 7, 19));
        assert!(is_high(3, 4, 12), "the mean itself is high");
    }

    #[test]
    fn fixed_thresholds_are_half_open_from_below() {
        let days = [30, 60, 90, 120];
        assert_eq!([0, 29, 30, 60, 119, 120, 999].map(|recency| recency_score(&days, recency)), [5, 5, 4, 3, 2, 1, 1]);
        assert_eq!([1, 2, 3, 4, 5, 9].map(|number| frequency_score(&[2, 3, 4, 5], number)), [1, 2, 3, 4, 5, 5]);
        let money = [50_00, 100_00, 150_00, 200_00];
        assert_eq!([-5_00, 0, 49_99, 50_00, 199_99, 200_00].map(|net| monetary_score(&money, net, 1)), [1, 1, 1, 2, 4, 5]);
        // 299.99 on three days is 99.996… a day: under 100, though it would round to it.
        assert_eq!([299_99, 300_00].map(|net| monetary_score(&money, net, 3)), [2, 3]);
    }

    #[test]
    fn stages_score_recency_and_nobody_dormant_is_recent() {
        let limits = StageLimits { active_days: 31, quiet_days: 90, dormant_days: 180 };
        // Half of 31 days are 15.5.
        let days = [0, 15, 16, 31, 32, 90, 91, 180, 181, 9_999];
        let scores = days.map(|days| stage_score(limits, days));
        assert_eq!(scores, [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]);
        let is_live = days.map(|days| !matches!(Stage::of(limits, days, Some(1)), Stage::Dormant | Stage::Churned));
        assert_eq!(scores.map(is_recent), is_live);
    }

    #[test]
    fn names_ascend_and_every_combination_has_its_own() {
        assert!(Segment::ALL.is_sorted_by_key(|segment| segment.name()));
        assert!(Segment::ALL.iter().enumerate().all(|(position, segment)| *segment as usize == position));
        let mut found: Vec<Segment> = (0..8)
            .map(|bits| Segment::of(PerDimension { recency: bits & 4 != 0, frequency: bits & 2 != 0, monetary: bits & 1 != 0 }))
            .collect();
        found.sort_unstable();
        assert_eq!(found, Segment::ALL);
    }

    proptest! {
        #[test]
        fn scores_are_what_the_formula_says(figures in prop::collection::vec(-5i64..15, 1..50)) {
            for (figure, score) in figures.iter().zip(scores(&figures)) {
                let worse = figures.iter().filter(|other| *other < figure).count();
                prop_assert_eq!(usize::from(score), 1 + 5 * worse / figures.len());
            }
        }
    }
}
