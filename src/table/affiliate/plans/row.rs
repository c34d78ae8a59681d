//! A row of affiliate_plans.

use std::sync::Arc;

use crate::fold::brought::Brought;

/// What a publisher, or all of a plan, brought in a month.
pub struct Row {
    pub shop: u32,
    pub plan: Arc<str>,
    pub publisher: Arc<str>,
    pub month: i32,
    pub is_complete: bool,
    pub knows_customers: bool,
    pub own: Brought,
    pub others: Brought,
}

impl Row {
    /// What the orders cost: what is settled and what is still due, in minor units.
    pub fn commission(&self) -> i64 {
        let commission = self.own.commission();
        commission.settled + commission.due()
    }

    /// A number of customers; `None` where the job maps no customer_id.
    pub fn people(&self, number: u32) -> Option<i64> {
        self.knows_customers.then_some(number.into())
    }

    /// The net revenue of new customers old enough, in minor units; `None` where there is none.
    pub fn net_revenue_180(&self, of: &Brought) -> Option<i64> {
        (self.knows_customers && of.customers_180 > 0).then_some(of.net_revenue_180)
    }
}
