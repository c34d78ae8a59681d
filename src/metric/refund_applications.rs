//! Refund applications of a period: how many, in how many the platform intervened, how long the successful ones took.

use super::ratio::{ratio, ratio_known};
use crate::input::facts::Refund;
use crate::spec::NO_TIME;

const HOUR_MICROSECONDS: i64 = 3_600_000_000;

/// Counts over refund applications by the time they were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundApplications {
    /// Applications.
    pub applications: i64,
    /// Those in which the platform intervened; `None` where one of them does not tell.
    pub intervened: Option<i64>,
    /// Those completed with success by the as-of date.
    pub successful: i64,
    /// From application to success, summed over the successful ones, in microseconds.
    waiting: i64,
}

impl Default for RefundApplications {
    fn default() -> Self {
        RefundApplications { applications: 0, intervened: Some(0), successful: 0, waiting: 0 }
    }
}

impl RefundApplications {
    /// Counts one more.
    pub fn add(&mut self, refund: &Refund) {
        self.applications += 1;
        self.intervened = self.intervened.zip(refund.intervened).map(|(count, intervened)| count + i64::from(intervened));
        if refund.completed != NO_TIME {
            self.successful += 1;
            // Clocks of two systems: a success that seems to precede its application took no time.
            self.waiting = self.waiting.saturating_add(refund.completed.saturating_sub(refund.created).max(0));
        }
    }

    /// The share of the applications in which the platform intervened (纠纷率).
    pub fn dispute_rate(&self) -> Option<f64> {
        ratio_known(self.intervened, Some(self.applications))
    }

    /// Applications per paid order.
    pub fn refund_rate(&self, paid_orders: i64) -> Option<f64> {
        ratio(self.applications, paid_orders)
    }

    /// The mean time from application to success, in hours.
    pub fn refund_hours(&self) -> Option<f64> {
        ratio(self.waiting, self.successful.saturating_mul(HOUR_MICROSECONDS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refund(created_hour: i64, completed_hour: Option<i64>, intervened: Option<bool>) -> Refund {
        Refund {
            shop: 0,
            created: created_hour * HOUR_MICROSECONDS,
            completed: completed_hour.map_or(NO_TIME, |hour| hour * HOUR_MICROSECONDS),
            amount: 100,
            intervened,
            is_open: false,
        }
    }

    fn of(refunds: &[Refund]) -> RefundApplications {
        let mut applications = RefundApplications::default();
        refunds.iter().for_each(|refund| applications.add(refund));
        applications
    }

    #[test]
    fn the_mean_wait_is_that_of_successes_and_disputes_that_of_all() {
        // Waits of 3 and 10 hours; the third is still open. One intervention among three.
        let figures = of(&[refund(0, Some(3), Some(false)), refund(5, Some(15), Some(true)), refund(6, None, Some(false))]);
        assert_eq!((figures.applications, figures.successful, figures.intervened), (3, 2, Some(1)));
        assert_eq!(figures.refund_hours(), Some(6.5));
        assert_eq!(figures.dispute_rate(), Some(1.0 / 3.0));
        assert_eq!(figures.refund_rate(12), Some(0.25));
    }

    #[test]
    fn one_application_that_does_not_tell_leaves_the_disputes_unknown() {
        let figures = of(&[refund(0, None, Some(true)), refund(1, None, None)]);
        assert_eq!((figures.intervened, figures.dispute_rate(), figures.refund_hours()), (None, None, None));
    }

    #[test]
    fn without_applications_nothing_was_disputed_and_there_is_no_rate() {
        let figures = RefundApplications::default();
        assert_eq!((figures.intervened, figures.dispute_rate(), figures.refund_rate(0)), (Some(0), None, None));
    }
}
