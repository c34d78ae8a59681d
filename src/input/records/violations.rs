//! Violations (违规扣分) of the platform's rules, with the points that they cost.

use super::facts::{Violation, ViolationKind};
use super::shop_rows::ShopRows;
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::repeated::Placed;
use crate::input::rows::scan::{Scan, null};
use crate::input::values::codes::Codes;
use crate::input::values::fault::Faults;
use crate::spec::{NO_TIME, day_of_time};

const KINDS: [(&str, ViolationKind); 3] =
    [("general", ViolationKind::General), ("serious", ViolationKind::Serious), ("red_line", ViolationKind::RedLine)];

/// Reads the violations, in no order, by provisional shop. They have no id: every row counts, and a repeated row is two violations. A red
/// line may have no points, since they do not matter: the shop is closed at once.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes) -> Result<(Vec<Violation>, Ledger)> {
    scan.rows(dataset, &["occurred_at"], |scan, batch, ledger, rows| {
        let mut faults = Faults::default();
        let times = batch.times("occurred_at", &mut scan.clock.clone(), &mut faults);
        let kinds = batch.texts("kind");
        let points = batch.figures("points", &mut faults);
        let judge = |row: usize| {
            let time = times[row];
            if time == NO_TIME {
                return Err(null("occurred_at"));
            }
            let text = kinds.get(row).ok_or_else(|| null("kind"))?;
            let Some(&(_, kind)) = KINDS.iter().find(|(name, _)| *name == text) else {
                return Err((Reason::UnknownStatus, format!("kind: `{text}`, which is none of general, serious, red_line")));
            };
            match points[row].or((kind == ViolationKind::RedLine).then_some(0.0)) {
                None => Err(null("points")),
                Some(points) if points < 0.0 => Err((Reason::NegativeAmount, format!("points: {points}"))),
                Some(points) => Ok(move |shop| Violation { shop, day: day_of_time(time), kind, points }),
            }
        };
        let mut days = Vec::new();
        let take = |row: Placed<Violation>| {
            days.push((row.value.shop, row.value.day));
            rows.push(row.value);
        };
        ShopRows { scan, batch, shops }.each(faults, ledger, |row| times[row] >= scan.end(), judge, take);
        ledger.account(batch.file).used += days.len() as u64;
        days.into_iter().for_each(|(shop, day)| ledger.events.note(batch.file, shop, day));
    })
}
