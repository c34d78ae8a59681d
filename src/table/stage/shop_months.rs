//! The complete months of a shop, with the figures that both tables of stages are made of.

use crate::fold::activity::ActivityFold;
use crate::history::Context;
use crate::input::records::facts::{Facts, Shop};
use crate::spec::{Day, Grain, NO_DAY};
use crate::table::shop::days::{Figures, Period, ShopDays, of_shop};

/// The complete months of a shop, which follow one another without a gap.
pub struct ShopMonths {
    /// The code of the shop.
    pub shop: u32,
    /// The number of the first month, as [`Grain::Month`] counts them.
    pub first: i32,
    /// One for each month, in order.
    pub figures: Vec<Figures>,
}

impl ShopMonths {
    /// The months of a shop; `None` where no month of it is complete. Those before its opening do not count, as long as nothing was paid.
    pub fn of(context: &Context, activity: &ActivityFold, facts: &Facts, shop: u32) -> Option<ShopMonths> {
        let days = ShopDays::of(context, activity, facts, shop)?;
        let opened = opened(facts, shop);
        let is_before = |period: &Period| Grain::Month.end(period.index) < opened && period.figures.activity.paid_orders == 0;
        let complete: Vec<Period> =
            days.periods(activity, Grain::Month).into_iter().filter(|period| period.is_complete).skip_while(is_before).collect();
        let first = complete.first()?.index;
        Some(ShopMonths { shop, first, figures: complete.into_iter().map(|period| period.figures).collect() })
    }

    /// The months of all shops that have any, ascending by shop.
    pub fn all(context: &Context, activity: &ActivityFold, facts: &Facts) -> Vec<ShopMonths> {
        (0..context.shops.len() as u32).filter_map(|shop| ShopMonths::of(context, activity, facts, shop)).collect()
    }

    /// The number of the month at a place.
    pub fn month(&self, place: usize) -> i32 {
        self.first + place as i32
    }

    /// The places of the months: from 0.
    pub fn places(&self) -> std::ops::Range<usize> {
        0..self.figures.len()
    }
}

/// The row of a shop in the shops input.
fn stated(facts: &Facts, shop: u32) -> Option<&Shop> {
    of_shop(facts.shops.as_deref().unwrap_or_default(), shop, |stated| stated.shop).first()
}

/// The day on which a shop entered the platform, or [`NO_DAY`].
pub fn opened(facts: &Facts, shop: u32) -> Day {
    stated(facts, shop).map_or(NO_DAY, |stated| stated.opened)
}

/// The main category of a shop, if it is known.
pub fn category(facts: &Facts, shop: u32) -> Option<&str> {
    stated(facts, shop)?.category.as_deref().filter(|category| !category.is_empty())
}
