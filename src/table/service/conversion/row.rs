//! A row of service_conversion.

use std::sync::Arc;

use crate::fold::service::Served;

/// What an agent, or all of a shop, was asked in a month.
#[derive(Debug, Clone)]
pub struct Row {
    /// The code of the shop.
    pub shop: u32,
    /// The agent's id as people read it; that of all agents for their sum.
    pub agent: Arc<str>,
    /// The number of the month.
    pub month: i32,
    /// Whether the month is, and the day after it on which its last questions can become orders.
    pub is_complete: bool,
    /// Whether anything says what was refunded.
    pub knows_refunds: bool,
    /// What was asked and bought.
    pub served: Served,
    /// What the shop sold in the month.
    pub of_shop: OfShop,
    /// Of all agents, where a day of the month has a UV.
    pub visited: Option<Visited>,
}

/// What a shop sold in a month.
#[derive(Debug, Clone, Copy)]
pub struct OfShop {
    pub paid_amount: i64,
    pub paying_customers: i64,
}

/// The days of a month that have a UV.
#[derive(Debug, Clone, Copy, Default)]
pub struct Visited {
    pub days: i64,
    pub uv: i64,
    pub inquirers: i64,
    pub silent: i64,
}

impl Visited {
    /// Visitors who did not ask; `None` where more asked than came, which the traffic does not know.
    pub fn silent_visitors(&self) -> Option<i64> {
        Some(self.uv - self.inquirers).filter(|visitors| *visitors > 0)
    }
}

impl Row {
    /// What was refunded of the orders, in minor units; `None` where nothing says.
    pub fn refunded(&self) -> Option<i64> {
        self.knows_refunds.then_some(self.served.refunded)
    }
}
