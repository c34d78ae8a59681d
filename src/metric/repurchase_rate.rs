//! Repurchase rates: two metrics that operators give similar names, each with counts of its own.
//!
//! 复购率 is the share of the customers of a segment who ever bought again. 回购率 follows customers from one purchase day to the next: the
//! share of those with an nth purchase day who have a further one. Other tools count orders instead of days.

use super::ratio::ratio;

/// The customers of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentCounts {
    /// All of them.
    pub customers: i64,
    /// Those with at least two purchase days.
    pub repeat_customers: i64,
}

impl SegmentCounts {
    /// The share of customers who have bought on at least two days (复购率); `None` for an empty segment.
    ///
    /// ```
    /// use huitou::metric::repurchase_rate::SegmentCounts;
    /// assert_eq!(SegmentCounts { customers: 8, repeat_customers: 2 }.repeat_customer_share(), Some(0.25));
    /// ```
    pub fn repeat_customer_share(self) -> Option<f64> {
        ratio(self.repeat_customers, self.customers)
    }
}

/// Customers who have reached a purchase day (or, counted by orders, a purchase), or the intervals that began with purchase days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReachedCounts {
    /// All of them.
    pub reached: i64,
    /// Those with a further purchase day (or purchase) by the as-of date; for intervals, those that ended.
    pub repurchased: i64,
}

impl ReachedCounts {
    /// The share that has come back by the as-of date (回购率); `None` where nobody has reached the purchase day.
    ///
    /// ```
    /// use huitou::metric::repurchase_rate::ReachedCounts;
    /// assert_eq!(ReachedCounts { reached: 4, repurchased: 3 }.came_back_share(), Some(0.75));
    /// ```
    pub fn came_back_share(self) -> Option<f64> {
        ratio(self.repurchased, self.reached)
    }
}
