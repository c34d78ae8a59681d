//! Refunds as both snapshots count them, of orders and of customers that are settled as they were and as they are.

use hashbrown::{HashMap, HashSet};

use super::changed_refund::ChangedRefund;
use crate::history::customer::Return;
use crate::history::order_index::OrderPlace;
use crate::history::refunds::{BucketRefund, BucketRefunds, KnownRefunds, RefundIndex, order_hash};
use crate::input::values::codes::OwnedId;
use crate::partition::partition_of;
use crate::spec::{Day, Id, NO_DAY, NO_TIME, day_of_time, id_hash, id_hash_in_shop};

/// The refunds of this run, and those of which the snapshot before counted something else.
pub(super) struct BothRefunds<'a> {
    pub index: &'a RefundIndex,
    shop_hashes: &'a [u64],
    changes: &'a [ChangedRefund],
    /// By position of an application that counts now and did not count so before.
    changed_now: HashSet<u32>,
    /// By change: the hash of its order, as it was and as it is.
    orders: Vec<[Option<u64>; 2]>,
    /// Ascending: the hash of the order of a change as it was, and the change.
    before: Vec<(u64, u32)>,
    /// Ascending: the hash of the order of a change as it was or is, and the change.
    either: Vec<(u64, u32)>,
    /// Ascending: the bucket of an order that this run has, its hash, as the change has it that was.
    places: Vec<(u32, u64)>,
    /// By change: whether this run has its order as it was, or had it in a bucket that it is gone from.
    is_known: Vec<bool>,
    /// Ascending: the bucket of a customer whom a change names, the hash within the shop, and the change.
    customers: Vec<(u32, u64, u32)>,
    /// By hash of an order that is gone from a bucket and that applications name: their positions.
    left: HashMap<u64, Vec<u32>>,
}

impl<'a> BothRefunds<'a> {
    /// The refunds of a run in so many buckets. `found` are the places of the orders of the changes as they were, `left` the orders that are gone
    /// from a bucket.
    pub fn new(
        index: &'a RefundIndex,
        changes: &'a [ChangedRefund],
        found: &[OrderPlace],
        left: &HashSet<u64>,
        (shop_hashes, buckets): (&'a [u64], usize),
    ) -> Self {
        let mut both = BothRefunds {
            index,
            shop_hashes,
            changes,
            changed_now: changes.iter().filter_map(|change| change.now).collect(),
            orders: Vec::new(),
            before: Vec::new(),
            either: Vec::new(),
            places: Vec::new(),
            is_known: Vec::new(),
            customers: Vec::new(),
            left: HashMap::new(),
        };
        let shop_hash = |shop: u32| shop_hashes.get(shop as usize).copied().unwrap_or(0);
        let applications = index.applications();
        for (number, change) in (0..).zip(changes) {
            let of_order = |order: Option<&OwnedId>| Some(id_hash_in_shop(shop_hash(change.shop), id_hash(order?.id())));
            let before = change.before.as_ref();
            let now = change.now.and_then(|position| applications.get(position as usize));
            let was = before.and_then(|before| of_order(before.order.as_ref()));
            let is = now.and_then(|now| of_order(now.order.as_ref()));
            both.orders.push([was, is]);
            both.is_known.push(was.is_some_and(|order| left.contains(&order)));
            both.before.extend(was.map(|hash| (hash, number)));
            both.either.extend(was.into_iter().chain(is).map(|hash| (hash, number)));
            let customers = [before.and_then(|before| before.customer.as_ref()), now.and_then(|now| now.customer.as_ref())];
            both.customers.extend(customers.into_iter().flatten().filter(|_| index.has_returns()).map(|customer| {
                let hash = id_hash(customer.id());
                (partition_of(hash, buckets) as u32, id_hash_in_shop(shop_hash(change.shop), hash), number)
            }));
        }
        for place in found {
            let Some((is_known, [Some(was), _])) =
                both.is_known.get_mut(place.position as usize).zip(both.orders.get(place.position as usize))
            else {
                continue;
            };
            *is_known = true;
            both.places.push((place.bucket, *was));
        }
        for sorted in [&mut both.either, &mut both.before] {
            sorted.sort_unstable();
            sorted.dedup();
        }
        both.places.sort_unstable();
        both.customers.sort_unstable();
        both.customers.dedup();
        if !left.is_empty() {
            for (position, application) in (0..).zip(applications) {
                if let Some(hash) = order_hash(application, shop_hashes).filter(|hash| left.contains(hash)) {
                    both.left.entry(hash).or_default().push(position);
                }
            }
        }
        both
    }

    /// The hashes of the orders of a bucket of which other refunds count than before, as far as this run has them there; `own` are its refunds.
    pub fn orders_of(&self, bucket: usize, own: &BucketRefunds<'_>) -> HashSet<u64> {
        if self.changes.is_empty() {
            return HashSet::new();
        }
        let now = own.all().filter(|(_, position)| self.changed_now.contains(position)).map(|(hash, _)| hash);
        let from = self.places.partition_point(|(own, _)| (*own as usize) < bucket);
        let before = self.places[from..].iter().take_while(|(own, _)| *own as usize == bucket).map(|(_, hash)| *hash);
        now.chain(before).collect()
    }

    /// The hashes within their shops of the customers of a bucket whom changes name.
    pub fn customers_of(&self, bucket: usize) -> HashSet<u64> {
        let from = self.customers.partition_point(|(own, ..)| (*own as usize) < bucket);
        self.customers[from..].iter().take_while(|(own, ..)| *own as usize == bucket).map(|(_, customer, _)| *customer).collect()
    }

    /// The changes of an order's refunds.
    pub fn changes_of(&self, order: u64) -> impl Iterator<Item = &'a ChangedRefund> {
        with(&self.either, order).filter_map(|change| self.changes.get(change as usize))
    }

