//! Refunds: the last version of each refund application up to the as-of date.

use std::sync::Arc;

use rayon::prelude::*;

use super::batch::Batch;
use super::codes::{Codes, Local, OwnedId};
use super::dataset::Dataset;
use super::facts::Refund;
use super::fault::Faults;
use super::ledger::{Account, Ledger, Reason};
use super::money::{NO_MONEY, yuan};
use super::refund_record::Version;
use super::scan::{Scan, each_row, reject, unparseable};
use super::status::{Seen, Statuses};
use crate::error::Result;
use crate::job::Status;
use crate::partition::{Budget, Partitions, Writer, partitions_for};
use crate::spec::NO_TIME;

/// One refund application and its row.
#[derive(Debug, Clone)]
pub struct Application {
    /// The file's position in the dataset.
    pub file: u32,
    /// The row of the file.
    pub row: u32,
    /// Its id.
    pub id: OwnedId,
    /// Its order.
    pub order: OwnedId,
    /// The fields that tables use; the shop is a provisional code.
    pub refund: Refund,
}

/// The columns of the times by which a row lies before or after the as-of date.
const KNOWN_BY: [&str; 2] = ["created_at", "modified_at"];

/// Versions of a partition, roughly.
const PARTITION: u64 = 16_384;

/// What one thread reads.
struct Share<'a> {
    shops: Local<'a>,
    versions: Writer,
}

/// Reads the applications as they stood at the end of the as-of date, in no order.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged; [`crate::error::Error::Output`] where the disk is full.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes, budget: &Arc<Budget>) -> Result<(Vec<Application>, Ledger)> {
    let known = Statuses::refunds(&dataset.spec.status);
    let partitions = partitions_for(dataset.rows(), PARTITION);
    let start = || Share { shops: Local::new(shops), versions: Writer::new(partitions, Arc::clone(budget)) };
    let (shares, mut ledger) = scan.on_all_threads(dataset, &KNOWN_BY, start, |share, batch, ledger| {
        let Share { shops, versions } = share;
        each_version(scan, batch, &known, shops, ledger, |version, shop_hash| version.put(shop_hash, versions));
        versions.check()
    })?;
    let versions = Partitions::new(shares.into_iter().map(|share| share.versions).collect())?;
    let is_text = ["refund_id", "order_id"].map(|column| dataset.id_type(column).is_some_and(|id_type| !id_type.is_integer()));
    let files = dataset.files.len();
    let start = || Ok((Settled { applications: Vec::new(), accounts: vec![Account::default(); files] }, Vec::new()));
    let settled: Vec<Result<(Settled, Vec<u8>)>> = (0..versions.len())
        .into_par_iter()
        .fold(start, |settled: Result<(Settled, Vec<u8>)>, partition| {
            let (mut settled, mut bytes) = settled?;
            versions.read(partition, &mut bytes)?;
            last_versions(&bytes, is_text, &mut settled);
            Ok((settled, bytes))
        })
        .collect();
    let mut applications = Vec::new();
    for settled in settled {
        let (settled, _) = settled?;
        applications.extend(settled.applications);
        for (file, account) in settled.accounts.iter().enumerate() {
            ledger.account(file).add(account);
        }
    }
    Ok((applications, ledger))
}

