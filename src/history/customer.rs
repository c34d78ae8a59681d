//! One customer's settled history, as folds read it.

use crate::input::records::affiliates::Commission;
use crate::input::records::awaited::Awaited;
use crate::input::values::money::NO_MONEY;
use crate::spec::{Day, Id, NO_DAY};

/// One order as it stood at the end of the as-of date: versions settled, lines summed, refunds applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Orders a customer's orders as their ids do, those of several shops by shop first; the number itself has no meaning.
    pub rank: u32,
    /// Placed, local time in microseconds.
    pub created: i64,
    /// Paid, local time in microseconds, or [`crate::spec::NO_TIME`].
    pub paid: i64,
    /// The day of `created`.
    pub created_day: Day,
    /// The day of `paid`, or [`NO_DAY`].
    pub paid_day: Day,
    /// Seconds from paid to shipped; negative where not shipped or not paid.
    pub shipping_seconds: i64,
    /// The day on which the order was completed, or [`NO_DAY`].
    pub completed_day: Day,
    /// What its lines cost when placed, in minor units.
    pub placed_amount: i64,
    /// What was paid for it, in minor units; 0 while unpaid.
    pub paid_amount: i64,
    /// What of that was refunded by the as-of date, in minor units.
    pub refunded: i64,
    /// Items in it.
    pub quantity: i64,
    /// What it cost less by promotions, in minor units, over the paid lines that say so; [`NO_MONEY`] where none does.
    pub discount: i64,
    /// The promotion of its first line: a code of [`crate::history::Context::promotions`].
    pub promotion: u32,
    /// Code in [`crate::history::Context::channels`].
    pub channel: u32,
    /// Code in [`crate::history::Context::provinces`].
    pub province: u32,
    /// Code in [`crate::history::Context::categories`].
    pub category: u32,
    /// The item of its first line: a code of [`crate::history::Context::item_ids`].
    pub item: u32,
    /// The place among [`crate::history::Context::links`] of the id that its first line names, where the customer's id stands for that one;
    /// else [`crate::input::values::links::NO_ALIAS`].
    pub alias: u32,
    /// Whether the order was closed without having been paid. `false` without a status.
    pub is_closed: bool,
    /// Whether it was refunded in full whatever its amount: the status of each paid line says so, or nothing was paid for it and it was
    /// returned, as a whole or line by line.
    pub is_refunded: bool,
    /// What the statuses of its paid lines say that it waits for: the earliest step of any.
    pub awaited: Awaited,
    /// Whether a refund application is undecided or not paid out. `false` without a refunds input.
    pub has_open_refund: bool,
}

impl Order {
    /// Whether the order was paid by the as-of date.
    pub fn is_paid(&self) -> bool {
        self.paid_day != NO_DAY
    }

    /// Whether it is a purchase: a paid order that was not refunded in full (成交).
    pub fn is_purchase(&self) -> bool {
        self.is_paid() && !self.is_refunded && !(self.refunded > 0 && self.refunded >= self.paid_amount)
    }

    /// Whether anything of it went back by the as-of date, an order of nothing included.
    pub fn has_refund(&self) -> bool {
        self.refunded > 0 || (self.is_paid() && self.is_refunded)
    }

    /// What it cost less by promotions, in minor units; `None` where no paid line says.
    pub fn known_discount(&self) -> Option<i64> {
        (self.discount != NO_MONEY).then_some(self.discount)
    }

    /// What was paid less what was refunded, in minor units.
    pub fn net_revenue(&self) -> i64 {
        self.paid_amount - self.refunded
    }

    /// Its place among the orders of a history: paid ones first, by (paid time, id), then unpaid ones by (created, id).
    #[inline]
    pub(super) fn place_in_history(&self) -> (bool, i64, u32) {
        let is_paid = self.is_paid();
        (!is_paid, if is_paid { self.paid } else { self.created }, self.rank)
    }
}

/// A paid line that has an item, as it stood at the end of the as-of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemLine {
    /// The position of its order in [`History::orders`].
    pub order: u32,
    /// Code in [`crate::history::Context::item_ids`].
    pub item: u32,
    /// Code in [`crate::history::Context::categories`].
    pub category: u32,
    /// Pieces in it.
    pub quantity: u32,
    /// What was paid for it, in minor units.
    pub paid_amount: i64,
    /// What of that is left, in minor units: without what is known to be refunded of the line, and without its part of what was refunded of
    /// the order. 0 where the order is no purchase.
    pub net_revenue: i64,
}

impl ItemLine {
    /// Whether the customer kept something of it: of a purchase, and not refunded in full. A gift of a purchase was kept.
    pub fn is_kept(&self, order: &Order) -> bool {
        order.is_purchase() && (self.net_revenue > 0 || self.paid_amount == 0)
    }
}

/// A refund of a paid order, paid out by the as-of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaidRefund {
    /// The day on which its order was paid.
    pub order_paid_day: Day,
    /// The day on which it was paid out.
    pub day: Day,
    /// What went back, in minor units; above 0.
    pub amount: i64,
}

