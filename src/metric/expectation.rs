//! Expectations: what a figure of a shop is expected to be on a day, from the days before, and how far from that chance takes it.
//!
//! All is computed where chance deviates alike whatever the level: of counts by the square root, of shares by the arc sine (Anscombe 1948,
//! "The transformation of Poisson, binomial and negative-binomial data", Biometrika 35). There a count by chance alone (Poisson), and a
//! share of so many by chance alone (binomial), has a standard deviation of 1, small ones too: 2 of 3 is nothing strange.

use super::figure_days::{DayFigure, FigureDays, Noise, Sums};
use super::ratio::ratio_of;
use crate::statistics::robust::{deviation, median};

/// Days before a day from which it is expected: eight weeks.
pub const WINDOW: usize = 56;
/// Of them, those that must be known and without events.
const LEAST_DAYS: usize = 28;
/// Of those with the same weekday, the fewest.
const LEAST_WEEKS: usize = 4;
/// The last days that say what the level is: two weeks.
const LEVEL_DAYS: usize = 14;
/// Below so many a day a figure has no pattern of weekdays, and its median jumps from one whole number to the next.
const FEW: f64 = 5.0;
/// Days before an event that say what the level was, and the fewest of them.
const EVENT_LEVEL_DAYS: usize = 28;
const LEAST_EVENT_LEVEL_DAYS: usize = 14;
/// An event is unlike itself a year before by more than chance: by a tenth at least.
const EVENT_TOLERANCE: f64 = 0.1;
/// The score from which a figure is outside of its band.
pub const WATCH: f64 = 3.0;

/// What a figure is expected to be on a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expectation {
    /// The value.
    pub expected: f64,
    /// How chance moves it on that day.
    noise: Noise,
    /// The standard deviation where that of chance alone is 1: of the figure, and of what is expected.
    spread: f64,
}

impl Expectation {
    /// By how many standard deviations a value is above what is expected; negative below it.
    pub fn score(&self, value: f64) -> f64 {
        ratio_of(self.noise.level(value) - self.noise.level(self.expected), self.spread).unwrap_or(0.0)
    }

    /// The values between which a score is below [`WATCH`].
    pub fn band(&self) -> (f64, f64) {
        let (level, width) = (self.noise.level(self.expected), WATCH * self.spread);
        (self.noise.value(level - width), self.noise.value(level + width))
    }
}

/// The days from which a day is expected.
struct Window<'a> {
    /// Ascending, with their places.
    days: Vec<(usize, &'a DayFigure)>,
    sums: Sums,
}

