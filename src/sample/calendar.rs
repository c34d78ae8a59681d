//! The seasons: the business of every day, and its distribution over the hours.

use crate::spec::Day;
use crate::spec::period::{Grain, civil};

/// Seconds of a day.
pub const DAY: u32 = 86_400;

/// Business by month, January first: the Spring Festival is quiet, November is Double 11.
const MONTHS: [f64; 12] = [1.0, 0.72, 0.95, 0.95, 1.0, 1.1, 0.86, 0.9, 1.0, 1.04, 1.25, 1.1];
/// Business by weekday, Monday first.
const WEEKDAYS: [f64; 7] = [1.06, 1.04, 1.02, 1.0, 0.96, 0.92, 1.0];
/// Business by hour of an ordinary day and of a promotion, which opens at midnight.
const ORDINARY_HOURS: [f64; 24] =
    [2.2, 1.1, 0.6, 0.4, 0.3, 0.4, 0.9, 1.8, 3.2, 4.8, 5.8, 5.6, 5.2, 5.4, 5.3, 5.3, 5.4, 5.0, 4.6, 5.4, 6.8, 7.8, 7.4, 4.8];
const PROMOTION_HOURS: [f64; 24] =
    [22.0, 6.0, 2.4, 1.2, 0.8, 0.8, 1.2, 2.0, 3.2, 4.4, 5.0, 4.6, 4.2, 4.2, 4.0, 3.8, 3.8, 3.6, 3.6, 4.2, 5.4, 6.6, 7.2, 6.4];
/// Steps of the inverse hour profile.
const STEPS: usize = 96;

/// The days of the data, in seconds from the start of the first one, and their business.
///
/// A *position* is the business so far: the sum of the weights of the previous days, plus a part of the current one. Weights
/// have mean 1, so a position is a day on average, and a Poisson process that is uniform in positions follows the seasons.
#[derive(Debug)]
pub struct Calendar {
    /// The first day.
    pub first: Day,
    /// The number of days.
    pub days: usize,
    /// The divisor of the business of a day that makes the mean of the data 1.
    mean: f64,
    weights: Vec<f64>,
    cumulative: Vec<f64>,
    guide: Vec<u32>,
    promotions: Vec<bool>,
    ordinary: Vec<f64>,
    promotion: Vec<f64>,
}

impl Calendar {
    /// A calendar of `months` calendar months, the last of which ends with the day `last`.
    pub fn new(last: Day, months: u32) -> Self {
        let first = Grain::Month.start(Grain::Month.index(last) + 1 - months.max(1) as i32);
        let days = (last - first + 1) as usize;
        let raw: Vec<f64> = (first..=last).map(|day| grown(day, first)).collect();
        let mean = raw.iter().sum::<f64>() / days as f64;
        let weights: Vec<f64> = raw.iter().map(|weight| weight / mean).collect();
        let mut cumulative = vec![0.0];
        let mut total = 0.0;
        for weight in &weights {
            total += weight;
            cumulative.push(total);
        }
        let mut guide = Vec::new();
        let mut day = 0;
        for whole in 0..=total as usize {
            while day + 1 < days && cumulative[day + 1] <= whole as f64 {
                day += 1;
            }
            guide.push(day as u32);
        }
        let promotions = (first..=last).map(|day| promotion(day) >= 3.0).collect();
        let (ordinary, promotion) = (inverse(&ORDINARY_HOURS), inverse(&PROMOTION_HOURS));
        Calendar { first, days, mean, weights, cumulative, guide, promotions, ordinary, promotion }
    }

    /// The first second after the last day.
    pub fn end(&self) -> u32 {
        self.days as u32 * DAY
    }

    /// The business of a day, 1 on average.
    pub fn weight(&self, day: usize) -> f64 {
        self.weights.get(day).copied().unwrap_or(0.0)
    }

    /// The expected business of any day, including days after the data.
    pub fn expected(&self, day: Day) -> f64 {
        grown(day, self.first) / self.mean
    }

    /// Whether a day is a large promotion.
    pub fn is_promotion(&self, day: usize) -> bool {
        self.promotions.get(day).copied().unwrap_or(false)
    }

    /// The position at the start of a day; for days after the data, that of the end.
    pub fn position(&self, day: usize) -> f64 {
        self.cumulative[day.min(self.days)]
    }

    /// The second at a position.
    pub fn second(&self, position: f64) -> u32 {
        let mut day = self.guide[(position as usize).min(self.guide.len() - 1)] as usize;
        while day + 1 < self.days && self.cumulative[day + 1] <= position {
            day += 1;
        }
        self.second_of_day(day, (position - self.cumulative[day]) / self.weights[day])
    }

