//! Refunds of one order: what went back of it, and of each of its lines, by the refunds input and by the status of the lines.

use super::customer::{ItemLine, Order, PaidRefund};
use super::in_proportion::spread;
use super::refunds::BucketRefund;
use crate::spec::{Day, Id, NO_DAY};

/// A line of an order as it counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct SettledLine<'a> {
    pub id: Id<'a>,
    pub is_paid: bool,
    /// What was paid for it, in minor units; 0 while unpaid.
    pub paid_amount: i64,
    /// Whether it was paid and its status says that it was refunded in full.
    pub is_closed: bool,
    /// What was refunded of it by its status and `refund_amount`, in minor units.
    pub refunded: i64,
    /// Whether it was paid and has an item.
    pub has_item: bool,
    /// The day on which it was completed, or [`NO_DAY`].
    pub completed_day: Day,
}

/// What a line brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LineRevenue<'a> {
    pub id: Id<'a>,
    /// What was paid for it, in minor units; 0 while unpaid.
    pub paid_amount: i64,
    /// Its part of the net revenue of its order, in minor units: the lines of an order add up to that.
    pub net_revenue: i64,
}

/// The refunds of one order that were paid out and do not exceed what was paid. Reuses its memory for the next order.
#[derive(Debug)]
pub(super) struct OrderRefunds<'a> {
    /// What they come to, in minor units.
    amount: i64,
    /// The day of the last of them, or [`NO_DAY`].
    last: Day,
    /// Whether one of them names no line.
    has_unnamed: bool,
    /// Those that name a line: the line, what went back of it, and when.
    named: Vec<(Id<'a>, i64, Day)>,
    /// All of them with an amount, in the order of their completion.
    paid_out: Vec<BucketRefund<'a>>,
}

impl Default for OrderRefunds<'_> {
    fn default() -> Self {
        OrderRefunds { amount: 0, last: NO_DAY, has_unnamed: false, named: Vec::new(), paid_out: Vec::new() }
    }
}

impl<'a> OrderRefunds<'a> {
    /// Takes the refunds of an order, in the order of their completion, and adds those with an amount to `paid_out`. Adds the positions of
    /// those that exceed what was paid to `excessive`.
    pub fn take(
        &mut self,
        order: &mut Order,
        refunds: impl Iterator<Item = BucketRefund<'a>>,
        paid_out: &mut Vec<PaidRefund>,
        excessive: &mut Vec<u32>,
    ) {
        (self.amount, self.last, self.has_unnamed) = (0, NO_DAY, false);
        self.named.clear();
        self.paid_out.clear();
        for refund in refunds {
            order.has_open_refund |= refund.is_open;
            if refund.is_open {
                continue;
            }
            if self.amount + refund.amount > order.paid_amount {
                excessive.push(refund.position);
                continue;
            }
            self.amount += refund.amount;
            self.last = refund.day;
            match refund.line {
                Some(line) => self.named.push((line, refund.amount, refund.day)),
                None => self.has_unnamed = true,
            }
            if refund.amount > 0 {
                self.paid_out.push(refund);
                paid_out.push(PaidRefund { order_paid_day: order.paid_day, day: refund.day, amount: refund.amount });
            }
        }
    }

    /// The refunds with an amount that were taken, in the order of their completion.
    pub fn paid_out(&self) -> &[BucketRefund<'a>] {
        &self.paid_out
    }

