//! A row of items: what is known of one item of a shop.

use crate::fold::item::rebuying::Rebuying;
use crate::fold::item::sold::Sold;
use crate::history::Features;
use crate::metric::value_tier::Tier;
use crate::spec::Day;
use crate::table::item::ranked::{RankedItem, ShopTotals};
use crate::table::item::refund_reasons::MainReason;
use crate::table::item::visits::Visited;

/// Days of the last sales and of those before them.
pub const RECENT: Day = 60;

/// An item of a shop.
pub struct Row {
    pub shop: u32,
    pub item: u32,
    pub rank: u32,
    pub tier: Tier,
    pub sold: Sold,
    pub rebuying: Rebuying,
    pub totals: ShopTotals,
    pub beside: Beside,
    pub min_customers: u32,
    pub features: Features,
}

/// What is known of an item beside its sales.
pub struct Beside {
    /// What the shop calls it.
    pub title: Option<String>,
    pub visited: Visited,
    pub main_reason: Option<MainReason>,
    /// Whether the shop had orders already 60 days ago.
    pub has_before: bool,
}

impl Row {
    pub fn of(ranked: &RankedItem<'_>, beside: Beside, min_customers: u32, features: Features) -> Row {
        let RankedItem { item, rank, tier, shop } = ranked;
        Row {
            shop: item.shop,
            item: item.item,
            rank: *rank,
            tier: *tier,
            sold: item.sold,
            rebuying: if features.customers { item.rebuying() } else { Rebuying::default() },
            totals: *shop,
            beside,
            min_customers,
            features,
        }
    }

    /// A number of customers, which a job without customers does not know.
    pub fn people(&self, customers: u32) -> Option<i64> {
        self.features.customers.then(|| customers.into())
    }

    /// The same as the denominator of a rate: `None` where they are too few.
    pub fn enough(&self, customers: u32) -> Option<i64> {
        self.people(customers).filter(|_| customers >= self.min_customers)
    }
}
