//! Measured: the value of a measure over some days of a shop, or the reason why there is none.

use std::ops::Add;

use super::figures::ShopFigures;
use crate::input::records::facts::{Facts, Listing, ScoreDay, ScoreSnapshot, Scores, ServiceScore, ShopMetric, Violation, ViolationKind};
use crate::job::rule::Base;
use crate::metric::dsr::{Dsr, MILLION};
use crate::metric::measure::{Measure, amount};
use crate::metric::ratio::{in_units_of, ratio_of};
use crate::metric::sums::Quantity;
use crate::spec::period::iso;
use crate::spec::{Day, Grain};
use crate::table::shop::days::of_shop;

/// The value of a measure, or the reason why there is none.
#[derive(Debug, Clone, PartialEq)]
pub enum Figure {
    /// The value, in the measure's own units (minor units for money).
    Known(f64),
    /// There is nothing to measure, and why.
    Nothing(&'static str),
    /// It is unknown, and why.
    Unknown(String),
}

impl Figure {
    /// The value, if it is known.
    pub fn value(&self) -> Option<f64> {
        if let Figure::Known(value) = self { Some(*value) } else { None }
    }

    fn or_nothing(value: Option<f64>, reason: &'static str) -> Figure {
        value.map_or(Figure::Nothing(reason), Figure::Known)
    }

    fn or_unknown(value: Option<f64>, reason: impl Into<String>) -> Figure {
        value.map_or_else(|| Figure::Unknown(reason.into()), Figure::Known)
    }
}

impl ShopFigures {
    /// The value of a measure from one day to another, which is not after the as-of date. Unknown if the data do not cover the days from
    /// the first one on.
    pub fn figure(&self, measure: &Measure, from: Day, to: Day) -> Figure {
        let needs_days = measure.is_of_days() && !matches!(measure, Measure::Score(_) | Measure::ScoreMean);
        match self.begins_late(from).filter(|_| needs_days && self.lacks(measure).is_none()) {
            Some(reason) => Figure::Unknown(reason),
            None => self.figure_of_known_days(measure, from, to),
        }
    }

    /// The same over the days with data, however many: for tables that say how many.
    pub fn figure_of_known_days(&self, measure: &Measure, from: Day, to: Day) -> Figure {
        if let Some(reason) = self.lacks(measure) {
            return Figure::Unknown(reason);
        }
        match measure {
            Measure::Score(score) => {
                Figure::or_unknown(self.dsr(from, to).score(*score), "nobody rated the shop, or there is no snapshot of the period")
            }
            Measure::ScoreMean => {
                Figure::or_unknown(self.dsr(from, to).mean, "nobody rated the shop, or there is no snapshot of the period")
            }
            Measure::NewItems => {
                let new: Vec<i64> = self.listings(from, to).iter().filter_map(|listing| listing.new).collect();
                let begun = self.months(from, to).filter(|month| Grain::Month.start(*month) >= from).count();
                match new.len() {
                    _ if begun == 0 => Figure::Nothing("no month has begun in the period"),
                    there if there < begun => Figure::Unknown("a month has no items_new".to_owned()),
                    _ => Figure::Known(new.iter().sum::<i64>() as f64),
                }
            }
            Measure::ServiceScore { .. } | Measure::ServiceScoreMean | Measure::ServiceMonthsBelow(_) => self.of_service(measure, from, to),
            // A run of months needs data of every month.
            Measure::IdleMonths => match self.begins_late(from) {
                Some(reason) => Figure::Unknown(reason),
                None => Figure::Known(self.idle_months(from, to) as f64),
            },
            Measure::Points(kind) => {
                let new_year = Grain::Year.start(Grain::Year.index(to));
                Figure::Known(in_units_of(MILLION as f64, in_millionths(self.points(*kind, new_year, to))))
            }
            Measure::RedLines => Figure::Known(self.points(ViolationKind::RedLine, from, to).count() as f64),
            Measure::OfPlatform(name) => {
                let rows = of_shop(self.facts.shop_metrics.as_deref().unwrap_or_default(), self.shop, |row: &ShopMetric| row.shop);
                let row = rows.iter().rfind(|row| row.metric == *name && (from..=to).contains(&row.start));
                Figure::or_unknown(row.map(|row| row.value), format!("shop_metrics has no `{name}` of the period"))
            }
            Measure::Conversion => {
                let sums = self.sums(from, to);
                let nobody = "there is no day with visitors";
                Figure::or_unknown(measure.over(&sums), nobody)
            }
            Measure::DisputeRate | Measure::Interventions if self.counted(from, to)[Quantity::Unreported] > 0 => {
                Figure::Unknown("a refund application does not tell whether the platform intervened".to_owned())
            }
            Measure::Amount(base) => Figure::Known(amount(*base, &self.counted(from, to)) as f64),
            _ => Figure::or_nothing(measure.over(&self.sums(from, to)), nothing_of(measure)),
        }
    }

