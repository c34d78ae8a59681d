//! The comparison of a run with the snapshot before, bucket by bucket.

use std::sync::{Mutex, PoisonError};

use hashbrown::{HashMap, HashSet};

use super::before::Before;
use super::difference::{Causes, Side, causes, refunded_as};
use super::joined::{Joined, Origin};
use super::two_customers::{TwoCustomers, two_customers};
use crate::error::Result;
use crate::history::bucket::{Bucket, BucketIds};
use crate::history::conflicts::Conflicts;
use crate::history::fold::Fold;
use crate::history::refunds::{BucketRefunds, RefundIndex};
use crate::history::row::Row;
use crate::history::settle::{Settler, order_of};
use crate::history::settled::Settled;
use crate::history::shuffle::Shuffled;
use crate::spec::cause::Cause;
use crate::spec::{Day, NO_DAY, id_hash};

/// Compares what the snapshot before knew with what this run knows. `F` are the folds that the steps of each cause are shown to.
pub struct Comparison<'a, F> {
    before: &'a Before,
    /// The lines of this run.
    now: &'a Shuffled,
    refunds: &'a RefundIndex,
    /// Orders that concern two customers.
    two_customers: TwoCustomers,
    start: &'a (dyn Fn() -> F + Sync),
    found: Mutex<Found<F>>,
}

/// What was found.
pub struct Found<F> {
    /// By the place of a cause among those that are counted: the folds before and after its step; `None` where no order has the cause.
    pub steps: [Option<Steps<F>>; Cause::COUNT],
    /// The orders that differ.
    pub orders: Vec<ChangedOrder>,
}

/// The folds of the customers that a cause concerns.
pub struct Steps<F> {
    /// With what they were before the step of the cause.
    pub before: F,
    /// With what they are after it.
    pub after: F,
}

/// An order that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangedOrder {
    /// The code of its shop.
    pub shop: u32,
    /// Why.
    pub cause: Cause,
    /// The days on which it was placed and paid, before and now, and that of its newest refund, or [`NO_DAY`].
    pub days: [Day; 5],
    /// The first purchase day of its customer, before and now, or [`NO_DAY`].
    pub first_purchases: [Day; 2],
}

/// An order of the customers that are settled again.
struct Compared {
    /// Its rows among the joined ones.
    rows: Vec<usize>,
    /// Its lines as they count, before and now, where it has two causes; each line has both.
    lines: [Vec<Row>; 2],
    hash: u64,
    causes: Causes,
    days: [Day; 5],
}

impl Compared {
    fn differs(&self) -> bool {
        self.causes[0].is_some()
    }

    fn has(&self, cause: Cause) -> bool {
        self.causes.contains(&Some(cause))
    }

    /// Whether the steps up to that place have done what one of its causes did.
    fn is_done(&self, cause: Option<Cause>, up_to: Option<usize>) -> bool {
        // Without a cause it is the same on both sides, or of days that were not over.
        cause.and_then(Cause::place).is_none_or(|place| up_to.is_some_and(|up_to| place <= up_to))
    }
}

