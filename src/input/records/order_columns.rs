//! The columns of a batch of orders, and the checks of its rows.

use arrow::buffer::ScalarBuffer;

use crate::input::rows::batch::Batch;
use crate::input::rows::ledger::Reason;
use crate::input::rows::scan::RowIds;
use crate::input::times::clock::Clock;
use crate::input::values::fault::{Fault, Faults};
use crate::input::values::ids::{Ids, LONGEST_ID};
use crate::input::values::integers::NO_COUNT;
use crate::input::values::money::{self, NO_MONEY, yuan};
use crate::input::values::status::{Seen, Statuses};
use crate::input::values::text::Texts;
use crate::job::Status;
use crate::spec::{Id, NO_TIME, day_of_time, is_midnight};

/// The columns that the orders have, and what the job declares about them.
#[derive(Debug)]
pub(in crate::input) struct OrderRules<'a> {
    /// The first moment after the as-of date.
    pub end: i64,
    /// The meanings of statuses.
    pub statuses: &'a Statuses,
    /// Whether `paid_at` is mapped.
    pub has_paid: bool,
    /// Whether `status` is mapped.
    pub has_status: bool,
    /// Whether `refund_amount` is mapped and used.
    pub has_refund_amount: bool,
    /// Whether a row without a customer is wrong.
    pub requires_customers: bool,
    /// The one shop of an input without `shop_id`.
    pub shop: &'a str,
}

/// The columns of a batch.
pub(in crate::input) struct OrderColumns {
    pub modified: ScalarBuffer<i64>,
    pub created: ScalarBuffer<i64>,
    pub paid: ScalarBuffer<i64>,
    pub shipped: ScalarBuffer<i64>,
    pub completed: ScalarBuffer<i64>,
    /// As `modified`, and never running backwards.
    pub versions: ScalarBuffer<i64>,
    /// When lines were created and paid, if both have moments; else wall-clock times are compared.
    moments: Option<(ScalarBuffer<i64>, ScalarBuffer<i64>)>,
    pub placed_amounts: ScalarBuffer<i64>,
    pub paid_amounts: ScalarBuffer<i64>,
    pub refund_amounts: ScalarBuffer<i64>,
    /// `None` where no table uses them.
    discounts: Option<ScalarBuffer<i64>>,
    quantities: ScalarBuffer<i64>,
    status_texts: Texts,
    statuses: Vec<Seen>,
    pub shop_ids: Ids,
    pub order_ids: Ids,
    pub line_ids: Ids,
    pub customer_ids: Ids,
    /// By row.
    faults: Vec<Fault>,
    /// By row: cells that cannot be read and count as null.
    pub null_faults: Vec<Fault>,
}

/// Columns without which an order is the same order of the same amount: a cell of them that cannot be read counts as null. In another
/// column it makes the row wrong, since null would mean something else there: not paid, not refunded, the oldest version.
const NULLED: [&str; 11] = [
    "shipped_at",
    "completed_at",
    "order_amount",
    "quantity",
    "category_id",
    "channel",
    "province",
    "item_id",
    "promotion",
    "discount_amount",
    "item_title",
];

/// What was paid for a row, when, and how much of it was refunded.
#[derive(Clone, Copy)]
pub(in crate::input) struct Payment {
    pub status: Seen,
    /// [`NO_TIME`] where it is not paid.
    pub paid: i64,
    /// 0 while unpaid.
    pub amount: i64,
    /// What of it was refunded according to the row itself.
    pub refunded: i64,
    /// Any integer, until the row is judged.
    pub quantity: i64,
}

/// The amount; 0 if it is missing.
pub(in crate::input) fn zero_if_missing(amount: i64) -> i64 {
    if amount == NO_MONEY { 0 } else { amount }
}

