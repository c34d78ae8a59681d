//! What went back of the items of an order, and why: the parts of each line's refund by the applications that explain it.

use super::customer::{ItemLine, ItemRefund, Order};
use super::in_proportion::spread;
use super::order_refunds::SettledLine;
use super::refunds::BucketRefund;
use crate::spec::{NO_DAY, NO_VALUE};

/// What went back of the items of a customer, by the rank of the order. Reuses its memory for the next one.
#[derive(Debug, Default)]
pub(super) struct ItemRefunds(Vec<ItemRefund>);

/// An application with what it explains of a line's refund, in minor units.
type Part<'r, 'a> = (i64, &'r BucketRefund<'a>);

impl ItemRefunds {
    /// Forgets the customer.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// What went back of all items so far.
    pub fn all(&self) -> &[ItemRefund] {
        &self.0
    }

    /// Adds what went back of an order: of `items`, its paid lines that have an item, after the refunds were applied. `refunds` are those that
    /// were paid out, in the order of their completion, and `lines` all lines of the order, ascending by their ids.
    ///
    /// What went back of a line is first that of the refunds that name it, all of them in proportion where they come to more. The rest has
    /// the reasons of the refunds that name no line of the order, in proportion to their amounts; if there are none, those of the refunds of
    /// the line, and if there are none either, those of refunds that come to more than was paid for the line that they name: what is beyond
    /// it was taken from others. Where there are none of all these, only the status of the line says that it went back, and nobody gave a reason.
    pub fn add<'a>(
        &mut self,
        order: &Order,
        refunds: &[BucketRefund<'a>],
        lines: impl Iterator<Item = SettledLine<'a>>,
        items: &[ItemLine],
    ) {
        let lines: Vec<SettledLine<'a>> = lines.collect();
        let is_known = |refund: &&BucketRefund<'a>| refund.line.is_some_and(|id| lines.binary_search_by_key(&id, |line| line.id).is_ok());
        let (mut named, unnamed): (Vec<&BucketRefund<'a>>, Vec<&BucketRefund<'a>>) = refunds.iter().partition(is_known);
        // Refunds of a line keep their order.
        named.sort_by_key(|refund| refund.line);
        let paid_for = |id| lines.binary_search_by_key(&id, |line: &SettledLine<'a>| line.id).ok().and_then(|at| lines.get(at));
        let of_one_line = named.chunk_by(|one, next| one.line == next.line);
        let is_beyond = |of_line: &&[&BucketRefund<'a>]| {
            let line = of_line.first().and_then(|refund| paid_for(refund.line?));
            line.is_some_and(|line| of_line.iter().map(|refund| refund.amount).sum::<i64>() > line.paid_amount)
        };
        let beyond: Vec<&BucketRefund<'a>> = of_one_line.filter(is_beyond).flatten().copied().collect();
        for (line, item) in lines.iter().filter(|line| line.has_item).zip(items) {
            let gone = item.paid_amount - item.net_revenue;
            if gone <= 0 {
                continue;
            }
            let of_line = named.get(named.partition_point(|refund| refund.line < Some(line.id))..).unwrap_or_default();
            let mut own: Vec<Part<'_, 'a>> =
                of_line.iter().take_while(|refund| refund.line == Some(line.id)).map(|refund| (refund.amount, *refund)).collect();
            let known: i64 = own.iter().map(|(amount, _)| amount).sum();
            if known > gone {
                spread(own.iter_mut().map(|(amount, _)| amount), known, gone);
            }
            self.push(order, item, &own);
            let rest = gone - known;
            if rest <= 0 {
                continue;
            }
            let of_line = of_line.iter().take_while(|refund| refund.line == Some(line.id));
            let mut parts: Vec<Part<'_, 'a>> = match (unnamed.is_empty(), own.is_empty()) {
                (false, _) => unnamed.iter().map(|refund| (refund.amount, *refund)).collect(),
                (true, false) => of_line.map(|refund| (refund.amount, *refund)).collect(),
                (true, true) => beyond.iter().map(|refund| (refund.amount, *refund)).collect(),
            };
            let all: i64 = parts.iter().map(|(amount, _)| amount).sum();
            if all > 0 {
                spread(parts.iter_mut().map(|(amount, _)| amount), all, rest);
                self.push(order, item, &parts);
            } else {
                self.0.push(ItemRefund { rank: order.rank, item: item.item, reason: NO_VALUE as u16, day: NO_DAY, amount: rest });
            }
        }
    }

    fn push(&mut self, order: &Order, item: &ItemLine, parts: &[Part<'_, '_>]) {
        let parts = parts.iter().filter(|(amount, _)| *amount > 0);
        self.0.extend(parts.map(|(amount, refund)| ItemRefund {
            rank: order.rank,
            item: item.item,
            reason: refund.reason,
            day: refund.day,
            amount: *amount,
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::order_refunds::OrderRefunds;
    use crate::spec::{Day, Id};
    use crate::table::testing::paid;

    const SIZE: u16 = 1;
    const BROKEN: u16 = 2;
    const DISLIKED: u16 = 3;

    /// A refund: the line that it names, what went back, its reason.
    type Applied = (Option<u64>, i64, u16);

    /// What went back of the lines 0, 1, … of an order, each of the item of the same number, by item, reason and day. `lines` are what was paid
    /// and whether the status says that it was refunded; refunds are paid out on the days 10, 11, ….
    fn refunded(lines: &[(i64, bool)], refunds: &[Applied]) -> Vec<(u32, u16, Day, i64)> {
        let closed = |line: &(i64, bool)| if line.1 { line.0 } else { 0 };
        let mut order = paid("2024-01-01", lines.iter().map(|line| line.0).sum()).refunding(lines.iter().map(closed).sum());
        let mut items: Vec<ItemLine> = (0..)
            .zip(lines)
            .map(|(item, line)| ItemLine {
                order: 0,
                item,
                category: 0,
                quantity: 1,
                paid_amount: line.0,
                net_revenue: line.0 - closed(line),
            })
            .collect();
        let settled = (0..).zip(lines).map(|(id, line)| SettledLine {
            id: Id::Integer(id),
            is_paid: true,
            paid_amount: line.0,
            is_closed: line.1,
            refunded: closed(line),
            has_item: true,
            completed_day: NO_DAY,
        });
        let given = (0..).zip(refunds).map(|(position, (line, amount, reason))| BucketRefund {
            position,
            day: 10 + position as Day,
            amount: *amount,
            is_open: false,
            line: line.map(Id::Integer),
            reason: *reason,
        });
        let mut of_order = OrderRefunds::default();
        of_order.take(&mut order, given, &mut Vec::new(), &mut Vec::new());
        of_order.apply(&mut order, || settled.clone(), &mut items, 0);
        let mut found = ItemRefunds::default();
        found.add(&order, of_order.paid_out(), settled, &items);
        // Whatever the reasons, all that went back of an item has one.
        for line in &items {
            let parts: i64 = found.all().iter().filter(|part| part.item == line.item).map(|part| part.amount).sum();
            assert_eq!(parts, line.paid_amount - line.net_revenue);
        }
        found.all().iter().map(|part| (part.item, part.reason, part.day, part.amount)).collect()
    }

    #[test]
    fn a_refund_that_names_a_line_gives_the_reason_of_its_item() {
        let lines = [(60_00, false), (40_00, false)];
        let found = refunded(&lines, &[(Some(1), 10_00, BROKEN), (Some(0), 60_00, SIZE), (Some(1), 5_00, DISLIKED)]);
        assert_eq!(found, [(0, SIZE, 11, 60_00), (1, BROKEN, 10, 10_00), (1, DISLIKED, 12, 5_00)]);
    }

    #[test]
    fn a_refund_of_the_order_gives_its_reason_to_all_lines_in_proportion() {
        // 10 of 100 by one refund, 20 by another: 18 of the first line, 12 of the second, each one third and two thirds.
        let found = refunded(&[(60_00, false), (40_00, false)], &[(None, 10_00, BROKEN), (None, 20_00, SIZE)]);
        assert_eq!(found, [(0, BROKEN, 10, 6_00), (0, SIZE, 11, 12_00), (1, BROKEN, 10, 4_00), (1, SIZE, 11, 8_00)]);
        // Line 7 is not there. Of 97 fen the first line keeps 49: 1 and 2 fen went back. A third and two thirds of 1 are 0.33 and 0.67, of 2
        // they are 0.67 and 1.33.
        let found = refunded(&[(50, false), (50, false)], &[(Some(7), 1, BROKEN), (None, 2, SIZE)]);
        assert_eq!(found, [(0, SIZE, 11, 1), (1, BROKEN, 10, 1), (1, SIZE, 11, 1)]);
    }

    #[test]
    fn what_a_refund_of_one_line_takes_from_others_has_its_reason() {
        // 12 of a line of 10: the 2 are of the others, and no refund names none of the lines.
        let found = refunded(&[(10_00, false), (60_00, false), (40_00, false)], &[(Some(0), 12_00, SIZE)]);
        assert_eq!(found, [(0, SIZE, 10, 10_00), (1, SIZE, 10, 1_20), (2, SIZE, 10, 80)]);
    }

    #[test]
    fn what_the_status_alone_says_has_no_reason() {
        assert_eq!(refunded(&[(10_00, true), (90_00, false)], &[]), [(0, 0, NO_DAY, 10_00)]);
        // With a refund of 4 of its 10, all is taken to have gone back for the same reason.
        let found = refunded(&[(10_00, true), (90_00, false)], &[(Some(0), 4_00, SIZE)]);
        assert_eq!(found, [(0, SIZE, 10, 4_00), (0, SIZE, 10, 6_00)]);
        // Another line came back for a reason of its own: it says nothing of the one that was closed.
        let found = refunded(&[(10_00, true), (90_00, false)], &[(Some(1), 5_00, BROKEN)]);
        assert_eq!(found, [(0, 0, NO_DAY, 10_00), (1, BROKEN, 10, 5_00)]);
    }
}
