//! How long an item lasts: the days until its customers buy it again, and how many pieces they buy at a time.

use super::tallies::{Kind, Tally};
use crate::statistics::kaplan_meier::{self, Count};
use crate::statistics::quantile::Distribution;

/// What is known of buying one item again.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rebuying {
    /// Intervals that ended with buying it again.
    pub intervals: i64,
    /// The median of these, in days.
    pub median_days: Option<f64>,
    /// The median of all intervals by the Kaplan–Meier estimate, in days, those that are still open included.
    pub km_median_days: Option<i64>,
    /// The median of the pieces that a customer bought on a day.
    pub median_quantity: Option<f64>,
}

impl Rebuying {
    /// What tallies of one item say, ascending by what they count.
    pub(super) fn of(tallies: &[Tally]) -> Rebuying {
        let mut counts: Vec<Count> = Vec::new();
        let mut pieces: Vec<(i64, i64)> = Vec::new();
        let (mut bought, mut otherwise) = (0, 0);
        for tally in tallies {
            let (value, times) = (tally.counted.value(), i64::from(tally.times));
            let (events, censored) = match tally.counted.kind() {
                Kind::Ended => (times, 0),
                Kind::Open => (0, times),
                Kind::Pieces => {
                    pieces.push((value.into(), times));
                    otherwise += times;
                    continue;
                }
            };
            bought += times;
            let days = i32::try_from(value).unwrap_or(i32::MAX);
            match counts.last_mut() {
                Some(last) if last.days == days => {
                    last.events += events;
                    last.censored += censored;
                }
                _ => counts.push(Count { days, events, censored }),
            }
        }
        // Each day with it begins one interval; on those of which no number of pieces is noted it was one.
        pieces.push((1, bought - otherwise));
        pieces.sort_unstable();
        let ended = Distribution::of(counts.iter().map(|count| (i64::from(count.days), count.events)));
        Rebuying {
            intervals: ended.count(),
            median_days: ended.quantile(50),
            km_median_days: kaplan_meier::median(&counts).map(i64::from),
            median_quantity: Distribution::of(pieces).quantile(50),
        }
    }
}
