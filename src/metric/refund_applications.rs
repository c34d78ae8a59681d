//! Refund applications: the share that ends in a dispute, the number for each order, and the duration of successful ones.

use super::ratio::Quotient;
use super::sums::{Quantity, Sums};
use crate::input::records::facts::Refund;
use crate::spec::NO_TIME;

const HOUR_MICROSECONDS: f64 = 3.6e9;

/// Counts over refund applications by the time they were made; in fractions where the days to come are simulated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RefundApplications {
    /// Applications.
    pub applications: f64,
    /// Those in which the platform intervened.
    pub interventions: f64,
    /// Those completed with success by the as-of date.
    pub successful: f64,
    /// From application to success, summed over the successful ones, in microseconds.
    pub waiting_microseconds: f64,
}

/// Adds an application to the sums of the day on which it was made.
pub fn count(sums: &mut Sums<i64>, refund: &Refund) {
    sums[Quantity::Applications] += 1;
    match refund.intervened {
        Some(intervened) => sums[Quantity::Interventions] += i64::from(intervened),
        None => sums[Quantity::Unreported] += 1,
    }
    if refund.completed != NO_TIME {
        sums[Quantity::Successful] += 1;
        // Clocks of two systems: a success that seems to precede its application took no time.
        let waiting = &mut sums[Quantity::WaitingMicroseconds];
        *waiting = waiting.saturating_add(refund.completed.saturating_sub(refund.created).max(0));
    }
}

impl RefundApplications {
    /// The counts of a period.
    pub fn of(sums: &Sums<f64>) -> Self {
        RefundApplications {
            applications: sums[Quantity::Applications],
            interventions: sums[Quantity::Interventions],
            successful: sums[Quantity::Successful],
            waiting_microseconds: sums[Quantity::WaitingMicroseconds],
        }
    }

    /// The share of the applications in which the platform intervened (纠纷率).
    pub fn dispute_rate(self) -> Quotient {
        Quotient { numerator: self.interventions, denominator: self.applications }
    }

    /// Applications for each of so many paid orders (退款率).
    pub fn refund_rate(self, paid_orders: f64) -> Quotient {
        Quotient { numerator: self.applications, denominator: paid_orders }
    }

    /// The mean time from application to success, in hours.
    pub fn refund_hours(self) -> Quotient {
        Quotient { numerator: self.waiting_microseconds, denominator: self.successful * HOUR_MICROSECONDS }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refund(created_hour: i64, completed_hour: Option<i64>, intervened: Option<bool>) -> Refund {
        let time = |hour: i64| hour * 3_600_000_000;
        Refund {
            shop: 0,
            created: time(created_hour),
            completed: completed_hour.map_or(NO_TIME, time),
            amount: 100,
            intervened,
            is_open: false,
            reason: 0,
        }
    }

    fn counted(refunds: &[Refund]) -> Sums<f64> {
        let mut sums = Sums::default();
        refunds.iter().for_each(|refund| count(&mut sums, refund));
        sums.map(|sum| sum as f64)
    }

    #[test]
    fn the_mean_wait_is_that_of_successes_and_disputes_that_of_all() {
        // Waits of 3 and 10 hours; the third is still open. One intervention among three.
        let refunds = [refund(0, Some(3), Some(false)), refund(5, Some(15), Some(true)), refund(6, None, Some(false))];
        let figures = RefundApplications::of(&counted(&refunds));
        assert_eq!((figures.applications, figures.successful, figures.interventions), (3.0, 2.0, 1.0));
        assert_eq!(figures.refund_hours().value(), Some(6.5));
        assert_eq!(figures.dispute_rate().value(), Some(1.0 / 3.0));
        assert_eq!(figures.refund_rate(12.0).value(), Some(0.25));
    }

    #[test]
    fn a_success_before_its_application_took_no_time() {
        let figures = RefundApplications::of(&counted(&[refund(5, Some(3), None), refund(5, Some(7), None)]));
        assert_eq!(figures.refund_hours().value(), Some(1.0));
    }

    #[test]
    fn applications_that_do_not_say_are_counted_as_such() {
        let sums = counted(&[refund(0, None, Some(true)), refund(1, None, None)]);
        let counts = [Quantity::Applications, Quantity::Interventions, Quantity::Unreported].map(|quantity| sums[quantity]);
        assert_eq!(counts, [2.0, 1.0, 1.0]);
    }

    #[test]
    fn without_applications_there_is_no_rate() {
        let figures = RefundApplications::of(&Sums::default());
        let rates = [figures.dispute_rate(), figures.refund_rate(0.0), figures.refund_hours()];
        assert_eq!(rates.map(Quotient::value), [None; 3]);
    }
}