impl<'a> Window<'a> {
    /// The days before `place` that are known and usual, at most so many of the last [`WINDOW`].
    fn before(figures: &'a FigureDays, is_usual: &[bool], place: usize, most: usize) -> Window<'a> {
        let usual = |at: usize| figures.on(at).filter(|_| is_usual.get(at).copied().unwrap_or(false)).map(|day| (at, day));
        let mut days: Vec<_> = (place.saturating_sub(WINDOW)..place).rev().filter_map(usual).take(most).collect();
        days.reverse();
        let sums = days.iter().fold(Sums::default(), |sums, (_, day)| sums.plus(day));
        Window { days, sums }
    }

    /// Whether so few come a day that there is no pattern to see.
    fn is_sparse(&self, figures: &FigureDays) -> bool {
        figures.kind.pieces(&self.sums).is_none_or(|pieces| pieces < FEW * self.days.len() as f64)
    }

    /// The figure of an ordinary day.
    fn centre(&self, figures: &FigureDays) -> Option<f64> {
        if self.is_sparse(figures) {
            return ratio_of(self.sums.numerator, self.sums.denominator);
        }
        median(&mut self.days.iter().map(|(_, day)| day.value).collect::<Vec<f64>>())
    }

    /// The median of the days that lie whole weeks before `place`, and how many there are; likewise of the days before that, and so on.
    fn weekdays(&self, place: usize) -> [(f64, usize); 7] {
        std::array::from_fn(|before| {
            let of_weekday = self.days.iter().filter(|(at, _)| (place - at) % 7 == before);
            let mut values: Vec<f64> = of_weekday.map(|(_, day)| day.value).collect();
            (median(&mut values).unwrap_or(0.0), values.len())
        })
    }
}

/// What the days before say of a day.
struct Pattern {
    /// The figure expected, without an event.
    expected: f64,
    /// How much more than chance alone moves the figure: at least 1.
    dispersion: f64,
    /// The variance of what is expected, where that of chance is 1.
    uncertainty: f64,
    sums: Sums,
}

/// The pattern by which the day at `place` is expected; `None` where too little is known.
fn pattern(figures: &FigureDays, is_usual: &[bool], place: usize) -> Option<Pattern> {
    let window = Window::before(figures, is_usual, place, WINDOW);
    let (kind, sums, days) = (figures.kind, window.sums, &window.days);
    if days.len() < LEAST_DAYS {
        return None;
    }
    let residual = |day: &DayFigure, centre: f64| {
        let noise = kind.noise(&sums, day)?;
        Some(noise.level(day.value) - noise.level(centre))
    };
    if window.is_sparse(figures) {
        let expected = window.centre(figures)?;
        let squares: Option<Vec<f64>> = days.iter().map(|(_, day)| residual(day, expected).map(|residual| residual * residual)).collect();
        let variance = ratio_of(squares?.iter().sum(), (days.len() - 1) as f64)?;
        let uncertainty = ratio_of(1.0, days.len() as f64)?;
        return Some(Pattern { expected, dispersion: variance.sqrt().max(1.0), uncertainty, sums });
    }
    let weekdays = window.weekdays(place);
    let [(own, weeks), ..] = weekdays;
    if weeks < LEAST_WEEKS {
        return None;
    }
    let median_of = |at: usize| weekdays.get((place - at) % 7).map_or(0.0, |(median, _)| *median);
    let last = days.iter().rev().take(LEVEL_DAYS);
    let mut levels: Vec<f64> = last.filter_map(|(at, day)| ratio_of(day.value, median_of(*at)).filter(|level| level.is_finite())).collect();
    let expected = own * median(&mut levels).unwrap_or(1.0);
    let residuals: Option<Vec<f64>> = days.iter().map(|(at, day)| residual(day, median_of(*at))).collect();
    // Each day is one of those from which its own median is taken, so that it lies nearer to it than the next one will.
    let weeks = weeks as f64;
    let correction = ratio_of(weeks, weeks - 2.0)?.sqrt();
    let dispersion = (deviation(residuals?)? * correction).max(1.0);
    // The variance of a median of n values is π/2 times that of their mean: of the weekday, and of the level.
    let uncertainty = std::f64::consts::FRAC_PI_2 * (ratio_of(1.0, weeks)? + ratio_of(1.0, levels.len().max(1) as f64)?);
    Some(Pattern { expected, dispersion, uncertainty, sums })
}

/// What is expected of the day at `place` by the same weekday of the eight weeks before, at the level of the last two. `is_usual` says of
/// each day whether no event changes it. `None` where too few days are known.
pub fn by_weekday(figures: &FigureDays, is_usual: &[bool], place: usize) -> Option<Expectation> {
    let pattern = pattern(figures, is_usual, place)?;
    let noise = figures.kind.noise(&pattern.sums, figures.on(place)?)?;
    let expected = figures.kind.within(pattern.expected);
    Some(Expectation { expected, noise, spread: pattern.dispersion * (1.0 + pattern.uncertainty).sqrt() })
}

/// Where a day of an event stands among the days of a shop, and where the same day of the same event stood a year before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventPlaces {
    /// The first day of the event.
    pub first: usize,
    /// The day a year before.
    pub then: usize,
    /// The first day of the event a year before.
    pub then_first: usize,
}

