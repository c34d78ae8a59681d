//! The comparison of a run with the snapshot before, bucket by bucket.

use std::sync::{Mutex, PoisonError};

use hashbrown::{HashMap, HashSet};

use super::before::Before;
use super::both_refunds::{AtStep, BothRefunds};
use super::changed_refund::ChangedRefund;
use super::difference::{Causes, Side, causes, refunded_as};
use super::joined::{Joined, Origin};
use super::two_customers::{TwoCustomers, two_customers};
use crate::error::Result;
use crate::history::bucket::{Bucket, BucketIds};
use crate::history::conflicts::Conflicts;
use crate::history::fold::Fold;
use crate::history::order_index::OrderFindings;
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
    refunds: BothRefunds<'a>,
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
    /// The numbers of changed refunds that exceeded what was paid before.
    pub excessive_before: HashSet<u32>,
    /// Refunds that are what they were and exceed what was paid before, or now, but not both.
    pub otherwise: Vec<OtherwiseCounted>,
}

/// A refund that is what it was and that counts, or does not count any more, since its order is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OtherwiseCounted {
    /// Why the order is another one.
    pub cause: Cause,
    /// Its position among the applications of this run.
    pub position: u32,
    /// Whether it counts now.
    pub counts: bool,
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
    /// The days on which it was placed and paid, before and now, and those of the last refund of it that counts otherwise, before and now, or
    /// [`NO_DAY`].
    pub days: [Day; 6],
    /// The first purchase day of its customer, before and now, or [`NO_DAY`].
    pub first_purchases: [Day; 2],
}

/// An order of the customers that are settled again, or a refund without one.
struct Compared {
    /// Its rows among the joined ones.
    rows: Vec<usize>,
    /// Its lines as they count, before and now, where it has two causes; each line has both.
    lines: [Vec<Row>; 2],
    hash: u64,
    causes: Causes,
    /// Whether the snapshot before had it.
    was_there: bool,
    days: [Day; 6],
}

impl Compared {
    /// A refund of no order that is there, before or now.
    fn of_refund(name: u64, change: &ChangedRefund) -> Compared {
        let causes = [Some(change.cause), None];
        Compared { rows: Vec::new(), lines: Default::default(), hash: name, causes, was_there: false, days: [NO_DAY; 6] }
    }

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
        (refunds, conflicts, findings): (&'a RefundIndex, &Conflicts, &OrderFindings),
        start: &'a (dyn Fn() -> F + Sync),
    ) -> Result<Self> {
        let steps = [const { None }; Cause::COUNT];
        let found = Mutex::new(Found { steps, orders: Vec::new(), excessive_before: HashSet::new(), otherwise: Vec::new() });
        let mut two_customers = two_customers(before, now, conflicts)?;
        let left = std::mem::take(&mut two_customers.left);
        let shops = (now.shop_hashes(), now.buckets());
        let refunds = BothRefunds::new(refunds, &before.refunds, findings.past_refunds(), &left, shops);
        Ok(Comparison { before, now, refunds, two_customers, start, found })
    }

    /// What was found, orders ascending.
    pub fn into_found(self) -> Found<F> {
        let mut found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.orders.sort_unstable();
        found.otherwise.sort_unstable();
        found
    }

