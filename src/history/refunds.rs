//! Refunds by order: assigned to the bucket of the order's lines, and found there by the order's id.

use std::sync::atomic::{AtomicBool, Ordering};

use hashbrown::HashSet;
use rayon::prelude::*;

use super::customer::Return;
use super::hash_filter::HashFilter;
use super::order_index::{OrderFindings, OrderLookup, OrderPlace};
use crate::input::records::facts::Refund;
use crate::input::records::refund_lines::{NO_LINE, RefundLines};
use crate::input::records::refunds::Application;
use crate::input::records::refunds_then::RefundChange;
use crate::input::values::codes::OwnedId;
use crate::partition::partition_of;
use crate::spec::{Day, Id, NO_DAY, NO_TIME, day_of_time, id_hash, id_hash_in_shop};

/// A refund of an order of a bucket: paid out by the as-of date, or open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BucketRefund<'a> {
    /// The refund's position among the applications.
    pub position: u32,
    /// The day on which it was paid out, or [`NO_DAY`].
    pub day: Day,
    /// What was paid out, in minor units.
    pub amount: i64,
    /// Whether it is neither paid out nor closed.
    pub is_open: bool,
    /// The line that it names; `None` where it concerns its order as a whole, and while it is open.
    pub line: Option<Id<'a>>,
    /// The code of its reason; 0 without one.
    pub reason: u16,
}

/// A refund application in the bucket of its order, with the fields that settling needs.
#[derive(Debug)]
struct IndexedRefund {
    bucket: u32,
    position: u32,
    /// The hash of the order within its shop.
    hash: u64,
    shop: u32,
    /// Whether the pass found the order.
    is_known: AtomicBool,
    order: OwnedId,
    /// When it was paid out, or [`NO_TIME`].
    completed: i64,
    amount: i64,
    is_open: bool,
    reason: u16,
    /// The place of the line that it names, or [`NO_LINE`].
    line: u32,
}

/// A refund that was paid out to a customer for an order that is not there, in the bucket of the customer.
#[derive(Debug)]
struct IndexedReturn {
    bucket: u32,
    /// The hash of the customer.
    hash: u64,
    shop: u32,
    customer: OwnedId,
    completed: i64,
    position: u32,
    amount: i64,
}

/// Bytes that the index takes for each application while histories are settled, the application itself not included.
pub const INDEXED_REFUND_BYTES: u64 = size_of::<IndexedRefund>() as u64;

/// The refund applications, found by their orders.
#[derive(Debug, Default)]
pub struct RefundIndex {
    applications: Vec<Application>,
    lines: RefundLines,
    /// Ascending by (bucket, hash of the order, completion, position).
    entries: Vec<IndexedRefund>,
    /// The positions of the applications whose orders are not there.
    unknown: Vec<u32>,
    /// Ascending by (bucket, hash of the customer, completion, position).
    returns: Vec<IndexedReturn>,
    /// Whether refunds of orders that are not there lower what their customers brought.
    has_returns: bool,
}

/// The lookups of the orders of settled applications, whose shops are final codes; `shop_hashes` are the hashes of the shops' ids by
/// code.
pub fn refund_lookups(applications: &[Application], shop_hashes: &[u64]) -> Vec<OrderLookup> {
    let lookup = |(position, application): (usize, &Application)| {
        Some(OrderLookup { order_hash: order_hash(application, shop_hashes)?, position: position as u32 })
    };
    applications.par_iter().enumerate().filter_map(lookup).collect()
}

/// The same of the orders that refunds named for the snapshot before; their positions begin with `first`.
pub fn past_refund_lookups(changes: &[RefundChange], first: u32) -> Vec<OrderLookup> {
    let lookup = |(position, change): (u32, &RefundChange)| {
        let order = change.before.as_ref()?.order.as_ref()?;
        Some(OrderLookup { order_hash: id_hash_in_shop(id_hash(change.shop.id()), id_hash(order.id())), position })
    };
    (first..).zip(changes).filter_map(lookup).collect()
}

/// The hash of an application's order within its shop; `None` where it names none.
pub(super) fn order_hash(application: &Application, shop_hashes: &[u64]) -> Option<u64> {
    let shop_hash = shop_hashes.get(application.refund.shop as usize).copied().unwrap_or(0);
    Some(id_hash_in_shop(shop_hash, id_hash(application.order.as_ref()?.id())))
}

