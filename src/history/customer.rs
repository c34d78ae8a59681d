//! One customer's settled history, as folds read it.

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
    /// Whether the order was closed without having been paid. `false` without a status.
    pub is_closed: bool,
    /// Whether it was refunded in full whatever its amount: the status of each paid line says so, or nothing was paid for it and it was
    /// returned, as a whole or line by line.
    pub is_refunded: bool,
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
    /// The item and the net revenue, in minor units, of each line of a purchase that has an item; purchases in the order of their ids.
    pub item_revenue: &'a [(u32, i64)],
    /// The distinct days with a purchase, ascending; empty where every paid order was refunded in full or none was paid.
    pub purchase_days: &'a [Day],
    /// The refunds of these orders that were paid out, as the refunds input has them. An order can have lost more by its status, which
    /// names no day.
    pub refunds: &'a [PaidRefund],
    /// The refunds of orders that are not there, by day.
    pub returns: &'a [Return],
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

    /// What was returned up to a day without a known order, in minor units.
    pub fn returned_by(&self, day: Day) -> i64 {
        self.returns.iter().take_while(|returned| returned.day <= day).map(|returned| returned.amount).sum()
    }

    /// The first purchase day; `None` for customers without a purchase.
    pub fn first_purchase_day(&self) -> Option<Day> {
        self.purchase_days.first().copied()
    }
}
