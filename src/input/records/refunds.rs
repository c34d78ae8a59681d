//! Refunds: the last version of each refund application up to the as-of date.

use std::sync::Arc;

use rayon::prelude::*;

use super::facts::Refund;
use super::refund_lines::RefundLines;
use super::refund_reasons::{ReasonCells, Reasons};
use super::refund_record::{RefundTextIds, Version};
pub use super::refund_versions::Application;
use super::refund_versions::{Change, Rules, Settled, last_versions};
use super::refunds_then::{RefundChange, RefundChanges, Then};
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::batch::Batch;
use crate::input::rows::ledger::{Account, Ledger, Reason};
use crate::input::rows::partition_parts::Parts;
use crate::input::rows::past_files::PastFile;
use crate::input::rows::repeated::Repeats;
use crate::input::rows::scan::{RowIds, Scan, each_row, reject, unparseable};
use crate::input::times::time::Moments;
use crate::input::values::codes::{Codes, Local};
use crate::input::values::fault::Faults;
use crate::input::values::ids::Ids;
use crate::input::values::money::{NO_MONEY, yuan};
use crate::input::values::status::{Seen, Statuses};
use crate::job::Status;
use crate::partition::{Budget, Partitions, Writer, partitions_for};
use crate::spec::{NO_TIME, day_of_time};

/// What the refunds input says.
#[derive(Debug, Default)]
pub struct Refunds {
    /// The last version of each application, in no order.
    pub applications: Vec<Application>,
    /// The lines that those of them name that were paid out.
    pub lines: RefundLines,
    /// The reasons, ascending, to which their codes from 1 belong.
    pub reasons: Vec<String>,
    /// What the earlier reading counted otherwise.
    pub changes: RefundChanges,
}

/// Versions of a partition, roughly.
const PARTITION: u64 = 16_384;

/// What one thread reads.
struct Share<'a> {
    shops: Local<'a>,
    reasons: Local<'a>,
    versions: Writer,
}

/// How versions are read.
struct Reader<'a> {
    statuses: Statuses,
    /// Whether they name lines that orders can have.
    reads_lines: bool,
    then: Option<&'a Then>,
    /// The number of the first file.
    first_file: usize,
    partitions: usize,
    budget: &'a Arc<Budget>,
}

/// Codes of shops and reasons.
#[derive(Clone, Copy)]
struct RefundCodes<'a> {
    shops: &'a Codes,
    reasons: &'a Codes,
}

impl Reader<'_> {
    /// Writes every version of a dataset to the partition of its application.
    fn read(&self, scan: &Scan<'_>, dataset: &Dataset, codes: RefundCodes<'_>) -> Result<(Vec<Writer>, Ledger)> {
        let RefundCodes { shops, reasons } = codes;
        let start = || Share {
            shops: Local::new(shops),
            reasons: Local::new(reasons),
            versions: Writer::new(self.partitions, Arc::clone(self.budget)),
        };
        let (shares, ledger) = scan.on_all_threads(dataset, scan.known_by(), start, |share, batch, ledger| {
            let Share { shops, reasons, versions } = share;
            each_version(scan, batch, self, (shops, reasons), ledger, |version, shop_hash| version.put(shop_hash, versions));
            versions.check()
        })?;
        Ok((shares.into_iter().map(|share| share.versions).collect(), ledger))
    }

    /// The same of files that are gone, of which the earlier reading knew what stood in them up to its end. Their shops have codes of their own:
    /// what is gone adds none to the run. Returns these, and the types of the ids too.
    fn read_gone(&self, scan: &Scan<'_>, dataset: &Dataset, then: &Then) -> Result<(Vec<Writer>, Codes, RefundTextIds)> {
        let files: Vec<PastFile> = then.gone.iter().map(|(_, file)| file.clone()).collect();
        let (dataset, decoded) = dataset.of_past_files(&files)?;
        let scan = Scan { end: then.end, decoded: Some(Arc::new(decoded)), ..scan.clone() };
        let (shops, reasons) = (Codes::default(), Codes::default());
        let (writers, _) = self.read(&scan, &dataset, RefundCodes { shops: &shops, reasons: &reasons })?;
        Ok((writers, shops, RefundTextIds::of(&dataset)))
    }
}

