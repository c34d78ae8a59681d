//! Keyword periods: the keywords of a shop by period, those that are too rare for a row of their own summed as one.

use std::sync::Arc;

use super::searched::{Pair, Searched};
use crate::error::Result;
use crate::history::Context;
use crate::input::records::facts::Facts;
use crate::input::records::keyword_days::KeywordFigure::{Clicks, Orders, Uv};
use crate::input::records::keyword_days::{KeywordDay, KeywordTraffic, OTHER_KEYWORDS};
use crate::metric::ratio::{change_of_ratio, ratio_known};
use crate::spec::{Day, Grain};

/// Clicks that give a keyword a row of its own.
pub const LEAST_CLICKS: i64 = 10;

/// A keyword of a shop in a period, or all that are too rare.
pub struct KeywordPeriod {
    /// Shop code.
    pub shop: u32,
    /// The length of the period.
    pub grain: Grain,
    /// The number of the period.
    pub index: i32,
    /// The keyword.
    pub keyword: Arc<str>,
    /// Keywords in the row.
    pub keywords: i64,
    /// Its traffic.
    pub searched: Daily,
    /// That of the period before, if it is complete and has the keyword; `None` for the rare ones, which are others each time.
    pub before: Option<Daily>,
    /// The visitor days of all keywords of the shop in the period; `None` where no row has any.
    pub total_uv: Option<i64>,
    /// Whether the whole period lies between the shop's first day and the as-of date.
    pub is_complete: bool,
}

/// Traffic in a period, and the days on which the shop has any keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Daily {
    /// The sums.
    pub sums: Searched,
    /// Days of the period for which the input has a row of the shop.
    pub days: i64,
}

impl Daily {
    /// Clicks per day.
    pub fn clicks(&self) -> Option<f64> {
        ratio_known(self.sums.figure(Clicks), Some(self.days))
    }

    /// Visitors per day.
    pub fn uv(&self) -> Option<f64> {
        ratio_known(self.sums.figure(Uv), Some(self.days))
    }

    /// Orders per visitor of a day.
    pub fn conversion(&self) -> Option<f64> {
        self.sums.rate(Pair::OrdersOfUv, |sums| ratio_known(sums.figure(Orders), sums.figure(Uv)))
    }
}

impl KeywordPeriod {
    /// The change of the clicks per day against the period before.
    pub fn clicks_change(&self) -> Option<f64> {
        self.change_per_day(|daily| daily.sums.figure(Clicks))
    }

    /// The change of the visitors per day against the period before.
    pub fn uv_change(&self) -> Option<f64> {
        self.change_per_day(|daily| daily.sums.figure(Uv))
    }

    fn change_per_day(&self, figure: impl Fn(&Daily) -> Option<i64>) -> Option<f64> {
        let before = self.before.as_ref()?;
        change_of_ratio((figure(&self.searched)?, self.searched.days), (figure(before)?, before.days))
    }

    /// The change of the conversion against the period before.
    pub fn conversion_change(&self) -> Option<f64> {
        let before = self.before.as_ref().filter(|before| before.conversion().is_some())?;
        self.searched.conversion()?;
        let quotient = |daily: &Daily| Some((daily.sums.figure(Orders)?, daily.sums.figure(Uv)?));
        change_of_ratio(quotient(&self.searched)?, quotient(before)?)
    }
}

/// Calls `each` with the periods of the keywords of a shop, ascending by grain, period and keyword.
///
/// # Errors
/// What `each` returns.
pub fn of_shop(context: &Context, facts: &Facts, shop: u32, each: &mut dyn FnMut(KeywordPeriod) -> Result<()>) -> Result<()> {
    let Some(traffic) = &facts.keyword_traffic else { return Ok(()) };
    let rows = traffic.of_shop(shop);
    let first = facts.first_day(shop);
    let mut grains = context.params.periods();
    grains.sort_by_key(|grain| grain.name());
    let days = days_of(rows);
    for grain in grains {
        let shop = ShopKeywords { shop, grain, first, as_of: context.as_of, traffic, days: &days };
        // Rows are by keyword and day, so those of a period stay in the order of their keywords.
        let mut by_period: Vec<(i32, u32)> = rows.iter().zip(0..).map(|(row, place)| (grain.index(row.day), place)).collect();
        by_period.sort_unstable();
        let mut before = Period::default();
        for places in by_period.chunk_by(|one, next| one.0 == next.0) {
            let own = places.iter().filter_map(|(_, place)| rows.get(*place as usize));
            let period = shop.period(places.first().map_or(0, |(index, _)| *index), own);
            shop.rows(&period, &before).into_iter().try_for_each(&mut *each)?;
            before = period;
        }
    }
    Ok(())
}

