//! All items with their rank and tier among those of their shop, which several tables need.

use crate::error::Result;
use crate::fold::item::sales::ITEM_SALES;
use crate::fold::item::sold::Sold;
use crate::fold::item::sold_items::{SoldItem, SoldItems};
use crate::metric::value_tier::{Tier, ranking, tiers};
use crate::spec::NO_VALUE;
use crate::table::night::{Read, Shared, always};

/// What was sold of all items, ranked.
pub static RANKED_ITEMS: Shared<RankedItems> = Shared {
    name: "ranked_items",
    not_requested: always,
    reads: |_| vec![Read::Fold(&ITEM_SALES)],
    make: |night| RankedItems::of(night.take_fold(&ITEM_SALES)?.into_sold_items()),
};

/// The items of all shops, and their places among those of their shop.
#[derive(Debug)]
pub struct RankedItems {
    items: SoldItems,
    /// By number of an item, in the order in which they are read: its rank from 1, and its tier.
    ranks: Vec<(u32, Tier)>,
    /// By code of a shop.
    shops: Vec<ShopTotals>,
}

/// What all customers of a shop did, and what all its items brought.
#[derive(Debug, Clone, Copy, Default)]
pub struct ShopTotals {
    /// The net revenue of all items, in minor units.
    pub net_revenue: i64,
    /// What the shop's new customers did, whatever they bought: its sales are 0.
    pub customers: Sold,
}

/// An item with its place in its shop.
pub struct RankedItem<'a> {
    /// What was sold of it.
    pub item: &'a SoldItem<'a>,
    /// Its place by net revenue, from 1.
    pub rank: u32,
    /// Its tier by net revenue.
    pub tier: Tier,
    /// Its shop.
    pub shop: ShopTotals,
}

impl RankedItems {
    fn of(items: SoldItems) -> Result<Self> {
        let mut ranks = Vec::new();
        let mut shops: Vec<ShopTotals> = Vec::new();
        let mut own: (u32, Vec<i64>) = (0, Vec::new());
        let rank = |own: &mut Vec<i64>, ranks: &mut Vec<(u32, Tier)>| {
            let descending = ranking(own);
            let tiers = tiers(own, &descending);
            let before = ranks.len();
            ranks.extend(tiers.into_iter().map(|tier| (0, tier)));
            for (rank, position) in (1..).zip(descending) {
                if let Some(item) = ranks.get_mut(before + position as usize) {
                    item.0 = rank;
                }
            }
            own.clear();
        };
        items.each(|item| {
            let (shop, net_revenue) = &mut own;
            if item.shop != *shop {
                rank(net_revenue, &mut ranks);
                *shop = item.shop;
            }
            let place = item.shop as usize;
            if place >= shops.len() {
                shops.resize(place + 1, ShopTotals::default());
            }
            let Some(totals) = shops.get_mut(place) else { return Ok(()) };
            if item.item == NO_VALUE {
                totals.customers = item.sold;
            } else {
                totals.net_revenue += item.sold.net_revenue;
                net_revenue.push(item.sold.net_revenue);
            }
            Ok(())
        })?;
        rank(&mut own.1, &mut ranks);
        Ok(RankedItems { items, ranks, shops })
    }

    /// Calls `each` with every item, ascending by shop and item.
    ///
    /// # Errors
    /// Those of `each`.
    pub fn each(&self, mut each: impl FnMut(&RankedItem<'_>) -> Result<()>) -> Result<()> {
        let mut ranks = self.ranks.iter();
        self.items.each(|item| {
            if item.item == NO_VALUE {
                return Ok(());
            }
            let (rank, tier) = ranks.next().copied().unwrap_or_default();
            let shop = self.shops.get(item.shop as usize).copied().unwrap_or_default();
            each(&RankedItem { item, rank, tier, shop })
        })
    }
}
