//! Refunds: applications settled to the version that the as-of date knows, and found again by their order.

use super::codes::{Codes, Local, OwnedId};
use super::dataset::Dataset;
use super::facts::Refund;
use super::fault::Faults;
use super::ledger::{Ledger, Reason};
use super::money::NO_MONEY;
use super::orders::yuan;
use super::scan::{Scan, each_row, last_by_key, reject, unparseable};
use super::status::{Seen, Statuses};
use crate::error::Result;
use crate::job::Status;
use crate::spec::NO_TIME;

/// One refund application, and where it comes from.
#[derive(Debug, Clone)]
pub struct Application {
    /// The file's position in the dataset.
    pub file: usize,
    /// The row of the file.
    pub row: u64,
    /// Its id.
    pub id: OwnedId,
    /// Its order.
    pub order: OwnedId,
    /// What tables use of it; the shop is a provisional code.
    pub refund: Refund,
    modified: i64,
}

impl Application {
    /// What orders a customer's refunds: completion, then id.
    pub fn settlement(&self) -> (i64, &OwnedId) {
        (self.refund.completed, &self.id)
    }
}

/// The applications by (provisional shop, refund id), as the as-of date knows them.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes) -> Result<(Vec<Application>, Ledger)> {
    let known = Statuses::refunds(&dataset.spec.status);
    let (mut rows, mut ledger) = scan.rows(dataset, |scan, batch, ledger, rows| {
        let mut faults = Faults::default();
        let mut shop_codes = Local::new(shops);
        let mut clock = scan.clock.clone();
        let modified = batch.times("modified_at", &mut clock, &mut faults);
        let created = batch.times("created_at", &mut clock, &mut faults);
        let completed = batch.times("completed_at", &mut clock, &mut faults);
        let versions = batch.instants("modified_at", &modified);
        let amounts = batch.amounts("amount", &mut faults);
        let intervened = batch.flags("intervened", &mut faults);
        let texts = batch.texts("status");
        let statuses = known.column(&texts);
        let (shop_ids, refund_ids, order_ids) = (scan.shops(batch), batch.ids("refund_id"), batch.ids("order_id"));
        batch.note_long(&["shop_id"], &mut faults);
        each_row(batch, faults, ledger, |row, fault, ledger| {
            if modified[row] >= scan.end() || created[row] >= scan.end() {
                ledger.account(batch.file).after_as_of += 1;
                return;
            }
            let (shop, id, order) = (shop_ids.get(row), refund_ids.get(row), order_ids.get(row));
            let is_success = statuses[row] == Seen::Known(Status::Success);
            let null = |column: &str| Some((Reason::NullKey, format!("{column} is null")));
            let verdict = match (shop, id, order, &fault) {
                (None, _, _, _) => null("shop_id"),
                (_, None, _, _) => null("refund_id"),
                (_, _, None, _) => null("order_id"),
                (_, _, _, Some(fault)) => Some(unparseable(fault)),
                _ if created[row] == NO_TIME => null("created_at"),
                _ if !matches!(statuses[row], Seen::Known(Status::Success | Status::Closed | Status::Open)) => {
                    Some((Reason::UnknownStatus, format!("status: `{}`", texts.get(row).unwrap_or("null"))))
                }
                _ if amounts[row] < 0 && amounts[row] != NO_MONEY => {
                    Some((Reason::NegativeAmount, format!("amount: {}", yuan(amounts[row]))))
                }
                _ if is_success && amounts[row] == NO_MONEY => null("the amount of a success"),
                _ if is_success && completed[row] == NO_TIME => null("completed_at of a success"),
                _ => None,
            };
            let (Some(shop), Some(id), Some(order), None) = (shop, id, order, &verdict) else {
                let verdict = verdict.unwrap_or((Reason::NullKey, String::new()));
                reject(batch, row, [shop, order, None, None], verdict, ledger);
                return;
            };
            let completed = if is_success && completed[row] < scan.end() { completed[row] } else { NO_TIME };
            rows.push(Application {
                file: batch.file,
                row: batch.first_row + row as u64,
                id: id.into(),
                order: order.into(),
                refund: Refund {
                    shop: shop_codes.code(shop),
                    created: created[row],
                    completed,
                    amount: if completed == NO_TIME { 0 } else { amounts[row] },
                    intervened: intervened[row],
                },
                modified: versions[row],
            });
        });
    })?;
    rows.sort_by_key(|row| row.modified);
    let rows = settle(rows, &mut ledger);
    Ok((rows, ledger))
}

fn settle(rows: Vec<Application>, ledger: &mut Ledger) -> Vec<Application> {
    last_by_key(rows, |a, b| (a.refund.shop, &a.id).cmp(&(b.refund.shop, &b.id)), |row| row.file, ledger)
}
