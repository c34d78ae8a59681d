//! The figures by which rules decide on the stage of a shop, month by month.

use std::collections::BTreeMap;

use super::item_figures::{self, ItemFigures, MONTHS, NEW_DAYS};
use super::shop_months::{ShopMonths, category, opened};
use crate::fold::item::months::ItemMonth;
use crate::fold::returning::ReturningFold;
use crate::history::Context;
use crate::input::records::facts::Facts;
use crate::job::stage::StageFigure;
use crate::metric::peers::{Best, PeerRanks};
use crate::metric::ratio::{in_units_of, ratio, ratio_known, ratio_of};
use crate::metric::seasonal_factors::without_season;
use crate::spec::period::civil;
use crate::spec::{Day, Grain, NO_DAY};

/// The months of a comparison, as a number of places.
const SPAN: usize = MONTHS as usize;

/// Months of a year.
const YEAR: usize = 12;

/// The figures of a shop in a month; the columns of the same names define each.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Figures {
    pub months_open: Option<i64>,
    pub amount: Option<i64>,
    pub amount_before: Option<i64>,
    pub amount_year_ago: Option<i64>,
    pub growth: Option<f64>,
    /// Whether the season was taken out of `growth`; `None` where that is unknown.
    pub is_without_season: Option<bool>,
    /// The net revenue of returning customers in three months, and that of all.
    pub net_revenue: Option<(i64, i64)>,
    pub items: Option<ItemFigures>,
    /// Whether it is known which items are new.
    pub knows_new_items: bool,
    /// The rank by amount within the category, and how many shops are ranked.
    pub rank: Option<i64>,
    pub ranked_shops: Option<i64>,
}

impl Figures {
    /// Against the three months a year before.
    pub fn growth_year(&self) -> Option<f64> {
        growth(self.amount, self.amount_year_ago)
    }

    /// The part of returning customers.
    pub fn returning_amount_share(&self) -> Option<f64> {
        self.net_revenue.and_then(|(returning, all)| ratio(returning, all))
    }

    /// What was paid for new items in three months.
    pub fn new_item_amount(&self) -> Option<i64> {
        self.items.filter(|_| self.knows_new_items).map(|items| items.new_amount)
    }

    /// The part of new items.
    pub fn new_item_share(&self) -> Option<f64> {
        ratio_known(self.new_item_amount(), self.items.map(|items| items.paid_amount))
    }

    /// The rank as a part of the shops that are ranked.
    pub fn category_rank_share(&self) -> Option<f64> {
        ratio_known(self.rank, self.ranked_shops)
    }

    /// A figure as rules bound it.
    pub fn value(&self, figure: StageFigure) -> Option<f64> {
        match figure {
            StageFigure::MonthsOpen => self.months_open.map(|months| months as f64),
            StageFigure::Amount3m => self.amount.map(|amount| in_units_of(100.0, amount as f64)),
            StageFigure::Growth3m => self.growth,
            StageFigure::GrowthYear => self.growth_year(),
            StageFigure::ReturningAmountShare => self.returning_amount_share(),
            StageFigure::HitItems => self.items.map(|items| items.hit_items as f64),
            StageFigure::NewItemShare => self.new_item_share(),
            StageFigure::CategoryRankShare => self.category_rank_share(),
        }
    }
}

fn growth(now: Option<i64>, before: Option<i64>) -> Option<f64> {
    ratio(now?.checked_sub(before?)?, before?)
}

/// Whole months from an opening to the end of a month; `None` for a shop that opens after it, or nobody knows when.
fn months_open(opened: Day, month: i32) -> Option<i64> {
    if opened == NO_DAY || opened > Grain::Month.end(month) {
        return None;
    }
    let (_, _, day_of_month) = civil(opened);
    Some(i64::from(month - Grain::Month.index(opened)) + i64::from(day_of_month == 1))
}

