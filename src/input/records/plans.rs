//! Plans: what a shop plans to sell, to spend on advertising and to put on sale in a month.

use super::facts::MonthPlan;
use super::shop_rows::ShopRows;
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::repeated::last_by_key;
use crate::input::rows::scan::{Scan, null};
use crate::input::values::codes::Codes;
use crate::input::values::fault::Faults;
use crate::input::values::integers::NO_COUNT;
use crate::input::values::money::{NO_MONEY, yuan};
use crate::spec::{Grain, NO_TIME, day_of_time};

/// Reads the plans by (provisional shop, month), including those of future months: a plan is made before its month.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has two different rows of one key.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes) -> Result<(Vec<MonthPlan>, Ledger)> {
    let (rows, mut ledger) = scan.rows(dataset, &[], |scan, batch, ledger, rows| {
        let mut faults = Faults::default();
        let times = batch.times("month", &mut scan.clock.clone(), &mut faults);
        let amounts = ["sales_target", "ad_budget"].map(|name| (name, batch.amounts(name, &mut faults)));
        let items = batch.counts("new_items", &mut faults);
        let judge = |row: usize| {
            if times[row] == NO_TIME {
                return Err(null("month"));
            }
            if let Some((name, amounts)) = amounts.iter().find(|(_, amounts)| amounts[row] < 0 && amounts[row] != NO_MONEY) {
                return Err((Reason::NegativeAmount, format!("{name}: {}", yuan(amounts[row]))));
            }
            let new_items = Some(items[row]).filter(|count| *count != NO_COUNT);
            if let Some(count) = new_items.filter(|count| *count < 0) {
                return Err((Reason::NegativeAmount, format!("new_items: {count}")));
            }
            let [sales_target, ad_budget] = amounts.each_ref().map(|(_, amounts)| Some(amounts[row]).filter(|amount| *amount != NO_MONEY));
            let month = Grain::Month.index(day_of_time(times[row]));
            Ok(move |shop| MonthPlan { shop, month, sales_target, ad_budget, new_items })
        };
        ShopRows { scan, batch, shops }.each(faults, ledger, |_| false, judge, |row| rows.push(row));
    })?;
    let rows = last_by_key(dataset, rows, |a, b| (a.shop, a.month).cmp(&(b.shop, b.month)), &mut ledger)?;
    Ok((rows, ledger))
}
