//! What a run knows of all lines together, noted while they are stored, so that the next night knows it without walking over them.

use std::collections::BTreeSet;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::history::dealing::Sample;
use crate::history::line_store::StoredLine;
use crate::input::records::orders::Line;
use crate::input::rows::events::Events;
use crate::nightly::placed_lines::PlacedLines;
use crate::spec::{Day, NO_VALUE, day_of_time};

/// What is known of some lines.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Notes {
    /// When orders were placed, and the sum of their amounts.
    pub(in crate::nightly) placed: PlacedLines,
    /// The newest events.
    pub events: Events,
    /// Customers of the sample.
    pub sample: Sample,
    /// Titles of items on the last day that had one: shop, item, day, and the title's code.
    pub titles: Vec<(u32, u32, Day, u32)>,
}

/// The codes of one dictionary that stored lines use.
#[derive(Debug, Clone, Default)]
pub struct UsedCodes(Vec<bool>);

impl UsedCodes {
    #[inline]
    fn add(&mut self, code: u32) {
        if self.0.len() <= code as usize {
            self.0.resize(code as usize + 1, false);
        }
        self.0[code as usize] = true;
    }

    fn merge(&mut self, other: &UsedCodes) {
        self.0.resize(self.0.len().max(other.0.len()), false);
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own |= other);
    }

    /// The codes, ascending.
    pub fn codes(&self) -> impl Iterator<Item = u32> {
        (0..).zip(&self.0).filter(|(_, is_used)| **is_used).map(|(code, _)| code)
    }
}

/// The codes that stored lines use, by dictionary.
#[derive(Debug, Clone, Default)]
pub struct Used {
    pub shops: UsedCodes,
    pub channels: UsedCodes,
    pub provinces: UsedCodes,
    pub categories: UsedCodes,
    pub items: UsedCodes,
    pub promotions: UsedCodes,
    pub titles: UsedCodes,
}

impl Used {
    fn all_mut(&mut self) -> [&mut UsedCodes; 7] {
        let Used { shops, channels, provinces, categories, items, promotions, titles } = self;
        [shops, channels, provinces, categories, items, promotions, titles]
    }
}

/// Notes while lines are stored; each thread has one.
#[derive(Debug, Clone, Default)]
pub struct Noting {
    notes: Notes,
    used: Used,
    /// By shop and item: the last day with a title, and the titles of that day.
    titles: HashMap<(u32, u32), (Day, BTreeSet<u32>)>,
}

impl Noting {
    /// Notes a line, whose codes are final ones.
    pub fn add(&mut self, StoredLine { line, sampled }: &StoredLine<'_>) {
        let Line { file, shop, created, paid, .. } = *line;
        self.notes.placed.add(line);
        self.notes.events.note(file as usize, shop, day_of_time(paid.max(created)));
        self.notes.sample.extend(*sampled);
        let codes = [shop, line.channel, line.province, line.category, line.item, line.promotion, line.title];
        self.used.all_mut().into_iter().zip(codes).for_each(|(used, code)| used.add(code));
        if line.title != NO_VALUE && line.item != NO_VALUE {
            let day = day_of_time(created);
            self.add_title((shop, line.item), day, line.title);
        }
    }

    fn add_title(&mut self, item: (u32, u32), day: Day, title: u32) {
        let known = self.titles.entry(item).or_insert((day, BTreeSet::new()));
        if known.0 < day {
            *known = (day, BTreeSet::new());
        }
        if known.0 == day {
            known.1.insert(title);
        }
    }

    /// Adds what another thread noted.
    pub fn merge(&mut self, other: Noting) {
        let Noting { notes, mut used, titles } = other;
        self.notes.placed.merge(&notes.placed);
        self.notes.events.add(&notes.events);
        self.notes.sample.extend(notes.sample);
        self.used.all_mut().into_iter().zip(used.all_mut()).for_each(|(own, other)| own.merge(other));
        for (item, (day, codes)) in titles {
            codes.into_iter().for_each(|title| self.add_title(item, day, title));
        }
    }

    /// What was noted, and the codes that were used.
    pub fn finish(mut self) -> (Notes, Used) {
        self.notes.sample.sort_unstable();
        self.notes.sample.dedup();
        let titles =
            self.titles.into_iter().flat_map(|((shop, item), (day, codes))| codes.into_iter().map(move |title| (shop, item, day, title)));
        self.notes.titles = titles.collect();
        self.notes.titles.sort_unstable();
        (self.notes, self.used)
    }
}
