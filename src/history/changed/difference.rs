//! The difference of an order between two snapshots, and its causes.

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

/// Why an order is not what it was: one cause, and beside another payment or version why more or less of it went back.
pub(super) type Causes = [Option<Cause>; 2];

/// The causes of an order; none where it is what it was, or where it is of days that were not over. At most one of both sides is missing.
/// `of_refunds` is why other refunds of the refunds input count.
pub(super) fn causes(
    before: Option<&Side<'_>>,
    now: Option<&Side<'_>>,
    ids: BucketIds<'_>,
    (as_of, is_moved, of_refunds): (Day, bool, Option<Cause>),
) -> Causes {
    let one = |cause: Cause| [Some(cause), None];
    let (before, now) = match (before, now) {
        (Some(before), Some(now)) => (before, now),
        (Some(_), None) => return one(if is_moved { Cause::Moved } else { Cause::Vanished }),
        (None, Some(now)) if now.order.created_day <= as_of => return one(if is_moved { Cause::Moved } else { Cause::LateOrder }),
        (None, _) => return [None; 2],
    };
    let has = |side: &Side<'_>, row: &Row| side.lines.iter().any(|line| ids.same_line(line, row));
    if before.lines.iter().any(|row| !has(now, row)) {
        return one(Cause::Vanished);
    }
    if now.lines.iter().any(|row| !has(before, row)) {
        return one(Cause::LateOrder);
    }
    let (old, new) = (&before.order, &now.order);
    if old.created_day != new.created_day {
        return one(Cause::Moved);
    }
    let is_refunded = old.refunded != new.refunded || old.is_refunded != new.is_refunded;
    let refunded = of_refunds.or(is_refunded.then_some(Cause::LateRefund));
    if old.paid_day == NO_DAY && new.paid_day != NO_DAY {
        return [Some(Cause::LatePayment), refunded];
    }
    let pairs = || before.lines.iter().zip(&now.lines);
    if pairs().any(|(old, new)| figures(&without_refund(old)) != figures(&without_refund(new))) {
        return [Some(Cause::NewVersion), refunded.filter(|cause| *cause != Cause::NewVersion)];
    }
    // The status alone is another: such as closed without a refund.
    let differs = pairs().any(|(old, new)| figures(old) != figures(new));
    [refunded.or(differs.then_some(Cause::NewVersion)), None]
}

/// A line as if nothing of it had gone back.
fn without_refund(row: &Row) -> Row {
    Row { refunded: 0, is_closed: false, completed: 0, ..*row }
}

/// A line as it is, of which so much went back as of another version of it.
pub(super) fn refunded_as(row: &Row, other: &Row) -> Row {
    let is_whole = other.refunded > 0 && other.refunded == other.paid_amount;
    let refunded = if is_whole { row.paid_amount } else { other.refunded.min(row.paid_amount) };
    Row { refunded, is_closed: other.is_closed, ..*row }
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
