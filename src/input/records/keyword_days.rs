//! Keyword days: the searches for one keyword that led to a shop by one channel on a day. Shops have thousands of keywords, so rows are
//! small.

use super::day_figures::{DayFigures, of_shop};
use crate::spec::Day;

/// The word for all keywords that are too rare for a row of their own.
pub const OTHER_KEYWORDS: &str = "(other)";

/// The figures of a keyword on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum KeywordFigure {
    /// How often the shop was shown.
    Impressions,
    /// How often it was clicked.
    Clicks,
    /// Distinct visitors of the day. Over days, channels or keywords they add up to visitor days only.
    Uv,
    /// Orders that the platform ascribes to the keyword.
    Orders,
    /// What was paid for them, in minor units.
    Amount,
    /// Money spent on the keyword, in minor units.
    Cost,
}

/// How many figures there are.
pub const KEYWORD_FIGURES: usize = 6;

/// One row of keyword traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeywordDay {
    /// Shop code.
    pub shop: u32,
    /// The keyword's position in [`KeywordTraffic::keywords`].
    pub keyword: u32,
    /// The day.
    pub day: Day,
    /// By [`KeywordFigure`].
    pub(super) figures: DayFigures<KEYWORD_FIGURES>,
}

impl KeywordDay {
    /// A day with these figures, in the order of [`KeywordFigure`]; `None` where the column is not mapped or the cell is null.
    pub fn new(shop: u32, keyword: u32, day: Day, figures: [Option<i64>; KEYWORD_FIGURES]) -> Self {
        KeywordDay { shop, keyword, day, figures: DayFigures::new(figures) }
    }

    /// One of the figures, if it is known.
    pub fn figure(&self, figure: KeywordFigure) -> Option<i64> {
        self.figures.get(figure as usize)
    }
}

/// The keyword traffic of shops.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeywordTraffic {
    /// The keywords, ascending.
    pub keywords: Vec<String>,
    /// One row a (shop, keyword, day, channel), sorted by shop, keyword and day; none where no table reads them.
    pub days: Vec<KeywordDay>,
    /// The shops with rows, ascending, and the first day of each: known also where the rows do not stay.
    pub first_days: Vec<(u32, Day)>,
}

impl KeywordTraffic {
    /// Replaces provisional codes of shops, and puts the days in order.
    pub fn rank(&mut self, rank: &dyn Fn(u32) -> u32) {
        self.days.iter_mut().for_each(|day| day.shop = rank(day.shop));
        // Sums over a key do not depend on the order of its channels.
        self.days.sort_by_key(|day| (day.shop, day.keyword, day.day));
        self.first_days.iter_mut().for_each(|(shop, _)| *shop = rank(*shop));
        self.first_days.sort_unstable();
    }

    /// The days of a shop, by keyword and day.
    pub fn of_shop(&self, shop: u32) -> &[KeywordDay] {
        of_shop(&self.days, shop, |day| day.shop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_come_by_shop_keyword_and_day() {
        let clicks = |shop, keyword, day, clicks| KeywordDay::new(shop, keyword, day, [None, Some(clicks), None, None, None, None]);
        let days = vec![clicks(0, 1, 5, 1), clicks(1, 1, 5, 2), clicks(1, 0, 6, 3), clicks(1, 0, 5, 4)];
        let mut traffic = KeywordTraffic { keywords: vec!["tea".to_owned(), "茶".to_owned()], days, first_days: vec![(0, 5), (1, 5)] };
        // The shops are ranked the other way round.
        traffic.rank(&|shop| 1 - shop);
        let keys = |shop| traffic.of_shop(shop).iter().map(|day| (day.keyword, day.day)).collect::<Vec<_>>();
        assert_eq!((keys(0), keys(1), keys(2)), (vec![(0, 5), (0, 6), (1, 5)], vec![(1, 5)], vec![]));
        assert_eq!(traffic.first_days, [(0, 5), (1, 5)]);
        assert_eq!(traffic.days[0].figure(KeywordFigure::Clicks), Some(4));
        assert_eq!((traffic.days[0].figure(KeywordFigure::Uv), size_of::<KeywordDay>()), (None, 64));
    }
}
