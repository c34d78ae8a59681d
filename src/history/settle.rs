//! Settling: turns the lines of a bucket into customers' histories. Picks the last version of each line, sums lines to orders, applies
//! refunds.

use hashbrown::HashSet;

use super::affiliates::{BucketAffiliates, claim};
use super::bucket::{Bucket, BucketIds};
use super::customer::{Affiliated, History, Inquiry, ItemLine, Order, PaidRefund, Return};
use super::grouping::Grouping;
use super::inquiries::BucketInquiries;
use super::item_refunds::ItemRefunds;
use super::line_places::LinePlaces;
use super::order_refunds::{OrderRefunds, SettledLine};
use super::refunds::{BucketRefunds, RefundIndex};
use super::row::{NOT_COMPLETED, NOT_SHIPPED, Row};
use super::settled::{OrderTotal, Settled, count_of, note_day};
use super::shuffle::Shuffled;
use crate::error::Result;
use crate::input::records::awaited::Awaited;
use crate::input::values::links::NO_ALIAS;
use crate::input::values::money::NO_MONEY;
use crate::spec::{Day, NO_DAY, NO_TIME, NO_VALUE, day_of_time};

/// Settles buckets, one after the other. Reuses its scratch memory.
#[derive(Default)]
pub(super) struct Settler {
    bucket: Bucket,
    dropped: Vec<Row>,
    grouping: Grouping,
    orders: Vec<Order>,
    days: Vec<Day>,
    /// Whether a fold reads the lines with items.
    reads_lines: bool,
    items: Vec<ItemLine>,
    places: LinePlaces,
    refunded: Vec<PaidRefund>,
    returns: Vec<Return>,
    affiliated: Vec<Affiliated>,
    /// `None` where no fold reads them.
    item_refunds: Option<ItemRefunds>,
    inquiries: BucketInquiries,
    pub settled: Settled,
}

