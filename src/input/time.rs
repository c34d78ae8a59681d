//! Time cells as local wall-clock time in microseconds.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::ScalarBuffer;
use arrow::compute::cast;
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Date64Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow::util::display::array_value_to_string;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::cells;
use super::fault::Faults;
use super::text::Texts;
use crate::spec::period::parse_day;
use crate::spec::{DAY_MICROSECONDS, NO_TIME};

/// The job's timezone, with the offset around the last instant that was converted.
#[derive(Debug, Clone)]
pub struct Clock {
    zone: TimeZone,
    from: i64,
    until: i64,
    offset: i64,
}

impl Clock {
    /// The clock of a timezone.
    pub fn new(zone: TimeZone) -> Self {
        Clock { zone, from: 0, until: 0, offset: 0 }
    }

    /// The local wall-clock time, in microseconds, of an instant in microseconds since 1970-01-01 UTC.
    #[inline]
    fn local(&mut self, instant: i64) -> Option<i64> {
        if !(self.from..self.until).contains(&instant) {
            let timestamp = Timestamp::from_microsecond(instant).ok()?;
            self.offset = i64::from(self.zone.to_offset(timestamp).seconds()) * 1_000_000;
            self.from = instant;
            // Beyond the last moment of the calendar there is no offset, whatever was converted before.
            let last = Timestamp::MAX.as_microsecond();
            self.until = self.zone.following(timestamp).next().map_or(last, |transition| transition.timestamp().as_microsecond());
        }
        instant.checked_add(self.offset)
    }
}

/// The times of a column; null is [`NO_TIME`]. So is a value that is not a time, which is recorded as a fault.
///
/// Times before 1970-01-01 are faults too: shops had no orders then, and exports write 0001-01-01 for "none".
pub fn times(array: &ArrayRef, clock: &mut Clock, column: &'static str, faults: &mut Faults) -> ScalarBuffer<i64> {
    let times = match array.data_type() {
        DataType::Timestamp(_, Some(_)) => stamps(array, |time| clock.local(time)),
        _ => stamps(array, Some),
    };
    let Some(times) = times else { return texts(array, column, faults) };
    if times.iter().filter(|time| **time < 0).count() == array.null_count() {
        return times;
    }
    for (row, _) in times.iter().enumerate().filter(|(row, time)| **time < 0 && array.is_valid(*row)) {
        note(array, row, column, faults);
    }
    times.iter().map(|time| if *time < 0 { NO_TIME } else { *time }).collect()
}

/// The times of a column as moments, which never run backwards as wall clocks do in autumn: in microseconds as in the file, whatever
/// their zone. Null is [`NO_TIME`], and so is a value that is not a time.
pub fn instants(array: &ArrayRef) -> ScalarBuffer<i64> {
    let times = stamps(array, Some).unwrap_or_else(|| vec![NO_TIME; array.len()].into());
    if times.iter().all(|time| *time >= 0) {
        return times;
    }
    times.iter().map(|time| if *time < 0 { NO_TIME } else { *time }).collect()
}

/// The timestamps or dates of an array in microseconds, converted by `local`. Null is [`NO_TIME`], and a moment without a local time is
/// negative. `None` for an array of another type.
fn stamps(array: &ArrayRef, mut local: impl FnMut(i64) -> Option<i64>) -> Option<ScalarBuffer<i64>> {
    fn walk<T: ArrowPrimitiveType>(array: &ArrayRef, mut micros: impl FnMut(T::Native) -> Option<i64>) -> ScalarBuffer<i64> {
        cells::converted(array.as_primitive::<T>(), NO_TIME, |value| micros(value).unwrap_or(NO_TIME))
    }
    Some(match array.data_type() {
        DataType::Timestamp(TimeUnit::Second, _) => walk::<TimestampSecondType>(array, |value| local(value.checked_mul(1_000_000)?)),
        DataType::Timestamp(TimeUnit::Millisecond, _) => walk::<TimestampMillisecondType>(array, |value| local(value.checked_mul(1_000)?)),
        DataType::Timestamp(TimeUnit::Microsecond, None) => cells::filled(array.as_primitive::<TimestampMicrosecondType>(), NO_TIME),
        DataType::Timestamp(TimeUnit::Microsecond, _) => walk::<TimestampMicrosecondType>(array, local),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => walk::<TimestampNanosecondType>(array, |value| local(value.div_euclid(1_000))),
        DataType::Date32 => walk::<Date32Type>(array, |day| i64::from(day).checked_mul(DAY_MICROSECONDS)),
        DataType::Date64 => walk::<Date64Type>(array, |value| value.checked_mul(1_000)),
        _ => return None,
    })
}

