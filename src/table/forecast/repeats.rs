//! Repeats: the repeat purchases of a shop on each day of the last two years, and what the model of its customers expected of them.

use super::selection::base::DAYS_PER_PERIOD;
use super::shop::ShopForecast;
use crate::fold::activity::ActivityFold;
use crate::history::Context;
use crate::metric::ratio::ratio_of;
use crate::spec::{Day, NO_DAY};

/// Days of a year.
pub const YEAR: usize = 365;

/// Days of both years.
pub const DAYS: usize = 2 * YEAR;

/// What is left of an expectation that a falling trend would lead below 0.
const LEAST: f64 = 0.05;

/// Bought and expected, by day of two years, the last one being the as-of date.
#[derive(Debug, Clone, PartialEq)]
pub struct RepeatPurchases {
    days: Vec<(f64, f64)>,
}

impl RepeatPurchases {
    /// The repeats of a shop; `None` where it is not known for two years, or no model can be used.
    ///
    /// Of everybody who first bought t days before, the model expects E\[X(t)\] − E\[X(t − 1)\] purchases on the day (Fader & Hardie call the
    /// sum over first purchases the incremental tracking plot). What it expects too little or too much in both years, and more and more
    /// so, is not a season: the expectation is multiplied by the straight line under which it fits best.
    pub fn of(context: &Context, activity: &ActivityFold, forecast: &ShopForecast) -> Option<RepeatPurchases> {
        let known_from = context.first_days.get(forecast.shop as usize).copied().filter(|day| *day != NO_DAY)?;
        let first = context.as_of - DAYS as Day + 1;
        if known_from > first {
            return None;
        }
        let model = forecast.model()?.purchases();
        let days = activity.days(forecast.shop, known_from, context.as_of);
        let upto: Vec<f64> = (0..=days.len()).map(|day| model.expected_purchases_of_new(day as f64 / DAYS_PER_PERIOD)).collect();
        let on_day: Vec<f64> =
            upto.windows(2).map(|pair| pair.iter().rev().copied().reduce(|later, sooner| later - sooner).unwrap_or(0.0)).collect();
        let new: Vec<(usize, f64)> = days
            .iter()
            .enumerate()
            .filter(|(_, day)| day.new_customers > 0)
            .map(|(place, day)| (place, day.new_customers as f64))
            .collect();
        let expected = |place: usize| -> f64 {
            let earlier = new.iter().take_while(|(first, _)| *first < place);
            earlier.filter_map(|(first, customers)| Some(customers * on_day.get(place - first - 1)?)).sum()
        };
        let start = days.len().saturating_sub(DAYS);
        let seen: Vec<(f64, f64)> =
            days.iter().enumerate().skip(start).map(|(place, day)| (day.returning_customers as f64, expected(place))).collect();
        Some(RepeatPurchases { days: without_trend(&seen) })
    }

    /// Bought and expected on each day, the oldest first.
    pub fn days(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.days.iter().copied()
    }

    /// The same of one day.
    pub fn day(&self, place: usize) -> Option<(f64, f64)> {
        self.days.get(place).copied()
    }
}

/// The expectations times the straight line that fits best, each day weighing as much as was expected on it (weighted least squares).
fn without_trend(days: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let middle = 0.5 * (days.len() as f64 - 1.0);
    let along = |place: usize| place as f64 - middle;
    let (mut weight, mut first, mut second, mut bought_sum, mut bought_first) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (place, (bought, expected)) in days.iter().enumerate() {
        let x = along(place);
        weight += expected;
        first += expected * x;
        second += expected * x * x;
        bought_sum += bought;
        bought_first += bought * x;
    }
    let determinant = weight * second - first * first;
    let level = ratio_of(bought_sum * second - bought_first * first, determinant);
    let slope = ratio_of(bought_first * weight - bought_sum * first, determinant);
    let (Some(level), Some(slope)) = (level, slope) else { return days.to_vec() };
    let line = |place: usize| (level + slope * along(place)).max(LEAST * level.max(0.0));
    days.iter().enumerate().map(|(place, (bought, expected))| (*bought, expected * line(place))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expected_too_little_by_a_straight_line_is_no_season() {
        // The model expects 2 a day; bought are 1 on the first day and 4 on the last, evenly more from day to day.
        let days: Vec<(f64, f64)> = (0..7).map(|day| (1.0 + 0.5 * f64::from(day), 2.0)).collect();
        for (bought, expected) in without_trend(&days) {
            assert!((bought - expected).abs() < 1e-12, "{bought} {expected}");
        }
        // Of nothing expected nothing can be said.
        assert_eq!(without_trend(&[(0.0, 0.0), (1.0, 0.0)]), [(0.0, 0.0), (1.0, 0.0)]);
    }
}
