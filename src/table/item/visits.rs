//! Who looked at items in the last 30 days, and how many of them bought.

use crate::error::Result;
use crate::fold::item::days::{ITEM_DAYS, ItemDaySales};
use crate::input::records::item_traffic::{ItemDay, ItemFigure};
use crate::spec::Day;
use crate::table::night::{Night, Read, Shared, always};

/// The days that are looked at, the as-of date included.
const DAYS: Day = 30;

/// What was paid for items on each of the last days, in order.
pub static ITEM_DAY_SALES: Shared<Vec<ItemDaySales>> = Shared {
    name: "item_day_sales_in_order",
    not_requested: always,
    reads: |_| vec![Read::Fold(&ITEM_DAYS)],
    make: |night| Ok(night.take_fold(&ITEM_DAYS)?.into_sales()),
};

/// The visitors of items. The traffic of items is kept only where a table to build reads this.
pub static ITEM_VISITS: Shared<ItemVisits> = Shared {
    name: "item_visits",
    not_requested: |request| (!request.has_item_traffic).then_some("the job has no input `item_traffic`"),
    reads: |_| vec![Read::Shared(&ITEM_DAY_SALES)],
    make: ItemVisits::made,
};

/// What visitors of an item did on the days of the last 30 of which its visitors are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Visited {
    /// How many such days there are.
    pub days: i64,
    /// The visitors of each day, summed.
    pub visitors: i64,
    /// The customers who paid for it on each of these days, summed.
    pub buyers: i64,
    /// How often it was added to carts; `None` where no day says.
    pub cart_adds: Option<i64>,
    /// How often it was added to favourites; `None` where no day says.
    pub favorites: Option<i64>,
}

/// By shop and item, ascending.
#[derive(Debug, Default)]
pub struct ItemVisits(Vec<(u32, u32, Visited)>);

impl ItemVisits {
    fn made(night: &Night) -> Result<Self> {
        let after = night.context.as_of - DAYS;
        let sales = night.shared(&ITEM_DAY_SALES)?;
        let days = night.facts.item_traffic.as_ref().map_or(&[][..], |traffic| &traffic.days);
        let of_items = days.chunk_by(|one, next| (one.shop, one.item) == (next.shop, next.item));
        Ok(ItemVisits(of_items.filter_map(|of| visited(of, &sales, after)).collect()))
    }

    /// What visitors of an item did; nothing where none is known.
    pub fn of(&self, shop: u32, item: u32) -> Visited {
        let place = self.0.binary_search_by_key(&(shop, item), |(shop, item, _)| (*shop, *item));
        place.ok().and_then(|place| self.0.get(place)).map(|(.., visited)| *visited).unwrap_or_default()
    }
}

/// The sales of an item on a day, of all sales in order.
pub fn sales_on<'a>(sales: &'a [ItemDaySales], day: &ItemDay) -> Option<&'a ItemDaySales> {
    let place = sales.binary_search_by_key(&(day.shop, day.item, day.day), |sales| (sales.shop, sales.item, sales.day));
    place.ok().and_then(|place| sales.get(place))
}

fn visited(days: &[ItemDay], sales: &[ItemDaySales], after: Day) -> Option<(u32, u32, Visited)> {
    let first = days.first()?;
    let mut visited = Visited::default();
    let add = |sum: &mut Option<i64>, more: Option<i64>| {
        if let Some(more) = more {
            *sum = Some(sum.unwrap_or(0).saturating_add(more));
        }
    };
    for day in days.iter().filter(|day| day.day > after) {
        let Some(visitors) = day.figure(ItemFigure::Visitors) else { continue };
        visited.days += 1;
        visited.visitors = visited.visitors.saturating_add(visitors);
        visited.buyers += sales_on(sales, day).map_or(0, |sales| i64::from(sales.buyers));
        add(&mut visited.cart_adds, day.figure(ItemFigure::CartAdds));
        add(&mut visited.favorites, day.figure(ItemFigure::Favorites));
    }
    (visited.days > 0).then_some((first.shop, first.item, visited))
}