    /// The second at which `part` (0 to 1) of the business of `day` is done.
    pub fn second_of_day(&self, day: usize, part: f64) -> u32 {
        let profile = if self.is_promotion(day) { &self.promotion } else { &self.ordinary };
        let step = part.clamp(0.0, 1.0) * STEPS as f64;
        let below = (step as usize).min(STEPS - 1);
        let second = profile[below] + (profile[below + 1] - profile[below]) * (step - below as f64);
        day as u32 * DAY + (second as u32).min(DAY - 1)
    }

    /// Microseconds since 1970-01-01 of the local wall clock.
    pub fn micros(&self, second: u32) -> i64 {
        (i64::from(self.first) * i64::from(DAY) + i64::from(second)) * 1_000_000
    }
}

/// The business of a day with the growth since the first day of the data.
fn grown(day: Day, first: Day) -> f64 {
    business(day) * (1.0 + 0.2 * f64::from(day - first) / 365.0)
}

/// The business of a day before growth.
fn business(day: Day) -> f64 {
    let (_, month, _) = civil(day);
    let weekday = (day + 3).rem_euclid(7) as usize;
    MONTHS[month as usize - 1] * WEEKDAYS[weekday] * promotion(day)
}

/// The factor of promotions: of their days, their openings, and the quiet days before them.
fn promotion(day: Day) -> f64 {
    let (_, month, month_day) = civil(day);
    match (month, month_day) {
        (11, 11) => 10.0,
        (11, 12) => 1.6,
        (11, 1) => 2.5,
        (11, 8..=10) => 0.6,
        (6, 18) => 7.0,
        (6, 1) => 1.8,
        (6, 16) => 2.0,
        (6, 17) => 0.8,
        (12, 12) => 5.0,
        (12, 10..=11) => 0.75,
        (3, 8) => 2.0,
        (9, 9) => 1.6,
        _ => 1.0,
    }
}

/// What the promotions whose days those are call themselves: of each day on which [`promotion`] is not 1.
pub fn promotion_name(day: Day) -> Option<&'static str> {
    let (_, month, _) = civil(day);
    let is_ordinary = promotion(day) == 1.0;
    let name = match month {
        3 => "38节",
        6 => "618",
        9 => "99大促",
        11 => "双11",
        12 => "双12",
        _ => return None,
    };
    (!is_ordinary).then_some(name)
}

/// The second of the day by which k / STEPS of the day's business is done.
fn inverse(hours: &[f64; 24]) -> Vec<f64> {
    let total: f64 = hours.iter().sum();
    let mut seconds = Vec::with_capacity(STEPS + 1);
    let (mut hour, mut before) = (0, 0.0);
    for step in 0..=STEPS {
        let wanted = total * step as f64 / STEPS as f64;
        while hour < 23 && before + hours[hour] < wanted {
            before += hours[hour];
            hour += 1;
        }
        seconds.push((hour as f64 + ((wanted - before) / hours[hour]).clamp(0.0, 1.0)) * 3_600.0);
    }
    seconds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::period::day_of;

    #[test]
    fn two_years_to_a_day_in_november() {
        let calendar = Calendar::new(day_of(2026, 11, 21).unwrap(), 24);
        assert_eq!(calendar.first, day_of(2024, 12, 1).unwrap());
        // 31 days of December 2024, 365 of 2025, 325 of 2026 (January to October 304, November 21).
        assert_eq!(calendar.days, 31 + 365 + 325);
        assert!((calendar.position(calendar.days) - calendar.days as f64).abs() < 1e-6);
        let double_eleven = (day_of(2025, 11, 11).unwrap() - calendar.first) as usize;
        assert!(calendar.weight(double_eleven) > 7.0 * calendar.weight(double_eleven - 14));
        assert!(calendar.is_promotion(double_eleven));
    }

    #[test]
    fn every_day_of_a_promotion_has_its_name_and_no_other_day() {
        let first = day_of(2026, 1, 1).unwrap();
        for day in first..first + 365 {
            assert_eq!(promotion_name(day).is_some(), promotion(day) != 1.0, "{day}");
        }
        assert_eq!(promotion_name(day_of(2026, 11, 9).unwrap()), Some("双11"));
    }

    #[test]
    fn positions_and_seconds_rise_together() {
        let calendar = Calendar::new(day_of(2026, 11, 21).unwrap(), 3);
        let mut before = 0;
        for step in 0..100_000 {
            let position = calendar.position(calendar.days) * f64::from(step) / 100_000.0;
            let second = calendar.second(position);
            assert!(second >= before && second < calendar.end());
            let day = (second / DAY) as usize;
            assert!(calendar.position(day) <= position + 1e-9 && position <= calendar.position(day + 1) + 1e-9);
            before = second;
        }
    }
}
