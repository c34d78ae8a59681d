//! Affiliate orders (淘客): the last version of what each publisher earns by an order line, up to the as-of date.

use std::sync::Arc;

use rayon::prelude::*;

use super::affiliate_versions::{AffiliateTextIds, Rules, Settled, Version};
use super::affiliates::{ALL_PUBLISHERS, AffiliateRow, Affiliates, Commission};
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::batch::Batch;
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::partition_parts::Parts;
use crate::input::rows::repeated::Repeats;
use crate::input::rows::scan::{RowIds, Scan, each_row, null, reject, unparseable};
use crate::input::times::time::Moments;
use crate::input::values::codes::{Codes, Local};
use crate::input::values::fault::Faults;
use crate::input::values::ids::Ids;
use crate::input::values::money::{NO_MONEY, yuan};
use crate::partition::{Budget, Partitions, Writer, partitions_for};
use crate::spec::{Id, IdType, NO_DAY, NO_TIME, day_of_time};

/// Versions of a partition, roughly.
const PARTITION: u64 = 16_384;

/// What one thread reads.
struct Share<'a> {
    shops: Local<'a>,
    plans: Local<'a>,
    publishers: Local<'a>,
    plan_codes: Vec<u32>,
    versions: Writer,
}

/// Reads the rows as they stood at the end of the as-of date. `reads_lines` says whether they name lines that orders can have.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has different rows of one key without times of modification;
/// [`crate::error::Error::Output`] where the disk is full.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes, budget: &Arc<Budget>, reads_lines: bool) -> Result<(Affiliates, Ledger)> {
    let (plans, publishers) = (Codes::default(), Codes::default());
    let partitions = partitions_for(dataset.rows(), PARTITION);
    let known_by: &[&'static str] = if scan.restores { &["paid_at"] } else { &["paid_at", "modified_at"] };
    let start = || Share {
        shops: Local::new(shops),
        plans: Local::new(&plans),
        publishers: Local::new(&publishers),
        plan_codes: Vec::new(),
        versions: Writer::new(partitions, Arc::clone(budget)),
    };
    let (shares, mut ledger) = scan.on_all_threads(dataset, known_by, start, |share, batch, ledger| {
        each_version(scan, batch, reads_lines, share, ledger);
        share.versions.check()
    })?;
    let versions = Partitions::new(shares.into_iter().map(|share| share.versions).collect())?;
    let (plans, plan_ranks) = plans.shown(&IdType::text());
    let (publishers, publisher_ranks) = publishers.shown(&dataset.id_type("publisher_id").unwrap_or_else(IdType::text));
    let parts = Parts::of(dataset);
    let rules = Rules {
        texts: AffiliateTextIds::of(dataset),
        has_versions: dataset.has("modified_at"),
        parts: &parts,
        plan_ranks: &plan_ranks,
        publisher_ranks: &publisher_ranks,
        publishers: &publishers,
        shops,
        types: ["shop_id", "order_id", "line_id"].map(|column| dataset.id_type(column).unwrap_or_else(IdType::text)),
    };
    let start = || Ok((Settled::new(dataset.files.len()), Vec::new()));
    let settled: Vec<Result<(Settled, Vec<u8>)>> = (0..versions.len())
        .into_par_iter()
        .fold(start, |settled: Result<(Settled, Vec<u8>)>, partition| {
            let (mut settled, mut bytes) = settled?;
            versions.read(partition, &mut bytes)?;
            settled.last_versions(&bytes, &rules);
            Ok((settled, bytes))
        })
        .collect();
    let (mut rows, mut repeats) = (Vec::new(), Repeats::default());
    for settled in settled {
        let (settled, _) = settled?;
        repeats.merge(settled.repeats);
        ledger.across_parts += settled.across_parts;
        rows.extend(settled.rows);
        settled.rejects.into_iter().for_each(|reject| ledger.reject(reject));
        for (file, account) in settled.accounts.iter().enumerate() {
            ledger.account(file).add(account);
        }
    }
    repeats.check(dataset, &parts)?;
    rows.par_sort_unstable_by_key(|row: &AffiliateRow| (row.file, row.row));
    Ok((Affiliates { rows, plans, publishers }, ledger))
}

