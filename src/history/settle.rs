//! Settling: turns the lines of a bucket into customers' histories. Picks the last version of each line, sums lines to orders, applies
//! refunds.

use hashbrown::HashSet;

use super::bucket::{Bucket, BucketIds};
use super::buyers::Buyers;
use super::customer::{History, Order, PaidRefund, Return};
use super::grouping::Grouping;
use super::refunds::{BucketRefund, RefundIndex};
use super::row::{NOT_COMPLETED, NOT_SHIPPED, Row};
use super::shuffle::Shuffled;
use crate::error::Result;
use crate::spec::{Day, NO_DAY, NO_TIME, NO_VALUE, day_of_time};

/// What settling counts besides the histories. Additive.
#[derive(Debug, Default)]
pub struct Settled {
    /// By file of the orders input: lines used. 32 bits, because every line adds to it.
    pub used: Vec<u64>,
    /// By file of the orders input: lines superseded.
    pub superseded: Vec<u64>,
    /// Refunds that exceed what was paid, by position in the settled refunds input.
    pub excessive_refunds: Vec<u32>,
    /// By shop: the first day on which an order was placed.
    pub first_days: Vec<Day>,
    /// All orders.
    pub all: OrderTotal,
    /// Those of them that name no customer.
    pub anonymous: OrderTotal,
    /// Customers who may be none.
    pub buyers: Buyers,
    /// Lines superseded by a line of another part of the input.
    pub across_parts: u64,
}

/// Orders, and what was paid for them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OrderTotal {
    /// How many.
    pub orders: u64,
    /// In minor units.
    pub paid_amount: i64,
}

impl OrderTotal {
    fn add(&mut self, other: OrderTotal) {
        self.orders += other.orders;
        self.paid_amount += other.paid_amount;
    }
}

impl Settled {
    pub(super) fn add(&mut self, other: Settled) {
        for (counts, more) in [(&mut self.used, other.used), (&mut self.superseded, other.superseded)] {
            for (file, lines) in more.into_iter().enumerate() {
                *count_of(counts, file) += lines;
            }
        }
        self.excessive_refunds.extend(other.excessive_refunds);
        self.all.add(other.all);
        self.anonymous.add(other.anonymous);
        self.buyers.add(other.buyers);
        self.across_parts += other.across_parts;
        for (shop, day) in other.first_days.iter().enumerate() {
            if *day != NO_DAY {
                note_day(&mut self.first_days, shop, *day);
            }
        }
    }
}

/// The counter of a file.
pub(super) fn count_of(counts: &mut Vec<u64>, file: usize) -> &mut u64 {
    if file >= counts.len() {
        counts.resize(file + 1, 0);
    }
    &mut counts[file]
}

fn note_day(days: &mut Vec<Day>, shop: usize, day: Day) {
    if shop >= days.len() {
        days.resize(shop + 1, NO_DAY);
    }
    if days[shop] == NO_DAY || day < days[shop] {
        days[shop] = day;
    }
}

/// Settles buckets, one after the other. Reuses its scratch memory.
#[derive(Default)]
pub(super) struct Settler {
    bucket: Bucket,
    grouping: Grouping,
    orders: Vec<Order>,
    days: Vec<Day>,
    items: Vec<(u32, i64)>,
    refunded: Vec<PaidRefund>,
    returns: Vec<Return>,
    pub settled: Settled,
}

