//! Days of tests, written as text or counted.

use crate::spec::period::parse_day;
use crate::spec::{DAY_MICROSECONDS, Day};

/// An hour in microseconds.
pub const HOUR: i64 = DAY_MICROSECONDS / 24;

/// What names a day: `YYYY-MM-DD`, or its number.
pub trait Date: Copy {
    /// The day.
    fn day(self) -> Day;
}

impl Date for &str {
    fn day(self) -> Day {
        parse_day(self).unwrap()
    }
}

impl Date for Day {
    fn day(self) -> Day {
        self
    }
}

/// The day of `YYYY-MM-DD`.
pub fn day(text: &str) -> Day {
    text.day()
}
