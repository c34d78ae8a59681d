//! Measures: an assessed metric with its parameters, and what it comes to over the sums of a shop's days.

use super::dsr::MILLION;
use crate::input::facts::ViolationKind;
use crate::job::rule::{Base, ByCategory, Requirement};

/// What is counted of a shop on a day, or over days: everything that adds up. Amounts in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Part {
    /// What was paid.
    Paid,
    /// Of what was paid, what was refunded by the as-of date.
    RefundedOfPaid,
    /// What was refunded on the day, of whatever payments.
    Refunded,
    /// What was paid for the orders completed on the day.
    Settled,
    /// Orders paid.
    PaidOrders,
    /// Orders placed.
    PlacedOrders,
    /// Visitors.
    Visitors,
    /// Paying customers of the days that have visitors.
    PayingCustomers,
    /// Refund applications made.
    Applications,
    /// Of these, those in which the platform intervened.
    Intervened,
    /// Of these, those that do not tell.
    Untold,
    /// Of these, those that succeeded.
    Successful,
    /// The time from application to success summed over these, in microseconds.
    Waiting,
    /// Of the orders paid, those shipped.
    ShippedOrders,
    /// The time from paid to shipped summed over these, in seconds.
    ShippingSeconds,
    /// Complaints.
    Complaints,
    /// Scores given, in millionths: description; service, delivery and logistics follow.
    Scores = 16,
    /// How many scores of each of the four were given.
    Ratings = 20,
}

/// How many parts there are.
pub const PARTS: usize = Part::Ratings as usize + 4;

/// Sums of parts. A float holds a count or an amount exactly up to 2^53.
pub type Sums = [f64; PARTS];

/// A metric with its parameters.
#[derive(Debug, Clone, PartialEq)]
pub enum Measure {
    /// Money, in minor units.
    Amount(Base),
    /// Paying customers per visitor, by daily means.
    Conversion,
    /// Paid per placed orders.
    PaymentRate,
    /// One of the four scores.
    Score(usize),
    /// The mean of those of the four scores that there are.
    ScoreMean,
    /// Interventions per refund application.
    DisputeRate,
    /// Interventions.
    Interventions,
    /// Refund applications.
    Applications,
    /// Refund applications per paid order.
    RefundRate,
    /// Hours from application to success.
    RefundHours,
    /// Complaints per paid order.
    ComplaintRate,
    /// Hours from paid to shipped.
    DeliveryHours,
    /// New items.
    NewItems,
    /// The worst monthly service score when so many of the worst are left out.
    ServiceScore {
        /// Months left out.
        without: usize,
    },
    /// The mean of the monthly service scores.
    ServiceScoreMean,
    /// Months below a standard.
    ServiceMonthsBelow(ByCategory),
    /// The longest run of months without business.
    IdleMonths,
    /// Points since 1 January.
    Points(ViolationKind),
    /// Red lines crossed.
    RedLines,
    /// A figure that only the platform has.
    OfPlatform(String),
}

impl Measure {
    /// The measure of a requirement.
    pub fn of(requirement: &Requirement) -> Measure {
        match requirement.metric.as_str() {
            "paid_amount" => Measure::Amount(requirement.base),
            "service_score_kth" => Measure::ServiceScore { without: 12usize.saturating_sub(requirement.k.unwrap_or(12) as usize) },
            "service_months_below" => Measure::ServiceMonthsBelow(requirement.standard.clone().unwrap_or_default()),
            other => Measure::named(other),
        }
    }