    /// Compares a bucket, whose rows of this run are `now`; those that it drops, since a later one names another customer, count before it came.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where what was written to the disk cannot be read.
    pub(in crate::history) fn bucket(&self, number: usize, now: (&Bucket, &[Row])) -> Result<()> {
        let mut gone = Bucket::default();
        self.before.lines.read(number, &mut gone)?;
        let refunds = self.refunds.index.of_bucket(number);
        let (refunded, returned) = (self.refunds.orders_of(number, &refunds), self.refunds.customers_of(number));
        let known = (&refunded, returned, &self.two_customers);
        let joined = Joined::of(self.before, gone, now, known, (self.now.text(), self.now.shop_hashes()));
        if joined.bucket.rows.is_empty() {
            return Ok(());
        }
        let customers = self.customers(number, &joined);
        if customers.is_empty() {
            return Ok(());
        }
        let shown = Shown::of(self, (number, &refunds), &joined, &customers);
        let [(first_before, excessive_before), (first_now, excessive_now)] =
            [None, Some(Cause::COUNT)].map(|up_to| shown.first_purchases(up_to));
        let first_purchases = [first_before, first_now];
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
            // An order that went to another customer is counted where it is now; of two shops each counts it.
            let is_elsewhere = order.has(Cause::Moved) && order.days[2] == NO_DAY && !self.two_customers.other_shop.contains(&order.hash);
            for cause in order.causes.into_iter().flatten().filter(|_| !is_elsewhere) {
                let customer = (row.shop, ids.customer_hash(row));
                let first_purchases = [0, 1].map(|side: usize| first_purchases[side].get(&customer).copied().unwrap_or(NO_DAY));
                found.orders.push(ChangedOrder { shop: row.shop, cause, days: order.days, first_purchases });
            }
        }
        let causes: HashMap<u64, Cause> = customers.iter().flatten().filter_map(|order| Some((order.hash, order.causes[0]?))).collect();
        let cause = |position: u32| causes.get(&self.refunds.order_at(position)?).copied();
        let [only_before, only_now] = [(&excessive_before, &excessive_now), (&excessive_now, &excessive_before)].map(|(own, other)| {
            let only = own.difference(other).filter_map(|position| Some((*position, cause(*position)?)));
            only.collect::<Vec<(u32, Cause)>>()
        });
        for (positions, counts) in [(only_before, true), (only_now, false)] {
            let unchanged = positions.into_iter().filter(|(position, _)| !self.refunds.is_changed(*position));
            found.otherwise.extend(unchanged.map(|(position, cause)| OtherwiseCounted { cause, position, counts }));
        }
        found.excessive_before.extend(excessive_before.iter().filter_map(|position| self.refunds.change_at(*position)));
        Ok(())
    }

    /// Whether an order is another customer's or another shop's now.
    fn is_moved(&self, order: u64) -> bool {
        self.two_customers.moved.contains(&order) || self.two_customers.other_shop.contains(&order)
    }

    /// The orders of each customer with one that differs.
    fn customers(&self, number: usize, joined: &Joined) -> Vec<Vec<Compared>> {
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
            let mut orders: Vec<Compared> = orders
                .map(|of_order| {
                    let [before, now] = [Origin::Now, Origin::Before].map(|without| side(joined, ids, of_order, without, &mut settled));
                    let hash = of_order.first().map_or(0, |row| ids.order_hash(&rows[*row]));
                    let of_refunds = self.refunds.changes_of(hash).map(|change| change.cause).max();
                    let marks = (self.before.as_of, self.is_moved(hash), of_refunds);
                    let causes = causes(before.as_ref(), now.as_ref(), ids, marks);
                    let days_of = |side: &Option<Side<'_>>| {
                        side.as_ref().map_or([NO_DAY; 2], |Side { order, .. }| [order.created_day, order.paid_day])
                    };
                    let refunded = if causes[0].is_some() { self.refunds.days_of(self.refunds.changes_of(hash)) } else { [NO_DAY; 2] };
                    let ([created_before, paid_before], [created, paid]) = (days_of(&before), days_of(&now));
                    let days = [created_before, paid_before, created, paid, refunded[0], refunded[1]];
                    let was_there = before.is_some();
                    let both = causes[1].and(before.as_ref().zip(now.as_ref()));
                    let of_side = |side: &Side<'_>| side.lines.iter().map(|line| **line).collect();
                    let lines = both.map_or([Vec::new(), Vec::new()], |(before, now)| [of_side(before), of_side(now)]);
                    Compared { rows: of_order.to_vec(), lines, hash, causes, was_there, days }
                })
                .collect();
            if let Some(row) = of_customer.first().map(|row| &rows[*row]).filter(|row| !row.is_anonymous) {
                let present = orders.iter().map(|order| (order.hash, order.was_there)).collect();
                let returns = self.refunds.returns_of(number, ids.customer_hash_in_shop(row), &present);
                orders.extend(returns.into_iter().map(|(name, change)| Compared::of_refund(name, change)));
            }
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
    /// The refunds of the bucket in this run.
    refunds: &'s BucketRefunds<'a>,
    joined: &'s Joined,
    customers: &'s [Vec<Compared>],
    /// Their orders by hash: whether the snapshot before had them.
    orders: HashMap<u64, bool>,
    /// By shop and hash of a customer: the orders that the snapshot before did not have.
    late: HashMap<(u32, u64), Vec<u64>>,
}

