//! How much of a snapshot a page holds: all of it, or what its budget of bytes allows.

use super::source::Source;
use crate::spec::{Day, Grain};

/// What is on a page where there is too much for all of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// The as-of date.
    pub as_of: Day,
    /// Days of daily figures, counted back from the as-of date.
    pub days: Day,
    /// Months of monthly figures and of cohorts, the one that runs among them.
    pub months: i32,
    /// Survival curves have a point every so many days.
    pub survival_step: i64,
    /// Repurchases up to this one have curves; 0, all together, has one in full detail only.
    pub nth: i64,
    /// Whether the migration between RFM segments and value tiers is there beside that between life stages.
    pub all_migrations: bool,
    /// Whether the columns are there that go first.
    pub has_optional: bool,
    /// Cycles of each assessment, the last ones.
    pub cycles: usize,
    /// Campaigns of each shop, the last ones.
    pub campaigns: usize,
    /// Shops with all of this, those that sold most in the last twelve months. The others have a line in the list of shops.
    pub shops: usize,
    /// Shops in the list.
    pub listed: usize,
    /// The place of each shop by what it sold, by its number.
    rank: Vec<usize>,
}

/// More than any data has.
const ALL: i32 = 100_000;

impl Detail {
    /// Everything.
    pub fn full(source: &Source, as_of: Day) -> Detail {
        let shops = source.shops.all().len();
        Detail {
            as_of,
            days: ALL,
            months: ALL / 31,
            survival_step: 1,
            nth: 3,
            all_migrations: true,
            has_optional: true,
            cycles: 2,
            campaigns: ALL as usize,
            shops,
            listed: shops,
            rank: ranks(source, as_of),
        }
    }

    /// The next level, with less; nothing where there is no less. What people look at every morning goes last: first the long tails of
    /// daily figures, the fine steps of curves, old campaigns; then the details of the smallest shops.
    pub fn less(&self) -> Option<Detail> {
        let level = |(days, months, survival_step, nth, cycles, campaigns), all| Detail {
            days,
            months,
            survival_step,
            nth,
            all_migrations: all,
            has_optional: all,
            cycles,
            campaigns,
            ..self.clone()
        };
        match self.days {
            ALL => Some(level((731, 36, 1, 2, 2, 40), true)),
            731 => Some(level((366, 25, 3, 2, 2, 20), true)),
            366 => Some(level((184, 25, 7, 1, 2, 12), false)),
            184 => Some(level((92, 25, 14, 1, 2, 6), false)),
            92 => Some(level((62, 25, 14, 1, 1, 3), false)),
            62 => Some(level((31, 13, 30, 1, 1, 1), false)),
            _ if self.shops > 1 => Some(Detail { shops: self.shops / 2, ..self.clone() }),
            _ if self.listed > 1 => Some(Detail { listed: self.listed / 2, ..self.clone() }),
            _ => None,
        }
    }

    /// Whether this is everything.
    pub fn is_full(&self) -> bool {
        self.days == ALL
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
        self.first_of(self.months)
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