    /// The amount from one day to another by a base, in minor units; `None` if it needs a missing input or column.
    pub fn amount(&self, base: Base, from: Day, to: Day) -> Option<i64> {
        self.lacks(&Measure::Amount(base)).is_none().then(|| amount(base, &self.counted(from, to)))
    }

    /// Why the data do not cover the shop's days from a day on; `None` if they do, or if the shop opened no earlier than the data begin.
    fn begins_late(&self, from: Day) -> Option<String> {
        let is_whole = self.known_from.is_some_and(|known| known <= from || self.opened.is_some_and(|opened| known <= opened));
        (!is_whole).then(|| match self.known_from {
            Some(known) => format!("the shop's orders and visitors are known from {} on, the period begins before that", iso(known)),
            None => "the shop has neither orders nor visitors".to_owned(),
        })
    }

    /// The reason why a measure is unknown: a missing input or column.
    fn lacks(&self, measure: &Measure) -> Option<String> {
        let Facts { traffic, scores, refunds, complaints, service_scores, listings, violations, shop_metrics, .. } = self.facts.as_ref();
        let lacks = |is_there: bool, what: &str| (!is_there).then(|| format!("the job has no {what}"));
        match measure {
            Measure::Conversion => lacks(traffic.is_some(), "traffic").or_else(|| lacks(self.features.customers, "customer_id")),
            Measure::Score(_) | Measure::ScoreMean => lacks(scores.is_some(), "ratings"),
            Measure::DisputeRate | Measure::Interventions | Measure::Applications | Measure::RefundRate | Measure::RefundHours => {
                lacks(refunds.is_some(), "refunds")
            }
            Measure::Amount(Base::NetByRefund) => lacks(refunds.is_some(), "refunds"),
            Measure::Amount(Base::NetByPayment) => lacks(self.features.refunded, "refunds, refund_amount or status"),
            Measure::PaymentRate => lacks(self.features.knows_payment(), "paid_at or status"),
            Measure::Amount(Base::Settled) => lacks(self.features.completed, "completed_at"),
            Measure::ComplaintRate => lacks(complaints.is_some(), "complaints"),
            Measure::DeliveryHours => lacks(self.features.shipped, "shipped_at"),
            Measure::NewItems => lacks(listings.is_some(), "listings"),
            Measure::ServiceScore { .. } | Measure::ServiceScoreMean | Measure::ServiceMonthsBelow(_) => {
                lacks(service_scores.is_some(), "service_scores")
            }
            Measure::Points(_) | Measure::RedLines => lacks(violations.is_some(), "violations"),
            Measure::OfPlatform(_) => lacks(shop_metrics.is_some(), "shop_metrics"),
            Measure::Amount(_) | Measure::IdleMonths => None,
        }
    }

    /// The scores at the end of a period.
    pub fn dsr(&self, from: Day, to: Day) -> Dsr {
        match &self.facts.scores {
            None => Dsr::default(),
            Some(Scores::Events(days)) => Dsr::of_ratings(of_shop(days, self.shop, |day: &ScoreDay| day.shop), to),
            Some(Scores::Snapshots(days)) => Dsr::of_snapshots(of_shop(days, self.shop, |day: &ScoreSnapshot| day.shop), from, to),
        }
    }

