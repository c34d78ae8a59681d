//! What customers run out of: by the days that a piece of an item lasts, and by when and how many of it they bought last.

use hashbrown::HashMap;

use super::partners::Partners;
use super::ranked::RANKED_ITEMS;
use crate::error::Result;
use crate::fold::item::last_bought::{LastBought, bought_on};
use crate::metric::ratio::ratio_of;
use crate::spec::Day;
use crate::table::night::Night;

/// Days before the as-of date on which something may have run out: who has not bought again by then uses it no more, or buys it elsewhere.
const SINCE: Day = 7;

/// An item that a customer runs out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refill {
    /// The code of the item.
    pub item: u32,
    /// The day on which what was bought last is used up.
    pub ran_out_on: Day,
    /// Pieces that were bought then.
    pub quantity: u32,
    /// The code of the other item of its best pair, if it has one.
    pub pair: Option<u32>,
}

/// What is known of items that run out.
pub struct Lasting<'a> {
    /// By shop and item: the days that a piece lasts, as the table items has them.
    days_per_unit: HashMap<(u32, u32), f64, foldhash::fast::FixedState>,
    partners: &'a Partners,
    /// The first day on which something may have run out.
    earliest: Day,
}

impl<'a> Lasting<'a> {
    /// What the items of a night say; nothing where quantities are not known.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] where the items are not declared to be read.
    pub fn of(night: &Night, partners: &'a Partners) -> Result<Self> {
        let context = &night.context;
        let (enough, earliest) = (context.params.min_customers, context.as_of.saturating_sub(SINCE));
        let mut lasting = Lasting { days_per_unit: HashMap::default(), partners, earliest };
        if !context.features.quantity {
            return Ok(lasting);
        }
        night.shared(&RANKED_ITEMS)?.each(|ranked| {
            let item = ranked.item;
            if item.sold.rebuyers >= enough {
                let rebuying = item.rebuying();
                if let (Some(days), Some(pieces)) = (rebuying.median_days, rebuying.median_quantity)
                    && let Some(days_per_unit) = ratio_of(days, pieces)
                {
                    lasting.days_per_unit.insert((item.shop, item.item), days_per_unit);
                }
            }
            Ok(())
        })?;
        Ok(lasting)
    }

    /// What a customer runs out of first, of all last purchases of that customer.
    pub fn first(&self, bought: &[LastBought]) -> Option<Refill> {
        bought.iter().filter_map(|last| self.refill(last, bought)).min_by_key(|refill| (refill.ran_out_on, refill.item))
    }

    /// The item of a last purchase, unless it lasts for longer, ran out long ago, or its pair was bought on a later day.
    fn refill(&self, last: &LastBought, bought: &[LastBought]) -> Option<Refill> {
        let days = (self.days_per_unit.get(&(last.shop, last.item))? * f64::from(last.quantity)).round();
        // What lasts for longer than ten years runs out of no list.
        let days = Some(days).filter(|days| (0.0..3_650.0).contains(days))? as Day;
        let ran_out_on = last.day.saturating_add(days);
        let pair = self.partners.best(last.shop, last.item);
        let is_replaced = pair.and_then(|pair| bought_on(bought, pair)).is_some_and(|day| day > last.day);
        let refill = Refill { item: last.item, ran_out_on, quantity: last.quantity, pair };
        (ran_out_on >= self.earliest && !is_replaced).then_some(refill)
    }
}
