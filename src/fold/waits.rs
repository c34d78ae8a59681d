//! Waits: how many orders waited how long, and whether what they waited for came: counts on a scale that grows coarser.
//!
//! Exact seconds of millions of orders would be millions of numbers; nobody asks for the second of a wait of days. So a wait of hours lies
//! on a scale of ticks, rounded down: seconds within the first hour, minutes within the first 48, hours beyond. That is some 6,400 ticks
//! and one more an hour, whatever the number of orders.

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

/// Counts in no order that are kept before they are sorted and added up.
const LOOSE: usize = 128;

/// Counts by tick: those that occur and no others, since few orders lie far apart. What is counted is appended, and sorted when it has
/// become as much as is sorted already; so an order costs no search.
#[derive(Debug, Clone, Default)]
pub struct Waits {
    counts: Vec<(i32, WaitCounts)>,
    /// How many of the first counts ascend by tick.
    ascending: usize,
}

impl Waits {
    /// Adds the counts of a tick.
    #[inline]
    pub fn add(&mut self, tick: i32, counts: WaitCounts) {
        let is_next = self.ascending == self.counts.len() && self.counts.last().is_none_or(|(last, _)| *last < tick);
        self.counts.push((tick, counts));
        if is_next {
            self.ascending += 1;
        } else if self.counts.len() - self.ascending > self.ascending.max(LOOSE) {
            add_up(&mut self.counts);
            self.ascending = self.counts.len();
        }
    }

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

/// The counts of several waits together: the ticks with a count, ascending.
pub fn counted<'a>(waits: impl Iterator<Item = &'a Waits>) -> Vec<(i32, WaitCounts)> {
    let mut all = Vec::new();
    waits.for_each(|waits| all.extend_from_slice(&waits.counts));
    add_up(&mut all);
    all
}

/// Sorts counts by tick and makes one of those of the same tick. Waits are mostly sorted, and what the sort finds sorted it only merges.
fn add_up(counts: &mut Vec<(i32, WaitCounts)>) {
    counts.sort_by_key(|(tick, _)| *tick);
    counts.dedup_by(|(tick, more), (kept, own)| {
        let is_same = tick == kept;
        if is_same {
            // As many orders as there are waits were counted in 32 bits before.
            own.iter_mut().zip(more).for_each(|(own, more)| *own = own.saturating_add(*more));
        }
        is_same
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        assert_eq!(counted([&waits, &waits].into_iter()), [(3, [2, 0]), (64, [0, 2]), (700, [4, 2])]);
        assert!(counted([].into_iter()).is_empty());
    }

    #[test]
    fn as_many_counts_are_kept_as_there_are_ticks_and_some_loose_ones() {
        let mut waits = Waits::default();
        (0..10_000).for_each(|number| waits.ended(number * 7 % 60));
        assert!(waits.counts.len() <= 60 + LOOSE + 1, "{}", waits.counts.len());
        assert!(counted([&waits].into_iter()).iter().all(|(tick, counts)| (0..60).contains(tick) && counts[0] >= 166));
    }

    proptest! {
        #[test]
        fn a_tick_begins_not_after_what_lies_in_it_and_the_next_one_after_it(seconds in 0..40_000_000_i64) {
            let tick = tick_of(seconds);
            prop_assert!(seconds_of(tick) <= seconds && seconds < seconds_of(tick + 1));
        }

        #[test]
        fn no_order_of_counting_changes_the_counts(mut ticks in prop::collection::vec((0..200, any::<bool>()), 0..600)) {
            let waits = |ticks: &[(i32, bool)]| {
                let mut waits = Waits::default();
                ticks.iter().for_each(|(tick, ended)| if *ended { waits.ended(*tick) } else { waits.lasts(*tick) });
                waits
            };
            let found = counted([&waits(&ticks)].into_iter());
            for (tick, counts) in &found {
                let of = |ended: bool| ticks.iter().filter(|each| **each == (*tick, ended)).count() as u32;
                prop_assert_eq!(*counts, [of(true), of(false)]);
            }
            prop_assert_eq!(found.iter().map(|(_, counts)| counts.iter().sum::<u32>()).sum::<u32>() as usize, ticks.len());
            let (one, other) = ticks.split_at(ticks.len() / 2);
            prop_assert_eq!(&counted([&waits(one), &waits(other)].into_iter()), &found);
            ticks.sort_unstable();
            prop_assert_eq!(&counted([&waits(&ticks)].into_iter()), &found);
        }
    }
}
