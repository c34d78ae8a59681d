//! Settling: the lines of a bucket to customers' histories: versions settled, lines summed to orders, refunds applied.

use std::cmp::Ordering;

use hashbrown::HashSet;

use super::customer::{History, Order};
use super::grouping::Grouping;
use super::record::text_at;
use super::refunds::{BucketRefunds, RefundIndex};
use super::row::{NOT_COMPLETED, NOT_SHIPPED, Row};
use super::shuffle::{Bucket, Shuffled};
use crate::error::Result;
use crate::spec::{Day, Id, NO_DAY, NO_TIME, NO_VALUE, day_of_time};

/// What settling leaves beside the histories; additive.
#[derive(Debug, Default)]
pub struct Settled {
    /// By file of the orders input: lines used. Narrow, for it is added to at every line.
    pub used: Vec<u64>,
    /// By file of the orders input: lines superseded.
    pub superseded: Vec<u64>,
    /// Refunds that exceed what was paid, by position in the settled refunds input.
    pub excessive_refunds: Vec<u32>,
    /// By shop: the first day on which an order was placed.
    pub first_days: Vec<Day>,
}

impl Settled {
    pub(super) fn add(&mut self, other: Settled) {
        for (counts, more) in [(&mut self.used, other.used), (&mut self.superseded, other.superseded)] {
            for (file, lines) in more.into_iter().enumerate() {
                *count_of(counts, file) += lines;
            }
        }
        self.excessive_refunds.extend(other.excessive_refunds);
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

/// Ids of a bucket's rows.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub text: &'a [u8],
    pub is_text: [bool; 3],
}

impl<'a> Names<'a> {
    fn id(self, is_text: bool, place: u64) -> Id<'a> {
        if is_text { Id::Text(std::str::from_utf8(text_at(self.text, place)).unwrap_or_default()) } else { Id::Integer(place) }
    }

    pub fn customer(self, row: &Row) -> Id<'a> {
        self.id(self.is_text[0], row.customer)
    }

    pub fn order(self, row: &Row) -> Id<'a> {
        self.id(self.is_text[1], row.order)
    }

    pub fn line(self, row: &Row) -> Id<'a> {
        self.id(self.is_text[2], row.line)
    }

    fn compare(self, is_text: bool, a: u64, b: u64) -> Ordering {
        if is_text { text_at(self.text, a).cmp(text_at(self.text, b)) } else { a.cmp(&b) }
    }

    pub fn same_customer(self, a: &Row, b: &Row) -> bool {
        self.compare_customers(a, b).is_eq()
    }

    pub fn compare_customers(self, a: &Row, b: &Row) -> Ordering {
        self.compare(self.is_text[0], a.customer, b.customer)
    }

    fn same_order(self, a: &Row, b: &Row) -> bool {
        self.compare(self.is_text[1], a.order, b.order).is_eq()
    }

    /// By order, line, version; the last of a line is the one that counts.
    pub fn by_version(self, a: &Row, b: &Row) -> Ordering {
        self.compare(self.is_text[1], a.order, b.order)
            .then_with(|| self.compare(self.is_text[2], a.line, b.line))
            .then_with(|| (a.modified, a.file, a.row).cmp(&(b.modified, b.file, b.row)))
    }

    pub fn same_line(self, a: &Row, b: &Row) -> bool {
        self.same_order(a, b) && self.compare(self.is_text[2], a.line, b.line).is_eq()
    }
}

/// Settles buckets, one after the other; its scratch memory is used again.
#[derive(Default)]
pub(super) struct Settler {
    bucket: Bucket,
    grouping: Grouping,
    orders: Vec<Order>,
    days: Vec<Day>,
    items: Vec<(u32, i64)>,
    pub settled: Settled,
}

