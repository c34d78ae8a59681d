//! The clock of a timezone: from moments to what it shows, and back.

use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::spec::DAY_MICROSECONDS;

/// A timezone, with the offset around the last moment that was converted.
#[derive(Debug, Clone)]
pub struct Clock {
    zone: TimeZone,
    from: i64,
    until: i64,
    offset: i64,
}

/// The last moment that exports write, in microseconds: 9999-12-31 23:59:59.999999 UTC. The calendar of offsets ends a day before it.
const LAST: i64 = 253_402_300_799_999_999;

impl Clock {
    /// The clock of a timezone.
    pub fn new(zone: TimeZone) -> Self {
        Clock { zone, from: 0, until: 0, offset: 0 }
    }

    /// What the clock shows at a moment, both in microseconds since 1970-01-01. `None` beyond the calendar.
    #[inline]
    pub fn shows(&mut self, moment: i64) -> Option<i64> {
        if !(self.from..self.until).contains(&moment) {
            let last = Timestamp::MAX.as_microsecond();
            if (last..=LAST).contains(&moment) {
                return moment.checked_add(self.offset_at(Timestamp::MAX));
            }
            let timestamp = Timestamp::from_microsecond(moment).ok()?;
            self.offset = self.offset_at(timestamp);
            self.from = moment;
            // Beyond the last moment of the calendar there is no offset, whatever was converted before.
            self.until = self.zone.following(timestamp).next().map_or(last, |transition| transition.timestamp().as_microsecond());
        }
        moment.checked_add(self.offset)
    }

    /// The moment at which the clock shows a time, both in microseconds since 1970-01-01: the first of two in autumn, and the moment of the
    /// change for a time that is skipped in spring, so that later times are never earlier moments. `None` beyond the calendar.
    #[inline]
    pub fn moment(&mut self, shown: i64) -> Option<i64> {
        let guess = shown.checked_sub(self.offset)?;
        // No offset changes by a day: far from the changes there is one moment only.
        if (self.from.saturating_add(DAY_MICROSECONDS)..self.until.saturating_sub(DAY_MICROSECONDS)).contains(&guess) {
            return Some(guess);
        }
        if shown > Timestamp::MAX.as_microsecond() {
            return if shown <= LAST { shown.checked_sub(self.offset_at(Timestamp::MAX)) } else { None };
        }
        let civil = TimeZone::UTC.to_datetime(Timestamp::from_microsecond(shown).ok()?);
        let ambiguous = self.zone.to_ambiguous_timestamp(civil);
        let micros = |offset: jiff::tz::Offset| i64::from(offset.seconds()) * 1_000_000;
        let moment = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { offset } => shown.checked_sub(micros(offset))?,
            AmbiguousOffset::Fold { before, .. } => shown.checked_sub(micros(before))?,
            AmbiguousOffset::Gap { after, .. } => {
                let earlier = Timestamp::from_microsecond(shown.checked_sub(micros(after))?).ok()?;
                self.zone.following(earlier).next().map(|transition| transition.timestamp().as_microsecond())?
            }
        };
        // Keeps the offset for the next time.
        self.shows(moment);
        Some(moment)
    }

    fn offset_at(&self, timestamp: Timestamp) -> i64 {
        i64::from(self.zone.to_offset(timestamp).seconds()) * 1_000_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(zone: &str) -> Clock {
        Clock::new(jiff::tz::db().get(zone).unwrap())
    }

    fn micros(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_microsecond()
    }

    #[test]
    fn moments_and_times_in_summer_and_winter() {
        // New York: -5 h in winter, -4 h in summer.
        let mut clock = clock("America/New_York");
        for (moment, shown) in [
            ("2026-01-15T12:00:00Z", "2026-01-15T07:00:00Z"),
            ("2026-07-15T12:00:00Z", "2026-07-15T08:00:00Z"),
            ("2026-01-15T12:00:00Z", "2026-01-15T07:00:00Z"),
            ("1990-07-15T12:00:00Z", "1990-07-15T08:00:00Z"),
        ] {
            assert_eq!(clock.shows(micros(moment)), Some(micros(shown)));
            assert_eq!(clock.moment(micros(shown)), Some(micros(moment)));
        }
    }

    #[test]
    fn the_hours_of_the_change() {
        // On 2026-03-08 02:00 became 03:00 (07:00 UTC); on 2026-11-01 02:00 became 01:00 (06:00 UTC), so 01:30 comes twice.
        let mut clock = clock("America/New_York");
        assert_eq!(clock.moment(micros("2026-03-08T02:30:00Z")), Some(micros("2026-03-08T07:00:00Z")));
        assert_eq!(clock.moment(micros("2026-03-08T03:30:00Z")), Some(micros("2026-03-08T07:30:00Z")));
        assert_eq!(clock.moment(micros("2026-11-01T01:30:00Z")), Some(micros("2026-11-01T05:30:00Z")));
        assert_eq!(clock.shows(micros("2026-11-01T05:30:00Z")), clock.shows(micros("2026-11-01T06:30:00Z")));
    }

    #[test]
    fn the_years_that_stand_for_never() {
        let mut clock = clock("Asia/Shanghai");
        let never = micros("9999-12-30T12:00:00Z") + DAY_MICROSECONDS;
        assert_eq!(clock.shows(never), Some(never + 8 * 3_600_000_000));
        assert_eq!(clock.moment(never), Some(never - 8 * 3_600_000_000));
        assert_eq!([clock.shows(LAST + 1), clock.moment(LAST + 1), clock.shows(i64::MAX), clock.shows(i64::MIN)], [None; 4]);
    }
}
