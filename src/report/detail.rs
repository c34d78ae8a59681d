//! How much of a snapshot a page holds: all of it, or what its budget of bytes allows.

use super::source::Source;
use crate::spec::{Day, Grain};

/// How much there is of each shop that has details.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// Days of daily figures, counted back from the as-of date.
    pub days: Day,
    /// Months of monthly figures and of cohorts, the one that runs among them.
    pub months: i32,
    /// Survival curves have a point every so many days.
    pub survival_step: i64,
    /// The first repurchase with a curve; 0 stands for all together.
    pub first_nth: i64,
    /// The last one.
    pub last_nth: i64,
    /// Repurchases in the table of intervals.
    pub intervals: i64,
    /// Cycles of each assessment, the last ones.
    pub cycles: usize,
    /// Campaigns of each shop, the last ones.
    pub campaigns: usize,
    /// Whether the columns are there that go first, and the migration between RFM segments and value tiers.
    pub has_optional: bool,
}

/// From everything to what people look at every morning: first the long tails of daily figures go, the fine steps of curves, old campaigns.
const LEVELS: [Level; 10] = {
    const fn level(days: Day, months: i32, survival_step: i64, last_nth: i64, cycles: usize, campaigns: usize) -> Level {
        Level { days, months, survival_step, first_nth: 1, last_nth, intervals: 5, cycles, campaigns, has_optional: last_nth > 1 }
    }
    [
        Level { first_nth: 0, intervals: i64::MAX, ..level(1_000_000, 30_000, 1, i64::MAX, 2, usize::MAX) },
        Level { first_nth: 0, intervals: i64::MAX, ..level(731, 36, 1, 4, 2, 40) },
        level(731, 36, 1, 2, 2, 40),
        level(366, 25, 3, 2, 2, 20),
        level(184, 25, 7, 1, 2, 12),
        level(92, 25, 14, 1, 2, 6),
        level(62, 25, 14, 1, 1, 3),
        level(62, 19, 21, 1, 1, 2),
        level(31, 19, 30, 1, 1, 1),
        level(31, 13, 30, 1, 1, 1),
    ]
};

/// What is on a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// The as-of date.
    pub as_of: Day,
    /// How much there is of each shop.
    pub level: Level,
    /// Shops with all of this, those that sold most in the last twelve months. The others have a line in the list of shops.
    pub shops: usize,
    /// Shops in the list.
    pub listed: usize,
    /// The number of the level.
    number: usize,
    /// The place of each shop by what it sold, by its number.
    rank: Vec<usize>,
}

impl Detail {
    /// Everything.
    pub fn full(source: &Source, as_of: Day) -> Detail {
        let [level, ..] = LEVELS;
        let shops = source.shops.all().len();
        Detail { as_of, level, shops, listed: shops, number: 0, rank: ranks(source, as_of) }
    }

    /// What comes next, with less; nothing where there is no less: the levels, then the details of the shops that sold least, then their
    /// lines.
    pub fn less(&self) -> Option<Detail> {
        let number = self.number + 1;
        match LEVELS.get(number) {
            Some(level) => Some(Detail { level: *level, number, ..self.clone() }),
            None if self.shops > 1 => Some(Detail { shops: self.shops / 2, ..self.clone() }),
            None if self.listed > 1 => Some(Detail { listed: self.listed / 2, ..self.clone() }),
            None => None,
        }
    }

    /// Whether this is everything.
    pub fn is_full(&self) -> bool {
        self.number == 0
    }

    /// Whether the shop of that number has more than a line in the list; rows without a shop are those of all.
    pub fn is_detailed(&self, shop: Option<i64>) -> bool {
        self.place(shop) < self.shops
    }

    /// Whether the shop of that number is in the list.
    pub fn is_listed(&self, shop: Option<i64>) -> bool {
        self.place(shop) < self.listed
    }

    /// The first day of monthly figures and cohorts.
    pub fn first_month(&self) -> Day {
        self.first_of(self.level.months)
    }

    /// The first day of the last so many months, the one that runs among them.
    pub fn first_of(&self, months: i32) -> Day {
        Grain::Month.start(Grain::Month.index(self.as_of) + 1 - months)
    }

    fn place(&self, shop: Option<i64>) -> usize {
        shop.and_then(|shop| self.rank.get(usize::try_from(shop).ok()?).copied()).unwrap_or(0)
    }
}

/// The places of the shops by what was paid in the last twelve months, the most first; equal ones in the order of the tables.
fn ranks(source: &Source, as_of: Day) -> Vec<usize> {
    let mut paid = vec![0; source.shops.all().len()];
    let first = Grain::Month.start(Grain::Month.index(as_of) - 11);
    if let Some(part) = source.part("shop_periods") {
        for row in 0..part.rows {
            let is_recent = part.cell("period_start", row).is_some_and(|day| day >= i64::from(first));
            let shop = part.cell("shop_id", row).and_then(|shop| usize::try_from(shop).ok());
            if let (true, Some(sum)) = (is_recent, shop.and_then(|shop| paid.get_mut(shop))) {
                *sum += part.cell("paid_amount", row).unwrap_or(0);
            }
        }
    }
    let mut order: Vec<usize> = (0..paid.len()).collect();
    order.sort_by_key(|shop| std::cmp::Reverse(paid.get(*shop).copied()));
    let mut places = vec![0; paid.len()];
    for (place, shop) in order.into_iter().enumerate() {
        if let Some(own) = places.get_mut(shop) {
            *own = place;
        }
    }
    places
}