impl Settler {
    /// A settler of histories that have lines with items if a fold reads them, and what went back of these and why if a fold reads that.
    pub fn new(reads_lines: bool, reads_item_refunds: bool) -> Self {
        let item_refunds = reads_item_refunds.then(ItemRefunds::default);
        Settler { reads_lines: reads_lines || reads_item_refunds, item_refunds, ..Settler::default() }
    }

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
        let mut bucket = std::mem::take(&mut self.bucket);
        let read = shuffled.read(number, &mut bucket).and_then(|()| self.inquiries.read(shuffled.inquiries(), number));
        if read.is_ok() {
            if !dropped.is_empty() {
                self.dropped.clear();
                bucket.rows.retain(|row| {
                    let is_kept = !dropped.contains(&(row.file, row.row));
                    if !is_kept {
                        self.dropped.push(*row);
                    }
                    is_kept
                });
            }
            let affiliates = shuffled.affiliates().of_bucket(number);
            self.settle(shuffled, (&bucket.rows, &bucket.bytes), refunds.of_bucket(number), &affiliates, &mut each);
        }
        self.bucket = bucket;
        read
    }

    /// The rows of the bucket that was settled last, without those that were dropped, and these.
    pub fn last(&self) -> (&Bucket, &[Row]) {
        (&self.bucket, &self.dropped)
    }

    /// Calls `each` with the history of every customer of these rows, whose records are `bytes`, ascending by (shop, customer). `shuffled` knows
    /// what their codes mean.
    pub fn settle(
        &mut self,
        shuffled: &Shuffled,
        (rows, bytes): (&[Row], &[u8]),
        refunds: BucketRefunds<'_>,
        affiliates: &BucketAffiliates<'_>,
        each: &mut dyn FnMut(&History<'_>),
    ) {
        let Settler { grouping, orders, days, reads_lines, items, places, refunded, returns, .. } = self;
        let Settler { affiliated, item_refunds, inquiries, settled, .. } = self;
        let reads_lines = *reads_lines;
        let ids = shuffled.ids(bytes);
        let mut order_refunds = OrderRefunds::default();
        let (mut claims, mut revenue, mut known_refunds) = (Vec::new(), Vec::new(), Vec::new());
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
            affiliated.clear();
            item_refunds.iter_mut().for_each(ItemRefunds::clear);
            for lines in group.chunk_by(|a, b| ids.same_order(&rows[*a as usize], &rows[*b as usize])) {
                let from = items.len();
                let mut order = order_of(rows, ids, lines, orders.len() as u32, settled);
                if reads_lines && order.is_paid() {
                    items.extend(item_lines(rows, ids, lines, order.rank));
                }
                settled.across_parts += across_parts(shuffled, rows, ids, lines);
                let first = &rows[lines[0] as usize];
                note_day(&mut settled.first_days, first.shop as usize, order.created_day);
                let hash = ids.order_hash(first);
                let excessive = &mut settled.excessive_refunds;
                match refunds.known_otherwise() {
                    Some(known) => {
                        known.of(hash, first.shop, ids.order(first), &mut known_refunds);
                        order_refunds.take(&mut order, known_refunds.drain(..), refunded, excessive);
                    }
                    None => order_refunds.take(&mut order, refunds.of(hash, first.shop, ids.order(first)), refunded, excessive),
                }
                settled.refunds_of_unknown_lines += order_refunds.apply(&mut order, || settled_lines(rows, ids, lines), items, from);
                if let Some(item_refunds) = item_refunds
                    && let Some(items) = items.get(from..).filter(|_| order.has_refund())
                {
                    item_refunds.add(&order, order_refunds.paid_out(), settled_lines(rows, ids, lines), items);
                }
                if !affiliates.is_empty() {
                    affiliates.of(hash, first.shop, ids.order(first), &mut claims);
                    if !claims.is_empty() {
                        order_refunds.line_revenue(&order, settled_lines(rows, ids, lines), &mut revenue);
                        claim(&order, &mut claims, &revenue, affiliated, &mut settled.affiliates);
                    }
                }
                orders.push(order);
            }
            if !orders.is_sorted_by_key(Order::place_in_history) {
                orders.sort_unstable_by_key(Order::place_in_history);
                places.place(orders, items);
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
                    match refunds.known_otherwise() {
                        Some(known) => known.returned(ids.customer_hash(row), (row.shop, ids.shop_hash(row.shop)), customer, returns),
                        None => refunds.returned(|| ids.customer_hash(row), row.shop, customer, returns),
                    }
                    limit_returns(&orders[..paid], returns);
                }
                each(&History {
                    shop: row.shop,
                    customer,
                    is_anonymous: row.is_anonymous,
                    orders,
                    paid,
                    lines: items,
                    purchase_days: days,
                    refunds: refunded,
                    returns,
                    shops: &[],
                    affiliated,
                    inquiries: if row.is_anonymous { &[] } else { inquiries.of(row.shop, customer) },
                    item_refunds: item_refunds.as_ref().map_or(&[], ItemRefunds::all),
                });
            }
        });
    }

    /// The customers of the bucket that was settled last who asked and have no order: the shop, and the questions.
    pub fn inquirers_without_orders(&self) -> impl Iterator<Item = (u32, &[Inquiry])> {
        self.inquiries.without_orders()
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

/// The lines of an order as they count, ascending by their ids.
pub(super) fn settled_lines<'a, 'g>(
    rows: &'a [Row],
    ids: BucketIds<'a>,
    lines: &'g [u32],
) -> impl Iterator<Item = SettledLine<'a>> + use<'a, 'g> {
    let versions = lines.chunk_by(move |a, b| ids.same_line(&rows[*a as usize], &rows[*b as usize]));
    versions.filter_map(<[u32]>::last).map(move |last| {
        let row = &rows[*last as usize];
        let is_paid = row.paid != NO_TIME;
        SettledLine {
            id: ids.line(row),
            is_paid,
            paid_amount: row.paid_amount,
            is_closed: is_paid && row.is_closed,
            refunded: row.refunded,
            has_item: is_paid && row.item != NO_VALUE,
            completed_day: if row.completed == NOT_COMPLETED { NO_DAY } else { Day::from(row.completed) },
        }
    })
}

