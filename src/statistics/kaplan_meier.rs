//! The product-limit estimate of how long something lasts when some of it has not ended yet
//! (Kaplan & Meier 1958, J. Am. Stat. Assoc. 53, 457–481).

/// The standard normal quantile at 97.5 %.
const Z: f64 = 1.959_963_984_540_054;

/// A tolerance, so that rounding of the product does not decide whether the curve has reached one half.
const ROUNDING: f64 = 1e-12;

/// The number of events and censorings after a number of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Days since the start.
    pub days: i32,
    /// How many ended.
    pub events: i64,
    /// How many had not ended when last observed.
    pub censored: i64,
}

/// The curve at a day with an event or a censoring.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Days since the start.
    pub days: i32,
    /// How many had not ended just before and are still observed.
    pub at_risk: i64,
    /// How many ended on the day.
    pub events: i64,
    /// How many were last observed on the day, after its events.
    pub censored: i64,
    /// The probability to last longer than `days`.
    pub survival: f64,
    /// Greenwood's standard error of `survival`; `None` where that is 0 and the formula divides by 0.
    pub std_error: Option<f64>,
    /// The 95 % interval on the scale log(−log S), which stays within 0..1; `None` where `survival` is 1 or 0.
    pub confidence: Option<(f64, f64)>,
}

/// A survival curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    points: Vec<Point>,
}

impl Curve {
    /// The curve of these counts, with ascending and distinct days. Events precede censorings on the same day.
    pub fn of(counts: &[Count]) -> Curve {
        let mut greenwood = 0.0;
        let point = |step: Step| {
            let Step { count: Count { days, events, censored }, at_risk, survival } = step;
            let left = at_risk - events;
            if events > 0 && left > 0 {
                greenwood += events as f64 / (at_risk as f64 * left as f64);
            }
            let std_error = (survival > 0.0).then(|| survival * greenwood.sqrt());
            Point { days, at_risk, events, censored, survival, std_error, confidence: confidence(survival, greenwood) }
        };
        Curve { points: steps(counts).map(point).collect() }
    }

    /// A point for every day with an event or a censoring, ascending.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// The probability to last longer than `days`; `None` if the curve does not reach that far. It does as long as one is at
    /// risk on that day or later, and without limit once it is 0.
    pub fn survival(&self, days: i32) -> Option<f64> {
        let last = self.points.last()?;
        if days > last.days && last.survival > 0.0 {
            return None;
        }
        let passed = self.points.partition_point(|point| point.days <= days);
        Some(passed.checked_sub(1).and_then(|place| self.points.get(place)).map_or(1.0, |point| point.survival))
    }

    /// The probability to end within `days`: 1 − S(days).
    pub fn within(&self, days: i32) -> Option<f64> {
        self.survival(days).map(|survival| 1.0 - survival)
    }

    /// The probability to end within `more` days after having lasted `days`: 1 − S(days + more) / S(days); `None` if the curve
    /// does not reach `days + more` or S(days) is 0.
    pub fn within_after(&self, days: i32, more: i32) -> Option<f64> {
        let lasted = self.survival(days)?;
        let later = self.survival(days.saturating_add(more))?;
        (lasted > 0.0).then(|| 1.0 - later / lasted)
    }

    /// The smallest day on which the curve is at most one half; `None` if it never is.
    pub fn median(&self) -> Option<i32> {
        self.points.iter().find(|point| is_at_most_half(point.survival)).map(|point| point.days)
    }
}

/// The [`Curve::median`] of these counts, without the intervals of a curve, which take most of its time.
pub fn median(counts: &[Count]) -> Option<i32> {
    steps(counts).find(|step| is_at_most_half(step.survival)).map(|step| step.count.days)
}

fn is_at_most_half(survival: f64) -> bool {
    survival <= 0.5 + ROUNDING
}

/// The curve at a count.
struct Step {
    count: Count,
    at_risk: i64,
    survival: f64,
}

