//! Shops: main category and opening date, by which the platform compares and exempts.

use super::codes::{Codes, Local};
use super::dataset::Dataset;
use super::facts::Shop;
use super::fault::Faults;
use super::ledger::{Ledger, Reason};
use super::scan::{Scan, each_row, last_by_key, reject, unparseable};
use crate::error::Result;
use crate::spec::{NO_DAY, NO_TIME, day_of_time};

/// The shops by provisional code.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes) -> Result<(Vec<Shop>, Ledger)> {
    let (rows, mut ledger) = scan.rows(dataset, &[], |scan, batch, ledger, rows| {
        let mut faults = Faults::default();
        let mut shop_codes = Local::new(shops);
        let opened = batch.times("opened_at", &mut scan.clock.clone(), &mut faults);
        let categories = batch.texts("category");
        let shop_ids = scan.shops(batch);
        batch.note_long(&["shop_id", "category"], &mut faults);
        each_row(batch, faults, ledger, |row, fault, ledger| match (shop_ids.get(row), fault) {
            (None, _) => reject(batch, row, [None; 4], (Reason::NullKey, "shop_id is null".to_owned()), ledger),
            (shop, Some(fault)) => reject(batch, row, [shop, None, None, None], unparseable(fault), ledger),
            (Some(shop), None) => {
                let opened = if opened[row] == NO_TIME { NO_DAY } else { day_of_time(opened[row]) };
                rows.push((
                    batch.file,
                    Shop { shop: shop_codes.code(shop), category: categories.get(row).map(str::to_owned), opened, annual_target: None },
                ));
            }
        });
    })?;
    let rows = last_by_key(rows, |(_, a), (_, b)| a.shop.cmp(&b.shop), |(file, _)| *file, &mut ledger);
    Ok((rows.into_iter().map(|(_, shop)| shop).collect(), ledger))
}
