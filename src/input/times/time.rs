//! Time cells in microseconds: what the clock of the job's timezone shows, and the moments at which it does.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::ScalarBuffer;
use arrow::compute::cast;
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Date64Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow::util::display::array_value_to_string;

use super::clock::Clock;
use super::time_text::{TextTime, parse};
use crate::input::values::cells;
use crate::input::values::fault::Faults;
use crate::input::values::text::Texts;
use crate::job::WallClock;
use crate::spec::{DAY_MICROSECONDS, NO_TIME};

/// The times of a column; null is [`NO_TIME`] in both.
pub struct Moments {
    /// What the clock of the job's timezone shows.
    pub local: ScalarBuffer<i64>,
    /// The moments, which never run backwards as clocks do in autumn; the same as `local` where nothing asks for moments.
    pub moments: ScalarBuffer<i64>,
}

/// How a column of times is to be read.
pub struct TimeColumn<'a> {
    /// Its standard name.
    pub name: &'static str,
    /// The clock that times without a zone show.
    pub shown: &'a WallClock,
    /// Whether moments are asked for.
    pub as_moments: bool,
}

impl TimeColumn<'_> {
    /// The times of the column. A value that is not a time is [`NO_TIME`] and recorded as a fault.
    ///
    /// Times before 1970-01-01 are faults too: shops had no orders then, and exports write 0001-01-01 for "none".
    pub fn read(&self, array: &ArrayRef, clock: &mut Clock, faults: &mut Faults) -> Moments {
        let mut other = if let WallClock::Zone(zone) = self.shown { Some(Clock::new(zone.clone())) } else { None };
        let Some(stored) = stamps(array) else { return self.texts(array, clock, other, faults) };
        let is_day = matches!(array.data_type(), DataType::Date32 | DataType::Date64);
        let (mut local, mut moments) = match self.shown {
            WallClock::Utc if !is_day => (each(&stored, |moment| clock.shows(moment)), stored),
            WallClock::Zone(_) if !is_day => {
                let moments = each(&stored, |shown| other.as_mut().and_then(|other| other.moment(shown)));
                (each(&moments, |moment| clock.shows(moment)), moments)
            }
            _ if self.as_moments => {
                let moments = each(&stored, |shown| clock.moment(shown));
                (stored, moments)
            }
            _ => (stored.clone(), stored),
        };
        if local.iter().filter(|time| **time < 0).count() != array.null_count() {
            for (row, _) in local.iter().enumerate().filter(|(row, time)| **time < 0 && array.is_valid(*row)) {
                note(array, row, self.name, faults);
            }
            moments = local.iter().zip(&moments).map(|(local, moment)| if *local < 0 { NO_TIME } else { *moment }).collect();
            local = local.iter().map(|time| if *time < 0 { NO_TIME } else { *time }).collect();
        }
        let moments = if self.as_moments { moments } else { local.clone() };
        Moments { local, moments }
    }

    /// The times of a column of text; an empty text counts as null.
    fn texts(&self, array: &ArrayRef, clock: &mut Clock, mut other: Option<Clock>, faults: &mut Faults) -> Moments {
        let Some(texts) = Texts::of(array) else {
            let none: ScalarBuffer<i64> = vec![NO_TIME; array.len()].into();
            return Moments { local: none.clone(), moments: none };
        };
        let mut moments = Vec::with_capacity(if self.as_moments { texts.len() } else { 0 });
        let mut time = |row: usize| -> i64 {
            let Some(text) = texts.get(row).filter(|text| !text.is_empty()) else {
                moments.extend(self.as_moments.then_some(NO_TIME));
                return NO_TIME;
            };
            let read = parse(text).and_then(|time| {
                Some(match (time, self.shown) {
                    (TextTime::Moment(moment), _) | (TextTime::Shown(moment), WallClock::Utc) => (clock.shows(moment)?, moment),
                    (TextTime::Shown(shown), WallClock::Zone(_)) => {
                        let moment = other.as_mut()?.moment(shown)?;
                        (clock.shows(moment)?, moment)
                    }
                    (TextTime::Day(shown) | TextTime::Shown(shown), _) if self.as_moments => (shown, clock.moment(shown)?),
                    (TextTime::Day(shown) | TextTime::Shown(shown), _) => (shown, shown),
                })
            });
            let (local, moment) = read.filter(|(local, _)| *local >= 0).unwrap_or_else(|| {
                note(array, row, self.name, faults);
                (NO_TIME, NO_TIME)
            });
            moments.extend(self.as_moments.then_some(moment));
            local
        };
        let local: ScalarBuffer<i64> = (0..texts.len()).map(&mut time).collect();
        Moments { moments: if self.as_moments { moments.into() } else { local.clone() }, local }
    }
}

/// Whether the values of a type may be moments, whatever the job says: times of a type with a zone, and texts, which may name theirs.
pub(in crate::input) fn may_be_moments(data_type: &DataType) -> bool {
    match data_type {
        DataType::Timestamp(_, zone) => zone.is_some(),
        DataType::Dictionary(_, values) => may_be_moments(values),
        other => matches!(other, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View),
    }
}

/// Whether the type of a column has a zone.
pub fn has_zone(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Timestamp(_, Some(_)))
}

/// The values converted one by one; [`NO_TIME`] stays, and takes the place of what cannot be converted.
fn each(times: &ScalarBuffer<i64>, mut convert: impl FnMut(i64) -> Option<i64>) -> ScalarBuffer<i64> {
    times.iter().map(|time| if *time == NO_TIME { NO_TIME } else { convert(*time).unwrap_or(NO_TIME) }).collect()
}

