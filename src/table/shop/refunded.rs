//! Refunded columns: what went back of the payments of a day or period, whenever it did, beside what went back in it. In shop_daily,
//! shop_periods and, in part, revenue_bridge.

use super::columns::{NO_REFUNDS, ShopRow};
use crate::fold::outcomes::OrderOutcome;
use crate::history::Context;
use crate::metric::ratio::ratio;
use crate::spec::{Column, Kind};
use crate::table::column::Value::{Count, Money, Share};
use crate::table::column::{ValueColumn, same};

pub const NOTHING_SAYS_REFUNDED: &str = "the job maps neither refund_amount nor status of the orders and has no refunds input: nothing \
     says what was refunded";

pub const REFUNDED_OF_PAID: Column = Column::new(
    "refunded_of_paid",
    Kind::Money,
    "CNY",
    "支付订单已退款金额",
    "What went back by the as-of date of the orders paid on the day or in the period, whenever it went back. It can still grow. \
     From the refunds input and the status of the lines, else from the refund_amount of the orders.",
)
.null_when(NOTHING_SAYS_REFUNDED);
pub const REFUNDED_ORDERS: Column = Column::new(
    "refunded_orders",
    Kind::Count,
    "orders",
    "支付订单中已退款笔数",
    "Of the paid orders, those of which anything went back by the as-of date, in part or in full; an order of 0.00 that was returned too.",
)
.null_when(NOTHING_SAYS_REFUNDED);
pub const REFUND_RATE: Column = Column::new(
    "refund_rate",
    Kind::Share,
    "1",
    "退款率（笔数）",
    "The share of the paid orders of which anything went back by the as-of date. Of an assessed period it is another one: refund \
     applications for each paid order.",
)
.formula("refunded_orders / paid_orders")
.source("docs/definitions.md, Refunds")
.null_when("no order was paid, or refunded_orders is null");
pub const REFUND_SHARE: Column = Column::new(
    "refund_share",
    Kind::Share,
    "1",
    "退款金额占比",
    "The part of what was paid that went back by the as-of date. Of the last days it is low, since refunds take their time.",
)
.formula("refunded_of_paid / paid_amount")
.source("docs/definitions.md, Refunds")
.null_when("paid_amount is 0, or refunded_of_paid is null");
pub const NET_BY_PAYMENT: Column = Column::new(
    "net_by_payment",
    Kind::Money,
    "CNY",
    "净支付金额（按支付日）",
    "What was paid on the day or in the period less what of these very payments went back by the as-of date, whenever it did. \
     Restated when a refund comes later.",
)
.formula("paid_amount - refunded_of_paid")
.source("docs/definitions.md, Refunds")
.null_when(NOTHING_SAYS_REFUNDED);
pub const NET_BY_REFUND: Column = Column::new(
    "net_by_refund",
    Kind::Money,
    "CNY",
    "净支付金额（按退款日）",
    "What was paid on the day or in the period less the refunds completed in it, of whatever payments. Negative where more went \
     back; never restated by later refunds.",
)
.formula("paid_amount - refund_amount")
.source("docs/definitions.md, Refunds")
.null_when(NO_REFUNDS);

/// What became of the orders paid on a day or in a period.
#[derive(Debug, Clone, Copy)]
pub struct OfPaid {
    /// What went back of them, in minor units.
    amount: i64,
    /// The number of those of which anything went back.
    orders: i64,
}

impl OfPaid {
    /// The refunds among these outcomes; `None` where nothing says what was refunded.
    pub fn of(context: &Context, outcome: OrderOutcome) -> Option<OfPaid> {
        context.features.refunded.then_some(OfPaid { amount: outcome.refunded, orders: outcome.refunded_orders })
    }
}

/// A row that knows what became of the paid orders too.
pub trait RefundedRow: ShopRow {
    /// What went back of them; `None` where nothing says so.
    fn of_paid(&self) -> Option<OfPaid>;
}

/// The columns, in their order.
pub const fn refunded_columns<Row: RefundedRow>() -> [ValueColumn<Row>; 6] {
    [
        same(REFUNDED_OF_PAID, Money(|row| Some(row.of_paid()?.amount))),
        same(REFUNDED_ORDERS, Count(|row| Some(row.of_paid()?.orders))),
        same(REFUND_RATE, Share(|row| ratio(row.of_paid()?.orders, row.activity().paid_orders))),
        same(REFUND_SHARE, Share(|row| ratio(row.of_paid()?.amount, row.activity().paid_amount))),
        same(NET_BY_PAYMENT, Money(|row| Some(row.activity().paid_amount - row.of_paid()?.amount))),
        same(NET_BY_REFUND, Money(|row| Some(row.activity().paid_amount - row.figures().refunded?.amount))),
    ]
}
