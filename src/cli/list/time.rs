//! Times on the command line: what the clock of the shop shows.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::cli::clock;
use crate::error::{Error, Problem, Result};

/// What the clock of a timezone shows now, in microseconds since 1970-01-01.
///
/// # Errors
/// [`Error::Usage`] where the clock of this machine cannot be right.
pub fn now(zone: &TimeZone) -> Result<i64> {
    micros(clock::now(zone)?).ok_or_else(|| Error::bug("a believed clock is beyond the calendar"))
}

/// A time that an option gives, as [`now`], which is what `now` stands for. A command reads the clock once, so that its times agree.
///
/// # Errors
/// [`Error::Usage`] for anything but a time with hours and minutes, and for a time that has not come.
pub fn parse(option: &str, text: &str, now: i64) -> Result<i64> {
    if text == "now" {
        return Ok(now);
    }
    let usage = |what: String, help: &str| Error::Usage(vec![Problem::new(option, what).help(help)]);
    let parsed = Some(text).filter(|text| text.contains(':')).and_then(|text| text.parse::<DateTime>().ok()).and_then(micros);
    match parsed {
        None => Err(usage(format!("`{text}` is not a time"), "give \"YYYY-MM-DD HH:MM\", or `now`")),
        Some(time) if time > now => {
            Err(usage(format!("{} has not come yet, it is {} in the shop", shown(time), shown(now)), "give a time up to now"))
        }
        Some(time) => Ok(time),
    }
}

/// A time to the minute.
pub fn shown(time: i64) -> String {
    let text = crate::spec::iso_time(time);
    text.get(..16).map_or(text.clone(), str::to_owned)
}

fn micros(time: DateTime) -> Option<i64> {
    TimeZone::UTC.to_timestamp(time).ok().map(jiff::Timestamp::as_microsecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_shop() {
        let zone = jiff::tz::db().get("Asia/Shanghai").unwrap();
        // 2020-01-02 is day 18,263; 10:30 are 37,800 seconds.
        let expected = (18_263 * 86_400 + 37_800) * 1_000_000;
        let now = now(&zone).unwrap();
        for text in ["2020-01-02 10:30", "2020-01-02T10:30:00"] {
            assert_eq!(parse("--at", text, now), Ok(expected), "{text}");
        }
        assert_eq!(parse("--at", "now", now), Ok(now));
        assert_eq!(shown(expected), "2020-01-02 10:30");
        for text in ["2020-01-02", "10:30", "yesterday", "2020-02-30 10:00", ""] {
            assert!(parse("--at", text, now).unwrap_err().to_string().contains("is not a time"), "{text}");
        }
        assert!(parse("--at", "2999-01-01 00:00", now).unwrap_err().to_string().contains("has not come yet"));
    }
}
