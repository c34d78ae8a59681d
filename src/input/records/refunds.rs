//! Refunds: the last version of each refund application up to the as-of date.

use std::sync::Arc;

use rayon::prelude::*;

use super::facts::Refund;
use super::refund_lines::{RefundLine, RefundLines};
use super::refund_reasons::{ReasonCells, Reasons};
use super::refund_record::{RefundTextIds, Version};
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::batch::Batch;
use crate::input::rows::ledger::{Account, Ledger, Reason};
use crate::input::rows::partition_parts::Parts;
use crate::input::rows::repeated::{Placed, Repeats};
use crate::input::rows::scan::{RowIds, Scan, each_row, reject, unparseable};
use crate::input::times::time::Moments;
use crate::input::values::codes::{Codes, Local, OwnedId};
use crate::input::values::fault::Faults;
use crate::input::values::ids::Ids;
use crate::input::values::money::{NO_MONEY, yuan};
use crate::input::values::status::{Seen, Statuses};
use crate::job::Status;
use crate::partition::{Budget, Partitions, Writer, partitions_for};
use crate::spec::{NO_TIME, day_of_time};

/// One refund application and its row.
#[derive(Debug, Clone)]
pub struct Application {
    /// The file's position in the dataset.
    pub file: u32,
    /// The row of the file.
    pub row: u32,
    /// Its id.
    pub id: OwnedId,
    /// Its order; `None` for a refund that names its customer alone.
    pub order: Option<OwnedId>,
    /// The customer, where the input names one: who it is of a refund whose order is not there.
    pub customer: Option<OwnedId>,
    /// The fields that tables use; the shop is a provisional code.
    pub refund: Refund,
}

/// What the refunds input says.
#[derive(Debug, Default)]
pub struct Refunds {
    /// The last version of each application, in no order.
    pub applications: Vec<Application>,
    /// The lines that those of them name that were paid out.
    pub lines: RefundLines,
    /// The reasons, ascending, to which their codes from 1 belong.
    pub reasons: Vec<String>,
}

/// Versions of a partition, roughly.
const PARTITION: u64 = 16_384;

/// What one thread reads.
struct Share<'a> {
    shops: Local<'a>,
    reasons: Local<'a>,
    versions: Writer,
}

/// Reads the applications as they stood at the end of the as-of date. `reads_lines` says whether they name lines that orders can have.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has different rows of one application without times of modification;
/// [`crate::error::Error::Output`] where the disk is full.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes, budget: &Arc<Budget>, reads_lines: bool) -> Result<(Refunds, Ledger)> {
    let known = Statuses::refunds(&dataset.spec.status);
    let partitions = partitions_for(dataset.rows(), PARTITION);
    let reasons = Codes::default();
    let start = || Share { shops: Local::new(shops), reasons: Local::new(&reasons), versions: Writer::new(partitions, Arc::clone(budget)) };
    let (shares, mut ledger) = scan.on_all_threads(dataset, scan.known_by(), start, |share, batch, ledger| {
        let Share { shops, reasons, versions } = share;
        let codes = (shops, reasons);
        each_version(scan, batch, (&known, reads_lines), codes, ledger, |version, shop_hash| version.put(shop_hash, versions));
        versions.check()
    })?;
    let versions = Partitions::new(shares.into_iter().map(|share| share.versions).collect())?;
    let is_text = RefundTextIds::of(dataset);
    let files = dataset.files.len();
    let has_versions = dataset.has("modified_at");
    let parts = Parts::of(dataset);
    let start = || {
        let accounts = vec![Account::default(); files];
        Ok((Settled::new(accounts), Vec::new()))
    };
    let settled: Vec<Result<(Settled, Vec<u8>)>> = (0..versions.len())
        .into_par_iter()
        .fold(start, |settled: Result<(Settled, Vec<u8>)>, partition| {
            let (mut settled, mut bytes) = settled?;
            versions.read(partition, &mut bytes)?;
            last_versions(&bytes, is_text, &Rules { has_versions, parts: &parts }, &mut settled);
            Ok((settled, bytes))
        })
        .collect();
    let (mut applications, mut lines, mut repeats) = (Vec::new(), Vec::new(), Repeats::default());
    for settled in settled {
        let (settled, _) = settled?;
        repeats.merge(settled.repeats);
        ledger.across_parts += settled.across_parts;
        applications.extend(settled.applications);
        lines.extend(settled.lines);
        for (file, account) in settled.accounts.iter().enumerate() {
            ledger.account(file).add(account);
        }
    }
    repeats.check(dataset, &parts)?;
    let Reasons { texts, codes } = Reasons::of(&reasons, dataset)?;
    for application in &mut applications {
        let reason = &mut application.refund.reason;
        *reason = codes.get(usize::from(*reason)).copied().unwrap_or(0);
    }
    Ok((Refunds { applications, lines: RefundLines::new(lines), reasons: texts }, ledger))
}