impl<'a, F: Fold> Comparison<'a, F> {
    /// A comparison that has found nothing. `start` makes empty folds.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where what was written to the disk cannot be read.
    pub fn new(
        before: &'a Before,
        now: &'a Shuffled,
        (refunds, conflicts): (&'a RefundIndex, &Conflicts),
        start: &'a (dyn Fn() -> F + Sync),
    ) -> Result<Self> {
        let found = Mutex::new(Found { steps: [const { None }; Cause::COUNT], orders: Vec::new() });
        let two_customers = two_customers(before, now, conflicts)?;
        Ok(Comparison { before, now, refunds, two_customers, start, found })
    }

    /// What was found, orders ascending.
    pub fn into_found(self) -> Found<F> {
        let mut found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.orders.sort_unstable();
        found
    }

    /// Compares a bucket, whose rows of this run are `now`; those that it drops, since a later one names another customer, count before it came.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where what was written to the disk cannot be read.
    pub(in crate::history) fn bucket(&self, number: usize, now: (&Bucket, &[Row])) -> Result<()> {
        let mut gone = Bucket::default();
        self.before.lines.read(number, &mut gone)?;
        let refunds = self.refunds.of_bucket(number);
        let is_unknown = |position: u32| !self.before.knew_refund.get(position as usize).copied().unwrap_or(true);
        let newly_refunded: HashSet<u64> = refunds.all().filter(|(_, position, _)| is_unknown(*position)).map(|(hash, ..)| hash).collect();
        let joined =
            Joined::of(self.before, gone, now, (&newly_refunded, &self.two_customers.rejected), (self.now.text(), self.now.shop_hashes()));
        if joined.bucket.rows.is_empty() {
            return Ok(());
        }
        let newest_refund = |hash: u64| {
            let of_order = refunds.all().filter(|(of, position, _)| *of == hash && is_unknown(*position));
            of_order.map(|(.., day)| day).max().unwrap_or(NO_DAY)
        };
        let customers = self.customers(&joined, &newly_refunded, &newest_refund);
        if customers.is_empty() {
            return Ok(());
        }
        let shown = Shown { comparison: self, number, joined: &joined, customers: &customers, is_unknown: &is_unknown };
        let first_purchases = [None, Some(Cause::COUNT)].map(|up_to| shown.first_purchases(up_to));
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        for (place, cause) in Cause::COUNTED.into_iter().enumerate() {
            if !customers.iter().flatten().any(|order| order.has(cause)) {
                continue;
            }
            let steps = found.steps[place].get_or_insert_with(|| Steps { before: (self.start)(), after: (self.start)() });
            shown.fold(place.checked_sub(1), Some(cause), &mut steps.before);
            shown.fold(Some(place), Some(cause), &mut steps.after);
        }
        let ids = self.now.ids(&joined.bucket.bytes);
        for order in customers.iter().flatten() {
            let Some(row) = order.rows.first().and_then(|row| joined.bucket.rows.get(*row)) else { continue };
            // An order that went to another customer is counted where it is now.
            let is_elsewhere = order.has(Cause::Moved) && order.days[2] == NO_DAY;
            for cause in order.causes.into_iter().flatten().filter(|_| !is_elsewhere) {
                let customer = (row.shop, ids.customer_hash(row));
                let first_purchases = [0, 1].map(|side: usize| first_purchases[side].get(&customer).copied().unwrap_or(NO_DAY));
                found.orders.push(ChangedOrder { shop: row.shop, cause, days: order.days, first_purchases });
            }
        }
        Ok(())
    }

    /// The orders of each customer with one that differs.
    fn customers(&self, joined: &Joined, newly_refunded: &HashSet<u64>, newest_refund: &dyn Fn(u64) -> Day) -> Vec<Vec<Compared>> {
        let (rows, ids) = (&joined.bucket.rows, self.now.ids(&joined.bucket.bytes));
        let mut ascending: Vec<usize> = (0..rows.len()).collect();
        ascending.sort_unstable_by(|one, other| {
            let (one, other) = (&rows[*one], &rows[*other]);
            one.shop.cmp(&other.shop).then_with(|| ids.compare_customers(one, other)).then_with(|| ids.by_version(one, other))
        });
        let same_customer = |one: &usize, other: &usize| {
            let (one, other) = (&rows[*one], &rows[*other]);
            one.shop == other.shop && ids.same_customer(one, other)
        };
        let mut settled = Settled::default();
        let mut found = Vec::new();
        for of_customer in ascending.chunk_by(same_customer) {
            let orders = of_customer.chunk_by(|one, other| ids.same_order(&rows[*one], &rows[*other]));
            let orders: Vec<Compared> = orders
                .map(|of_order| {
                    let [before, now] = [Origin::Now, Origin::Before].map(|without| side(joined, ids, of_order, without, &mut settled));
                    let hash = of_order.first().map_or(0, |row| ids.order_hash(&rows[*row]));
                    let marks = (self.before.as_of, self.two_customers.moved.contains(&hash), newly_refunded.contains(&hash));
                    let causes = causes(before.as_ref(), now.as_ref(), ids, marks);
                    let days_of = |side: &Option<Side<'_>>| {
                        side.as_ref().map_or([NO_DAY; 2], |Side { order, .. }| [order.created_day, order.paid_day])
                    };
                    let refunded = if causes[0].is_some() { newest_refund(hash) } else { NO_DAY };
                    let ([created_before, paid_before], [created, paid]) = (days_of(&before), days_of(&now));
                    let days = [created_before, paid_before, created, paid, refunded];
                    let both = causes[1].and(before.as_ref().zip(now.as_ref()));
                    let of_side = |side: &Side<'_>| side.lines.iter().map(|line| **line).collect();
                    let lines = both.map_or([Vec::new(), Vec::new()], |(before, now)| [of_side(before), of_side(now)]);
                    Compared { rows: of_order.to_vec(), lines, hash, causes, days }
                })
                .collect();
            if orders.iter().any(Compared::differs) {
                found.push(orders);
            }
        }
        found
    }
}

