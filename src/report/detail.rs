//! The level of detail of a page: everything, or as much as its budget of bytes allows.

use super::source::PageSource;
use crate::spec::{Day, Grain};

/// The details of each shop that has them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// Days of daily figures, counted back from the as-of date.
    pub days: Day,
    /// Months of monthly figures and of cohorts, including the current one.
    pub months: i32,
    /// Days between two points of a survival curve.
    pub survival_step: i64,
    /// The first repurchase with a curve; 0 is all repurchases together.
    pub first_nth: i64,
    /// The last repurchase with a curve.
    pub last_nth: i64,
    /// Repurchases in the table of intervals.
    pub intervals: i64,
    /// The number of last cycles of each assessment.
    pub cycles: usize,
    /// The number of last campaigns of each shop.
    pub campaigns: usize,
    /// Whether the optional columns are included, and the migration between RFM segments and value tiers.
    pub has_optional: bool,
}

/// From everything to the figures that people read every morning: old daily figures, fine steps of curves and old campaigns go first.
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

/// The level of detail of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// The as-of date.
    pub as_of: Day,
    /// The details of each shop that has them.
    pub level: Level,
    /// The number of shops with details, those that sold most in the last twelve months. Others only have a line in the list of shops.
    pub shops: usize,
    /// Shops in the list.
    pub listed: usize,
    /// The number of the level.
    number: usize,
    /// The rank of each shop by its sales, by its number.
    rank: Vec<usize>,
}

impl Detail {
    /// Everything.
    pub fn full(source: &PageSource, as_of: Day) -> Detail {
        let [level, ..] = LEVELS;
        let shops = source.shops.all().len();
        Detail { as_of, level, shops, listed: shops, number: 0, rank: ranks(source, as_of) }
    }

    /// The next lower level of detail; `None` if there is none. First come the levels, then shops lose their details, then their lines,
    /// those that sold least first.
    pub fn less(&self) -> Option<Detail> {
        let number = self.number + 1;
        match LEVELS.get(number) {
            Some(level) => Some(Detail { level: *level, number, ..self.clone() }),
            None if self.shops > 1 => Some(Detail { shops: self.shops / 2, ..self.clone() }),
            None if self.listed > 1 => Some(Detail { listed: self.listed / 2, ..self.clone() }),
            None => None,
        }
    }

    /// Whether nothing is left out.
    pub fn is_full(&self) -> bool {
        self.number == 0
    }

    /// Whether the shop with a number has details; rows without a shop belong to all shops.
    pub fn is_detailed(&self, shop: Option<i64>) -> bool {
        self.place(shop) < self.shops
    }

    /// Whether the shop with a number is in the list.
    pub fn is_listed(&self, shop: Option<i64>) -> bool {
        self.place(shop) < self.listed
    }

    /// The first day of monthly figures and cohorts.
    pub fn first_month(&self) -> Day {
        self.first_of(self.level.months)
    }

    /// The first day of the last `months` months, including the current one.
    pub fn first_of(&self, months: i32) -> Day {
        Grain::Month.start(Grain::Month.index(self.as_of) + 1 - months)
    }

    fn place(&self, shop: Option<i64>) -> usize {
        shop.and_then(|shop| self.rank.get(usize::try_from(shop).ok()?).copied()).unwrap_or(0)
    }
}

/// The ranks of the shops by the amount paid in the last twelve months, the greatest first; equal ones in the order of the tables.
fn ranks(source: &PageSource, as_of: Day) -> Vec<usize> {
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
