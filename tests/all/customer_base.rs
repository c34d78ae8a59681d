//! Customer bases: purchase days of customers as the models want them, from public data and from simulations.

use std::collections::BTreeMap;

use huitou::model::cells::{CellCounter, Customer, PatternCounts, RepeatPattern};
use huitou::statistics::random::Random;

use super::public_data;

/// Every customer's purchase days, ascending, with what was spent on each.
pub struct Base {
    pub days: BTreeMap<i64, BTreeMap<i64, f64>>,
}

/// Days since 0000-03-01 of the proleptic Gregorian calendar.
pub fn day(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1
}

/// CDNOW_sample.txt of Fader and Hardie.
pub fn cdnow() -> Option<Base> {
    let text = std::fs::read_to_string(public_data::file("CDNOW_sample.txt")?).unwrap();
    let mut days: BTreeMap<i64, BTreeMap<i64, f64>> = BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let [_, customer, date, _, dollars] = cells[..] else { panic!("{line}") };
        let date: i64 = date.parse().unwrap();
        let day = day(date / 10_000, date / 100 % 100, date % 100);
        *days.entry(customer.parse().unwrap()).or_default().entry(day).or_default() += dollars.parse::<f64>().unwrap();
    }
    Some(Base { days })
}

impl Base {
    /// Customers by id with x, t_x, T in days at the end of a day, and the mean value of their repeat purchase days.
    pub fn histories(&self, end: i64) -> Vec<(i64, RepeatPattern, f64)> {
        self.days
            .iter()
            .filter_map(|(customer, days)| {
                let seen: Vec<(i64, f64)> = days.range(..=end).map(|(day, value)| (*day, *value)).collect();
                let (first, last) = (seen.first()?.0, seen.last()?.0);
                let repeats = seen.len() - 1;
                let mean = if repeats == 0 { 0.0 } else { seen[1..].iter().map(|(_, value)| value).sum::<f64>() / repeats as f64 };
                Some((*customer, history(repeats as u32, (last - first) as u32, (end - first) as u32), mean))
            })
            .collect()
    }

    /// The cells at the end of a day, intervals counted.
    pub fn cells(&self, end: i64, days_per_period: f64) -> PatternCounts {
        let mut counter = CellCounter::default();
        self.histories(end).iter().for_each(|(_, history, _)| counter.add(*history));
        for days in self.days.values() {
            let seen: Vec<i64> = days.range(..=end).map(|(day, _)| *day).collect();
            seen.windows(2).for_each(|pair| counter.add_interval((pair[1] - pair[0]) as u32));
        }
        counter.finish(days_per_period)
    }

    /// Purchase days of a customer after `end` up to `until`.
    pub fn held_out(&self, customer: i64, end: i64, until: i64) -> usize {
        self.days[&customer].range(end + 1..=until).count()
    }
}

pub fn history(repeats: u32, recency_days: u32, age_days: u32) -> RepeatPattern {
    RepeatPattern { repeats, recency_days, age_days }
}

pub fn customer(repeats: f64, recency: f64, age: f64) -> Customer {
    Customer { repeats, recency, age }
}

/// Compares relatively.
#[track_caller]
pub fn close(found: f64, expected: f64, relative: f64) {
    assert!((found - expected).abs() <= relative * expected.abs(), "found {found}, expected {expected} ± {relative} of it");
}

/// Compares absolutely.
#[track_caller]
pub fn within(found: f64, expected: f64, absolute: f64) {
    assert!((found - expected).abs() <= absolute, "found {found}, expected {expected} ± {absolute}");
}

/// By two gamma variables.
pub fn beta(random: &mut Random, a: f64, b: f64) -> f64 {
    let (one, other) = (random.gamma(a), random.gamma(b));
    one / (one + other)
}

/// Exponential with that rate.
pub fn exponential(random: &mut Random, rate: f64) -> f64 {
    -(1.0 - random.unit()).ln() / rate
}
