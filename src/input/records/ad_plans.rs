//! Advertising plans: what a shop means to spend on each channel in a month.

use super::facts::AdPlan;
use super::shop_rows::ShopRows;
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::repeated::last_by_key;
use crate::input::rows::scan::{Scan, null};
use crate::input::values::codes::Codes;
use crate::input::values::fault::Faults;
use crate::input::values::money::{NO_MONEY, yuan};
use crate::spec::{Grain, NO_TIME, day_of_time};

/// The word for all channels together, which is no channel.
pub const ALL_CHANNELS: &str = "(all)";

/// Reads the plans by (provisional shop, month, channel), including those of future months: a plan is made before its month.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has two different rows of one key.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes) -> Result<(Vec<AdPlan>, Ledger)> {
    let (rows, mut ledger) = scan.rows(dataset, &[], |scan, batch, ledger, rows| {
        let mut faults = Faults::default();
        let times = batch.times("month", &mut scan.clock.clone(), &mut faults);
        let budgets = batch.amounts("budget", &mut faults);
        let channels = batch.texts("channel");
        batch.note_long(&["channel"], &mut faults);
        let judge = |row: usize| {
            if times[row] == NO_TIME {
                return Err(null("month"));
            }
            let Some(channel) = channels.get(row).filter(|channel| !channel.is_empty()) else { return Err(null("channel")) };
            if channel == ALL_CHANNELS {
                return Err((Reason::NullKey, format!("channel: `{ALL_CHANNELS}` is all channels, whose plan is `ad_budget` of `plans`")));
            }
            match budgets[row] {
                NO_MONEY => return Err(null("budget")),
                budget if budget < 0 => return Err((Reason::NegativeAmount, format!("budget: {}", yuan(budget)))),
                _ => {}
            }
            let (month, channel, budget) = (Grain::Month.index(day_of_time(times[row])), channel.to_owned(), budgets[row]);
            Ok(move |shop| AdPlan { shop, month, channel, budget })
        };
        ShopRows { scan, batch, shops }.each(faults, ledger, |_| false, judge, |row| rows.push(row));
    })?;
    let by_key = |a: &AdPlan, b: &AdPlan| (a.shop, a.month, &a.channel).cmp(&(b.shop, b.month, &b.channel));
    let rows = last_by_key(dataset, rows, by_key, &mut ledger)?;
    Ok((rows, ledger))
}
