//! Waits: how many orders waited how long, and whether what they waited for came: counts on a scale that grows coarser.
//!
//! Exact seconds of millions of orders would be millions of numbers; nobody asks for the second of a wait of days. So a wait of hours lies
//! on a scale of ticks, rounded down: seconds within the first hour, minutes within the first 48, hours beyond. That is some 6,400 ticks
//! and one more an hour, whatever the number of orders.

use super::sparse_tally::SparseLine;

/// Seconds in a minute.
const MINUTE: i64 = 60;
/// Seconds in an hour, and the ticks of the first hour.
const HOUR: i64 = 60 * MINUTE;
/// Seconds to the first tick of a whole hour.
const BY_HOURS: i64 = 48 * HOUR;
/// The tick of [`BY_HOURS`].
const HOUR_TICKS: i64 = HOUR + (BY_HOURS - HOUR) / MINUTE;

/// The tick in which a number of seconds lies; a negative one counts as none.
pub fn tick_of(seconds: i64) -> i32 {
    let tick = match seconds.max(0) {
        seconds if seconds < HOUR => seconds,
        seconds if seconds < BY_HOURS => HOUR + (seconds - HOUR) / MINUTE,
        seconds => HOUR_TICKS + (seconds - BY_HOURS) / HOUR,
    };
    i32::try_from(tick).unwrap_or(i32::MAX)
}

/// The least number of seconds of a tick.
pub fn seconds_of(tick: i32) -> i64 {
    match i64::from(tick) {
        tick if tick < HOUR => tick,
        tick if tick < HOUR_TICKS => HOUR + (tick - HOUR) * MINUTE,
        tick => BY_HOURS + (tick - HOUR_TICKS) * HOUR,
    }
}

/// The waits of a tick: how many ended there, and how many were last seen there.
pub type WaitCounts = [u32; 2];

/// Counts by tick: those that occur and no others, since few orders lie far apart.
pub type Waits = SparseLine<2>;

impl Waits {
    /// Counts a wait that ended.
    #[inline]
    pub fn ended(&mut self, tick: i32) {
        self.add(tick, [1, 0]);
    }

    /// Counts a wait that had not ended when it was last seen.
    #[inline]
    pub fn lasts(&mut self, tick: i32) {
        self.add(tick, [0, 1]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sparse_tally::counted;
    use super::*;

    #[test]
    fn the_scale_by_hand() {
        let ticks = [0, 3_599, 3_600, 3_659, 3_660, 48 * 3_600 - 1, 48 * 3_600, 49 * 3_600 - 1, 49 * 3_600].map(tick_of);
        // 47 hours of minutes are 2,820 ticks.
        assert_eq!(ticks, [0, 3_599, 3_600, 3_600, 3_601, 6_419, 6_420, 6_420, 6_421]);
        assert_eq!([0, 3_599, 3_600, 3_601, 6_419, 6_420, 6_421].map(seconds_of), [0, 3_599, 3_600, 3_660, 172_740, 172_800, 176_400]);
        assert_eq!(tick_of(-5), 0);
    }

    #[test]
    fn counts_lie_where_they_were_counted() {
        let mut waits = Waits::default();
        [700, 3, 700].into_iter().for_each(|tick| waits.ended(tick));
        [700, 64].into_iter().for_each(|tick| waits.lasts(tick));
        assert_eq!(counted([&waits].into_iter()), [(3, [1, 0]), (64, [0, 1]), (700, [2, 1])]);
    }

    proptest! {
        #[test]
        fn a_tick_begins_not_after_what_lies_in_it_and_the_next_one_after_it(seconds in 0..40_000_000_i64) {
            let tick = tick_of(seconds);
            prop_assert!(seconds_of(tick) <= seconds && seconds < seconds_of(tick + 1));
        }
    }
}
