//! Measures: an assessed metric with its parameters, and its value over the sums of a shop's days.

use std::ops::Sub;

use super::dsr::{MILLION, Score};
use super::payment_rate::OrderCounts;
use super::ratio::{Quotient, in_units_of, mean};
use super::refund_applications::RefundApplications;
use super::sums::{Quantity, Sums};
use super::uv_conversion::VisitorCounts;
use crate::input::records::facts::ViolationKind;
use crate::job::rule::{Base, ByCategory, Requirement};

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
    Score(Score),
    /// The mean of the four scores, of those that exist.
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
    /// The worst monthly service score, some of the worst left out.
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
            "dsr_description" => Measure::Score(Score::Description),
            "dsr_service" => Measure::Score(Score::Service),
            "dsr_delivery" => Measure::Score(Score::Delivery),
            "dsr_logistics" => Measure::Score(Score::Logistics),
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

    /// Units of the value for one unit of results: 100 for money.
    pub fn scale(&self) -> f64 {
        if matches!(self, Measure::Amount(_)) { 100.0 } else { 1.0 }
    }

    /// Whether it grows with every day of a period, so that a running period is judged by its pace.
    pub fn accumulates(&self) -> bool {
        matches!(self, Measure::Amount(_) | Measure::NewItems)
    }

    /// A value in the unit of results.
    pub fn in_results(&self, value: f64) -> f64 {
        in_units_of(self.scale(), value)
    }

    /// Whether it is a quotient, mean or count over sums of days.
    pub fn is_of_days(&self) -> bool {
        matches!(self, Measure::Amount(_) | Measure::Score(_) | Measure::ScoreMean | Measure::Interventions | Measure::Applications)
            || self.quotient(&Sums::default()).is_some()
    }

    /// Numerator and denominator of a rate or a mean; `None` for other measures.
    pub fn quotient(&self, sums: &Sums<f64>) -> Option<Quotient> {
        let refund_applications = RefundApplications::of(sums);
        let paid_orders = sums[Quantity::PaidOrders];
        Some(match self {
            Measure::Conversion => {
                let counts =
                    VisitorCounts { paying_customer_days: sums[Quantity::PayingCustomers], visitor_days: sums[Quantity::Visitors] };
                counts.uv_conversion()
            }
            Measure::PaymentRate => OrderCounts { paid: paid_orders, placed: sums[Quantity::PlacedOrders] }.payment_rate(),
            Measure::DisputeRate => refund_applications.dispute_rate(),
            Measure::RefundRate => refund_applications.refund_rate(paid_orders),
            Measure::RefundHours => refund_applications.refund_hours(),
            Measure::ComplaintRate => Quotient { numerator: sums[Quantity::Complaints], denominator: paid_orders },
            Measure::DeliveryHours => {
                Quotient { numerator: sums[Quantity::ShippingSeconds], denominator: sums[Quantity::ShippedOrders] * 3_600.0 }
            }
            Measure::Score(score) => {
                Quotient { numerator: sums[Quantity::ScoreSum(*score)], denominator: sums[Quantity::Ratings(*score)] * MILLION as f64 }
            }
            _ => return None,
        })
    }

    /// Its value over those sums; `None` if it is not computed from days, or the denominator is 0.
    ///
    /// ```
    /// use huitou::metric::measure::Measure;
    /// use huitou::metric::sums::{Quantity, Sums};
    /// let mut sums = Sums::default();
    /// sums[Quantity::PaidOrders] = 9.0;
    /// assert_eq!(Measure::PaymentRate.over(&sums), None);
    /// sums[Quantity::PlacedOrders] = 12.0;
    /// assert_eq!(Measure::PaymentRate.over(&sums), Some(0.75));
    /// ```
    pub fn over(&self, sums: &Sums<f64>) -> Option<f64> {
        match self {
            Measure::Amount(base) => Some(amount(*base, sums)),
            Measure::Interventions => Some(sums[Quantity::Interventions]),
            Measure::Applications => Some(sums[Quantity::Applications]),
            Measure::ScoreMean => {
                let scores: Vec<f64> = Score::ALL.into_iter().filter_map(|score| Measure::Score(score).over(sums)).collect();
                mean(&scores)
            }
            other => other.quotient(sums)?.value(),
        }
    }
}

/// The amount of a period by its base, in minor units.
pub fn amount<T: Copy + Sub<Output = T>>(base: Base, sums: &Sums<T>) -> T {
    match base {
        Base::Paid => sums[Quantity::Paid],
        Base::NetByPayment => sums[Quantity::Paid] - sums[Quantity::RefundedOfPaid],
        Base::NetByRefund => sums[Quantity::Paid] - sums[Quantity::Refunded],
        Base::Settled => sums[Quantity::Settled],
    }
}
