//! The clock of this machine: the one place that reads it, and refuses what it shows where that cannot be now.

use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::error::{Error, Problem, Result};

/// The year before which no clock is believed: this program did not exist.
const EARLIEST: i16 = 2025;

/// What the clock shows now in a timezone.
///
/// # Errors
/// [`Error::Usage`] where that cannot be now.
pub fn now(zone: &TimeZone) -> Result<DateTime> {
    shown(SystemTime::now(), zone)
}

fn shown(now: SystemTime, zone: &TimeZone) -> Result<DateTime> {
    let wrong = |shown: &str| {
        let what = format!("the clock of this machine shows {shown}");
        Error::Usage(vec![Problem::new("clock", what).help("set the clock, and run again")])
    };
    let now = Timestamp::try_from(now).map_err(|_| wrong("a day after the year 9999 or before the year -9999"))?;
    let now = zone.to_datetime(now);
    if now.year() < EARLIEST { Err(wrong(&now.date().to_string())) } else { Ok(now) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_clock_that_cannot_be_right_is_refused() {
        let zone = jiff::tz::db().get("Asia/Shanghai").unwrap();
        // 1,735,660,800 seconds after 1970 the year 2025 began in China: 20,089 days of 86,400 seconds, less eight hours.
        let new_year = SystemTime::UNIX_EPOCH + Duration::from_secs(20_089 * 86_400 - 8 * 3_600);
        assert_eq!(shown(new_year, &zone).unwrap().to_string(), "2025-01-01T00:00:00");
        let before = shown(new_year - Duration::from_secs(1), &zone).unwrap_err().to_string();
        assert!(before.contains("the clock of this machine shows 2024-12-31") && before.contains("set the clock"), "{before}");
        let beyond = shown(SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40), &zone).unwrap_err().to_string();
        assert!(beyond.contains("a day after the year 9999"), "{beyond}");
    }
}
