//! Page views: one row each, typed and checked. Rows have no key, so two equal rows are two views.

use crate::input::rows::batch::Batch;
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::scan::{RowIds, Scan, each_row, null, reject, unparseable};
use crate::input::times::clock::Clock;
use crate::input::values::codes::{Codes, Local};
use crate::input::values::fault::Faults;
use crate::input::values::ids::LONGEST_ID;
use crate::input::values::integers::NO_COUNT;
use crate::spec::{Day, Id, NO_TIME, day_of_time};

/// One view of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageView<'a> {
    /// Provisional code of the shop.
    pub shop: u32,
    /// The hash of the shop's id.
    pub shop_hash: u64,
    /// The visitor.
    pub visitor: Id<'a>,
    /// When it was viewed, in microseconds: a moment where any file of the input has those, so that the hour that clocks repeat in autumn
    /// makes no visit longer or shorter; else local time.
    pub moment: i64,
    /// The local day.
    pub day: Day,
    /// Whether the page is that of an item.
    pub is_item: bool,
    /// One more than the provisional code of the channel; 0 where there is none.
    pub channel: u32,
    /// Seconds on the page, if known.
    pub dwell_seconds: Option<u32>,
    /// The customer, where the visitor is known as one.
    pub customer: Option<Id<'a>>,
}

/// Reads batches of page views. Each thread has one.
pub struct PageViewReader<'a> {
    scan: &'a Scan<'a>,
    clock: Clock,
    shops: Local<'a>,
    channels: Local<'a>,
    channel_codes: Vec<u32>,
}

impl<'a> PageViewReader<'a> {
    /// A reader of the views up to the as-of date, which numbers shops and channels by these codes.
    pub fn new(scan: &'a Scan<'a>, shops: &'a Codes, channels: &'a Codes) -> Self {
        let (shops, channels) = (Local::new(shops), Local::new(channels));
        PageViewReader { scan, clock: scan.clock.clone(), shops, channels, channel_codes: Vec::new() }
    }

    /// Calls `each` with every valid view of the batch up to the as-of date, and records all rows in the ledger.
    pub fn read(&mut self, batch: &Batch<'_>, ledger: &mut Ledger, mut each: impl FnMut(&PageView<'_>)) {
        let mut faults = Faults::default();
        let times = batch.moments("viewed_at", &mut self.clock, &mut faults);
        let dwell = batch.counts("dwell_seconds", &mut faults);
        let (visitors, items, customers) = (batch.ids("visitor_id"), batch.ids("item_id"), batch.ids("customer_id"));
        let shop_ids = self.scan.shops(batch);
        if batch.has("channel") {
            self.channels.column(&batch.texts("channel"), &mut self.channel_codes);
        } else {
            self.channel_codes.clear();
        }
        batch.note_long(&["shop_id", "channel"], &mut faults);
        batch.note_rounded(&["shop_id", "visitor_id", "customer_id"], &mut faults);
        let end = self.scan.end();
        each_row(batch, faults, ledger, |row, fault, ledger| {
            let local = times.local[row];
            if local >= end {
                ledger.account(batch.file).after_as_of += 1;
                return;
            }
            let (shop, visitor, customer) = (shop_ids.get(row), visitors.get(row), customers.get(row));
            let seconds = Some(dwell[row]).filter(|seconds| *seconds != NO_COUNT);
            let verdict = match (shop, visitor, fault) {
                (None, _, _) => Some(null("shop_id")),
                (_, _, Some(fault)) => Some(unparseable(fault)),
                (_, None, _) => Some(null("visitor_id")),
                _ if local == NO_TIME => Some(null("viewed_at")),
                _ => too_long("visitor_id", visitor).or_else(|| too_long("customer_id", customer)).or_else(|| wrong_dwell(seconds)),
            };
            let (Some(shop_id), Some(visitor), None) = (shop, visitor, &verdict) else {
                reject(batch, row, RowIds { shop, customer, ..RowIds::default() }, verdict.unwrap_or_else(|| null("visitor_id")), ledger);
                return;
            };
            let (shop, shop_hash) = self.shops.code_and_hash(shop_id);
            let day = day_of_time(local);
            ledger.events.note(batch.file, shop, day);
            ledger.account(batch.file).used += 1;
            each(&PageView {
                shop,
                shop_hash,
                visitor,
                moment: times.moments[row],
                day,
                is_item: items.get(row).is_some(),
                channel: self.channel_codes.get(row).copied().unwrap_or(0),
                dwell_seconds: seconds.and_then(|seconds| u32::try_from(seconds).ok()),
                customer: customer.map(|customer| self.scan.person(customer)),
            });
        });
    }
}

/// What is wrong with an id of text that no id of a customer can have.
fn too_long(column: &str, id: Option<Id<'_>>) -> Option<(Reason, String)> {
    match id {
        Some(Id::Text(text)) if text.len() > LONGEST_ID => {
            Some((Reason::UnparseableValue, format!("{column}: a text of {} bytes, {LONGEST_ID} at most", text.len())))
        }
        _ => None,
    }
}

/// Seconds below zero are wrong, and so are more than 136 years.
fn wrong_dwell(seconds: Option<i64>) -> Option<(Reason, String)> {
    let seconds = seconds?;
    match u32::try_from(seconds) {
        Ok(_) => None,
        Err(_) if seconds < 0 => Some((Reason::NegativeAmount, format!("dwell_seconds: {seconds}"))),
        Err(_) => Some((Reason::UnparseableValue, format!("dwell_seconds: {seconds} is more than {}", u32::MAX))),
    }
}