/// Writes every valid row of a batch up to the as-of date. `reads_lines` says whether lines are read.
fn each_version(scan: &Scan<'_>, batch: &Batch<'_>, reads_lines: bool, share: &mut Share<'_>, ledger: &mut Ledger) {
    let Share { shops, plans, publishers, plan_codes, versions: writer } = share;
    let mut faults = Faults::default();
    let mut clock = scan.clock.clone();
    let Moments { local: modified, moments: versions } = batch.moments("modified_at", &mut clock, &mut faults);
    let [clicked, paid, settled] = ["clicked_at", "paid_at", "settled_at"].map(|column| batch.times(column, &mut clock, &mut faults));
    let [estimates, settlements, clawbacks] =
        ["estimated_commission", "settled_commission", "clawed_back"].map(|column| batch.amounts(column, &mut faults));
    let (shop_ids, order_ids, publisher_ids) = (scan.shops(batch), batch.ids("order_id"), batch.ids("publisher_id"));
    let line_ids = if reads_lines { batch.ids("line_id") } else { Ids::Absent };
    plans.column(&batch.texts("plan"), plan_codes);
    batch.note_long(&["shop_id", "publisher_id", "plan"], &mut faults);
    batch.note_rounded(&["shop_id", "order_id", "publisher_id"], &mut faults);
    if reads_lines {
        batch.note_rounded(&["line_id"], &mut faults);
    }
    each_row(batch, faults, ledger, |row, fault, ledger| {
        let is_later = modified[row] >= scan.end();
        let began = if paid[row] == NO_TIME { clicked[row] } else { paid[row] };
        if (is_later && !scan.restores) || began >= scan.end() {
            ledger.account(batch.file).after_as_of += 1;
            return;
        }
        let (shop, order, publisher, line) = (shop_ids.get(row), order_ids.get(row), publisher_ids.get(row), line_ids.get(row));
        let amounts = [("estimated_commission", estimates[row]), ("settled_commission", settlements[row]), ("clawed_back", clawbacks[row])];
        let negative = amounts.iter().find(|(_, amount)| *amount < 0 && *amount != NO_MONEY);
        let judged = match (shop, order, publisher, fault) {
            (None, ..) => Err(null("shop_id")),
            (_, None, ..) => Err(null("order_id")),
            (_, _, None, _) => Err(null("publisher_id")),
            (_, _, _, Some(fault)) => Err(unparseable(fault)),
            (_, _, Some(Id::Text(ALL_PUBLISHERS)), _) => {
                Err((Reason::NullKey, format!("publisher_id: `{ALL_PUBLISHERS}` is all publishers of a plan, and no publisher")))
            }
            _ if estimates[row] == NO_MONEY && settlements[row] == NO_MONEY => Err(null("estimated_commission")),
            (Some(shop), Some(order), Some(publisher), None) => match negative {
                Some((column, amount)) => Err((Reason::NegativeAmount, format!("{column}: {}", yuan(*amount)))),
                None => Ok((shop, order, publisher)),
            },
        };
        let (shop, order, publisher) = match judged {
            Ok(ids) => ids,
            Err(verdict) => return reject(batch, row, RowIds { shop, order, line, customer: None }, verdict, ledger),
        };
        // A settlement after the as-of date has not happened, nor has what a later change took back.
        let is_settled = settled[row] != NO_TIME && settled[row] < scan.end();
        let waits = settled[row] != NO_TIME && !is_settled;
        let or_nothing = |amount: i64| if amount == NO_MONEY { 0 } else { amount };
        let clawed_back = if is_later || waits { 0 } else { or_nothing(clawbacks[row]) };
        let settlement = match settlements[row] {
            _ if !is_settled => None,
            NO_MONEY => Some((or_nothing(estimates[row]) - clawed_back).max(0)),
            amount => Some(amount),
        };
        let (shop, shop_hash) = shops.code_and_hash(shop);
        let version = Version {
            file: batch.file as u32,
            row: (batch.first_row + row as u64) as u32,
            modified: scan.version(versions[row], is_later),
            shop,
            plan: plan_codes[row],
            publisher: publishers.code(publisher),
            order,
            line,
            settled_day: if is_settled { day_of_time(settled[row]) } else { NO_DAY },
            commission: Commission::of(or_nothing(estimates[row]), settlement, clawed_back),
        };
        version.put(shop_hash, writer);
    });
}
