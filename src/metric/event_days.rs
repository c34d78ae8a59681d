//! Event days: the days of a shop that its events make unlike others, and the days of the same events a year before.

use std::collections::BTreeMap;

use crate::spec::Day;

/// Days after the last day of an event that it still makes unlike others.
const AFTER: Day = 2;
/// Days of a year.
const YEAR: Day = 365;
/// How many days nearer or farther the same event may lie: the Spring Festival moves by up to a month.
const MOVES: Day = 60;

/// Days of one event in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Run {
    name: String,
    first: Day,
    last: Day,
}

/// The events of a shop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventDays {
    /// By name, and for each name by day.
    runs: Vec<Run>,
}

/// A day that an event makes unlike others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventDay<'a> {
    /// The name of the event.
    pub name: &'a str,
    /// The first day of the event.
    pub first: Day,
    /// The same day of the same event a year before; `None` where that event is not known, or was over by then.
    pub year_ago: Option<YearAgo>,
}

/// A day of an event a year before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YearAgo {
    /// The day.
    pub day: Day,
    /// The first day of the event then.
    pub first: Day,
}

impl EventDays {
    /// The events of these days, given as (name, day) in any order. Days of one name that follow each other are one event.
    pub fn of<'a>(days: impl IntoIterator<Item = (&'a str, Day)>) -> Self {
        let mut by_name: BTreeMap<&str, Vec<Day>> = BTreeMap::new();
        for (name, day) in days {
            by_name.entry(name).or_default().push(day);
        }
        let mut runs: Vec<Run> = Vec::new();
        for (name, mut days) in by_name {
            days.sort_unstable();
            for day in days {
                match runs.last_mut() {
                    Some(run) if run.name == name && day <= run.last.saturating_add(1) => run.last = day,
                    _ => runs.push(Run { name: name.to_owned(), first: day, last: day }),
                }
            }
        }
        EventDays { runs }
    }

    /// Whether a day is one of an event, or one of the two after it.
    pub fn has(&self, day: Day) -> bool {
        self.runs.iter().any(|run| run.reaches(day))
    }

    /// The event of a day: that which the day is nearest to the end of, or in; of several the one that began last, then the first by name.
    pub fn on(&self, day: Day) -> Option<EventDay<'_>> {
        let nearest = |run: &&Run| ((day - run.last).max(0), -i64::from(run.first), run.name.clone());
        let run = self.runs.iter().filter(|run| run.reaches(day)).min_by_key(nearest)?;
        Some(EventDay { name: &run.name, first: run.first, year_ago: self.year_ago(run, day) })
    }

    /// The day of the same event a year before: as many days after its first one; after the event, after its last one.
    fn year_ago(&self, run: &Run, day: Day) -> Option<YearAgo> {
        let expected = run.first - YEAR;
        let distance = |other: &&Run| (other.first - expected).abs();
        let same = |other: &&Run| other.name == run.name && distance(other) <= MOVES;
        let then = self.runs.iter().filter(same).min_by_key(distance)?;
        let counterpart = if day > run.last { then.last + (day - run.last) } else { then.first + (day - run.first) };
        (day > run.last || counterpart <= then.last).then_some(YearAgo { day: counterpart, first: then.first })
    }
}

impl Run {
    fn reaches(&self, day: Day) -> bool {
        (self.first..=self.last.saturating_add(AFTER)).contains(&day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::period::parse_day;

    fn day(text: &str) -> Day {
        parse_day(text).unwrap()
    }

    fn events(days: &[(&'static str, &str)]) -> EventDays {
        EventDays::of(days.iter().map(|(name, on)| (*name, day(on))))
    }

    /// The event of a day, and the day a year before with the first day of the event then.
    fn on<'a>(events: &'a EventDays, date: &str) -> Option<(&'a str, Option<(Day, Day)>)> {
        events.on(day(date)).map(|event| (event.name, event.year_ago.map(|then| (then.day, then.first))))
    }

    #[test]
    fn a_festival_moves_and_its_days_are_counted_from_its_first() {
        let mut days: Vec<(&str, String)> = (28..=31).map(|date| ("Spring Festival", format!("2025-01-{date}"))).collect();
        days.extend((16..=20).map(|date| ("Spring Festival", format!("2026-02-{date}"))));
        let events = EventDays::of(days.iter().map(|(name, date)| (*name, day(date))));
        let then = |date: &str| Some(("Spring Festival", Some((day(date), day("2025-01-28")))));
        assert_eq!(on(&events, "2026-02-15"), None);
        assert_eq!(on(&events, "2026-02-16"), then("2025-01-28"));
        assert_eq!(on(&events, "2026-02-19"), then("2025-01-31"));
        // The fifth day, which there was not.
        assert_eq!(on(&events, "2026-02-20"), Some(("Spring Festival", None)));
        // Days after it.
        assert_eq!(on(&events, "2026-02-21"), then("2025-02-01"));
        assert_eq!(on(&events, "2026-02-22"), then("2025-02-02"));
        assert_eq!(on(&events, "2026-02-23"), None);
        // Of the first festival nothing before is known.
        assert_eq!(on(&events, "2025-01-28"), Some(("Spring Festival", None)));
    }

    #[test]
    fn the_event_of_the_day_comes_before_the_one_just_over() {
        let events = events(&[("618", "2026-06-18"), ("stock-out", "2026-06-19"), ("618", "2025-06-18"), ("a fair", "2026-06-19")]);
        assert_eq!(on(&events, "2026-06-18"), Some(("618", Some((day("2025-06-18"), day("2025-06-18"))))));
        // Both of the 19th began on it: the first by name.
        assert_eq!(on(&events, "2026-06-19"), Some(("a fair", None)));
        // A day after both, and two days after the 18th.
        assert_eq!(on(&events, "2026-06-20"), Some(("a fair", None)));
        assert!(events.has(day("2025-06-20")) && !events.has(day("2025-06-21")) && !events.has(day("2026-06-17")));
    }

    #[test]
    fn of_two_days_of_one_name_each_has_its_own_a_year_before() {
        let events =
            events(&[("Double 11", "2025-11-01"), ("Double 11", "2025-11-11"), ("Double 11", "2026-11-01"), ("Double 11", "2026-11-11")]);
        assert_eq!(on(&events, "2026-11-01"), Some(("Double 11", Some((day("2025-11-01"), day("2025-11-01"))))));
        assert_eq!(on(&events, "2026-11-12"), Some(("Double 11", Some((day("2025-11-12"), day("2025-11-11"))))));
        // A year and two months before is another event.
        let early = events_of_one("2025-09-10");
        assert_eq!(on(&early, "2026-11-11"), Some(("fair", None)));
    }

    fn events_of_one(before: &str) -> EventDays {
        events(&[("fair", before), ("fair", "2026-11-11")])
    }
}
