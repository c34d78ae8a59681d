//! Damped trend: the number of new customers expected in the coming months, from those of the past months, with its spread.

use super::seasonal_factors::{YEAR, place_in_year, seasonal_factors};
use crate::statistics::robust::median;

/// The most months from which a trend is estimated.
const TREND_MONTHS: usize = 12;

/// The fewest months from which a trend and its spread are estimated.
pub const LEAST_MONTHS: usize = 4;

/// The part of a month's growth that remains in the next, or of that of four weeks: trends do not last (E. Gardner, E. McKenzie,
/// "Forecasting Trends in Time Series", Management Science 31(10), 1985).
pub const DAMPING: f64 = 0.9;

/// The expectation for a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// The expected number.
    pub number: f64,
    /// The standard deviation of the logarithm of the actual number over the expected one.
    pub spread: f64,
}

/// A trend in the numbers of consecutive months.
#[derive(Debug, Clone, PartialEq)]
pub struct DampedTrend {
    /// By the place of a month within the year of the last month, the last month's being 0.
    season: Option<[f64; YEAR]>,
    level: f64,
    slope: f64,
    spread: f64,
    /// The number of months from which the trend was estimated.
    months: usize,
}

impl DampedTrend {
    /// Estimates the trend of the numbers of consecutive whole months, oldest first; `None` for fewer than [`LEAST_MONTHS`].
    ///
    /// Where there are two years of them, the season is taken out: the ratio of a month to the mean of the twelve around it, averaged
    /// over the years (the classical decomposition). What is left of the last twelve months is a straight line in logarithms, its
    /// slope the median of the slopes of all pairs (Theil 1950; Sen 1968), so that one great promotion does not turn it.
    pub fn of(numbers: &[f64]) -> Option<DampedTrend> {
        let season = seasonal_factors(numbers);
        let count = numbers.len();
        let without_season = (0..count).zip(numbers).map(|(place, number)| {
            let factor = season.map_or(1.0, |season| season[place_in_year(place, count)]);
            // Plus one, since a month may have no new customers.
            (number / factor + 1.0).ln()
        });
        let logs: Vec<f64> = without_season.skip(count.saturating_sub(TREND_MONTHS)).collect();
        let months = logs.len();
        if months < LEAST_MONTHS {
            return None;
        }
        let pairs = (0..months).flat_map(|one| (one + 1..months).map(move |other| (one, other)));
        let slope = median_of(pairs.map(|(one, other)| (logs[other] - logs[one]) / (other - one) as f64));
        // The level of the last month.
        let level = median_of((0..months).zip(&logs).map(|(place, log)| log + slope * (months - 1 - place) as f64));
        let squares: f64 = (0..months).zip(&logs).map(|(place, log)| (log - level + slope * (months - 1 - place) as f64).powi(2)).sum();
        Some(DampedTrend { season, level, slope, spread: (squares / (months - 2) as f64).sqrt(), months })
    }

    /// The expectation for the month that is `months_on` months after the last one, 1 being the next.
    pub fn expected(&self, months_on: u32) -> Expected {
        let damped: f64 = (1..=months_on).map(|month| DAMPING.powi(month as i32)).sum();
        let factor = self.season.map_or(1.0, |season| season[months_on as usize % YEAR]);
        let number = ((self.level + self.slope * damped).exp() - 1.0).max(0.0) * factor;
        // The variance of a prediction by a straight line: that of a month, of the level, and of the slope (any textbook of regression).
        let months = self.months as f64;
        let from_middle = (months - 1.0) / 2.0 + damped;
        let inflation = 1.0 + 1.0 / months + from_middle.powi(2) * 12.0 / (months * (months.powi(2) - 1.0));
        Expected { number, spread: self.spread * inflation.sqrt() }
    }

    /// Whether the numbers have a season.
    pub fn has_season(&self) -> bool {
        self.season.is_some()
    }
}

/// The median; 0 of no numbers.
fn median_of(numbers: impl Iterator<Item = f64>) -> f64 {
    median(&mut numbers.collect::<Vec<f64>>()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{found} {expected}");
    }

    #[test]
    fn a_straight_line_goes_on_with_less_and_less_slope() {
        // Numbers of which one more grows by a tenth a month, without any noise.
        let numbers: Vec<f64> = (0..8).map(|month| 100.0 * 1.1_f64.powi(month) - 1.0).collect();
        let trend = DampedTrend::of(&numbers).unwrap();
        let last = 100.0 * 1.1_f64.powi(7);
        close(trend.expected(1).number, last * 1.1_f64.powf(0.9) - 1.0);
        close(trend.expected(2).number, last * 1.1_f64.powf(0.9 + 0.81) - 1.0);
        assert!(trend.expected(3).spread < 1e-9 && !trend.has_season());
    }

    #[test]
    fn one_great_month_does_not_turn_the_trend() {
        let mut numbers = vec![50.0; 9];
        numbers[5] = 400.0;
        let trend = DampedTrend::of(&numbers).unwrap();
        close(trend.expected(1).number, 50.0);
        // But it shows that such months happen: one of nine lies ln(401/51) off, with two parameters fitted.
        let spread = ((401.0_f64 / 51.0).ln().powi(2) / 7.0).sqrt();
        // (9 − 1)/2 + 0.9 months from the middle; 12 / (9 × 80).
        close(trend.expected(1).spread, spread * (1.0 + 1.0 / 9.0 + 4.9_f64.powi(2) * 12.0 / 720.0).sqrt());
    }

    #[test]
    fn a_season_of_two_years_comes_again() {
        // 100 a month, half as many in every February and twice as many in every November; the last month is December.
        let season = |month: i32| match month.rem_euclid(12) {
            1 => 50.0,
            10 => 200.0,
            _ => 100.0,
        };
        let numbers: Vec<f64> = (0..36).map(season).collect();
        let trend = DampedTrend::of(&numbers).unwrap();
        assert!(trend.has_season());
        for months_on in 1..=24 {
            let expected = season(35 + months_on as i32);
            assert!((trend.expected(months_on).number / expected - 1.0).abs() < 0.01, "{months_on}: {:?}", trend.expected(months_on));
        }
    }

    #[test]
    fn few_months_and_months_without_anybody() {
        assert_eq!(DampedTrend::of(&[5.0, 6.0, 7.0]), None);
        assert_eq!(DampedTrend::of(&[]), None);
        assert_eq!(DampedTrend::of(&[0.0; 30]).unwrap().expected(1).number, 0.0);
        // A shop that fades away never has fewer than nobody.
        assert!(DampedTrend::of(&[900.0, 90.0, 9.0, 0.0, 0.0, 0.0]).unwrap().expected(6).number >= 0.0);
    }
}
