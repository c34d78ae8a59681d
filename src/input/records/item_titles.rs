//! Titles of items: what a shop called an item on the last day on which an order with it was placed.

use std::hash::BuildHasher;
use std::sync::{PoisonError, RwLock};

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::input::values::ids::is_blank;
use crate::spec::{Day, NO_VALUE};

/// Parts of the items, each with its lock, so that threads rarely wait for each other.
const PARTS: usize = 64;

/// By shop and item: the last day with a title, and the title.
type Part = HashMap<(u32, u32), (Day, Box<str>), FixedState>;

/// The titles of items while orders are read, by provisional codes. All threads share it, since a shop may have millions of items.
#[derive(Debug)]
pub struct TitleBook(Vec<RwLock<Part>>);

impl Default for TitleBook {
    fn default() -> Self {
        TitleBook((0..PARTS).map(|_| RwLock::default()).collect())
    }
}

impl TitleBook {
    /// Notes the title that an item of a shop had on a day. The title of the last day counts; of several of one day the greatest, so that no
    /// order of files or rows decides. A title of blanks is none.
    pub fn note(&self, shop: u32, item: u32, day: Day, title: &str) {
        if item == NO_VALUE || is_blank(title) {
            return;
        }
        let hash = FixedState::with_seed(0).hash_one((shop, item)) as usize;
        let Some(part) = self.0.get(hash % PARTS) else { return };
        let is_older = |part: &Part| part.get(&(shop, item)).is_none_or(|(of, own)| (*of, own.as_ref()) < (day, title));
        // Most orders say what is known already.
        if is_older(&part.read().unwrap_or_else(PoisonError::into_inner)) {
            let mut part = part.write().unwrap_or_else(PoisonError::into_inner);
            if is_older(&part) {
                part.insert((shop, item), (day, title.into()));
            }
        }
    }

    /// The titles by final codes: `shop` gives that of a shop, `items` has those of the items.
    pub fn ranked(self, shop: &dyn Fn(u32) -> u32, items: &[u32]) -> Titles {
        let parts = self.0.into_iter().map(|part| part.into_inner().unwrap_or_else(PoisonError::into_inner));
        let code = |item: u32| items.get(item as usize).copied().unwrap_or(NO_VALUE);
        let titles = parts.flatten().map(|((of, item), (_, title))| ((shop(of), code(item)), title));
        Titles::new(titles.collect())
    }
}

/// The titles of items, by codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Titles(Vec<((u32, u32), Box<str>)>);

impl Titles {
    /// These titles, each of a shop and an item.
    pub fn new(mut titles: Vec<((u32, u32), Box<str>)>) -> Self {
        titles.sort_unstable();
        Titles(titles)
    }

    /// The title of an item of a shop.
    pub fn of(&self, shop: u32, item: u32) -> Option<&str> {
        let place = self.0.binary_search_by_key(&(shop, item), |(key, _)| *key).ok()?;
        self.0.get(place).map(|(_, title)| title.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_of_the_last_day_counts_whatever_comes_first() {
        let rows = [(0, 1, 10, "Tea"), (0, 1, 12, "Tea, 2026"), (0, 1, 12, "Tea"), (1, 1, 5, "Pot"), (1, 2, 5, "  "), (1, 0, 5, "Nothing")];
        let titles = |rows: &[(u32, u32, Day, &str)]| {
            let book = TitleBook::default();
            rows.iter().for_each(|(shop, item, day, title)| book.note(*shop, *item, *day, title));
            // Shops change their places, and items count from 7.
            book.ranked(&|shop| 1 - shop, &[0, 8, 7])
        };
        let found = titles(&rows);
        let of = |shop, item| found.of(shop, item);
        assert_eq!((of(1, 8), of(0, 8)), (Some("Tea, 2026"), Some("Pot")));
        assert_eq!((of(0, 7), of(1, 7), of(0, 0)), (None, None, None));
        let backwards: Vec<_> = rows.iter().rev().copied().collect();
        assert_eq!(titles(&backwards), found);
    }
}