/// Calls `each` with every valid row of a batch up to the as-of date, and the hash of its shop's id.
fn each_version(
    scan: &Scan<'_>,
    batch: &Batch<'_>,
    known: &Statuses,
    shops: &mut Local<'_>,
    ledger: &mut Ledger,
    mut each: impl FnMut(Version<'_>, u64),
) {
    let mut faults = Faults::default();
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
        let verdict = match (shop, id, order, fault) {
            (None, _, _, _) => null("shop_id"),
            (_, None, _, _) => null("refund_id"),
            (_, _, None, _) => null("order_id"),
            (_, _, _, Some(fault)) => Some(unparseable(fault)),
            _ if created[row] == NO_TIME => null("created_at"),
            _ if !matches!(statuses[row], Seen::Known(Status::Success | Status::Closed | Status::Open)) => {
                Some((Reason::UnknownStatus, format!("status: `{}`", texts.get(row).unwrap_or("null"))))
            }
            _ if amounts[row] < 0 && amounts[row] != NO_MONEY => Some((Reason::NegativeAmount, format!("amount: {}", yuan(amounts[row])))),
            _ if is_success && amounts[row] == NO_MONEY => null("the amount of a success"),
            _ if is_success && completed[row] == NO_TIME => null("completed_at of a success"),
            _ => None,
        };
        let (Some(shop), Some(id), Some(order), None) = (shop, id, order, &verdict) else {
            let verdict = verdict.unwrap_or((Reason::NullKey, String::new()));
            reject(batch, row, [shop, order, None, None], verdict, ledger);
            return;
        };
        let is_paid_out = is_success && completed[row] < scan.end();
        let is_open = !is_paid_out && statuses[row] != Seen::Known(Status::Closed);
        let completed = if is_paid_out { completed[row] } else { NO_TIME };
        let (shop, shop_hash) = shops.code_and_hash(shop);
        let version = Version {
            file: batch.file as u32,
            row: (batch.first_row + row as u64) as u32,
            modified: versions[row],
            id,
            order,
            refund: Refund {
                shop,
                created: created[row],
                completed,
                amount: if completed == NO_TIME { 0 } else { amounts[row] },
                intervened: intervened[row],
                is_open,
            },
        };
        each(version, shop_hash);
    });
}

/// The last versions of applications.
struct Settled {
    applications: Vec<Application>,
    /// By file: rows used and rows superseded.
    accounts: Vec<Account>,
}

/// Adds the last version of each application in a partition: by modification, then by the order of files and rows.
fn last_versions(mut bytes: &[u8], is_text: [bool; 2], settled: &mut Settled) {
    let Settled { applications, accounts } = settled;
    let mut versions: Vec<Version<'_>> = Vec::new();
    while let Some((version, rest)) = Version::read(bytes, is_text) {
        versions.push(version);
        bytes = rest;
    }
    versions
        .sort_unstable_by(|a, b| (a.refund.shop, a.id, a.modified, a.file, a.row).cmp(&(b.refund.shop, b.id, b.modified, b.file, b.row)));
    for versions in versions.chunk_by(|a, b| (a.refund.shop, a.id) == (b.refund.shop, b.id)) {
        let Some((used, older)) = versions.split_last() else { continue };
        for version in older {
            if let Some(account) = accounts.get_mut(version.file as usize) {
                account.superseded += 1;
            }
        }
        if let Some(account) = accounts.get_mut(used.file as usize) {
            account.used += 1;
        }
        let Version { file, row, id, order, refund, .. } = *used;
        applications.push(Application { file, row, id: OwnedId::from(id), order: OwnedId::from(order), refund });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Id;

    #[test]
    fn the_last_version_counts_whatever_the_order_of_arrival() {
        let refund = |amount| Refund { shop: 3, created: 1, completed: 2, amount, intervened: Some(amount == 9), is_open: amount == 8 };
        let version = |file, row, modified, id, amount| Version { file, row, modified, id, order: Id::Integer(8), refund: refund(amount) };
        // Application 鱼 was changed at 20 in file 1 and at 20 again in file 2; 肉 has one version.
        let versions = [
            version(2, 0, 20, Id::Text("鱼"), 9),
            version(0, 5, 10, Id::Text("鱼"), 7),
            version(1, 9, 20, Id::Text("鱼"), 8),
            version(0, 6, 30, Id::Text("肉"), 5),
        ];
        let mut writer = Writer::new(1, Arc::new(Budget::unlimited()));
        versions.iter().for_each(|version| version.put(0, &mut writer));
        let mut bytes = Vec::new();
        Partitions::new(vec![writer]).unwrap().read(0, &mut bytes).unwrap();
        let mut settled = Settled { applications: Vec::new(), accounts: vec![Account::default(); 3] };
        last_versions(&bytes, [true, false], &mut settled);
        let Settled { applications, accounts } = settled;
        let found: Vec<(u32, OwnedId, Refund)> = applications.iter().map(|one| (one.file, one.order.clone(), one.refund)).collect();
        assert_eq!(found, [(0, OwnedId::Integer(8), refund(5)), (2, OwnedId::Integer(8), refund(9))]);
        assert_eq!(accounts.iter().map(|account| (account.used, account.superseded)).collect::<Vec<_>>(), [(1, 1), (0, 1), (1, 0)]);
    }
}