    /// The listings of the months that begin in the period.
    fn listings(&self, from: Day, to: Day) -> &[Listing] {
        let rows = of_shop(self.facts.listings.as_deref().unwrap_or_default(), self.shop, |row: &Listing| row.shop);
        let begin = |month: i32| Grain::Month.start(month);
        let (first, end) = (rows.partition_point(|row| begin(row.month) < from), rows.partition_point(|row| begin(row.month) <= to));
        &rows[first..end.max(first)]
    }

    /// The service scores of the months whose last day lies in the period.
    fn service_scores(&self, from: Day, to: Day) -> impl Iterator<Item = &ServiceScore> {
        let rows = of_shop(self.facts.service_scores.as_deref().unwrap_or_default(), self.shop, |row: &ServiceScore| row.shop);
        rows.iter().filter(move |row| (from..=to).contains(&Grain::Month.end(row.month)))
    }

    fn violations(&self) -> &[Violation] {
        of_shop(self.facts.violations.as_deref().unwrap_or_default(), self.shop, |violation: &Violation| violation.shop)
    }

    /// The months of a period that do not end before the shop opened.
    fn months(&self, from: Day, to: Day) -> impl Iterator<Item = i32> {
        let opened = self.opened.unwrap_or(from);
        months(from, to).filter(move |month| Grain::Month.end(*month) >= opened)
    }

    /// The value of a measure of service scores over the months that end in the period.
    fn of_service(&self, measure: &Measure, from: Day, to: Day) -> Figure {
        let mut scores: Vec<f64> = self.service_scores(from, to).map(|row| row.score).collect();
        let ended = self.months(from, to).filter(|month| Grain::Month.end(*month) <= to).count();
        if scores.len() < ended {
            return Figure::Unknown("a month has no service score".to_owned());
        }
        let nothing = "no month has ended in the period";
        scores.sort_unstable_by(f64::total_cmp);
        match measure {
            Measure::ServiceScore { without } => {
                Figure::or_nothing(scores.get(*without).copied(), "no month that counts has ended in the period")
            }
            Measure::ServiceMonthsBelow(standard) => match standard.of(self.category()) {
                _ if ended == 0 => Figure::Nothing(nothing),
                Some(standard) => Figure::Known(scores.iter().filter(|score| **score < standard).count() as f64),
                None => Figure::Unknown("the rule has no standard for the shop's category".to_owned()),
            },
            _ => {
                let sum = in_millionths(scores.iter().copied());
                Figure::or_nothing(ratio_of(sum, ended as f64 * MILLION as f64), nothing)
            }
        }
    }

    /// The last service scores, the earliest first.
    pub fn last_service_scores(&self, months: usize) -> Vec<f64> {
        let known = of_shop(self.facts.service_scores.as_deref().unwrap_or_default(), self.shop, |row: &ServiceScore| row.shop);
        known[known.len().saturating_sub(months)..].iter().map(|row| row.score).collect()
    }

    /// The numbers of new items of the last months that are over, the earliest first.
    pub fn last_new_items(&self, months: usize) -> Vec<f64> {
        let rows = of_shop(self.facts.listings.as_deref().unwrap_or_default(), self.shop, |row: &Listing| row.shop);
        let over = rows.iter().filter(|row| Grain::Month.end(row.month) <= self.last);
        let known: Vec<f64> = over.filter_map(|row| row.new).map(|new| new as f64).collect();
        known[known.len().saturating_sub(months)..].to_vec()
    }

