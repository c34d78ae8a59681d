//! Orders of tests: one base order, and what is paid, refunded or coded in it. Amounts are in minor units, times are midnight.

use super::days::Date;
use crate::history::Order;
use crate::input::records::awaited::Awaited;
use crate::input::values::links::NO_ALIAS;
use crate::input::values::money::NO_MONEY;
use crate::spec::{DAY_MICROSECONDS, NO_DAY, NO_TIME};

/// An unpaid order for one item.
pub fn placed(on: impl Date, amount: i64) -> Order {
    Order {
        rank: 0,
        created: i64::from(on.day()) * DAY_MICROSECONDS,
        paid: NO_TIME,
        created_day: on.day(),
        paid_day: NO_DAY,
        shipping_seconds: -1,
        completed_day: NO_DAY,
        placed_amount: amount,
        paid_amount: 0,
        refunded: 0,
        quantity: 1,
        discount: NO_MONEY,
        alias: NO_ALIAS,
        promotion: 0,
        channel: 0,
        province: 0,
        category: 0,
        item: 0,
        is_closed: false,
        is_refunded: false,
        awaited: Awaited::Unsaid,
        has_open_refund: false,
    }
}

/// An order placed and paid on a day.
pub fn paid(on: impl Date, amount: i64) -> Order {
    paid_later(on, on, amount)
}

/// An order placed on one day and paid on another, at the amount placed.
pub fn paid_later(placed_on: impl Date, paid_on: impl Date, amount: i64) -> Order {
    let paid_day = paid_on.day();
    Order { paid: i64::from(paid_day) * DAY_MICROSECONDS, paid_day, paid_amount: amount, ..placed(placed_on, amount) }
}

impl Order {
    /// The same order with that amount refunded.
    pub fn refunding(self, refunded: i64) -> Order {
        Order { refunded, ..self }
    }

    /// The same order by the promotion with this code, which took that amount off.
    pub fn promoted(self, promotion: u32, discount: i64) -> Order {
        Order { promotion, discount, ..self }
    }

    /// The same order with these codes of its channel and its province.
    pub fn coded(self, channel: u32, province: u32) -> Order {
        Order { channel, province, ..self }
    }
}