/// The curve at each count of an event or a censoring.
fn steps(counts: &[Count]) -> impl Iterator<Item = Step> {
    let mut at_risk: i64 = counts.iter().map(|count| count.events + count.censored).sum();
    // Between two censorings the factors (n − d) / n telescope into one division, so that without any censoring the curve is the
    // empirical distribution to the last bit.
    let (mut run_survival, mut run_at_risk) = (1.0, at_risk);
    let mut survival = 1.0;
    counts.iter().filter(|count| count.events + count.censored > 0).map(move |count| {
        let left = at_risk - count.events;
        if count.events > 0 {
            survival = run_survival * (left as f64 / run_at_risk as f64);
        }
        let step = Step { count: *count, at_risk, survival };
        at_risk = left - count.censored;
        if count.censored > 0 {
            (run_survival, run_at_risk) = (survival, at_risk);
        }
        step
    })
}

/// The log-log interval around a survival, of Greenwood's sum.
fn confidence(survival: f64, greenwood: f64) -> Option<(f64, f64)> {
    (survival > 0.0 && survival < 1.0).then(|| {
        let width = Z * greenwood.sqrt() / survival.ln().abs();
        (survival.powf(width.exp()), survival.powf((-width).exp()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Times in weeks; a `+` follows those that were censored.
    fn curve(times: &str) -> Curve {
        let mut counts: Vec<Count> = Vec::new();
        let mut times: Vec<(i32, bool)> =
            times.split_whitespace().map(|time| (time.trim_end_matches('+').parse().unwrap(), time.ends_with('+'))).collect();
        times.sort_unstable();
        for (days, censored) in times {
            if counts.last().is_none_or(|count| count.days != days) {
                counts.push(Count { days, events: 0, censored: 0 });
            }
            let count = counts.last_mut().unwrap();
            *(if censored { &mut count.censored } else { &mut count.events }) += 1;
        }
        Curve::of(&counts)
    }

    fn at_events<T>(curve: &Curve, value: impl Fn(&Point) -> T) -> Vec<T> {
        curve.points().iter().filter(|point| point.events > 0).map(value).collect()
    }

    #[track_caller]
    fn assert_digits(curve: &Curve, value: impl Fn(&Point) -> f64, expected: &[f64]) {
        let found = at_events(curve, value);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 0.500_001e-6, "{found} where {expected} is published");
        }
    }

    #[test]
    fn freireich_1963_six_mercaptopurine() {
        let curve = curve("6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+");
        assert_eq!(at_events(&curve, |point| point.days), [6, 7, 10, 13, 16, 22, 23]);
        assert_eq!(at_events(&curve, |point| point.at_risk), [21, 17, 15, 12, 11, 7, 6]);
        assert_digits(&curve, |point| point.survival, &[0.857143, 0.806723, 0.752941, 0.690196, 0.627451, 0.537815, 0.448179]);
        let errors = [0.076360, 0.086935, 0.096350, 0.106815, 0.114054, 0.128234, 0.134591];
        assert_digits(&curve, |point| point.std_error.unwrap(), &errors);
        assert_eq!(curve.median(), Some(23));
        // The last patient was observed until week 35, so week 36 is not known.
        assert!(curve.survival(35).is_some());
        assert_eq!(curve.survival(36), None);
        assert_eq!(curve.survival(5), Some(1.0));
    }

    #[test]
    fn freireich_1963_placebo() {
        let curve = curve("1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23");
        let survival = [0.904762, 0.809524, 0.761905, 0.666667, 0.571429, 0.380952, 0.285714, 0.190476, 0.142857, 0.095238, 0.047619, 0.0];
        assert_digits(&curve, |point| point.survival, &survival);
        assert_eq!(curve.median(), Some(8));
        // All relapsed, so the curve has no limit.
        assert_eq!(curve.survival(1000), Some(0.0));
        assert_eq!(curve.points().last().unwrap().std_error, None);
        assert_eq!(curve.within_after(23, 30), None);
    }

    #[test]
    fn aml_maintained_and_nonmaintained() {
        let maintained = curve("9 13 13+ 18 23 28+ 31 34 45+ 48 161+");
        let survival = [0.909091, 0.818182, 0.715909, 0.613636, 0.490909, 0.368182, 0.184091];
        assert_digits(&maintained, |point| point.survival, &survival);
        assert_eq!(maintained.median(), Some(31));
        let nonmaintained = curve("5 5 8 8 12 16+ 23 27 30 33 43 45");
        let survival = [0.833333, 0.666667, 0.583333, 0.486111, 0.388889, 0.291667, 0.194444, 0.097222, 0.0];
        assert_digits(&nonmaintained, |point| point.survival, &survival);
        assert_eq!(nonmaintained.median(), Some(23));
    }

    #[test]
    fn a_log_log_interval_by_hand() {
        // Two of four end on day 1: S = 1/2, Greenwood's sum 2/(4·2) = 1/4, so the width on the log-log scale is z/2 / ln 2.
        let curve = Curve::of(&[Count { days: 1, events: 2, censored: 2 }]);
        let (low, high) = curve.points()[0].confidence.unwrap();
        let width = 1.959963984540054 * 0.5 / std::f64::consts::LN_2;
        assert!((low - 0.5_f64.powf(width.exp())).abs() < 1e-15 && (high - 0.5_f64.powf((-width).exp())).abs() < 1e-15);
        assert!((curve.points()[0].std_error.unwrap() - 0.25).abs() < 1e-15);
        assert_eq!(curve.median(), Some(1));
    }

    #[test]
    fn an_empty_curve_has_no_values() {
        let curve = Curve::of(&[]);
        assert_eq!((curve.survival(0), curve.median(), curve.within_after(0, 30)), (None, None, None));
    }

    #[test]
    fn before_the_first_event_nothing_has_ended() {
        let curve = Curve::of(&[Count { days: 0, events: 0, censored: 3 }, Count { days: 5, events: 1, censored: 1 }]);
        let first = curve.points()[0];
        assert_eq!((first.at_risk, first.survival, first.std_error, first.confidence), (5, 1.0, Some(0.0), None));
        assert_eq!((curve.points()[1].at_risk, curve.survival(5)), (2, Some(0.5)));
    }

    proptest! {
        #[test]
        fn without_censoring_it_is_the_empirical_distribution(events in prop::collection::vec(0_i64..50, 1..80)) {
            let counts: Vec<Count> = (1..).zip(&events).map(|(days, events)| Count { days, events: *events, censored: 0 }).collect();
            let curve = Curve::of(&counts);
            let all: i64 = events.iter().sum();
            let mut left = all;
            for count in &counts {
                left -= count.events;
                if all > 0 {
                    prop_assert_eq!(curve.survival(count.days), Some(left as f64 / all as f64));
                }
            }
        }

        #[test]
        fn it_falls_and_its_interval_holds_it(counts in prop::collection::vec((0_i64..30, 0_i64..30), 1..60)) {
            let counts = (0..).zip(counts).map(|(days, (events, censored))| Count { days, events, censored });
            let counts = counts.collect::<Vec<_>>();
            let curve = Curve::of(&counts);
            prop_assert_eq!(median(&counts), curve.median());
            let mut before = 1.0;
            let mut product = 1.0;
            for point in curve.points() {
                product *= 1.0 - point.events as f64 / point.at_risk as f64;
                prop_assert!((point.survival - product).abs() < 1e-12);
                prop_assert!(point.survival <= before && point.survival >= 0.0);
                if let Some((low, high)) = point.confidence {
                    prop_assert!(0.0 <= low && low <= point.survival && point.survival <= high && high <= 1.0);
                }
                before = point.survival;
            }
        }
    }
}
