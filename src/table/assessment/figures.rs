//! Figures: what each shop's days sum up to, from any day to any other, and what its measures come to over them.

use crate::fold::activity::{ACTIVITY, ActivityFold};
use crate::fold::outcomes::{OUTCOMES, OutcomeFold};
use crate::table::read::{Read, Shared, always};
use crate::table::shop::days::{ShopDays, of_shop};
use std::ops::Add;
use std::sync::Arc;

use crate::history::{Context, Features};
use crate::input::facts::{
    Complaints, Facts, Listing, Refund, ScoreDay, ScoreSnapshot, Scores, ServiceScore, Shop, ShopMetric, TrafficDay, Violation,
};
use crate::job::rule::Base;
use crate::metric::dsr::{Dsr, MILLION, WINDOW_DAYS};
use crate::metric::measure::{Measure, PARTS, Part, Sums};
use crate::spec::period::iso;
use crate::spec::{Day, Grain, NO_DAY, NO_TIME, day_of_time};
use crate::statistics::random::Random;

/// What a measure comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Figure {
    /// This much, in the measure's own units (minor units of money).
    Known(f64),
    /// There is nothing that it could be measured on.
    Nothing(&'static str),
    /// It cannot be told, and why.
    Unknown(String),
}

impl Figure {
    /// The value, where it is known.
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

/// The figures of all shops.
pub static SHOP_FIGURES: Shared<Vec<Arc<ShopFigures>>> = Shared {
    name: "shop_figures",
    not_requested: always,
    reads: |_| vec![Read::Fold(&ACTIVITY), Read::Fold(&OUTCOMES)],
    make: |night| Ok(ShopFigures::all(&night.context, night.fold(&ACTIVITY)?.as_ref(), night.fold(&OUTCOMES)?.as_ref(), &night.facts)),
};

/// One shop's figures.
pub struct ShopFigures {
    /// Shop code.
    pub shop: u32,
    /// Its main category.
    category: Option<String>,
    /// The day on which it entered the platform.
    pub opened: Option<Day>,
    /// What it has to sell in a year, in minor units.
    pub annual_target: Option<i64>,
    /// The day from which on it is there: its opening, or the first day with anything of it; not before the data begin.
    pub begin: Day,
    /// The first day with anything of it in any input; its opening where there is nothing.
    pub first: Day,
    /// The first day of which the shop's orders and visitors are known: its first order or day with traffic; or the first of any
    /// shop, where it opened later than that.
    known_from: Option<Day>,
    /// The as-of date.
    pub last: Day,
    /// The sums of all days before each day, from the first one on; one more than there are days.
    totals: Vec<[i64; PARTS]>,
    /// Whether the shops input has it.
    is_listed: bool,
    features: Features,
    facts: Arc<Facts>,
}

impl ShopFigures {
    /// The figures of all shops that have any, by shop code.
    pub fn all(context: &Context, activity: &ActivityFold, outcomes: &OutcomeFold, facts: &Arc<Facts>) -> Vec<Arc<Self>> {
        let Some(data_begin) = facts.first_days.iter().copied().filter(|day| *day != NO_DAY).min() else { return Vec::new() };
        (0..context.shops.len() as u32)
            .filter_map(|shop| Self::of(context, activity, outcomes, facts, shop, data_begin).map(Arc::new))
            .collect()
    }