/// Calls `each` with every valid row of a batch up to the as-of date, and the hash of its shop's id. `known` are the statuses,
/// `reads_lines` says whether lines are read.
fn each_version(
    scan: &Scan<'_>,
    batch: &Batch<'_>,
    (known, reads_lines): (&Statuses, bool),
    (shops, reasons): (&mut Local<'_>, &mut Local<'_>),
    ledger: &mut Ledger,
    mut each: impl FnMut(Version<'_>, u64),
) {
    let mut faults = Faults::default();
    let mut clock = scan.clock.clone();
    let Moments { local: modified, moments: versions } = batch.moments("modified_at", &mut clock, &mut faults);
    let created = batch.times("created_at", &mut clock, &mut faults);
    let completed = batch.times("completed_at", &mut clock, &mut faults);
    let amounts = batch.amounts("amount", &mut faults);
    let intervened = batch.flags("intervened", &mut faults);
    let texts = batch.texts("status");
    let statuses = known.column(&texts);
    let (shop_ids, refund_ids, order_ids) = (scan.shops(batch), batch.ids("refund_id"), batch.ids("order_id"));
    let customer_ids = batch.ids("customer_id");
    let line_ids = if reads_lines { batch.ids("line_id") } else { Ids::Absent };
    batch.note_long(&["shop_id"], &mut faults);
    let reasons = ReasonCells::of(batch, reasons, &mut faults);
    batch.note_rounded(&["shop_id", "refund_id", "order_id", "customer_id"], &mut faults);
    if reads_lines {
        batch.note_rounded(&["line_id"], &mut faults);
    }
    each_row(batch, faults, ledger, |row, fault, ledger| {
        let is_later = modified[row] >= scan.end();
        if (is_later && !scan.restores) || created[row] >= scan.end() {
            ledger.account(batch.file).after_as_of += 1;
            return;
        }
        let (shop, id, order) = (shop_ids.get(row), refund_ids.get(row), order_ids.get(row));
        let (customer, line) = (customer_ids.get(row), line_ids.get(row));
        let is_success = statuses[row] == Seen::Known(Status::Success);
        let null = |column: &str| Some((Reason::NullKey, format!("{column} is null")));
        let verdict = match (shop, id, order, fault) {
            (None, _, _, _) => null("shop_id"),
            (_, None, _, _) => null("refund_id"),
            (_, _, None, _) if customer.is_none() => null("order_id"),
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
        let (Some(shop), Some(id), None) = (shop, id, &verdict) else {
            let verdict = verdict.unwrap_or((Reason::NullKey, String::new()));
            reject(batch, row, RowIds { shop, order, line, customer }, verdict, ledger);
            return;
        };
        let is_paid_out = is_success && completed[row] < scan.end();
        // Who decided later had not decided yet, and nobody had intervened.
        let is_undecided = is_later && !is_paid_out;
        let is_open = !is_paid_out && (is_undecided || statuses[row] != Seen::Known(Status::Closed));
        let completed = if is_paid_out { completed[row] } else { NO_TIME };
        if let Some(detail) = reasons.fault(row) {
            ledger.null_fault(batch.file, batch.first_row + row as u64, "reason", detail);
        }
        let (shop, shop_hash) = shops.code_and_hash(shop);
        ledger.events.note(batch.file, shop, day_of_time(completed.max(created[row])));
        let version = Version {
            file: batch.file as u32,
            row: (batch.first_row + row as u64) as u32,
            modified: scan.version(versions[row], is_later),
            id,
            order,
            customer: customer.map(|customer| scan.person(customer)),
            line: line.filter(|_| is_paid_out && order.is_some()),
            refund: Refund {
                shop,
                created: created[row],
                completed,
                amount: if completed == NO_TIME { 0 } else { amounts[row] },
                intervened: if is_undecided { intervened[row].map(|_| false) } else { intervened[row] },
                is_open,
                reason: reasons.code(row),
            },
        };
        each(version, shop_hash);
    });
}

/// The last versions of applications.
struct Settled {
    applications: Vec<Application>,
    lines: Vec<RefundLine>,
    /// By file: rows used and rows superseded.
    accounts: Vec<Account>,
    /// Rows of one application where nothing says which of them is newer.
    repeats: Repeats,
    /// Rows superseded by a row of another part of the input.
    across_parts: u64,
}

impl Settled {
    fn new(accounts: Vec<Account>) -> Self {
        Settled { applications: Vec::new(), lines: Vec::new(), accounts, repeats: Repeats::default(), across_parts: 0 }
    }
}

/// How versions of an application are known.
struct Rules<'a> {
    /// Whether rows have a time of modification; without one, different rows of one file or of two parts are no versions.
    has_versions: bool,
    parts: &'a Parts,
}

/// Adds the last version of each application in a partition: by modification, then by the order of files and rows.
fn last_versions(mut bytes: &[u8], is_text: RefundTextIds, rules: &Rules<'_>, settled: &mut Settled) {
    let Settled { applications, lines, accounts, repeats, across_parts } = settled;
    let mut versions: Vec<Version<'_>> = Vec::new();
    while let Some((version, rest)) = Version::read(bytes, is_text) {
        versions.push(version);
        bytes = rest;
    }
    versions
        .sort_unstable_by(|a, b| (a.refund.shop, a.id, a.modified, a.file, a.row).cmp(&(b.refund.shop, b.id, b.modified, b.file, b.row)));
    for versions in versions.chunk_by(|a, b| (a.refund.shop, a.id) == (b.refund.shop, b.id)) {
        let Some((used, older)) = versions.split_last() else { continue };
        if !rules.has_versions && !older.is_empty() {
            let rows: Vec<Placed<&Version<'_>>> =
                versions.iter().map(|value| Placed { file: value.file as usize, row: u64::from(value.row), value }).collect();
            repeats.note(rules.parts, &rows, |a, b| (a.order, a.customer, a.line, a.refund) == (b.order, b.customer, b.line, b.refund));
        }
        let part = |version: &Version<'_>| rules.parts.of_file(version.file as usize);
        *across_parts += older.iter().filter(|version| part(version) != part(used)).count() as u64;
        for version in older {
            if let Some(account) = accounts.get_mut(version.file as usize) {
                account.superseded += 1;
            }
        }
        if let Some(account) = accounts.get_mut(used.file as usize) {
            account.used += 1;
        }
        let Version { file, row, id, order, customer, line, refund, .. } = *used;
        lines.extend(line.map(|line| RefundLine { file, row, line: line.into() }));
        let (order, customer) = (order.map(OwnedId::from), customer.map(OwnedId::from));
        applications.push(Application { file, row, id: OwnedId::from(id), order, customer, refund });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Id;

    #[test]
    fn the_last_version_counts_whatever_the_order_of_arrival() {
        let refund = |amount| Refund {
            shop: 3,
            created: 1,
            completed: 2,
            amount,
            intervened: Some(amount == 9),
            is_open: amount == 8,
            reason: amount as u16,
        };
        let version = |file, row, modified, id, amount| {
            let customer = (amount == 9).then_some(Id::Text("甲"));
            // The line is a text, and the one of the older version is another.
            let line = (amount != 5).then_some(Id::Text(if amount == 9 { "头" } else { "尾" }));
            Version { file, row, modified, id, order: Some(Id::Integer(8)), customer, line, refund: refund(amount) }
        };
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
        let mut settled = Settled::new(vec![Account::default(); 3]);
        last_versions(
            &bytes,
            RefundTextIds { refund: true, order: false, customer: true, line: true },
            &Rules { has_versions: true, parts: &Parts::default() },
            &mut settled,
        );
        let Settled { applications, lines, accounts, .. } = settled;
        let found: Vec<(u32, Option<OwnedId>, Refund)> = applications.iter().map(|one| (one.file, one.order.clone(), one.refund)).collect();
        assert_eq!(found, [(0, Some(OwnedId::Integer(8)), refund(5)), (2, Some(OwnedId::Integer(8)), refund(9))]);
        assert_eq!(applications.iter().map(|one| one.customer.clone()).collect::<Vec<_>>(), [None, Some(OwnedId::Text("甲".into()))]);
        assert_eq!(lines, [RefundLine { file: 2, row: 0, line: OwnedId::Text("头".into()) }]);
        assert_eq!(accounts.iter().map(|account| (account.used, account.superseded)).collect::<Vec<_>>(), [(1, 1), (0, 1), (1, 0)]);
    }
}
