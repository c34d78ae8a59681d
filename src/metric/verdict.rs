//! Verdicts: the comparison of a value with a requirement.

use super::peers::Best;

/// The status of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Met at the end of the period.
    Pass,
    /// Missed at the end of the period.
    Fail,
    /// Met so far.
    RunningPass,
    /// Missed so far.
    RunningFail,
    /// It does not apply to the shop yet.
    Exempt,
    /// It does not apply, since its condition does not hold or there is nothing to measure.
    NotApplicable,
    /// It is not known.
    Unknown,
}

impl Status {
    /// The status of a requirement that is judged.
    pub fn of(judged: Judged) -> Status {
        let Judged { is_met, is_complete } = judged;
        match (is_met, is_complete) {
            (true, true) => Status::Pass,
            (false, true) => Status::Fail,
            (true, false) => Status::RunningPass,
            (false, false) => Status::RunningFail,
        }
    }

    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Status::Pass => "pass",
            Status::Fail => "fail",
            Status::RunningPass => "running_pass",
            Status::RunningFail => "running_fail",
            Status::Exempt => "exempt",
            Status::NotApplicable => "not_applicable",
            Status::Unknown => "unknown",
        }
    }

    /// Whether it was met; `None` if it was not judged.
    pub fn is_met(self) -> Option<bool> {
        match self {
            Status::Pass | Status::RunningPass => Some(true),
            Status::Fail | Status::RunningFail => Some(false),
            Status::Exempt | Status::NotApplicable | Status::Unknown => None,
        }
    }

    /// The status of an assessment from those of its requirements: missed if any is missed, else unknown if any is unknown, else met if any
    /// is met.
    pub fn of_all(all: &[Status]) -> Status {
        let first = |wanted: fn(&Status) -> bool| all.iter().copied().find(wanted);
        first(|status| status.is_met() == Some(false))
            .or_else(|| first(|status| *status == Status::Unknown))
            .or_else(|| first(|status| status.is_met() == Some(true)))
            .or_else(|| first(|_| true))
            .unwrap_or(Status::Unknown)
    }
}

/// What decides the status of a requirement that is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// Whether the value meets the requirement.
    pub is_met: bool,
    /// Whether the period is over.
    pub is_complete: bool,
}

/// The relative difference up to which two numbers count as equal, because they differ by rounding.
const NOISE: f64 = 1e-12;

/// Which side of a threshold is the safe one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The threshold and above.
    AtLeast,
    /// The threshold and below.
    AtMost,
}

impl Side {
    /// The side on which a metric is not among the worst.
    pub fn better(best: Best) -> Side {
        match best {
            Best::Most => Side::AtLeast,
            Best::Least => Side::AtMost,
        }
    }

    /// The distance of a value from the threshold; negative on the unsafe side.
    pub fn margin(self, value: f64, threshold: f64) -> f64 {
        let distance = match self {
            Side::AtLeast => value - threshold,
            Side::AtMost => threshold - value,
        };
        // The mean of equal values may differ from them in the last bit: that must not decide.
        if distance.abs() <= NOISE * value.abs().max(threshold.abs()) { 0.0 } else { distance }
    }

    /// Whether a value is safe.
    pub fn holds(self, value: f64, threshold: f64) -> bool {
        self.margin(value, threshold) >= 0.0
    }
}