    /// The figures of a shop; `None` where it has nothing up to the as-of date. `data_begin` is the first day with anything of any shop.
    fn of(
        context: &Context,
        activity: &ActivityFold,
        outcomes: &OutcomeFold,
        facts: &Arc<Facts>,
        shop: u32,
        data_begin: Day,
    ) -> Option<Self> {
        let listed = of_shop(facts.shops.as_deref().unwrap_or_default(), shop, |row: &Shop| row.shop).last();
        let opened = listed.map(|row| row.opened).filter(|opened| *opened != NO_DAY);
        let traffic = facts.traffic.as_deref().unwrap_or_default();
        let first_traffic = of_shop(traffic, shop, |day: &TrafficDay| day.shop).first().map(|day| day.day);
        let first_order = context.first_days.get(shop as usize).copied().filter(|day| *day != NO_DAY);
        let own = first_traffic.into_iter().chain(first_order).min();
        // Of a shop that opened when others sold already, nothing is missing.
        let known_from = opened.filter(|opened| context.first_day <= *opened && *opened <= context.as_of).into_iter().chain(own).min();
        // A shop that is open and has nothing is a shop that sells nothing.
        let (first, figures) = match ShopDays::of(context, activity, facts, shop) {
            Some(ShopDays { first, figures, .. }) => (first, figures),
            None => (opened.filter(|opened| *opened <= context.as_of)?.max(data_begin), Vec::new()),
        };
        let last = context.as_of;
        let mut days = vec![[0i64; PARTS]; figures.len()];
        for ((day, figures), outcome) in days.iter_mut().zip(&figures).zip(outcomes.days(shop, first, last)) {
            let mut put = |part: Part, value: i64| day[part as usize] = value;
            put(Part::Paid, figures.activity.paid_amount);
            put(Part::RefundedOfPaid, outcome.refunded);
            put(Part::Refunded, figures.refunded.map_or(0, |refunded| refunded.amount));
            put(Part::Settled, outcome.settled);
            put(Part::PaidOrders, figures.activity.paid_orders);
            put(Part::PlacedOrders, figures.activity.placed_orders);
            put(Part::ShippedOrders, outcome.shipped_orders);
            put(Part::ShippingSeconds, outcome.shipping_seconds);
            if let Some(visitors) = figures.traffic.uv {
                put(Part::Visitors, visitors);
                put(Part::PayingCustomers, figures.activity.paying_customers);
            }
        }
        let at = |day: Day| usize::try_from(i64::from(day) - i64::from(first)).ok();
        for refund in of_shop(facts.refunds.as_deref().unwrap_or_default(), shop, |refund: &Refund| refund.shop) {
            let Some(day) = at(day_of_time(refund.created)).and_then(|at| days.get_mut(at)) else { continue };
            day[Part::Applications as usize] += 1;
            match refund.intervened {
                Some(intervened) => day[Part::Intervened as usize] += i64::from(intervened),
                None => day[Part::Untold as usize] += 1,
            }
            if refund.completed != NO_TIME {
                day[Part::Successful as usize] += 1;
                let waiting = &mut day[Part::Waiting as usize];
                *waiting = waiting.saturating_add(refund.completed.saturating_sub(refund.created).max(0));
            }
        }
        for complaints in of_shop(facts.complaints.as_deref().unwrap_or_default(), shop, |complaints: &Complaints| complaints.shop) {
            if let Some(day) = at(complaints.day).and_then(|at| days.get_mut(at)) {
                day[Part::Complaints as usize] += complaints.count;
            }
        }
        if let Some(Scores::Events(ratings)) = &facts.scores {
            for rated in of_shop(ratings, shop, |day: &ScoreDay| day.shop) {
                let Some(day) = at(rated.day).and_then(|at| days.get_mut(at)) else { continue };
                for number in 0..4 {
                    day[Part::Scores as usize + number] += rated.sums[number];
                    day[Part::Ratings as usize + number] += rated.counts[number];
                }
            }
        }
        let mut totals = Vec::with_capacity(days.len() + 1);
        let mut total = [0i64; PARTS];
        totals.push(total);
        for day in days {
            total.iter_mut().zip(day).for_each(|(total, part)| *total = total.saturating_add(part));
            totals.push(total);
        }
        Some(ShopFigures {
            shop,
            category: listed.and_then(|row| row.category.clone()),
            opened,
            annual_target: listed.and_then(|row| row.annual_target),
            begin: opened.unwrap_or(first).min(first).max(data_begin),
            first,
            known_from,
            last,
            totals,
            is_listed: listed.is_some(),
            features: context.features,
            facts: Arc::clone(facts),
        })
    }

    /// Its main category.
    pub fn category(&self) -> Option<&str> {
        self.category.as_deref()
    }

    /// The sums of the days from one to another, both included; days that the shop does not have are empty.
    pub fn sums(&self, from: Day, to: Day) -> Sums {
        let before = |day: Day| {
            let at = (i64::from(day) - i64::from(self.first)).clamp(0, self.totals.len() as i64 - 1);
            self.totals.get(at as usize).copied().unwrap_or([0; PARTS])
        };
        let (upper, lower) = (before(to.saturating_add(1)), before(from));
        std::array::from_fn(|part| (upper[part] - lower[part]) as f64)
    }

    /// What is known of the days from one on and will count on another: of the ratings those of the [`WINDOW_DAYS`] that end then.
    pub fn standing(&self, from: Day, on: Day) -> Sums {
        let mut sums = self.sums(from, self.last);
        let window = self.sums(on - WINDOW_DAYS + 1, self.last);
        sums[Part::Scores as usize..].copy_from_slice(&window[Part::Scores as usize..]);
        sums
    }