/// A refund of an order that the inputs do not have, paid out to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Return {
    /// The day on which it was paid out.
    pub day: Day,
    /// What of the customer's net revenue of that day it took away, in minor units; above 0.
    pub amount: i64,
}

/// What a publisher (淘客) brought of a paid order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Affiliated {
    /// The [`Order::rank`] of the order.
    pub rank: u32,
    /// Code in [`crate::history::Context::affiliate_plans`].
    pub plan: u32,
    /// Code in [`crate::history::Context::publishers`].
    pub publisher: u32,
    /// What was paid for the lines that it brought, in minor units.
    pub paid_amount: i64,
    /// What of that is left after refunds by the as-of date, in minor units.
    pub net_revenue: i64,
    /// The day on which the commission was settled, or [`NO_DAY`].
    pub settled_day: Day,
    /// What became of the commission.
    pub commission: Commission,
}

/// What went back of an item for a reason, of one line of a paid order. Those of a line add up to what of it went back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemRefund {
    /// The [`Order::rank`] of the order.
    pub rank: u32,
    /// Code in [`crate::history::Context::item_ids`].
    pub item: u32,
    /// Code in [`crate::history::Context::refund_reasons`]; 0 where nobody gave one.
    pub reason: u16,
    /// The day on which it was paid out, or [`NO_DAY`] where only the status of the line says that it went back.
    pub day: Day,
    /// What went back, in minor units; above 0.
    pub amount: i64,
}

/// A question that the customer asked an agent of the shop (询单).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Inquiry {
    /// Local time in microseconds.
    pub asked: i64,
    /// Code in [`crate::history::Context::agents`].
    pub agent: u32,
    /// Seconds to the response, or [`crate::input::records::inquiries::NO_RESPONSE`].
    pub response: u32,
}

/// The orders of one `(shop, customer)`, or orders of a shop that name no customer. To folds over scopes a scope is a shop: see
/// [`crate::history::persons`].
#[derive(Debug, Clone, Copy)]
pub struct History<'a> {
    /// Code of the shop: its position in [`crate::history::Context::shops`].
    pub shop: u32,
    /// The customer's id; has no meaning where the history is anonymous.
    pub customer: Id<'a>,
    /// Whether its orders name no customer: they are not of one person, and a shop may have several such histories.
    pub is_anonymous: bool,
    /// All orders; paid ones first, by (paid time, id), then unpaid ones by (created, id). Never empty.
    pub orders: &'a [Order],
    /// How many of `orders` are paid.
    pub paid: usize,
    /// The paid lines that have an item: by the position of their order, those of one order by their ids. Empty where no
    /// fold of the run reads them: see [`crate::history::Fold::reads_lines`].
    pub lines: &'a [ItemLine],
    /// The distinct days with a purchase, ascending; empty where every paid order was refunded in full or none was paid.
    pub purchase_days: &'a [Day],
    /// The refunds of these orders that were paid out, as the refunds input has them. An order can have lost more by its status, which
    /// names no day.
    pub refunds: &'a [PaidRefund],
    /// The refunds of orders that are not there, by day.
    pub returns: &'a [Return],
    /// The shops of the scope in which a person has a purchase, ascending; empty where the shop is no scope. Folds by shop do not get
    /// them.
    pub shops: &'a [u32],
    /// What publishers brought of the paid orders, by the rank of the order. Shown to folds that take the customers as they come.
    pub affiliated: &'a [Affiliated],
    /// What the customer asked, by (time, agent). Shown to folds that take the customers as they come.
    pub inquiries: &'a [Inquiry],
    /// What went back of items and why, by the rank of the order. Shown to folds that take the customers as they come, and empty where no fold
    /// of the run reads it: see [`crate::history::Fold::reads_item_refunds`].
    pub item_refunds: &'a [ItemRefund],
}

impl<'a> History<'a> {
    /// The paid orders by (paid time, id), those refunded in full included.
    pub fn paid_orders(&self) -> &'a [Order] {
        &self.orders[..self.paid]
    }

    /// The purchases by (paid time, id).
    pub fn purchases(&self) -> impl Iterator<Item = &'a Order> + 'a {
        self.paid_orders().iter().filter(|order| order.is_purchase())
    }

    /// The paid orders that have lines with an item, by (paid time, id), each with these lines. For folds that read lines.
    pub fn orders_with_items(&self) -> impl Iterator<Item = (&'a Order, &'a [ItemLine])> + use<'a> {
        let orders = self.orders;
        let of_orders = self.lines.chunk_by(|one, other| one.order == other.order);
        of_orders.filter_map(move |lines| Some((orders.get(lines.first()?.order as usize)?, lines)))
    }

    /// What was returned up to a day without a known order, in minor units.
    pub fn returned_by(&self, day: Day) -> i64 {
        self.returns.iter().take_while(|returned| returned.day <= day).map(|returned| returned.amount).sum()
    }

    /// The first purchase day; `None` for customers without a purchase.
    pub fn first_purchase_day(&self) -> Option<Day> {
        self.purchase_days.first().copied()
    }
}
