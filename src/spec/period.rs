//! Calendar periods as arithmetic on days: the proleptic Gregorian calendar, and weeks from the day on which the job begins them.

use std::fmt;

/// Days since 1970-01-01, local time of the job; the same number that Parquet's Date32 holds.
pub type Day = i32;

/// The day on which a week begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum WeekStart {
    /// Monday to Sunday, as ISO 8601 has weeks.
    #[default]
    Monday,
    /// Sunday to Saturday.
    Sunday,
}

impl WeekStart {
    /// The names in job files.
    pub const NAMES: [&str; 2] = ["monday", "sunday"];

    /// The name in job files.
    pub fn name(self) -> &'static str {
        match self {
            WeekStart::Monday => "monday",
            WeekStart::Sunday => "sunday",
        }
    }

    /// The day of that name; `None` for a day on which no week begins.
    pub fn parse(name: &str) -> Option<WeekStart> {
        [WeekStart::Monday, WeekStart::Sunday].into_iter().find(|start| start.name() == name)
    }

    /// Days from the first day of week 0 to 1970-01-01, a Thursday.
    fn days_before_1970(self) -> i32 {
        match self {
            WeekStart::Monday => 3,
            WeekStart::Sunday => 4,
        }
    }
}

/// The length of a period, or of the steps of a cohort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    /// One calendar day.
    Day,
    /// Seven days from that one on. Weeks of another first day are another grain: their numbers mean other days.
    Week(WeekStart),
    /// A calendar month.
    Month,
    /// January to March, and so on.
    Quarter,
    /// A calendar year.
    Year,
}

impl Grain {
    /// The grains of tables with a `grain` key column, in the order of the rows: that of their names.
    pub fn periods(week_starts: WeekStart) -> [Grain; 4] {
        [Grain::Month, Grain::Quarter, Grain::Week(week_starts), Grain::Year]
    }

    /// The name in job files and in `grain` columns.
    pub fn name(self) -> &'static str {
        match self {
            Grain::Day => "day",
            Grain::Week(_) => "week",
            Grain::Month => "month",
            Grain::Quarter => "quarter",
            Grain::Year => "year",
        }
    }

    /// The grain of that name, for a job whose weeks begin on that day.
    pub fn parse(name: &str, week_starts: WeekStart) -> Option<Grain> {
        [Grain::Day, Grain::Week(week_starts), Grain::Month, Grain::Quarter, Grain::Year].into_iter().find(|grain| grain.name() == name)
    }

    /// The number of the period of `day`, counted from the one of 1970-01-01; consecutive periods have
    /// consecutive numbers.
    ///
    /// ```
    /// use huitou::spec::{Grain, WeekStart, period::day_of};
    /// let day = day_of(1997, 3, 31).unwrap(); // a Monday
    /// assert_eq!(Grain::Month.index(day), 27 * 12 + 2);
    /// let [from_monday, from_sunday] = [WeekStart::Monday, WeekStart::Sunday].map(Grain::Week);
    /// assert_eq!(from_monday.index(day), from_monday.index(day - 1) + 1);
    /// assert_eq!(from_sunday.index(day), from_sunday.index(day - 1));
    /// ```
    pub fn index(self, day: Day) -> i32 {
        match self {
            Grain::Day => day,
            Grain::Week(starts) => (day + starts.days_before_1970()).div_euclid(7),
            Grain::Month => {
                let (year, month, _) = civil(day);
                (year - 1970) * 12 + month - 1
            }
            Grain::Quarter => {
                let (year, month, _) = civil(day);
                (year - 1970) * 4 + (month - 1) / 3
            }
            Grain::Year => civil(day).0 - 1970,
        }
    }

    /// The first day of the period with a number.
    pub fn start(self, index: i32) -> Day {
        match self {
            Grain::Day => index,
            Grain::Week(starts) => index * 7 - starts.days_before_1970(),
            Grain::Month => days_before(1970 + index.div_euclid(12), index.rem_euclid(12) + 1),
            Grain::Quarter => days_before(1970 + index.div_euclid(4), index.rem_euclid(4) * 3 + 1),
            Grain::Year => days_before(1970 + index, 1),
        }
    }

    /// The same day one period before: the last day of a month, quarter or year with fewer days, and the last day for a last day.
    ///
    /// ```
    /// use huitou::spec::{Grain, period::{iso, parse_day}};
    /// let before = |day| iso(Grain::Month.before(parse_day(day).unwrap()));
    /// assert_eq!([before("2026-11-21"), before("2026-03-30")], ["2026-10-21", "2026-02-28"]);
    /// assert_eq!(before("2026-02-28"), "2026-01-31"); // the ends of two months
    /// ```
    pub fn before(self, day: Day) -> Day {
        let months = match self {
            Grain::Day => return day - 1,
            Grain::Week(_) => return day - 7,
            Grain::Month => 1,
            Grain::Quarter => 3,
            Grain::Year => 12,
        };
        let month = Grain::Month.index(day);
        let (start, end) = (Grain::Month.start(month - months), Grain::Month.end(month - months));
        if day == Grain::Month.end(month) { end } else { end.min(start + (day - Grain::Month.start(month))) }
    }

    /// The last day of the period with a number.
    pub fn end(self, index: i32) -> Day {
        self.start(index + 1) - 1
    }

    /// Whether all days of the period with a number lie between two days, both included.
    ///
    /// ```
    /// use huitou::spec::{Grain, period::day_of};
    /// let [first, last] = [day_of(2026, 1, 1), day_of(2026, 2, 27)].map(Option::unwrap);
    /// let [january, february] = [first, last].map(|day| Grain::Month.index(day));
    /// assert!(Grain::Month.lies_within(january, first, last) && !Grain::Month.lies_within(february, first, last));
    /// ```
    pub fn lies_within(self, index: i32, first: Day, last: Day) -> bool {
        first <= self.start(index) && self.end(index) <= last
    }
}