impl OrderColumns {
    /// The columns of a batch, converted.
    pub fn new(batch: &Batch<'_>, rules: &OrderRules<'_>, clock: &mut Clock) -> Self {
        let mut faults = Faults::default();
        // Of several faults of a row the one recorded first is reported.
        let [modified, created, paid] = ["modified_at", "created_at", "paid_at"].map(|column| batch.moments(column, clock, &mut faults));
        let [shipped, completed] = ["shipped_at", "completed_at"].map(|column| batch.times(column, clock, &mut faults));
        let has_moments = ["created_at", "paid_at"].iter().all(|column| batch.has_moments(column));
        let [placed_amounts, paid_amounts, refund_amounts] =
            ["order_amount", "paid_amount", "refund_amount"].map(|column| batch.amounts(column, &mut faults));
        let quantities = batch.counts("quantity", &mut faults);
        // Read only where a table uses them: a negative one is null, since which rows are valid must not depend on the tables.
        let discounts = batch.has("discount_amount").then(|| {
            let discounts = batch.amounts("discount_amount", &mut faults);
            money::without_negatives(discounts, "discount_amount", &mut faults)
        });
        batch.note_long(&["shop_id", "channel", "province", "category_id", "item_id", "promotion", "item_title"], &mut faults);
        batch.note_rounded(&["shop_id", "order_id", "line_id", "customer_id"], &mut faults);
        let null_faults = faults.of_columns(&NULLED);
        let status_texts = batch.texts("status");
        let [shop_ids, order_ids, line_ids, customer_ids] =
            ["shop_id", "order_id", "line_id", "customer_id"].map(|column| batch.ids(column));
        OrderColumns {
            versions: modified.moments,
            moments: has_moments.then_some((created.moments, paid.moments)),
            statuses: rules.statuses.column(&status_texts),
            shop_ids: if shop_ids.is_present() { shop_ids } else { Ids::Constant(rules.shop.to_owned()) },
            faults: faults.by_row(),
            null_faults,
            modified: modified.local,
            created: created.local,
            paid: paid.local,
            shipped,
            completed,
            placed_amounts,
            paid_amounts,
            refund_amounts,
            discounts,
            quantities,
            status_texts,
            order_ids,
            line_ids,
            customer_ids,
        }
    }

    /// The latest of the times that are not known at `end` yet, and its column; `None` where all are known.
    pub fn latest_from(&self, end: i64) -> Option<(&'static str, i64)> {
        let times = [&self.modified, &self.created, &self.paid, &self.shipped, &self.completed];
        let names = ["modified_at", "created_at", "paid_at", "shipped_at", "completed_at"];
        let latest = times.map(|times| times.iter().copied().max().unwrap_or(NO_TIME));
        names.into_iter().zip(latest).filter(|(_, time)| *time >= end).max_by_key(|(_, time)| *time)
    }

    /// The cells of a row that cannot be read and count as null.
    pub fn null_faults(&self, row: usize) -> &[Fault] {
        let from = self.null_faults.partition_point(|fault| fault.row < row);
        let until = self.null_faults.partition_point(|fault| fault.row <= row);
        self.null_faults.get(from..until).unwrap_or_default()
    }

    /// What a row cost less by its promotion; [`NO_MONEY`] where it does not say.
    #[inline]
    pub fn discount(&self, row: usize) -> i64 {
        self.discounts.as_ref().map_or(NO_MONEY, |discounts| discounts[row])
    }

