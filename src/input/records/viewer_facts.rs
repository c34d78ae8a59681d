//! Viewer facts: what page views say of people, who add up neither over days nor over periods.

use crate::spec::Day;

/// A day of a shop with a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewedDay {
    /// Shop code.
    pub shop: u32,
    /// The day.
    pub day: Day,
    /// Distinct customers among the visitors of the day.
    pub customers: i64,
}

/// The people of a period of a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewedPeriod {
    /// Shop code.
    pub shop: u32,
    /// The place of the grain among [`crate::job::Params::periods`].
    pub grain: usize,
    /// The number of the period.
    pub index: i32,
    /// Distinct visitors.
    pub uv: i64,
    /// Distinct visitors of item pages.
    pub ipv_uv: i64,
}

/// What page views say of people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ViewerFacts {
    /// One row a (shop, day) with a view, sorted by both.
    pub days: Vec<ViewedDay>,
    /// One row a (shop, grain, period) with a view, sorted by them.
    pub periods: Vec<ViewedPeriod>,
    /// Whether the views say of which items they are.
    pub has_items: bool,
    /// Whether the views say which visitors are customers, and a wanted table asks for it.
    pub has_customers: bool,
}

impl ViewerFacts {
    /// Replaces provisional codes of shops, and puts days and periods in order.
    pub fn rank(&mut self, rank: &dyn Fn(u32) -> u32) {
        self.days.iter_mut().for_each(|day| day.shop = rank(day.shop));
        self.periods.iter_mut().for_each(|period| period.shop = rank(period.shop));
        self.days.sort_unstable_by_key(|day| (day.shop, day.day));
        self.periods.sort_unstable_by_key(|period| (period.shop, period.grain, period.index));
    }

    /// The days with a view of a shop from one day to another, ascending.
    pub fn between(&self, shop: u32, from: Day, to: Day) -> &[ViewedDay] {
        let start = self.days.partition_point(|day| (day.shop, day.day) < (shop, from));
        let end = self.days.partition_point(|day| (day.shop, day.day) <= (shop, to));
        self.days.get(start..end).unwrap_or_default()
    }

    /// Whether the views of a shop reach from one day to another: the first view of the shop lies not after the one, the last not before
    /// the other. What lies before the first or after the last was not exported, and nobody knows who came.
    pub fn reach(&self, shop: u32, from: Day, to: Day) -> bool {
        let days = self.between(shop, Day::MIN, Day::MAX);
        days.first().is_some_and(|first| first.day <= from) && days.last().is_some_and(|last| last.day >= to)
    }

    /// The people of a period of a shop; `None` without a view in it.
    pub fn period(&self, shop: u32, grain: usize, index: i32) -> Option<&ViewedPeriod> {
        let key = (shop, grain, index);
        let at = self.periods.binary_search_by_key(&key, |period| (period.shop, period.grain, period.index)).ok()?;
        self.periods.get(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_periods_are_found_by_the_final_code_of_the_shop() {
        let day = |shop, day| ViewedDay { shop, day, customers: 1 };
        let period = |shop, grain, index, uv| ViewedPeriod { shop, grain, index, uv, ipv_uv: 0 };
        let mut facts = ViewerFacts {
            days: vec![day(0, 12), day(0, 10), day(1, 11)],
            periods: vec![period(0, 3, 7, 5), period(1, 0, 7, 6)],
            has_items: true,
            has_customers: true,
        };
        facts.rank(&|shop| 1 - shop);
        let days = |shop, from, to| facts.between(shop, from, to).iter().map(|day| day.day).collect::<Vec<_>>();
        assert_eq!((days(1, 10, 12), days(1, 11, 12), days(0, 0, 99), days(2, 0, 99)), (vec![10, 12], vec![12], vec![11], vec![]));
        assert!(facts.reach(1, 10, 12) && !facts.reach(1, 9, 12) && !facts.reach(1, 10, 13) && !facts.reach(2, 10, 12));
        let uv = |shop, grain, index| facts.period(shop, grain, index).map(|period| period.uv);
        assert_eq!((uv(1, 3, 7), uv(0, 0, 7), uv(0, 3, 7), uv(1, 3, 8)), (Some(5), Some(6), None, None));
    }
}
