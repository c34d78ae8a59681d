//! The dates of a backfill.

use clap::ValueEnum;

use crate::spec::{Day, Grain, WeekStart};

/// How far the as-of dates of a backfill are apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Step {
    /// The last day of each month, and the end of the range.
    Month,
    /// The last day of each week, by params.week_starts.
    Week,
    /// Each day.
    Day,
}

impl Step {
    /// The as-of dates from one day to another, ascending. A month that the range ends in counts to the end of the range; a week does not,
    /// since figures of a part of a week are compared with nothing.
    pub fn dates(self, week_starts: WeekStart, from: Day, to: Day) -> Vec<Day> {
        let grain = match self {
            Step::Month => Grain::Month,
            Step::Week => Grain::Week(week_starts),
            Step::Day => Grain::Day,
        };
        let ends = (grain.index(from)..=grain.index(to)).map(|period| grain.end(period));
        let mut dates: Vec<Day> = ends.filter(|end| (from..=to).contains(end)).collect();
        if self == Step::Month && from <= to && dates.last() != Some(&to) {
            dates.push(to);
        }
        dates
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::period::{iso, parse_day};

    fn dates(step: Step, from: &str, to: &str) -> Vec<String> {
        let day = |text| parse_day(text).unwrap();
        step.dates(WeekStart::Monday, day(from), day(to)).into_iter().map(iso).collect()
    }

    #[test]
    fn months_end_with_their_last_day_and_the_range_with_its_own() {
        assert_eq!(dates(Step::Month, "2024-01-31", "2024-04-30"), ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]);
        assert_eq!(dates(Step::Month, "2024-12-01", "2025-01-15"), ["2024-12-31", "2025-01-15"]);
        assert_eq!(dates(Step::Month, "2026-11-02", "2026-11-03"), ["2026-11-03"]);
        assert_eq!(dates(Step::Month, "2026-11-03", "2026-11-02"), [""; 0]);
    }

    #[test]
    fn weeks_end_with_the_day_before_their_first() {
        // 1 November 2026 is a Sunday.
        assert_eq!(dates(Step::Week, "2026-11-01", "2026-11-17"), ["2026-11-01", "2026-11-08", "2026-11-15"]);
        let day = |text| parse_day(text).unwrap();
        let sunday = Step::Week.dates(WeekStart::Sunday, day("2026-11-01"), day("2026-11-17"));
        assert_eq!(sunday.into_iter().map(iso).collect::<Vec<_>>(), ["2026-11-07", "2026-11-14"]);
        assert_eq!(dates(Step::Week, "2026-11-02", "2026-11-07"), [""; 0]);
    }

    #[test]
    fn days_are_all_days() {
        assert_eq!(dates(Step::Day, "2024-02-28", "2024-03-01"), ["2024-02-28", "2024-02-29", "2024-03-01"]);
    }
}