    /// The ids of a row.
    #[inline(always)]
    pub fn ids(&self, row: usize) -> RowIds<'_> {
        RowIds {
            shop: self.shop_ids.get(row),
            order: self.order_ids.get(row),
            line: self.line_ids.get(row),
            customer: self.customer_ids.get(row),
        }
    }

    /// What was paid for a row.
    #[inline]
    pub fn payment(&self, row: usize, rules: &OrderRules<'_>) -> Payment {
        let status = self.statuses[row];
        let paid = match status {
            _ if rules.has_paid => Some(self.paid[row]).filter(|paid| *paid < rules.end).unwrap_or(NO_TIME),
            Seen::Known(Status::Paid | Status::Shipped | Status::Completed | Status::Refunded) => self.created[row],
            _ if rules.has_status => NO_TIME,
            _ => self.created[row],
        };
        let is_paid = paid != NO_TIME;
        let quantity = self.quantities[row];
        Payment {
            status,
            paid,
            amount: if is_paid { zero_if_missing(self.paid_amounts[row]) } else { 0 },
            refunded: if rules.has_refund_amount && is_paid { zero_if_missing(self.refund_amounts[row]) } else { 0 },
            quantity: if quantity == NO_COUNT { 1 } else { quantity },
        }
    }

    /// Whether a row was paid after the as-of date.
    pub fn pays_later(&self, row: usize, rules: &OrderRules<'_>) -> bool {
        rules.has_paid && self.paid[row] != NO_TIME && self.paid[row] >= rules.end
    }

    /// Whether a row is valid, as almost all are: then [`OrderColumns::wrong`] finds nothing. Returns false for some valid rows too.
    #[inline]
    pub fn is_plain(&self, row: usize, ids: &RowIds<'_>, payment: &Payment, rules: &OrderRules<'_>) -> bool {
        let is_id = |id: Option<Id<'_>>, ids: &Ids| match id {
            Some(Id::Integer(_)) => true,
            Some(Id::Text(text)) => text.len() <= LONGEST_ID,
            None => !ids.is_present(),
        };
        // As an unsigned number a missing amount is one more than the largest amount.
        let is_amount = |amount: i64| amount as u64 <= NO_MONEY as u64;
        let is_status = match payment.status {
            Seen::Known(_) => true,
            Seen::Nothing => !rules.has_status || rules.has_paid,
            Seen::Unknown => false,
        };
        let (created_at, paid_at) = match &self.moments {
            Some((created, paid)) => (created[row], paid[row]),
            None => (self.created[row], payment.paid),
        };
        let amounts = [self.placed_amounts[row], self.paid_amounts[row], self.refund_amounts[row]];
        // `&` and not `&&`: each check is cheap, and a branch over whether a row is paid would be mispredicted.
        self.faults.is_empty()
            & (self.created[row] != NO_TIME)
            & is_status
            & is_id(ids.order, &self.order_ids)
            & is_id(ids.line, &self.line_ids)
            & (is_id(ids.customer, &self.customer_ids) | (ids.customer.is_none() & !rules.requires_customers))
            & amounts.into_iter().all(is_amount)
            & u32::try_from(payment.quantity).is_ok()
            & ((payment.paid == NO_TIME) | ((paid_at >= created_at) & (amounts[1] != NO_MONEY)))
            & (payment.refunded <= payment.amount)
    }

    /// What is wrong with a row. Computes the row again: values shared with the loop over the rows could not stay in registers there.
    #[cold]
    #[inline(never)]
    pub fn wrong(&self, row: usize, rules: &OrderRules<'_>) -> Option<(Reason, String)> {
        let (ids, payment) = (self.ids(row), self.payment(row, rules));
        let null = [
            ("shop_id", ids.shop.is_none()),
            ("order_id", ids.order.is_none()),
            ("line_id", self.line_ids.is_present() && ids.line.is_none()),
            ("customer_id", rules.requires_customers && self.customer_ids.is_present() && ids.customer.is_none()),
        ];
        if let Some((column, _)) = null.iter().find(|(_, is_null)| *is_null) {
            return Some((Reason::NullKey, format!("{column} is null")));
        }
        for (column, id) in [("order_id", ids.order), ("line_id", ids.line), ("customer_id", ids.customer)] {
            if let Some(Id::Text(text)) = id
                && text.len() > LONGEST_ID
            {
                let detail = format!("{column}: a text of {} bytes, {LONGEST_ID} at most", text.len());
                return Some((Reason::UnparseableValue, detail));
            }
        }
        if let Some(fault) = self.faults.binary_search_by_key(&row, |fault| fault.row).ok().and_then(|at| self.faults.get(at)) {
            return Some((Reason::UnparseableValue, format!("{}: {}", fault.column, fault.detail)));
        }
        if self.created[row] == NO_TIME {
            return Some((Reason::NullKey, "created_at is null".to_owned()));
        }
        if payment.status == Seen::Unknown {
            return Some((Reason::UnknownStatus, format!("status: `{}`", self.status_texts.get(row).unwrap_or_default())));
        }
        if payment.status == Seen::Nothing && rules.has_status && !rules.has_paid {
            return Some((Reason::UnknownStatus, "status is null, and there is no paid_at to show who paid".to_owned()));
        }
        let amounts =
            [("paid_amount", &self.paid_amounts), ("order_amount", &self.placed_amounts), ("refund_amount", &self.refund_amounts)];
        for (column, amount) in amounts.map(|(column, amounts)| (column, amounts[row])) {
            if amount < 0 && amount != NO_MONEY {
                return Some((Reason::NegativeAmount, format!("{column}: {}", yuan(amount))));
            }
        }
        if payment.quantity < 0 {
            return Some((Reason::NegativeAmount, format!("quantity: {}", payment.quantity)));
        }
        if u32::try_from(payment.quantity).is_err() {
            return Some((Reason::UnparseableValue, format!("quantity: {} is too large", payment.quantity)));
        }
        let is_paid = payment.paid != NO_TIME;
        let (created_at, paid_at) = match &self.moments {
            // A day without its time is compared as the day that it is: exports write it as a date, as a text, or as its midnight.
            _ if is_paid && is_midnight(payment.paid) => (i64::from(day_of_time(self.created[row])), i64::from(day_of_time(payment.paid))),
            Some((created, paid)) => (created[row], paid[row]),
            None => (self.created[row], payment.paid),
        };
        if is_paid && paid_at < created_at {
            return Some((Reason::PaidBeforeCreated, "paid_at lies before created_at".to_owned()));
        }
        if is_paid && self.paid_amounts[row] == NO_MONEY {
            return Some((Reason::PaidWithoutAmount, "paid, and paid_amount is null".to_owned()));
        }
        if payment.refunded > payment.amount {
            let detail = format!("refund_amount {} of paid_amount {}", yuan(payment.refunded), yuan(payment.amount));
            return Some((Reason::RefundExceedsPaid, detail));
        }
        None
    }
}