/// The times of a column of text; an empty text counts as null.
fn texts(array: &ArrayRef, column: &'static str, faults: &mut Faults) -> ScalarBuffer<i64> {
    let Some(texts) = Texts::of(array) else { return vec![NO_TIME; array.len()].into() };
    let time = |row: usize| match texts.get(row).filter(|text| !text.is_empty()).map(parse) {
        None => NO_TIME,
        Some(Some(time)) if time >= 0 => time,
        Some(_) => {
            note(array, row, column, faults);
            NO_TIME
        }
    };
    (0..texts.len()).map(time).collect()
}

fn note(array: &ArrayRef, row: usize, column: &'static str, faults: &mut Faults) {
    faults.note(row, column, || format!("{}: a time from 1970-01-01 on is expected, text as YYYY-MM-DD HH:MM:SS", show(array, row)));
}

/// `YYYY-MM-DD`, `YYYY-MM-DD HH:MM`, `YYYY-MM-DD HH:MM:SS[.ffffff]`, with a blank or a `T` between.
fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let day = i64::from(parse_day(text.get(..10)?)?) * DAY_MICROSECONDS;
    let rest = text.get(10..)?;
    if rest.is_empty() {
        return Some(day);
    }
    let clock = rest.strip_prefix([' ', 'T'])?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.split(':');
    let mut next = |limit: i64| -> Option<i64> {
        let part = parts.next()?;
        let value: i64 = (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())??;
        (value < limit).then_some(value)
    };
    let (hour, minute) = (next(24)?, next(60)?);
    let second = if clock.len() > 5 { next(60)? } else { 0 };
    if parts.next().is_some() || fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let micros: i64 = if fraction.is_empty() { 0 } else { format!("{fraction:0<6}").get(..6)?.parse().ok()? };
    Some(day + ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros)
}

fn show(array: &ArrayRef, row: usize) -> String {
    // A moment beyond the calendar is shown as a number.
    let as_time = || array_value_to_string(array, row).ok().filter(|text| !text.starts_with("ERROR"));
    let as_number = || array_value_to_string(&cast(&array.slice(row, 1), &DataType::Int64).ok()?, 0).ok();
    format!("`{}`", as_time().or_else(as_number).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int64Array, StringArray, TimestampMillisecondArray, TimestampSecondArray};
    use std::sync::Arc;

    fn read(array: ArrayRef, zone: &str) -> (ScalarBuffer<i64>, usize) {
        let mut faults = Faults::default();
        let zone = jiff::tz::db().get(zone).unwrap();
        (times(&array, &mut Clock::new(zone), "created_at", &mut faults), faults.by_row().len())
    }

    #[test]
    fn a_zone_is_converted_and_none_is_local() {
        let utc = TimestampSecondArray::from(vec![1_511_568_000]); // 2017-11-25 00:00:00 UTC
        let local = read(Arc::new(utc.clone().with_timezone("UTC")), "Asia/Shanghai").0[0];
        assert_eq!(local, (1_511_568_000 + 8 * 3_600) * 1_000_000);
        assert_eq!(read(Arc::new(utc), "Asia/Shanghai").0[0], 1_511_568_000 * 1_000_000);
    }

    #[test]
    fn the_offset_changes_with_the_season() {
        // New York: -5 h on 2026-01-15, -4 h on 2026-07-15, and back; noon UTC each.
        let noons = TimestampMillisecondArray::from(vec![1_768_478_400_000, 1_784_116_800_000, 1_768_478_400_000]).with_timezone("UTC");
        let hours: Vec<i64> =
            read(Arc::new(noons), "America/New_York").0.iter().map(|time| time.rem_euclid(DAY_MICROSECONDS) / 3_600_000_000).collect();
        assert_eq!(hours, [7, 8, 7]);
    }

    #[test]
    fn text_in_the_forms_that_exports_have() {
        let texts = StringArray::from(vec![
            Some("1970-01-02"),
            Some("1970-01-01 00:00:01"),
            Some("1970-01-01T00:01"),
            Some("1970-01-01 00:00:00.5"),
            None,
            Some(""),
            Some("1970-01-01 24:00:00"),
            Some("1970-02-30"),
            Some("0001-01-01"),
            Some("yesterday"),
        ]);
        let (times, faults) = read(Arc::new(texts), "UTC");
        assert_eq!(times[..6], [DAY_MICROSECONDS, 1_000_000, 60_000_000, 500_000, NO_TIME, NO_TIME]);
        assert_eq!(faults, 4);
        assert_eq!(read(Arc::new(Int64Array::from(vec![1])), "UTC").0, [NO_TIME]);
    }
}
