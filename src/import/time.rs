//! Reads times as exports write them, as local times in microseconds since 1970-01-01.

use calamine::{ExcelDateTime, ExcelDateTimeType};

use super::redaction::redacted;
use super::row::{Cell, plain};
use crate::spec::DAY_MICROSECONDS;
use crate::spec::period::day_of;

/// What a message says where a cell is not a time.
pub const EXPECTED: &str = "a date such as 2026-11-21, 2026/1/5 or 2026年1月5日, with or without a time, is expected";

/// Serial numbers of spreadsheets for 1982-02-18 and 2119-01-08: a bare number between them is read as a time.
const SERIALS: std::ops::Range<f64> = 30_000.0..80_000.0;

/// The time of a cell; `None` where it is empty.
///
/// # Errors
/// What was found, where it is not a time.
pub fn time(cell: &Cell) -> Result<Option<i64>, String> {
    let found = |text: &str| format!("{}: {EXPECTED}", redacted(text));
    match cell {
        Cell::Empty => Ok(None),
        Cell::Time(micros) => Ok(Some(*micros)),
        Cell::Number(number) => of_number(*number).map(Some).ok_or_else(|| found(&number.to_string())),
        Cell::Fault(text) => Err(found(text)),
        Cell::Text(text) => {
            let text = plain(text);
            // Exports write 0000-00-00 and 0001-01-01 for "none".
            let is_none = matches!(text, "" | "-" | "--" | "null" | "NULL" | "无") || text.starts_with("000");
            if is_none { Ok(None) } else { parse(text).map(Some).ok_or_else(|| found(text)) }
        }
    }
}

/// A time of a workbook, to the millisecond as spreadsheets keep it.
pub fn of_serial(serial: ExcelDateTime) -> Option<i64> {
    let (year, month, day, hour, minute, second, milli) = serial.to_ymd_hms_milli();
    let day = i64::from(day_of(i32::from(year), i32::from(month), i32::from(day))?);
    let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second);
    Some(day * DAY_MICROSECONDS + (seconds * 1_000 + i64::from(milli)) * 1_000)
}

fn of_number(number: f64) -> Option<i64> {
    if SERIALS.contains(&number) {
        return of_serial(ExcelDateTime::new(number, ExcelDateTimeType::DateTime, false));
    }
    // 20260105, a date written as one number.
    (number.fract() == 0.0 && (19_700_101.0..100_000_000.0).contains(&number)).then(|| parse(&number.to_string()))?
}

/// A date and, after a blank or a `T`, a time of day.
fn parse(text: &str) -> Option<i64> {
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && text.matches('.').count() < 2 {
        if text.len() == 8 && !text.contains('.') {
            let (year, rest) = text.split_at_checked(4)?;
            let (month, day) = rest.split_at_checked(2)?;
            return Some(i64::from(date([year, month, day])?) * DAY_MICROSECONDS);
        }
        return of_number(text.parse().ok().filter(|number| SERIALS.contains(number))?);
    }
    let (day, clock) = match text.split_once([' ', 'T', '日', '\u{a0}']) {
        Some((day, clock)) => (day, clock.trim()),
        None => (text, ""),
    };
    let mut parts = day.split(['-', '/', '.', '年', '月']);
    let day = date([parts.next()?, parts.next()?, parts.next()?])?;
    if parts.next().is_some() {
        return None;
    }
    let clock = if clock.is_empty() { 0 } else { time_of_day(clock)? };
    Some(i64::from(day) * DAY_MICROSECONDS + clock)
}

/// Year, month and day; `None` before 1970, because shops had no orders then.
fn date([year, month, day]: [&str; 3]) -> Option<i32> {
    if year.len() != 4 {
        return None;
    }
    day_of(number(year, 4)?, number(month, 2)?, number(day, 2)?).filter(|day| *day >= 0)
}

/// `H:MM`, `H:MM:SS` and fractions of the second, in microseconds.
fn time_of_day(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = clock.split([':', '：']);
    let mut next = |limit: i32| parts.next().map(|part| number(part, 2).filter(|value| *value < limit));
    let (hour, minute, second) = (next(24)??, next(60)??, next(60).unwrap_or(Some(0))?);
    if parts.next().is_some() || fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let micros: i64 = if fraction.is_empty() { 0 } else { format!("{fraction:0<6}").get(..6)?.parse().ok()? };
    Some(i64::from((hour * 60 + minute) * 60 + second) * 1_000_000 + micros)
}

/// A whole number of at most `digits` digits.
fn number(text: &str, digits: usize) -> Option<i32> {
    (1..=digits).contains(&text.len()).then_some(())?;
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::iso_time;

    fn read(text: &str) -> String {
        time(&Cell::Text(text.to_owned())).map_or_else(|found| found, |time| time.map_or("none".to_owned(), iso_time))
    }

    #[test]
    fn dates_in_the_forms_that_exports_have() {
        for text in [
            "2026-01-05 09:08:07",
            "2026/1/5 9:08:07",
            "2026.01.05 09:08:07",
            "2026年1月5日 9:08:07",
            "2026年01月05日09:08:07",
            "2026-01-05T09:08:07",
            "2026-01-05 09:08:07.9",
            "=\"2026-01-05 09:08:07\"",
            " 2026-1-5  9:8:7 ",
        ] {
            assert_eq!(read(text), "2026-01-05 09:08:07", "{text}");
        }
        for text in ["2026-01-05", "2026/1/5", "20260105", "2026年1月5日", "2026-01-05 0:00", "46027", "46027.0"] {
            assert_eq!(read(text), "2026-01-05 00:00:00", "{text}");
        }
        for text in ["", "-", "--", "0000-00-00 00:00:00", "0001-01-01 00:00:00", "无"] {
            assert_eq!(read(text), "none", "{text}");
        }
    }

    #[test]
    fn what_is_not_a_time_is_refused() {
        for text in
            ["昨天", "2026-02-30", "2026-01-05 25:00", "05-01-2026", "2026-01", "1/5/2026", "2026-01-01~2026-01-31", "12", "1969-12-31"]
        {
            assert!(read(text).contains(EXPECTED), "{text}: {}", read(text));
        }
    }

    #[test]
    fn serial_numbers_of_spreadsheets() {
        // Day 43466 is 2019-01-01; 0.75 of a day is 18 o'clock.
        assert_eq!(time(&Cell::Number(43_466.75)).unwrap().map(iso_time), Some("2019-01-01 18:00:00".to_owned()));
        assert_eq!(time(&Cell::Number(20_190_101.0)).unwrap().map(iso_time), Some("2019-01-01 00:00:00".to_owned()));
        assert!(time(&Cell::Number(3.0)).is_err());
        assert!(time(&Cell::Number(f64::NAN)).is_err());
        // Since 1904: 1462 days less.
        let mac = ExcelDateTime::new(43_466.0 - 1_462.0, ExcelDateTimeType::DateTime, true);
        assert_eq!(of_serial(mac).map(iso_time), Some("2019-01-01 00:00:00".to_owned()));
    }
}