impl RefundIndex {
    /// Builds the index over settled applications and the lines that they name. Their shops are final codes; their buckets were found by
    /// [`refund_lookups`] with the same `shop_hashes`. Refunds completed at the same moment keep the order of the applications.
    pub fn new(applications: Vec<Application>, lines: RefundLines, findings: &mut OrderFindings, shop_hashes: &[u64]) -> Self {
        let mut is_known = vec![false; applications.len()];
        for found in &findings.refunds {
            if let Some(known) = is_known.get_mut(found.position as usize) {
                *known = true;
            }
        }
        let unknown = (0_u32..).zip(is_known).filter(|(_, is_known)| !is_known).map(|(position, _)| position).collect();
        let entries = std::mem::take(&mut findings.refunds).into_par_iter().filter_map(|OrderPlace { bucket, position }| {
            let application = applications.get(position as usize)?;
            let Refund { shop, completed, amount, is_open, reason, .. } = application.refund;
            Some(IndexedRefund {
                bucket,
                position,
                hash: order_hash(application, shop_hashes)?,
                shop,
                is_known: AtomicBool::new(false),
                order: application.order.clone()?,
                completed,
                amount,
                is_open,
                reason,
                line: lines.place(application.file, application.row).unwrap_or(NO_LINE),
            })
        });
        let mut entries: Vec<IndexedRefund> = entries.collect();
        entries.par_sort_unstable_by_key(|entry| (entry.bucket, entry.hash, entry.completed, entry.position));
        // The lines of two customers of an order may lie in one bucket.
        entries.dedup_by_key(|entry| (entry.bucket, entry.position));
        RefundIndex { applications, lines, entries, unknown, returns: Vec::new(), has_returns: false }
    }

    /// The same, where refunds of orders that are not there lower the net revenue of the customers that they name. `buckets` are those of
    /// the lines. Only for orders that have customers: else a customer is an order.
    pub fn with_returns(mut self, buckets: usize) -> Self {
        let returns = self.unknown.par_iter().filter_map(|position| {
            let application = self.applications.get(*position as usize)?;
            let Refund { shop, completed, amount, .. } = application.refund;
            let customer = application.customer.clone().filter(|_| completed != NO_TIME && amount > 0)?;
            let hash = id_hash(customer.id());
            let bucket = partition_of(hash, buckets) as u32;
            Some(IndexedReturn { bucket, hash, shop, customer, completed, position: *position, amount })
        });
        let mut returns: Vec<IndexedReturn> = returns.collect();
        returns.par_sort_unstable_by_key(|entry| (entry.bucket, entry.hash, entry.completed, entry.position));
        (self.returns, self.has_returns) = (returns, true);
        self
    }

    /// Whether refunds of orders that are not there lower what their customers brought.
    pub(super) fn has_returns(&self) -> bool {
        self.has_returns
    }

    /// Whether the order of the application at a position is not there, or it names none.
    pub(super) fn is_of_unknown_order(&self, position: u32) -> bool {
        self.unknown.binary_search(&position).is_ok()
    }

    /// The number of refunds of unknown orders that name a customer.
    pub fn returns(&self) -> usize {
        self.returns.len()
    }

    /// The applications, in the order in which they were given.
    pub fn applications(&self) -> &[Application] {
        &self.applications
    }

    /// The line that the application at a position names, if it was paid out and names one.
    pub fn line(&self, position: u32) -> Option<Id<'_>> {
        let application = self.applications.get(position as usize)?;
        self.lines.of(application.file, application.row)
    }

    /// Returns the applications and drops the index.
    pub fn into_applications(self) -> Vec<Application> {
        self.applications
    }

    /// The refunds of the orders of one bucket.
    pub(super) fn of_bucket(&self, bucket: usize) -> BucketRefunds<'_> {
        let from = self.entries.partition_point(|entry| (entry.bucket as usize) < bucket);
        let until = self.entries.partition_point(|entry| entry.bucket as usize <= bucket);
        let entries = &self.entries[from..until];
        let filter = HashFilter::of(entries.iter().map(|entry| entry.hash));
        let from = self.returns.partition_point(|entry| (entry.bucket as usize) < bucket);
        let until = self.returns.partition_point(|entry| entry.bucket as usize <= bucket);
        BucketRefunds { index: self, entries, filter, returns: &self.returns[from..until], instead: None }
    }

    /// The number of applications whose orders the pass did not find.
    pub fn unknown(&self) -> usize {
        self.applications.len() - self.met().len()
    }

    /// The positions of the applications whose orders the pass found, ascending.
    pub fn met(&self) -> Vec<u32> {
        let found = self.entries.iter().filter(|entry| entry.is_known.load(Ordering::Relaxed));
        let mut positions: Vec<u32> = found.map(|entry| entry.position).collect();
        positions.sort_unstable();
        positions.dedup();
        positions
    }

    /// Notes applications whose orders a pass elsewhere found.
    pub fn note_met(&self, positions: &[u32]) {
        let met: HashSet<u32> = positions.iter().copied().collect();
        let found = self.entries.iter().filter(|entry| met.contains(&entry.position));
        found.for_each(|entry| entry.is_known.store(true, Ordering::Relaxed));
    }
}

