//! The as-of date of a command.

use super::clock;
use crate::error::{Error, Problem, Result};
use crate::job::{AsOf, Job};
use crate::spec::Day;
use crate::spec::period::{day_of, iso};

/// The year from which on no clock is believed.
const UNBELIEVABLE: i32 = 2100;

/// The day that the clock shows in a timezone.
///
/// # Errors
/// [`Error::Usage`] where that cannot be today.
pub fn today(zone: &jiff::tz::TimeZone) -> Result<Day> {
    let now = clock::now(zone)?.date();
    let today = day_of(i32::from(now.year()), i32::from(now.month()), i32::from(now.day()));
    today.ok_or_else(|| Error::bug("a believed clock is beyond the calendar"))
}

/// The as-of date: that of the command line, else that of the job. `yesterday` follows the clock of the job's timezone.
pub fn as_of(job: &Job, given: Option<&str>) -> Result<Day> {
    let as_of = match given {
        None => job.as_of,
        Some(text) => AsOf::parse(text).ok_or_else(|| {
            Error::Usage(vec![Problem::new("--as-of", format!("`{text}` is not a date")).help("give YYYY-MM-DD or `yesterday`")])
        })?,
    };
    let today = today(&job.zone)?;
    let day = as_of.day(today);
    let place = || given.map_or(job.file.display().to_string(), |_| "--as-of".to_owned());
    if day > today {
        // A published snapshot of a future day would stop `latest` from moving until that day.
        let what = format!("{} is in the future, today is {} in {}", iso(day), iso(today), job.timezone);
        return Err(Error::Usage(vec![Problem::new(place(), what).help("give a day up to today")]));
    }
    if Some(day) >= day_of(UNBELIEVABLE, 1, 1) {
        let what = format!("{} is not an as-of date of this century, and the clock of this machine shows {}", iso(day), iso(today));
        return Err(Error::Usage(vec![Problem::new(place(), what).help("set the clock, or give the date with --as-of")]));
    }
    Ok(day)
}

/// What stands between the ends of a range of as-of dates.
pub const RANGE: &str = "..";

/// The ends of a range of as-of dates, each as [`as_of`] takes it.
///
/// # Errors
/// [`Error::Usage`] where one of them is no date up to today, or the range ends before it begins.
pub fn range(job: &Job, given: &str) -> Result<(Day, Day)> {
    let Some((from, to)) = given.split_once(RANGE) else {
        let problem = Problem::new("--step", format!("is for a range of as-of dates, and `{given}` is none"));
        return Err(Error::Usage(vec![problem.help("give the range with --as-of, as 2024-01-31..2026-11-30")]));
    };
    let (from, to) = (as_of(job, Some(from))?, as_of(job, Some(to))?);
    if from > to {
        let problem = Problem::new("--as-of", format!("the range ends at {}, before it begins at {}", iso(to), iso(from)));
        return Err(Error::Usage(vec![problem.help("give the earlier date first")]));
    }
    Ok((from, to))
}