    /// The days on which the last of these refunds was paid out, as it was and as it is, or [`NO_DAY`].
    pub fn days_of<'c>(&self, changes: impl Iterator<Item = &'c ChangedRefund>) -> [Day; 2] {
        let day = |completed: i64| if completed == NO_TIME { NO_DAY } else { day_of_time(completed) };
        changes.fold([NO_DAY; 2], |[before, now], change| {
            let was = change.before.as_ref().map_or(NO_DAY, |paid_out| day(paid_out.refund.completed));
            let application = change.now.and_then(|position| self.index.applications().get(position as usize));
            let is = application.map_or(NO_DAY, |application| day(application.refund.completed));
            [before.max(was), now.max(is)]
        })
    }

    /// The changes that have to do with a customer of a bucket beside the `orders` that the customer has, of which it is known whether they were
    /// there: refunds of orders that are not there, before or now. Each with what its order, or itself without one, is called.
    pub fn returns_of(&self, bucket: usize, customer: u64, orders: &HashMap<u64, bool>) -> Vec<(u64, &'a ChangedRefund)> {
        let from = self.customers.partition_point(|own| *own < (bucket as u32, customer, 0));
        let own = self.customers[from..].iter().take_while(|(of, own, _)| (*of as usize, *own) == (bucket, customer));
        let mut found = Vec::new();
        for (.., number) in own {
            let Some(change) = self.changes.get(*number as usize) else { continue };
            let was_returned = change.before.is_some() && !self.was_known(*number, orders);
            let is_returned = change.now.is_some_and(|position| self.index.is_of_unknown_order(position));
            if !was_returned && !is_returned {
                continue;
            }
            // Without an order it stands for itself.
            let [was, is] = self.orders.get(*number as usize).copied().unwrap_or_default();
            let name = |order: Option<u64>| order.unwrap_or_else(|| name_of(&change.id));
            let mut names: Vec<u64> = change.before.iter().map(|_| name(was)).chain(change.now.map(|_| name(is))).collect();
            names.dedup();
            found.extend(names.into_iter().filter(|name| !orders.contains_key(name)).map(|name| (name, change)));
        }
        found
    }

    /// Whether the snapshot before had the order of a change as it was.
    fn was_known(&self, number: u32, orders: &HashMap<u64, bool>) -> bool {
        let Some([Some(was), _]) = self.orders.get(number as usize) else { return false };
        orders.get(was).map_or_else(|| self.is_known.get(number as usize).copied().unwrap_or(false), |was_there| *was_there)
    }

    /// The hash of the order of a refund, by its position among the applications, or behind them that of the change that was.
    pub fn order_at(&self, position: u32) -> Option<u64> {
        match self.change_at(position) {
            Some(number) => self.orders.get(number as usize)?[0],
            None => order_hash(self.index.applications().get(position as usize)?, self.shop_hashes),
        }
    }

    /// Whether another refund counted than that at a position, or none.
    pub fn is_changed(&self, position: u32) -> bool {
        self.changed_now.contains(&position) || self.change_at(position).is_some()
    }

    /// The position of a change behind those of all applications.
    fn position(&self, number: u32) -> u32 {
        (self.index.applications().len() as u32).saturating_add(number)
    }

    /// The number of the change that has a position behind those of the applications.
    pub fn change_at(&self, position: u32) -> Option<u32> {
        position.checked_sub(self.index.applications().len() as u32)
    }
}

/// What stands for a refund without an order among the hashes of orders.
fn name_of(id: &OwnedId) -> u64 {
    !id_hash(id.id())
}

/// The changes of a hash.
fn with(sorted: &[(u64, u32)], hash: u64) -> impl Iterator<Item = u32> {
    let from = sorted.partition_point(|(own, _)| *own < hash);
    sorted[from..].iter().take_while(move |(own, _)| *own == hash).map(|(_, change)| *change)
}

/// The refunds of the customers of a bucket while some orders are as they were, and others as they are.
pub(super) struct AtStep<'s, 'a> {
    pub both: &'s BothRefunds<'a>,
    pub bucket: usize,
    /// Those of this run.
    pub own: &'s BucketRefunds<'a>,
    /// The orders that are as they were, by hash.
    pub waiting: &'s HashSet<u64>,
    /// The orders of the customers by hash: whether the snapshot before had them.
    pub orders: &'s HashMap<u64, bool>,
    /// By shop and hash of a customer: the orders that the snapshot before did not have.
    pub late: &'s HashMap<(u32, u64), Vec<u64>>,
}