/// One side of an order: its rows without those of the other one; `None` where that has no row.
fn side<'j>(joined: &'j Joined, ids: BucketIds<'_>, of_order: &[usize], without: Origin, settled: &mut Settled) -> Option<Side<'j>> {
    let rows = &joined.bucket.rows;
    let own: Vec<u32> = of_order.iter().filter(|row| joined.origins[**row] != without).map(|row| *row as u32).collect();
    if own.is_empty() {
        return None;
    }
    let versions = own.chunk_by(|one, other| ids.same_line(&rows[*one as usize], &rows[*other as usize]));
    let lines = versions.filter_map(<[u32]>::last).map(|last| &rows[*last as usize]).collect();
    Some(Side { lines, order: order_of(rows, ids, &own, 0, settled) })
}

/// The customers of a bucket with an order that differs, as they are shown to folds.
struct Shown<'s, 'a, F> {
    comparison: &'s Comparison<'a, F>,
    number: usize,
    joined: &'s Joined,
    customers: &'s [Vec<Compared>],
    is_unknown: &'s dyn Fn(u32) -> bool,
}

impl<F: Fold> Shown<'_, '_, F> {
    /// Shows the histories after the steps of the causes up to that place to a fold; `only` those of customers with an order of that cause.
    fn fold(&self, up_to: Option<usize>, only: Option<Cause>, fold: &mut F) {
        let mut settler = Settler::new(fold.reads_lines(), fold.reads_item_refunds());
        self.settle(&mut settler, up_to, only, &mut |history| fold.update(history));
        fold.end_bucket();
    }

    /// The first purchase day of each customer who has one after these steps, by shop and the hash of the customer's id.
    fn first_purchases(&self, up_to: Option<usize>) -> HashMap<(u32, u64), Day> {
        let mut days = HashMap::new();
        self.settle(&mut Settler::default(), up_to, None, &mut |history| {
            if let Some(day) = history.first_purchase_day().filter(|_| !history.is_anonymous) {
                days.insert((history.shop, id_hash(history.customer)), day);
            }
        });
        days
    }

    fn settle(&self, settler: &mut Settler, up_to: Option<usize>, only: Option<Cause>, each: &mut dyn FnMut(&crate::history::History<'_>)) {
        let Shown { comparison, number, joined, customers, is_unknown } = self;
        let (mut rows, mut waiting): (Vec<Row>, HashSet<u64>) = (Vec::new(), HashSet::new());
        for orders in
            customers.iter().filter(|orders| only.is_none() || only.is_some_and(|only| orders.iter().any(|order| order.has(only))))
        {
            for order in orders {
                let [is_done, is_refunded] = order.causes.map(|cause| order.is_done(cause, up_to));
                let two = order.causes[1].is_some();
                // New refunds come with the cause that they are of.
                if !(if two { is_refunded } else { is_done }) {
                    waiting.insert(order.hash);
                }
                if two && is_done != is_refunded {
                    let [before, now] = &order.lines;
                    let (own, refunded) = if is_done { (now, before) } else { (before, now) };
                    rows.extend(own.iter().zip(refunded).map(|(own, refunded)| refunded_as(own, refunded)));
                    continue;
                }
                let without = if is_done { Origin::Before } else { Origin::Now };
                rows.extend(order.rows.iter().filter(|row| joined.origins[**row] != without).map(|row| joined.bucket.rows[*row]));
            }
        }
        let hidden = |hash: u64, position: u32| waiting.contains(&hash) && is_unknown(position);
        let refunds: BucketRefunds<'_> = comparison.refunds.of_bucket(*number).without(&hidden);
        // What publishers brought is in no table that is compared.
        let before = &comparison.before.lines;
        settler.settle(before, (&rows, &joined.bucket.bytes), refunds, &before.affiliates().of_bucket(*number), each);
    }
}