impl<'s, 'a, F: Fold> Shown<'s, 'a, F> {
    fn of(
        comparison: &'s Comparison<'a, F>,
        (number, refunds): (usize, &'s BucketRefunds<'a>),
        joined: &'s Joined,
        customers: &'s [Vec<Compared>],
    ) -> Self {
        let ids = comparison.now.ids(&joined.bucket.bytes);
        let mut late: HashMap<(u32, u64), Vec<u64>> = HashMap::new();
        for order in customers.iter().flatten().filter(|order| order.differs() && !order.was_there) {
            if let Some(row) = order.rows.first().and_then(|row| joined.bucket.rows.get(*row)) {
                late.entry((row.shop, ids.customer_hash(row))).or_default().push(order.hash);
            }
        }
        let with_rows = customers.iter().flatten().filter(|order| !order.rows.is_empty());
        let orders = with_rows.map(|order| (order.hash, order.was_there)).collect();
        Shown { comparison, number, refunds, joined, customers, orders, late }
    }

    /// Shows the histories after the steps of the causes up to that place to a fold; `only` those of customers with an order of that cause.
    fn fold(&self, up_to: Option<usize>, only: Option<Cause>, fold: &mut F) {
        let mut settler = Settler::new(fold.reads_lines(), fold.reads_item_refunds());
        self.settle(&mut settler, up_to, only, &mut |history| fold.update(history));
        fold.end_bucket();
    }

    /// The first purchase day of each customer who has one after these steps, by shop and the hash of the customer's id; and the positions of the
    /// refunds that exceed what was paid.
    fn first_purchases(&self, up_to: Option<usize>) -> (HashMap<(u32, u64), Day>, HashSet<u32>) {
        let mut days = HashMap::new();
        let mut settler = Settler::default();
        self.settle(&mut settler, up_to, None, &mut |history| {
            if let Some(day) = history.first_purchase_day().filter(|_| !history.is_anonymous) {
                days.insert((history.shop, id_hash(history.customer)), day);
            }
        });
        (days, settler.settled.excessive_refunds.into_iter().collect())
    }

    fn settle(&self, settler: &mut Settler, up_to: Option<usize>, only: Option<Cause>, each: &mut dyn FnMut(&crate::history::History<'_>)) {
        let Shown { comparison, number, refunds, joined, customers, orders, late } = self;
        let (mut rows, mut waiting): (Vec<Row>, HashSet<u64>) = (Vec::new(), HashSet::new());
        for orders in
            customers.iter().filter(|orders| only.is_none() || only.is_some_and(|only| orders.iter().any(|order| order.has(only))))
        {
            for order in orders {
                let [is_done, is_refunded] = order.causes.map(|cause| order.is_done(cause, up_to));
                let two = order.causes[1].is_some();
                // Refunds that count otherwise come with the cause that they are of.
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
        let at_step = AtStep { both: &comparison.refunds, bucket: *number, own: refunds, waiting: &waiting, orders, late };
        let refunds = BucketRefunds::clone(refunds).instead(&at_step);
        // What publishers brought is in no table that is compared.
        let before = &comparison.before.lines;
        settler.settle(before, (&rows, &joined.bucket.bytes), refunds, &before.affiliates().of_bucket(*number), each);
    }
}