impl fmt::Display for Grain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The year, month (1 to 12) and day of month of a day. Days-to-civil by era arithmetic
/// (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
pub fn civil(day: Day) -> (i32, i32, i32) {
    let shifted = i64::from(day) + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month_day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year as i32, month as i32, month_day as i32)
}

/// The day number of the first of a month; the month is 1 to 12.
fn days_before(year: i32, month: i32) -> Day {
    let shifted_year = i64::from(year) - i64::from(month <= 2);
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let shifted_month = i64::from((month + 9) % 12);
    let day_of_year = (153 * shifted_month + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era - 719_468) as Day
}

/// The day number of a date; `None` if it is not in the calendar.
pub fn day_of(year: i32, month: i32, month_day: i32) -> Option<Day> {
    if !(1..=12).contains(&month) || month_day < 1 || !(-9999..=9999).contains(&year) {
        return None;
    }
    let day = days_before(year, month) + month_day - 1;
    (civil(day) == (year, month, month_day)).then_some(day)
}

/// A day as `YYYY-MM-DD`.
pub fn iso(day: Day) -> String {
    let (year, month, month_day) = civil(day);
    format!("{year:04}-{month:02}-{month_day:02}")
}

/// The day of a text `YYYY-MM-DD`.
pub fn parse_day(text: &str) -> Option<Day> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    let number = |range: std::ops::Range<usize>| -> Option<i32> {
        let digits = text.get(range)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    day_of(number(0..4)?, number(5..7)?, number(8..10)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_day_of_400_years_goes_there_and_back() {
        let first = day_of(1899, 12, 31).unwrap();
        for day in first..first + 146_097 {
            let (year, month, month_day) = civil(day);
            assert_eq!(day_of(year, month, month_day), Some(day));
            assert_eq!(parse_day(&iso(day)), Some(day));
            for grain in [&[Grain::Day, Grain::Week(WeekStart::Monday)][..], &Grain::periods(WeekStart::Sunday)].concat() {
                let index = grain.index(day);
                assert!(grain.start(index) <= day && day <= grain.end(index), "{grain} of {}", iso(day));
            }
        }
    }

    /// Friday 1 January 2027: the week from Monday goes from 28 December to 3 January, that from Sunday from 27 December to 2 January.
    #[test]
    fn weeks_across_the_end_of_a_year() {
        let of = |starts, day: &str| {
            let week = Grain::Week(starts);
            let index = week.index(parse_day(day).unwrap());
            [week.start(index), week.end(index)].map(iso)
        };
        assert_eq!(of(WeekStart::Monday, "2027-01-01"), ["2026-12-28", "2027-01-03"]);
        for day in ["2026-12-27", "2026-12-31", "2027-01-01", "2027-01-02"] {
            assert_eq!(of(WeekStart::Sunday, day), ["2026-12-27", "2027-01-02"], "{day}");
        }
        assert_eq!(of(WeekStart::Sunday, "2026-12-26"), ["2026-12-20", "2026-12-26"]);
        assert_eq!(of(WeekStart::Sunday, "2027-01-03"), ["2027-01-03", "2027-01-09"]);
    }

    proptest! {
        #[test]
        fn every_day_lies_in_exactly_one_week_of_seven_days(day in -800_000..800_000, sunday in any::<bool>()) {
            // 2000-01-02 was a Sunday.
            let (starts, first) = if sunday { (WeekStart::Sunday, (2000, 1, 2)) } else { (WeekStart::Monday, (2000, 1, 3)) };
            let first = day_of(first.0, first.1, first.2).unwrap();
            let week = Grain::Week(starts);
            let index = week.index(day);
            prop_assert_eq!((week.start(index) - first).rem_euclid(7), 0);
            prop_assert_eq!(week.end(index) - week.start(index), 6);
            prop_assert!((week.start(index)..=week.end(index)).contains(&day));
            // Of no other week: the next begins where this one ends.
            prop_assert_eq!(week.start(index + 1), week.end(index) + 1);
            prop_assert_eq!([week.index(week.start(index)), week.index(week.end(index))], [index; 2]);
        }
    }

    #[test]
    fn names_of_first_days_go_there_and_back() {
        assert_eq!(WeekStart::NAMES.map(|name| WeekStart::parse(name).map(WeekStart::name)), WeekStart::NAMES.map(Some));
        assert_eq!([WeekStart::parse("Sunday"), WeekStart::parse("saturday")], [None; 2]);
        assert_eq!(WeekStart::default(), WeekStart::Monday);
    }

    #[test]
    fn no_such_date() {
        assert_eq!(day_of(2026, 2, 29), None);
        assert_eq!(day_of(1900, 2, 29), None);
        assert!(day_of(2000, 2, 29).is_some());
        assert_eq!(parse_day("2026-1-01"), None);
        assert_eq!(parse_day("2026-13-01"), None);
    }
}