/// The worst value that is not among the `floor(share × n)` worst of n values; ties share the better place, so that equal values are safe
/// too. `None` without values.
///
/// ```
/// use huitou::metric::{peers::Best, verdict::not_bottom};
/// // Of nine values one is at the bottom, of ten two.
/// let values = [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0];
/// assert_eq!(not_bottom(&values, Best::Most, 0.2), Some(2.0));
/// assert_eq!(not_bottom(&values, Best::Least, 0.2), Some(8.0));
/// assert_eq!(not_bottom(&[9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0], Best::Most, 0.2), Some(2.0));
/// ```
pub fn not_bottom(values: &[f64], best: Best, share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    // The best first.
    match best {
        Best::Most => sorted.sort_unstable_by(|a, b| b.total_cmp(a)),
        Best::Least => sorted.sort_unstable_by(f64::total_cmp),
    }
    // A share such as 0.29 of 100 is 28.999… in floats.
    let bottom = (share * sorted.len() as f64 + 1e-9).floor() as usize;
    sorted.get(sorted.len().checked_sub(bottom + 1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::peers::PeerPosition;
    use proptest::prelude::*;

    /// n shops with the values 1 to n: who is at the bottom of 20 %, more being better.
    fn at_the_bottom(n: usize) -> usize {
        let values: Vec<f64> = (1..=n).map(|value| value as f64).collect();
        let threshold = not_bottom(&values, Best::Most, 0.2).unwrap_or(f64::INFINITY);
        values.iter().filter(|value| !Side::AtLeast.holds(**value, threshold)).count()
    }

    #[test]
    fn the_floor_of_a_fifth() {
        // floor(0.2 n): 0.8, 1, 1.8, 2, 2.2, 3 (0.2 × 15 is 3.0000000000000004 in floats).
        assert_eq!([4, 5, 9, 10, 11, 15].map(at_the_bottom), [0, 1, 1, 2, 2, 3]);
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(not_bottom(&hundred, Best::Most, 0.29), Some(30.0));
        assert_eq!(not_bottom(&[], Best::Most, 0.2), None);
    }

    #[test]
    fn who_equals_the_last_safe_one_is_safe() {
        // Ten shops, two at the bottom; four share the last but three places, and the better one of them counts for all.
        let values = [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 3.0, 3.0, 3.0];
        assert_eq!(not_bottom(&values, Best::Most, 0.2), Some(3.0));
        // Three share the last three places: the eighth is safe, and so are the others.
        let last = PeerPosition::of(&values.map(Some), Some(9), Best::Most, 5);
        assert_eq!((last.rank, last.percentile), (Some(7), Some(0.0)));
    }

    #[test]
    fn nobody_fails_against_the_mean_of_equals() {
        // Ten times 2/3 added up and divided by ten is 0.6666666666666667, more than 2/3 in floats.
        let mean = [2.0 / 3.0; 10].iter().sum::<f64>() / 10.0;
        assert!(Side::AtLeast.holds(2.0 / 3.0, mean) && Side::AtMost.holds(2.0 / 3.0, mean));
        assert_eq!(Side::AtLeast.margin(2.0 / 3.0, mean), 0.0);
        assert!(!Side::AtLeast.holds(0.666_666, mean));
    }

    #[test]
    fn one_missed_requirement_decides() {
        use Status::{Exempt, Fail, NotApplicable, Pass, RunningFail, RunningPass, Unknown};
        assert_eq!(Status::of_all(&[Pass, Unknown, Fail]), Fail);
        assert_eq!(Status::of_all(&[RunningPass, RunningFail, Unknown]), RunningFail);
        assert_eq!(Status::of_all(&[Pass, Unknown, NotApplicable]), Unknown);
        assert_eq!(Status::of_all(&[NotApplicable, Pass]), Pass);
        assert_eq!(Status::of_all(&[NotApplicable, NotApplicable]), NotApplicable);
        assert_eq!(Status::of_all(&[Exempt, Exempt]), Exempt);
    }

    proptest! {
        #[test]
        fn no_more_than_the_floor_are_at_the_bottom(values in proptest::collection::vec(0u8..20, 1..60), percent in 1u32..100) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let share = f64::from(percent) / 100.0;
            let most = values.len() * percent as usize / 100;
            for best in [Best::Most, Best::Least] {
                let threshold = not_bottom(&values, best, share);
                let fail = values.iter().filter(|value| threshold.is_some_and(|threshold| !Side::better(best).holds(**value, threshold))).count();
                prop_assert!(fail <= most);
            }
        }
    }
}