    /// The measure of that name, without parameters.
    pub fn named(name: &str) -> Measure {
        match name {
            "paid_amount" => Measure::Amount(Base::Paid),
            "uv_conversion" => Measure::Conversion,
            "payment_rate" => Measure::PaymentRate,
            "dsr_description" => Measure::Score(0),
            "dsr_service" => Measure::Score(1),
            "dsr_delivery" => Measure::Score(2),
            "dsr_logistics" => Measure::Score(3),
            "dsr_mean" => Measure::ScoreMean,
            "dispute_rate" => Measure::DisputeRate,
            "intervened_refunds" => Measure::Interventions,
            "refund_applications" => Measure::Applications,
            "refund_rate" => Measure::RefundRate,
            "refund_hours" => Measure::RefundHours,
            "complaint_rate" => Measure::ComplaintRate,
            "delivery_hours" => Measure::DeliveryHours,
            "new_items" => Measure::NewItems,
            "service_score_min" => Measure::ServiceScore { without: 0 },
            "service_score_mean" => Measure::ServiceScoreMean,
            "idle_months" => Measure::IdleMonths,
            "violation_points" => Measure::Points(ViolationKind::General),
            "serious_violation_points" => Measure::Points(ViolationKind::Serious),
            "red_line_violations" => Measure::RedLines,
            other => Measure::OfPlatform(other.to_owned()),
        }
    }

    /// Units of the value in one unit of results: 100 for money.
    pub fn scale(&self) -> f64 {
        if matches!(self, Measure::Amount(_)) { 100.0 } else { 1.0 }
    }

    /// Whether it grows with every day of a period, so that a period that runs is measured by its pace.
    pub fn accumulates(&self) -> bool {
        matches!(self, Measure::Amount(_) | Measure::NewItems)
    }

    /// Whether it is a quotient, mean or count of what days sum up to.
    pub fn is_of_days(&self) -> bool {
        matches!(self, Measure::Amount(_) | Measure::Score(_) | Measure::ScoreMean | Measure::Interventions | Measure::Applications)
            || self.quotient(&[0.0; PARTS]).is_some()
    }

    /// Numerator and denominator of a quotient; `None` of what is none.
    pub fn quotient(&self, sums: &Sums) -> Option<(f64, f64)> {
        let part = |part: Part| sums[part as usize];
        Some(match self {
            Measure::Conversion => (part(Part::PayingCustomers), part(Part::Visitors)),
            Measure::PaymentRate => (part(Part::PaidOrders), part(Part::PlacedOrders)),
            Measure::DisputeRate => (part(Part::Intervened), part(Part::Applications)),
            Measure::RefundRate => (part(Part::Applications), part(Part::PaidOrders)),
            Measure::RefundHours => (part(Part::Waiting), part(Part::Successful) * 3.6e9),
            Measure::ComplaintRate => (part(Part::Complaints), part(Part::PaidOrders)),
            Measure::DeliveryHours => (part(Part::ShippingSeconds), part(Part::ShippedOrders) * 3_600.0),
            Measure::Score(number) => (sums[Part::Scores as usize + number], sums[Part::Ratings as usize + number] * MILLION as f64),
            _ => return None,
        })
    }

    /// What it comes to over those sums; `None` where it is not made of days, or there is nothing to divide by.
    ///
    /// ```
    /// use huitou::metric::measure::{Measure, PARTS, Part};
    /// let mut sums = [0.0; PARTS];
    /// sums[Part::PaidOrders as usize] = 9.0;
    /// assert_eq!(Measure::PaymentRate.over(&sums), None);
    /// sums[Part::PlacedOrders as usize] = 12.0;
    /// assert_eq!(Measure::PaymentRate.over(&sums), Some(0.75));
    /// ```
    pub fn over(&self, sums: &Sums) -> Option<f64> {
        let part = |part: Part| sums[part as usize];
        match self {
            Measure::Amount(Base::Paid) => Some(part(Part::Paid)),
            Measure::Amount(Base::NetByPayment) => Some(part(Part::Paid) - part(Part::RefundedOfPaid)),
            Measure::Amount(Base::NetByRefund) => Some(part(Part::Paid) - part(Part::Refunded)),
            Measure::Amount(Base::Settled) => Some(part(Part::Settled)),
            Measure::Interventions => Some(part(Part::Intervened)),
            Measure::Applications => Some(part(Part::Applications)),
            Measure::ScoreMean => {
                let scores: Vec<f64> = (0..4).filter_map(|number| Measure::Score(number).over(sums)).collect();
                (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
            }
            other => {
                other.quotient(sums).filter(|(_, denominator)| *denominator > 0.0).map(|(numerator, denominator)| numerator / denominator)
            }
        }
    }
}
