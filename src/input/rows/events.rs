//! The newest events of an input: by file, and by shop with the days around them.

use serde::{Deserialize, Serialize};

use crate::spec::{Day, NO_DAY};

/// The days up to the newest event of a shop that are looked at for its usual pauses.
const WINDOW: i32 = u128::BITS as i32;

/// The newest event of a shop, and which of the days before it had events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopEvents {
    /// The day of the newest event, or [`NO_DAY`].
    pub newest: Day,
    /// Bit `n`: whether the day `n` days before the newest one had an event.
    days: u128,
}

impl Default for ShopEvents {
    fn default() -> Self {
        ShopEvents { newest: NO_DAY, days: 0 }
    }
}

impl ShopEvents {
    #[inline]
    fn note(&mut self, day: Day) {
        self.add(ShopEvents { newest: day, days: 1 });
    }

    #[inline]
    fn add(&mut self, other: ShopEvents) {
        let (newer, older) = if self.newest >= other.newest { (*self, other) } else { (other, *self) };
        let between = u32::try_from(i64::from(newer.newest) - i64::from(older.newest)).unwrap_or(u32::MAX);
        *self = ShopEvents { newest: newer.newest, days: newer.days | older.days.checked_shl(between).unwrap_or(0) };
    }

    /// The most days in a row without an event between two events of the last 128 days up to the newest one.
    pub fn longest_pause(&self) -> i32 {
        let (mut longest, mut before) = (0, 0);
        for day in (0..WINDOW).filter(|day| self.days >> day & 1 == 1) {
            longest = longest.max(day - before - 1);
            before = day;
        }
        longest
    }
}

/// The newest events of an input up to the as-of date: of valid rows, whether or not a later version supersedes them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events {
    /// By file of the dataset; [`NO_DAY`] for a file without any.
    files: Vec<Day>,
    /// By code of the shop.
    shops: Vec<ShopEvents>,
}

impl Events {
    /// Notes an event.
    #[inline]
    pub fn note(&mut self, file: usize, shop: u32, day: Day) {
        let newest = entry(&mut self.files, file, NO_DAY);
        *newest = day.max(*newest);
        entry(&mut self.shops, shop as usize, ShopEvents::default()).note(day);
    }

    /// Adds those of another part of the same input.
    pub fn add(&mut self, other: &Events) {
        for (file, day) in other.files.iter().enumerate() {
            let newest = entry(&mut self.files, file, NO_DAY);
            *newest = (*day).max(*newest);
        }
        for (shop, events) in other.shops.iter().enumerate() {
            entry(&mut self.shops, shop, ShopEvents::default()).add(*events);
        }
    }

    /// Gives the files other numbers: `file` has the new one of each, `None` for one that is not read any more.
    pub fn of_files(&mut self, file: &dyn Fn(usize) -> Option<usize>) {
        let mut renumbered = Vec::new();
        for (old, day) in self.files.iter().enumerate() {
            if let Some(new) = file(old) {
                let newest = entry(&mut renumbered, new, NO_DAY);
                *newest = (*day).max(*newest);
            }
        }
        self.files = renumbered;
    }

    /// Gives the shops their final codes.
    pub fn rank(&mut self, rank: &dyn Fn(u32) -> u32) {
        let mut ranked = Vec::new();
        for (shop, events) in (0..).zip(&self.shops) {
            entry(&mut ranked, rank(shop) as usize, ShopEvents::default()).add(*events);
        }
        self.shops = ranked;
    }

    /// The day of the newest event of a file, or [`NO_DAY`].
    pub fn of_file(&self, file: usize) -> Day {
        self.files.get(file).copied().unwrap_or(NO_DAY)
    }

    /// The day of the newest event of all, or [`NO_DAY`].
    pub fn newest(&self) -> Day {
        self.files.iter().copied().max().unwrap_or(NO_DAY)
    }

    /// The shops with events, by code.
    pub fn shops(&self) -> impl Iterator<Item = (u32, &ShopEvents)> {
        (0..).zip(&self.shops).filter(|(_, events)| events.newest != NO_DAY)
    }
}

#[inline]
fn entry<T: Clone>(list: &mut Vec<T>, at: usize, absent: T) -> &mut T {
    if at >= list.len() {
        list.resize(at + 1, absent);
    }
    &mut list[at]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(notes: &[(usize, u32, Day)]) -> Events {
        let mut events = Events::default();
        notes.iter().for_each(|(file, shop, day)| events.note(*file, *shop, *day));
        events
    }

    #[test]
    fn the_newest_event_and_the_longest_pause() {
        // Shop 1 sold on days 100, 101, 105 and 107: days 102, 103 and 104 are its longest pause. Shop 0 has nothing.
        let events = of(&[(0, 1, 101), (2, 1, 107), (2, 1, 105), (0, 1, 100), (0, 1, 101)]);
        let shops: Vec<_> = events.shops().map(|(shop, events)| (shop, events.newest, events.longest_pause())).collect();
        assert_eq!(shops, [(1, 107, 3)]);
        assert_eq!((0..4).map(|file| events.of_file(file)).collect::<Vec<_>>(), [101, NO_DAY, 107, NO_DAY]);
        assert_eq!(events.newest(), 107);
        assert_eq!(Events::default().newest(), NO_DAY);
    }

    #[test]
    fn days_before_the_window_do_not_count() {
        // From day 0 to day 128 are 127 empty days, but day 0 lies 128 days back.
        assert_eq!(of(&[(0, 0, 0), (0, 0, 128)]).shops().next().unwrap().1.longest_pause(), 0);
        assert_eq!(of(&[(0, 0, 0), (0, 0, 127)]).shops().next().unwrap().1.longest_pause(), 126);
        assert_eq!(of(&[(0, 0, -1_000_000_000), (0, 0, 1_500_000_000)]).newest(), 1_500_000_000);
    }

    #[test]
    fn parts_add_up_in_any_order_and_ranks_move_shops() {
        let notes = [(0, 0, 5), (1, 1, 9), (1, 0, 12), (0, 2, 300), (2, 1, 2)];
        let whole = of(&notes);
        for at in 0..=notes.len() {
            let (left, right) = notes.split_at(at);
            let (mut one, mut other) = (of(left), of(right));
            one.add(&of(right));
            other.add(&of(left));
            assert_eq!((&one, &other), (&whole, &whole));
        }
        let mut ranked = whole.clone();
        ranked.rank(&|shop| 2 - shop);
        let newest = |events: &Events| events.shops().map(|(shop, events)| (shop, events.newest)).collect::<Vec<_>>();
        assert_eq!(newest(&whole), [(0, 12), (1, 9), (2, 300)]);
        assert_eq!(newest(&ranked), [(0, 300), (1, 9), (2, 12)]);
    }
}