impl Settler {
    /// Gives the history of every customer of a bucket to `each`, ascending by (shop, customer). Rows in `dropped` are not there.
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
        shuffled.gather(number, &mut self.bucket)?;
        let Settler { bucket, grouping, orders, days, items, settled } = self;
        if !dropped.is_empty() {
            bucket.rows.retain(|row| !dropped.contains(&(row.file, row.row)));
        }
        let names = Names { text: &bucket.bytes, is_text: shuffled.is_text };
        let rows = &bucket.rows;
        let refunds = refunds.of_bucket(number);
        grouping.group(rows, names);
        grouping.each(|group| {
            // Files mostly come in the order of time, and ids too: often nothing is to be done.
            let by_version = |a: &u32, b: &u32| names.by_version(&rows[*a as usize], &rows[*b as usize]);
            if !group.is_sorted_by(|a, b| by_version(a, b).is_le()) {
                group.sort_unstable_by(by_version);
            }
            orders.clear();
            items.clear();
            for lines in group.chunk_by(|a, b| names.same_order(&rows[*a as usize], &rows[*b as usize])) {
                let from = items.len();
                let mut order = order_of(rows, names, lines, orders.len() as u64, items, settled);
                let first = &rows[lines[0] as usize];
                note_day(&mut settled.first_days, first.shop as usize, order.created_day);
                let by_lines = order.net_revenue();
                apply_refunds(&mut order, &refunds, first.shop, names.order(first), settled);
                spread_refund(&order, by_lines, items, from);
                orders.push(order);
            }
            // Paid orders first: an unpaid one has the latest of all paid times.
            let by_payment = |order: &Order| if order.is_paid() { (order.paid, order.rank) } else { (i64::MAX, order.rank) };
            if !orders.is_sorted_by_key(by_payment) {
                orders.sort_unstable_by_key(by_payment);
            }
            let paid = orders.iter().take_while(|order| order.is_paid()).count();
            if let Some(unpaid) = orders.get_mut(paid..) {
                unpaid.sort_unstable_by_key(|order| (order.created, order.rank));
            }
            days.clear();
            days.extend(orders.iter().filter(|order| order.is_purchase()).map(|order| order.paid_day));
            days.dedup();
            if let Some(at) = group.first() {
                let row = &rows[*at as usize];
                each(&History { shop: row.shop, customer: names.customer(row), orders, paid, item_revenue: items, purchase_days: days });
            }
        });
        Ok(())
    }
}

/// Takes the refunds of an order into account, in the order of their completion; those that exceed what was paid are noted.
fn apply_refunds(order: &mut Order, refunds: &BucketRefunds<'_>, shop: u32, id: Id<'_>, settled: &mut Settled) {
    let mut refunded = 0;
    for refund in refunds.of(shop, id) {
        order.has_open_refund |= refund.is_open;
        if refunded + refund.amount > order.paid_amount {
            settled.excessive_refunds.push(refund.position);
        } else {
            refunded += refund.amount;
        }
    }
    order.refunded = order.refunded.max(refunded);
}

/// Lays what was refunded of an order beyond what its lines say themselves on the lines with items, in proportion to what each
/// brought, so that they bring to the fen what the order did if all have items. `by_lines` is what it would have brought by its lines. Those of an order that is no purchase go.
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

/// One order from its line versions, which are in the order of [`Names::by_version`].
fn order_of(rows: &[Row], names: Names<'_>, lines: &[u32], rank: u64, items: &mut Vec<(u32, i64)>, settled: &mut Settled) -> Order {
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
        has_open_refund: false,
    };
    let mut shipped = NOT_SHIPPED;
    let mut is_first = true;
    for versions in lines.chunk_by(|a, b| names.same_line(&rows[*a as usize], &rows[*b as usize])) {
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
        order.is_closed &= line.is_closed;
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
        order.paid_day = day_of_time(order.paid);
        if shipped != NOT_SHIPPED {
            // Shipped before it was paid (cash on delivery): no time passed.
            order.shipping_seconds = (i64::from(shipped) - order.paid / 1_000_000).max(0);
        }
    }
    order
}

/// The earlier of two times, of which either may not be there.
fn earlier(a: i64, b: i64) -> i64 {
    if a == NO_TIME || (b != NO_TIME && b < a) { b } else { a }
}