impl Settler {
    /// Calls `each` with the history of every customer of a bucket, ascending by (shop, customer). Skips the rows in `dropped`.
    ///
    /// # Errors
    /// [`crate::error::Error::Output`] where what was written to the disk cannot be read.
    pub fn bucket(
        &mut self,
        shuffled: &Shuffled,
        number: usize,
        refunds: &RefundIndex,
        dropped: &HashSet<(u32, u32)>,
        mut each: impl FnMut(&History<'_>),
    ) -> Result<()> {
        shuffled.read(number, &mut self.bucket)?;
        let Settler { bucket, grouping, orders, days, items, refunded, returns, settled } = self;
        if !dropped.is_empty() {
            bucket.rows.retain(|row| !dropped.contains(&(row.file, row.row)));
        }
        let Bucket { rows, bytes } = bucket;
        let ids = shuffled.ids(bytes);
        let refunds = refunds.of_bucket(number);
        grouping.group(rows, ids);
        grouping.each(|group| {
            // Files and ids mostly come in the order of time: often the rows are sorted.
            let by_version = |a: &u32, b: &u32| ids.by_version(&rows[*a as usize], &rows[*b as usize]);
            if !group.is_sorted_by(|a, b| by_version(a, b).is_le()) {
                group.sort_unstable_by(by_version);
            }
            orders.clear();
            items.clear();
            refunded.clear();
            for lines in group.chunk_by(|a, b| ids.same_order(&rows[*a as usize], &rows[*b as usize])) {
                let from = items.len();
                let mut order = order_of(rows, ids, lines, orders.len() as u64, items, settled);
                settled.across_parts += across_parts(shuffled, rows, ids, lines);
                let first = &rows[lines[0] as usize];
                note_day(&mut settled.first_days, first.shop as usize, order.created_day);
                let by_lines = order.net_revenue();
                let of_order = refunds.of(ids.order_hash(first), first.shop, ids.order(first));
                apply_refunds(&mut order, of_order, refunded, settled);
                spread_refund(&order, by_lines, items, from);
                orders.push(order);
            }
            if !orders.is_sorted_by_key(Order::place_in_history) {
                orders.sort_unstable_by_key(Order::place_in_history);
            }
            let paid = orders.iter().take_while(|order| order.is_paid()).count();
            days.clear();
            days.extend(orders.iter().filter(|order| order.is_purchase()).map(|order| order.paid_day));
            days.dedup();
            if let Some(at) = group.first() {
                let row = &rows[*at as usize];
                let paid_amount = orders.iter().map(|order| order.paid_amount).sum();
                let total = OrderTotal { orders: orders.len() as u64, paid_amount };
                settled.all.add(total);
                if row.is_anonymous {
                    settled.anonymous.add(total);
                }
                let customer = ids.customer(row);
                returns.clear();
                if !row.is_anonymous {
                    settled.buyers.note(row.shop, customer, total.orders);
                    refunds.returned(|| ids.customer_hash(row), row.shop, customer, returns);
                    limit_returns(&orders[..paid], returns);
                }
                each(&History {
                    shop: row.shop,
                    customer,
                    is_anonymous: row.is_anonymous,
                    orders,
                    paid,
                    item_revenue: items,
                    purchase_days: days,
                    refunds: refunded,
                    returns,
                });
            }
        });
        Ok(())
    }
}

/// Limits what was returned without a known order, which is in order of time, to what the purchases up to its day left: a refund of a
/// purchase before the first day of the orders takes nothing away from what came later. `paid` are the paid orders by time.
fn limit_returns(paid: &[Order], returns: &mut Vec<Return>) {
    let (mut left, mut next) = (0, paid.iter().peekable());
    for returned in returns.iter_mut() {
        while let Some(order) = next.next_if(|order| order.paid_day <= returned.day) {
            left += if order.is_purchase() { order.net_revenue() } else { 0 };
        }
        returned.amount = returned.amount.min(left);
        left -= returned.amount;
    }
    returns.retain(|returned| returned.amount > 0);
}

/// Applies the refunds of an order, in the order of their completion, and adds those with an amount to `paid_out`. Records those that exceed
/// what was paid.
fn apply_refunds(order: &mut Order, refunds: impl Iterator<Item = BucketRefund>, paid_out: &mut Vec<PaidRefund>, settled: &mut Settled) {
    let mut refunded = 0;
    for refund in refunds {
        order.has_open_refund |= refund.is_open;
        if refunded + refund.amount > order.paid_amount {
            settled.excessive_refunds.push(refund.position);
        } else {
            refunded += refund.amount;
            // An order of nothing has nothing to give back, and yet was returned.
            order.is_refunded |= order.paid_amount == 0 && !refund.is_open;
            if refund.day != NO_DAY && refund.amount > 0 {
                paid_out.push(PaidRefund { order_paid_day: order.paid_day, day: refund.day, amount: refund.amount });
            }
        }
    }
    order.refunded = order.refunded.max(refunded);
}

/// Allocates the part of an order's refund that its lines do not carry to the lines with an item, in proportion to their revenue, so
/// that item revenue sums to order revenue where all lines have items. `by_lines` is the order's revenue according to its lines. Drops
/// the items of an order that is not a purchase.
fn spread_refund(order: &Order, by_lines: i64, items: &mut Vec<(u32, i64)>, from: usize) {
    if !order.is_purchase() {
        items.truncate(from);
        return;
    }
    let after = order.net_revenue();
    if by_lines == after || by_lines == 0 {
        return;
    }
    let share = |gone: i64| (i128::from(gone) * i128::from(after) / i128::from(by_lines)) as i64;
    let mut gone = 0;
    for (_, revenue) in items.iter_mut().skip(from) {
        let earlier = share(gone);
        gone += *revenue;
        *revenue = share(gone) - earlier;
    }
}

/// Sums an order from the versions of its lines, which are in the order of [`BucketIds::by_version`].
fn order_of(rows: &[Row], ids: BucketIds<'_>, lines: &[u32], rank: u64, items: &mut Vec<(u32, i64)>, settled: &mut Settled) -> Order {
    let mut order = Order {
        rank,
        created: i64::MAX,
        paid: NO_TIME,
        created_day: 0,
        paid_day: NO_DAY,
        shipping_seconds: -1,
        completed_day: NO_DAY,
        placed_amount: 0,
        paid_amount: 0,
        refunded: 0,
        quantity: 0,
        channel: 0,
        province: 0,
        category: 0,
        item: 0,
        is_closed: true,
        is_refunded: false,
        has_open_refund: false,
    };
    // Whether a paid line was not refunded by its status.
    let mut is_kept = false;
    let mut shipped = NOT_SHIPPED;
    let mut is_first = true;
    for versions in lines.chunk_by(|a, b| ids.same_line(&rows[*a as usize], &rows[*b as usize])) {
        for older in &versions[..versions.len() - 1] {
            *count_of(&mut settled.superseded, rows[*older as usize].file as usize) += 1;
        }
        let line = &rows[versions[versions.len() - 1] as usize];
        *count_of(&mut settled.used, line.file as usize) += 1;
        if is_first {
            (order.channel, order.province, order.category) = (u32::from(line.channel), u32::from(line.province), line.category);
            order.item = line.item;
            is_first = false;
        }
        order.is_closed &= line.is_closed && line.paid == NO_TIME;
        is_kept |= line.paid != NO_TIME && !line.is_closed;
        order.created = order.created.min(line.created);
        order.paid = earlier(order.paid, line.paid);
        shipped = shipped.min(line.shipped);
        if line.completed != NOT_COMPLETED {
            order.completed_day = order.completed_day.max(Day::from(line.completed));
        }
        order.placed_amount += line.placed_amount;
        order.paid_amount += line.paid_amount;
        order.refunded += line.refunded;
        order.quantity += i64::from(line.quantity);
        if line.item != NO_VALUE {
            items.push((line.item, line.paid_amount - line.refunded));
        }
    }
    order.created_day = day_of_time(order.created);
    if order.paid != NO_TIME {
        order.is_refunded = !is_kept;
        order.paid_day = day_of_time(order.paid);
        if shipped != NOT_SHIPPED {
            // Shipped before it was paid (cash on delivery): no time passed.
            order.shipping_seconds = (i64::from(shipped) - order.paid / 1_000_000).max(0);
        }
    }
    order
}

/// How many lines of an order are superseded by a line of another part of the input.
fn across_parts(shuffled: &Shuffled, rows: &[Row], ids: BucketIds<'_>, lines: &[u32]) -> u64 {
    if !shuffled.has_parts() || lines.len() < 2 {
        return 0;
    }
    let part = |line: &u32| shuffled.part(rows[*line as usize].file);
    let versions = lines.chunk_by(|a, b| ids.same_line(&rows[*a as usize], &rows[*b as usize]));
    let superseded =
        versions.filter_map(<[u32]>::split_last).map(|(used, older)| older.iter().filter(|line| part(line) != part(used)).count());
    superseded.sum::<usize>() as u64
}

/// The earlier of two times, either of which may be missing.
fn earlier(a: i64, b: i64) -> i64 {
    if a == NO_TIME || (b != NO_TIME && b < a) { b } else { a }
}
