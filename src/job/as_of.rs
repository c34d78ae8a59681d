//! The as-of date as the job file has it.

use crate::spec::{Day, period};

/// The last day whose events count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// That day.
    Date(Day),
    /// The day before the one on which the program is started, in the job's time zone.
    Yesterday,
}

impl AsOf {
    /// Parses `yesterday` or `YYYY-MM-DD`; `None` for other text and for days that are not in the calendar.
    pub fn parse(text: &str) -> Option<AsOf> {
        if text == "yesterday" { Some(AsOf::Yesterday) } else { period::parse_day(text).map(AsOf::Date) }
    }

    /// The day, on the day `today` of the job's time zone.
    pub fn day(self, today: Day) -> Day {
        match self {
            AsOf::Date(day) => day,
            AsOf::Yesterday => today - 1,
        }
    }
}