/// The distinct days of rows, ascending.
fn days_of(rows: &[KeywordDay]) -> Vec<Day> {
    let mut days: Vec<Day> = rows.iter().map(|row| row.day).collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// The keywords of a shop in periods of one length.
struct ShopKeywords<'a> {
    shop: u32,
    grain: Grain,
    /// The first day of the shop in any input.
    first: Day,
    as_of: Day,
    traffic: &'a KeywordTraffic,
    /// The days with any row of the shop, ascending.
    days: &'a [Day],
}

/// The keywords of a period.
#[derive(Default)]
struct Period {
    /// The number of the period.
    index: i32,
    is_complete: bool,
    /// Days with any row of the shop.
    days: i64,
    /// By keyword, ascending.
    keywords: Vec<(u32, Searched)>,
}

impl ShopKeywords<'_> {
    /// A period; `rows` are its rows, by keyword and day.
    fn period<'r>(&self, index: i32, rows: impl Iterator<Item = &'r KeywordDay>) -> Period {
        let mut keywords: Vec<(u32, Searched)> = Vec::new();
        for row in rows {
            match keywords.last_mut() {
                Some((keyword, sums)) if *keyword == row.keyword => sums.add(&Searched::of(row)),
                _ => keywords.push((row.keyword, Searched::of(row))),
            }
        }
        let (start, end) = (self.grain.start(index), self.grain.end(index));
        let days_until = |day: Day| self.days.partition_point(|other| *other < day) as i64;
        let days = days_until(end.saturating_add(1)) - days_until(start);
        Period { index, is_complete: self.grain.lies_within(index, self.first, self.as_of), days, keywords }
    }

    /// The rows of a period, ascending by keyword. `before` is the period with rows before it.
    fn rows(&self, period: &Period, before: &Period) -> Vec<KeywordPeriod> {
        let total_uv = period.keywords.iter().filter_map(|(_, sums)| sums.figure(Uv)).reduce(|sum, more| sum + more);
        let before = Some(before).filter(|before| before.is_complete && before.index == period.index - 1);
        let row = |keyword: Arc<str>, keywords: i64, sums: Searched, before: Option<Daily>| KeywordPeriod {
            shop: self.shop,
            grain: self.grain,
            index: period.index,
            keyword,
            keywords,
            searched: Daily { sums, days: period.days },
            before,
            total_uv,
            is_complete: period.is_complete,
        };
        let mut rows = Vec::new();
        let mut other: Option<(i64, Searched)> = None;
        for (keyword, sums) in &period.keywords {
            let name = self.traffic.keywords.get(*keyword as usize).map_or("", String::as_str);
            // What is called so in the input would be a second row of one key.
            if name == OTHER_KEYWORDS || sums.least_clicks().is_none_or(|clicks| clicks < LEAST_CLICKS) {
                let (keywords, sum) = other.get_or_insert_default();
                *keywords += 1;
                sum.add(sums);
                continue;
            }
            let earlier = before.and_then(|before| {
                let place = before.keywords.binary_search_by_key(keyword, |(keyword, _)| *keyword).ok()?;
                Some(Daily { sums: before.keywords.get(place)?.1, days: before.days })
            });
            rows.push(row(name.into(), 1, *sums, earlier));
        }
        if let Some((keywords, sums)) = other {
            // Keywords ascend by their texts, among which this one has its place.
            let place = rows.partition_point(|row| row.keyword.as_ref() < OTHER_KEYWORDS);
            rows.insert(place, row(OTHER_KEYWORDS.into(), keywords, sums, None));
        }
        rows
    }
}
