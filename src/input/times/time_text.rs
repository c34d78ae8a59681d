//! Times as text: ISO 8601 and the forms of databases, with a zone or without.

use jiff::tz::TimeZoneDatabase;

use super::clock::Clock;
use crate::spec::DAY_MICROSECONDS;
use crate::spec::period::parse_day;

/// What a text says of a time, in microseconds since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::input) enum TextTime {
    /// A day without a time, which has no zone.
    Day(i64),
    /// What a clock shows, and not whose clock it is.
    Shown(i64),
    /// A moment: the text names its zone.
    Moment(i64),
}

/// `YYYY-MM-DD`, `YYYY-MM-DD HH:MM`, `YYYY-MM-DD HH:MM:SS[.fffffffff]`, with a blank or a `T` between; behind the time a zone.
pub(in crate::input) fn parse(text: &str) -> Option<TextTime> {
    let text = text.trim();
    let day = i64::from(parse_day(text.get(..10)?)?) * DAY_MICROSECONDS;
    let rest = text.get(10..)?;
    if rest.is_empty() {
        return Some(TextTime::Day(day));
    }
    let rest = rest.strip_prefix([' ', 'T', 't'])?;
    let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != ':' && letter != '.').unwrap_or(rest.len());
    let (clock, zone) = rest.split_at_checked(end)?;
    let shown = day + time_of_day(clock)?;
    match zone.trim_start() {
        "" => Some(TextTime::Shown(shown)),
        zone => moment(shown, zone).map(TextTime::Moment),
    }
}

/// `HH:MM`, `HH:MM:SS[.fffffffff]` in microseconds.
fn time_of_day(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = clock.split(':');
    let mut next = |limit: i64| -> Option<i64> { parts.next().and_then(|part| two_digits(part, limit)) };
    let (hour, minute) = (next(24)?, next(60)?);
    let second = if clock.len() > 5 { next(60)? } else { 0 };
    if parts.next().is_some() || fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let micros: i64 = if fraction.is_empty() { 0 } else { format!("{fraction:0<6}").get(..6)?.parse().ok()? };
    Some(((hour * 60 + minute) * 60 + second) * 1_000_000 + micros)
}

fn two_digits(part: &str, limit: i64) -> Option<i64> {
    let value: i64 = (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())??;
    (value < limit).then_some(value)
}

/// The moment at which a clock of that zone shows a time: `Z`, `UTC`, `GMT`, `+08`, `+0800`, `+08:00`, `GMT+8`, `+08:00[Asia/Shanghai]`,
/// `Asia/Shanghai`. Letters such as CST name several zones and are not known.
fn moment(shown: i64, zone: &str) -> Option<i64> {
    // What Java writes in brackets behind an offset is the offset's zone once more.
    let (zone, name) = zone.strip_suffix(']').and_then(|zone| zone.split_once('[')).unwrap_or((zone, ""));
    let zone = if zone.is_empty() { name } else { zone };
    if zone.contains('/') {
        return Clock::new(TimeZoneDatabase::bundled().get(zone).ok()?).moment(shown);
    }
    shown.checked_sub(offset(zone)?)
}

/// A text without the zone at its end, and the offset of that zone.
pub(in crate::input) fn split(text: &str) -> Option<(&str, i64)> {
    let starts = text.char_indices().rev().take(9).map(|(at, _)| at);
    // The longest zone: `+08:00` and not `:00`, which is none.
    let zones = starts.filter_map(|at| text.split_at_checked(at).and_then(|(text, zone)| Some((text.trim_end(), offset(zone)?))));
    zones.last()
}

/// An offset from UTC in microseconds: the zone at the end of a text.
pub(in crate::input) fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z" | "UTC" | "GMT") {
        return Some(0);
    }
    let named = zone.strip_prefix("UTC").or_else(|| zone.strip_prefix("GMT"));
    let signed = named.unwrap_or(zone);
    let (sign, digits) =
        signed.strip_prefix('+').map(|digits| (1, digits)).or_else(|| signed.strip_prefix('-').map(|digits| (-1, digits)))?;
    let hour_of_one_digit;
    let digits = if named.is_some() && digits.len() == 1 {
        hour_of_one_digit = format!("0{digits}");
        &hour_of_one_digit
    } else {
        digits
    };
    let parts: Vec<&str> = if digits.contains(':') {
        digits.split(':').collect()
    } else {
        (0..digits.len()).step_by(2).map(|at| digits.get(at..at + 2)).collect::<Option<_>>()?
    };
    let (hour, minute, second) = match parts.as_slice() {
        [hour] => (two_digits(hour, 19)?, 0, 0),
        [hour, minute] => (two_digits(hour, 19)?, two_digits(minute, 60)?, 0),
        [hour, minute, second] => (two_digits(hour, 19)?, two_digits(minute, 60)?, two_digits(second, 60)?),
        _ => return None,
    };
    Some(sign * ((hour * 60 + minute) * 60 + second) * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;
    const HOUR: i64 = 3_600 * SECOND;

    #[test]
    fn zones_in_the_forms_that_systems_write() {
        // 1970-01-02 09:00:00.5 in Shanghai is 01:00:00.5 in UTC.
        let moment = Some(TextTime::Moment(25 * HOUR + SECOND / 2));
        for zone in
            ["+08", "+0800", "+08:00", " +0800", " +08:00", "+08:00:00", " GMT+8", "UTC+08:00", "+08:00[Asia/Shanghai]", " Asia/Shanghai"]
        {
            assert_eq!(parse(&format!("1970-01-02 09:00:00.5{zone}")), moment, "{zone}");
            assert_eq!(parse(&format!("1970-01-02T09:00:00.500000{zone}")), moment, "{zone}");
        }
        for zone in ["Z", "z", " UTC", " GMT", "+00", "+0000", "-00:00"] {
            assert_eq!(parse(&format!("1970-01-02T01:00:00.5{zone}")), moment, "{zone}");
        }
        assert_eq!(parse("1970-01-01T20:00-05:00"), Some(TextTime::Moment(25 * HOUR)));
        assert_eq!(parse("1970-01-02 06:30+0530"), Some(TextTime::Moment(25 * HOUR)));
        assert_eq!(parse("1970-01-02 09:00"), Some(TextTime::Shown(33 * HOUR)));
        assert_eq!(parse("1970-01-02"), Some(TextTime::Day(24 * HOUR)));
    }

    #[test]
    fn what_is_no_zone() {
        for zone in ["CST", "+8", "+080", "+25:00", "+08:60", "+", "Z8", "+08:00 x", "Nowhere/Land", "+08:00:00:00", "８", "+0８"] {
            assert_eq!(parse(&format!("2026-01-02 09:00:00{zone}")), None, "{zone}");
        }
        assert_eq!(parse("2026-01-02Z"), None);
    }
}