/// The refunds of the orders of one bucket.
#[derive(Clone)]
pub(super) struct BucketRefunds<'a> {
    index: &'a RefundIndex,
    entries: &'a [IndexedRefund],
    filter: HashFilter,
    returns: &'a [IndexedReturn],
    /// Who knows them otherwise.
    instead: Option<&'a dyn KnownRefunds>,
}

/// Refunds as somebody knows them otherwise than the index does.
pub(super) trait KnownRefunds {
    /// Collects the refunds of an order that are paid out, by (completion, id). `hash` is that of the order within its shop.
    fn of<'s>(&'s self, hash: u64, shop: u32, order: Id<'_>, into: &mut Vec<BucketRefund<'s>>);

    /// Collects the refunds of unknown orders of a customer, by (completion, id). `hash` is that of the customer, in whatever shop; the shop has
    /// its code and its hash.
    fn returned(&self, hash: u64, shop: (u32, u64), customer: Id<'_>, into: &mut Vec<Return>);
}

impl<'a> BucketRefunds<'a> {
    /// The refunds as somebody else knows them.
    pub fn instead(self, instead: &'a dyn KnownRefunds) -> Self {
        BucketRefunds { instead: Some(instead), ..self }
    }

    /// Who knows them otherwise.
    pub fn known_otherwise(&self) -> Option<&'a dyn KnownRefunds> {
        self.instead
    }

    /// The refunds of the bucket: the hash of the order within its shop, and the position among the applications.
    pub fn all(&self) -> impl Iterator<Item = (u64, u32)> + use<'a> {
        self.entries.iter().map(|entry| (entry.hash, entry.position))
    }

    /// The positions of the refunds of an order, by the hash within its shop.
    pub fn positions(&self, hash: u64) -> impl Iterator<Item = u32> + use<'a> {
        self.find(hash).iter().map(|entry| entry.position)
    }

    /// The positions of the refunds of unknown orders of a customer.
    pub fn returns_of(&self, hash: u64, shop: u32, customer: Id<'_>) -> impl Iterator<Item = u32> {
        self.own_returns(hash, shop, customer).map(|entry| entry.position)
    }

    /// The refunds of unknown orders of a customer, by (completion, id). `hash` is that of the customer, in whatever shop.
    fn own_returns(&self, hash: u64, shop: u32, customer: Id<'_>) -> impl Iterator<Item = &'a IndexedReturn> {
        let from = self.returns.partition_point(|entry| entry.hash < hash);
        let own = self.returns[from..].iter().take_while(move |entry| entry.hash == hash);
        own.filter(move |entry| entry.shop == shop && entry.customer.id() == customer)
    }

    /// Returns the refunds of an order that are paid out or open, by (completion, id), and marks the order as found. `hash` is that of the
    /// order within its shop.
    #[inline]
    pub fn of(&self, hash: u64, shop: u32, order: Id<'_>) -> impl Iterator<Item = BucketRefund<'a>> {
        let (index, entries) = (self.index, if self.filter.may_have(hash) { self.find(hash) } else { &[] });
        entries.iter().filter_map(move |entry| {
            if entry.shop != shop || entry.order.id() != order {
                return None;
            }
            entry.is_known.store(true, Ordering::Relaxed);
            let IndexedRefund { position, completed, amount, is_open, reason, line, .. } = *entry;
            let day = if completed == NO_TIME { NO_DAY } else { day_of_time(completed) };
            (day != NO_DAY || is_open).then(|| BucketRefund { position, day, amount, is_open, line: index.lines.at(line), reason })
        })
    }

    /// Collects the refunds of unknown orders of a customer, by (completion, id). `hash` is that of the customer, in whatever shop;
    /// it is computed only where the bucket has any.
    #[inline]
    pub fn returned(&self, hash: impl FnOnce() -> u64, shop: u32, customer: Id<'_>, into: &mut Vec<Return>) {
        into.clear();
        if self.returns.is_empty() {
            return;
        }
        let own = self.own_returns(hash(), shop, customer);
        into.extend(own.map(|entry| Return { day: day_of_time(entry.completed), amount: entry.amount }));
    }

    /// The entries of a hash.
    fn find(&self, hash: u64) -> &'a [IndexedRefund] {
        let from = self.entries.partition_point(|entry| entry.hash < hash);
        let rest = &self.entries[from..];
        &rest[..rest.iter().take_while(|entry| entry.hash == hash).count()]
    }
}