    /// What a measure comes to from one day to another, of which the later one is not after the as-of date.
    pub fn figure(&self, measure: &Measure, from: Day, to: Day) -> Figure {
        if let Some(reason) = self.lacks(measure) {
            return Figure::Unknown(reason);
        }
        // What lies before the data is not there, unless the shop was not there either.
        let is_whole = self.known_from.is_some_and(|known| known <= from || self.opened.is_some_and(|opened| known <= opened));
        let needs_days =
            measure.is_of_days() && !matches!(measure, Measure::Score(_) | Measure::ScoreMean) || *measure == Measure::IdleMonths;
        if needs_days && !is_whole {
            return Figure::Unknown(match self.known_from {
                Some(known) => format!("the shop's orders and visitors are known from {} on, the period begins before that", iso(known)),
                None => "the shop has neither orders nor visitors".to_owned(),
            });
        }
        match measure {
            Measure::Score(number) => {
                Figure::or_unknown(self.dsr(from, to).scores[*number], "nobody rated the shop, or there is no snapshot of the period")
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
            Measure::IdleMonths => Figure::Known(self.idle_months(from, to) as f64),
            Measure::Points(kind) => {
                let new_year = Grain::Year.start(Grain::Year.index(to));
                let counted = |violation: &&Violation| violation.kind == *kind && (new_year..=to).contains(&violation.day);
                let points = self.violations().iter().filter(counted).map(|violation| violation.points);
                Figure::Known(in_millionths(points) / MILLION as f64)
            }
            Measure::RedLines => {
                use crate::input::facts::ViolationKind::RedLine;
                let counted = |violation: &&Violation| violation.kind == RedLine && (from..=to).contains(&violation.day);
                Figure::Known(self.violations().iter().filter(counted).count() as f64)
            }
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
            Measure::DisputeRate | Measure::Interventions if self.sums(from, to)[Part::Untold as usize] > 0.0 => {
                Figure::Unknown("a refund application does not tell whether the platform intervened".to_owned())
            }
            _ => Figure::or_nothing(measure.over(&self.sums(from, to)), nothing_of(measure)),
        }
    }

    /// The input or column without which a measure cannot be told.
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
            Measure::Amount(Base::Settled) => lacks(self.features.completed, "completed_at"),
            Measure::ComplaintRate => lacks(complaints.is_some(), "complaints"),
            Measure::DeliveryHours => lacks(self.features.shipped, "shipped_at"),
            Measure::NewItems => lacks(listings.is_some(), "listings"),
            Measure::ServiceScore { .. } | Measure::ServiceScoreMean | Measure::ServiceMonthsBelow(_) => {
                lacks(service_scores.is_some(), "service_scores")
            }
            Measure::Points(_) | Measure::RedLines => lacks(violations.is_some(), "violations"),
            Measure::OfPlatform(_) => lacks(shop_metrics.is_some(), "shop_metrics"),
            Measure::Amount(_) | Measure::PaymentRate | Measure::IdleMonths => None,
        }
    }

    fn dsr(&self, from: Day, to: Day) -> Dsr {
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

    /// The months of a period in which the shop was there, as far as its opening tells.
    fn months(&self, from: Day, to: Day) -> impl Iterator<Item = i32> {
        let opened = self.opened.unwrap_or(from);
        months(from, to).filter(move |month| Grain::Month.end(*month) >= opened)
    }

    /// What a measure of service scores comes to over the months that end in the period.
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
                Figure::or_nothing((ended > 0).then(|| sum / (ended as f64 * MILLION as f64)), nothing)
            }
        }
    }

    /// A service score of a period as it may be at its end: the months to come have scores drawn from the last twelve, and so
    /// many of the worst are left out.
    pub fn service_score_at(&self, from: Day, to: Day, without: usize, random: &mut Random) -> Option<f64> {
        let mut scores: Vec<f64> = self.service_scores(from, to).map(|row| row.score).collect();
        let known = of_shop(self.facts.service_scores.as_deref().unwrap_or_default(), self.shop, |row: &ServiceScore| row.shop);
        let last = &known[known.len().saturating_sub(12)..];
        let ahead = months(from, to).filter(|month| (self.last + 1..=to).contains(&Grain::Month.end(*month))).count();
        scores.extend((0..ahead).filter_map(|_| last.get(random.below(last.len()))).map(|row| row.score));
        scores.sort_unstable_by(f64::total_cmp);
        scores.get(without).copied()
    }

    /// The longest run of months that are over, lie in the period and not before the opening, and in which nothing was live,
    /// nothing was sold, or the shop had no main category.
    fn idle_months(&self, from: Day, to: Day) -> i64 {
        let begin = from.max(self.opened.unwrap_or(from));
        let (first, last) = (Grain::Month.index(begin), Grain::Month.index(to));
        // Where no shop has a category, the column is not there; and who is not listed may well have one.
        let knows_categories = self.facts.shops.iter().flatten().any(|shop| shop.category.is_some());
        let has_no_category = knows_categories && self.is_listed && self.category().is_none();
        let listings = of_shop(self.facts.listings.as_deref().unwrap_or_default(), self.shop, |row: &Listing| row.shop);
        let is_idle = |month: i32| {
            let sold = self.sums(Grain::Month.start(month), Grain::Month.end(month))[Part::PaidOrders as usize];
            let live = listings.iter().rfind(|row| row.month == month).and_then(|row| row.live);
            has_no_category || sold == 0.0 || live == Some(0)
        };
        let (mut run, mut longest) = (0, 0);
        for month in (first..=last).filter(|month| Grain::Month.start(*month) >= from && Grain::Month.end(*month) <= to) {
            run = if is_idle(month) { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        longest
    }
}

/// The months that two days lie in, and those between.
fn months(from: Day, to: Day) -> std::ops::RangeInclusive<i32> {
    Grain::Month.index(from)..=Grain::Month.index(to)
}

/// The sum of figures with up to six decimals, in millionths: what is equal on paper is then equal to the last bit, and ties.
fn in_millionths(figures: impl Iterator<Item = f64>) -> f64 {
    figures.map(|figure| (figure * MILLION as f64).round()).fold(0.0, f64::add)
}

/// Why a quotient has nothing to divide by.
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
