//! DSR (店铺动态评分): the four scores of a shop and their mean at the end of a period, from snapshots or from ratings.

use super::ratio::{Fraction, mean_of_fractions, ratio};
use crate::input::records::facts::{ScoreDay, ScoreSnapshot};
use crate::spec::Day;

/// Days before the end of a period whose ratings count.
pub const WINDOW_DAYS: i32 = 180;

/// The scale of scores: millionths.
pub const MILLION: i64 = 1_000_000;

/// One of the four scores, in the order in which the input has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Score {
    /// How well goods match their description.
    Description,
    /// The service.
    Service,
    /// How fast the shop ships.
    Delivery,
    /// The carrier.
    Logistics,
}

impl Score {
    /// All of them, by their places in the input.
    pub const ALL: [Score; 4] = [Score::Description, Score::Service, Score::Delivery, Score::Logistics];
}

/// A shop's scores at the end of a period.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Dsr {
    /// Each 1 to 5, by the place of the [`Score`].
    scores: [Option<f64>; 4],
    /// The mean of the scores that exist.
    pub mean: Option<f64>,
    /// Ratings in the window, of the score with the most of them; `None` from snapshots.
    pub ratings: Option<i64>,
}

impl Dsr {
    /// One of the scores.
    pub fn score(&self, score: Score) -> Option<f64> {
        self.scores[score as usize]
    }

    /// The last snapshot between `start` and `last`, of a shop's snapshots by day.
    pub fn of_snapshots(snapshots: &[ScoreSnapshot], start: Day, last: Day) -> Dsr {
        let upto = snapshots.partition_point(|snapshot| snapshot.day <= last);
        match snapshots[..upto].last() {
            // Scores have at most a few decimals; in millionths, equal scores are equal whatever their neighbours.
            Some(snapshot) if snapshot.day >= start => {
                let millionths = |score: f64| (score * MILLION as f64).round() as i64;
                let scores = snapshot.scores.iter().flatten();
                Dsr { scores: snapshot.scores, mean: mean(scores.map(|score| (millionths(*score), 1))), ratings: None }
            }
            _ => Dsr::default(),
        }
    }

    /// The means of a shop's ratings, by day, over the [`WINDOW_DAYS`] that end with `last`.
    pub fn of_ratings(ratings: &[ScoreDay], last: Day) -> Dsr {
        let from = ratings.partition_point(|day| day.day <= last.saturating_sub(WINDOW_DAYS));
        let upto = ratings.partition_point(|day| day.day <= last);
        let (mut sums, mut counts) = ([0i64; 4], [0i64; 4]);
        for day in &ratings[from..upto.max(from)] {
            for number in 0..4 {
                sums[number] += day.sums[number];
                counts[number] += day.counts[number];
            }
        }
        let given = sums.into_iter().zip(counts).filter(|(_, count)| *count > 0);
        Dsr {
            scores: std::array::from_fn(|number| ratio(sums[number], counts[number] * MILLION)),
            mean: mean(given),
            ratings: counts.into_iter().max(),
        }
    }
}

/// The mean of scores, each a sum in millionths over a count. It is exact, so shops with equal means tie, whatever the order of their
/// scores and the numbers of their ratings.
fn mean(sums_and_counts: impl Iterator<Item = (i64, i64)>) -> Option<f64> {
    let fraction = |(sum, count): (i64, i64)| Fraction { numerator: i128::from(sum), denominator: i128::from(count) * i128::from(MILLION) };
    mean_of_fractions(&sums_and_counts.map(fraction).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ratings(day: Day, scores: [i64; 4], counts: [i64; 4]) -> ScoreDay {
        ScoreDay { shop: 0, day, sums: std::array::from_fn(|number| scores[number] * counts[number] * MILLION), counts }
    }

    #[test]
    fn ratings_count_for_180_days_the_last_one_included() {
        // Days 1..=180 are the window of day 180; day 0 and day 181 are outside.
        let days = [
            ratings(0, [1; 4], [9; 4]),
            ratings(1, [5, 5, 4, 3], [1, 1, 1, 0]),
            ratings(180, [4, 5, 5, 3], [3, 3, 1, 0]),
            ratings(181, [1; 4], [9; 4]),
        ];
        let dsr = Dsr::of_ratings(&days, 180);
        // Description (5 + 3 x 4) / 4, service (5 + 3 x 5) / 4, delivery (4 + 5) / 2, nobody rated logistics.
        assert_eq!(dsr.scores, [Some(4.25), Some(5.0), Some(4.5), None]);
        // (4.25 + 5 + 4.5) / 3 = 13.75 / 3
        assert_eq!(dsr.mean, Some(13.75 / 3.0));
        assert_eq!(dsr.ratings, Some(4));
        assert_eq!(Dsr::of_ratings(&days[..1], 180), Dsr { ratings: Some(0), ..Dsr::default() });
    }

    #[test]
    fn the_last_snapshot_of_the_period_stands_also_where_it_lacks_a_score() {
        let snapshot = |day, scores| ScoreSnapshot { shop: 0, day, scores };
        let days = [snapshot(9, [Some(4.9); 4]), snapshot(12, [Some(4.7), Some(4.8), None, Some(4.9)]), snapshot(20, [Some(1.0); 4])];
        let dsr = Dsr::of_snapshots(&days, 10, 19);
        assert_eq!((dsr.scores, dsr.mean, dsr.ratings), (days[1].scores, Some(4.8), None));
        // The one before the period does not count.
        assert_eq!(Dsr::of_snapshots(&days, 10, 11), Dsr::default());
    }

    #[test]
    fn equal_means_are_equal_to_the_last_bit() {
        // 0.1 + 0.2 + 0.3 depends on the order in floats; so would these.
        let mean_of = |scores: [f64; 4]| Dsr::of_snapshots(&[ScoreSnapshot { shop: 0, day: 0, scores: scores.map(Some) }], 0, 0).mean;
        assert_eq!(mean_of([4.7, 4.8, 4.9, 4.6]), mean_of([4.6, 4.9, 4.8, 4.7]));
        assert_eq!(mean_of([4.7, 4.7, 4.7, 4.7]), mean_of([4.6, 4.8, 4.5, 4.9]));
    }

    proptest! {
        #[test]
        fn ratings_doubled_change_no_mean(counts in proptest::array::uniform4(0i64..50), scores in proptest::array::uniform4(1i64..=5), more in 1i64..9) {
            let once = Dsr::of_ratings(&[ratings(7, scores, counts), ratings(8, [3; 4], [1; 4])], 8);
            let often = Dsr::of_ratings(&[ratings(7, scores, counts.map(|count| count * more)), ratings(8, [3; 4], [more; 4])], 8);
            prop_assert_eq!((once.scores, once.mean), (often.scores, often.mean));
        }
    }
}
