//! Shops: name and group, main category and opening date, by which the platform compares and exempts shops, and sales targets.

use super::facts::Shop;
use super::shop_rows::ShopRows;
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::repeated::last_by_key;
use crate::input::rows::scan::Scan;
use crate::input::values::codes::Codes;
use crate::input::values::fault::Faults;
use crate::input::values::money::{NO_MONEY, yuan};
use crate::spec::{NO_DAY, NO_TIME, day_of_time};

/// Reads the shops by provisional code.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has two different rows of one key.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes) -> Result<(Vec<Shop>, Ledger)> {
    let (rows, mut ledger) = scan.rows(dataset, &[], |scan, batch, ledger, rows| {
        let mut faults = Faults::default();
        let opened = batch.times("opened_at", &mut scan.clock.clone(), &mut faults);
        let targets = batch.amounts("annual_target", &mut faults);
        let [names, categories, groups] = ["name", "category", "shop_group"].map(|column| batch.texts(column));
        batch.note_long(&["name", "category", "shop_group"], &mut faults);
        let judge = |row: usize| {
            let annual_target = Some(targets[row]).filter(|target| *target != NO_MONEY);
            if let Some(target) = annual_target.filter(|target| *target < 0) {
                return Err((Reason::NegativeAmount, format!("annual_target: {}", yuan(target))));
            }
            let [name, category, group] = [&names, &categories, &groups].map(|texts| texts.get(row).map(str::to_owned));
            let opened = if opened[row] == NO_TIME { NO_DAY } else { day_of_time(opened[row]) };
            Ok(move |shop| Shop { shop, name, category, group, opened, annual_target })
        };
        ShopRows { scan, batch, shops }.each(faults, ledger, |_| false, judge, |row| rows.push(row));
    })?;
    let rows = last_by_key(dataset, rows, |a, b| a.shop.cmp(&b.shop), &mut ledger)?;
    Ok((rows, ledger))
}