    /// Applies the refunds that were taken to the order, which has the sums of its `lines`, and to the revenue of its items, which begin at
    /// `from`. Returns how many refunds name a line that the order does not have.
    ///
    /// A refund that names no such line may be that of a line whose status says that it was refunded, or another one: the greater of
    /// both counts. Nothing is left of the items of an order that is not a purchase.
    pub fn apply<I: Iterator<Item = SettledLine<'a>>>(
        &mut self,
        order: &mut Order,
        lines: impl FnOnce() -> I,
        items: &mut [ItemLine],
        from: usize,
    ) -> u64 {
        let items = items.get_mut(from..).unwrap_or_default();
        // An order of nothing has nothing to give back, and yet was returned.
        order.is_refunded |= order.paid_amount == 0 && self.has_unnamed;
        let (left, unknown) = if self.named.is_empty() {
            let left = order.net_revenue();
            order.refunded = order.refunded.max(self.amount);
            (left, 0)
        } else {
            self.apply_to_lines(order, lines(), items)
        };
        // All had gone back by the day on which the order ended: its trade was closed, and not completed.
        if self.last != NO_DAY && self.last <= order.completed_day && !order.is_purchase() {
            order.completed_day = NO_DAY;
        }
        spread_refund(order, left, items);
        unknown
    }

    /// Applies the refunds to lines that some of them name. Returns what the lines have left after what is known of each, and how many refunds
    /// name a line that is not there.
    fn apply_to_lines(&mut self, order: &mut Order, lines: impl Iterator<Item = SettledLine<'a>>, items: &mut [ItemLine]) -> (i64, u64) {
        self.named.sort_unstable();
        let mut named = self.named.iter().peekable();
        let mut items = items.iter_mut();
        let (mut of_lines, mut closed_beyond, mut left, mut unknown) = (0, 0, 0, 0);
        let (mut is_kept, mut is_open, mut completed) = (false, false, NO_DAY);
        for line in lines {
            while named.next_if(|(id, ..)| *id < line.id).is_some() {
                unknown += 1;
            }
            let (mut of_line, mut is_named, mut last) = (0, false, NO_DAY);
            while let Some((_, amount, day)) = named.next_if(|(id, ..)| *id == line.id) {
                of_line += amount;
                is_named = true;
                last = last.max(*day);
            }
            // A line that was sent back before it was completed is not waited for, and its end is no completion.
            let is_back = is_named && of_line >= line.paid_amount && (line.completed_day == NO_DAY || last <= line.completed_day);
            if line.is_paid && !line.is_closed && !is_back {
                is_open |= line.completed_day == NO_DAY;
                completed = completed.max(line.completed_day);
            }
            let closed = if line.is_closed { line.paid_amount } else { 0 };
            of_lines += of_line;
            closed_beyond += (closed - of_line).max(0);
            is_kept |= line.is_paid && !line.is_closed && !is_named;
            let kept = (line.paid_amount - of_line.max(closed)).max(0);
            left += kept;
            if line.has_item
                && let Some(item) = items.next()
            {
                item.net_revenue = kept;
            }
        }
        unknown += named.count() as u64;
        order.completed_day = if is_open { NO_DAY } else { completed };
        order.refunded = (of_lines + closed_beyond.max(self.amount - of_lines)).min(order.paid_amount);
        // Of gifts and samples the lines decide, since no amount does.
        order.is_refunded |= order.paid_amount == 0 && (!is_kept || unknown > 0);
        (left, unknown)
    }
}

impl<'a> OrderRefunds<'a> {
    /// What each of the `lines` of the order brought, by the refunds that were applied to it. What of the refunds no line carries is spread
    /// over the lines in proportion to what they have left, as for items.
    pub fn line_revenue(&self, order: &Order, lines: impl Iterator<Item = SettledLine<'a>>, into: &mut Vec<LineRevenue<'a>>) {
        into.clear();
        into.extend(lines.map(|line| {
            // Ascending by line since they were applied.
            let from = self.named.partition_point(|(id, ..)| *id < line.id);
            let own = self.named.get(from..).unwrap_or_default().iter().take_while(|(id, ..)| *id == line.id);
            let named: i64 = own.map(|(_, amount, _)| amount).sum();
            let net_revenue = (line.paid_amount - named.max(line.refunded)).max(0);
            LineRevenue { id: line.id, paid_amount: line.paid_amount, net_revenue }
        }));
        let left = into.iter().map(|line| line.net_revenue).sum();
        spread(into.iter_mut().map(|line| &mut line.net_revenue), left, order.net_revenue());
    }
}