/// What is expected of the day at `place`, one of an event: what it was a year before, times the growth of ordinary days since.
pub fn by_event(figures: &FigureDays, is_usual: &[bool], place: usize, event: EventPlaces) -> Option<Expectation> {
    let pattern = pattern(figures, is_usual, place)?;
    let noise = figures.kind.noise(&pattern.sums, figures.on(place)?)?;
    let level = |first: usize| {
        let window = Window::before(figures, is_usual, first, EVENT_LEVEL_DAYS);
        window.centre(figures).filter(|_| window.days.len() >= LEAST_EVENT_LEVEL_DAYS)
    };
    let growth = ratio_of(level(event.first)?, level(event.then_first)?)?;
    let (now, then) = (figures.on(place)?, figures.on(event.then)?);
    let expected = figures.kind.within(then.value * growth);
    // Both days are moved by chance: that of the year before as much more as the growth enlarges it, and as its denominator was smaller.
    let of_then = growth * ratio_of(now.denominator, then.denominator)?;
    let tolerated = noise.level(expected * (1.0 + EVENT_TOLERANCE)) - noise.level(expected);
    let spread = (pattern.dispersion.powi(2) * (1.0 + of_then) + tolerated.powi(2)).sqrt();
    Some(Expectation { expected, noise, spread })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metric::figure_days::FigureKind;

    fn counts(values: impl IntoIterator<Item = u32>) -> FigureDays {
        FigureDays { kind: FigureKind::Count, days: values.into_iter().map(|value| Ok(DayFigure::plain(value.into(), 0.0))).collect() }
    }

    fn shares(days: impl IntoIterator<Item = (u32, u32)>) -> FigureDays {
        let rate =
            |(part, of): (u32, u32)| DayFigure::rate(part.into(), of.into(), 0.0).ok_or(super::super::figure_days::Missing::NoDenominator);
        FigureDays { kind: FigureKind::Share, days: days.into_iter().map(rate).collect() }
    }

    fn usual(figures: &FigureDays) -> Vec<bool> {
        vec![true; figures.days.len()]
    }

    /// Of the last of these days: what is expected, the band, and the score.
    fn last(figures: &FigureDays) -> Option<[f64; 4]> {
        let place = figures.days.len() - 1;
        let expectation = by_weekday(figures, &usual(figures), place)?;
        let (lower, upper) = expectation.band();
        Some([expectation.expected, lower, upper, expectation.score(figures.on(place)?.value)])
    }

    fn assert_close(found: [f64; 4], expected: [f64; 4]) {
        assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-4), "{found:?}, not {expected:?}");
    }

    #[test]
    fn a_constant_count_deviates_by_chance_alone() {
        // π/2 × (1/8 + 1/14) = 0.30855; the spread is √1.30855 = 1.14392. Levels: 2√16.375 = 8.09321 and 2√4.375 = 4.18330.
        // (4.18330 − 8.09321) / 1.14392; ((8.09321 ∓ 3 × 1.14392) / 2)² − 0.375.
        assert_close(last(&counts([16; 56].into_iter().chain([4]))).unwrap(), [16.0, 5.05728, 32.83119, -3.41799]);
    }

    #[test]
    fn weekdays_differ_and_the_last_two_weeks_say_the_level() {
        // Sundays have 40 and the other days 20; in the last two weeks half as much again. The median Sunday is 40, the level 1.5.
        let day = |at: u32| if at % 7 == 6 { 40 } else { 20 };
        let grown = (0..62).map(|at| if at >= 48 { day(at) * 3 / 2 } else { day(at) });
        let [expected, ..] = last(&counts(grown.clone().chain([60]))).unwrap();
        assert_eq!((62 % 7, expected), (6, 60.0));
        // One day of a thousand changes nothing.
        let strange = grown.enumerate().map(|(at, value)| if at == 55 { 1_000 } else { value });
        assert_eq!(last(&counts(strange.chain([60]))).unwrap()[0], 60.0);
    }

    #[test]
    fn two_of_three_is_nothing_strange_and_a_hundred_of_a_hundred_and_fifty_is() {
        let small = (0..56).map(|_| (1, 5));
        // 2√3.5 × (asin √(2.375 / 3.75) − asin √(0.975 / 3.75)) / √(1 + 1/56)
        let [expected, _, _, score] = last(&shares(small.clone().chain([(2, 3)]))).unwrap();
        assert!((expected - 0.2).abs() < 1e-12 && (score - 1.42894).abs() < 1e-4, "{score}");
        assert!(last(&shares(small.chain([(100, 150)]))).unwrap()[3] > 10.0);
    }

    #[test]
    fn what_comes_in_heaps_is_not_judged_as_if_it_came_by_itself() {
        // Every other day 10 or 30 and in between 20: residuals of 0, 2√30.375 − 2√20.375, and 2√20.375 − 2√10.375.
        let heaps = (0..56).map(|at| [10, 20, 30, 20][at % 4]);
        let scattered = last(&counts(heaps.chain([40]))).unwrap()[3];
        let even = last(&counts([20; 56].into_iter().chain([40]))).unwrap()[3];
        assert!(scattered < even, "{scattered} {even}");
    }

    #[test]
    fn four_weeks_are_enough_and_less_is_not() {
        assert!(last(&counts([16; 29])).is_some());
        assert!(last(&counts([16; 28])).is_none());
        // Days that an event changes are none of them.
        let figures = counts([16; 30]);
        let mut is_usual = usual(&figures);
        assert!(by_weekday(&figures, &is_usual, 29).is_some());
        is_usual[9] = false;
        is_usual[10] = false;
        assert!(by_weekday(&figures, &is_usual, 29).is_none());
    }

    #[test]
    fn an_event_is_expected_from_the_one_a_year_before_and_the_growth_since() {
        // 8 a day, and 100 at the event; a year later 16 a day: 200 are expected, and 150 came.
        let mut days = vec![8; 60];
        days[40] = 100;
        days.extend([16; 60]);
        days.push(150);
        let (figures, place) = (counts(days), 120);
        let mut is_usual = usual(&figures);
        is_usual[40] = false;
        let event = EventPlaces { first: 120, then: 40, then_first: 40 };
        let expectation = by_event(&figures, &is_usual, place, event).unwrap();
        assert_eq!(expectation.expected, 200.0);
        // √(1 + 2 + (2√220.375 − 2√200.375)²) = 2.21415; (2√150.375 − 2√200.375) / 2.21415.
        let score = expectation.score(150.0);
        assert!((score + 1.70958).abs() < 1e-4, "{score}");
        // Before the first event too little is known of the level.
        assert!(by_event(&figures, &is_usual, place, EventPlaces { first: 120, then: 13, then_first: 13 }).is_none());
    }

    #[test]
    fn the_share_of_one_order_a_year_before_says_little() {
        let days = |then| (0..130).map(move |at| if at == 40 { (1, then) } else { (20, 40) }).chain([(10, 40)]);
        let event = EventPlaces { first: 130, then: 40, then_first: 40 };
        let score = |then| {
            let figures = shares(days(then));
            let mut is_usual = usual(&figures);
            is_usual[40] = false;
            by_event(&figures, &is_usual, 130, event).unwrap().score(0.25).abs()
        };
        // 1 of 1 and a quarter are as different as can be, and chance; 1 of 2 even more so.
        assert!(score(1) < WATCH && score(2) < 1.0, "{} {}", score(1), score(2));
    }

    proptest! {
        #[test]
        fn the_band_ends_where_the_score_is_three(
            values in prop::collection::vec((0u32..60, 1u32..90), 57..80), is_share in any::<bool>(), last_value in 0u32..200
        ) {
            let values = values.into_iter().map(|(part, of)| (part.min(of), of));
            let figures = if is_share { shares(values) } else { counts(values.map(|(part, _)| part).chain([last_value])) };
            let place = figures.days.len() - 1;
            let expectation = by_weekday(&figures, &usual(&figures), place).unwrap();
            let (lower, upper) = expectation.band();
            prop_assert!(lower <= expectation.expected + 1e-9 && expectation.expected <= upper + 1e-9);
            prop_assert!(lower == 0.0 || (expectation.score(lower) + WATCH).abs() < 1e-6);
            prop_assert!(is_share && upper == 1.0 || (expectation.score(upper) - WATCH).abs() < 1e-6);
            prop_assert!(!is_share || upper <= 1.0);
        }
    }
}