/// The figures of a shop's months, but for the ranks.
pub(super) fn of_shop(
    context: &Context,
    facts: &Facts,
    months: &ShopMonths,
    returning: &ReturningFold,
    items: &[ItemMonth],
) -> Vec<Figures> {
    let amounts: Vec<i64> = months.figures.iter().map(|figures| figures.activity.paid_amount).collect();
    let measured: Vec<f64> = amounts.iter().map(|amount| *amount as f64).collect();
    let of_months: Vec<(i64, i64)> = months
        .places()
        .map(|place| returning.period(months.shop, Grain::Month, months.month(place)))
        .map(|of| (of.returning_net_revenue, of.returning_net_revenue + of.new_net_revenue))
        .collect();
    let of_items = item_figures::of_months(items, months.shop, months.first, months.figures.len());
    let opened = opened(facts, months.shop);
    let first_order = context.first_days.get(months.shop as usize).copied().unwrap_or(NO_DAY);
    let first_of_all = context.first_days.iter().copied().filter(|day| *day != NO_DAY).min().unwrap_or(NO_DAY);
    months
        .places()
        .map(|place| {
            let end = Grain::Month.end(months.month(place));
            // Three months up to the one that lies so many months before.
            let sum = |before: usize| window(&amounts, place.checked_sub(before)?).map(|window| window.iter().sum::<i64>());
            let (amount, amount_before) = (sum(0), sum(SPAN));
            let level = amount_before.and_then(|_| without_season(measured.get(..=place)?));
            let growth = match &level {
                Some(level) => growth_of(level, place),
                None => growth(amount, amount_before),
            };
            Figures {
                months_open: months_open(opened, months.month(place)),
                amount,
                amount_before,
                amount_year_ago: sum(YEAR),
                growth,
                is_without_season: growth.map(|_| level.is_some()),
                net_revenue: window(&of_months, place)
                    .filter(|_| context.features.customers)
                    .map(|window| window.iter().fold((0, 0), |sum, month| (sum.0 + month.0, sum.1 + month.1))),
                items: of_items.get(place).copied().filter(|_| context.features.item && amount.is_some()),
                knows_new_items: first_order != NO_DAY && ((opened != NO_DAY && first_of_all <= opened) || end - NEW_DAYS >= first_order),
                ..Figures::default()
            }
        })
        .collect()
}

/// The three months that end with the one at a place.
fn window<T>(months: &[T], place: usize) -> Option<&[T]> {
    months.get((place + 1).checked_sub(SPAN)?..=place)
}

/// The growth of the last three of some months against the three before them.
fn growth_of(level: &[f64], place: usize) -> Option<f64> {
    let sum = |place: usize| window(level, place).map(|window| window.iter().sum::<f64>());
    let (now, before) = (sum(place)?, sum(place.checked_sub(SPAN)?)?);
    ratio_of(now - before, before)
}

/// Ranks the shops of one category in one month by their amounts.
pub(super) fn rank(context: &Context, facts: &Facts, shops: &[ShopMonths], figures: &mut [Vec<Figures>]) {
    let mut groups: BTreeMap<(&str, i32), Vec<(usize, usize)>> = BTreeMap::new();
    for (shop, months) in shops.iter().enumerate() {
        let Some(category) = category(facts, months.shop) else { continue };
        for place in months.places() {
            groups.entry((category, months.month(place))).or_default().push((shop, place));
        }
    }
    for members in groups.into_values() {
        let amount = |(shop, place): &(usize, usize)| figures.get(*shop)?.get(*place)?.amount.map(|amount| amount as f64);
        let amounts: Vec<Option<f64>> = members.iter().map(amount).collect();
        let ranks = PeerRanks::of(&amounts, Best::Most, context.params.min_peers as usize);
        for ((shop, place), rank) in members.into_iter().zip(ranks.ranks) {
            if let Some(own) = figures.get_mut(shop).and_then(|months| months.get_mut(place)) {
                (own.rank, own.ranked_shops) = (rank, Some(ranks.with_value as i64));
            }
        }
    }
}