/// Allocates the part of an order's refund that its lines do not carry to the lines with an item, in proportion to their revenue, so
/// that item revenue sums to order revenue where all lines have items. `left` is the order's revenue according to its lines.
/// Nothing is left of the items of an order that is not a purchase.
fn spread_refund(order: &Order, left: i64, items: &mut [ItemLine]) {
    if !order.is_purchase() {
        items.iter_mut().for_each(|item| item.net_revenue = 0);
        return;
    }
    spread(items.iter_mut().map(|item| &mut item.net_revenue), left, order.net_revenue());
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::input::records::awaited::Awaited;
    use crate::input::values::links::NO_ALIAS;
    use crate::input::values::money::NO_MONEY;

    /// What was paid for a line, and whether its status says that it was refunded.
    type DrawnLine = (i64, bool);

    /// The line that a refund names, and what went back.
    type DrawnRefund = (Option<u64>, i64);

    /// An order of paid lines 0, 1, …, each of an item of its own, after refunds on the days 10, 11, … and with an end on day `ended`;
    /// the revenue of its items, and how many refunds name lines that are not there.
    fn settled(lines: &[DrawnLine], refunds: &[DrawnRefund], ended: Day) -> (Order, Vec<i64>, u64) {
        let closed = |(paid, is_closed): &DrawnLine| if *is_closed { *paid } else { 0 };
        let mut order = Order {
            rank: 0,
            created: 0,
            paid: 0,
            created_day: 0,
            paid_day: 0,
            shipping_seconds: -1,
            completed_day: ended,
            placed_amount: 0,
            paid_amount: lines.iter().map(|(paid, _)| paid).sum(),
            refunded: lines.iter().map(closed).sum(),
            discount: NO_MONEY,
            alias: NO_ALIAS,
            quantity: 1,
            promotion: 0,
            channel: 0,
            province: 0,
            category: 0,
            item: 0,
            is_closed: false,
            is_refunded: lines.iter().all(|(_, is_closed)| *is_closed),
            awaited: Awaited::Unsaid,
            has_open_refund: false,
        };
        let line_of =
            |item: u32, paid_amount: i64, net_revenue: i64| ItemLine { order: 0, item, category: 0, quantity: 1, paid_amount, net_revenue };
        let mut items = vec![line_of(7, 5_000, 5_000)];
        items.extend((0..).zip(lines).map(|(item, line)| line_of(item, line.0, line.0 - closed(line))));
        let refunds = (0..).zip(refunds).map(|(position, (line, amount))| {
            let line = line.map(Id::Integer);
            BucketRefund { position, day: 10 + position as Day, amount: *amount, is_open: false, line, reason: 0 }
        });
        let (mut paid_out, mut excessive) = (Vec::new(), Vec::new());
        let mut order_refunds = OrderRefunds::default();
        order_refunds.take(&mut order, refunds, &mut paid_out, &mut excessive);
        let dated: i64 = paid_out.iter().map(|refund| refund.amount).sum();
        assert!(dated <= order.paid_amount);
        let lines = (0..).zip(lines).map(|(id, (paid_amount, is_closed))| SettledLine {
            id: Id::Integer(id),
            is_paid: true,
            paid_amount: *paid_amount,
            is_closed: *is_closed,
            refunded: if *is_closed { *paid_amount } else { 0 },
            has_item: true,
            completed_day: ended,
        });
        let unknown = order_refunds.apply(&mut order, || lines.clone(), &mut items, 1);
        // Of a purchase whose lines all have items, lines bring what items do.
        let mut revenue = Vec::new();
        order_refunds.line_revenue(&order, lines, &mut revenue);
        let revenue: Vec<i64> = revenue.iter().map(|line| line.net_revenue).collect();
        assert_eq!(revenue.iter().sum::<i64>(), order.net_revenue());
        assert!(!order.is_purchase() || revenue == items[1..].iter().map(|item| item.net_revenue).collect::<Vec<_>>());
        assert!(order.refunded >= dated, "refunds without a day are below 0");
        assert_eq!(items[0], line_of(7, 5_000, 5_000), "the items of other orders stay");
        (order, items[1..].iter().map(|item| item.net_revenue).collect(), unknown)
    }

    /// What was refunded, the revenue of the items, and how many refunds name lines that are not there.
    fn refunded(lines: &[DrawnLine], refunds: &[DrawnRefund]) -> (i64, Vec<i64>, u64) {
        let (order, items, unknown) = settled(lines, refunds, NO_DAY);
        (order.refunded, items, unknown)
    }

    #[test]
    fn refunds_that_name_a_line_add_to_the_lines_that_a_status_closed() {
        // The first line of 10 is closed; the second of 100 goes back by a refund of its own: 110, and no purchase.
        let lines = [(1_000, true), (10_000, false)];
        assert_eq!(refunded(&lines, &[(Some(1), 10_000)]), (11_000, vec![0, 0], 0));
        // In part: 10 + 30 of 110, and what is left is that of the second line.
        assert_eq!(refunded(&lines, &[(Some(1), 3_000)]), (4_000, vec![0, 7_000], 0));
        // The refund of the closed line itself, in full and in part: its status says 10.
        assert_eq!(refunded(&lines, &[(Some(0), 1_000)]), (1_000, vec![0, 10_000], 0));
        assert_eq!(refunded(&lines, &[(Some(0), 400)]), (1_000, vec![0, 10_000], 0));
        // Both: 10 and 30.
        assert_eq!(refunded(&lines, &[(Some(1), 3_000), (Some(0), 1_000)]), (4_000, vec![0, 7_000], 0));
    }

    #[test]
    fn refunds_that_name_no_line_may_be_those_of_closed_lines() {
        let lines = [(1_000, true), (10_000, false)];
        // The greater of 100 and 10; of the 10 that are left nothing is of the closed line.
        assert_eq!(refunded(&lines, &[(None, 10_000)]), (10_000, vec![0, 1_000], 0));
        assert_eq!(refunded(&lines, &[(None, 600)]), (1_000, vec![0, 10_000], 0));
        // Line 7 is not there: as if no line were named.
        assert_eq!(refunded(&lines, &[(Some(7), 10_000)]), (10_000, vec![0, 1_000], 1));
        // 30 of the second line, and 6 or 12 of none: 30 + max(6, 10) and 30 + max(12, 10).
        assert_eq!(refunded(&lines, &[(Some(1), 3_000), (None, 600)]), (4_000, vec![0, 7_000], 0));
        assert_eq!(refunded(&lines, &[(Some(1), 3_000), (None, 1_200)]), (4_200, vec![0, 6_800], 0));
        // 4 of the 10 are named, so 6 are not: max(6, 6), and then max(7, 6).
        assert_eq!(refunded(&lines, &[(Some(0), 400), (None, 600)]), (1_000, vec![0, 10_000], 0));
        assert_eq!(refunded(&lines, &[(Some(0), 400), (None, 700)]), (1_100, vec![0, 9_900], 0));
    }

    #[test]
    fn a_refund_of_more_than_its_line_takes_the_rest_from_the_others() {
        // 12 of a line of 10: 10 of it, and 2 of the others by their 60 and 40.
        assert_eq!(refunded(&[(1_000, false), (6_000, false), (4_000, false)], &[(Some(0), 1_200)]), (1_200, vec![0, 5_880, 3_920], 0));
        // 12 of the first and 40 closed come to 52 of 50: all that was paid.
        assert_eq!(refunded(&[(1_000, false), (4_000, true)], &[(Some(0), 1_200)]), (5_000, vec![0, 0], 0));
        // What exceeds the order is left out, whatever line it names.
        assert_eq!(refunded(&[(1_000, false), (4_000, false)], &[(Some(0), 5_001), (Some(1), 100)]), (100, vec![1_000, 3_900], 0));
    }

    #[test]
    fn an_order_that_had_gone_back_by_its_end_was_not_completed() {
        let lines = [(1_000, true), (10_000, false)];
        let completed = |refunds: &[DrawnRefund], ended| settled(&lines, refunds, ended).0.completed_day;
        // The refund was paid out on day 10.
        assert_eq!([9, 10, 11].map(|ended| completed(&[(Some(1), 10_000)], ended)), [9, NO_DAY, NO_DAY]);
        // 10 of 110 may be left.
        assert_eq!(completed(&[(None, 10_000)], 11), 11);
        assert_eq!(completed(&[(None, 11_000)], 11), NO_DAY);
        // Day 11 has the last one.
        assert_eq!([10, 11].map(|ended| completed(&[(Some(1), 9_000), (Some(1), 1_000)], ended)), [10, NO_DAY]);
        assert_eq!(completed(&[], 11), 11);
        // Of two gifts one was sent back: the other was completed.
        assert_eq!(settled(&[(0, false), (0, false)], &[(Some(0), 0)], 11).0.completed_day, 11);
    }

    #[test]
    fn of_gifts_the_lines_decide() {
        let gifts = [(0, false), (0, false)];
        let is_purchase = |lines: &[DrawnLine], refunds: &[DrawnRefund]| settled(lines, refunds, NO_DAY).0.is_purchase();
        assert!(is_purchase(&gifts, &[]));
        // One of two was kept.
        assert!(is_purchase(&gifts, &[(Some(0), 0)]));
        assert!(!is_purchase(&gifts, &[(Some(0), 0), (Some(1), 0)]));
        assert!(!is_purchase(&[(0, true), (0, false)], &[(Some(1), 0)]));
        assert!(!is_purchase(&gifts, &[(None, 0)]));
        assert!(!is_purchase(&gifts, &[(Some(7), 0)]));
    }

    proptest! {
        #[test]
        fn named_refunds_closed_lines_and_the_rest_come_to_what_was_refunded(
            lines in prop::collection::vec((0..300_i64, prop::bool::weighted(0.3)), 1..5),
            refunds in prop::collection::vec((prop::option::weighted(0.7, 0..6_u64), 0..200_i64), 0..6),
        ) {
            let paid: i64 = lines.iter().map(|line| line.0).sum();
            // Those that exceed what was paid are left out, one after the other.
            let (mut unnamed, mut named, mut sum) = (0, BTreeMap::new(), 0);
            for (line, amount) in &refunds {
                if sum + amount > paid {
                    continue;
                }
                sum += amount;
                match line.filter(|line| (*line as usize) < lines.len()) {
                    Some(line) => *named.entry(line).or_insert(0) += amount,
                    None => unnamed += amount,
                }
            }
            let of = |line: u64| named.get(&line).copied().unwrap_or(0);
            let missing: i64 = (0..).zip(&lines).map(|(id, (paid, is_closed))| if *is_closed { (paid - of(id)).max(0) } else { 0 }).sum();
            let expected = (named.values().sum::<i64>() + unnamed.max(missing)).min(paid);

            let (order, items, _) = settled(&lines, &refunds, NO_DAY);
            prop_assert_eq!(order.refunded, expected);
            // The items of a purchase add up to its net revenue, and none has more than its line has left.
            if order.is_purchase() {
                prop_assert_eq!(items.iter().sum::<i64>(), order.net_revenue());
                for ((id, (paid, is_closed)), revenue) in (0..).zip(&lines).zip(&items) {
                    let left = if *is_closed { 0 } else { (paid - of(id)).max(0) };
                    prop_assert!((0..=left).contains(revenue));
                }
            } else {
                prop_assert!(items.iter().all(|revenue| *revenue == 0));
            }
            // Without lines the greater of refunds and statuses counts.
            let nameless: Vec<DrawnRefund> = refunds.iter().map(|(_, amount)| (None, *amount)).collect();
            let closed: i64 = lines.iter().filter(|line| line.1).map(|line| line.0).sum();
            let (nameless, ..) = settled(&lines, &nameless, NO_DAY);
            prop_assert_eq!(nameless.refunded, sum.max(closed));
            prop_assert!(nameless.refunded <= order.refunded);
        }
    }
}
