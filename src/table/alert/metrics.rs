//! The metrics of alerts: their names, units, and whether more of them is better.

/// A metric.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Metric {
    /// The name; of the visitors of a channel what stands before the channel.
    pub name: &'static str,
    /// The unit.
    pub unit: &'static str,
    /// Whether more is better.
    pub higher_is_better: bool,
}

const fn better(name: &'static str, unit: &'static str) -> Metric {
    Metric { name, unit, higher_is_better: true }
}

const fn worse(name: &'static str, unit: &'static str) -> Metric {
    Metric { name, unit, higher_is_better: false }
}

pub(super) static CONVERSION: Metric = better("conversion", "1");
pub(super) static DISPUTES: Metric = worse("disputes", "refunds");
pub(super) static LATE_SHIPMENTS: Metric = worse("late_shipments", "orders");
pub(super) static NEW_CUSTOMERS: Metric = better("new_customers", "customers");
pub(super) static PAID_AMOUNT: Metric = better("paid_amount", "CNY");
pub(super) static PAYING_CUSTOMERS: Metric = better("paying_customers", "customers");
pub(super) static PAYMENT_RATE: Metric = better("payment_rate", "1");
pub(super) static PLACED_ORDERS: Metric = better("placed_orders", "orders");
pub(super) static REFUND_AMOUNT: Metric = worse("refund_amount", "CNY");
pub(super) static REFUND_SHARE: Metric = worse("refund_share", "1");
pub(super) static RETURNING_SHARE: Metric = better("returning_share", "1");
pub(super) static UNPAID_SHARE: Metric = worse("unpaid_share", "1");
pub(super) static UV: Metric = better("uv", "visitors");
pub(super) static CHANNEL_UV: Metric = better("uv:", "visitors");
pub(super) static VALUE_PER_CUSTOMER: Metric = better("value_per_customer", "CNY per customer");