/// Reads the applications as they stood at the end of the as-of date. `reads_lines` says whether they name lines that orders can have, `then` what
/// an earlier reading read, with which this one is compared.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has different rows of one application without times of modification;
/// [`crate::error::Error::Output`] where the disk is full.
pub fn read(
    scan: &Scan<'_>,
    dataset: &Dataset,
    shops: &Codes,
    budget: &Arc<Budget>,
    (reads_lines, then): (bool, Option<&Then>),
) -> Result<(Refunds, Ledger)> {
    let partitions = partitions_for(dataset.rows(), PARTITION);
    let reasons = Codes::default();
    let statuses = Statuses::refunds(&dataset.spec.status);
    let reader = Reader { statuses, reads_lines, then, first_file: 0, partitions, budget };
    let (mut writers, mut ledger) = reader.read(scan, dataset, RefundCodes { shops, reasons: &reasons })?;
    let files = dataset.files.len();
    let mut is_text = RefundTextIds::of(dataset);
    let (mut then, mut unknown, mut shops_gone) = (then, None, Codes::default());
    if let Some(then_read) = then.filter(|then| !then.gone.is_empty()) {
        // What hinders the comparison does not hinder the reading.
        match (Reader { first_file: files, ..reader }).read_gone(scan, dataset, then_read) {
            Ok((more, codes, types)) => {
                writers.extend(more);
                (is_text, shops_gone) = (types, codes);
            }
            Err(cause) => (then, unknown) = (None, Some(cause.in_a_line())),
        }
    }
    let versions = Partitions::new(writers)?;
    // By code of a shop among those of files that are gone its code; those that no file has any more have codes from the last one down.
    let code_of = |gone: u32| shops_gone.value(gone).and_then(|id| shops.known(id.id())).unwrap_or(u32::MAX - gone);
    let gone_shops: Vec<u32> = (0..shops_gone.len() as u32).map(code_of).collect();
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
            last_versions(&bytes, is_text, &Rules { has_versions, parts: &parts, then, gone_shops: &gone_shops }, &mut settled);
            Ok((settled, bytes))
        })
        .collect();
    let (mut applications, mut lines, mut repeats, mut changes) = (Vec::new(), Vec::new(), Repeats::default(), Vec::new());
    for settled in settled {
        let (settled, _) = settled?;
        repeats.merge(settled.repeats);
        ledger.across_parts += settled.across_parts;
        applications.extend(settled.applications);
        lines.extend(settled.lines);
        changes.extend(settled.changes);
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
    let change = |(shop, id, before, is_there): Change| {
        let shop = shops.value(shop).or_else(|| shops_gone.value(u32::MAX - shop))?;
        Some(RefundChange { shop, id, before, is_there })
    };
    let changes = RefundChanges { all: changes.into_iter().filter_map(change).collect(), unknown };
    Ok((Refunds { applications, lines: RefundLines::new(lines), reasons: texts, changes }, ledger))
}

/// Calls `each` with every valid row of a batch up to the as-of date, and the hash of its shop's id.
fn each_version(
    scan: &Scan<'_>,
    batch: &Batch<'_>,
    reader: &Reader<'_>,
    (shops, reasons): (&mut Local<'_>, &mut Local<'_>),
    ledger: &mut Ledger,
    mut each: impl FnMut(Version<'_>, u64),
) {
    let Reader { statuses: known, reads_lines, then, first_file, .. } = reader;
    let reads_lines = *reads_lines;
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
        let is_gone = *first_file > 0;
        let version = Version {
            file: (first_file + batch.file) as u32,
            row: (batch.first_row + row as u64) as u32,
            modified: scan.version(versions[row], is_later),
            id,
            order,
            customer: customer.map(|customer| scan.person(customer)),
            line: line.filter(|_| is_paid_out && order.is_some()),
            was_known: is_gone || then.is_some_and(|then| then.knew(batch.file, created[row], modified[row])),
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