/// Refunds in the order of their completion, as they are found.
type Found<T> = Vec<(i64, OwnedId, T)>;

impl AtStep<'_, '_> {
    /// The positions of the applications of this run that name an order.
    fn positions(&self, hash: u64) -> Vec<u32> {
        let of_bucket = || self.own.positions(hash).collect();
        self.both.left.get(&hash).cloned().unwrap_or_else(of_bucket)
    }

    fn is_waiting(&self, order: Option<u64>, id: &OwnedId) -> bool {
        self.waiting.contains(&order.unwrap_or_else(|| name_of(id)))
    }
}

impl KnownRefunds for AtStep<'_, '_> {
    fn of<'s>(&'s self, hash: u64, shop: u32, order: Id<'_>, into: &mut Vec<BucketRefund<'s>>) {
        let AtStep { both, waiting, .. } = self;
        let (index, is_waiting) = (both.index, waiting.contains(&hash));
        let mut found: Found<BucketRefund<'s>> = Vec::new();
        let paid_out = |position: u32, completed: i64, amount: i64, line: Option<Id<'s>>| {
            let day = day_of_time(completed);
            BucketRefund { position, day, amount, is_open: false, line, reason: 0 }
        };
        let is_of = |own: u32, of: Option<&OwnedId>| own == shop && of.is_some_and(|of| of.id() == order);
        for position in self.positions(hash) {
            let Some(application) = index.applications().get(position as usize) else { continue };
            let refund = &application.refund;
            let counts = refund.completed != NO_TIME && !(is_waiting && both.changed_now.contains(&position));
            if counts && is_of(refund.shop, application.order.as_ref()) {
                let refund = paid_out(position, refund.completed, refund.amount, index.line(position));
                found.push((application.refund.completed, application.id.clone(), refund));
            }
        }
        for number in with(&both.before, hash).filter(|_| is_waiting) {
            let Some(change) = both.changes.get(number as usize) else { continue };
            let Some(before) = change.before.as_ref().filter(|before| is_of(change.shop, before.order.as_ref())) else { continue };
            let line = before.line.as_ref().map(OwnedId::id);
            let refund = paid_out(both.position(number), before.refund.completed, before.refund.amount, line);
            found.push((before.refund.completed, change.id.clone(), refund));
        }
        found.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
        into.clear();
        into.extend(found.into_iter().map(|(.., refund)| refund));
    }

    fn returned(&self, hash: u64, (shop, shop_hash): (u32, u64), customer: Id<'_>, into: &mut Vec<Return>) {
        let AtStep { both, waiting, orders, .. } = self;
        into.clear();
        let index = both.index;
        if !index.has_returns() {
            return;
        }
        let mut found: Found<Return> = Vec::new();
        let applications = index.applications();
        let mut add = |id: &OwnedId, completed: i64, amount: i64| {
            found.push((completed, id.clone(), Return { day: day_of_time(completed), amount }));
        };
        let order_of = |order: Option<&OwnedId>| Some(id_hash_in_shop(shop_hash, id_hash(order?.id())));
        // Those of orders that are not there now.
        for position in self.own.returns_of(hash, shop, customer) {
            let Some(application) = applications.get(position as usize) else { continue };
            let order = order_of(application.order.as_ref());
            let is_new = both.changed_now.contains(&position) || order.is_some_and(|order| both.left.contains_key(&order));
            if !(is_new && self.is_waiting(order, &application.id)) {
                add(&application.id, application.refund.completed, application.refund.amount);
            }
        }
        // Those that counted otherwise.
        let in_shop = id_hash_in_shop(shop_hash, hash);
        let from = both.customers.partition_point(|own| *own < (self.bucket as u32, in_shop, 0));
        for (.., number) in both.customers[from..].iter().take_while(|(of, own, _)| (*of as usize, *own) == (self.bucket, in_shop)) {
            let Some(change) = both.changes.get(*number as usize) else { continue };
            let Some(before) = &change.before else { continue };
            let is_own = change.shop == shop && before.customer.as_ref().is_some_and(|own| own.id() == customer);
            let counted = is_own && before.refund.amount > 0 && !both.was_known(*number, orders);
            if counted && self.is_waiting(order_of(before.order.as_ref()), &change.id) {
                add(&change.id, before.refund.completed, before.refund.amount);
            }
        }
        // Those of orders that were not there.
        for order in self.late.get(&(shop, hash)).into_iter().flatten().filter(|order| waiting.contains(*order)) {
            for position in self.positions(*order).into_iter().filter(|position| !both.changed_now.contains(position)) {
                let Some(application) = applications.get(position as usize) else { continue };
                let is_own = application.refund.shop == shop && application.customer.as_ref().is_some_and(|own| own.id() == customer);
                if is_own && application.refund.completed != NO_TIME && application.refund.amount > 0 {
                    add(&application.id, application.refund.completed, application.refund.amount);
                }
            }
        }
        found.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
        into.extend(found.into_iter().map(|(.., returned)| returned));
    }
}