/// The paid lines of an order that have an item, ascending by their ids, as their status has them; they name the order by its rank.
fn item_lines<'a>(rows: &'a [Row], ids: BucketIds<'a>, lines: &'a [u32], rank: u32) -> impl Iterator<Item = ItemLine> + use<'a> {
    let versions = lines.chunk_by(move |a, b| ids.same_line(&rows[*a as usize], &rows[*b as usize]));
    let lines = versions.filter_map(<[u32]>::last).map(|last| &rows[*last as usize]);
    lines.filter(|row| row.item != NO_VALUE && row.paid != NO_TIME).map(move |row| ItemLine {
        order: rank,
        item: row.item,
        category: row.category,
        quantity: row.quantity,
        paid_amount: row.paid_amount,
        net_revenue: row.paid_amount - row.refunded,
    })
}

/// Sums an order from the versions of its lines, which are in the order of [`BucketIds::by_version`].
pub(super) fn order_of(rows: &[Row], ids: BucketIds<'_>, lines: &[u32], rank: u32, settled: &mut Settled) -> Order {
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
        discount: NO_MONEY,
        promotion: 0,
        channel: 0,
        province: 0,
        category: 0,
        item: 0,
        alias: NO_ALIAS,
        is_closed: true,
        is_refunded: false,
        awaited: Awaited::Unsaid,
        has_open_refund: false,
    };
    // Whether a paid line was not refunded by its status.
    let mut is_kept = false;
    // Whether a paid line that was not refunded by its status is still to be completed.
    let mut is_open = false;
    let mut shipped = NOT_SHIPPED;
    let mut is_first = true;
    for versions in lines.chunk_by(|a, b| ids.same_line(&rows[*a as usize], &rows[*b as usize])) {
        let line = &rows[versions[versions.len() - 1] as usize];
        for older in versions[..versions.len() - 1].iter().map(|older| &rows[*older as usize]) {
            *count_of(&mut settled.superseded, older.file as usize) += 1;
            let figures = |row: &Row| (row.item, row.quantity, row.paid_amount);
            if older.file == line.file && older.paid != NO_TIME && line.paid != NO_TIME && figures(older) != figures(line) {
                settled.differing_lines += 1;
                settled.differing_amount += older.paid_amount;
            }
        }
        *count_of(&mut settled.used, line.file as usize) += 1;
        if is_first {
            (order.channel, order.province, order.category) = (u32::from(line.channel), u32::from(line.province), line.category);
            (order.item, order.promotion, order.alias) = (line.item, u32::from(line.promotion), line.alias);
            is_first = false;
        }
        order.is_closed &= line.is_closed && line.paid == NO_TIME;
        if line.paid != NO_TIME && !line.is_closed {
            is_kept = true;
            order.awaited = order.awaited.max(line.awaited);
        }
        order.created = order.created.min(line.created);
        order.paid = earlier(order.paid, line.paid);
        shipped = shipped.min(line.shipped);
        if line.completed == NOT_COMPLETED {
            is_open |= line.paid != NO_TIME && !line.is_closed;
        } else if line.paid != NO_TIME {
            order.completed_day = order.completed_day.max(Day::from(line.completed));
        }
        order.placed_amount += line.placed_amount;
        order.paid_amount += line.paid_amount;
        order.refunded += line.refunded;
        order.quantity += i64::from(line.quantity);
        if line.discount != NO_MONEY {
            order.discount = order.discount.max(0) + line.discount;
        }
    }
    if is_open {
        order.completed_day = NO_DAY;
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