/// The timestamps or dates of an array in microseconds, as they are stored. Null is [`NO_TIME`], and so is what 64 bits do not hold.
/// `None` for an array of another type.
pub(in crate::input) fn stamps(array: &ArrayRef) -> Option<ScalarBuffer<i64>> {
    fn walk<T: ArrowPrimitiveType>(array: &ArrayRef, micros: impl Fn(T::Native) -> Option<i64>) -> ScalarBuffer<i64> {
        cells::converted(array.as_primitive::<T>(), NO_TIME, |value| micros(value).unwrap_or(NO_TIME))
    }
    Some(match array.data_type() {
        DataType::Timestamp(TimeUnit::Second, _) => walk::<TimestampSecondType>(array, |value| value.checked_mul(1_000_000)),
        DataType::Timestamp(TimeUnit::Millisecond, _) => walk::<TimestampMillisecondType>(array, |value| value.checked_mul(1_000)),
        DataType::Timestamp(TimeUnit::Microsecond, _) => cells::filled(array.as_primitive::<TimestampMicrosecondType>(), NO_TIME),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => walk::<TimestampNanosecondType>(array, |value| Some(value.div_euclid(1_000))),
        DataType::Date32 => walk::<Date32Type>(array, |day| i64::from(day).checked_mul(DAY_MICROSECONDS)),
        DataType::Date64 => walk::<Date64Type>(array, |value| value.checked_mul(1_000)),
        _ => return None,
    })
}

fn note(array: &ArrayRef, row: usize, column: &'static str, faults: &mut Faults) {
    faults.note(row, column, || format!("{}: a time from 1970-01-01 on is expected, text as YYYY-MM-DD HH:MM:SS", show(array, row)));
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
    use arrow::array::{Date32Array, Int64Array, StringArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampSecondArray};
    use jiff::tz::TimeZone;
    use std::sync::Arc;

    const SECOND: i64 = 1_000_000;
    const HOUR: i64 = 3_600 * SECOND;

    fn zone(name: &str) -> TimeZone {
        jiff::tz::db().get(name).unwrap()
    }

    fn moments(array: ArrayRef, zone: &str, shown: &WallClock) -> (Moments, usize) {
        let mut faults = Faults::default();
        let mut clock = Clock::new(self::zone(zone));
        (TimeColumn { name: "created_at", shown, as_moments: true }.read(&array, &mut clock, &mut faults), faults.by_row().len())
    }

    fn read(array: ArrayRef, zone: &str) -> (ScalarBuffer<i64>, usize) {
        let mut faults = Faults::default();
        let mut clock = Clock::new(self::zone(zone));
        let shown = if has_zone(array.data_type()) { WallClock::Utc } else { WallClock::Local };
        let column = TimeColumn { name: "created_at", shown: &shown, as_moments: false };
        (column.read(&array, &mut clock, &mut faults).local, faults.by_row().len())
    }

    #[test]
    fn a_zone_is_converted_and_none_is_local() {
        let utc = TimestampSecondArray::from(vec![1_511_568_000]); // 2017-11-25 00:00:00 UTC
        let local = read(Arc::new(utc.clone().with_timezone("UTC")), "Asia/Shanghai").0[0];
        assert_eq!(local, (1_511_568_000 + 8 * 3_600) * SECOND);
        assert_eq!(read(Arc::new(utc), "Asia/Shanghai").0[0], 1_511_568_000 * SECOND);
    }

    #[test]
    fn the_offset_changes_with_the_season() {
        // New York: -5 h on 2026-01-15, -4 h on 2026-07-15, and back; noon UTC each.
        let noons = TimestampMillisecondArray::from(vec![1_768_478_400_000, 1_784_116_800_000, 1_768_478_400_000]).with_timezone("UTC");
        let hours: Vec<i64> =
            read(Arc::new(noons), "America/New_York").0.iter().map(|time| time.rem_euclid(DAY_MICROSECONDS) / HOUR).collect();
        assert_eq!(hours, [7, 8, 7]);
    }

    #[test]
    fn whose_clock_a_time_shows() {
        // 10:00 on 1970-01-02: the same value on the clocks of Shanghai (UTC+8), of UTC and of Tokyo (UTC+9), read in Shanghai.
        let stored: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![Some(34 * HOUR), None]));
        let text: ArrayRef = Arc::new(StringArray::from(vec![Some("1970-01-02 10:00"), None]));
        for array in [stored, text] {
            for (shown, local, moment) in
                [(WallClock::Local, 34, 26), (WallClock::Utc, 42, 34), (WallClock::Zone(zone("Asia/Tokyo")), 33, 25)]
            {
                let (Moments { local: found, moments }, faults) = moments(Arc::clone(&array), "Asia/Shanghai", &shown);
                assert_eq!((found[0], moments[0], found[1], moments[1]), (local * HOUR, moment * HOUR, NO_TIME, NO_TIME), "{shown:?}");
                assert_eq!(faults, 0);
            }
        }
        // A text that names its zone is of that zone; a day has none.
        let text: ArrayRef = Arc::new(StringArray::from(vec!["1970-01-02T10:00:00Z", "1970-01-02 18:00:00 +0800", "1970-01-02"]));
        for shown in [WallClock::Local, WallClock::Utc, WallClock::Zone(zone("Asia/Tokyo"))] {
            let (found, faults) = moments(Arc::clone(&text), "Asia/Shanghai", &shown);
            assert_eq!((&found.local[..], &found.moments[..2], faults), (&[42 * HOUR, 42 * HOUR, 24 * HOUR][..], &[34 * HOUR; 2][..], 0));
            let day: ArrayRef = Arc::new(Date32Array::from(vec![1]));
            assert_eq!(moments(day, "America/New_York", &shown).0.local[0], 24 * HOUR);
        }
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
