//! First days: by shop, the first day of which an input says anything.

use std::collections::BTreeMap;

use crate::spec::Day;

/// The first day of each shop that was noted.
#[derive(Debug, Default)]
pub(super) struct FirstDays(BTreeMap<u32, Day>);

impl FirstDays {
    /// Notes a day of a shop.
    pub fn note(&mut self, shop: u32, day: Day) {
        self.0.entry(shop).and_modify(|first| *first = day.min(*first)).or_insert(day);
    }

    /// Adds what was noted elsewhere.
    pub fn add(&mut self, other: FirstDays) {
        other.0.into_iter().for_each(|(shop, day)| self.note(shop, day));
    }

    /// The shops, ascending, each with its first day.
    pub fn into_sorted(self) -> Vec<(u32, Day)> {
        self.0.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earlier_day_stays_whoever_noted_it() {
        let (mut one, mut other) = (FirstDays::default(), FirstDays::default());
        [(7, 5), (7, 4), (7, 6)].into_iter().for_each(|(shop, day)| one.note(shop, day));
        [(7, 3), (2, 9)].into_iter().for_each(|(shop, day)| other.note(shop, day));
        one.add(other);
        assert_eq!(one.into_sorted(), [(2, 9), (7, 3)]);
    }
}