    /// The value of a measure of service scores at the end of a period, if months to come have these scores.
    pub fn service_at_end(&self, measure: &Measure, from: Day, to: Day, to_come: &[f64]) -> Option<f64> {
        let mut scores: Vec<f64> = self.service_scores(from, to).map(|row| row.score).chain(to_come.iter().copied()).collect();
        scores.sort_unstable_by(f64::total_cmp);
        match measure {
            Measure::ServiceScore { without } => scores.get(*without).copied(),
            Measure::ServiceMonthsBelow(standard) => {
                standard.of(self.category()).map(|standard| scores.iter().filter(|score| **score < standard).count() as f64)
            }
            _ => ratio_of(in_millionths(scores.iter().copied()), scores.len() as f64 * MILLION as f64),
        }
    }

    /// The points of the violations of a kind on some days, one by one.
    pub fn points(&self, kind: ViolationKind, from: Day, to: Day) -> impl Iterator<Item = f64> {
        let is_counted = move |violation: &&Violation| violation.kind == kind && (from..=to).contains(&violation.day);
        self.violations().iter().filter(is_counted).map(|violation| violation.points)
    }

    /// The longest run of months without business: months that are over, lie in the period and not before the opening, with nothing live,
    /// nothing sold, or no main category.
    fn idle_months(&self, from: Day, to: Day) -> i64 {
        longest_run(self.whole_months(from, to).map(|month| self.is_idle(month)))
    }

    /// The months that lie in a period, and not before the opening.
    pub fn whole_months(&self, from: Day, to: Day) -> impl Iterator<Item = i32> + use<> {
        let begin = from.max(self.opened.unwrap_or(from));
        (Grain::Month.index(begin)..=Grain::Month.index(to))
            .filter(move |month| Grain::Month.start(*month) >= from && Grain::Month.end(*month) <= to)
    }

    /// Whether a month goes without business, as far as it is known.
    pub fn is_idle(&self, month: i32) -> bool {
        let sold = self.counted(Grain::Month.start(month), Grain::Month.end(month))[Quantity::PaidOrders];
        self.has_no_category() || sold == 0 || self.live_items(month) == Some(0)
    }

    /// Whether it is sure to have no main category. If no shop has one, the column is missing; and a shop that is not listed may have one.
    pub fn has_no_category(&self) -> bool {
        self.is_listed && self.category().is_none() && self.facts.shops.iter().flatten().any(|shop| shop.category.is_some())
    }

    /// The items that are live in a month.
    pub fn live_items(&self, month: i32) -> Option<i64> {
        let listings = of_shop(self.facts.listings.as_deref().unwrap_or_default(), self.shop, |row: &Listing| row.shop);
        listings.iter().rfind(|row| row.month == month).and_then(|row| row.live)
    }
}

/// The longest run of true ones.
pub fn longest_run(all: impl Iterator<Item = bool>) -> i64 {
    let (mut run, mut longest) = (0, 0);
    for is_one in all {
        run = if is_one { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// The months of two days, and those between.
fn months(from: Day, to: Day) -> std::ops::RangeInclusive<i32> {
    Grain::Month.index(from)..=Grain::Month.index(to)
}

/// The sum of figures with up to six decimals, in millionths, so that equal sums are equal to the last bit, and tie.
pub fn in_millionths(figures: impl Iterator<Item = f64>) -> f64 {
    figures.map(|figure| (figure * MILLION as f64).round()).fold(0.0, f64::add)
}

/// The reason for a denominator of 0.
fn nothing_of(measure: &Measure) -> &'static str {
    match measure {
        Measure::PaymentRate => "no order was placed",
        Measure::RefundRate | Measure::ComplaintRate => "no order was paid",
        Measure::DisputeRate => "there was no refund application",
        Measure::RefundHours => "no refund application succeeded",
        Measure::DeliveryHours => "no order was shipped",
        _ => "there is nothing to measure",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_that_are_equal_on_paper_are_equal() {
        // In floats 0.1 + 0.2 + 0.3 is 0.6000000000000001, and 0.3 + 0.2 + 0.1 is 0.6.
        assert_eq!(in_millionths([0.1, 0.2, 0.3].into_iter()), 600_000.0);
        assert_eq!(in_millionths([0.3, 0.2, 0.1].into_iter()), 600_000.0);
        assert!(in_millionths(std::iter::empty()).is_sign_positive());
    }
}
