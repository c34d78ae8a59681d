//! Traffic of items: who looked at an item page on a day, and what they did there.

use super::day_figures::DayFigures;
use super::shop_rows::ShopRows;
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::repeated::last_by_key;
use crate::input::rows::scan::{Scan, null};
use crate::input::values::codes::{Codes, Local};
use crate::input::values::fault::Faults;
use crate::input::values::integers::NO_COUNT;
use crate::spec::{Day, NO_TIME, day_of_time};

/// The last days whose traffic tables need, the as-of date included.
pub const ITEM_TRAFFIC_DAYS: Day = 90;

/// The figures, in the order of [`ItemDay::figures`].
const FIGURES: [&str; 4] = ["ipv", "ipv_uv", "favorites", "cart_adds"];

/// The figures of an item on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum ItemFigure {
    /// Views of its page.
    Views,
    /// Distinct visitors of its page. They add up neither over items nor over days.
    Visitors,
    /// How often it was added to favourites.
    Favorites,
    /// How often it was added to carts.
    CartAdds,
}

/// One row of traffic of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemDay {
    /// Shop code.
    pub shop: u32,
    /// Code of the item.
    pub item: u32,
    /// The day.
    pub day: Day,
    /// By [`ItemFigure`].
    figures: DayFigures<4>,
}

impl ItemDay {
    /// A day with these figures, in the order of [`ItemFigure`]; `None` where the column is not mapped or the cell is null.
    pub fn new(shop: u32, item: u32, day: Day, figures: [Option<i64>; 4]) -> Self {
        ItemDay { shop, item, day, figures: DayFigures::new(figures) }
    }

    /// One of the figures, if it is known.
    pub fn figure(&self, figure: ItemFigure) -> Option<i64> {
        self.figures.get(figure as usize)
    }
}

/// The traffic of items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemTraffic {
    /// One row a (shop, item, day), sorted by them, of the last [`ITEM_TRAFFIC_DAYS`]; none where no wanted table reads them.
    pub days: Vec<ItemDay>,
    /// The first day of each shop.
    pub first_days: Vec<(u32, Day)>,
}

impl ItemTraffic {
    /// Replaces provisional codes of shops and items, and puts the days in order.
    pub fn rank(&mut self, shop: &dyn Fn(u32) -> u32, items: &[u32]) {
        for day in &mut self.days {
            day.shop = shop(day.shop);
            day.item = items.get(day.item as usize).copied().unwrap_or(0);
        }
        self.days.sort_unstable_by_key(|day| (day.shop, day.item, day.day));
        self.first_days.iter_mut().for_each(|(of, _)| *of = shop(*of));
    }
}

/// Reads the traffic of items by (provisional shop, item, day). Of several rows of a day the last one counts. `items` are those of the orders.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has two different rows of one key.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes, items: &Codes, keeps: bool) -> Result<(ItemTraffic, Ledger)> {
    let (rows, mut ledger) = scan.rows(dataset, &["date"], |scan, batch, ledger, rows| {
        let mut faults = Faults::default();
        let dates = batch.times("date", &mut scan.clock.clone(), &mut faults);
        let counts = FIGURES.map(|name| batch.counts(name, &mut faults));
        let mut codes = Vec::new();
        Local::new(items).ids(&batch.ids("item_id"), batch.rows, &mut codes);
        batch.note_long(&["item_id"], &mut faults);
        let judge = |row: usize| {
            let (date, item) = (dates[row], codes.get(row).copied().unwrap_or(0));
            if date == NO_TIME {
                return Err(null("date"));
            }
            if item == 0 {
                return Err(null("item_id"));
            }
            let negative = FIGURES.iter().zip(&counts).find(|(_, counts)| counts[row] < 0 && counts[row] != NO_COUNT);
            if let Some((name, counts)) = negative {
                return Err((Reason::NegativeAmount, format!("{name}: {}", counts[row])));
            }
            let figures = DayFigures::of_counts(counts.each_ref().map(|counts| counts[row]));
            Ok(move |shop| ItemDay { shop, item, day: day_of_time(date), figures })
        };
        let shop_rows = ShopRows { scan, batch, shops };
        shop_rows.each(faults, ledger, |row| dates[row] >= scan.end(), judge, |row| rows.push(row));
    })?;
    rows.iter().for_each(|row| ledger.events.note(row.file, row.value.shop, row.value.day));
    let mut days = last_by_key(dataset, rows, |a, b| (a.shop, a.item, a.day).cmp(&(b.shop, b.item, b.day)), &mut ledger)?;
    let of_shops = days.chunk_by(|one, next| one.shop == next.shop);
    let first_days = of_shops.filter_map(|of| Some((of.first()?.shop, of.iter().map(|day| day.day).min()?))).collect();
    days.retain(|day| keeps && day.day > scan.as_of - ITEM_TRAFFIC_DAYS);
    days.shrink_to_fit();
    Ok((ItemTraffic { days, first_days }, ledger))
}
