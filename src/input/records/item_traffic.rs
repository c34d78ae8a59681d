//! Traffic of items: who looked at an item page on a day, and what they did there.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::day_figures::DayFigures;
use super::first_days::FirstDays;
use super::shop_rows::ShopRows;
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::keyed_rows::{KeyedRow, KeyedWriter, last_of_each};
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::scan::{Scan, null};
use crate::input::values::codes::{Codes, Local};
use crate::input::values::fault::Faults;
use crate::input::values::integers::NO_COUNT;
use crate::partition::Budget;
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

/// Reads the traffic of items. Of several rows of a day the last one counts. `items` are those of the orders. The days of `keeps` stay, if they
/// are recent.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has two different rows of one key; [`crate::error::Error::Output`] where the disk
/// is full.
pub fn read(
    scan: &Scan<'_>,
    dataset: &Dataset,
    shops: &Codes,
    (items, keeps): (&Codes, bool),
    budget: &Arc<Budget>,
) -> Result<(ItemTraffic, Ledger)> {
    let start = || KeyedWriter::new(dataset, budget);
    let (writers, mut ledger) = scan.on_all_threads(dataset, &["date"], start, |rows, batch, ledger| {
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
            let figures = counts.each_ref().map(|counts| counts[row]);
            Ok(move |shop| (shop, item, day_of_time(date), figures))
        };
        let mut days = Vec::new();
        let shop_rows = ShopRows { scan, batch, shops };
        shop_rows.each(
            faults,
            ledger,
            |row| dates[row] >= scan.end(),
            judge,
            |row| {
                let (shop, item, day, figures) = row.value;
                days.push((shop, day));
                let digest = FixedState::default().hash_one(figures);
                let stays = keeps && is_recent(scan, day);
                rows.put((row.file, row.row), [shop.into(), item.into(), day.into()], (shop, item), digest, |bytes| {
                    if stays {
                        DayFigures::of_counts(figures).write(bytes);
                    }
                });
            },
        );
        days.into_iter().for_each(|(shop, day)| ledger.events.note(batch.file, shop, day));
        rows.check()
    })?;
    let made = last_of_each(dataset, writers, &mut ledger, |rows| Kept::of(rows, keeps, scan))?;
    let mut days = Vec::with_capacity(made.iter().map(|kept| kept.days.len()).sum());
    let mut first_days = FirstDays::default();
    for kept in made {
        days.extend(kept.days);
        first_days.add(kept.first_days);
    }
    Ok((ItemTraffic { days, first_days: first_days.into_sorted() }, ledger))
}

/// Whether tables need a day.
fn is_recent(scan: &Scan<'_>, day: Day) -> bool {
    day > scan.as_of - ITEM_TRAFFIC_DAYS
}

/// The rows kept of some items.
#[derive(Default)]
struct Kept {
    days: Vec<ItemDay>,
    /// The first day of each shop of these.
    first_days: FirstDays,
}

impl Kept {
    /// The rows of these keys: shop, item and day.
    fn of(rows: &[KeyedRow<'_, 3>], keeps: bool, scan: &Scan<'_>) -> Self {
        let mut kept = Kept::default();
        for KeyedRow { key: [shop, item, day], figures, .. } in rows {
            let (shop, item, day, mut figures) = (*shop as u32, *item as u32, *day as Day, *figures);
            kept.first_days.note(shop, day);
            if keeps && is_recent(scan, day) {
                kept.days.extend(DayFigures::read(&mut figures).map(|figures| ItemDay { shop, item, day, figures }));
            }
        }
        kept
    }
}
