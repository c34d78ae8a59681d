//! The difference of an order between two snapshots, and its cause.

use crate::history::bucket::BucketIds;
use crate::history::customer::Order;
use crate::history::row::Row;
use crate::spec::cause::Cause;
use crate::spec::{Day, NO_DAY};

/// One side of an order: the lines that count, ascending by their ids, and the order that they sum to.
pub(super) struct Side<'a> {
    /// The last version of each line.
    pub lines: Vec<&'a Row>,
    /// Their sum, without refunds of the refunds input.
    pub order: Order,
}

/// Why an order is not what it was; `None` where it is, or where it is of days that were not over. At most one of both sides is missing.
pub(super) fn cause(
    before: Option<&Side<'_>>,
    now: Option<&Side<'_>>,
    ids: BucketIds<'_>,
    (as_of, is_moved, is_newly_refunded): (Day, bool, bool),
) -> Option<Cause> {
    let (before, now) = match (before, now) {
        (Some(before), Some(now)) => (before, now),
        (Some(_), None) => return Some(if is_moved { Cause::Moved } else { Cause::Vanished }),
        (None, Some(now)) => {
            let late = if is_moved { Cause::Moved } else { Cause::LateOrder };
            return (now.order.created_day <= as_of).then_some(late);
        }
        (None, None) => return None,
    };
    let has = |side: &Side<'_>, row: &Row| side.lines.iter().any(|line| ids.same_line(line, row));
    if before.lines.iter().any(|row| !has(now, row)) {
        return Some(Cause::Vanished);
    }
    if now.lines.iter().any(|row| !has(before, row)) {
        return Some(Cause::LateOrder);
    }
    let (old, new) = (&before.order, &now.order);
    if old.created_day != new.created_day {
        return Some(Cause::Moved);
    }
    if old.paid_day == NO_DAY && new.paid_day != NO_DAY {
        return Some(Cause::LatePayment);
    }
    if is_newly_refunded || old.refunded != new.refunded || old.is_refunded != new.is_refunded {
        return Some(Cause::LateRefund);
    }
    let differs = before.lines.iter().zip(&now.lines).any(|(old, new)| figures(old) != figures(new));
    differs.then_some(Cause::NewVersion)
}

/// What of a line counts in figures: all but its ids, and where it was read.
pub(super) fn figures(row: &Row) -> [i64; 15] {
    [
        row.created,
        row.paid,
        row.shipped.into(),
        row.completed.into(),
        row.placed_amount,
        row.paid_amount,
        row.refunded,
        row.discount,
        row.quantity.into(),
        row.category.into(),
        row.item.into(),
        row.promotion.into(),
        row.channel.into(),
        row.province.into(),
        row.is_closed.into(),
    ]
}
